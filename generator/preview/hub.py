"""The hub: tells every stream of events that the site was refreshed, from whatever thread that was done in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock


class Hub:
    """Where refreshes are published, and streams wait for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.closed = False

    def publish(self) -> None:
        """Wake every stream: the site was refreshed. Any thread may call it, at any time."""
        with self._lock:
            waiting = list(self._waiting)
        for loop, event in waiting:
            with suppress(RuntimeError):  # the server has just ended
                loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self.publish()

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """Give an event of the running loop that is set by each refresh; who waits for it clears it first."""
        mine = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.add(mine)
        try:
            yield mine[1]
        finally:
            with self._lock:
                self._waiting.discard(mine)
