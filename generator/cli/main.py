"""The command `broadsheet`: its subcommands, and how each of them ends."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from generator import __version__
from generator.cli.terminal import BUG, SITE_ERROR, USAGE, say_problem

# Each is a function in the module of its name. Its line stands here so that the help imports none of them.
COMMANDS = {
    "build": "Build the site into its output folder.",
    "check": "Name every problem of the site, and with --links the dead links to others.",
    "deploy": "Bring what changed of the site to its host, the target NAME of site.toml.",
    "explain": "Tell where an article or an address stands, and why.",
    "images": "List every remote picture that the site shows, with its state.",
    "init": "Make a new site in FOLDER that builds at once.",
    "new": "Write a new article, a draft with TITLE.",
    "preview": "Serve the site while it is edited: each change is there at once.",
}


def main() -> None:
    """Run the command; a mistake of the user's never shows a traceback, a mistake of ours always does."""
    try:
        broadsheet(prog_name="broadsheet", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except Exception as error:
        sys.exit(_complain(error))


def load_command(name: str) -> click.Command:
    """Import the module of a command, and return the command."""
    command: click.Command = getattr(import_module(f"generator.cli.{name}"), name)
    return command


def _complain(error: Exception) -> int:
    from generator.base.problems import BroadsheetError, ConfigError, StrictStop

    if isinstance(error, ConfigError | StrictStop):
        for problem in error.problems:
            say_problem(problem.severity, f"{problem.severity}: {problem}")
        if isinstance(error, ConfigError):
            return USAGE
        click.echo("nothing was written: `--strict` builds only what has no problem", err=True)
        return SITE_ERROR
    if isinstance(error, BroadsheetError):
        say_problem("error", f"error: {error}")
        return USAGE
    if isinstance(error, OSError) and error.strerror:  # a full disk has no file's name
        where = f"{error.filename}: " if error.filename else ""
        say_problem("error", f"error: {where}{error.strerror}")
        return USAGE
    import traceback

    traceback.print_exception(error)
    click.secho("This is a mistake in Broadsheet, not in your site. Please report it with the lines above.", err=True)
    return BUG


class _Group(click.Group):
    """Commands that stand here by name and line; the one that is called is imported."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else None, rest


@click.group(
    cls=_Group,
    commands={name: click.Command(name, help=line) for name, line in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="broadsheet")
def broadsheet() -> None:
    """Turn a folder of curated news into a fast, trustworthy static news site."""
