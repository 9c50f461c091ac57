"""scan: the content folder -> its source files, by one walk and a stat for each file that nobody has looked at yet."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from stat import S_ISREG
from typing import NamedTuple

from msgspec.structs import replace

from generator.base.config import Site
from generator.base.files import Look, look
from generator.base.problems import ConfigError, Problem
from generator.base.records import SourceFile
from generator.base.toml import toml_position

_DATA = {"topics": "topic", "providers": "provider", "organizations": "provider", "pages": "page"}
_FILES = {"images": "picture", "assets": "asset", "static": "static"}
_SUFFIXES = {
    "article": (".md",),
    "topic": (".yaml", ".yml"),
    "provider": (".yaml", ".yml", ".md"),
    "page": (".md",),
}
_TEMPORARY = ("~", "#", ".swp", ".swo", ".tmp", "Thumbs.db", "desktop.ini", "___jb_tmp___", "___jb_old___")
_NEVER = frozenset({".DS_Store", ".git"})


class Scan(NamedTuple):
    """What the content folder holds.

    `sources` are sorted by path; `ignored` counts the files and folders that have no meaning to us.
    """

    sources: tuple[SourceFile, ...]
    ignored: int
    problems: tuple[Problem, ...]


def scan(site: Site, seen: Mapping[str, Look] = {}) -> Scan:
    """List the content's files; no file is opened.

    Args:
        seen: looks that were taken just before, by the path in the content; of no use where a link leads to a file.

    Raises:
        ConfigError: there is no content folder.
    """
    if not os.path.isdir(site.content):
        hint = 'create it, or name your folder of articles: content = "…"'
        place = toml_position(site.text, ("content",))
        raise ConfigError(
            [Problem("site.toml", *place, "content", f"there is no folder {site.settings.content}", hint)]
        )
    walk = _Walk(site, seen)
    walk.top("", _places(site.settings.sections))
    return Scan(tuple(sorted(walk.sources, key=_path)), walk.ignored, tuple(sorted(walk.problems)))


def scan_again(site: Site, last: Scan, changed: frozenset[str]) -> Scan | None:
    """Return the last scan with new looks at the files that changed.

    None where only a whole scan can tell: something came, went, or is no source that was known.

    Args:
        changed: absolute paths; those outside the content do not matter here.
    """
    content, prefix = os.path.normpath(site.content), content_prefix(site)
    places = {source.path: at for at, source in enumerate(last.sources)}
    sources = list(last.sources)
    for path in changed:
        if path != content and not path.startswith(content + os.sep):
            continue
        at = places.get(prefix + path[len(content) + 1 :].replace(os.sep, "/"))
        try:
            stat = os.stat(path) if at is not None and not os.path.islink(path) else None
        except OSError:
            stat = None
        if at is None or stat is None or not S_ISREG(stat.st_mode):
            return None
        sources[at] = replace(sources[at], stat=look(stat))
    return last._replace(sources=tuple(sources))


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

    def __init__(self, site: Site, seen: Mapping[str, Look]):
        self.seen = seen
        self.content = os.fspath(site.content)
        self.prefix = content_prefix(site)
        self.homes = tuple(os.path.realpath(home) for home in (site.root, site.content))
        self.sources: list[SourceFile] = []
        self.problems: list[Problem] = []
        self.ignored = 0
        self.linked: set[str] = set()  # real folders that were entered through a link

    def top(self, folder: str, places: dict[str, _Place]) -> None:
        """Walk the folders that mean something; `folder` is "" or ends with a slash."""
        for entry in self.entries(folder):
            path = folder + entry.name
            leads_on = any(place.startswith(f"{path}/") for place in places)
            if (path in places or leads_on) and self.kind(entry, path) == "folder":
                if path in places:
                    self.inside(f"{path}/", places[path], "")
                else:
                    self.top(f"{path}/", places)
            elif not _hidden(entry.name):
                self.ignored += 1

    def inside(self, folder: str, place: _Place, below: str) -> None:
        """Walk a folder whose files are of one kind."""
        suffixes = _SUFFIXES.get(place.kind, "")
        for entry in self.entries(folder):
            name = entry.name
            if name in _NEVER or (place.kind != "static" and _hidden(name)):
                continue
            kind = self.kind(entry, folder + name)
            if kind == "folder":
                self.inside(f"{folder}{name}/", place, f"{below}{name}/")
            elif kind == "file" and name.lower().endswith(suffixes):
                self.add(entry, folder, place, below)
            else:
                self.ignored += kind == "file"

    def add(self, entry: os.DirEntry[str], folder: str, place: _Place, below: str) -> None:
        """Add a source, unless it has just gone."""
        about = None if entry.is_symlink() else self.seen.get(folder + entry.name)
        if about is None:
            try:
                about = look(entry.stat())
            except OSError:
                return
        name = entry.name if place.kind in _SUFFIXES else place.prefix + below + entry.name
        self.sources.append(SourceFile(self.prefix + folder + entry.name, place.kind, name, place.section, about))

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

    def kind(self, entry: os.DirEntry[str], path: str) -> str:
        """Return "folder", "file", or "" for what is not read (a pipe, a link that leads astray)."""
        if entry.is_symlink():
            return self.linked_kind(entry.path, path)
        return "folder" if entry.is_dir() else "file" if entry.is_file() else ""

    def linked_kind(self, link: str, path: str) -> str:
        """Return what a link leads to; a folder is entered once, so that neither circles nor copies arise."""
        real, here = os.path.realpath(link), os.path.realpath(os.path.dirname(link))
        if not os.path.exists(real):
            self.refuse(path, "this link leads nowhere", "delete it")
        elif not any(f"{real}/".startswith(f"{home.rstrip('/')}/") for home in self.homes):
            self.refuse(path, "this link leads out of the site", "put a copy of the file here")
        elif os.path.isfile(real):
            return "file"
        elif real in self.linked or f"{here}/".startswith(f"{real}/"):
            self.refuse(path, "this link leads to a folder that is read already", "delete the link")
        elif os.path.isdir(real):
            self.linked.add(real)
            return "folder"
        return ""

    def refuse(self, path: str, message: str, hint: str) -> None:
        """Note what is left out of the site."""
        shown = (self.prefix + path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        shown = "".join(c if unicodedata.category(c) != "Cc" else c.encode("unicode_escape").decode() for c in shown)
        self.problems.append(Problem(shown, 0, 0, "", message, hint))


def content_prefix(site: Site) -> str:
    """Return what stands before a path in the content: the `content` setting, without this machine's folders."""
    try:
        prefix = site.content.relative_to(site.root).as_posix()
    except ValueError:
        prefix = site.settings.content
    return "" if prefix in ("", ".") else prefix.rstrip("/") + "/"


def _hidden(name: str) -> bool:
    return name[0] in ".#" or name.endswith(_TEMPORARY)


def _path(source: SourceFile) -> str:
    return source.path
