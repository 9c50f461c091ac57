"""Session: all that makes up one preview, put together: what watches, what drafts and what serves."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.base.config import Site, load_site
from generator.base.files import COLLECTION
from generator.base.lock import locked
from generator.base.problems import BroadsheetError
from generator.builder.store import Store
from generator.builder.workers import Progress
from generator.preview.editor import choose_editor
from generator.preview.hub import Hub
from generator.preview.live import Live
from generator.preview.loop import Loop
from generator.preview.present import Present
from generator.preview.serve import Say, serve
from generator.preview.server import Wishes
from generator.preview.watch import Watch
from generator.reading import Reading
from generator.theme.chain import chain_places

Showing = Callable[[], AbstractContextManager[Progress]]
FOLDER = "preview"  # in the cache: what a preview read, for the next one


class Session:
    """One preview of a site, from its first draft to its end.

    Args:
        clock: gives the instant to draft the site for.
        say: is called with each line for the person.
        say_problem: is called with severity and line of each problem that is new.
    """

    def __init__(
        self,
        site: Site,
        store: Store[Reading],
        clock: Callable[[], datetime],
        say: Say,
        say_problem: Callable[[str, str], object],
    ):
        self.hub = Hub()
        self._say, self._say_problem = say, say_problem
        self._told: set[str] = set()
        self._site = site
        shelf = Store(site.cache, Reading)
        self.live = Live(site.root, store, shelf, clock, os.cpu_count() or 1, lambda: self.loop.changed(None))
        self.present = Present(self.live)
        self.loop = Loop(self.live, self._published, lambda: clock().timestamp())
        self._watch: Watch | None = None
        self._places: tuple[Path, ...] = ()

    @contextmanager
    def running(self, progress: Showing) -> Iterator[None]:
        """Draft the site, then keep it up to date."""
        gc.disable()  # it would run for half a second in the middle of a draft; the loop does it in quiet moments
        with progress() as show:
            self.live.refresh(None, show)
        gc.freeze()
        self._tell()
        self._watch_places()
        self.loop.start()
        try:
            yield
        finally:
            if self._watch:
                self._watch.stop()
            self.loop.stop()

    def _published(self, changed: frozenset[str] | None) -> None:
        self.present.note_saved(changed)
        self.hub.publish()
        self._tell()
        self._watch_places()

    def _watch_places(self) -> None:
        """Watch what the settings name; they may name other places now."""
        site = self.live.now.site if self.live.now else self._site
        places = (site.root / "site.toml", site.content, *chain_places(site))
        if places != self._places:
            if self._watch:
                self._watch.stop()
                self.loop.changed(None)
            ignored = (site.output, site.cache, site.root / COLLECTION)
            self._watch = Watch(places, ignored, self.loop.changed, home=site.root, say=self._say)
            self._places = places

    def _tell(self) -> None:
        """Say what is wrong now and was not before, and when all is right again."""
        problems = {f"{problem.severity}: {problem}": problem.severity for problem in self.live.problems()}
        for line, severity in problems.items():
            if line not in self._told:
                self._say_problem(severity, line)
        if self._told and not problems:
            self._say("no problem is left")
        self._told = set(problems)


def preview(
    root: Path,
    wishes: Wishes,
    clock: Callable[[], datetime],
    say: Say,
    say_problem: Callable[[str, str], object],
    progress: Showing,
) -> None:
    """Serve a site while it is edited, until Ctrl-C.

    Raises:
        ConfigError: `site.toml` is wrong, or missing, to begin with.
        NoPlace: the address cannot be listened on.
    """
    site = load_site(root)
    with _store(site) as store:
        session = Session(site, store, clock, say, say_problem)
        editor = choose_editor(site.settings.editor, os.environ)
        with session.running(progress):
            serve(session.present, session.hub, wishes._replace(editor=editor), say)


class _Taken(BroadsheetError):
    """Another preview of the site uses the folder."""


@contextmanager
def _store(site: Site) -> Iterator[Store[Reading]]:
    """Give the store of previews of this site; a second one beside the first has one for itself."""

    def taken(_: str) -> None:
        raise _Taken

    folder = site.cache / FOLDER
    try:
        held = locked(folder, taken)
        held.__enter__()
    except _Taken:
        with TemporaryDirectory(prefix="broadsheet-") as elsewhere, closing(Store(Path(elsewhere), Reading)) as store:
            yield store
        return
    try:
        with closing(Store(folder, Reading)) as store:
            yield store
    finally:
        held.__exit__(None, None, None)
