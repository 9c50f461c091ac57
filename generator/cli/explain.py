"""`broadsheet explain`: where an article or an address stands, and why."""

from __future__ import annotations

from pathlib import Path

import click

from generator.base.config import load_site
from generator.cli.options import as_of_option, drafts_option, instant_of, request_of, site_option
from generator.desk.explain import explain as explain_subject


@click.command()
@site_option
@drafts_option
@as_of_option
@click.argument("subject", metavar="FILE|URL")
def explain(root: Path, drafts: bool, as_of: str | None, subject: str) -> None:
    """Tell where an article or an address stands, and why."""
    root = root.resolve()
    for line in explain_subject(load_site(root), request_of(instant_of(as_of, root), drafts), subject):
        click.echo(line)
