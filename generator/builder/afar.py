"""Afar: what a worker on another machine runs: it takes the world from the shared disk, once, and works in it."""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import platform
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from generator.base.problems import BroadsheetError
from generator.builder.fingerprint import Code
from generator.builder.workers import call, hold

Needs = Mapping[str, str]  # what must be the same on all machines, with its version


class ClusterRefused(BroadsheetError):
    """A cluster cannot build this site: it is open to others, not there, or not the same everywhere."""


class Parcel(NamedTuple):
    """A world on the shared disk, and the digest of its file: what a worker keeps it by."""

    file: str
    digest: bytes


class _Holding:
    """The world that this process holds. A Dask worker may have several threads; a world is for one at a time."""

    lock = threading.Lock()
    digest = b""


@contextmanager
def parcel_of(world: object, folder: Path, module: str) -> Iterator[Parcel]:
    """Give the world as a parcel that lies in `folder` meanwhile; what cannot be sent says how it is made anew.

    Args:
        module: whose code, with all that it imports, must be the same where the parcel is opened.
    """
    file = folder / f"{uuid4().hex}.world"
    try:
        with open(file, "xb") as out:
            pickle.dump((module, needs(module)), out)
            pickle.dump(world, out, pickle.HIGHEST_PROTOCOL)
        with open(file, "rb") as written:
            yield Parcel(str(file), _digest(written))
    finally:
        file.unlink(missing_ok=True)


def call_afar(parcel: Parcel, chunk: Any, items: Sequence[Any]) -> bytes:
    """Do a chunk of work in the parcel's world, and return its answers encoded."""
    with _Holding.lock:
        if _Holding.digest != parcel.digest:
            _open(parcel)
        return call(chunk, items)


def _open(parcel: Parcel) -> None:
    """Take the parcel's world in place of the one before.

    Raises:
        ClusterRefused: where this machine has other code, or does not see the parcel.
    """
    _Holding.digest = b""
    hold(None)
    gc.unfreeze()
    gc.collect()  # the world before may be large
    try:
        with open(parcel.file, "rb") as file:
            if _digest(file) != parcel.digest:
                raise ClusterRefused(f"{here()}: {parcel.file} has other bytes than were written; look at the disk")
            file.seek(0)
            module, theirs = pickle.load(file)  # noqa: S301 (its digest came with the task, from who sends us code)
            refuse_differences(here(), theirs, needs(module))
            hold(pickle.load(file))  # noqa: S301
    except FileNotFoundError:
        raise ClusterRefused(f"{here()}: does not see {parcel.file}; {ONE_DISK}") from None
    gc.collect()
    gc.freeze()  # it stays as it is; looking for garbage in it would take long
    _Holding.digest = parcel.digest


ONE_DISK = "the site's folder must lie on a disk that all machines share, under one path"


def needs(module: str) -> Needs:
    """Return what shapes bytes here: Python, the processor, our code and the libraries that it uses."""
    return {"processor": platform.machine(), **Code().needs(module)}


def describe(module: str, file: str) -> tuple[Needs, bool]:
    """Return what shapes bytes here, and whether a file of the site is seen."""
    return needs(module), os.path.exists(file)


def refuse_differences(machine: str, wanted: Needs, found: Needs) -> None:
    """Check that a machine has what the one that builds has.

    Raises:
        ClusterRefused: naming all that differs.
    """
    names = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if names:
        rows = (f"{name} is {found.get(name, 'missing')}, here {wanted.get(name, 'missing')}" for name in names)
        raise ClusterRefused(f"{machine}: would make other bytes: {'; '.join(rows)}. Install the same there")


def here() -> str:
    """Return how messages name this machine."""
    return socket.gethostname()


def _digest(file: BufferedReader) -> bytes:
    return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
