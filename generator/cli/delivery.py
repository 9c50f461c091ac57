"""Delivery: what a deploy does beside the build, and what it says of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from generator.base.config import Site
from generator.base.deploy_settings import Target as TargetSettings
from generator.base.files import COLLECTION, LINKS
from generator.cli.terminal import SITE_ERROR, USAGE, print_json, say_problem, show_progress
from generator.deploy.local import OutputFolder
from generator.deploy.preflight import Facts
from generator.deploy.story import Done, Order, Release, caching_of
from generator.deploy.story import deploy as deploy_site
from generator.deploy.summary import step_lines, steps, summary, summary_lines
from generator.deploy.target import DeployRefused
from generator.deploy.targets import open_target
from generator.desk.report import problem_lines

Report = dict[str, Any]


def deliver(site: Site, name: str, order: Order, made: Callable[[], Report]) -> Done:
    """Open the target, and bring the site there.

    Args:
        made: waits until the site is what it should be, and returns the report of its build.
    """
    settings = site.settings.deploy[name]
    with _told_reasons():
        target = open_target(settings, site.root, site.cache, _taken(site))
        output = OutputFolder(site.output, caching_of(settings))
        if order.rollback:
            release = _release(site, output)
        else:
            target.prepare()
            output.prepare()
            release = _built(site, output, made())
        with show_progress() as progress:
            return deploy_site(target, settings, release, order, lambda line: click.echo(line, err=True), progress)


def say_done(done: Done, settings: TargetSettings, name: str, order: Order, as_json: bool, started: float) -> None:
    """Say what a deploy did, or would do; `started` by `time.perf_counter`."""
    kind = str(settings.__struct_config__.tag)
    asked = {"target": name, "type": kind, "dry_run": order.dry_run, "rollback": order.rollback}
    answer = summary(done, asked)
    seconds = time.perf_counter() - started
    for complaint in done.complaints:
        say_problem("warning", f"warning: {complaint}")
    if as_json:
        print_json(answer | {"steps": steps(done), "seconds": round(seconds, 3)})
        return
    for line in (*(step_lines(done) if order.dry_run else ()), *summary_lines(answer, seconds)):
        click.echo(line)


def _taken(site: Site) -> tuple[Path, ...]:
    """Return the folders of the site that are no place for a target."""
    return site.content, site.output, site.cache, site.root / COLLECTION, site.root / LINKS


def _built(site: Site, output: OutputFolder, report: Report) -> Release:
    """Say what is wrong with the site, and return it as its build left it."""
    for severity, line in problem_lines(report, most=None):
        say_problem(severity, line)
    return _release(site, output, report["errors"], report["articles"]["early"])


def _release(site: Site, output: OutputFolder, errors: int = 0, early: int = 0) -> Release:
    settings, facts = site.settings, Facts(errors, early, output.redirects(), output.has_traces())
    return Release(settings.base_url, settings.feed_authority, output, facts, settings.feed_hub)


@contextmanager
def _told_reasons() -> Iterator[None]:
    """Say each reason for which a deploy is refused on a line of its own."""
    try:
        yield
    except DeployRefused as refused:
        for reason in refused.reasons:
            say_problem("error", f"error: {reason}")
        click.echo("nothing was deployed", err=True)
        sys.exit(SITE_ERROR if refused.of_site else USAGE)
