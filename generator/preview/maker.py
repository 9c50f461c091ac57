"""Maker: the outputs of a live site, each made when it is asked for by the action that a build has for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from generator.base.config import Site
from generator.base.problems import CacheDamaged, Problem
from generator.builder.run import ActionFailed, Bench, SourceChanged, kept_names
from generator.builder.store import Store
from generator.builder.task import Task, task_key
from generator.drafting import Draft
from generator.pages.press import Press
from generator.preview.current import Page
from generator.preview.pages import Made, Pages
from generator.reading import Reading

Doubt = SourceChanged | CacheDamaged


class Now(NamedTuple):
    """The site at one moment, whole: who has it sees nothing of a refresh that goes on meanwhile."""

    site: Site
    drafted: Draft
    bench: Bench[Press]
    tasks: dict[str, Task]  # by output


class Maker:
    """Makes outputs as a build would, byte for byte, and keeps the last good ones. Any thread may ask.

    Args:
        shelf: where builds keep what is costly, pictures; shared with them.
        jobs: how many pictures are made at once.
        problems: gives what is wrong with the site.
        doubted: called with what shows that the site is not as it was read.
    """

    def __init__(
        self,
        shelf: Store[Reading],
        jobs: int,
        problems: Callable[[], tuple[Problem, ...]],
        doubted: Callable[[Doubt], None],
    ):
        self.now: Now | None = None
        self.lock = threading.RLock()  # who holds it knows that nothing reads the store
        self._shelf = shelf
        self._problems, self._doubted = problems, doubted
        self._costly = threading.BoundedSemaphore(jobs)
        self._pages = Pages()
        self._addresses: dict[str, str] = {}  # output -> file of every article that there was
        self._frame: object = None  # of the library whose articles these are
        self._failed: dict[str, tuple[Task, bytes, Problem]] = {}  # by output, of those that were asked for

    def show(self, now: Now) -> None:
        """Make outputs of this moment from now on."""
        library = now.drafted.edition.library
        with self.lock:
            self.now = now
            self._failed = {output: each for output, each in self._failed.items() if _fails_still(now, *each)}
            for path, place in library.addresses.items() if self._frame is not library.frame else ():
                self._addresses[f"{place}index.html"] = path
            self._frame = library.frame

    def failures(self) -> list[Problem]:
        """Return what kept outputs from being made, of those that were asked for."""
        return [problem for _, __, problem in self._failed.copy().values()]

    def page(self, output: str) -> Page | None:
        """Return an output as a build would write it; where it cannot be made, the last good one and what is wrong."""
        with self.lock:
            now = self.now
            task = now.tasks.get(output) if now else None
            if now is None or task is None:
                return self._broken_page(output)
            at, key = task.outputs.index(output), b""
            try:
                action = now.bench.actions[task.action]
                inputs = action.inputs(now.bench.world, task.argument)
                key = task_key(action, inputs)
                known = self._pages.get(task.outputs[0], key)
                if known is None and not action.costly:
                    known = action.make(now.bench.world, inputs)
                    self._pages.put(task.outputs[0], key, known)
            except (ActionFailed, SourceChanged, CacheDamaged) as error:
                return self._fallen(task, at, key, error)
        if known is None:
            try:
                with self._costly:
                    known = self._make_costly(now, task, inputs, key)
            except (ActionFailed, SourceChanged, CacheDamaged) as error:
                return self._fallen(task, at, key, error)
        self._failed.pop(task.outputs[0], None)
        return Page.of(known[at])

    def _broken_page(self, output: str) -> Page | None:
        """Return the last good page of an article that cannot be read just now."""
        path, last = self._addresses.get(output, ""), self._pages.last(output)
        problem = next((one for one in self._problems() if one.path == path and one.severity == "error"), None)
        return Page.of(last[0], problem) if last and problem else None

    def _make_costly(self, now: Now, task: Task, inputs: object, key: bytes) -> Made:
        names = kept_names(key, len(task.outputs))
        made = tuple(data for name in names if (data := self._shelf.kept(name)) is not None)
        if len(made) < len(names):
            made = now.bench.actions[task.action].make(now.bench.world, inputs)
            with suppress(OSError):  # a full disk: it is made again when it is asked for
                for name, data in zip(names, made, strict=True):
                    self._shelf.keep(name, data)
        return made

    def _fallen(self, task: Task, at: int, key: bytes, error: ActionFailed | Doubt) -> Page:
        if isinstance(error, ActionFailed):
            problem = error.problem
            self._failed[task.outputs[0]] = (task, key, problem)
        else:
            problem = Problem("", 0, 0, "", str(error))
            self._doubted(error)
        last = self._pages.last(task.outputs[0])
        return Page.of(last[at] if last else b"", problem)

    def rehearsal(self) -> Iterator[Callable[[], object]]:
        """Yield what makes a page of each kind, so that a template's mistake is known before somebody looks at it."""
        now = self.now
        first: dict[str, Task] = {}
        for task in now.drafted.composition.tasks if now else ():
            first.setdefault(task.action, task)
        for task in first.values():
            if task.outputs[0].endswith(".html"):
                yield partial(self.page, task.outputs[0])


def _fails_still(now: Now, task: Task, key: bytes, _: Problem) -> bool:
    """Tell whether an output that could not be made would be made of the same things again."""
    if now.tasks.get(task.outputs[0]) != task:
        return False
    try:
        action = now.bench.actions[task.action]
        return task_key(action, action.inputs(now.bench.world, task.argument)) == key
    except (ActionFailed, SourceChanged, CacheDamaged):
        return False
