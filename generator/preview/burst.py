"""Burst: changes that belong together, gathered until they are quiet; pure but for one look whether a file is there."""

from __future__ import annotations

import os
from collections.abc import Callable

QUIET = 0.03  # s without a change end a burst: a save is several events within a few milliseconds
LONGEST = 0.3  # s after which a burst is reported although it goes on
MOST = 200  # paths; more are reported as "look at everything"


class Burst:
    """The changes of one burst."""

    def __init__(self, exists: Callable[[str], bool] = os.path.lexists):
        self._exists = exists
        self._paths: dict[str, bool] = {}  # path → whether it was not there before the burst
        self._all = False
        self._first = 0.0
        self._last = 0.0

    def add(self, path: str, now: float, *, born: bool = False) -> None:
        """Note that a file changed; `born` where it was made anew."""
        self._note(now)
        self._paths.setdefault(path, born)

    def add_all(self, now: float) -> None:
        """Note a change that can be anything."""
        self._note(now)
        self._all = True

    def due(self) -> float | None:
        """Return the instant at which the burst is to be reported, None while there is none."""
        if not self._paths and not self._all:
            return None
        return min(self._last + QUIET, self._first + LONGEST)

    def take(self) -> frozenset[str] | None:
        """Return what changed, None for "look at everything", and begin anew.

        A file that was born in the burst and is gone was never of the site: so end the temporary files of editors that
        write one and rename it, whatever they call it, and the file `4913` by which Vim tries a folder.
        """
        paths = () if self._all else (path for path, born in self._paths.items() if not born or self._exists(path))
        changed = frozenset(paths)
        everything = self._all or len(changed) > MOST
        self._paths, self._all = {}, False
        return None if everything else changed

    def _note(self, now: float) -> None:
        if self.due() is None:
            self._first = now
        self._last = now
