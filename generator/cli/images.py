"""`broadsheet images`: the remote pictures of a site, each with its state."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from generator.base.config import load_site
from generator.base.lock import locked
from generator.cli.options import as_of_option, drafts_option, instant_of, json_option, request_of, site_option
from generator.cli.terminal import print_json, say_waiting
from generator.desk.pictures import look_at_pictures, wall_lines, wall_report


@click.command()
@site_option
@drafts_option
@as_of_option
@click.option("--retry", is_flag=True, help="Let the next build ask again for what failed.")
@click.option("--prune", is_flag=True, help="Forget the pictures that the site does not show.")
@json_option
def images(root: Path, drafts: bool, as_of: str | None, retry: bool, prune: bool, as_json: bool) -> None:
    """List every remote picture that the site shows, with its state."""
    site = load_site(root.resolve())
    request = request_of(instant_of(as_of, site.root), drafts)
    with locked(site.cache, say_waiting) if retry or prune else nullcontext():
        wall = look_at_pictures(site, request, retry=retry, prune=prune)
    if as_json:
        print_json(wall_report(wall))
        return
    for line in wall_lines(wall):
        click.echo(line)
