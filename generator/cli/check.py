"""`broadsheet check`: every problem of a site; nothing is written."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from generator.base.config import load_site
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
@json_option
def check(root: Path, drafts: bool, as_of: str | None, jobs: int | None, as_json: bool) -> None:
    """Name every problem of the site; nothing is written."""
    started = time.perf_counter()
    root = root.resolve()
    site = load_site(root)
    with show_progress() as progress:
        answer = report(check_site(site, request_of(instant_of(as_of, root), drafts, jobs), progress))
    print_report(answer, time.perf_counter() - started, as_json, most=None)
    sys.exit(exit_code(answer))
