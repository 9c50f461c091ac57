"""`kill -9` at any instant: nothing lost, nothing broken, and the next build is as if nothing had happened."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from processes import session, survivors
from site_kit import LISTING, SmallSite, build, clean_tree, full_site, plain_article, tree
from watch import Watched, WatchedBuild, watched_build

Tree = dict[str, bytes]
ARTICLES = 300
JOBS = ("--jobs", "2")


class Newsroom:
    """A site that goes to and fro between two states, and what a clean build makes of each."""

    def __init__(self, folder: Path, articles: int):
        self.site = full_site(folder / "site", articles)
        self.states: tuple[Callable[[SmallSite], None], ...] = (_before, _after)
        self.clean: list[Tree] = []
        for number, state in enumerate(self.states):
            state(self.site)
            self.clean.append(clean_tree(self.site, folder / f"clean {number}"))
        self.at = 1

    def turn(self) -> tuple[Tree, Tree]:
        """Edit the site into its other state; return what its output was, and what it must become."""
        old, self.at = self.at, 1 - self.at
        self.states[self.at](self.site)
        return self.clean[old], self.clean[self.at]

    def empty(self) -> tuple[Tree, Tree]:
        """Take away all that was built; return what the output is then, and what it must become."""
        shutil.rmtree(self.site.output, ignore_errors=True)
        shutil.rmtree(self.site.cache, ignore_errors=True)
        return {}, self.clean[self.at]


def _before(site: SmallSite) -> None:
    site.settings(title="Small news", base_url="https://news.example/")
    site.write("themes/default/assets/style.css/30-ground.css", "body { color: black }")
    site.topic("Chips", 2, parent="Computing", aliases=["Silicon"])
    site.picture("images/lead.png", "#00ff00")
    for number in range(3, 9):
        plain_article(site, number)
    for number in range(1000, 1006):
        (site.root / f"content/news/plain-{number}.md").unlink(missing_ok=True)


def _after(site: SmallSite) -> None:
    """Other words on every page, a style sheet and a picture of another name, pages that are new and that are gone."""
    site.settings(title="Other news", base_url="https://news.example/")
    site.write("themes/default/assets/style.css/30-ground.css", "body { color: red }")
    site.topic("Chips", 2, parent="Science", aliases=["Semiconductors"])
    site.picture("images/lead.png", "#ff0000")
    for number in range(3, 9):
        site.remove(f"content/news/plain-{number:04d}.md")
    for number in range(1000, 1006):
        plain_article(site, number, topics=["Brand new"], publishedDateTime=f"2026-02-{number - 990}T06:00:00Z")


# -- what must hold after a kill ---------------------------------------------------------------------------------------


def check_output(site: SmallSite, old: Tree, new: Tree) -> None:
    """Check that every file is old or new, that none is temporary, and that every link that can be reached leads on.

    Two old pages that link each other cannot go at once: when deletions have begun, pages that go are no start.
    """
    there = tree(site.output)
    hidden = {name for name in there if name.startswith((LISTING, ".staging-"))}
    assert [name for name in there.keys() - hidden if there[name] not in (old.get(name), new.get(name))] == []
    deleting = not old.keys() <= there.keys()
    lost = old.keys() - there.keys() - {LISTING}
    assert lost <= old.keys() - new.keys(), "only what has to go is gone"
    starts = [name for name in old if name.endswith(".html") and (name in new or not deleting)]
    assert list(dead_ends(there, [*starts, "index.html"])) == []


def dead_ends(there: Tree, starts: list[str]) -> Iterator[str]:
    """Yield every link that leads nowhere on a walk from these pages, those that are there, over all that they link."""
    todo = [name for name in starts if name in there]
    seen = set(todo)
    while todo:
        page = todo.pop()
        for target in links(there[page]) - seen:
            if target not in there:
                yield f"{page}: {target}"
            else:
                seen.add(target)
                todo += [target] if target.endswith(".html") else []


@cache
def links(page: bytes) -> frozenset[str]:
    """Return the files of the site that a page links to or shows."""
    text = page.decode()
    urls = set(re.findall(r"""\b(?:href|src)="(/[^"#?]*)""", text))
    urls |= {part.split()[0] for found in re.findall(r'srcset="([^"]*)"', text) for part in found.split(", ")}
    paths = {unquote(unescape(url)).removeprefix("/") for url in urls}
    return frozenset(path + "index.html" if path.endswith("/") or not path else path for path in paths)


