"""Bursts of changes, by a clock that the test moves, and names that are no sources."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.content import scan
from generator.preview.burst import LONGEST, MOST, QUIET, Burst
from generator.preview.noise import is_noise


def test_a_burst_ends_when_it_is_quiet() -> None:
    """It is due a moment after its last change, and is then empty again."""
    burst = Burst()
    assert burst.due() is None
    burst.add("a", 10.0)
    burst.add("b", 10.02)
    burst.add("a", 10.04)
    assert burst.due() == 10.04 + QUIET
    assert burst.take() == {"a", "b"}
    assert burst.due() is None
    burst.add("c", 20.0)
    assert (burst.due(), burst.take()) == (20.0 + QUIET, {"c"})


def test_a_burst_that_goes_on_is_reported_in_between() -> None:
    """However long it goes on, it is due a fixed time after its first change."""
    burst = Burst()
    for step in range(1000):
        burst.add("a", 10.0 + step * QUIET / 2)
    assert burst.due() == 10.0 + LONGEST


def test_many_changes_and_folders_are_everything() -> None:
    """More paths than are worth naming, or a change that can be anything: look at everything."""
    burst = Burst()
    for number in range(MOST):
        burst.add(str(number), 1.0)
    assert len(burst.take() or ()) == MOST
    for number in range(MOST + 1):
        burst.add(str(number), 1.0)
    assert burst.take() is None
    burst.add("a", 1.0)
    burst.add_all(1.0)
    assert burst.take() is None


def test_what_was_born_and_is_gone_is_no_change() -> None:
    """A temporary file is not reported; one that was there before and is gone is, and one that stays, too."""
    burst = Burst(exists={"stays"}.__contains__)
    burst.add("4913", 1.0, born=True)
    burst.add("stays", 1.0, born=True)
    burst.add("was", 1.0)
    burst.add("was", 1.0, born=True)
    assert burst.take() == {"stays", "was"}
    burst.add("4913", 2.0, born=True)
    assert burst.take() == frozenset()


NAMES = st.text(st.sampled_from("a.~#$_swpotmDB4913"), min_size=1, max_size=12) | st.sampled_from(
    ["x.md", ".x.md.swp", "x.md~", ".#x.md", "#x.md#", "x.md___jb_tmp___", ".DS_Store", "Thumbs.db", "4913", "~$x.png"]
)


@given(NAMES)
def test_noise_is_never_a_source(name: str) -> None:
    """No file that reading takes is noise; in static folders that is every file but two."""
    if is_noise(f"news/2026/{name}"):
        assert scan._hidden(name) or name in scan._NEVER
    for static in ("static", "_static/.well-known"):
        assert is_noise(f"{static}/{name}") == (name in scan._NEVER)


def test_what_editors_leave_is_noise() -> None:
    """Swap files, copies, locks and what systems put into folders are known."""
    names = [".x.md.swp", ".x.md.swx", "x.md~", ".#x.md", "#x.md#", "x.md___jb_tmp___", "x.md___jb_old___", ".DS_Store"]
    names += [".x.md.crswap", ".x.md.kate-swp", ".~lock.x.md#", ".goutputstream-ABC", ".nfs0001", "._x.md", "Thumbs.db"]
    assert [name for name in names if not is_noise(f"news/{name}")] == []
    assert is_noise(".git/index")
    assert is_noise("static/.git/index")
