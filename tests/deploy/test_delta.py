"""From what is known of a site and of a target alone it follows what must be done, also after any number of cuts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_kit import (
    HOUR,
    NOW,
    URL,
    Files,
    assert_consistent,
    asset,
    page,
    pictures_of,
    put_paths,
    site_of,
    size_of,
    without_control,
)

from generator.base.deploy_settings import Caching, S3Target
from generator.base.digest import digest_bytes
from generator.base.imaging import picture_of
from generator.deploy import sheaf, story
from generator.deploy.delta import Goal, plan_deploy
from generator.deploy.headers import headers_of
from generator.deploy.local import KeptAside
from generator.deploy.manifest import Manifest, Row
from generator.deploy.store import MANIFEST, SAVED, StoreTarget, manifest_of
from generator.deploy.story import Done
from generator.deploy.target import DeployFailed, DeployRefused, Put, Remote, Say, Source

USUAL = Caching()


@pytest.fixture(scope="module", params=[False, True], ids=["copies", "sheaves"], autouse=True)
def binding(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep what is replaced file by file, or all that machines read in one file, of however few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryStore, "copies_singly", request.param)
        patch.setattr(sheaf, "LEAST", 1)
        patch.setattr(sheaf, "_MOVING", re.compile("api/|news/"))
        yield


class Cut(Exception):
    """The connection is gone."""


class MemoryStore:
    """A store that keeps all in a map, may be cut off before any change, and shows each state that readers see."""

    place = "memory"
    keeps_headers = True
    has_folders = False
    copies_singly = False
    leaves_thread = False

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.left = 1_000_000  # changes until it is cut off
        self.watch: Callable[[Files], None] = lambda _: None
        self.order: random.Random | None = random.Random(0)  # of those that may go at once

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        yield

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def write(self, name: str, data: bytes) -> None:
        self._change(name, data)

    def copy(self, pairs: Iterable[tuple[str, str]]) -> None:
        for source, name in pairs:
            self._change(name, self.files[source])

    def put(self, puts: Sequence[Put], source: Source, done: Callable[[Put], None]) -> None:
        shuffled = self.order.sample(puts, len(puts)) if self.order else puts
        for put in shuffled:
            if source.saved:
                data = self.files[put.path if put.same else f"{SAVED}/{put.row.digest}"]
                assert digest_bytes(data).hex() == put.row.digest
            else:
                data = source.read(put.path, put.row)
            self._change(put.path, data)
            self.headers[put.path] = put.row.headers
            done(put)

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            self._change(name, None)

    def existing(self, paths: Iterable[str]) -> set[str]:
        return self.files.keys() & set(paths)

    def listing(self) -> dict[str, int]:
        return {path: len(data) for path, data in without_control(self.files).items()}

    def own(self) -> Iterable[str]:
        return self.files.keys() - without_control(self.files).keys()

    def _change(self, name: str, data: bytes | None) -> None:
        if self.left <= 0:
            raise Cut
        self.left -= 1
        if data is None:
            self.files.pop(name, None)
        else:
            self.files[name] = data
        self.watch(without_control(self.files))


class Bytes:
    """Where the bytes of a site in memory come from."""

    saved = False

    def __init__(self, files: Files):
        self.files = files

    def read(self, path: str, row: Row) -> bytes:
        data = self.files[path]
        assert digest_bytes(data).hex() == row.digest
        return data


def goal_of(files: Files, caching: Caching = USUAL) -> Goal:
    return Goal(
        URL,
        "news.test",
        {
            path: Row(digest_bytes(data).hex(), len(data), headers_of(path, caching).short())
            for path, data in files.items()
        },
    )


def remote_of(files: Files, **more: object) -> Remote:
    manifest = Manifest(URL, "news.test", 1, dict(goal_of(files).files), **more)  # type: ignore[arg-type]
    return Remote(manifest)


ONE = site_of({"a": "One", "b": "Two"}, pictures={"a": b"picture"})
TWO = site_of({"a": "Two", "b": "Two"}, pictures={"a": b"picture"})

# -- the plan ----------------------------------------------------------------------------------------------------------


def test_nothing_to_do() -> None:
    """Where the target has the site, nothing is needed: not a file, not a manifest."""
    plan = plan_deploy(goal_of(ONE), remote_of(ONE), NOW, 24)
    assert not plan.needed
    assert (plan.puts, plan.deletes, plan.saves) == ((), (), ())


def test_only_what_changed_goes_and_what_it_replaces_is_kept_aside() -> None:
    """One article's text: its page and what lists it, and the bytes that they had are kept for a rollback."""
    new = site_of({"a": "One!", "b": "Two"}, pictures={"a": b"picture"})
    plan = plan_deploy(goal_of(new), remote_of(ONE), NOW, 24)
    changed = {"news/a/index.html", "news/index.html", "index.html", "feed.xml", "api/news/index.json"}
    assert {put.path for put in plan.puts} == changed
    assert {digest for _, digest in plan.saves} == {digest_bytes(ONE[path]).hex() for path in changed}
    assert plan.deletes == ()


