"""A store: a target that takes one file after another, brought from one site to the next in safe steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Protocol

from generator.base.digest import digest_bytes
from generator.deploy.headers import rank_of
from generator.deploy.lease import LEASE
from generator.deploy.manifest import (
    CONTROL,
    Digest,
    Manifest,
    Pending,
    Progress,
    decode_manifest,
    decode_pending,
    decode_progress,
    encode_manifest,
    encode_pending,
    encode_progress,
    pack,
)
from generator.deploy.sheaf import Once, Unbound, bind_sheaf, sheaf_file
from generator.deploy.target import Count, DeployFailed, Plan, Put, Remote, Say, Source

MANIFEST = f"{CONTROL}/manifest.json.gz"
PENDING, PROGRESS = f"{CONTROL}/pending.json.gz", f"{CONTROL}/progress"
SAVED = f"{CONTROL}/saved"  # a folder: what the version before had, by digest
OWN_FILES = (MANIFEST, PENDING, PROGRESS)
NOTE_EVERY = 2.0  # s between two notes of how far a deploy is


class Store(Protocol):
    """Files by their names; each call does all that it is given or raises `DeployFailed`."""

    place: str  # as messages name it
    keeps_headers: bool
    has_folders: bool  # so no name is a file's and a folder's
    copies_singly: bool  # each copy is a request of its own, and takes its time
    leaves_thread: bool  # who has asked it once has a thread beside: a build could hang that forks processes then

    def held(self, waiting: Say, /) -> AbstractContextManager[None]:
        """Hold the store against other deploys."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Replace one of our own files in one step."""
        ...

    def copy(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Copy files inside of the store, (from, to)."""
        ...

    def put(self, puts: Sequence[Put], source: Source, done: Callable[[Put], None]) -> None:
        """Put files in place, each in one step, in any order; call `done` in this thread as each is there."""
        ...

    def delete(self, names: Sequence[str]) -> None:
        """Delete files; one that is not there is no mistake."""
        ...

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the names that are there."""
        ...

    def listing(self) -> dict[str, int]:
        """Return the size of every file, in bytes, but of our own folder."""
        ...

    def own(self) -> Iterable[str]:
        """Return the names of the files in our own folder, but of those that are coming."""
        ...


class StoreTarget:
    """A target over a store. What is done is noted there, so that a deploy that is cut off goes on."""

    def __init__(self, store: Store):
        self._store = store
        self.keeps_headers, self.binding = store.keeps_headers, store.copies_singly
        self._decoded: tuple[bytes, Manifest] | None = None  # the last manifest that was read
        self._left: set[str] | None = None  # what deploys before have left of our own, None where that is not known

    def prepare(self) -> None:
        """Connect, and decode the manifest: it is read again once the store is held, and most often it is the same."""
        if not self._store.leaves_thread:
            self._manifest(MANIFEST)

    def held(self, waiting: Say) -> AbstractContextManager[None]:
        """Hold the target against other deploys."""
        return self._store.held(waiting)

    def look(self) -> Remote:
        """Return what is there; nothing is written."""
        manifest = self._manifest(MANIFEST)
        data, note = self._store.read(PENDING), decode_progress(self._store.read(PROGRESS))
        pending = decode_pending(data, f"{self._store.place}/{PENDING}") if data else None
        strangers: tuple[str, ...] = ()
        if manifest is None:
            ours = {path for path, _ in pending.touched} if pending else set()
            strangers = tuple(sorted(self._store.listing().keys() - ours))
        done = note.done if note and pending and note.deploy == _name(pending) else 0
        self._left = _needed(manifest) if manifest and not pending and not note else None
        return Remote(manifest, pending, done, strangers)

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that are there."""
        return self._store.existing(paths)

    def listing(self) -> dict[str, int]:
        """Return the size of every file that is there."""
        return self._store.listing()

    def previous(self) -> Manifest | None:
        """Return the manifest of the version before."""
        current = self._manifest(MANIFEST)
        return self._manifest(manifest_of(current.version - 1)) if current else None

    def carry_out(self, plan: Plan, source: Source, count: Count) -> None:
        """Save, put, delete, and write the manifest last.

        The pending list is written before the first change that a reader could see, and after everything that the
        version before needs is kept aside. So whoever finds a pending list knows which files may be other than the
        manifest says, and that none of the old ones is lost.
        """
        store = self._store
        unbound, source = self._unbind(plan) if source.saved else None, Once(source, plan.sheaf)
        steps = [(put.path, put.row) for put in plan.puts], [(path, None) for path in plan.deletes]
        data = encode_manifest(plan.manifest)
        touched = (*plan.settled, *steps[0], *steps[1])
        pending = Pending(digest_bytes(data).hex(), touched, tuple(sorted(plan.aside)))
        journal = _Journal(store, _name(pending), len(plan.settled), plan.puts, count)
        # First of all: who finds a note knows that there may be copies that nobody needs. And before the list, or it
        # could be taken for one of this name that is further.
        journal.note()
        version = plan.manifest.version
        before = [(MANIFEST, manifest_of(version - 1))] if plan.advances and version > 1 else []
        store.copy([*((path, f"{SAVED}/{digest}") for path, digest in plan.saves), *before])
        store.write(PENDING, encode_pending(pending))
        cleared = _in_the_way(plan) if store.has_folders else []
        store.delete(cleared)
        with ThreadPoolExecutor(1) as beside:  # to pack takes the processor, which waits for answers while files go
            packed = beside.submit(pack, data)
            sheaves = [beside.submit(self._keep_sheaf, name, held, plan, source) for name, held in plan.sheaf.items()]
            for _, puts in groupby(plan.puts, key=lambda put: put.rank):
                for given, some in _by_source(list(puts), source, unbound):
                    store.put(some, given, journal.done)
            journal.note()
        for sheaf in sheaves:
            sheaf.result()
        still = [path for path in plan.deletes if path not in set(cleared)]
        for _, paths in groupby(still, key=lambda path: rank_of(path, fresh=False)):
            store.delete(list(paths))
        store.write(MANIFEST, packed.result())
        left = set(store.own()) if self._left is None else self._left
        store.delete(sorted(left - _needed(plan.manifest) - {PENDING, PROGRESS, LEASE}))
        store.delete([PENDING, PROGRESS])

    def _keep_sheaf(self, name: Digest, held: Sequence[Digest], plan: Plan, source: Source) -> None:
        self._store.write(sheaf_file(name), bind_sheaf(held, plan.puts, source))

    def _unbind(self, plan: Plan) -> Unbound:
        """Check that all that is to be put back is there, before anything is changed; open the sheaves that hold it."""
        lost = [put.path for put in plan.puts if put.row.digest not in plan.aside and not put.same]
        if lost:
            raise DeployFailed(
                f"{self._store.place}: {len(lost):,} files of the version before are not there now ({lost[0]}, …); "
                "build that version from its sources, and deploy it"
            )
        wanted = (put.row.digest for put in plan.puts if not put.same)
        return Unbound(plan.manifest.sheaves, wanted, self._store.read, self._store.place)

    def _manifest(self, name: str) -> Manifest | None:
        data = self._store.read(name)
        if not data:
            return None
        if self._decoded is None or self._decoded[0] != data:
            self._decoded = data, decode_manifest(data, f"{self._store.place}/{name}")
        return self._decoded[1]


def manifest_of(version: int) -> str:
    """Return where the manifest of a version lies once another one stands there.

    Each has a name of its own: a deploy that is cut off before its own manifest is there must not have taken the
    place of the one that the version before needs to go back.
    """
    return f"{CONTROL}/manifest-{version}.json.gz"


def _needed(manifest: Manifest) -> set[str]:
    """Return the names of what a manifest needs beside the site: itself, and what the version before had."""
    saved = (f"{SAVED}/{digest}" for digest in manifest.saved)
    return {MANIFEST, manifest_of(manifest.version - 1), *saved, *map(sheaf_file, manifest.sheaves)}


def _by_source(puts: Sequence[Put], source: Source, unbound: Unbound | None) -> Iterator[tuple[Source, Sequence[Put]]]:
    """Return puts by where their bytes come from: pages out of sheaves, and all others."""
    if unbound is None:
        yield source, puts
        return
    yield unbound, [put for put in puts if put in unbound]
    yield source, [put for put in puts if put not in unbound]


def _in_the_way(plan: Plan) -> list[str]:
    """Return the files that go and stand where a folder must be, or in a folder where a file must."""
    names = {put.path for put in plan.puts}
    folders = {parent for path in names for parent in _parents(path)}
    return [path for path in plan.deletes if path in folders or names.intersection(_parents(path))]


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]


class _Journal:
    """Counts what is done, and notes it in the store from time to time."""

    def __init__(self, store: Store, name: str, before: int, puts: Sequence[Put], count: Count):
        self._store, self._name, self._before, self._count = store, name, before, count
        self._order = {put.path: at for at, put in enumerate(puts)}
        self._done: set[int] = set()
        self._first = 0  # all puts before this one are done
        self._noted = time.monotonic()

    def done(self, put: Put) -> None:
        """Count a file that is in place."""
        self._done.add(self._order[put.path])
        while self._first in self._done:
            self._first += 1
        self._count(1, put.row.size)
        if time.monotonic() - self._noted > NOTE_EVERY:
            self.note()

    def note(self) -> None:
        """Write down how far the deploy is."""
        self._store.write(PROGRESS, encode_progress(Progress(self._name, self._before + self._first)))
        self._noted = time.monotonic()


def _name(pending: Pending) -> str:
    """Return a name for one pending list and no other."""
    return digest_bytes(encode_pending(pending)).hex()
