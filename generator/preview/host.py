"""The host: what a host of static sites would answer, from the outputs and the site's `_headers` and `_redirects`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

from generator.base.paths import address, quote_path
from generator.preview.current import Current, Page, ProblemLine
from generator.preview.headers import HeaderRule, headers_for, read_headers
from generator.preview.redirects import MOVES, Rule, read_redirects, redirect

R = TypeVar("R")
_RULES = ("_headers", "_redirects")  # hosts read them and show them to nobody


class Served(NamedTuple):
    """An output, with its status and the headers that `_headers` gives the address."""

    output: str
    page: Page
    status: int
    headers: dict[str, str]


class Moved(NamedTuple):
    """Another address."""

    status: int
    location: str


class Missing(NamedTuple):
    """Nothing, not even a page that says so; `message` is for the person."""

    message: str


Answer = Served | Moved | Missing


class Host:
    """A host of the site as it is now."""

    def __init__(self, current: Current):
        self._current = current
        self._headers: _Kept[HeaderRule] = _Kept(read_headers)
        self._redirects: _Kept[Rule] = _Kept(read_redirects)

    def answer(self, path: str, query: str = "") -> Answer:
        """Return what stands at a path, as it is in a request: percent-encoded."""
        plain = plain_path(path)
        if plain is None:
            return self._missing(path)
        rules = self._redirects.rules(self._current.page("_redirects"))
        if hit := redirect(rules, plain, query, forced=True):
            return self._led(hit.status, hit.location)
        if found := self._file(plain, query):
            return found
        if hit := redirect(rules, plain, query, forced=False):
            return self._led(hit.status, hit.location)
        return self._missing(plain)

    def output(self, path: str) -> str:
        """Return the output that is shown at a path, "" where there is none."""
        answer = self.answer(path)
        return answer.output if isinstance(answer, Served) else ""

    def inside(self, path: str) -> str:
        """Return a path without the site's own, as it is in a request."""
        return path.removeprefix(self._current.base_path)

    def problems(self) -> tuple[ProblemLine, ...]:
        """Return what is passed over in the site's own `_headers` and `_redirects`."""
        self._headers.rules(self._current.page("_headers"))
        self._redirects.rules(self._current.page("_redirects"))
        return self._headers.problems + self._redirects.problems

    def _base(self) -> str:
        return unquote_to_bytes(self._current.base_path).decode("utf-8", "replace")

    def _file(self, path: str, query: str) -> Served | Moved | None:
        """Return the output at a decoded path, or the folder that is meant."""
        base = self._base()
        tail = f"?{query}" if query else ""
        if path in ("/", base[:-1]) and base != path:
            return Moved(302, self._current.base_path + tail)
        if not path.startswith(base):
            return None
        inside = path.removeprefix(base)
        page = None if inside in _RULES else self._current.page(address(inside))
        if page:
            return Served(address(inside), page, 200, self._sent(path))
        if inside and not inside.endswith("/") and self._current.page(f"{inside}/index.html"):
            return Moved(301, f"{quote_path(path)}/{tail}")
        return None

    def _led(self, status: int, location: str) -> Answer:
        if status in MOVES:
            return Moved(status, location)
        target = plain_path(location.partition("?")[0].partition("#")[0])
        found = self._file(target, "") if target else None
        return found._replace(status=status) if isinstance(found, Served) else self._missing(location)

    def _missing(self, path: str) -> Served | Missing:
        page = self._current.page("404.html")
        if page:
            return Served("404.html", page, 404, self._sent(path))
        where = "" if path.startswith(self._base()) else f"; the site stands below {self._current.base_path}"
        return Missing(f"There is nothing at {path}{where}.")

    def _sent(self, path: str) -> dict[str, str]:
        return headers_for(self._headers.rules(self._current.page("_headers")), path)


def plain_path(path: str) -> str | None:
    """Return a request's path decoded, None where no output can have it: escapes, empty names, what is no text."""
    if not path.startswith("/") or "%2f" in path.lower():
        return None
    try:
        plain = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return None
    names = plain.split("/")
    if "\\" in plain or any(ord(character) < 32 or ord(character) == 127 for character in plain):
        return None
    if "" in names[1:-1] or not {".", ".."}.isdisjoint(names):
        return None
    return plain


def seen(answer: Answer) -> str:
    """Return what tells one answer from another for who looks at it: the page's digest, or where it leads."""
    if isinstance(answer, Served):
        return answer.page.digest if answer.page.data or not answer.page.problem else "broken"
    return f"moved-{answer.location}" if isinstance(answer, Moved) else "missing"


class _Kept(Generic[R]):
    """The rules of a file, read again when it changed."""

    def __init__(self, read: Callable[[str], tuple[tuple[R, ...], tuple[ProblemLine, ...]]]):
        self._read = read
        self._known: tuple[str, tuple[R, ...], tuple[ProblemLine, ...]] = ("", (), ())

    def rules(self, page: Page | None) -> tuple[R, ...]:
        digest = page.digest if page else ""
        if digest != self._known[0]:
            self._known = (digest, *self._read(page.data.decode("utf-8", "replace") if page else ""))
        return self._known[1]

    @property
    def problems(self) -> tuple[ProblemLine, ...]:
        return self._known[2]
