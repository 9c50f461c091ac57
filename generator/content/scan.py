"""scan: the content folder -> its source files, by one walk and one stat for each file."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from generator.base.config import Site
from generator.base.problems import ConfigError, Problem
from generator.base.records import SourceFile, Stat

_DATA = {"topics": "topic", "providers": "provider", "organizations": "provider", "pages": "page"}
_FILES = {"images": "picture", "assets": "asset", "static": "static"}
_SUFFIXES = {
    "article": (".md",),
    "topic": (".yaml", ".yml"),
    "provider": (".yaml", ".yml", ".md"),
    "page": (".md",),
}
_TEMPORARY = re.compile(r".*(?:~|\.swp|\.swo|\.tmp|#)|#.*|___jb_.*|Thumbs\.db|desktop\.ini", re.DOTALL)
_NEVER = frozenset({".DS_Store", ".git"})


class Scan(NamedTuple):
    """What the content folder holds.

    `sources` are sorted by path; `ignored` counts the files and folders that have no meaning to us.
    """

    sources: tuple[SourceFile, ...]
    ignored: int
    problems: tuple[Problem, ...]


def scan(site: Site) -> Scan:
    """List the content's files; no file is opened.

    Raises:
        ConfigError: there is no content folder.
    """
    if not os.path.isdir(site.content):
        hint = 'create it, or name your folder of articles: content = "…"'
        raise ConfigError([Problem("site.toml", 0, 0, "content", f"there is no folder {site.settings.content}", hint)])
    walk = _Walk(site)
    walk.top("", _places(site.settings.sections))
    return Scan(tuple(sorted(walk.sources, key=_path)), walk.ignored, tuple(sorted(walk.problems)))


class _Place(NamedTuple):
    kind: str
    section: str
    prefix: str  # before the path inside the folder, in `name`


def _places(sections: tuple[str, ...]) -> dict[str, _Place]:
    """Return what the folders of the content mean, by their path in it."""
    places: dict[str, _Place] = {}
    for folder, kind in _DATA.items():
        for path in (folder, f"_{folder}", f"_data/{folder}"):
            places[path] = _Place(kind, "", "")
    for folder, kind in _FILES.items():
        for path in (folder, f"_{folder}"):
            places[path] = _Place(kind, "", "" if kind == "static" else f"{folder}/")
    for section in (section.strip("/") for section in sections):
        for path in (section, f"_{section}", f"_archive/_{section}"):
            places[path] = _Place("article", section, "")
    return places


class _Walk:
    """One walk through the content, and what it has met."""

    def __init__(self, site: Site):
        self.content = os.fspath(site.content)
        self.prefix = _prefix(site)
        self.homes = tuple(os.path.realpath(home) for home in (site.root, site.content))
        self.sources: list[SourceFile] = []
        self.problems: list[Problem] = []
        self.ignored = 0
        self.linked: set[str] = set()  # real folders that were entered through a link

    def top(self, folder: str, places: dict[str, _Place]) -> None:
        """Walk the folders that mean something; `folder` is "" or ends with a slash."""
        for entry in self.entries(folder):
            path = folder + entry.name
            if path in places and self.is_folder(entry, path):
                self.inside(f"{path}/", places[path], "")
            elif any(place.startswith(f"{path}/") for place in places) and self.is_folder(entry, path):
                self.top(f"{path}/", places)
            elif not _hidden(entry.name):
                self.ignored += 1

    def inside(self, folder: str, place: _Place, below: str) -> None:
        """Walk a folder whose files are of one kind."""
        for entry in self.entries(folder):
            name = entry.name
            if name in _NEVER or (place.kind != "static" and _hidden(name)):
                continue
            if self.is_folder(entry, folder + name):
                self.inside(f"{folder}{name}/", place, f"{below}{name}/")
            elif place.kind in _SUFFIXES and not name.lower().endswith(_SUFFIXES[place.kind]):
                self.ignored += 1
            elif stat := self.stat(entry, folder + name):
                shown = place.prefix + below + name if place.kind in ("picture", "asset", "static") else name
                self.sources.append(SourceFile(self.prefix + folder + name, place.kind, shown, place.section, stat))

    def entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        """Yield a folder's entries whose names can be published."""
        try:
            with os.scandir(f"{self.content}/{folder}") as listing:
                entries = list(listing)
        except OSError as error:
            self.refuse(folder.rstrip("/"), f"the folder cannot be read: {error.strerror}", "check its permissions")
            return
        for entry in entries:
            name = entry.name
            if (name.isascii() and name.isprintable()) or self.named(folder, name):
                yield entry

    def named(self, folder: str, name: str) -> bool:
        """Tell whether a name is text; refuse it otherwise."""
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
            self.refuse(folder + name, "the file's name is not UTF-8 text, or has control characters", "rename it")
            return False
        return True

    def is_folder(self, entry: os.DirEntry[str], path: str) -> bool:
        """Tell whether to walk into `entry`: a link is followed once, and only inside the site."""
        try:
            if not entry.is_dir():
                return False
            if not entry.is_symlink():
                return True
        except OSError:  # a link to itself
            return False
        real = os.path.realpath(entry.path)
        here = os.path.realpath(os.path.dirname(entry.path))
        if self.leads_out(real, path):
            return False
        if real in self.linked or f"{here}/".startswith(f"{real}/"):
            self.refuse(path, "this link leads to a folder that is read already", "delete the link")
            return False
        self.linked.add(real)
        return True

    def stat(self, entry: os.DirEntry[str], path: str) -> Stat | None:
        """Return a regular file's stat; None for what is none, and for a file that has just gone."""
        try:
            if entry.is_symlink() and self.leads_out(os.path.realpath(entry.path), path):
                return None
            if not entry.is_file():
                if entry.is_symlink() and not os.path.isdir(entry.path):
                    self.refuse(path, "this link leads nowhere", "delete it")
                return None
            stat = entry.stat()
        except OSError:
            return None
        return Stat(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)

    def leads_out(self, real: str, path: str) -> bool:
        """Refuse a link whose target is outside of the site."""
        if any(real == home or real.startswith(f"{home.rstrip('/')}/") for home in self.homes):
            return False
        self.refuse(path, "this link leads out of the site", "put a copy of the file here")
        return True

    def refuse(self, path: str, message: str, hint: str) -> None:
        """Note what is left out of the site."""
        shown = (self.prefix + path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        shown = "".join(c if unicodedata.category(c) != "Cc" else c.encode("unicode_escape").decode() for c in shown)
        self.problems.append(Problem(shown, 0, 0, "", message, hint))


def _prefix(site: Site) -> str:
    """Return what stands before a path in the content: the `content` setting, without this machine's folders."""
    try:
        prefix = site.content.relative_to(site.root).as_posix()
    except ValueError:
        prefix = site.settings.content
    return "" if prefix in ("", ".") else prefix.rstrip("/") + "/"


def _hidden(name: str) -> bool:
    return name.startswith(".") or _TEMPORARY.fullmatch(name) is not None


def _path(source: SourceFile) -> str:
    return source.path
