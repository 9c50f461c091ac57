"""Loop: the site is drafted again for every change, for what hints did not say, and until it succeeds."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import templates_compiled_once
from preview_kit import until
from session_kit import make_live
from site_kit import NOON, SmallSite

from generator.preview import loop as module
from generator.preview.live import Live
from generator.preview.loop import Loop


@pytest.fixture(autouse=True)
def _fast() -> Iterator[None]:
    with templates_compiled_once():
        yield


@contextmanager
def looping(live: Live, clock: Callable[[], float] = lambda: NOON.timestamp()) -> Iterator[tuple[Loop, list[object]]]:
    published: list[object] = []
    loop = Loop(live, published.append, clock)
    loop.start()
    try:
        yield loop, published
    finally:
        loop.stop()
    until(lambda: not any(thread.name in ("drafting", "fetching") for thread in threading.enumerate()))


def front(live: Live) -> str:
    page = live.page("index.html")
    return page.data.decode() if page else ""


def plain(site: SmallSite) -> Path:
    return site.root / "content/news/2026-02-20-plain.md"


def test_a_change_while_a_draft_is_made_is_drafted_next(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved while the site is drafted is in the draft after it, also if nothing is looked at in between."""
    monkeypatch.setattr(module, "IDLE", module.LONGEST)
    live = make_live(site)
    drafting, go_on = threading.Event(), threading.Event()
    refresh = live.refresh

    def slow(changed: frozenset[str] | None) -> bool:
        done = refresh(changed)
        drafting.set()
        assert go_on.wait(20)
        return done

    monkeypatch.setattr(live, "refresh", slow)
    with looping(live) as (loop, published):
        site.edit(plain(site), title="The first")
        loop.changed(frozenset([str(plain(site))]))
        assert drafting.wait(20)
        site.edit(plain(site), title="The second")
        loop.changed(frozenset([str(plain(site))]))
        go_on.set()
        until(lambda: "The second" in front(live))
    assert published == [frozenset([str(plain(site))])] * 2


def test_a_quiet_moment_finds_what_nobody_said(site: SmallSite) -> None:
    """If the watcher misses a save, the site is right a moment after the next one all the same."""
    live = make_live(site)
    with looping(live) as (loop, published):
        site.edit(plain(site), title="Nobody said so")
        loop.changed(frozenset())
        until(lambda: "Nobody said so" in front(live))
        until(lambda: None in published)


def test_a_quiet_site_costs_nothing(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all was looked at once, the loop sleeps until something is said; nothing is saved again and again."""
    monkeypatch.setattr(module, "IDLE", 0.01)
    live = make_live(site)
    looks: list[object] = []
    rested = threading.Event()
    refresh, save = live.refresh, live.save

    def count(changed: frozenset[str] | None) -> bool:
        looks.append(changed)
        return refresh(changed)

    def saved(after: int = 1) -> None:
        save(after)
        rested.set()

    monkeypatch.setattr(live, "refresh", count)
    monkeypatch.setattr(live, "save", saved)
    with looping(live) as (_, __):
        assert rested.wait(20)
        known = len(looks)
        assert not threading.Event().wait(0.5)  # fifty times as long as the moment that counts as quiet
        assert len(looks) <= known + 1


def test_what_could_not_be_drafted_is_tried_again(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a full disk, or a content folder that was away, the site is there by itself."""
    monkeypatch.setattr(module, "RETRY", 0.02)
    live = make_live(site)
    with looping(live) as (loop, _):
        away = site.root / "away"
        shutil.move(site.root / "content", away)
        loop.changed(None)
        until(lambda: live.failure)
        shutil.move(away, site.root / "content")
        until(lambda: not live.failure)


def test_the_clock_alone_drafts(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduled article is due without a save."""
    monkeypatch.setattr(module, "IDLE", 0.01)
    due = datetime(2026, 3, 5, 6, tzinfo=UTC)
    clock = [due - timedelta(seconds=0.5)]
    live = make_live(site, lambda: clock[0])
    article = site.root / "content/news/2026-03-05-scheduled.md"

    def is_held() -> bool:
        assert live.now
        return live.now.drafted.edition.library.standing.states[f"content/news/{article.name}"] == "scheduled"

    with looping(live, lambda: clock[0].timestamp()) as (_, published):
        assert is_held()
        clock[0] = due
        until(lambda: not is_held())
        until(lambda: published)


def test_who_is_told_may_fail(site: SmallSite, caplog: pytest.LogCaptureFixture) -> None:
    """A terminal that has gone does not end the drafting."""
    live = make_live(site)

    def fails(_: object) -> None:
        raise BrokenPipeError

    loop = Loop(live, fails, lambda: NOON.timestamp())
    loop.start()
    for title in ("One save", "Another save"):
        site.edit(plain(site), title=title)
        loop.changed(None)
        until(lambda title=title: title in front(live))  # type: ignore[misc]
    loop.stop()
    assert "has failed" in caplog.text


def test_a_long_draft_does_not_keep_the_end_waiting(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the midst of a draft is not kept waiting for its end."""
    monkeypatch.setattr(module, "ENDING", 0.01)
    live = make_live(site)
    drafting, go_on = threading.Event(), threading.Event()

    def slow(_: object) -> bool:
        drafting.set()
        return go_on.wait(20)

    monkeypatch.setattr(live, "refresh", slow)
    loop = Loop(live, lambda _: None, lambda: NOON.timestamp())
    loop.start()
    loop.changed(None)
    assert drafting.wait(20)
    loop.stop()
    assert not go_on.is_set()
    go_on.set()