def test_order_of_a_first_deploy() -> None:
    """What pages show, pages, the front page, and at the end what machines read."""
    order = [put.path for put in plan_deploy(goal_of(ONE), Remote(), NOW, 24).puts]
    assert order == [
        asset("style", b"a{}"),
        size_of(b"picture"),
        "robots.txt",
        "404.html",
        "news/a/index.html",
        "news/b/index.html",
        "news/index.html",
        "index.html",
        "api/news/index.json",
        "feed.xml",
    ]


def test_new_pages_go_before_those_that_lead_to_them() -> None:
    """A new article's page, then pages that changed, then lists, then the front page."""
    old = site_of({"b": "Two"})
    new = site_of({"a": "One", "b": "Two, and see a"})
    order = [put.path for put in plan_deploy(goal_of(new), remote_of(old), NOW, 24).puts if put.rank < 5]
    assert order == ["news/a/index.html", "news/b/index.html", "news/index.html", "index.html"]


def test_headers_alone_are_a_change() -> None:
    """Other caching of pages: every page goes again, though no byte of it is another."""
    goal = goal_of(ONE, Caching(pages="no-cache"))
    plan = plan_deploy(goal, remote_of(ONE), NOW, 24)
    assert {put.path for put in plan.puts} == {path for path in ONE if path.endswith(".html")}
    assert all(put.same for put in plan.puts)
    assert plan.saves == ()
    assert not plan.advances


def test_open_pages_find_their_assets() -> None:
    """A style that is replaced stays for `keep_old` hours and at least until the next version, then it goes."""
    two, three = site_of({"a": "1"}, b"b{}"), site_of({"a": "2"}, b"b{}")
    one = site_of({"a": "1"}, b"a{}")
    old = asset("style", b"a{}")
    plan = plan_deploy(goal_of(two), remote_of(one), NOW, 24)
    assert old not in plan.deletes
    assert plan.manifest.kept[old].since == NOW
    later = plan_deploy(goal_of(three), Remote(plan.manifest), NOW + 23 * HOUR, 24)
    assert later.deletes == ()
    assert plan_deploy(goal_of(two), Remote(plan.manifest), NOW + 25 * HOUR, 24).deletes == ()
    assert plan_deploy(goal_of(three), Remote(plan.manifest), NOW + 25 * HOUR, 24).deletes == (old,)
    assert plan_deploy(goal_of(three), Remote(later.manifest), NOW + 25 * HOUR, 24).deletes == (old,)


def test_another_size_of_a_picture_is_no_picture_taken_down() -> None:
    """Sizes that a theme no longer shows stay for a while; a picture that is shown nowhere goes at once."""
    small, large, gone = size_of(b"p", 100), size_of(b"p", 800), size_of(b"q")
    old = {small: b"s", large: b"l", gone: b"g", "index.html": page(small, large, gone)}
    new = {small: b"s", "index.html": page(small)}
    row = goal_of(old).files[gone]
    plan = plan_deploy(goal_of(new), remote_of(old), NOW, 24)
    assert plan.deletes == (gone,)
    assert set(plan.manifest.kept) == {large}
    assert row.digest not in plan.aside


def test_a_picture_that_is_taken_down_later_goes_at_once() -> None:
    """A size that was kept for open pages goes with the last other size of its picture."""
    small, large = size_of(b"p", 100), size_of(b"p", 800)
    one = {small: b"s", large: b"l", "index.html": page(small, large)}
    two = {small: b"s", "index.html": page(small)}
    kept = plan_deploy(goal_of(two), remote_of(one), NOW, 24).manifest
    assert large in kept.kept
    assert set(plan_deploy(goal_of({"index.html": b""}), Remote(kept), NOW, 24).deletes) == {small, large}


def test_pages_are_not_kept() -> None:
    """An article that is gone is gone with this deploy; its bytes are kept aside, where no address leads."""
    new = site_of({"b": "Two"})
    plan = plan_deploy(goal_of(new), remote_of(ONE), NOW, 24)
    assert set(plan.deletes) == {"news/a/index.html", size_of(b"picture")}
    assert ("news/a/index.html", digest_bytes(ONE["news/a/index.html"]).hex()) in plan.saves


