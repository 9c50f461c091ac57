"""Copies: compressed ones beside texts, for web servers that hand them out as they are; made when a text changes."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec.structs import replace

from generator.base.digest import digest_bytes
from generator.deploy.headers import class_of, content_type
from generator.deploy.local import OutputFolder
from generator.deploy.manifest import Row
from generator.deploy.target import Progress

SUFFIXES = {"gzip": ".gz", "br": ".br"}
LEAST = 1_024  # bytes; what is smaller goes in one packet as it is
# Brotli's best takes forty times as long as this for a tenth less: too long for pages that change many times a day.
_QUALITY, _BEST = 5, 11


def objections_to_copies(codings: Iterable[str]) -> Iterator[str]:
    """Yield what is missing to make them."""
    if "br" not in codings:
        return
    try:
        import brotli  # noqa: F401
    except ImportError:
        yield "precompress with \"br\" needs an extra: pip install 'broadsheet[brotli]' (brotli is missing)"


def text_of(path: str) -> str:
    """Return the path of which a file is a compressed copy by its name, "" where it is none."""
    return next((path.removesuffix(suffix) for suffix in SUFFIXES.values() if path.endswith(suffix)), "")


class WithCopies:
    """The output of a build and the copies of its texts, which lie in a folder for as long as the deploy takes."""

    saved = False

    def __init__(self, output: OutputFolder, codings: Iterable[str], folder: Path):
        self._output, self._codings, self._folder = output, tuple(dict.fromkeys(codings)), folder
        self._made: set[str] = set()

    def rows(self, files: Mapping[str, Row], known: Mapping[str, Row], progress: Progress) -> dict[str, Row]:
        """Return the files with the copies that stand beside them.

        Args:
            known: what the target is known to have; a copy that is there, beside the same text, is not made again.
        """
        found = dict(files)
        if not self._codings:
            return found
        wanted = []
        for path, row in files.items():
            for copy in self._wanted(path, row, files):
                if path in known and copy in known and known[path].digest == row.digest:
                    found[copy] = known[copy]
                else:
                    wanted.append((copy, path, row))
        with ThreadPoolExecutor() as threads:  # what compresses lets others work
            for at, row in enumerate(threads.map(lambda each: self._make(*each), wanted)):
                found[wanted[at][0]] = row
                progress("Compressing", at + 1, len(wanted))
        self._made.update(copy for copy, _, _ in wanted)
        return found

    def read(self, path: str, row: Row) -> bytes:
        """Return the bytes of a file, those of a copy as they were made."""
        return (self._folder / row.digest).read_bytes() if path in self._made else self._output.read(path, row)

    def _wanted(self, path: str, row: Row, files: Collection[str]) -> list[str]:
        """Return the names of a file's copies; a name that the site uses itself is the site's."""
        if row.size < LEAST or "charset" not in content_type(path):
            return []
        return [copy for coding in self._codings if (copy := path + SUFFIXES[coding]) not in files]

    def _make(self, copy: str, path: str, row: Row) -> Row:
        data = compressed(self._output.read(path, row), path, copy)
        digest = digest_bytes(data).hex()
        (self._folder / digest).write_bytes(data)
        return replace(row, digest=digest, size=len(data))


def compressed(data: bytes, path: str, copy: str) -> bytes:
    """Return a text compressed, the same at every time."""
    if copy.endswith(SUFFIXES["gzip"]):
        return gzip.compress(data, 9, mtime=0)
    import brotli

    quality = _BEST if class_of(path) == "fixed" else _QUALITY
    packed: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=quality)
    return packed
