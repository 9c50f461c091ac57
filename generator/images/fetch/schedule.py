"""Schedule: when to ask for a picture, in which order, and when again; pure decisions on the ledger's entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from generator.base.digest import digest_record, short_name
from generator.base.image_settings import ImageSettings
from generator.base.imaging import Box
from generator.images.fetch.ledger import Entry, Kept
from generator.network.dates import LONGEST_WAIT, http_date, whole_second
from generator.network.trouble import Kind

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOONEST, LATEST = DAY, 60 * DAY  # between two questions whether a picture that we have has changed
FIRST_RETRY, LAST_RETRY = 10 * MINUTE, DAY
_PATIENCE: dict[Kind, timedelta] = {  # of what does not mend itself in minutes
    "address": 7 * DAY,
    "moved": DAY,
    "missing": 7 * DAY,
    "gone": 30 * DAY,
    "denied": DAY,
    "large": 7 * DAY,
    "content": DAY,
}
TRIES = 3  # in one build
FIRST_PAUSE = 0.5  # s between two of them; the next is twice as long
LONGEST_PAUSE = 10.0
_TRANSIENT = frozenset({"host", "busy", "server", "network"})


class Order(NamedTuple):
    """A picture to ask for. Validators are given where "not changed" is an answer that helps."""

    url: str
    etag: str = ""
    modified: str = ""


def plan(urls: Iterable[str], entries: Mapping[str, Entry], now: datetime, box: Box, rules: str) -> tuple[Order, ...]:
    """Return what to ask for now: first what was never asked for, then failures, then what may have changed.

    Args:
        urls: the most important first; each is asked for once.
        rules: what `rules_of` the settings is: a refusal holds under the rules that it was made by.
    """
    ranked = []
    for position, url in enumerate(dict.fromkeys(urls)):
        entry = entries.get(url)
        if entry is None:
            ranked.append((0, now, position, Order(url)))
        elif _is_due(entry, now, box, rules):
            ranked.append((2 if entry.kept else 1, entry.due, position, _again(entry, box)))
    return tuple(order for *_, order in sorted(ranked))


def rules_of(settings: ImageSettings) -> str:
    """Return a digest of the settings by which pictures are refused."""
    hosts = sorted(settings.allow_hosts), sorted(settings.host_map.items())
    return short_name(digest_record((settings.max_bytes, settings.max_pixels, hosts)))


def again_at(kind: Kind, failures: int, now: datetime, wait: float | None = None) -> datetime:
    """Return when to ask again after so many failures in a row (1 = the first), never before a server's own wish."""
    pause = _PATIENCE.get(kind) or min(FIRST_RETRY * 2 ** min(failures - 1, 20), LAST_RETRY)
    wish = timedelta(seconds=min(max(wait or 0.0, 0.0), LONGEST_WAIT.total_seconds()))
    return whole_second(now + max(pause, wish))


def pause_within(kind: Kind, tries: int, wait: float | None = None) -> float | None:
    """Return how many seconds to wait before the next try in the same build, None where it is left to another build."""
    if kind not in _TRANSIENT or tries >= TRIES:
        return None
    pause = max(FIRST_PAUSE * 2 ** (tries - 1), wait or 0.0)
    return pause if pause <= LONGEST_PAUSE else None


def holds_until(headers: Mapping[str, str], since: datetime, now: datetime) -> datetime:
    """Return until when a picture is taken as unchanged: as long as the server says, and ever longer while it is true.

    Args:
        headers: the answer's, by lower-case names.
        since: when these bytes were first seen.
    Source: RFC 9111, 4.2 (freshness), 4.2.2 (heuristics).
    """
    held = max(_lifetime(headers, now), (now - since) / 2)
    return whole_second(now + min(max(held, SOONEST), LATEST))


def _is_due(entry: Entry, now: datetime, box: Box, rules: str) -> bool:
    if entry.trouble and entry.trouble.rules not in ("", rules):
        return True
    return entry.due <= now or (entry.trouble is None and _is_too_small(entry.kept, box))


def _is_too_small(kept: Kept | None, box: Box) -> bool:
    """Tell whether a picture was scaled down for smaller roles than the theme has now."""
    return bool(kept and kept.cut and (kept.cut.width < box.width or kept.cut.height < box.height))


def _again(entry: Entry, box: Box) -> Order:
    if entry.kept is None or _is_too_small(entry.kept, box):
        return Order(entry.url)
    return Order(entry.url, entry.etag, entry.modified)


def _lifetime(headers: Mapping[str, str], now: datetime) -> timedelta:
    control = _directives(headers.get("cache-control", ""))
    date = http_date(headers.get("date", "")) or now
    if "no-store" in control or "no-cache" in control:
        return timedelta(0)
    if control.get("max-age", "").isdigit():
        age = headers.get("age", "")
        return timedelta(seconds=min(int(control["max-age"][:12]), 10**9) - (int(age[:9]) if age.isdigit() else 0))
    if "expires" in headers:
        expires = http_date(headers["expires"])
        return expires - date if expires else timedelta(0)
    modified = http_date(headers.get("last-modified", ""))
    return (date - modified) / 10 if modified else timedelta(0)


def _directives(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.lower().split(","))
    return {name.strip(): value.strip(' "') for name, _, value in pairs}
