"""The manifest of a deploy: what is on the target, stored there beside the site, and not a word of where it is from."""

from __future__ import annotations

import gzip
import json
import re
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from generator.base.digest import digest_bytes
from generator.base.problems import BroadsheetError
from generator.base.record import Record

CONTROL = ".broadsheet-deploy"  # a folder of the target that no page leads to
FORMAT = 1
_GZIP = b"\x1f\x8b"

# What is read from a target may have been written by anybody: no name may lead out of the web root, or into our folder.
Path = Annotated[
    str, msgspec.Meta(pattern=rf"\A(?!{re.escape(CONTROL)}(?:/|\Z))(?:(?!\.\.?(?:/|\Z))[^/\0]+(?:/(?!\Z)|\Z))+\Z")
]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]

Found = TypeVar("Found", bound=msgspec.Struct)


class ManifestBroken(BroadsheetError):
    """What lies in the manifest's place was not written by us, or by a later version of us."""


class Row(Record, frozen=True):
    """A file of the site: the digest of its bytes (hexadecimal), their number, and what a reader is told with them.

    `headers` is a short digest of the headers, "" where the target keeps none.
    """

    digest: Digest
    size: int
    headers: str = ""


class Kept(Record, frozen=True):
    """A file that the site no longer has, and open pages may still ask for.

    `since` is when it left the site (s since 1970), `version` the first version of the site without it.
    """

    row: Row
    since: int
    version: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a deploy leaves to the next.

    `version` counts the sites that stood here, `turn` the deploys that changed anything, also those that put the same
    site right: so no two manifests of a place are one. `saved` are the digests of those files of the version before
    that are kept aside. `sheaves` are files of many pages in one, by name the digests of what they hold.
    """

    site: str  # base_url
    authority: str  # of the ids in feeds
    version: int
    files: dict[Path, Row]
    kept: dict[Path, Kept] = {}
    saved: tuple[Digest, ...] = ()
    sheaves: dict[Digest, tuple[Digest, ...]] = {}
    turn: int = 1
    format: int = FORMAT

    def identity(self) -> str:
        """Return a digest of all of it."""
        return digest_bytes(encode_manifest(self)).hex()


class Pending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a deploy is about to do, written before its first change and removed after its last.

    `touched` are the paths in the order in which they become `Row`s, or go (None). `deploy` is the identity of the
    manifest that it will write. `aside` are the digests of all that is kept aside until that manifest is there; among
    them is every file of the version before that the deploy replaces.
    """

    deploy: str
    touched: tuple[tuple[Path, Row | None], ...]
    aside: tuple[Digest, ...] = ()
    format: int = FORMAT


class Progress(NamedTuple):
    """How many of the touched paths of a pending deploy are as they should be, from the first on."""

    deploy: str
    done: int


_HEAD = ("format", "site", "authority", "version", "turn", "saved", "sheaves")


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as JSON, a line for each file in the order of paths, so that two versions differ little."""
    fields = {name: getattr(manifest, name) for name in _HEAD}
    head = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items())
    files, kept = _lines(manifest.files), _lines(manifest.kept)
    return b'{%b,\n"files": {\n%b\n},\n"kept": {\n%b\n}}\n' % (head.encode(), files, kept)


def _lines(rows: dict[str, Row] | dict[str, Kept]) -> bytes:
    encode = msgspec.json.Encoder().encode
    return b",\n".join([encode(path) + b":" + encode(rows[path]) for path in sorted(rows)])


def decode_manifest(data: bytes, place: str) -> Manifest:
    """Return the manifest that was read at `place`.

    Raises:
        ManifestBroken: where it is none, or of a version of Broadsheet to come.
    """
    return _decode(data, place, Manifest)


def encode_pending(pending: Pending) -> bytes:
    """Return what a deploy is about to do, packed."""
    return pack(msgspec.json.encode(pending))


def decode_pending(data: bytes, place: str) -> Pending:
    """Return what a deploy was about to do.

    Raises:
        ManifestBroken: as for a manifest.
    """
    return _decode(data, place, Pending)


def encode_progress(progress: Progress) -> bytes:
    """Return how far a deploy is."""
    return f"{progress.deploy} {progress.done}\n".encode()


def decode_progress(data: bytes | None) -> Progress | None:
    """Return how far a deploy was; None where that is not known."""
    deploy, _, done = (data or b"").decode("ascii", "replace").strip().partition(" ")
    return Progress(deploy, int(done)) if done.isascii() and done.isdigit() else None


def pack(data: bytes) -> bytes:
    """Return bytes packed, the same at every time."""
    return gzip.compress(data, 3, mtime=0)  # more would save little of digests


def _decode(data: bytes, place: str, kind: type[Found]) -> Found:
    try:
        return msgspec.json.decode(gzip.decompress(data) if data.startswith(_GZIP) else data, type=kind)
    except (msgspec.MsgspecError, OSError, EOFError, UnicodeDecodeError) as error:
        raise ManifestBroken(
            f"{place}: is not what this version of Broadsheet writes there ({error}); "
            "deploy with the version that wrote it, or remove it and deploy with `--force`"
        ) from error
