"""Live: the site as it is now, drafted again after every change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from generator.actions import bench_of
from generator.base.config import load_site
from generator.base.lock import locked
from generator.base.problems import BroadsheetError, CacheDamaged, ConfigError, Problem
from generator.builder.last import Last
from generator.builder.run import SourceChanged
from generator.builder.store import State, Store
from generator.builder.unchanged import look_at_collection
from generator.builder.workers import Progress
from generator.drafting import Request, draft, fetch_pictures
from generator.pipeline import in_settings
from generator.preview.current import Page
from generator.preview.maker import Doubt, Maker, Now
from generator.reading import Known, Reading
from generator.rereading import locate_all

ATTEMPTS = 3  # where files are saved while they are read
_FULL = "make room or correct its permissions; the preview goes on by itself"
_MISTAKE = "a mistake in Broadsheet, not in your site"
_REPORT = "report it with the lines in the terminal; the preview goes on by itself"
logger = logging.getLogger(__name__)


def _quiet(_: str, __: int, ___: int) -> None:
    """Say nothing of progress."""


def _read_the_same(entries: Known, others: Known) -> bool:
    """Tell whether the same was read of the same files, whenever these were looked at."""
    return entries.keys() == others.keys() and all(
        entry is other or (entry.digest == other.digest and entry.value == other.value and entry.blob == other.blob)
        for entry, other in zip(entries.values(), others.values(), strict=True)
    )


class Live:
    """Keeps a site drafted; nothing is written into `output/`.

    Any thread may ask for a page; `refresh`, `fetch` and `save` are for one thread at a time.

    Args:
        store: of this preview alone.
        shelf: where builds keep what is costly, pictures; shared with them.
        clock: gives the instant to draft the site for.
        doubt: called when the site is not as it was read, so that all of it is looked at again.
    """

    def __init__(
        self,
        root: Path,
        store: Store[Reading],
        shelf: Store[Reading],
        clock: Callable[[], datetime],
        jobs: int,
        doubt: Callable[[], None],
    ):
        self.maker = Maker(shelf, jobs, self.problems, self._doubted)
        self.failure: tuple[Problem, ...] = ()  # what keeps the site from being drafted
        self.version = 0
        self._root = root
        self._store, self._shelf = store, shelf
        self._clock = clock
        self._jobs = jobs
        self._doubt = doubt
        self._state = store.load_state()
        self._positions = self._state.positions  # any thread may find more
        self._unsaved = 0  # drafts that the store does not have
        self._last = Last()
        self._sure = self._sound = True  # that `now` is of all changes before; that the store has what it should

    @property
    def now(self) -> Now | None:
        """The site at this moment; None where it could not be drafted yet."""
        return self.maker.now

    def page(self, output: str) -> Page | None:
        """Return an output as a build would write it; where it cannot be made, the last good one and what is wrong."""
        return self.maker.page(output)

    def _doubted(self, error: Doubt) -> None:
        self._sound = self._sound and not isinstance(error, CacheDamaged)
        self._sure = False
        self._doubt()

    # -- refreshing ---------------------------------------------------------------------------------------------------

    def refresh(self, changed: frozenset[str] | None, progress: Progress = _quiet) -> bool:
        """Draft the site again; return whether it, or what keeps it from that, is another now.

        Args:
            changed: the files that did, absolute; None to look at all.
        """
        before = self.now, self.failure
        try:
            self._draft(changed if self._sure else None, progress)
            self.failure, self._sure = (), True
        except ConfigError as error:
            self.failure, self._sure = tuple(error.problems), False
        except BroadsheetError as error:
            self.failure, self._sure = (Problem("", 0, 0, "", str(error)),), False
        except OSError as error:  # a full disk has no file's name; what is written lies in the store
            path = str(error.filename or self._store.folder)
            self.failure, self._sure = (Problem(path, 0, 0, "", error.strerror or str(error), _FULL),), False
        except Exception as error:  # nobody would draft any more, and the last site would be shown for ever
            if not any(problem.message.startswith(_MISTAKE) for problem in self.failure):
                logger.exception(_MISTAKE)
            self.failure, self._sure = (Problem("", 0, 0, "", f"{_MISTAKE}: {error!r}", _REPORT),), False
        another = self.now is not before[0] or self.failure != before[1]
        self.version += another
        return another

    def _draft(self, changed: frozenset[str] | None, progress: Progress) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            if not self._sound:
                with self.maker.lock:  # nobody reads it meanwhile
                    self._store.clear()
                self._state, self._last, self._sound, self._unsaved = State(), Last(), True, 1
                changed = None
            try:
                self._draft_once(changed, progress)
                return
            except SourceChanged:
                if attempt == ATTEMPTS:
                    raise
                changed = None
            except CacheDamaged:
                self._sound = False
                if attempt == ATTEMPTS:
                    raise

    def _draft_once(self, changed: frozenset[str] | None, progress: Progress) -> None:
        old, last = self.now, self._last
        again = changed is None or old is None or str(self._root / "site.toml") in changed
        site = load_site(self._root) if again or old is None else old.site
        last.changed = changed
        # Only the first draft may start processes: later ones have other threads beside them.
        jobs = 1 if old or self.failure else self._jobs
        request = Request(self._instant(), jobs=jobs, offline=True, everything=True, make_index=False)
        drafted = draft(site, request, self._store, self._state, progress, last, self._shelf)
        known, self._state = self._state.entries, replace(self._state, entries=drafted.entries)
        same = old is not None and site == old.site and drafted.edition is old.drafted.edition
        if same and _read_the_same(drafted.entries, known):
            return
        self._unsaved += 1
        composition = drafted.composition
        tasks = last.same(
            "tasks", (composition,), lambda: {out: one for one in composition.tasks for out in one.outputs}
        )
        bench = bench_of(site, drafted, self._store)
        self.maker.show(Now(site, drafted, bench, tasks))

    def _instant(self) -> datetime:
        """Return the instant to draft the site for: the last one until the clock changes a byte."""
        instant = self._clock()
        if self.now:
            library = self.now.drafted.edition.library
            since, until = library.lifetime()
            if since <= instant.timestamp() < until and since <= library.now.timestamp():
                return library.now
        return instant

    def turns_at(self) -> float:
        """Return when (s since 1970) the clock changes the site."""
        return self.now.drafted.edition.library.lifetime()[1] if self.now else float("inf")

    def fetch(self) -> tuple[datetime | None, bool]:
        """Ask for the remote pictures that are due; return when to do so again, and whether any answer came.

        What came is seen by a refresh.

        Raises:
            OSError: the collection cannot be written.
        """
        now = self.now
        if now is None or not now.site.settings.images.fetch:
            return None, False
        edition, site = now.drafted.edition, now.site
        request = Request(self._clock(), jobs=self._jobs, everything=True)
        with locked(site.cache, lambda _: None):  # a build may be asking for the same
            before = look_at_collection(site.root)
            due = fetch_pictures(site, request, edition.library, edition.theme, lambda *_: None).due
            return due, look_at_collection(site.root) != before

    def save(self, after: int = 1) -> bool:
        """Keep what was read for the next preview, if there were so many drafts since the last time; tell whether.

        Raises:
            OSError: it cannot be written.
        """
        if self.now is None or not self._sound or self._unsaved < after:
            return False
        try:
            state = self._store.compact(self._state)
        except CacheDamaged:
            self._sound = self._sure = False
            self._doubt()
            return False
        if state is not self._state:  # entries lie in other packs now, and the old ones are about to go
            self._state = state
            drafted = self.now.drafted._replace(entries=state.entries)
            bench = bench_of(self.now.site, drafted, self._store)
            self.maker.show(self.now._replace(drafted=drafted, bench=bench))
        memo = self.now.drafted.memo.used
        self._store.save_state(replace(state, positions=self._positions, memo=memo))
        self._unsaved = 0
        return True

    # -- problems -----------------------------------------------------------------------------------------------------

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the site, each with its line, sorted."""
        now = self.now
        if now is None:
            return self.failure
        drafted = now.drafted
        library, made = drafted.edition.library, drafted.composition
        found = {*library.problems, *drafted.fetched.problems, *made.problems, *self.maker.failures()}
        return (*self.failure, *self._located(now, found))

    def _located(self, now: Now, found: Iterable[Problem]) -> tuple[Problem, ...]:
        entries, root = now.drafted.entries, str(now.site.root)
        problems, known = [in_settings(now.site, problem) for problem in found], self._positions
        try:
            located, positions = locate_all(problems, root, entries, known)
        except SourceChanged:  # it was saved again; the next refresh has it
            return tuple(sorted(replace(problem, trail=()) for problem in problems))
        self._positions = positions
        return located
