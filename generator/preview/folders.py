"""Folders: which real folders must be watched for some places, by one walk that enters links as reading does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from generator.preview.noise import is_noise

Mark = tuple[str, int, int] | None  # real path, device, inode; None: it is not there


class Watched(NamedTuple):
    """What is watched: real folders, and the paths by which the site knows what lies in them.

    A folder that is watched for single files has no path of its own; the files stand in `files` by their real paths.
    `links` are the paths of links to folders.
    """

    folders: dict[str, list[str]]
    files: dict[str, list[str]]
    links: set[str]
    marks: dict[str, Mark]  # of every place, to see when it is another one

    def paths(self, real: str) -> list[str]:
        """Return the paths by which the site knows an entry of a watched folder, none where it does not."""
        folder, _, name = real.rpartition("/")
        found = [f"{shown}/{name}" for shown in self.folders.get(folder or "/", ())]
        return found + self.files.get(real, [])


def mark(place: str) -> Mark:
    """Return what tells a place from another one that took its name."""
    try:
        stat = os.stat(place)
    except OSError:
        return None
    return os.path.realpath(place), stat.st_dev, stat.st_ino


def find_folders(places: Iterable[str], ignored: frozenset[str], home: str, enter: Callable[[str], object]) -> Watched:
    """Walk the places; `enter` is called with each real folder before it is listed, so that nothing made later is lost.

    Args:
        places: absolute paths of folders, or of single files; those that are not there are waited for.
        ignored: absolute paths that are left out, with all below them.
        home: links that lead below this real folder are entered, each target once; others are not.
        enter: may raise OSError: a folder that has just gone is passed over.
    """
    walk = _Walk(Watched({}, {}, set(), {}), ignored, home.rstrip("/"), enter)
    for place in places:
        walk.watched.marks[place] = mark(place)
        walk.file(place, os.path.join(os.path.realpath(os.path.dirname(place)), os.path.basename(place)))
        real = os.path.realpath(place)
        if os.path.isdir(real):
            walk.folder(place, real)
        elif os.path.islink(place):
            walk.file(place, real)
    return walk.watched


class _Walk:
    def __init__(self, watched: Watched, ignored: frozenset[str], home: str, enter: Callable[[str], object]):
        self.watched = watched
        self.ignored = ignored
        self.home = home
        self.enter = enter
        self.linked: set[str] = set()

    def folder(self, shown: str, real: str) -> None:
        """Watch a folder and all below it."""
        todo = [(shown, real)]
        while todo:
            shown, real = todo.pop()
            if shown in self.watched.folders.get(real, ()):
                continue
            try:
                self.enter(real)
                entries = list(os.scandir(real))
            except (FileNotFoundError, NotADirectoryError, PermissionError):
                continue
            self.watched.folders.setdefault(real, []).append(shown)
            todo += [found for entry in entries if (found := self.below(shown, entry))]

    def below(self, shown: str, entry: os.DirEntry[str]) -> tuple[str, str] | None:
        """Return an entry as a folder to walk; a link to a file is noted."""
        path = f"{shown.rstrip('/')}/{entry.name}"
        if path in self.ignored or is_noise(entry.name):
            return None
        if not entry.is_symlink():
            return (path, entry.path) if entry.is_dir() else None
        real = os.path.realpath(entry.path)
        if not real.startswith(f"{self.home}/"):
            return None
        if not os.path.isdir(real):
            self.file(path, real)
        elif real not in self.linked and not f"{os.path.realpath(shown)}/".startswith(f"{real}/"):
            self.linked.add(real)
            self.watched.links.add(path)
            return path, real
        return None

    def file(self, shown: str, real: str) -> None:
        """Watch a single entry of a folder."""
        folder = os.path.dirname(real)
        try:
            self.enter(folder)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return
        self.watched.folders.setdefault(folder, [])
        self.watched.files.setdefault(real, []).append(shown)
