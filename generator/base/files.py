"""Files by their stats: what a folder holds, without reading a byte of it."""

from __future__ import annotations

import marshal
import os
import time
from collections.abc import Iterable
from hashlib import blake2b
from stat import S_ISDIR

COLLECTION = "pictures"  # the folder of fetched originals in the site's
LINKS = "links"  # the folder of what is known of links to other sites

Look = tuple[int, int, int, int]  # size in bytes, mtime in ns, ctime in ns, inode

LINK = -1  # the size that a link has for us: what it leads to may change without the link

# A file system's clock ticks: a file that was changed this shortly before it was looked at may change again
# without its times showing it (git calls such a file racy).
TICK = 20_000_000  # ns; kernels tick every 1 to 10 ms
COARSE_TICK = 2_000_000_000  # where times come in whole seconds


def survey(folder: str) -> list[tuple[str, Look]]:
    """Return (path inside `folder`, look) of every file below it, links as links; nothing where there is no folder."""
    found: list[tuple[str, Look]] = []
    folders = [""]
    for inside in folders:  # grows while it is walked
        try:
            entries = list(os.scandir(f"{folder}/{inside}"))
        except OSError:
            continue
        for entry in entries:
            path = f"{inside}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                folders.append(f"{path}/")
                continue
            try:
                seen = look(entry.stat(follow_symlinks=False))
            except OSError:
                continue
            found.append((path, (LINK, *seen[1:]) if entry.is_symlink() else seen))
    return found


def look_at(folder: str, paths: Iterable[str]) -> list[tuple[str, Look]]:
    """Return (path, look) of those of the paths inside `folder` that are files or links."""
    found, lstat, above = [], os.lstat, f"{folder}/"
    for path in paths:
        try:
            stat = lstat(above + path)
        except (OSError, ValueError):
            continue
        if not S_ISDIR(stat.st_mode):
            found.append((path, (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)))
    return found


def read_file(path: str, size: int) -> bytes:
    """Return the bytes of a file that had `size` bytes when it was looked at: `open()` takes twice as long."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        parts = []
        while part := os.read(descriptor, max(size, 4096) + 1):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def look(stat: os.stat_result) -> Look:
    """Return the part of a stat that shows whether a file was changed; no user can set a ctime."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def is_settled(seen: Look, at: int) -> bool:
    """Tell whether a file looked at in the instant `at` (ns since 1970) must look different once it is changed."""
    return seen[0] != LINK and _settles(seen) < at


def let_clock_tick(seen: Iterable[Look]) -> None:
    """Wait until a change of any of these files must show in its times: 20 ms, or 2 s where times are whole seconds."""
    left = max(map(_settles, seen), default=0) - time.time_ns()
    if left > 0:
        time.sleep(min(left, COARSE_TICK) / 1e9)  # no longer, whatever a disk's clock says


def _settles(seen: Look) -> int:
    """Return the instant after which a change must show (ns since 1970)."""
    _, modified, changed, _ = seen
    return max(modified, changed) + (COARSE_TICK if changed % 1_000_000_000 == 0 else TICK)


def digest_looks(looks: list[tuple[str, Look]]) -> str:
    """Return one digest over many looks, in whatever order they come."""
    # Of equal values marshal's version 2 writes equal bytes, in a tenth of the time that text takes.
    return blake2b(marshal.dumps(sorted(looks), 2), digest_size=16).hexdigest()
