"""Pages: outputs that were made, as many as there is room for; the newest of each is the last good one."""

from __future__ import annotations

import threading

ROOM = 64_000_000  # bytes
LARGEST = 4_000_000  # bytes of outputs that are kept; larger ones are made each time

Made = tuple[bytes, ...]


class Pages:
    """Outputs of tasks with the keys that they were made under, by the task's first output. Any thread may ask."""

    def __init__(self, room: int = ROOM):
        self._room = room
        self._size = 0
        self._made: dict[str, tuple[bytes, Made]] = {}  # the longest unused first
        self._lock = threading.Lock()

    def get(self, name: str, key: bytes) -> Made | None:
        """Return what was made under a key, None where it was not, or is no longer here."""
        with self._lock:
            known = self._made.get(name)
            if known is None or known[0] != key:
                return None
            self._made[name] = self._made.pop(name)
            return known[1]

    def last(self, name: str) -> Made | None:
        """Return what was made last, under whatever key."""
        known = self._made.get(name)
        return known[1] if known else None

    def put(self, name: str, key: bytes, made: Made) -> None:
        """Keep what was made in place of what was before."""
        size = _size(made)
        with self._lock:
            if name in self._made:
                self._size -= _size(self._made.pop(name)[1])
            if size > LARGEST:
                return
            self._made[name] = (key, made)
            self._size += size
            while self._size > self._room:
                self._size -= _size(self._made.pop(next(iter(self._made)))[1])


def _size(made: Made) -> int:
    return sum(map(len, made))
