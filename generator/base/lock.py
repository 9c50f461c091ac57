"""One build at a time writes a site."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # a system without POSIX locks: builds are trusted not to overlap
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(folder: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder's lock; call `waiting` with the holder's process id where another build has it.

    The lock is a record lock (POSIX fcntl): it goes with its process however that ends, and worker processes
    do not inherit it, so a dead build's lock is free at once.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "lock", "a+b", opener=_open) as file:
            _lock(file, waiting)
            if not _stands(file, folder / "lock"):
                continue  # whoever had it took it away: the next one would make, and lock, another
            file.seek(0)
            file.truncate()
            file.write(b"%d\n" % os.getpid())
            file.flush()
            yield
            return


def _open(path: str, flags: int) -> int:
    """Open the lock itself: what a link leads to is somebody else's, and would be overwritten."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _lock(file: BinaryIO, waiting: Callable[[str], None]) -> None:
    if not fcntl:
        return
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        waiting(file.read(20).decode("ascii", "replace").strip() or "?")
        fcntl.lockf(file, fcntl.LOCK_EX)


def _stands(file: BinaryIO, place: Path) -> bool:
    """Tell whether a file that is open is still the one of its name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.lstat(place))
    except FileNotFoundError:
        return False
