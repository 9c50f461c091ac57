"""The store: what builds remember, in the deletable folder `.broadsheet/`."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Generic, TypeVar
from zlib import crc32

import msgspec

from generator.base.digest import DIGEST_SIZE, digest_bytes
from generator.base.files import Look, look_at, write_all, write_file
from generator.base.problems import CacheDamaged
from generator.base.record import Record
from generator.builder.manifest import Artifact

R = TypeVar("R")

STATE = "state"
FORMAT = b"broadsheet state 5\n"
_HEAD = len(FORMAT) + 4
MAX_PACKS = 16


class Blob(Record, frozen=True):
    """Where a stored record's bytes lie: a slice of a pack, and the digest that its beginning must have.

    The beginning, `first` bytes, is the digest of the rest and what can be read alone.
    """

    pack: str
    offset: int
    length: int
    first: int
    digest: bytes


class Entry(Record, Generic[R], frozen=True):
    """What is known of a source: the bytes with `digest`, read under `key`, gave `value`.

    `stat` is that of the file whose bytes these are; None where it may not save reading the file again.
    """

    stat: Look | None
    digest: bytes
    key: bytes
    value: R
    blob: Blob | None = None


class State(Record, Generic[R], frozen=True):
    """All that one build leaves to the next."""

    entries: dict[str, Entry[R]] = {}
    artifacts: tuple[Artifact, ...] = ()
    positions: dict[str, tuple[int, int]] = {}  # of problems that were located before
    memo: dict[str, bytes] = {}


class Store(Generic[R]):
    """The cache folder of one site. `kind` is the type of the values that readings give.

    What is filed is `shared` where other machines read it while it is still being written.
    """

    def __init__(self, folder: Path, kind: type[R], shared: bool = False):
        self.folder = folder
        self._shared = shared
        self._kind = kind
        self._decoder = msgspec.msgpack.Decoder(State[kind])  # type: ignore[valid-type]
        self._packs: dict[str, int] = {}  # descriptors, by name
        self._checked: dict[tuple[str, int], bytes] = {}  # what was read before and had the right digest

    def __reduce__(self) -> tuple[object, ...]:
        """A worker on another machine opens the packs anew, from the shared disk."""
        return Store, (self.folder, self._kind, True)

    def __del__(self) -> None:
        self.close()

    def load_state(self) -> State[R]:
        """Return what the last build left, or an empty state where that is missing, damaged or of another version."""
        try:
            data = (self.folder / STATE).read_bytes()
        except OSError:
            return State()
        head, body = data[:_HEAD], memoryview(data)[_HEAD:]
        if head != _head(body):
            return State()
        collecting = gc.isenabled()
        gc.disable()  # a hundred thousand new records would make it run over and over
        try:
            return self._decoder.decode(body)
        except msgspec.MsgspecError:
            return State()
        finally:
            if collecting:
                gc.enable()

    def save_state(self, state: State[R]) -> None:
        """Replace the state in one step, then drop what it no longer needs."""
        state = self.compact(state)
        body = msgspec.msgpack.encode(state)
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self.folder / STATE, _head(body), body)
        live = {entry.blob.pack for entry in state.entries.values() if entry.blob}
        for file in self.folder.glob("*.pack"):
            if file.name not in live:
                file.unlink(missing_ok=True)
        for name in self._packs.keys() - live:
            os.close(self._packs.pop(name))
        self._checked = {place: digest for place, digest in self._checked.items() if place[0] in live}

    def compact(self, state: State[R]) -> State[R]:
        """Return the state with the blobs of many packs in two, so that a year of small builds stays small.

        The pack that holds most stays as it is, unless more than half of it is waste; all others become one.

        Raises:
            CacheDamaged: where a pack is not what was stored.
        """
        live: dict[str, int] = {}
        for entry in state.entries.values():
            if entry.blob:
                live[entry.blob.pack] = live.get(entry.blob.pack, 0) + entry.blob.length
        if len(live) <= MAX_PACKS:
            return state
        largest = max(live, key=lambda pack: live[pack])
        stays = largest if self._size(largest) <= 2 * live[largest] else ""
        with self.new_pack() as pack:
            entries = {
                path: msgspec.structs.replace(entry, blob=pack.append(*self.read(entry.blob)))
                if entry.blob and entry.blob.pack != stays
                else entry
                for path, entry in state.entries.items()
            }
        return msgspec.structs.replace(state, entries=entries)

    def _size(self, pack: str) -> int:
        try:
            return (self.folder / pack).stat().st_size
        except OSError as error:
            raise CacheDamaged(f"{pack}: {error}") from error

    def new_pack(self) -> Pack:
        """Open a pack of its own for a process to append to."""
        self.folder.mkdir(parents=True, exist_ok=True)  # it may be deleted at any time, also under a preview
        return Pack(self.folder / f"{uuid.uuid4().hex}.pack", self._shared)

    def read(self, blob: Blob) -> tuple[bytes, bytes]:
        """Return the two parts of a stored record.

        Raises:
            CacheDamaged: where they are not there or not the ones that were stored.
        """
        data = self._slice(blob, blob.length)
        first, rest = data[: blob.first], data[blob.first :]
        self._check(blob.pack, blob.offset, first, blob.digest)
        self._check(blob.pack, blob.offset + blob.first, rest, first[:DIGEST_SIZE])
        return first[DIGEST_SIZE:], rest

    def read_first(self, blob: Blob) -> bytes:
        """Return the first part of a stored record; what is raised is as for both."""
        data = self._slice(blob, blob.first)
        self._check(blob.pack, blob.offset, data, blob.digest)
        return data[DIGEST_SIZE:]

    def _slice(self, blob: Blob, length: int) -> bytes:
        try:
            data = os.pread(self._descriptor(blob.pack), length, blob.offset)
        except (OSError, ValueError, OverflowError) as error:
            raise CacheDamaged(f"{blob.pack}: {error}") from error
        if len(data) != length:
            raise CacheDamaged(f"{blob.pack}: ends too soon")
        return data

    def _check(self, pack: str, offset: int, data: bytes, digest: bytes) -> None:
        place = (pack, offset)
        if self._checked.get(place) != digest:
            if digest_bytes(data) != digest:
                raise CacheDamaged(f"{pack}: other bytes than were stored")
            self._checked[place] = digest

    def _descriptor(self, pack: str) -> int:
        known = self._packs.get(pack)
        if known is None:
            opened = os.open(self.folder / pack, os.O_RDONLY)
            known = self._packs.setdefault(pack, opened)
            if known != opened:  # another thread was faster
                os.close(opened)
        return known

    def kept(self, name: str) -> bytes | None:
        """Return the kept bytes of a costly output, None where there are none or they are damaged."""
        try:
            data = (self.folder / "variants" / name).read_bytes()
        except OSError:
            return None
        digest, body = data[:DIGEST_SIZE], data[DIGEST_SIZE:]
        return body if digest == digest_bytes(name.encode(), body) else None

    def look_at_kept(self, name: str) -> Look | None:
        """Return the look of the file of kept bytes, by which it is known that they changed."""
        found = look_at(str(self.folder / "variants"), [name])
        return found[0][1] if found else None

    def keep(self, name: str, data: bytes) -> None:
        """Keep the bytes of a costly output beside their digest, so that deleting output/ does not cost them again."""
        file = self.folder / "variants" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, digest_bytes(name.encode(), data), data)

    def prune_kept(self, names: Iterable[str]) -> None:
        """Drop kept bytes that no output needs."""
        folder, wanted = self.folder / "variants", set(names)
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.name not in wanted:
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the packs that were read."""
        for descriptor in self._packs.values():
            os.close(descriptor)
        self._packs.clear()

    def clear(self) -> None:
        """Forget everything that was remembered."""
        self.close()
        self._checked.clear()
        (self.folder / STATE).unlink(missing_ok=True)


