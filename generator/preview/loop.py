"""Loop: one thread that drafts the site again whenever something changes, a moment comes or a picture arrives."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from generator.base.problems import BroadsheetError
from generator.preview.live import Live

IDLE = 1.0  # s without a change after which all is looked at, once; hints of a watcher may be wrong
RETRY = 2.0  # s after which a site is tried again that could not be read
SAVE = 30.0  # s between two times that what was read is kept for the next preview
UNSAVED = 50  # drafts after which what was read is saved without a quiet moment: each leaves a small file in the cache
ENDING = 0.5  # s that a draft is waited for at the end
LONGEST = 3600.0  # s that the loop sleeps at most: clocks are set, machines sleep
logger = logging.getLogger(__name__)


class Loop:
    """Runs a live site. `published` is called after every draft that changed it, with the files that did.

    Args:
        clock: s since 1970.
    """

    def __init__(self, live: Live, published: Callable[[frozenset[str] | None], None], clock: Callable[[], float]):
        self._live = live
        self._published = published
        self._clock = clock
        self._wake = threading.Condition()
        self._changed: set[str] | None = set()  # since the last draft; None for "look at all"
        self._waiting = False
        self._saved = 0.0  # monotonic s
        self._stopped = False
        self._quiet = threading.Event()  # set when a change has been dealt with
        self._threads = [
            threading.Thread(target=self._run, name="drafting", daemon=True),
            threading.Thread(target=self._fetch, name="fetching", daemon=True),
        ]

    def start(self) -> None:
        """Begin; the live site has been drafted once."""
        for thread in self._threads:
            thread.start()

    def changed(self, files: frozenset[str] | None) -> None:
        """Take note of changes; None where all is to be looked at. Any thread may call this."""
        with self._wake:
            self._changed = None if files is None or self._changed is None else self._changed | files
            self._waiting = True
            self._wake.notify()

    def stop(self) -> None:
        """End the loop, and keep what was read for the next preview."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._quiet.set()
        self._threads[0].join(ENDING)
        if not self._threads[0].is_alive():  # else it ends with the program, and the next preview reads a little more
            self._save()

    # -- drafting -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        idle = False  # whether nothing is left to do in quiet times
        while True:
            changed, asked = self._next(IDLE if not idle else self._pause())
            if self._stopped:
                return
            if asked:
                self._draft(changed)
                idle = False
            elif not idle:
                self._draft(None)
                idle = self._rest()
            elif self._live.failure or self._clock() >= self._live.turns_at():
                self._draft(None)

    def _next(self, seconds: float) -> tuple[frozenset[str] | None, bool]:
        """Wait for changes, at most so long; return them and whether there were any."""
        with self._wake:
            if not self._waiting and not self._stopped:
                self._wake.wait(seconds)
            changed, asked = self._changed, self._waiting
            self._changed, self._waiting = set(), False
        return None if changed is None else frozenset(changed), asked

    def _pause(self) -> float:
        if self._live.failure:
            return RETRY
        return min(max(0.0, self._live.turns_at() - self._clock()), LONGEST)

    def _draft(self, changed: frozenset[str] | None) -> None:
        if self._live.refresh(changed):
            self._publish(changed)
            if self._save(UNSAVED):
                gc.collect()  # there was no quiet moment for it

    def _publish(self, changed: frozenset[str] | None) -> None:
        try:
            self._published(changed)
        except Exception:  # the terminal may have gone, say; the site is drafted all the same
            logger.exception("what a new draft calls has failed")

    def _save(self, after: int = 1) -> bool:
        with suppress(OSError):  # a full disk: what was read is read again by the next preview
            return self._live.save(after)
        return False

    def _save_sometimes(self) -> None:
        if time.monotonic() >= self._saved + SAVE:
            self._saved = time.monotonic()
            self._save()

    def _rest(self) -> bool:
        """Do in a quiet moment what nobody waits for; tell whether it was quiet long enough for all of it."""
        known = self._live.problems()
        for make in self._live.maker.rehearsal():
            if self._waiting or self._stopped:
                return False
            make()
        if self._live.problems() != known:
            self._publish(frozenset())
        for step in (self._save_sometimes, gc.collect):
            if self._waiting or self._stopped:
                return False
            step()
        self._quiet.set()
        return True

    # -- fetching -----------------------------------------------------------------------------------------------------

    def _fetch(self) -> None:
        """Ask for pictures beside the drafting; what comes is a change like any other."""
        while not self._stopped:
            due: datetime | None = None
            try:
                due, came = self._live.fetch()
                if came:
                    self.changed(frozenset())
            except (OSError, BroadsheetError):
                pass  # tried again after the next change
            except Exception:  # a network that is like no other: the site is there without these pictures
                logger.exception("fetching pictures has failed")
            self._quiet.wait(min(max(RETRY, due.timestamp() - self._clock()), LONGEST) if due else None)
            self._quiet.clear()
