"""`broadsheet deploy`: build the site, and bring what changed to where it stands."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from generator.base.aside import Give, aside, end_with
from generator.base.config import Site, load_site
from generator.base.deploy_settings import choose_target
from generator.base.listing import is_long
from generator.cli.current import Wish, make_current
from generator.cli.options import instant_of, json_option, site_option


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
    now = instant_of(as_of, site.root)
    # Of a large site, another process makes sure that it is as it should be while the target is opened here.
    with (
        aside(partial(_current, site, now, os.getpid()), worth=is_long(site.output) and not rollback) as made,
        ExitStack() as last,
    ):
        from generator.cli.delivery import deliver, say_done
        from generator.deploy.preflight import Permits
        from generator.deploy.story import Order

        order = Order(int(now.timestamp()), dry_run, check, rollback, Permits(force, allow_errors))

        def report() -> dict[str, Any]:
            last.push(remembered)
            return dict(json.loads(next(made)))

        def remembered(failure: type[BaseException] | None, *_: object) -> None:
            """Wait until it has remembered what it made, for the next time; who is in a hurry does not."""
            if failure is not KeyboardInterrupt:
                list(made)

        done = deliver(site, name, order, report)
        say_done(done, site.settings.deploy[name], name, order, as_json, started)


def _current(site: Site, now: datetime, deployer: int, give: Give) -> None:
    """Make the site what it should be now, so that what goes is never stale; give the report as JSON."""
    if os.getpid() != deployer:
        end_with(deployer)
    make_current(site.root, Wish(), now, done=lambda answer: give(json.dumps(answer).encode()))
