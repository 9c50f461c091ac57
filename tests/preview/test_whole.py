"""A whole preview, watching and serving a real site: whatever is done to it, what is served is what a build writes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from newsroom import KINDS, Newsroom, templates_compiled_once
from preview_kit import until
from session_kit import build_all, differences, previewing

from generator.base.paths import quote_path
from generator.preview import loop

# These are done to what builds leave behind, or change what a build is asked for; a preview has neither.
_OF_BUILDS = {
    "tamper_outputs",
    "delete_outputs",
    "delete_output_folder",
    "delete_listing",
    "damage_cache",
    "restore_cache",
    "delete_cache",
    "move_clock",
    "show_drafts",
}


class _Desk(Newsroom):
    """The newsroom's edits, one after the other: nothing is built between them."""

    def build(self) -> None:
        pass

    def compare(self) -> None:
        pass

    def shown_article(self, pick: int) -> Path:
        return self.article(pick)


@pytest.fixture
def desk() -> Iterator[_Desk]:
    with templates_compiled_once():
        room = _Desk()
        yield room
        room.close()


@pytest.mark.parametrize(("seed", "idle"), [(0, loop.IDLE), (1, loop.LONGEST)])
def test_the_site_after_many_edits_is_a_clean_build(
    desk: _Desk, monkeypatch: pytest.MonkeyPatch, seed: int, idle: float
) -> None:
    """After 300 edits as fast as they can be made, every address answers with a clean build's bytes, and no other.

    That holds, too, where only what the watcher says is looked at, and never all in a quiet moment; but for the
    collection of fetched pictures, in which it would hear what preview itself fetches.
    """
    monkeypatch.setattr(loop, "IDLE", idle)
    chance = random.Random(seed)
    left_out = _OF_BUILDS | ({"fetch_picture"} if idle == loop.LONGEST else set())
    todo = [(name, case) for name, kind in KINDS.items() if name not in left_out for case in kind.cases()]
    with previewing(desk.site) as shown:
        seen: set[str] = set()
        for number in range(300):
            name, case = chance.choice(todo)
            given = {argument: chance.choice(values) for argument, values in KINDS[name].choices.items()} | case
            getattr(desk, name)(compare=False, **given)
            if number % 30 == 0 and shown.session.live.now:
                seen |= shown.session.live.now.tasks.keys()
        wanted = build_all(desk.site, desk.folder / "clean")
        with suppress(AssertionError):
            until(lambda: not differences(shown, wanted))
        assert not differences(shown, wanted)
        base = shown.session.present.base_path
        for output in sorted(seen - wanted.keys()):
            page = shown.session.live.page(output)
            assert (page and page.problem) or shown.ask(base + quote_path(output)).status != 200, output
    assert not desk.site.output.exists()
