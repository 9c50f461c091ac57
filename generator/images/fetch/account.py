"""Account: what became of every picture that was asked for, told from the collection alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from generator.base.imaging import Image, Wanted
from generator.base.problems import IN_BODY, Problem, field_problem, text_problem
from generator.images.fetch.collection import Collection
from generator.images.fetch.ledger import Entry, Trouble
from generator.network.trouble import REFUSED

LONGEST_URL = 160  # characters of an address in a message
State = Literal["good", "stale", "failed", "refused", "waiting"]
STATES: tuple[State, ...] = ("good", "stale", "failed", "refused", "waiting")
_HINTS = {
    "address": "if the host is yours, name it in `allow_hosts` of [images]; else use another picture",
    "large": "use a smaller picture, or raise the limit in [images]",
    "content": "use the address of a picture",
    "missing": "use another picture",
    "gone": "use another picture",
}


class Fetched(NamedTuple):
    """The pictures that a site may show, and what is wrong with the others."""

    images: dict[str, Image]  # by address
    problems: tuple[Problem, ...]
    counts: dict[State, int]  # of addresses
    due: datetime | None = None  # when a build asks for the next one, None for never


class Row(NamedTuple):
    """One address as `broadsheet images` lists it."""

    url: str
    state: State
    why: str  # of what is not good
    until: str  # when it is asked for again, ISO 8601, "" where nothing is known
    paths: tuple[str, ...]  # of the files that name it
    image: Image | None


def account(wanted: Sequence[Wanted], collection: Collection) -> Fetched:
    """Return the pictures, problems and counts; the same collection gives the same, whatever order pictures came in."""
    images: dict[str, Image] = {}
    counts: dict[State, int] = dict.fromkeys(STATES, 0)
    by_url = _by_url(wanted)
    for url in by_url:
        counts[state_of(collection.entries.get(url))] += 1
        if image := collection.image(url):
            images[url] = image
    problems = _problems(by_url, collection)
    return Fetched(images, tuple(sorted(problems)), counts)


def rows(wanted: Sequence[Wanted], collection: Collection) -> list[Row]:
    """Return every address with its state, sorted."""
    return [_row(url, users, collection) for url, users in sorted(_by_url(wanted).items())]


def state_of(entry: Entry | None) -> State:
    """Return what became of an address."""
    if entry is None or (entry.kept is None and entry.trouble is None):
        return "waiting"
    if entry.trouble is None:
        return "good"
    if entry.kept:
        return "stale"
    return "refused" if entry.trouble.kind in REFUSED else "failed"


def _by_url(wanted: Iterable[Wanted]) -> dict[str, list[Wanted]]:
    found: dict[str, list[Wanted]] = {}
    for want in wanted:
        found.setdefault(want.url, []).append(want)
    return found


def _problems(by_url: dict[str, list[Wanted]], collection: Collection) -> Iterator[Problem]:
    """Yield a warning for each address that we have nothing of; a stale copy is no problem of the site."""
    for url, users in by_url.items():
        entry = collection.entries.get(url)
        if entry and entry.trouble and not entry.kept:
            yield _problem(users, entry, entry.trouble)


def _problem(users: list[Wanted], entry: Entry, trouble: Trouble) -> Problem:
    first = min(users, key=lambda want: (want.path, [str(part) for part in want.trail]))
    files = sorted({want.path for want in users})
    others = f" (used by {len(files)} files: {', '.join(files[:3])}{', …' if files[3:] else ''})" if files[1:] else ""
    what = f"the picture {_shortened(entry.url)} cannot be fetched: {trouble.why}{others}"
    hint = _HINTS.get(trouble.kind, f"it is asked for again from {entry.due:%Y-%m-%d %H:%M} UTC on")
    if first.trail[:1] == (IN_BODY,):
        return text_problem(first.path, str(first.trail[1]), what, hint, "warning")
    return field_problem(first.path, first.trail, what, hint, "warning")


def _row(url: str, users: list[Wanted], collection: Collection) -> Row:
    entry = collection.entries.get(url)
    why = entry.trouble.why if entry and entry.trouble else ""
    until = entry.due.isoformat().replace("+00:00", "Z") if entry else ""
    paths = tuple(sorted({want.path for want in users}))
    return Row(url, state_of(entry), why, until, paths, collection.image(url))


def _shortened(url: str) -> str:
    return url if len(url) <= LONGEST_URL else url[: LONGEST_URL - 1] + "…"
