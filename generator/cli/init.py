"""`broadsheet init`: a new site that builds at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from generator.desk.scaffold import new_site


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Make a new site in FOLDER that builds at once."""
    for file in new_site(folder, datetime.now(UTC)):
        click.echo(file)
    click.echo(f"now: broadsheet build --site {folder}")
