"""Ears: hear of changes in folders: from Linux itself, folder by folder; elsewhere, or by polling, tree by tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserverVFS

POLLING = 1.0  # s between two looks at everything where the system tells nothing


class Sound(NamedTuple):
    """One change: the real path of a file or folder; `born` where it was made anew. "" is: something was missed."""

    path: str
    folder: bool = False
    born: bool = False


class Ears(Protocol):
    """Something that hears of changes and calls back, from a thread of its own, with each `Sound`."""

    def enter(self, folder: str) -> None:
        """Hear of one folder from now on.

        Raises:
            OSError: it is not there; or the system watches no more folders (`ENOSPC`, `EMFILE`).
        """

    def settle(self, trees: Iterable[str]) -> None:
        """Hear of the folders that were entered since the last time and of no others; or of these trees."""

    def stop(self) -> None:
        """Hear nothing any more, and leave no thread."""


if sys.platform == "linux":
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyConstants,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchDescriptor,
    )

    # No opening, closing, reading and no change of times or rights: a build's own reading must not be heard.
    _MASK = Mask(
        InotifyConstants.IN_CREATE
        | InotifyConstants.IN_MODIFY
        | InotifyConstants.IN_MOVE
        | InotifyConstants.IN_DELETE
        | InotifyConstants.IN_DELETE_SELF
        | InotifyConstants.IN_MOVE_SELF
        | InotifyConstants.IN_ONLYDIR
    )

    class FolderEars:
        """Ears on single folders, from inotify.

        watchdog's observer for Linux holds a rename back for up to half a second to pair its halves, does not tell that
        the kernel dropped events, and passes over folders that cannot be watched: so its reader is used, not it.
        """

        def __init__(self, heard: Callable[[Sound], None]):
            self._heard = heard
            self._reader = InotifyFD()
            self._reader.start()
            self._round = CallbackId(0)  # counts the settlings; each enters all folders anew, so none is ever not heard
            self._entered: dict[str, WatchDescriptor] = {}
            self._settled: dict[str, WatchDescriptor] = {}
            self._folders: dict[WatchDescriptor, str] = {}

        def enter(self, folder: str) -> None:
            """Hear of one folder from now on."""
            if folder not in self._entered:
                descriptor = self._reader.add_callback(os.fsencode(folder), _MASK, self, self._round)
                self._folders[descriptor] = folder
                self._entered[folder] = descriptor

        def settle(self, trees: Iterable[str]) -> None:  # noqa: ARG002
            """Hear of the folders that were entered since the last time, and of no others."""
            self._reader.remove_callbacks([(each, CallbackId(self._round - 1)) for each in self._settled.values()])
            for descriptor in {*self._settled.values()} - {*self._entered.values()}:
                self._folders.pop(descriptor, None)
            self._settled, self._entered = self._entered, {}
            self._round = CallbackId(self._round + 1)

        def stop(self) -> None:
            """Hear nothing any more."""
            self._reader.stop()
            self._reader.join()

        def on_event(self, event: InotifyEvent) -> None:
            """Tell of an event."""
            folder = self._folders.get(event.wd)
            if folder is None:
                return
            if event.is_delete_self or event.is_move_self:
                self._heard(Sound(folder, folder=True))
            elif event.name:
                path = os.path.join(folder, os.fsdecode(event.name))
                self._heard(Sound(path, event.is_directory, event.is_create))

        def on_watch_deleted(self, wd: WatchDescriptor) -> None:
            """Tell of a folder that has gone."""
            folder = self._folders.pop(wd, None)
            if folder is not None:
                self._heard(Sound(folder, folder=True))

        def on_queue_overflow(self) -> None:
            """Tell that more happened than the kernel could keep."""
            self._heard(Sound(""))


class TreeEars(FileSystemEventHandler):
    """Ears on trees, by one of watchdog's observers."""

    def __init__(self, heard: Callable[[Sound], None], observer: BaseObserver):
        self._heard = heard
        self._observer = observer
        self._observer.start()

    def enter(self, folder: str) -> None:
        """Do nothing: trees are heard from when all are known."""

    def settle(self, trees: Iterable[str]) -> None:
        """Hear of these trees and no others."""
        self._observer.unschedule_all()
        for tree in trees:
            try:
                self._observer.schedule(self, tree, recursive=True)
            except OSError:  # it has just gone
                self._heard(Sound(""))

    def stop(self) -> None:
        """Hear nothing any more."""
        self._observer.stop()
        self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Tell of an event, if it is a change."""
        if event.event_type not in _CHANGES or (event.is_directory and event.event_type == "modified"):
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._heard(Sound(os.fsdecode(path), event.is_directory, event.event_type == "created"))


_CHANGES = frozenset({"created", "modified", "moved", "deleted"})


def listen(heard: Callable[[Sound], None]) -> Ears:
    """Return the best ears of this system."""
    return FolderEars(heard) if sys.platform == "linux" else TreeEars(heard, Observer())


def listen_by_polling(heard: Callable[[Sound], None], is_ignored: Callable[[str], bool]) -> Ears:
    """Return ears that look at everything once a second; what is ignored is not looked at."""

    def entries(folder: str | None) -> list[os.DirEntry[str]]:
        return [entry for entry in os.scandir(folder) if not is_ignored(entry.path)]

    return TreeEars(heard, PollingObserverVFS(os.stat, entries, polling_interval=POLLING))  # type: ignore[arg-type]
