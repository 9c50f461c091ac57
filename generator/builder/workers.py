"""Workers: a function over many items in chunks, here or in other processes, with the same answers."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:  # costs 9 ms that a small build need not pay
    from concurrent.futures import Executor

World = TypeVar("World")
Item = TypeVar("Item")
Answer = TypeVar("Answer")
Chunk = Callable[[World, Sequence[Item]], list[Answer]]
Progress = Callable[[str, int, int], None]  # phase, how many are done, of how many

_world: Any = None  # a worker process's own; set once, when it starts


@contextmanager
def workers(jobs: int, world: World) -> Iterator[Executor | None]:
    """Give an executor whose processes all hold `world`: they are forked, so they share it and nothing is pickled.

    For one job there is none: the work is done here, for a small build starts no other process.
    """
    if jobs <= 1 or not hasattr(os, "fork"):
        _hold(world, None)
        try:
            yield None
        finally:
            _hold(None, None)
        return
    from concurrent.futures import ProcessPoolExecutor  # costs 40 ms: a small build starts no process
    from multiprocessing import get_context

    gc.collect()
    gc.freeze()  # what exists now is shared with the workers; a collector run would copy it into each
    try:
        with ProcessPoolExecutor(jobs, get_context("fork"), _hold, (world, os.getpid())) as executor:
            try:
                yield executor
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        gc.unfreeze()


def run_chunks(
    executor: Executor | None,
    chunk: Chunk[World, Item, Answer],
    items: Sequence[Item],
    size: int,
    progress: Callable[[int], None],
    kind: Any,
    cost: Callable[[Item], int] = lambda _: 1,
) -> list[Answer]:
    """Return the answers to `items` in their order, whatever order the chunks of `size` items end in.

    An item may cost as much as several; a chunk ends with the item by which it costs `size`.
    Answers are of the type `kind` and travel as msgpack: pickling them takes four times as long.
    """
    slices = _chunks(items, size, cost)
    if executor is None:
        return _here(chunk, [items[at:end] for at, end in slices], progress)
    from concurrent.futures import as_completed

    decoder = msgspec.msgpack.Decoder(list[kind])
    futures = {executor.submit(_call, chunk, items[at:end]): at for at, end in slices}
    answers: dict[int, list[Answer]] = {}
    done = 0
    for future in as_completed(futures):
        answers[futures[future]] = decoder.decode(future.result())
        done += len(answers[futures[future]])
        progress(done)
    return [answer for at in sorted(answers) for answer in answers[at]]


def _here(
    chunk: Chunk[World, Item, Answer], chunks: Iterable[Sequence[Item]], progress: Callable[[int], None]
) -> list[Answer]:
    answers: list[Answer] = []
    for items in chunks:
        answers += chunk(_world, items)
        progress(len(answers))
    return answers


def _chunks(items: Sequence[Item], size: int, cost: Callable[[Item], int]) -> Iterator[tuple[int, int]]:
    """Yield where each chunk begins and ends."""
    start = total = 0
    for at, item in enumerate(items, 1):
        total += cost(item)
        if total >= size or at == len(items):
            yield start, at
            start, total = at, 0


def _call(chunk: Chunk[Any, Item, Answer], items: Sequence[Item]) -> bytes:
    return msgspec.msgpack.encode(chunk(_world, items))


def _hold(world: Any, parent: int | None) -> None:
    """Take the world that all of this process's tasks share; in a worker, die with the parent."""
    global _world
    _world = world
    if parent is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        gc.disable()
        _die_with(parent)


def _die_with(parent: int) -> None:
    """Ask the kernel to end this worker when a `kill -9` ends its parent: it would wait for work for ever."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, prctl(2)
        if os.getppid() != parent:  # it was gone already
            os._exit(1)
