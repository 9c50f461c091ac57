"""Check: the links of a site, from the ledger and, where something is due, from the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from generator.base.image_settings import ImageSettings
from generator.base.link_settings import LinkSettings
from generator.base.problems import Problem
from generator.base.records import LinkUse
from generator.links.account import Checked, account
from generator.links.ledger import LinkLedger
from generator.links.verdict import plan

if TYPE_CHECKING:  # the network's libraries cost 0.3 s: only where something is asked
    from generator.network.client import Resolve

_UNREACHED = Problem(
    "site.toml",
    0,
    0,
    "links.fetch",
    "no host of any link answers, so nothing is noted of those that were not reached",
    "see whether this machine has a network; `--offline` tells what is known without one",
    "warning",
    ("links", "fetch"),
)


def check_links(
    uses: Sequence[LinkUse],
    ledger: LinkLedger,
    settings: LinkSettings,
    reach: ImageSettings,
    now: datetime,
    progress: Callable[[int, int], None],
    *,
    resolve: Resolve | None = None,
) -> Checked:
    """Return what is known of the links, after asking for what is due; with `fetch = false` nothing is asked.

    Args:
        uses: in the order in which those that were never asked for are.
        reach: which hosts may lie in a private network, and which are asked elsewhere.
        now: decides what is due, and when a failure was.
        progress: called with how many are done, of how many.
        resolve: finds a host's addresses; the system's way if not given.
    """
    problems: tuple[Problem, ...] = ()
    if settings.fetch:
        ledger.settle()  # what a killed run had learnt
        ledger.forget_others(frozenset(use.url for use in uses))
        urls = plan((use.url for use in uses), ledger.entries, now)
        if urls and not _ask(urls, ledger, settings, reach, now, progress, resolve):
            problems = (_UNREACHED,)
    found = account(uses, ledger.entries)
    return found._replace(problems=(*problems, *found.problems))


def _ask(
    urls: Sequence[str],
    ledger: LinkLedger,
    settings: LinkSettings,
    reach: ImageSettings,
    now: datetime,
    progress: Callable[[int, int], None],
    resolve: Resolve | None,
) -> bool:
    """Ask for what is due, and return whether anybody was reached; whatever ends it, what came is in the ledger."""
    from generator.links.wave import run_wave

    try:
        return run_wave(urls, ledger, settings, reach, now, progress, resolve)
    finally:
        ledger.settle()
