"""Workers give the same answers in the same order however many they are, and none of them outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from processes import survivors
from site_kit import environment

from generator.builder.workers import AHEAD, _ahead, run_chunks, workers

JOBS = [1, 2, 3]


def squares(world: dict[str, object], items: Sequence[int]) -> list[int]:
    """Work longest on the first items, so that the last chunks would end first."""
    for item in items:
        sum(range(200_000 // (item + 1)))
    return [item * item for item in items]


def whereabouts(world: dict[str, object], items: Sequence[int]) -> list[tuple[int, bool]]:
    """Say who works, and whether it sees what cannot be sent to another process."""
    return [(os.getpid(), callable(world["answer"]) and world["lock"] is not None) for _ in items]


def explode(world: dict[str, object], items: Sequence[int]) -> list[int]:
    raise ZeroDivisionError(f"at {items[0]}")


def no_progress(done: int) -> None:
    pass


@pytest.mark.parametrize(
    ("others", "left", "ahead"),
    [(1, 0, 0), (1, 1, 0), (1, 2, 1), (1, 5, 2), (1, 6, 3), (1, 100, AHEAD), (3, 1, 0), (3, 4, 3), (0, 9, 0)],
)
def test_others_are_given_no_more_than_their_share(others: int, left: int, ahead: int) -> None:
    """Of few chunks this process keeps its own, the last one is its own, and of many others have some ahead."""
    assert _ahead(others, left) == ahead


@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_answers_come_in_order(jobs: int, size: int) -> None:
    """Whatever order the chunks end in, answer n is that of item n."""
    with workers(jobs, {}) as executor:
        answers = run_chunks(executor, squares, range(40), size, no_progress, int)
    assert answers == [item * item for item in range(40)]


def test_costly_items_make_small_chunks() -> None:
    """Long work is shared out evenly: a chunk ends with the item by which it costs enough."""
    chunks: list[Sequence[int]] = []

    def look(_: object, items: Sequence[int]) -> list[int]:
        chunks.append(items)
        return list(items)

    with workers(1, {}) as executor:
        answers = run_chunks(executor, look, [1, 1, 9, 9, 1, 1, 1, 1, 1], 4, no_progress, int, lambda item: item)
    assert answers == [1, 1, 9, 9, 1, 1, 1, 1, 1]
    assert chunks == [[1, 1, 9], [9], [1, 1, 1, 1], [1]]


@pytest.mark.parametrize("jobs", JOBS)
def test_no_items(jobs: int) -> None:
    """Nothing to do gives no answers."""
    with workers(jobs, {}) as executor:
        assert run_chunks(executor, squares, [], 10, no_progress, int) == []


@pytest.mark.parametrize("jobs", JOBS)
def test_progress_reaches_the_end(jobs: int) -> None:
    """Progress only grows, and ends with the number of items."""
    seen: list[int] = []
    with workers(jobs, {}) as executor:
        run_chunks(executor, squares, range(25), 4, seen.append, int)
    assert seen == sorted(seen)
    assert seen[-1] == 25


@pytest.mark.parametrize("jobs", JOBS)
def test_workers_share_the_world(jobs: int) -> None:
    """Every worker has the world, though no pickle could carry it; one job means this very process."""
    world: dict[str, object] = {"answer": lambda: 42, "lock": threading.Lock()}
    with workers(jobs, world) as executor:
        answers = run_chunks(executor, whereabouts, range(20), 1, no_progress, tuple[int, bool])
    assert all(sees for _, sees in answers)
    assert os.getpid() in {pid for pid, _ in answers}
    assert len({pid for pid, _ in answers}) <= jobs
    assert survivors(list({pid for pid, _ in answers} - {os.getpid()})) == []


@pytest.mark.parametrize("jobs", JOBS)
def test_failure_comes_out(jobs: int) -> None:
    """What a chunk raises is raised here, and the next workers are as good as new."""
    with pytest.raises(ZeroDivisionError, match=r"at \d"), workers(jobs, {}) as executor:
        run_chunks(executor, explode, range(jobs), 1, no_progress, int)
    with workers(jobs, {}) as executor:
        assert run_chunks(executor, squares, [3], 10, no_progress, int) == [9]


def fail_beside(folder: Path, items: Sequence[int]) -> list[int]:
    """Fail in the process that has made the folder, while the other one is about to write into it."""
    if items[0]:
        while not (folder / "begun").exists():
            time.sleep(0.01)
        raise ZeroDivisionError
    (folder / "begun").touch()
    time.sleep(0.3)
    (folder / "written").touch()
    return [0]


def test_who_fails_ends_the_others(tmp_path: Path) -> None:
    """Nobody writes any more when a failure comes out: a folder that was for this work can be removed."""
    with pytest.raises(ZeroDivisionError), workers(2, tmp_path) as executor:
        run_chunks(executor, fail_beside, range(2), 1, no_progress, int)
    time.sleep(0.5)
    assert not (tmp_path / "written").exists()


def test_interrupt_is_no_answer() -> None:
    """Ctrl-C stops work that is done in this process at once, and is not kept for later."""

    def interrupted(_world: object, _items: object) -> list[int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), workers(1, None) as executor:
        run_chunks(executor, interrupted, [1], 1, lambda _: None, int)


_ORPHANS = """
import os, signal, sys
from generator.builder.workers import run_chunks, workers

def wait(world, items):
    os.write(1, b"%d\\n" % os.getpid())
    signal.pause()

with workers(3, None) as executor:
    run_chunks(executor, wait, range(3), 1, print, int)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells workers that their parent has gone")
def test_no_worker_outlives_a_killed_parent() -> None:
    """`kill -9` of a build ends its workers, too, though each of them waits for ever."""
    with subprocess.Popen([sys.executable, "-c", _ORPHANS], env=environment(), stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pids = [int(parent.stdout.readline()) for _ in range(3)]
        os.kill(parent.pid, signal.SIGKILL)
    assert len(set(pids)) == 3
    assert survivors(pids) == []
