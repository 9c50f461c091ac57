"""Watch: tell which files of some places changed, soon after they did and once for each burst of changes."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType

from generator.preview.burst import Burst
from generator.preview.ears import Ears, Sound, listen, listen_by_polling
from generator.preview.folders import Watched, find_folders, mark
from generator.preview.noise import is_noise

Changed = Callable[[frozenset[str] | None], object]
LOOK = 0.5  # s between two looks whether the places themselves are still the same
_LIMITS = (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_LIMIT_REACHED = (
    "this system watches no more folders: changes are looked for once a second instead; "
    "`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512` raises the limits"
)
logger = logging.getLogger(__name__)


class Watch:
    """Watches places until it is stopped; also a context manager.

    `changed` is called from a thread of its own with the absolute paths of the files that changed, never with an empty
    set, or with None: "look at everything". While it runs, what changes is gathered for the next call.

    Args:
        places: folders with all below them, and single files; one that is not there is waited for.
        ignored: folders (or files) that are left out, with all below them.
        changed: what is called.
        home: links in the places are followed to where they lead below this folder; without it, none are.
        say: is called with a line for the person when something is amiss.
    """

    def __init__(
        self,
        places: Iterable[Path],
        ignored: Iterable[Path],
        changed: Changed,
        *,
        home: Path | None = None,
        say: Callable[[str], object] = logger.warning,
        listen: Callable[[Callable[[Sound], None]], Ears] = listen,
    ):
        self._places = tuple(dict.fromkeys(os.path.abspath(place) for place in places))
        self._ignored = frozenset(os.path.abspath(place) for place in ignored)
        self._home = os.path.realpath(home) if home else "/dev/null"
        self._changed = changed
        self._say = say
        self._burst = Burst()
        self._news = Condition()
        self._moved = False  # folders came, went or were renamed
        self._stopped = False
        self._watched = Watched({}, {}, set(), {})
        self._ears = self._open(listen)
        self._thread = Thread(target=self._run, name="broadsheet watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Report nothing any more, and leave no thread; not to be called from `changed`."""
        with self._news:
            self._stopped = True
            self._news.notify()
        self._thread.join()
        self._ears.stop()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    # -- in the thread of the ears -------------------------------------------------------------------------------------

    def _hear(self, sound: Sound) -> None:
        if not sound.path:
            self._note_all()
            return
        if sound.folder and sound.path in self._watched.folders:
            self._note_all()  # a watched folder itself went or was moved
            return
        paths = [path for path in self._watched.paths(sound.path) if not self._is_ignored(path)]
        links = self._watched.links
        if paths and (sound.folder or os.path.islink(sound.path) or any(path in links for path in paths)):
            self._note_all()
        elif paths:
            with self._news:
                now = time.monotonic()
                for path in paths:
                    self._burst.add(path, now, born=sound.born)
                # A place that is one file, or a link, was saved by a rename or came back.
                self._moved = self._moved or any(path in self._watched.marks for path in paths)
                self._news.notify()

    def _note_all(self) -> None:
        with self._news:
            self._moved = True
            self._burst.add_all(time.monotonic())
            self._news.notify()

    def _is_ignored(self, path: str) -> bool:
        if any(path == place or path.startswith(f"{place}/") for place in self._ignored):
            return True
        home = next((place for place in self._places if path.startswith(f"{place}/")), os.path.dirname(path))
        return is_noise(path[len(home) + 1 :])

    # -- in our own thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        looked = time.monotonic()
        while self._wait(looked + LOOK):
            now = time.monotonic()
            if now >= looked + LOOK:
                looked = now
                if any(mark(place) != self._watched.marks[place] for place in self._places):
                    self._note_all()
            self._follow()
            with self._news:
                due = self._burst.due()
                changed = self._burst.take() if due is not None and due <= now else frozenset()
            if changed is None or changed:
                self._report(changed)

    def _wait(self, until: float) -> bool:
        """Wait until something is to be done; tell whether we go on."""
        with self._news:
            while not self._stopped:
                due = self._burst.due()
                left = min(until, until if due is None else due) - time.monotonic()
                if left <= 0:
                    break
                self._news.wait(left)
            return not self._stopped

    def _follow(self) -> None:
        """Watch the folders that are there now. Only then is reported that some came: what is in them is not lost."""
        with self._news:
            moved, self._moved = self._moved, False
        if moved:
            try:
                self._look_again(self._ears)
            except OSError as error:
                if error.errno not in _LIMITS:
                    raise
                self._ears.stop()
                self._ears = self._poll()

    def _look_again(self, ears: Ears) -> None:
        watched = find_folders(self._places, self._ignored, self._home, ears.enter)
        self._watched = watched
        ears.settle([found[0] for found in watched.marks.values() if found])

    def _report(self, changed: frozenset[str] | None) -> None:
        try:
            self._changed(changed)
        except Exception:
            logger.exception("what a change of files calls has failed")

    def _open(self, listen: Callable[[Callable[[Sound], None]], Ears]) -> Ears:
        ears = None
        try:
            ears = listen(self._hear)
            self._look_again(ears)
        except OSError as error:
            if ears:
                ears.stop()
            if error.errno not in _LIMITS:
                raise
            return self._poll()
        return ears

    def _poll(self) -> Ears:
        self._say(_LIMIT_REACHED)
        ears = listen_by_polling(self._hear, self._is_ignored)
        self._look_again(ears)
        return ears
