"""Sources read again: what pages are made of, and where in a file a problem is; none may have changed."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from generator.base.digest import digest_bytes
from generator.base.problems import IN_BODY, Problem, Trail
from generator.builder.run import SourceChanged
from generator.builder.store import Store
from generator.content.front_matter import locate
from generator.pages.press import Filed
from generator.reading import Known, Reading


class Files:
    """What the making of pages reads: filed articles, and sources as the bytes that were read before."""

    def __init__(self, root: str, store: Store[Reading], entries: Known):
        self._root = root
        self._store = store
        self._entries = entries
        self._blobs = {path: entry.blob for path, entry in entries.items() if entry.blob}

    def filed(self, path: str) -> Filed:
        """Return what the store holds of an article."""
        return Filed.decode(*self._store.read(self._blobs[path]))

    def item(self, path: str) -> bytes:
        """Return an article's item in the JSON API."""
        return self._store.read_first(self._blobs[path])

    def digest(self, path: str) -> bytes:
        """Return the digest of what the store holds of an article."""
        return self._blobs[path].digest

    def body(self, path: str) -> bytes:
        """Return the digest of an article's commentary, b"" where it has none."""
        return self._entries[path].value.body

    def source(self, path: str, digest: bytes) -> bytes:
        """Return a source's bytes.

        Raises:
            SourceChanged: where they are not those that were read at the start of the build.
        """
        return _read_again(self._root, path, digest)


def _read_again(root: str, path: str, digest: bytes) -> bytes:
    try:
        with open(os.path.join(root, path), "rb") as file:
            data = file.read()
    except OSError:
        raise SourceChanged(path) from None
    if digest_bytes(data) != digest:
        raise SourceChanged(path)
    return data


def locate_all(
    problems: Iterable[Problem], root: str, entries: Known, known: dict[str, tuple[int, int]]
) -> tuple[tuple[Problem, ...], dict[str, tuple[int, int]]]:
    """Return the problems sorted, those that name a value in a file with its line; and the positions, for next time."""
    positions: dict[str, tuple[int, int]] = {}
    located = []
    for problem in problems:
        if problem.trail and not problem.line and problem.path in entries:
            digest = entries[problem.path].digest
            name = f"{digest.hex()} {problem.trail}"
            if name not in positions:
                positions[name] = known.get(name) or _position(_read_again(root, problem.path, digest), problem.trail)
            line, column = positions[name]
            problem = msgspec.structs.replace(problem, line=line, column=column)
        located.append(msgspec.structs.replace(problem, trail=()))
    return tuple(sorted(set(located))), positions


def _position(data: bytes, trail: Trail) -> tuple[int, int]:
    """Return line and column of a front-matter value, or of a text's first occurrence in the file."""
    if trail[0] != IN_BODY:
        return locate(data, trail)
    before, found, _ = data.decode("utf-8", "replace").partition(str(trail[1]))
    return (before.count("\n") + 1, len(before) - before.rfind("\n")) if found else (0, 0)
