"""fields: one map of front matter, read field by field; what is wrong in it becomes problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from generator.base.problems import Problem, Severity, Trail, field_problem
from generator.content.text import plain
from generator.content.urls import BadUrl, clean_url

YEARS = range(1600, 3000)  # outside of it is a slip of the keyboard
LARGEST = 1_000_000_000
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,15}(?:\.[0-9]{0,15})?\s*")
_ABSENT: tuple[object, ...] = (None, "", [], {})


class Fields:
    """A map of front matter: every reader returns a good value and notes a problem where there is none."""

    __slots__ = ("path", "problems", "trail", "values", "zone")

    def __init__(
        self,
        path: str,
        values: dict[str, object],
        zone: str = "UTC",
        problems: list[Problem] | None = None,
        trail: Trail = (),
    ):
        self.path, self.values, self.zone, self.trail = path, values, zone, trail
        self.problems: list[Problem] = [] if problems is None else problems

    def note(self, name: str | int, message: str, hint: str = "", severity: Severity = "warning") -> None:
        """Note a problem of the field `name`."""
        self.problems.append(field_problem(self.path, (*self.trail, name), message, hint, severity))

    def text(self, name: str) -> str:
        """Return a field as plain text, "" where it is missing."""
        value = self.values.get(name)
        if type(value) is str:
            return plain(value)
        return "" if value is None else self._as_text(name, value)

    def number(self, name: str, lowest: int) -> int:
        """Return a whole number from `lowest` on, 0 where it is missing."""
        value = self.values.get(name)
        if type(value) is int and lowest <= value <= LARGEST:
            return value
        return 0 if value in _ABSENT else self._as_number(name, value, lowest)

    def flag(self, name: str, default: bool) -> bool:
        """Return a yes or no."""
        value = self.values.get(name)
        if value is None or value is True or value is False:
            return default if value is None else value
        known = _FLAGS.get(str(value).strip().lower())
        if known is None and value not in _ABSENT:
            self.note(name, f"neither true nor false, taken as {str(default).lower()}", "write true or false")
        return default if known is None else known

    def instant(self, name: str, severity: Severity = "warning") -> datetime | None:
        """Return an ISO 8601 instant in UTC; without an offset it is in the site's time zone."""
        value = self.values.get(name)
        if type(value) is not datetime and value in _ABSENT:
            return None
        try:
            return to_utc(value, self.zone)
        except ValueError as error:
            self.note(name, str(error), "write it like 2020-02-20T21:55:00Z", severity)
            return None

    def url(self, name: str, severity: Severity = "warning") -> str:
        """Return an address that is safe to publish, "" where there is none."""
        value = self.values.get(name)
        if value is None or value == "":
            return ""
        try:
            return clean_url(value if type(value) is str else self._as_text(name, value))
        except BadUrl as refusal:
            self.note(name, refusal.reason, refusal.hint, severity)
            return ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of plain texts, each once, in the order of the file; one text is a list of one."""
        found: dict[str, None] = {}
        for number, value in self._items(name):
            if type(value) is str:
                found[plain(value)] = None
            elif isinstance(value, dict | list | tuple | set | bytes):
                self.note(name, f"item {number + 1} is no text", "write one text for each item")
            elif value is not None and (text := plain(str(value))):
                found[text] = None
        found.pop("", None)
        return tuple(found)

    def paths(self, name: str) -> tuple[str, ...]:
        """Return site paths: each begins with `/` and has neither scheme, `..` nor query."""
        found: dict[str, None] = {}
        for text in self.texts(name):
            path = unquote(text)
            if reason := _no_path(path):
                self.note(name, reason, "write the path alone: /news/old-name/")
            else:
                found["/" + path.lstrip("/")] = None
        return tuple(found)

    def map(self, name: str) -> Fields | None:
        """Return a nested map."""
        value = self.values.get(name)
        if isinstance(value, dict):
            return Fields(self.path, value, self.zone, self.problems, (*self.trail, name))
        if value not in _ABSENT:
            self.note(name, "not a map", "write its fields below it, indented")
        return None

    def maps(self, name: str, only: str = "") -> Iterator[Fields]:
        """Yield the maps of a list; a text stands for a map with the field `only`."""
        for number, value in self._items(name):
            if isinstance(value, dict):
                yield Fields(self.path, value, self.zone, self.problems, (*self.trail, name, number))
            elif only and isinstance(value, str) and value:
                yield Fields(self.path, {only: value}, self.zone, self.problems, (*self.trail, name, number))
            elif value not in _ABSENT:
                self.note(name, f"item {number + 1} is not a map", "write its fields after `-`, indented")

    def _items(self, name: str) -> Iterable[tuple[int, object]]:
        value = self.values.get(name)
        if value in _ABSENT:
            return ()
        return enumerate(value if isinstance(value, list) else [value])

    def _as_text(self, name: str, value: object) -> str:
        """Return what YAML took for something else as the text that was meant, as far as it can be known."""
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _digits(value)
        if value not in _ABSENT:
            kind = f"the value {str(value).lower()}" if isinstance(value, bool) else "not a text"
            self.note(name, kind, "put the text in quotes")
        return ""

    def _as_number(self, name: str, value: object, lowest: int) -> int:
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            self.note(name, "not a number, taken as 0", "write a whole number")
            return 0
        number = int(min(max(value, lowest), LARGEST))
        if not lowest <= value <= LARGEST:
            self.note(name, f"out of range, taken as {number}", f"write a whole number from {lowest} on")
        return number


def to_utc(value: object, zone: str) -> datetime:
    """Return an instant in UTC.

    Raises:
        ValueError: no date, or one that cannot be meant.
    """
    if type(value) is datetime and value.tzinfo is UTC:
        instant = value
    else:
        instant = _parsed(value)
        try:
            instant = (instant if instant.tzinfo else instant.replace(tzinfo=_zone(zone))).astimezone(UTC)
        except OverflowError:
            raise ValueError("a date out of range") from None
    if instant.year not in YEARS:
        raise ValueError(f"the year {instant.year} is out of range")
    return instant


def _parsed(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(value.strip() if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("not a date") from None


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _digits(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to print more than 4,300 digits
        return ""


def _no_path(path: str) -> str:
    """Return why `path` cannot be a path of the site, "" if it can."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", path):
        return "an address of another site"
    if "?" in path or "#" in path:
        return "a path has no ? and no #"
    if ".." in path.replace("\\", "/").split("/"):
        return "a path may not have `..`"
    if "\\" in path or not path.isprintable() or not path.strip("/ "):
        return "not a path of this site"
    return ""
