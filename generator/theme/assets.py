"""A theme's assets as they are published: each name carries a digest of the bytes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath

from generator.base.digest import digest_bytes, short_name
from generator.base.problems import ConfigError, Problem
from generator.base.record import Record
from generator.theme.templates import did_you_mean


class Asset(Record, frozen=True):
    """A theme's file as it is published; `output` carries a digest of `body`."""

    output: str
    body: bytes


def publish_assets(bodies: dict[str, bytes], sources: dict[str, str]) -> dict[str, Asset]:
    """Return what is published of each asset; a style sheet refers to the others by their published names.

    Args:
        bodies: an asset's bytes by its name in the theme.
        sources: how messages name each.

    Raises:
        ConfigError: with every `url()` and `@import` that leads to no asset, or in a circle.
    """
    press = _Press(bodies, sources)
    assets = {name: press.publish(name) for name in bodies}
    if press.problems:
        raise ConfigError(sorted(press.problems))
    return assets


_CSS_REFERENCE = re.compile(
    r"""/\*.*?\*/"""  # skipped, like plain strings: a comment may hold anything
    r"""|(?P<before>(?:url\(\s*|@import\s+(?=["']))["']?)(?P<name>[^"')\s;?\#]+)"""
    r"""|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*\'""",
    re.DOTALL | re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.IGNORECASE)


class _Press:
    def __init__(self, bodies: dict[str, bytes], sources: dict[str, str]):
        self.problems: list[Problem] = []
        self._bodies = bodies
        self._sources = sources
        self._done: dict[str, Asset] = {}
        self._open: list[str] = []  # style sheets whose references are being followed

    def publish(self, name: str) -> Asset:
        if name not in self._done:
            self._open.append(name)
            body = self._rewritten(name) if name.endswith(".css") else self._bodies[name]
            self._open.pop()
            self._done[name] = Asset(f"assets/{_named_by(name, body)}", body)
        return self._done[name]

    def _rewritten(self, sheet: str) -> bytes:
        text = self._bodies[sheet].decode("utf-8", "surrogateescape")

        def replace(match: re.Match[str]) -> str:
            name = match["name"]
            if not name or _ELSEWHERE.match(name):
                return match[0]
            line = text.count("\n", 0, match.start()) + 1
            published = self._published(sheet, normpath(str(PurePosixPath(sheet).parent / name)), line)
            return f"{match['before']}{PurePosixPath(name).with_name(published)}"

        return _CSS_REFERENCE.sub(replace, text).encode("utf-8", "surrogateescape")

    def _published(self, sheet: str, name: str, line: int) -> str:
        if name not in self._bodies:
            message, hint = f"the theme has no assets/{name}", did_you_mean(name, self._bodies)
        elif name in self._open:
            message, hint = f"{' → '.join([*self._open, name])} is a circle", "a style sheet cannot import itself"
        else:
            return PurePosixPath(self.publish(name).output).name
        self.problems.append(Problem(self._sources[sheet], line, 0, "", message, hint))
        return "missing"


def _named_by(name: str, body: bytes) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{short_name(digest_bytes(body))}{path.suffix}"))
