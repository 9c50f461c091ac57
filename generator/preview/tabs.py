"""Tabs: what a browser's tab is told after a refresh, from what it shows and what it was told before."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from html import unescape
from threading import Lock
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from generator.preview.current import Current, ProblemLine
from generator.preview.host import Answer, Host, Moved, Served, seen
from generator.preview.parts import parts_of
from generator.preview.styles import changed_styles

MOST_PROBLEMS = 50  # of each severity that a tab is told of; it is told how many there are
REMEMBERED = 32_000_000  # bytes of pages that tabs may show
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)


class Message(NamedTuple):
    """An event of a stream."""

    event: str
    data: object


class Tab(NamedTuple):
    """A tab as the server knows it: what it shows, and what it was told. The stream keeps it, nothing else does."""

    path: str
    query: str
    digest: str
    saved: str | None = None  # the page that was saved last, as far as the tab knows; None: it knows nothing yet
    parts: frozenset[tuple[str, str]] | None = None  # what the page loads besides, when the tab was opened
    told: tuple[Message, ...] = ()


class Recent:
    """The pages that were served lately, by their digests: to tell what differs from what a tab shows."""

    def __init__(self, most: int = REMEMBERED):
        self._most = most
        self._size = 0
        self._pages: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def put(self, digest: str, page: bytes) -> None:
        """Remember a page; forget those that were served longest ago."""
        with self._lock:
            if digest not in self._pages:
                self._pages[digest] = page
                self._size += len(page)
            self._pages.move_to_end(digest)
            while self._size > self._most:
                self._size -= len(self._pages.popitem(last=False)[1])

    def get(self, digest: str) -> bytes | None:
        """Return a page if it is remembered."""
        with self._lock:
            return self._pages.get(digest)


class Desk(NamedTuple):
    """All that is needed to tell a tab what changed."""

    current: Current
    host: Host
    recent: Recent
    follow: bool = False


def look(desk: Desk, tab: Tab) -> tuple[Tab, list[Message]]:
    """Return the tab as it will be and what it is to be told; nothing where its page and its news are the same."""
    saved = desk.current.saved() or ""
    answer = desk.host.answer(tab.path, tab.query)
    served = answer if isinstance(answer, Served) else None
    messages = []
    if desk.follow and tab.saved != saved:
        messages.append(Message("follow", {"url": saved, "go": tab.saved is not None}))
    digest = tab.digest if _is_lost(desk, tab, answer) else seen(answer)
    page = served.page.data if served else b""
    parts = parts_of(desk.host, page, tab.path)
    if digest != tab.digest:
        messages.append(_change(desk.recent, tab.digest, served, digest))
    elif digest == seen(answer) and tab.parts not in (None, parts):
        messages.append(Message("reload", {"digest": digest}))
    news = tuple(_news(desk, served.output if served else "", page))
    messages += [message for message in news if message not in tab.told]
    return tab._replace(digest=digest, saved=saved, parts=parts, told=news), messages


def state(desk: Desk) -> dict[str, object]:
    """Return all that is known of the site's problems and badges."""
    return {
        "version": desk.current.version,
        "problems": [problem._asdict() for problem in all_problems(desk)],
        "badges": dict(desk.current.badges()),
    }


def all_problems(desk: Desk) -> tuple[ProblemLine, ...]:
    """Return the problems of the site and of its own `_headers` and `_redirects`, errors first."""
    found = (*desk.current.problems(), *desk.host.problems())
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _is_lost(desk: Desk, tab: Tab, answer: Answer) -> bool:
    """Tell whether a tab shows a page that is gone while something is wrong: it keeps the last good one until then."""
    gone = not isinstance(answer, Served | Moved) or (isinstance(answer, Served) and answer.status != 200)
    broken = isinstance(answer, Served) and bool(answer.page.problem) and not answer.page.data
    if not (gone or broken) or desk.recent.get(tab.digest) is None:
        return False
    return any(problem.severity == "error" for problem in desk.current.problems())


def _change(recent: Recent, before: str, now: Served | None, digest: str) -> Message:
    old = recent.get(before)
    if now and old is not None and (links := changed_styles(old, now.page.data)):
        recent.put(digest, now.page.data)
        return Message("css", {"links": links, "digest": digest})
    return Message("reload", {"digest": digest})


def _news(desk: Desk, output: str, page: bytes) -> Iterator[Message]:
    about = desk.current.about(output) if output else None
    yield Message("about", about._asdict() | {"why_here": list(about.why_here)} if about else None)
    yield Message("problems", _problems(desk))
    yield Message("badges", _badges(desk.current.badges(), page))


def _problems(desk: Desk) -> dict[str, object]:
    found = all_problems(desk)
    errors = [problem._asdict() for problem in found if problem.severity == "error"]
    warnings = [problem._asdict() for problem in found if problem.severity != "error"]
    return {
        # An overlay that was dismissed comes back with the next change as long as there are errors.
        "change": desk.current.version if errors else 0,
        "errors": errors[:MOST_PROBLEMS],
        "warnings": warnings[:MOST_PROBLEMS],
        "counts": [len(errors), len(warnings)],
    }


def _badges(badges: Mapping[str, str], page: bytes) -> dict[str, str]:
    """Return the badges of the articles that a page links, by decoded address."""
    if not badges:
        return {}
    linked = {
        _plain(unescape(b"".join(match.groups(b"")).decode("utf-8", "replace"))) for match in _HREF.finditer(page)
    }
    return {plain: text for url, text in badges.items() if (plain := _plain(url)) in linked}


def _plain(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""
