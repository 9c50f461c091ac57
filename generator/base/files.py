"""Files by their stats: what a folder holds, without reading a byte of it."""

from __future__ import annotations

import marshal
import os
import time
from collections.abc import Iterable
from hashlib import blake2b
from stat import S_ISDIR
from struct import Struct
from struct import error as StructError  # noqa: N812 (the module gives it a function's name)

COLLECTION = "pictures"  # the folder of fetched originals in the site's
LINKS = "links"  # the folder of what is known of links to other sites

# Size in bytes, mtime in ns, ctime in ns and inode, packed: a build holds, compares and stores one for every file.
Look = bytes
_LOOK = Struct("<qqqQ")
_NEVER = 2**63  # ns

LINK = -1  # the size that a link has for us: what it leads to may change without the link

_LINK = LINK.to_bytes(8, "little", signed=True)

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
            found.append((path, _LINK + seen[len(_LINK) :] if entry.is_symlink() else seen))
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
            found.append((path, look(stat)))
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


def write_file(path: str, *parts: bytes) -> None:
    """Write a file, or write over one that is there; `write_all` says what is raised."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        for part in parts:
            write_all(descriptor, part, path)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes, path: str) -> None:
    """Write all bytes to an open file.

    Raises:
        OSError: with the file's path, which the system's own does not name (a full disk).
    """
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def look(stat: os.stat_result) -> Look:
    """Return the part of a stat that shows whether a file was changed; no user can set a ctime."""
    try:
        return _LOOK.pack(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    except StructError:  # a disk can say any time; ours end in the year 2262
        return _LOOK.pack(stat.st_size, stat.st_mtime_ns % _NEVER, stat.st_ctime_ns % _NEVER, stat.st_ino)


def size_of(seen: Look) -> int:
    """Return the size in bytes of a file that was looked at, `LINK` for a link."""
    size: int = _LOOK.unpack(seen)[0]
    return size


def is_settled(seen: Look, at: int) -> bool:
    """Tell whether a file looked at in the instant `at` (ns since 1970) must look different once it is changed."""
    size, modified, changed, _ = _LOOK.unpack(seen)
    return size != LINK and _settles(modified, changed) < at


def let_clock_tick(seen: Iterable[Look]) -> None:
    """Wait until a change of any of these files must show in its times: 20 ms, or 2 s where times are whole seconds."""
    left = max((_settles(*_LOOK.unpack(each)[1:3]) for each in seen), default=0) - time.time_ns()
    if left > 0:
        time.sleep(min(left, COARSE_TICK) / 1e9)  # no longer, whatever a disk's clock says


def _settles(modified: int, changed: int) -> int:
    """Return the instant after which a change of a file with these times must show (all in ns since 1970)."""
    return max(modified, changed) + (COARSE_TICK if changed % 1_000_000_000 == 0 else TICK)


def digest_looks(looks: list[tuple[str, Look]]) -> str:
    """Return one digest over many looks, in whatever order they come."""
    # Of equal values marshal's version 2 writes equal bytes, in a tenth of the time that text takes.
    return blake2b(marshal.dumps(sorted(looks), 2), digest_size=16).hexdigest()
