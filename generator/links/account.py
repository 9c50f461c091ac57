"""Account: what became of every link that the site shows, told from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from generator.base.problems import IN_BODY, Problem, field_problem, text_problem
from generator.base.records import LinkUse
from generator.links.ledger import Entry, State

LONGEST_URL = 160  # characters of an address in a message
RowState = Literal[State, "waiting"]
STATES: tuple[RowState, ...] = ("good", "moved", "suspect", "dead", "unknown", "waiting")


class Row(NamedTuple):
    """One address as `broadsheet check --links --json` lists it."""

    url: str
    state: RowState
    why: str  # what was wrong the last time
    since: str  # ISO 8601, "" where nothing is wrong
    until: str  # when it is asked for again, "" for the next run
    target: str  # where it has moved for good
    files: tuple[str, ...]  # that name it


class Checked(NamedTuple):
    """What is known of the links of a site, and what is wrong with them."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    counts: dict[RowState, int]


def account(uses: Sequence[LinkUse], entries: Mapping[str, Entry]) -> Checked:
    """Return rows, problems and counts of the addresses that are used; the same ledger gives the same."""
    by_url: dict[str, list[LinkUse]] = {}
    for use in uses:
        by_url.setdefault(use.url, []).append(use)
    rows = tuple(_row(url, by_url[url], entries.get(url)) for url in sorted(by_url))
    counts: dict[RowState, int] = dict.fromkeys(STATES, 0)
    for row in rows:
        counts[row.state] += 1
    return Checked(rows, tuple(sorted(_problems(by_url, entries))), counts)


def _problems(by_url: Mapping[str, list[LinkUse]], entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """Yield a warning for each link that somebody should look at; what cannot be known is no problem."""
    for url, users in by_url.items():
        entry = entries.get(url)
        if entry and entry.state in ("moved", "suspect", "dead"):
            first = min(users, key=lambda use: (use.path, [str(part) for part in use.trail]))
            message, hint = _words(entry)
            message += _others({use.path for use in users})
            if first.trail[:1] == (IN_BODY,):
                yield text_problem(first.path, str(first.trail[1]), message, hint, "warning")
            else:
                yield field_problem(first.path, first.trail, message, hint, "warning")


def _words(entry: Entry) -> tuple[str, str]:
    """Return what is wrong with a link since when, and what would be right."""
    url, since = _shortened(entry.url), f"{entry.since or entry.asked:%Y-%m-%d}"
    if entry.state == "moved":
        if _is_front_page(entry.target) and not _is_front_page(entry.url):
            return f"the link {url} leads to the front page of its host now", "see whether the story is still there"
        return f"the link {url} has moved for good", f"write {entry.target}"
    tries = f"{entry.failures} tries" if entry.failures > 1 else "1 try"
    if entry.state == "dead":
        hint = "link to another report, or let `archive = true` in [links] show an archived copy of dead sources"
        return f"the link {url} is dead: {entry.why}, since {since} ({tries})", hint
    hint = f"it is asked for again from {entry.due:%Y-%m-%d %H:%M} UTC on; see whether the address is right"
    return f"the link {url} may be dead: {entry.why}, since {since} ({tries})", hint


def _others(paths: set[str]) -> str:
    files = sorted(paths)
    return f" (used by {len(files)} files: {', '.join(files[:3])}{', …' if files[3:] else ''})" if files[1:] else ""


def _row(url: str, users: Iterable[LinkUse], entry: Entry | None) -> Row:
    files = tuple(sorted({use.path for use in users}))
    if entry is None:
        return Row(url, "waiting", "", "", "", "", files)
    since = entry.since.isoformat().replace("+00:00", "Z") if entry.since else ""
    until = entry.due.isoformat().replace("+00:00", "Z")
    return Row(url, entry.state, entry.why, since, until, entry.target, files)


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _shortened(url: str) -> str:
    return url if len(url) <= LONGEST_URL else url[: LONGEST_URL - 1] + "…"