def test_what_is_not_as_the_manifest_says_goes_again() -> None:
    """A file that was found to be missing or of another size is put right."""
    plan = plan_deploy(goal_of(ONE), remote_of(ONE), NOW, 24, ["news/a/index.html"])
    assert [put.path for put in plan.puts] == ["news/a/index.html"]
    assert not plan.advances


# -- any sites, cut off anywhere ---------------------------------------------------------------------------------------

TEXTS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y"]), min_size=1)
SITES = st.builds(
    site_of,
    TEXTS,
    st.sampled_from([b"a{}", b"b{}"]),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from([b"p", b"q"])),
)
FOREIGN = {"google.html": b"somebody's", "news/note.txt": b"theirs"}


def carry(store: MemoryStore, files: Files, now: int, keep_old: float = 1) -> Done:
    """Deploy to a store as the story does."""
    target = StoreTarget(store)
    plan = plan_deploy(goal_of(files), target.look(), now, keep_old, binding=target.binding)
    if plan.needed:
        target.carry_out(plan, Bytes(files), lambda *_: None)
    return Done(plan, plan.needed, (), None)


@settings(max_examples=60)
@given(st.lists(st.tuples(SITES, st.integers(0, 40), st.integers(0, 3)), max_size=6), SITES, SITES, st.data())
def test_any_sites_cut_off_anywhere(
    tries: list[tuple[Files, int, int]], first: Files, last: Files, data: st.DataObject
) -> None:
    """However many deploys of whatever sites are cut off: at every moment all that is seen is whole, and the next
    deploy that is not leaves the site, what is kept for open pages, and files of others; a rollback the one before.
    """
    store = MemoryStore()
    carry(store, first, NOW)
    store.files.update(FOREIGN)
    versions = [first, last, *(files for files, _, _ in tries)]
    store.watch = lambda files: assert_consistent(files, versions, FOREIGN)
    whole: Files = first
    before: Files | None = None
    now, version, given_up = NOW, 1, False
    for files, changes, hours in tries:
        now += hours * HOUR
        store.left = changes
        with suppress(Cut):
            carry(store, files, now)
        store.left = 1_000_000
        given_up |= version_of(store) == version
        if version_of(store) > version:  # it was cut off, if at all, when only tidying was left
            version, whole, before = version_of(store), files, whole
    done = carry(store, last, now)
    if version_of(store) > version:
        whole, before = last, whole
    manifest = StoreTarget(store).look().manifest
    assert manifest is not None
    seen = without_control(store.files)
    assert {path: data for path, data in seen.items() if path not in manifest.kept} == {**last, **FOREIGN}
    assert {path: store.headers[path] for path in last} == {path: row.headers for path, row in manifest.files.items()}
    ours = store.files.keys() - seen.keys() - {manifest_of(manifest.version - 1)}
    assert_kept(store, manifest, ours, tidy=done.changed)
    if before is not None:
        there = dict(store.files)
        try:
            back(store, now, data.draw(st.integers(0, 30)))
        except DeployFailed:
            # A deploy of another site that was given up may have tidied up what only the version before needs.
            assert given_up
            assert store.files == there
            return
        assert_is(store, before, taken_down=pictures_of(before) - pictures_of(whole))


def assert_kept(store: MemoryStore, manifest: Manifest, ours: set[str], *, tidy: bool) -> None:
    """Assert that our own folder holds what the version before needs, whole, and, where it is `tidy`, nothing else."""
    files = {sheaf.sheaf_file(name): held for name, held in manifest.sheaves.items()}
    found = {name: set(ZipFile(BytesIO(store.files[name])).namelist()) for name in files}
    assert {name: sorted(held) for name, held in found.items()} == {name: [*held] for name, held in files.items()}
    saved = {digest: f"{SAVED}/{digest}" for digest in manifest.saved if digest not in set().union(*found.values())}
    assert all(digest_bytes(store.files[name]).hex() == digest for digest, name in saved.items())
    needed = {MANIFEST, *saved.values(), *files}
    spare = {f"{SAVED}/{digest}" for digest in manifest.saved}  # kept singly before a sheaf had it, too
    assert needed <= ours <= needed | spare if tidy else ours >= needed


def version_of(store: MemoryStore) -> int:
    manifest = StoreTarget(store).look().manifest
    return manifest.version if manifest else 0


