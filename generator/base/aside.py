"""Aside: work that another process does meanwhile, where it is long enough for that."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

Give = Callable[[bytes], object]
Work = Callable[[Give], object]  # gives its answer part by part, as each is found

_SIZE = 8  # bytes that say how long a part is
_END = b"\xff" * _SIZE  # in the place of a size: all parts were given


@contextmanager
def aside(work: Work, *, worth: bool) -> Iterator[Iterator[bytes]]:
    """Yield the parts that `work` gives; where it is `worth` a process, one has begun to do it.

    A process that fails is no failure: then the work is done here, when it is asked for. One that is not asked
    for its last part, and for the end after it, is ended.
    """
    if not worth or not hasattr(os, "fork"):
        yield _done_here(work)
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


def _answer(work: Work, writing: int) -> None:
    """Do the work as the other process, and end it."""
    try:
        with open(writing, "wb") as pipe:
            work(lambda part: _write(pipe, len(part).to_bytes(_SIZE, "little") + part))
            _write(pipe, _END)
    finally:
        os._exit(0)  # whatever happened: what belongs to the first process is left alone


def _write(pipe: BinaryIO, data: bytes) -> None:
    pipe.write(data)
    pipe.flush()


def _done_here(work: Work, known: int = 0) -> Iterator[bytes]:
    """Do the work and yield its parts, but the first ones, which are `known`."""
    parts: list[bytes] = []
    work(parts.append)
    yield from parts[known:]


def _parts(pipe: BinaryIO, work: Work) -> Iterator[bytes]:
    given = 0
    while (size := pipe.read(_SIZE)) != _END:
        part = pipe.read(int.from_bytes(size, "little")) if len(size) == _SIZE else b""
        if len(size) < _SIZE or len(part) < int.from_bytes(size, "little"):  # it broke off
            yield from _done_here(work, given)
            return
        yield part
        given += 1
