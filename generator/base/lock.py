"""One build at a time writes a site."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a+b") as file:
        if fcntl:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                waiting(file.read(20).decode("ascii", "replace").strip() or "?")
                fcntl.lockf(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(b"%d\n" % os.getpid())
        file.flush()
        yield
