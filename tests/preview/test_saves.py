"""Every way in which editors save ends in the new page; what is no save is no new draft."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from newsroom import templates_compiled_once
from preview_kit import until
from session_kit import Shown, previewing
from site_kit import SmallSite

from generator.preview import loop

PAGE = "/news/2026-02-20-plain/"


@pytest.fixture
def shown(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """Preview the site, with nothing but what the watcher says."""
    monkeypatch.setattr(loop, "IDLE", loop.LONGEST)
    with templates_compiled_once(), previewing(site) as running:
        running.shows(PAGE, "2026 02 20 plain")
        yield running


def save_like_vim(file: Path, text: str) -> None:
    """Try the folder, rename the old file to a backup, write a new one, delete the backup."""
    trial = file.with_name("4913")
    trial.touch()
    trial.unlink()
    backup = file.rename(file.with_name(f"{file.name}~"))
    file.write_text(text)
    backup.unlink()


def save_by_replacing(file: Path, text: str) -> None:
    """Write a file beside it, and rename that."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text)
    beside.replace(file)


def save_in_place(file: Path, text: str) -> None:
    """Empty the file, then write it."""
    file.write_text(text)


def save_by_deleting(file: Path, text: str) -> None:
    """Delete the file, then make another."""
    file.unlink()
    file.write_text(text)


def save_line_by_line(file: Path, text: str) -> None:
    """Write a few bytes at a time."""
    with open(file, "wb", buffering=0) as out:
        for line in text.encode().splitlines(keepends=True):
            out.write(line)


@pytest.mark.parametrize("save", [save_like_vim, save_by_replacing, save_in_place, save_by_deleting, save_line_by_line])
def test_a_save_is_shown(shown: Shown, save: Callable[[Path, str], None]) -> None:
    """Three saves one after the other are each shown, and leave no problem."""
    file = shown.site.root / "content/news/2026-02-20-plain.md"
    text = file.read_text()
    for number in range(3):
        save(file, f"{text}\nSaved {number}.\n")
        shown.shows(PAGE, f"Saved {number}.")
    until(lambda: not any("plain" in message for message in shown.problems()))


def test_a_save_in_two_steps_ends_right(shown: Shown) -> None:
    """A file that is seen half written keeps its last good page, and then has the new one."""
    file = shown.site.root / "content/news/2026-02-20-plain.md"
    text = file.read_text()
    before = shown.page(PAGE)
    with open(file, "wb", buffering=0) as out:
        out.write(text.encode()[:30])
        until(lambda: any(problem.path.endswith(file.name) for problem in shown.session.present.problems()))
        assert shown.page(PAGE) == before
        out.write(text.encode()[30:] + b"\nThe rest.\n")
    shown.shows(PAGE, "The rest.")
    until(lambda: not any(problem.path.endswith(file.name) for problem in shown.session.present.problems()))


def test_what_is_no_save_is_no_draft(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times and rights, reading, and an editor's own files make no draft; the save after them is the only one."""
    asked: list[frozenset[str] | None] = []
    refresh = shown.session.live.refresh

    def noted(changed: frozenset[str] | None) -> bool:
        asked.append(changed)
        return refresh(changed)

    monkeypatch.setattr(shown.session.live, "refresh", noted)
    file = shown.site.root / "content/news/2026-02-20-plain.md"
    os.utime(file)
    file.chmod(0o600)
    file.read_bytes()
    list(file.parent.iterdir())
    file.with_name(f".{file.name}.swp").write_text("x")
    file.with_name(f"{file.name}~").write_text("x")
    file.with_name(f".#{file.name}").symlink_to("user@host.1")
    shown.site.write("output/index.html", "x")
    shown.site.write(".broadsheet/state", "x")
    shown.site.edit(file, "The save.\n")
    shown.shows(PAGE, "The save.")
    assert asked == [frozenset([str(file)])]
