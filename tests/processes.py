"""Watch processes end without waiting for a fixed time."""

from __future__ import annotations

import os
import select
from pathlib import Path

PATIENCE = 20_000  # ms, for a machine that is busy with others


def session(leader: int) -> list[int]:
    """Return the living processes of a session (Source: proc(5), /proc/pid/stat): a killed build's and its workers."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, _, _, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:  # it has just ended
                continue
            if int(its_session) == leader and state not in "ZX":
                found.append(int(folder.name))
    return found


def survivors(pids: list[int], patience: int = PATIENCE) -> list[int]:
    """Wait until all of these processes have ended; return those that do not within `patience` ms."""
    alive = []
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if not waiting.poll(patience):
            alive.append(pid)
        os.close(handle)
    return alive


def no_child_is_left() -> bool:
    """Tell whether no process of ours is left, not even as a zombie."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False
