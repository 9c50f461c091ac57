"""`broadsheet deploy`: build the site, and bring what changed to where it stands."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from generator.base.aside import aside
from generator.base.config import Site, load_site
from generator.base.deploy_settings import choose_target
from generator.base.files import COLLECTION, LINKS
from generator.base.listing import is_long
from generator.cli.current import Wish, make_current
from generator.cli.options import instant_of, json_option, site_option
from generator.cli.terminal import SITE_ERROR, USAGE, print_json, say_problem, show_progress
from generator.deploy.local import OutputFolder
from generator.deploy.preflight import Facts, Permits
from generator.deploy.story import Order, Release
from generator.deploy.story import deploy as deploy_site
from generator.deploy.summary import step_lines, steps, summary, summary_lines
from generator.deploy.target import DeployRefused
from generator.deploy.targets import open_target
from generator.desk.report import problem_lines


@click.command()
@click.argument("name", required=False)
@site_option
@click.option("--dry-run", is_flag=True, help="Show what would be done; the target is not touched.")
@click.option("--check", is_flag=True, help="Compare what is on the target with its manifest, and put it right.")
@click.option("--force", is_flag=True, help="Deploy although files would be deleted, or the target holds another site.")
@click.option("--allow-errors", is_flag=True, help="Deploy although the build has errors.")
@click.option("--rollback", is_flag=True, help="Put the site there again that was there before.")
@json_option
@click.option("--as-of", hidden=True)  # readers see what is due now, and nothing else; tests have a day of their own
def deploy(
    name: str | None,
    root: Path,
    dry_run: bool,
    check: bool,
    force: bool,
    allow_errors: bool,
    rollback: bool,
    as_json: bool,
    as_of: str | None,
) -> None:
    """Bring what changed of the site to its host, the target NAME of site.toml."""
    started = time.perf_counter()
    site = load_site(root.resolve())
    name = choose_target(site.settings.deploy, name)
    settings = site.settings.deploy[name]
    now = instant_of(as_of, site.root)
    order = Order(int(now.timestamp()), dry_run, check, rollback, Permits(force, allow_errors))
    with _told_reasons():
        # Of a large site, another process makes sure that it is as it should be while the target is opened here.
        current = partial(_current, site, now)
        with aside(current, worth=is_long(site.output) and not rollback) as made:
            target = open_target(settings, site.root, site.cache, _taken(site))
            if not rollback:
                target.prepare()
            release = _release(site) if rollback else _built(site, json.loads(made()))
        with show_progress() as progress:
            done = deploy_site(target, settings, release, order, lambda line: click.echo(line, err=True), progress)
    kind = str(settings.__struct_config__.tag)
    asked = {"target": name, "type": kind, "dry_run": dry_run, "rollback": rollback}
    answer = summary(done, asked)
    seconds = time.perf_counter() - started
    for complaint in done.complaints:
        say_problem("warning", f"warning: {complaint}")
    if as_json:
        print_json(answer | {"steps": steps(done), "seconds": round(seconds, 3)})
        return
    if dry_run:
        for line in step_lines(done):
            click.echo(line)
    for line in summary_lines(answer, seconds):
        click.echo(line)


def _taken(site: Site) -> tuple[Path, ...]:
    """Return the folders of the site that are no place for a target."""
    return site.content, site.output, site.cache, site.root / COLLECTION, site.root / LINKS


def _current(site: Site, now: datetime) -> bytes:
    """Make the site what it should be now, so that what goes is never stale; return the report as JSON."""
    return json.dumps(make_current(site.root, Wish(), now)).encode()


def _built(site: Site, answer: dict[str, Any]) -> Release:
    """Say what is wrong with the site, and return it as its build left it."""
    for severity, line in problem_lines(answer, most=None):
        say_problem(severity, line)
    return _release(site, answer["errors"], answer["articles"]["early"])


def _release(site: Site, errors: int = 0, early: int = 0) -> Release:
    output, settings = OutputFolder(site.output), site.settings
    facts = Facts(errors, early, output.redirects(), output.has_traces())
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
