"""The command `broadsheet`: arguments, printing, exit codes; the only place that does these."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator import __version__

if TYPE_CHECKING:  # what costs time to import is imported by the command that needs it
    from generator.builder.unchanged import Inputs
    from generator.builder.workers import Progress
    from generator.pipeline import Request

GOOD, SITE_ERROR, USAGE, BUG = 0, 1, 2, 3

site_option = click.option(
    "--site", "root", type=click.Path(path_type=Path, file_okay=False), default=".", help="Folder with a site.toml."
)
as_of_option = click.option("--as-of", metavar="TIME", help="Build as if it were TIME (ISO 8601).")
drafts_option = click.option("--drafts", is_flag=True, help="Show drafts, too.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes at most; as many as processors if not given."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


def main() -> None:
    """Run the command; a mistake of the user's never shows a traceback, a mistake of ours always does."""
    try:
        commands(prog_name="broadsheet", standalone_mode=False)
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


def _complain(error: Exception) -> int:
    from generator.base.problems import BroadsheetError, ConfigError, StrictStop

    if isinstance(error, ConfigError | StrictStop):
        for problem in error.problems:
            click.secho(f"{problem.severity}: {problem}", fg=_COLOURS[problem.severity], err=True)
        if isinstance(error, ConfigError):
            return USAGE
        click.echo("nothing was written: `--strict` builds only what has no problem", err=True)
        return SITE_ERROR
    if isinstance(error, BroadsheetError):
        click.secho(f"error: {error}", fg="red", err=True)
        return USAGE
    if isinstance(error, OSError) and error.strerror:  # a full disk has no file's name
        where = f"{error.filename}: " if error.filename else ""
        click.secho(f"error: {where}{error.strerror}", fg="red", err=True)
        return USAGE
    import traceback

    traceback.print_exception(error)
    click.secho("This is a mistake in Broadsheet, not in your site. Please report it with the lines above.", err=True)
    return BUG


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="broadsheet")
def commands() -> None:
    """Turn a folder of curated news into a fast, trustworthy static news site."""


@commands.command()
@site_option
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder to write instead of the setting's."
)
@drafts_option
@as_of_option
@click.option("--strict", is_flag=True, help="Leave the output as it is if anything is wrong.")
@jobs_option
@click.option("--verify", "verifying", is_flag=True, help="Compare the output with a clean build's, byte for byte.")
@click.option("--offline", is_flag=True, help="Fetch no picture; those that were fetched before are there.")
@json_option
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.option("--quiet", is_flag=True, hidden=True)
def build(
    root: Path,
    output: Path | None,
    drafts: bool,
    as_of: str | None,
    strict: bool,
    jobs: int | None,
    verifying: bool,
    offline: bool,
    as_json: bool,
    cache: Path | None,
    quiet: bool,
) -> None:
    """Build the site into its output folder."""
    from generator.builder.unchanged import recall

    started = time.perf_counter()
    root = root.resolve()
    asked = {
        "output": str(output.absolute()) if output else None,
        "drafts": drafts,
        "strict": strict,
        "offline": offline,
        "version": __version__,
    }
    now = _instant(as_of, root)
    answer, inputs = (None, None) if cache else recall(root, asked, now.timestamp())
    if answer is None:
        request = _request(now, drafts, jobs)._replace(strict=strict, offline=offline)
        answer = _build(root, output, cache, request, asked, inputs)
    else:
        answer["changes"] = {"added": 0, "changed": 0, "removed": 0}
    if not quiet:
        _print_report(answer, time.perf_counter() - started, as_json)
    code = SITE_ERROR if answer["errors"] else GOOD
    if verifying:
        code = max(code, _verify(root, output, _request(now, drafts, jobs)))
    sys.exit(code)


def _build(
    root: Path, output: Path | None, cache: Path | None, request: Request, asked: dict[str, Any], inputs: Inputs | None
) -> dict[str, Any]:
    import gc

    from generator.base.config import load_site, theme_places
    from generator.builder.unchanged import Outcome, look_at_inputs, relative_to, remember
    from generator.desk.report import report
    from generator.pipeline import build as build_site

    gc.disable()  # a build makes much, keeps all of it and ends: looking for garbage only takes time
    site = load_site(root, output, cache)
    places = (site.content, *theme_places(root, site.settings.theme))
    folders = tuple(relative_to(place, root) for place in places)
    if inputs is None or inputs.folders != folders:
        inputs = look_at_inputs(root, folders)
    with _progress() as progress:
        done = build_site(site, request, progress, _say_waiting)
    answer = report(done) | {"output": relative_to(site.output, root)}
    if cache is None:
        remember(root, asked, inputs, Outcome(site.output, done.looks, done.lifetime()), answer)
    return answer


