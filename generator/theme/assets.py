"""A theme's assets as they are published: whole, small, and each name carries a digest of the bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from posixpath import normpath
from typing import NamedTuple

from generator.base.digest import digest_bytes, short_name
from generator.base.problems import ConfigError, Problem
from generator.base.record import Record
from generator.theme.templates import did_you_mean

BUNDLED = (".css", ".js")  # a folder of such a name is one file, in parts


class Asset(Record, frozen=True):
    """A theme's file as it is published; `output` carries a digest of `body`."""

    output: str
    body: bytes


class Part(NamedTuple):
    """A file of a theme that is an asset, or one of several that are; `source` is how messages name it."""

    source: str
    body: bytes


Minify = Callable[[str, Part], bytes]  # the asset's name, and what is to be smaller; raises ConfigError


def as_it_is(_: str, part: Part) -> bytes:
    """Return a part's bytes."""
    return part.body


class Assets:
    """Gathers the files of a chain, what is extended first, into assets.

    A folder `style.css/` is the style sheet `style.css`: its parts are the files of its kind in it, in the order of
    their names. A file takes the place of the one of its name, so one part can be replaced, or one more be added; a
    file `style.css` takes the place of all parts, and whoever comes after it may add parts again.
    """

    def __init__(self) -> None:
        self._files: dict[str, dict[str, Part]] = {}  # asset -> file -> part

    def add(self, file: str, part: Part) -> None:
        """Take a file, by its path inside `assets/`."""
        asset = bundle_of(file)
        if asset == file:
            self._files[asset] = {file: part}
        else:
            self._files.setdefault(asset, {})[file] = part

    def parts(self) -> dict[str, tuple[Part, ...]]:
        """Return the parts of each asset in their order, a whole file before what was added to it."""
        return {asset: tuple(files[file] for file in sorted(files)) for asset, files in self._files.items()}


def bundle_of(file: str) -> str:
    """Return the asset that a file is a part of: mostly itself.

    >>> bundle_of("style.css/20-cards.css"), bundle_of("style.css/dot.svg")
    ('style.css', 'style.css/dot.svg')
    """
    path = PurePosixPath(file)
    folders = (str(folder) for folder in reversed(path.parents) if folder.suffix == path.suffix)
    return next(folders, file) if path.suffix in BUNDLED else file


def publish_assets(assets: dict[str, tuple[Part, ...]], minify: Minify = as_it_is) -> dict[str, Asset]:
    """Return what is published of each asset; a style sheet refers to the others by their published names.

    Raises:
        ConfigError: with every `url()` and `@import` that leads to no asset, or in a circle, and whatever `minify`
            finds wrong.
    """
    press = _Press(assets, minify)
    published = {name: press.publish(name) for name in assets}
    if press.problems:
        raise ConfigError(sorted(press.problems))
    return published


_CSS_REFERENCE = re.compile(
    r"""/\*.*?\*/"""  # skipped, like plain strings: a comment may hold anything
    r"""|(?P<before>(?:(?:@import\s+)?url\(\s*|@import\s+(?=["']))["']?)(?P<name>[^"')\s;?\#]+)"""
    r"""|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*\'""",
    re.DOTALL | re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.IGNORECASE)


class _Press:
    def __init__(self, assets: dict[str, tuple[Part, ...]], minify: Minify):
        self.problems: list[Problem] = []
        self._assets = assets
        self._minify = minify
        self._done: dict[str, Asset] = {}
        self._open: list[str] = []  # style sheets whose references are being followed

    def publish(self, name: str) -> Asset:
        if name not in self._done:
            self._open.append(name)
            body = _JOINTS.get(PurePosixPath(name).suffix, b"").join(self._bodies(name, self._assets[name]))
            self._open.pop()
            self._done[name] = Asset(f"assets/{_named_by(name, body)}", body)
        return self._done[name]

    def _bodies(self, name: str, parts: Sequence[Part]) -> list[bytes]:
        if PurePosixPath(name).suffix not in BUNDLED:
            return [part.body for part in parts]
        bodies = []
        for part in parts:
            whole = self._rewritten(name, part, is_first=part is parts[0]) if name.endswith(".css") else part
            try:
                bodies.append(self._minify(name, whole) if whole.body else b"")
            except ConfigError as error:
                self.problems += error.problems
        return bodies

    def _rewritten(self, sheet: str, part: Part, *, is_first: bool) -> Part:
        text = part.body.decode("utf-8", "surrogateescape")

        def replace(match: re.Match[str]) -> str:
            name = match["name"]
            line = text.count("\n", 0, match.start()) + 1
            if name and not is_first and match["before"].lower().startswith("@import"):
                message, hint = "an @import in a later part of a style sheet is ignored by browsers", "make it a part"
                self.problems.append(Problem(part.source, line, 0, "", message, hint))
            if not name or _ELSEWHERE.match(name):
                return match[0]
            published = self._published(part, normpath(str(PurePosixPath(sheet).parent / name)), line)
            return f"{match['before']}{PurePosixPath(name).with_name(published)}"

        return part._replace(body=_CSS_REFERENCE.sub(replace, text).encode("utf-8", "surrogateescape"))

    def _published(self, part: Part, name: str, line: int) -> str:
        if name not in self._assets:
            message, hint = f"the theme has no assets/{name}", did_you_mean(name, self._assets)
        elif name in self._open:
            message, hint = f"{' → '.join([*self._open, name])} is a circle", "a style sheet cannot import itself"
        else:
            return PurePosixPath(self.publish(name).output).name
        self.problems.append(Problem(part.source, line, 0, "", message, hint))
        return "missing"


# What stands between two parts: a script's last line may lack its semicolon, or be a comment.
_JOINTS = {".css": b"\n", ".js": b"\n;\n"}


def _named_by(name: str, body: bytes) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{short_name(digest_bytes(body))}{path.suffix}"))
