"""Verdict: what an answer makes of a link, with what was known of it, and when to ask again; pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec.structs import replace

from generator.links.ledger import Entry
from generator.network.dates import whole_second
from generator.network.trouble import Kind

DEAD_AFTER, DEAD_FAILURES = timedelta(days=3), 3  # both: failures in a row, and from the first to the last of them
GONE_FAILURES = 2  # what says itself that it is gone for good is believed when it says so again
# Less than whole days, so that a run at the same time of another day finds them due.
SOON, LATER = timedelta(hours=20), timedelta(days=7) - timedelta(hours=4)
_FAILING: frozenset[Kind] = frozenset({"missing", "gone", "host", "network", "slow", "server"})
_NEVER = datetime.min.replace(tzinfo=UTC)


class Outcome(NamedTuple):
    """What came of asking: trouble, or None; and where the address leads for good, "" where it stays."""

    kind: Kind | None = None
    why: str = ""
    wait: float | None = None  # s that the server asks to be left alone
    target: str = ""


def judge(url: str, outcome: Outcome, known: Entry | None, now: datetime) -> Entry:
    """Return what is known of a link from now on."""
    asked = whole_second(now)
    if outcome.kind is None:
        return _good(url, outcome.target, known, asked)
    if outcome.kind in _FAILING:
        return _failed(url, outcome, outcome.kind, known, asked)
    pause = max(SOON, timedelta(seconds=outcome.wait or 0)) if outcome.kind == "busy" else LATER
    quiet = asked + timedelta(seconds=outcome.wait) if outcome.wait else None
    if outcome.kind == "busy" and known and known.failures:  # who is busy says nothing about the page
        return replace(known, asked=asked, due=asked + pause, quiet=quiet)
    return Entry(url, asked, asked + pause, "unknown", kind=outcome.kind, why=outcome.why, quiet=quiet)


def plan(urls: Iterable[str], entries: Mapping[str, Entry], now: datetime) -> tuple[str, ...]:
    """Return the links to ask for now, each once: those that were asked the longest ago first, or never.

    One that was good is among them, also before its time: if it cannot be reached either, it is our own network.
    """
    quiet = {host_of(entry.url) for entry in entries.values() if entry.quiet and entry.quiet > now}
    ranked = sorted(
        (entry.asked if entry else _NEVER, position, url)
        for position, url in enumerate(dict.fromkeys(urls))
        if host_of(url) not in quiet and ((entry := entries.get(url)) is None or entry.due <= now)
    )
    due = [url for *_, url in ranked]
    if due and all(url in entries and entries[url].failures for url in due):
        good = [e for e in entries.values() if e.state in ("good", "moved") and host_of(e.url) not in quiet]
        due[:0] = [entry.url for entry in sorted(good, key=lambda entry: (entry.asked, entry.url))[:1]]
    return tuple(due)


def host_of(url: str) -> str:
    """Return the host that an address is asked of: what is polite is counted by it."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower().removeprefix("www.")
    except ValueError:
        return ""


def _good(url: str, target: str, known: Entry | None, asked: datetime) -> Entry:
    if not target:
        return Entry(url, asked, asked + LATER, "good")
    since = known.since if known and known.target == target else asked
    return Entry(url, asked, asked + LATER, "moved", since=since, target=target)


def _failed(url: str, outcome: Outcome, kind: Kind, known: Entry | None, asked: datetime) -> Entry:
    before = known.failures if known else 0
    since = known.since if known and before and known.since else asked
    failures = before + 1
    dead = (
        (known is not None and known.state == "dead")
        or (failures >= DEAD_FAILURES and asked - since >= DEAD_AFTER)
        or (failures >= GONE_FAILURES and kind == "gone" and known is not None and known.kind == "gone")
    )
    return Entry(
        url,
        asked,
        asked + (LATER if dead else SOON),
        "dead" if dead else "suspect",
        since=since,
        failures=failures,
        kind=kind,
        why=outcome.why,
    )