def back(store: MemoryStore, now: int, cut: int) -> None:
    """Put the version before there again; cut off once, and deployed whole with the same goal."""
    target = StoreTarget(store)
    manifest, previous = target.look().manifest, target.previous()
    assert manifest is not None
    assert previous is not None
    there = manifest.files.keys() | manifest.kept.keys()
    files = {path: row for path, row in previous.files.items() if not picture_of(path) or path in there}
    goal = Goal(previous.site, previous.authority, files)
    store.watch = lambda _: None
    store.left = cut
    for _ in range(2):
        try:
            plan = plan_deploy(goal, target.look(), now, 1)
            target.carry_out(plan, KeptAside(), lambda *_: None)
            break
        except Cut:
            store.left = 1_000_000


def assert_is(store: MemoryStore, files: Files, taken_down: Iterable[str]) -> None:
    manifest = StoreTarget(store).look().manifest
    assert manifest is not None
    seen = {path: data for path, data in without_control(store.files).items() if path not in manifest.kept}
    gone = set(taken_down)
    assert seen == {path: data for path, data in {**files, **FOREIGN}.items() if path not in gone}


def test_cut_off_twice_at_any_two_moments() -> None:
    """A deploy that is cut off, then one of the site that was there, cut off too: the next one leaves that site, and a
    rollback the one before, whichever moments these were.
    """
    new = site_of({"a": "One!", "c": "Three"})
    for first in range(1, 24):
        for second in range(1, 12):
            store = MemoryStore()
            for files, changes in ((ONE, 99), (TWO, 99), (new, first), (TWO, second), (TWO, 99)):
                store.left = changes
                with suppress(Cut):
                    carry(store, files, NOW)
            assert without_control(store.files) == TWO
            earlier = ONE if version_of(store) == 2 else new  # which had come as far as to its manifest
            go_back(store)
            assert without_control(store.files) == earlier


TRIES = st.lists(st.tuples(st.none() | SITES, st.integers(0, 40)), max_size=7)


@settings(max_examples=40)
@given(TRIES, SITES, SITES)
def test_any_deploys_and_rollbacks_cut_off_anywhere(
    tries: list[tuple[Files | None, int]], first: Files, last: Files
) -> None:
    """However many of both (None: a rollback) are cut off, the next deploy leaves its site, and in our own folder what
    a rollback needs and nothing else; and a rollback that is not cut off leaves what it promised.
    """
    store = MemoryStore()
    carry(store, first, NOW)
    store.files.update(FOREIGN)
    for files, changes in tries:
        store.left = changes
        with suppress(Cut, DeployFailed, DeployRefused):
            if files is None:
                goal = go_back(store)
                assert {path: digest_bytes(store.files[path]).hex() for path in goal.files} == digests(goal)
            else:
                carry(store, files, NOW)
    store.left = 99
    done = carry(store, last, NOW)
    manifest = StoreTarget(store).look().manifest
    assert manifest is not None
    seen = without_control(store.files)
    assert {path: data for path, data in seen.items() if path not in manifest.kept} == {**last, **FOREIGN}
    ours = store.files.keys() - seen.keys() - {manifest_of(manifest.version - 1)}
    assert_kept(store, manifest, ours, tidy=done.changed)


def go_back(store: MemoryStore) -> Goal:
    """Go back as the story does."""
    target = StoreTarget(store)
    remote = target.look()
    goal = story._earlier(target, S3Target(bucket="any"), remote)
    plan = plan_deploy(goal, remote, NOW, 1)
    if plan.needed:
        target.carry_out(plan, KeptAside(), lambda *_: None)
    return goal


def digests(goal: Goal) -> dict[str, str]:
    return {path: row.digest for path, row in goal.files.items()}


def test_an_interrupted_deploy_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is noted as done is not done again."""
    monkeypatch.setattr("generator.deploy.store.NOTE_EVERY", 0.0)
    store = MemoryStore()
    store.order = None
    files = site_of({name: name for name in "abcdefghij"})
    store.left = 12
    with pytest.raises(Cut):
        carry(store, files, NOW)
    there = without_control(store.files)
    assert len(there) > 2
    store.left = 1_000_000
    again = carry(store, files, NOW)
    assert len(again.plan.puts) <= len(files) - len(there) + 1
    assert without_control(store.files) == files
    assert manifest_of(0) not in store.files


def test_files_of_others_in_an_interrupted_first_deploy(tmp_path: Path) -> None:
    """After a first deploy that was cut off, what it has brought is ours, and nothing else."""
    store = MemoryStore()
    store.left = 8
    with pytest.raises(Cut):
        carry(store, ONE, NOW)
    store.files["other.html"] = b"somebody's"
    assert StoreTarget(store).look().strangers == ("other.html",)


def test_the_paths_that_go_are_told_in_order() -> None:
    """A deploy tells what went."""
    assert put_paths(carry(MemoryStore(), ONE, NOW))[-1] == "feed.xml"
