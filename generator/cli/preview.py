"""`broadsheet preview`: the site, served while it is edited."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from generator.cli.options import as_of_option, instant_of, site_option
from generator.cli.terminal import say_problem, show_progress
from generator.preview.server import Wishes
from generator.preview.session import preview as run_preview


@click.command()
@site_option
@click.option("--port", default=8000, show_default=True, help="Port to listen on; the next free one if it is in use.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--open", "open_browser", is_flag=True, help="Open the site in the browser.")
@click.option("--follow", is_flag=True, help="Let the browser show the page of the file just saved.")
@as_of_option
def preview(root: Path, port: int, host: str, open_browser: bool, follow: bool, as_of: str | None) -> None:
    """Serve the site while it is edited: each change is there at once."""
    root = root.resolve()
    fixed = instant_of(as_of, root) if as_of else None
    wishes = Wishes(host, port, open_browser, follow)
    run_preview(root, wishes, lambda: fixed or datetime.now(UTC), click.echo, say_problem, show_progress)
