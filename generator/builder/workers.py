"""Workers: a function over many items in chunks, here or in other processes, with the same answers."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from generator.base.aside import end_with

if TYPE_CHECKING:  # costs 9 ms that a small build need not pay
    from concurrent.futures import Future

World = TypeVar("World")
Item = TypeVar("Item")
Answer = TypeVar("Answer")
Chunk = Callable[[World, Sequence[Item]], list[Answer]]
Progress = Callable[[str, int, int], None]  # phase, how many are done, of how many
Gather = Callable[[Any], AbstractContextManager["Team"]]  # of a world: who works in it on other machines

AHEAD = 16  # chunks that another process is given: this one looks after it only between two chunks of its own

_world: Any = None  # a worker process's own; set once, when it starts


class Team(NamedTuple):
    """Other processes that work; this one works beside them."""

    submit: Callable[[Chunk[Any, Any, Any], Sequence[Any]], Future[bytes]]
    others: Callable[[], int]  # how many they are; on other machines they come and go
    least: int = 1  # items of any kind that make a chunk
    lost: tuple[type[BaseException], ...] = ()  # what a future raises whose chunk is to be done again
    patience: float | None = None  # s without an answer after which this process does what others have not done


@contextmanager
def workers(jobs: int, world: World, gather: Gather | None = None) -> Iterator[Team | None]:
    """Give the processes that work besides this one; all hold `world`: they are forked, so nothing of it is pickled.

    For one job there are none: a small build starts no other process. `gather` gives those of other machines instead.
    """
    hold(world)
    try:
        if gather:
            with gather(world) as team:
                yield team
        elif jobs <= 1 or not hasattr(os, "fork"):
            yield None
        else:
            with _forked(jobs - 1, world) as team:
                yield team
    finally:
        hold(None)


@contextmanager
def _forked(others: int, world: World) -> Iterator[Team]:
    from concurrent.futures import ProcessPoolExecutor  # costs 40 ms: a small build starts no process
    from multiprocessing import active_children, get_context

    gc.freeze()  # what exists now is shared with the workers; a collector run would copy it into each
    try:
        with ProcessPoolExecutor(others, get_context("fork"), _begin, (world, os.getpid())) as executor:
            try:
                yield Team(lambda *work: executor.submit(call, *work), lambda: others)
            except BaseException:
                for worker in active_children():
                    worker.kill()  # nobody needs what it does, and the folders that it writes to may go now
                raise
    finally:
        gc.unfreeze()


def run_chunks(
    team: Team | None,
    chunk: Chunk[World, Item, Answer],
    items: Sequence[Item],
    size: float,
    progress: Callable[[int], None],
    kind: Any,
    cost: Callable[[Item], float] = lambda _: 1,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Answer]:
    """Return the answers to `items` in their order, whatever order the chunks of `size` items end in.

    An item may cost as much as several, or a part of one; a chunk ends with the item by which it costs `size`.
    Answers of the type `kind` travel as msgpack: pickling them takes four times as long. While others work, this
    process first does what is needed after them, `meanwhile`, which can wait where there are none. Then it takes
    chunks, too: one that only waited would hold the world for nothing.
    """
    waiting = deque(_chunks(items, size, cost))
    answers: dict[int, list[Answer]] = {}
    running: dict[Future[bytes], tuple[int, int]] = {}
    decoder = msgspec.msgpack.Decoder(list[kind])
    lost = team.lost if team else ()
    done = 0
    while waiting or running:
        while team and waiting and len(running) < _ahead(team.others(), len(waiting) + len(running)):
            at, end = waiting.popleft()
            running[team.submit(chunk, items[at:end])] = at, end
        if team and not answers:
            meanwhile()
        if waiting:
            at, end = waiting.pop() if team else waiting.popleft()  # the others come from the start
            answers[at] = chunk(_world, items[at:end])
            done += len(answers[at])
        for future in _finished(running, 0 if waiting else team and team.patience):
            at, end = running.pop(future)
            try:
                answers[at] = decoder.decode(future.result(0))
                done += len(answers[at])
            except lost:
                waiting.appendleft((at, end))
        progress(done)
    return [answer for at in sorted(answers) for answer in answers[at]]


def _ahead(others: int, left: int) -> int:
    """Return how many of the chunks that are left, or being done, others have: no more than their share, or they
    would work on at the end while this process waits.
    """
    return min(AHEAD * others, left * others // (others + 1))


def _finished(running: Iterable[Future[bytes]], patience: float | None) -> Iterable[Future[bytes]]:
    """Return the futures that have ended; where none has after `patience` (s), one of those that have not, given up."""
    if not running:
        return ()
    from concurrent.futures import FIRST_COMPLETED, wait

    ended = wait(running, patience, FIRST_COMPLETED).done
    if patience and not ended:
        given_up = next(iter(running))
        given_up.cancel()
        return (given_up,)
    return ended


def _chunks(items: Sequence[Item], size: float, cost: Callable[[Item], float]) -> Iterator[tuple[int, int]]:
    """Yield where each chunk begins and ends."""
    start, total = 0, 0.0
    for at, item in enumerate(items, 1):
        total += cost(item)
        if total >= size or at == len(items):
            yield start, at
            start, total = at, 0.0


def call(chunk: Chunk[Any, Item, Answer], items: Sequence[Item]) -> bytes:
    """Do a chunk of work in the world that this process holds, and return its answers encoded."""
    return msgspec.msgpack.encode(chunk(_world, items))


def hold(world: Any) -> None:
    """Take the world that all of this process's tasks share."""
    global _world
    _world = world


def _begin(world: Any, parent: int) -> None:
    """Begin as a worker that ends with its parent."""
    hold(world)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    gc.disable()
    end_with(parent)  # or it would wait for work for ever
