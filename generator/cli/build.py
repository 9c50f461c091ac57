"""`broadsheet build`: make the site, or find that it is made."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.current import Wish, make_current
from generator.cli.options import (
    as_of_option,
    drafts_option,
    instant_of,
    jobs_option,
    json_option,
    request_of,
    site_option,
)
from generator.cli.terminal import (
    BUG,
    GOOD,
    SITE_ERROR,
    print_report,
    say_notice,
    say_problem,
)

if TYPE_CHECKING:
    from generator.builder.workers import Gather
    from generator.drafting import Request


@click.command()
@site_option
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder to write instead of the setting's."
)
@drafts_option
@as_of_option
@click.option("--strict", is_flag=True, help="Leave the output as it is if anything is wrong.")
@jobs_option
@click.option("--verify", "verifying", is_flag=True, help="Compare the output with a clean build's, byte for byte.")
@click.option("--offline", is_flag=True, help="Fetch no picture; those that were fetched before are there.")
@json_option
@click.option("--scheduler", metavar="ADDRESS", help="Build with the workers of a Dask cluster (tls://HOST:8786), too.")
@click.option("--insecure", is_flag=True, help="Take a cluster that is reached over a network without TLS.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.option("--quiet", is_flag=True, hidden=True)
def build(
    root: Path,
    output: Path | None,
    drafts: bool,
    as_of: str | None,
    strict: bool,
    jobs: int | None,
    verifying: bool,
    offline: bool,
    as_json: bool,
    scheduler: str | None,
    insecure: bool,
    cache: Path | None,
    quiet: bool,
) -> None:
    """Build the site into its output folder."""
    started = time.perf_counter()
    root = root.resolve()
    now = instant_of(as_of, root)
    wish = Wish(output, drafts, strict, offline, cache)
    answer = make_current(root, wish, now, jobs, partial(_cluster, root, cache, scheduler, insecure))
    if not quiet:
        print_report(answer, time.perf_counter() - started, as_json)
    code = SITE_ERROR if answer["errors"] else GOOD
    if verifying:
        code = max(code, _verify(root, output, request_of(now, drafts, jobs)))
    sys.exit(code)


@contextmanager
def _cluster(root: Path, cache: Path | None, scheduler: str | None, insecure: bool) -> Iterator[Gather | None]:
    """Give the way to the workers of other machines, None where there is no scheduler."""
    if scheduler is None:
        yield None
        return
    from importlib.util import find_spec

    from generator.builder.afar import ClusterRefused
    from generator.builder.cluster import Cluster

    if not find_spec("distributed"):
        raise ClusterRefused("--scheduler needs an extra: pip install 'broadsheet[distributed]'")

    with closing(
        Cluster(scheduler, cache or root / ".broadsheet", "generator.actions", insecure, say_notice)
    ) as cluster:
        yield cluster.gather


def _verify(root: Path, output: Path | None, request: Request) -> int:
    from generator.base.config import load_site
    from generator.desk.verify import verify

    found = verify(load_site(root, output), request)
    for line in found[:50]:
        say_problem("error", f"differs: {line}")
    click.echo(
        f"verify: {len(found)} files differ from a clean build" if found else "verify: equal to a clean build", err=True
    )
    return BUG if found else GOOD
