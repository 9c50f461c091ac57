"""Files by their stats: what a folder holds, and whether a look at it can be trusted."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator.base.files import (
    COARSE_TICK,
    TICK,
    Look,
    digest_looks,
    is_settled,
    let_clock_tick,
    look,
    read_file,
    size_of,
    survey,
)

SECOND = 1_000_000_000


def test_a_survey_names_every_file_below(tmp_path: Path) -> None:
    """Files of all depths, hidden ones and links come once each, with their looks; folders do not."""
    for name in ("a.md", ".hidden", "deep/er/b.md", "ü/東京.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("nothing")
    (tmp_path / "folder-link").symlink_to("deep")
    found = dict(survey(str(tmp_path)))
    assert sorted(found) == [".hidden", "a.md", "deep/er/b.md", "folder-link", "link", "ü/東京.md"]
    links = {"link", "folder-link"}
    assert all(found[name] == look(os.lstat(tmp_path / name)) for name in found.keys() - links)
    assert not any(is_settled(found[name], 2**62) for name in links)


def test_a_survey_of_nothing_is_empty(tmp_path: Path) -> None:
    """No folder, a file, an empty folder: none of them holds a file."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    assert [*survey(str(tmp_path / "none")), *survey(str(tmp_path / "file")), *survey(str(tmp_path / "empty"))] == []


def test_a_replaced_file_looks_different(tmp_path: Path) -> None:
    """Another file of equal size and times under the same name has another look, for no user can set all of it."""
    file, other = tmp_path / "a", tmp_path / "b"
    file.write_bytes(b"one")
    before = look(file.stat())
    other.write_bytes(b"two")
    os.utime(other, ns=(before[1], before[1]))
    other.replace(file)
    after = look(file.stat())
    assert after[:2] == before[:2]
    assert after != before


def seen_as(modified: int, changed: int, size: int = 1, inode: int = 7) -> Look:
    """Return the look of a file with these times (ns)."""
    stat = SimpleNamespace(st_size=size, st_mtime_ns=modified, st_ctime_ns=changed, st_ino=inode)
    return look(stat)  # type: ignore[arg-type]


@pytest.mark.parametrize("when", [-(2**63) - 1, -1, 0, 2**63 - 1, 2**63, 2**64])
def test_any_time_that_a_disk_says_is_taken(when: int) -> None:
    """A file from the year 1600 or 2600 is looked at as any other."""
    assert seen_as(when, when, 123) == seen_as(when, when, 123) != seen_as(when + 1, when, 123)
    assert size_of(seen_as(when, when, 123)) == 123
    is_settled(seen_as(when, when), time.time_ns())


def test_a_file_that_was_just_changed_is_not_settled() -> None:
    """A look is trusted only if the file was at rest for longer than the file system's clock ticks."""
    now = 1_700_000_000 * SECOND + 1
    assert is_settled(seen_as(now - TICK - 1, now - TICK - 1), now)
    assert not is_settled(seen_as(now - TICK, now - TICK - 1), now)
    assert not is_settled(seen_as(now - 10 * SECOND, now - TICK), now)
    assert not is_settled(seen_as(now + SECOND, now - 10 * SECOND), now)


def test_whole_seconds_are_a_coarse_clock() -> None:
    """Where times come in whole seconds a file has to rest longer."""
    now = 1_700_000_000 * SECOND
    whole = now - COARSE_TICK
    assert not is_settled(seen_as(whole, whole), now)
    assert is_settled(seen_as(whole - SECOND, whole - SECOND), now)
    assert is_settled(seen_as(whole + 1, whole + 1), now)


def test_an_old_file_is_settled(tmp_path: Path) -> None:
    """A real file is not trusted at once, and is after a moment."""
    (tmp_path / "a").write_text("x")
    seen = look((tmp_path / "a").stat())
    assert not is_settled(seen, time.time_ns())
    assert is_settled(seen, time.time_ns() + 3 * SECOND)


def test_the_digest_of_looks_is_of_a_set() -> None:
    """The order in which files are found decides nothing; each path and each number counts."""
    looks = [("a", seen_as(1, 2, 3, 4)), ("b/c", seen_as(5, 6, 7, 8)), ("\udcff", seen_as(0, 0, 0, 0))]
    assert digest_looks(looks) == digest_looks(looks[::-1])
    changed = [[*looks[:-1]], [*looks, ("d", looks[0][1])], [("x", looks[0][1]), *looks[1:]]]
    changed += [[("a", seen_as(*(n + (at == i) for i, n in enumerate((1, 2, 3, 4))))), *looks[1:]] for at in range(4)]
    assert len({digest_looks(each) for each in [looks, *changed]}) == len(changed) + 1


def test_the_tick_of_the_youngest_file_is_waited_for() -> None:
    """After it every file is settled; old ones are not waited for, and no clock of a disk makes us wait for ever."""
    now = time.time_ns()
    old, young, ahead = (seen_as(at, at) for at in (now - 60 * SECOND, now + 1, now + 3600 * SECOND + 1))
    let_clock_tick([old])
    assert time.time_ns() - now < SECOND
    let_clock_tick([old, young])
    assert is_settled(young, time.time_ns())
    let_clock_tick([ahead])
    assert time.time_ns() - now < 10 * SECOND


@pytest.mark.parametrize("size", [0, 5, 100_000])
@pytest.mark.parametrize("said", [-1, 0, 5, 99_999])
def test_a_file_is_read_whole(size: int, said: int, tmp_path: Path) -> None:
    """However many bytes it was said to have."""
    file = tmp_path / "file"
    file.write_bytes(bytes(index % 251 for index in range(size)))
    assert read_file(str(file), said) == file.read_bytes()
