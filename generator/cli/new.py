"""`broadsheet new`: a new article, a draft."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from generator.base.config import load_site
from generator.cli.options import site_option
from generator.desk.scaffold import new_article


@click.command()
@site_option
@click.argument("title")
def new(root: Path, title: str) -> None:
    """Write a new article, a draft with TITLE."""
    click.echo(new_article(load_site(root), title, datetime.now(UTC)))
