"""`broadsheet init`: a new site that builds at once, and what a host of repositories needs to build it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from generator.desk.scaffold import new_site
from generator.desk.workflow import HOSTS, write_workflow


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--ci", type=click.Choice(HOSTS), help="Write a workflow that builds and deploys the site.")
def init(folder: Path | None, ci: str | None) -> None:
    """Make a new site in FOLDER that builds at once."""
    if folder is None and not ci:
        raise click.UsageError("name the new site's FOLDER: broadsheet init my-news")
    folder = folder or Path()
    if ci and (folder / "site.toml").exists():
        click.echo(write_workflow(folder))
        return
    for file in new_site(folder, datetime.now(UTC)):
        click.echo(file)
    if ci:
        click.echo(write_workflow(folder))
    click.echo(f"now: broadsheet build --site {folder}")
