"""Looking at an output folder: what is there of all that its listing names, and a digest that tells any change."""

from __future__ import annotations

import marshal
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from generator.base.aside import Give, aside
from generator.base.files import Look, digest_looks, look_at
from generator.base.listing import NAME, decode_listing, is_long


class Found(NamedTuple):
    """The listing as it is read, the names in it, and the looks of those that are files of the folder's own."""

    listing: bytes
    names: list[str]
    files: dict[str, Look]


class Looks:
    """One look at a folder, which may still be going on: the digest is known before all that was found is."""

    def __init__(self, folder: Path, parts: Iterator[bytes]):
        self.folder = folder
        self._parts = parts

    @cached_property
    def digest(self) -> str:
        """A digest over the looks of every file that the listing names, and of the listing; "" where there is none."""
        return next(self._parts).decode()

    @cached_property
    def found(self) -> Found:
        """All that was found."""
        assert self.digest is not None  # it comes first
        return Found(*marshal.loads(next(self._parts)))  # noqa: S302 (our own process's)


@contextmanager
def looking(folder: Path) -> Iterator[Looks]:
    """Look at an output folder; at a large one, another process does, and at another one only as far as is asked."""

    def work(give: Give) -> None:
        for part in _look(folder):
            give(part)

    with aside(work, worth=True) if is_long(folder) else nullcontext(_look(folder)) as parts:
        yield Looks(folder, parts)


def look_at_own(folder: Path, paths: Collection[str]) -> dict[str, Look]:
    """Look at those of the paths that are files; what lies behind a link is somebody else's."""
    return dict(_without_linked(folder, look_at(str(folder), paths)))


def parents(path: str) -> list[str]:
    """Return all folders above a path, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]


def _look(folder: Path) -> Iterator[bytes]:
    """Yield the digest, and then what was found."""
    try:
        listing = (folder / NAME).read_bytes()
    except OSError:
        yield b""
        yield marshal.dumps((b"", [], {}))
        return
    names = decode_listing(listing)
    looks = look_at(str(folder), [*names, NAME])
    yield digest_looks(looks).encode()
    files = dict(_without_linked(folder, looks))
    files.pop(NAME, None)
    yield marshal.dumps((listing, names, files))


def _without_linked(folder: Path, looks: list[tuple[str, Look]]) -> list[tuple[str, Look]]:
    linked = _linked_folders(folder, [path for path, _ in looks])
    return [(path, seen) for path, seen in looks if not linked.intersection(parents(path))] if linked else looks


def _linked_folders(folder: Path, paths: Iterable[str]) -> set[str]:
    """Return those folders above the paths that are links; only folders that hold folders are listed for it."""
    folders: set[str] = set()
    level = {path.rpartition("/")[0] for path in paths}
    while level - folders:
        folders |= level
        level = {folder.rpartition("/")[0] for folder in level}
    linked = set()
    for holder in {inner.rpartition("/")[0] for inner in folders - {""}}:
        above = f"{holder}/" if holder else ""
        try:
            linked |= {f"{above}{entry.name}" for entry in os.scandir(folder / holder) if entry.is_symlink()}
        except OSError:
            continue
    return linked & folders