def _verify(root: Path, output: Path | None, request: Request) -> int:
    from generator.base.config import load_site
    from generator.desk.verify import verify

    found = verify(load_site(root, output), request)
    for line in found[:50]:
        click.secho(f"differs: {line}", fg="red", err=True)
    click.echo(
        f"verify: {len(found)} files differ from a clean build" if found else "verify: equal to a clean build", err=True
    )
    return BUG if found else GOOD


@commands.command()
@site_option
@drafts_option
@as_of_option
@jobs_option
@json_option
def check(root: Path, drafts: bool, as_of: str | None, jobs: int | None, as_json: bool) -> None:
    """Name every problem of the site; nothing is written."""
    from generator.base.config import load_site
    from generator.desk.report import exit_code, report
    from generator.pipeline import check as check_site

    started = time.perf_counter()
    root = root.resolve()
    site = load_site(root)
    with _progress() as progress:
        answer = report(check_site(site, _request(_instant(as_of, root), drafts, jobs), progress))
    _print_report(answer, time.perf_counter() - started, as_json, most=None)
    sys.exit(exit_code(answer))


@commands.command()
@site_option
@drafts_option
@as_of_option
@click.argument("subject", metavar="FILE|URL")
def explain(root: Path, drafts: bool, as_of: str | None, subject: str) -> None:
    """Tell where an article or an address stands, and why."""
    from generator.base.config import load_site
    from generator.desk.explain import explain as explain_subject

    root = root.resolve()
    for line in explain_subject(load_site(root), _request(_instant(as_of, root), drafts, None), subject):
        click.echo(line)


@commands.command()
@site_option
@drafts_option
@as_of_option
@click.option("--retry", is_flag=True, help="Let the next build ask again for what failed.")
@click.option("--prune", is_flag=True, help="Forget the pictures that the site does not show.")
@json_option
def images(root: Path, drafts: bool, as_of: str | None, retry: bool, prune: bool, as_json: bool) -> None:
    """List every remote picture that the site shows, with its state."""
    from generator.base.config import load_site
    from generator.base.lock import locked
    from generator.desk.pictures import look_at_pictures, wall_lines, wall_report

    site = load_site(root.resolve())
    request = _request(_instant(as_of, site.root), drafts, None)
    with locked(site.cache, _say_waiting) if retry or prune else nullcontext():
        wall = look_at_pictures(site, request, retry=retry, prune=prune)
    if as_json:
        click.echo(json.dumps(wall_report(wall), ensure_ascii=False, indent=2))
        return
    for line in wall_lines(wall):
        click.echo(line)


@commands.command()
@site_option
@click.argument("title")
def new(root: Path, title: str) -> None:
    """Write a new article, a draft with TITLE."""
    from generator.base.config import load_site
    from generator.desk.scaffold import new_article

    click.echo(new_article(load_site(root), title, datetime.now(UTC)))


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Make a new site in FOLDER that builds at once."""
    from generator.desk.scaffold import new_site

    for file in new_site(folder, datetime.now(UTC)):
        click.echo(file)
    click.echo(f"now: broadsheet build --site {folder}")


# -- arguments ---------------------------------------------------------------------------------------------------------


def _request(now: datetime, drafts: bool, jobs: int | None) -> Request:
    from generator.pipeline import Request

    return Request(now, drafts, jobs=jobs) if jobs else Request(now, drafts)


def _instant(text: str | None, root: Path) -> datetime:
    """Return the instant that `--as-of` names, in the site's time zone where it says none; without it, the clock's."""
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        instant = datetime.min
    if instant.year not in _YEARS:
        hint = 'write it as "2026-02-28" or "2026-02-28T18:00:00+01:00"'
        raise click.BadParameter(f"{text!r} is no time; {hint}", param_hint="--as-of")
    if instant.tzinfo is None:
        from zoneinfo import ZoneInfo

        from generator.base.config import load_site

        instant = instant.replace(tzinfo=ZoneInfo(load_site(root).settings.timezone))
    return instant.astimezone(UTC)


_YEARS = range(1600, 3000)  # as in articles


# -- printing ----------------------------------------------------------------------------------------------------------

_COLOURS = {"error": "red", "warning": "yellow"}


def _print_report(answer: dict[str, Any], seconds: float, as_json: bool, most: int | None = 50) -> None:
    from generator.desk.report import problem_lines, summary_lines

    if as_json:
        click.echo(json.dumps(answer | {"seconds": round(seconds, 3)}, ensure_ascii=False, indent=2))
        return
    for severity, line in problem_lines(answer, most):
        click.secho(line, fg=_COLOURS.get(severity), err=True)
    for line in summary_lines(answer, answer.get("output", ""), seconds):
        click.echo(line)


def _say_waiting(holder: str) -> None:
    click.echo(f"another build (process {holder}) writes this site; waiting for it", err=True)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show what is being done on a terminal; say nothing into a pipe."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn())
    # No refresh thread: a thread that holds a lock while worker processes are forked would hang them.
    with Bars(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bars:
        tasks: dict[str, Any] = {}

        def show(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total, refresh=True)

        yield show
