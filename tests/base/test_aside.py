"""Another process's work is this one's answer, whatever becomes of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import no_child_is_left

from generator.base.aside import Give, aside


@pytest.mark.parametrize("worth", [True, False])
@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_the_answer(worth: bool, size: int) -> None:
    """It is the same, however much it is and whoever found it."""
    parts = [b"first", b"x" * size, b"last"]
    with aside(lambda give: [give(part) for part in parts], worth=worth) as answer:
        assert [*answer] == parts
    assert no_child_is_left()


def test_another_process_does_it() -> None:
    """Where it is worth one; else it is done here, and only when it is asked for."""
    here = str(os.getpid()).encode()
    done: list[int] = []

    def work(give: Give) -> None:
        done.append(1)
        give(str(os.getpid()).encode())

    with aside(work, worth=True) as answer:
        assert next(answer) != here
    with aside(work, worth=False) as answer:
        assert not done
        assert next(answer) == here


def test_a_part_comes_before_the_whole() -> None:
    """What is found first is there while the rest is still being looked for."""

    def work(give: Give) -> None:
        give(b"first")
        signal.pause()
        give(b"never")

    with aside(work, worth=True) as answer:
        assert next(answer) == b"first"
    assert no_child_is_left()


@pytest.mark.parametrize("before", [0, 1, 2, 3])
@pytest.mark.parametrize("fail", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0, lambda: os._exit(0)])
def test_a_process_that_fails(fail: Callable[[], object], before: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Then what it has not given is found here; nothing is said of it."""
    here = os.getpid()

    def work(give: Give) -> None:
        for at in range(3):
            if os.getpid() != here and at == before:
                fail()
            give(b"%d" % at)
        if os.getpid() != here:
            fail()

    with aside(work, worth=True) as answer:
        assert [*answer] == [b"0", b"1", b"2"]
    assert no_child_is_left()
    assert capfd.readouterr() == ("", "")


def test_a_process_that_is_not_asked(tmp_path: Path) -> None:
    """It is ended when its answer is needed no more, also by a failure."""

    def work(give: Give) -> None:
        signal.pause()
        give(b"")

    def leave() -> None:
        with aside(work, worth=True):
            raise RuntimeError("left")

    with pytest.raises(RuntimeError, match="left"):
        leave()
    assert no_child_is_left()
