"""Another process's work is this one's answer, whatever becomes of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.base.aside import aside


def ended() -> bool:
    """Tell whether no process of ours is left, not even as a zombie."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@pytest.mark.parametrize("worth", [True, False])
@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_the_answer(worth: bool, size: int) -> None:
    """It is the same, however much it is and whoever found it."""
    with aside(lambda: b"x" * size, worth=worth) as answer:
        assert answer() == b"x" * size
    assert ended()


def test_another_process_does_it() -> None:
    """Where it is worth one; else it is done here, and only when it is asked for."""
    here = str(os.getpid()).encode()
    with aside(lambda: str(os.getpid()).encode(), worth=True) as answer:
        assert answer() != here
    done: list[int] = []
    with aside(lambda: bytes(done.append(1) or 0), worth=False):
        assert not done


@pytest.mark.parametrize("fail", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0, lambda: os._exit(0)])
def test_a_process_that_fails(fail: Callable[[], object], capfd: pytest.CaptureFixture[str]) -> None:
    """Then the work is done here; nothing is said of it."""
    here = os.getpid()

    def work() -> bytes:
        if os.getpid() != here:
            fail()
        return b"done"

    with aside(work, worth=True) as answer:
        assert answer() == b"done"
    assert ended()
    assert capfd.readouterr() == ("", "")


def test_a_process_that_is_not_asked(tmp_path: Path) -> None:
    """It is ended when its answer is needed no more, also by a failure."""

    def work() -> bytes:
        signal.pause()
        return b""

    def leave() -> None:
        with aside(work, worth=True):
            raise RuntimeError("left")

    with pytest.raises(RuntimeError, match="left"):
        leave()
    assert ended()
