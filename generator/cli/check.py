"""`broadsheet check`: every problem of a site; nothing is written but the ledger of links, where these are checked."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from pathlib import Path

import click

from generator.base.config import load_site
from generator.base.lock import locked
from generator.cli.options import (
    as_of_option,
    drafts_option,
    instant_of,
    jobs_option,
    json_option,
    request_of,
    site_option,
)
from generator.cli.terminal import print_report, show_progress
from generator.desk.report import exit_code, report
from generator.pipeline import check as check_site


@click.command()
@site_option
@drafts_option
@as_of_option
@jobs_option
@click.option("--links", is_flag=True, help="Check the links to other sites, too.")
@click.option("--offline", is_flag=True, help="Ask for no link; tell what earlier checks found.")
@json_option
def check(
    root: Path, drafts: bool, as_of: str | None, jobs: int | None, links: bool, offline: bool, as_json: bool
) -> None:
    """Name every problem of the site, and with --links the dead links to others."""
    started = time.perf_counter()
    root = root.resolve()
    site = load_site(root)
    request = request_of(instant_of(as_of, root), drafts, jobs)._replace(links=links, offline=offline)
    # A lock of its own: builds need not wait for other people's servers.
    lock = locked(site.cache / "links", _say_waiting) if links and not offline else nullcontext()
    with lock, show_progress() as progress:
        answer = report(check_site(site, request, progress))
    print_report(answer, time.perf_counter() - started, as_json, most=None)
    sys.exit(exit_code(answer))


def _say_waiting(holder: str) -> None:
    click.echo(f"another check of links (process {holder}) is under way; waiting for it", err=True)
