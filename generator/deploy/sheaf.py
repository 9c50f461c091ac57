"""Sheaves: pages that nearly every deploy replaces, kept together where each copy would be a request of its own.

A new article moves what every page of the JSON API lists. To be able to go back, what is replaced must be kept: file
by file that would be as many requests again. So a deploy that brings many of these pages leaves them in one file, too,
and with them the few other texts that it brings; the next one has most of what it replaces already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 (it is a class)

from generator.base.digest import digest_bytes
from generator.deploy.headers import class_of
from generator.deploy.manifest import CONTROL, Digest, Row
from generator.deploy.target import DeployFailed, Put, Source

LEAST = 100  # pages that a sheaf is worth its upload for
_TEXTS = frozenset({"pages", "feeds", "api"})
_MOVING = re.compile(r"api/(?:[^/]+/)*page/\d+/")
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # the time of every file in a sheaf: same pages, same bytes

Sheaves = Mapping[Digest, tuple[Digest, ...]]  # by name, what each holds


def new_sheaf(puts: Iterable[Put]) -> Sheaves:
    """Return the sheaf of what a deploy brings; none where that is little.

    Texts of all kinds are in it, such as lists, unless they are more than those pages: a whole site is not kept twice.
    """
    texts = [put for put in puts if not put.same and class_of(put.path) in _TEXTS]
    moving = {put.row.digest for put in texts if _MOVING.match(put.path)}
    if len(moving) < LEAST:
        return {}
    every = {put.row.digest for put in texts}
    held = sorted(every if len(every) <= 2 * len(moving) else moving)
    return {digest_bytes("".join(held).encode()).hex(): tuple(held)}


def needed_sheaves(sheaves: Sheaves, files: Mapping[str, Row], puts: Iterable[Put], saved: Iterable[Digest]) -> Sheaves:
    """Return those that hold what the version before needs or what is to be put back, and those at least half of which
    the site (`files`) still has, and may replace next.
    """
    if not sheaves:
        return {}
    needed, current = {*saved, *(put.row.digest for put in puts)}, {row.digest for row in files.values()}
    return {
        name: held
        for name, held in sheaves.items()
        if not needed.isdisjoint(held) or 2 * len(current.intersection(held)) >= len(held)
    }


def sheaf_file(name: Digest) -> str:
    """Return where a sheaf lies."""
    return f"{CONTROL}/sheaves/{name}.zip"


def bind_sheaf(held: Sequence[Digest], puts: Iterable[Put], source: Source) -> bytes:
    """Return the bytes of a sheaf; the pages are among the puts."""
    by_digest = {put.row.digest: put for put in puts}
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED, compresslevel=1) as sheaf:
        for digest in held:
            put = by_digest[digest]
            sheaf.writestr(ZipInfo(digest, _ALWAYS), source.read(put.path, put.row), ZIP_DEFLATED, 1)
    return data.getvalue()


class Once:
    """The bytes of a site; those of a sheaf's pages, which are asked for twice, are read once.

    They go to their place and into the sheaf at about the same time: who comes first leaves them to the other.
    """

    def __init__(self, source: Source, sheaves: Sheaves):
        self.saved = source.saved
        self._source = source
        self._wanted = {digest for held in sheaves.values() for digest in held}
        self._left: dict[Digest, bytes] = {}

    def read(self, path: str, row: Row) -> bytes:
        """Return the bytes of a file, exactly those of its row."""
        data = self._left.pop(row.digest, None)
        if data is None:
            data = self._source.read(path, row)
            if row.digest in self._wanted:
                self._wanted.discard(row.digest)
                self._left[row.digest] = data
        return data


class Unbound:
    """What sheaves of a target hold, for a version to be put there again. All of them are opened before it begins."""

    saved = False

    def __init__(self, sheaves: Sheaves, wanted: Iterable[Digest], read: Callable[[str], bytes | None], place: str):
        self._place = place
        self._held: dict[Digest, ZipFile] = {}
        wanted = set(wanted)
        for name, held in sheaves.items():
            here = wanted.intersection(held)
            if here:
                self._held |= dict.fromkeys(here, self._opened(name, here, read(sheaf_file(name))))

    def __contains__(self, put: Put) -> bool:
        return put.row.digest in self._held and not put.same

    def read(self, path: str, row: Row) -> bytes:
        """Return the bytes of a page.

        Raises:
            DeployFailed: where they are not those of its row.
        """
        try:
            with self._held[row.digest].open(row.digest) as page:
                data = page.read(row.size + 1)  # no more, whatever somebody has packed
        except (KeyError, BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError):  # the last: a password
            data = b""
        if digest_bytes(data).hex() != row.digest:
            raise DeployFailed(f"{self._place}/{path}: its bytes were not kept; deploy that version from its sources")
        return data

    def _opened(self, name: Digest, wanted: set[Digest], data: bytes | None) -> ZipFile:
        with suppress(BadZipFile):
            sheaf = ZipFile(BytesIO(data or b""))
            if wanted.issubset(sheaf.namelist()):
                return sheaf
        raise DeployFailed(
            f"{self._place}/{sheaf_file(name)}: is not what was kept there; deploy that version from its sources"
        )
