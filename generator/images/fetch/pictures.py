"""Fetch: the remote pictures of a site, from the collection and, where something is due, from the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from generator.base.image_settings import ImageSettings
from generator.base.imaging import Box, Wanted
from generator.base.problems import Problem
from generator.images.fetch.account import Fetched, account
from generator.images.fetch.collection import Collection
from generator.images.fetch.schedule import Order, plan, rules_of

if TYPE_CHECKING:  # the network's libraries cost 0.3 s: only where something is fetched
    from generator.network.client import Resolve

_MISSING = Problem(
    "site.toml",
    0,
    0,
    "images.fetch",
    "no picture can be fetched: the library {} is not installed",
    "install it, or set `fetch = false` in [images]",
    "warning",
)


def fetch(
    wanted: Sequence[Wanted],
    collection: Collection,
    settings: ImageSettings,
    now: datetime,
    progress: Callable[[int, int], None],
    *,
    box: Box,
    jobs: int = 1,
    resolve: Resolve | None = None,
) -> Fetched:
    """Return the pictures that are there, after asking for what is due; with `fetch = false` nothing is asked.

    Args:
        wanted: the most important first, for time may run out.
        now: the build's instant; decides what is due.
        progress: called with how many are done, of how many.
        box: how large kept pictures must be at least, where they are that large.
        jobs: processes that decode, at most.
        resolve: finds a host's addresses; the system's way if not given.
    """
    problems: tuple[Problem, ...] = ()
    if settings.fetch:
        collection.settle()  # what a killed build had learnt
        orders = plan((want.url for want in wanted), collection.entries, now, box, rules_of(settings))
        if orders:
            problems = _ask(orders, collection, settings, now, progress, box, jobs, resolve)
    found = account(wanted, collection)
    due = _next_due(wanted, collection, now) if settings.fetch else None
    return found._replace(problems=(*problems, *found.problems), due=due)


def _next_due(wanted: Sequence[Wanted], collection: Collection, now: datetime) -> datetime | None:
    """Return when a build asks for something again: at once where time has run out before all were asked for."""
    entries = (collection.entries.get(want.url) for want in wanted)
    return min((entry.due if entry else now for entry in entries), default=None)


def _ask(
    orders: Sequence[Order],
    collection: Collection,
    settings: ImageSettings,
    now: datetime,
    progress: Callable[[int, int], None],
    box: Box,
    jobs: int,
    resolve: Resolve | None,
) -> tuple[Problem, ...]:
    """Ask for what is due; whatever ends it, what came is in the ledger."""
    from msgspec.structs import replace

    try:
        from generator.images.fetch.wave import run_wave
    except ModuleNotFoundError as error:
        return (replace(_MISSING, message=_MISSING.message.format(error.name)),)
    try:
        run_wave(orders, collection, settings, box, now, jobs, progress, resolve)
    finally:
        collection.settle()
    return ()