def check_kill(room: Newsroom, old: Tree, new: Tree, killed: WatchedBuild, done: Watched) -> str:
    """Check everything after a kill, build again, and return the phase in which it struck."""
    assert survivors(session(killed.process.pid)) == [], "a worker outlives its build"
    check_output(room.site, old, new)
    build(room.site)
    assert tree(room.site.output) == new
    assert [path.name for path in room.site.cache.glob(".staging-*")] == []
    return done.phase


def kill_at_instants(room: Newsroom, prepare: Callable[[], tuple[Tree, Tree]], instants: int) -> list[str]:
    """Kill builds at instants spread over their measured duration; return the phases in which that struck."""
    phases = []
    prepare()
    started = time.perf_counter()
    assert watched_build(room.site, *JOBS).code == 0
    duration = time.perf_counter() - started
    for number in range(instants):
        old, new = prepare()
        killed = WatchedBuild(room.site, *JOBS)
        instant = duration * (number + 0.5) / instants
        phases.append(check_kill(room, old, new, killed, killed.kill(instant)))
        print(f"killed after {instant:.3f} of {duration:.3f} s: {phases[-1]}")
    return phases


def kill_in_commits(room: Newsroom, prepare: Callable[[], tuple[Tree, Tree]], kills: int) -> list[str]:
    """Kill builds just before a change of the output, spread over all of a commit's; return the phases."""
    phases: list[str] = []
    changes: dict[int, int] = {}  # how many a whole build makes, by the state that it ends in
    old, new = prepare()
    while room.at not in changes:
        events = watched_build(room.site, *JOBS).events
        changes[room.at] = sum(event.place == "output" and event.kind != "os.mkdir" for event in events)
        old, new = prepare()
    for number in range(kills):
        old, new = prepare() if number else (old, new)
        at = 1 + round((changes[room.at] - 1) * number / (kills - 1))
        killed = WatchedBuild(room.site, *JOBS, kill_at=at)
        phases.append(check_kill(room, old, new, killed, killed.end()))
        print(f"killed before change {at} of {changes[room.at]}: {phases[-1]}")
    return phases


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a small newsroom, large enough for pages to be made by several processes."""
    return Newsroom(tmp_path_factory.mktemp("small"), 60)


@pytest.fixture(scope="module")
def large_room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return Newsroom(tmp_path_factory.mktemp("large"), ARTICLES)


def test_links_are_followed() -> None:
    """The walk finds what a page links to and shows, and names what is not there."""
    page = b'<a href="/a/#x"></a><img src="/i.png" srcset="/i.png 1w, /j.png 2w"><a href="https://x.example/">'
    assert links(page) == {"a/index.html", "i.png", "j.png"}
    there = {"index.html": page, "a/index.html": b'<a href="/gone/">', "i.png": b"", "j.png": b""}
    assert list(dead_ends(there, ["index.html"])) == ["a/index.html: gone/index.html"]


def test_killed_over_an_old_output(room: Newsroom) -> None:
    """Killed at a few instants and steps of the way from one site to the next."""
    build(room.site)
    assert kill_in_commits(room, room.turn, 3) == ["commit", "commit", "settle"]
    kill_at_instants(room, room.turn, 2)


def test_killed_with_nothing_there(room: Newsroom) -> None:
    """Killed at a few steps of a first build."""
    assert kill_in_commits(room, room.empty, 2) == ["commit", "settle"]


@pytest.mark.long
def test_killed_over_an_old_output_for_long(large_room: Newsroom) -> None:
    """Killed at 30 instants of the way from one site to the next, and at 20 steps of the commit: every phase is hit."""
    build(large_room.site)
    phases = kill_at_instants(large_room, large_room.turn, 30) + kill_in_commits(large_room, large_room.turn, 20)
    assert {"read", "make", "commit", "settle"} <= set(phases)


@pytest.mark.long
def test_killed_with_nothing_there_for_long(large_room: Newsroom) -> None:
    """Killed at 30 instants of a first build, and at 10 steps of the commit: every phase is hit."""
    phases = kill_at_instants(large_room, large_room.empty, 30) + kill_in_commits(large_room, large_room.empty, 10)
    assert {"read", "make", "commit", "settle"} <= set(phases)
