"""Aside: work that another process does meanwhile; for what is mostly waiting for the system, and long enough."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import BinaryIO

_SIZE = 8  # bytes that say how long a part is


@contextmanager
def aside(work: Callable[[], Iterator[bytes]], *, worth: bool) -> Iterator[Iterator[bytes]]:
    """Give what `work` yields, part by part; where it is `worth` a process, one has begun to do it.

    A process that fails is no failure: then the work is done here, when it is asked for. One that is not asked for all
    is ended.
    """
    if not worth or not hasattr(os, "fork"):
        yield work()
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(work, writing)
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:
            yield _parts(pipe, work)
    finally:
        from signal import SIGKILL  # costs 0.3 ms that a small site need not pay

        with suppress(ProcessLookupError):
            os.kill(child, SIGKILL)
        os.waitpid(child, 0)


def end_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends, also by `kill -9`."""
    if sys.platform == "linux":
        import ctypes  # costs some ms: those ask for it that would go on for long
        from signal import SIGKILL

        ctypes.CDLL(None).prctl(1, SIGKILL)  # PR_SET_PDEATHSIG, prctl(2)
        if os.getppid() != parent:  # it was gone already
            os._exit(1)


def _answer(work: Callable[[], Iterator[bytes]], writing: int) -> None:
    """Do the work as the other process, and end it."""
    try:
        with open(writing, "wb") as pipe:
            for part in work():
                pipe.write(len(part).to_bytes(_SIZE, "little") + part)
                pipe.flush()
    finally:
        os._exit(0)  # whatever happened: what belongs to the first process is left alone


def _parts(pipe: BinaryIO, work: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    given = 0
    while (part := _part(pipe)) is not None:
        yield part
        given += 1
    yield from islice(work(), given, None)


def _part(pipe: BinaryIO) -> bytes | None:
    """Return the next part of an answer, None where it broke off."""
    size = pipe.read(_SIZE)
    part = pipe.read(int.from_bytes(size, "little")) if len(size) == _SIZE else b""
    return part if len(size) == _SIZE and len(part) == int.from_bytes(size, "little") else None