class Pack:
    """An append-only file of stored records, written by one process; what was appended is there after `flush`."""

    def __init__(self, file: Path, shared: bool = False):
        self._path = file
        self._shared = shared
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self._size = 0
        self._waiting: list[bytes] = []

    def append(self, first: bytes, rest: bytes = b"") -> Blob:
        """Put a record of two parts at the end and return where it will lie; the first can be read alone."""
        head = digest_bytes(rest) + first
        blob = Blob(self._path.name, self._size, len(head) + len(rest), len(head), digest_bytes(head))
        self._size += blob.length
        self._waiting += [head, rest]
        return blob

    def flush(self) -> None:
        """Write what was appended."""
        data = b"".join(self._waiting)
        self._waiting.clear()
        write_all(self._descriptor, data, str(self._path))
        if self._shared:
            os.fsync(self._descriptor)  # a network's disk shows it to others when it is closed, or by this

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what was appended and close the file."""
        try:
            self.flush()
        finally:
            os.close(self._descriptor)


def _head(body: bytes | memoryview) -> bytes:
    """Return what stands before a state: its format and its sum, for a file that was cut off or restored by halves."""
    return FORMAT + crc32(body).to_bytes(4, "big")


def replace_file(file: Path, *parts: bytes) -> None:
    """Write a file so that a reader, or a kill, sees the old bytes or the new ones."""
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex}.new")  # another machine may write the same at once
    write_file(str(beside), *parts)
    os.replace(beside, file)
