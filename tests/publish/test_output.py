"""The output folder becomes the new site in safe steps, and nobody else's files are touched."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_kit import LISTING, SmallSite, build, clean_tree, run, tree
from watch import watched_build

from generator.base import listing
from generator.base.digest import digest_bytes
from generator.base.files import look
from generator.base.looking import looking
from generator.base.problems import OutputRefused
from generator.builder.manifest import Artifact, encode_listing
from generator.publish.output import Output, commit_rank
from generator.publish.stage import Stage, open_stage

Files = Mapping[str, bytes]
FOREIGN = {".git/HEAD": b"ref: main", ".gitkeep": b"", "CNAME": b"news.example", "README.md": b"# Ours, not yours"}


class Folder:
    """An output folder with the cache beside it, and what the last commit left to the next."""

    def __init__(self, root: Path):
        self.path, self.cache = root / "output", root / "cache"
        self.cache.mkdir(parents=True)
        self.known: tuple[Artifact, ...] = ()

    def commit(self, files: Files) -> set[str]:
        """Make the folder hold these files, writing only what is not in place; return what was written."""
        old = {artifact.output: artifact for artifact in self.known}
        with looking(self.path) as seen:
            output = Output(self.path, old, seen.found)
        output.refuse_foreign(files)
        stage = open_stage(self.path, self.cache, output.stands)
        artifacts = {}
        for name, data in files.items():
            artifacts[name] = new = Artifact(name, digest_bytes(data), len(data), b"", "new")
            if name in old and old[name].digest == new.digest and output.holds(old[name]):
                artifacts[name] = old[name]
            else:
                stage.put(name, data)
        written = {*stage.places(name for name, each in artifacts.items() if each.stat is None)}
        self.known = output.commit(stage, artifacts).artifacts
        stage.remove()
        return written

    def holds(self, files: Files) -> bool:
        """Tell whether the folder holds these files, and besides them only an exact listing."""
        there = tree(self.path)
        listing = there.pop(LISTING)
        return there == dict(files) and listing == encode_listing(self.known)

    def write(self, files: Files) -> None:
        for name, data in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(data)


@pytest.fixture(params=["small", "large"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Give a folder; what is in a large one another process looks at."""
    if request.param == "large":
        monkeypatch.setattr(listing, "LONG", -1)
    return Folder(tmp_path)


SITE = {"index.html": b"front", "news/a/index.html": b"a", "news/b/index.html": b"b", "assets/x.css": b"x"}

# -- what becomes of the folder ----------------------------------------------------------------------------------------


def test_first_commit(folder: Folder) -> None:
    """All files are there, a listing names them, and nothing is left beside them."""
    assert folder.commit(SITE) == SITE.keys()
    assert folder.holds(SITE)
    assert list(folder.cache.iterdir()) == []


def test_nothing_to_do(folder: Folder) -> None:
    """A second commit of the same writes nothing: every file is the very file that it was."""
    folder.commit(SITE)
    before = {file: look(file.stat()) for file in folder.path.rglob("*")}
    assert folder.commit(SITE) == set()
    assert {file: look(file.stat()) for file in folder.path.rglob("*")} == before


def test_only_what_differs_is_written(folder: Folder) -> None:
    """Added, changed and removed: other files stay, and the folders that are empty now go."""
    folder.commit(SITE)
    changed = {"index.html": b"other", "news/a/index.html": b"a", "topics/c/index.html": b"c"}
    assert folder.commit(changed) == {"index.html", "topics/c/index.html"}
    assert folder.holds(changed)
    assert not (folder.path / "assets").exists()
    assert not (folder.path / "news" / "b").exists()


def test_only_our_empty_folders_go(folder: Folder) -> None:
    """A folder goes when our last file in it goes; one with a foreign file, and one that was empty, stay."""
    folder.commit(SITE | {"news/b/c/d.html": b"d"})
    folder.write({"news/b/.keep": b""})
    (folder.path / "drawer").mkdir()
    folder.commit({"index.html": b"front"})
    assert sorted(path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*")) == sorted(
        [LISTING, "index.html", "news", "news/b", "news/b/.keep", "drawer"]
    )


@pytest.mark.parametrize("forget", [False, True], ids=["with its cache", "without its cache"])
def test_file_and_folder_change_places(folder: Folder, forget: bool) -> None:
    """An address can become a folder of addresses, and a folder an address."""
    one = {"a": b"file", "b/c/d": b"deep", "b/e": b"less deep"}
    other = {"a/b/c": b"deep", "b": b"file"}
    for files in (one, other, one):
        folder.known = () if forget else folder.known
        folder.commit(files)
        assert folder.holds(files)


def test_empty_folder_in_the_way(folder: Folder) -> None:
    """Empty folders where a file must go make way, as a kill between two steps may leave them."""
    (folder.path / "feed.xml" / "deep" / "er").mkdir(parents=True)
    folder.commit({"feed.xml": b"feed"})
    assert folder.holds({"feed.xml": b"feed"})


names = st.lists(st.sampled_from(["a", "b", "ä b"]), min_size=1, max_size=3).map("/".join)
trees = st.dictionaries(names, st.sampled_from([b"", b"one", b"two"]), max_size=6).map(
    lambda files: {name: data for name, data in files.items() if not any(f"{name}/" in other for other in files)}
)


@settings(max_examples=25)
@given(data=st.data(), wanted=st.lists(trees, min_size=2, max_size=4))
def test_any_tree_after_any_other(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, wanted: list[Files]
) -> None:
    """Whatever stood there, was taken away, overwritten or forgotten: a commit makes the folder equal to its files."""
    folder = Folder(tmp_path_factory.mktemp("folder"))
    for files in wanted:
        ours = st.sets(st.sampled_from([file.output for file in folder.known]) if folder.known else st.nothing())
        for name in data.draw(ours, "taken away"):
            (folder.path / name).unlink()
        for name in data.draw(ours, "overwritten"):
            folder.write({name: b"six"})
        if data.draw(st.booleans(), "cache deleted"):
            folder.known = ()
        folder.commit(files)
        assert folder.holds(files)


# -- tampered files ----------------------------------------------------------------------------------------------------


def test_tampered_files_are_put_right(folder: Folder) -> None:
    """Overwritten with equal size and times, emptied, deleted, turned into a link: each is written again, no other."""
    folder.commit(SITE)
    front = folder.path / "index.html"
    before = front.stat()
    front.write_bytes(b"FRONT")
    os.utime(front, ns=(before.st_atime_ns, before.st_mtime_ns))
    (folder.path / "news/a/index.html").unlink()
    (folder.path / "assets/x.css").unlink()
    (folder.path / "assets/x.css").symlink_to(front)
    assert folder.commit(SITE) == SITE.keys() - {"news/b/index.html"}
    assert folder.holds(SITE)


def test_touched_file_is_left(folder: Folder) -> None:
    """A file that only looks changed is looked into, and not written again."""
    folder.commit(SITE)
    os.utime(folder.path / "index.html")
    assert folder.commit(SITE) == set()
    assert folder.commit(SITE) == set()


def test_moved_output_is_ours(folder: Folder, tmp_path: Path) -> None:
    """A copy of the output in another place is known by its bytes: nothing is written again."""
    folder.commit(SITE)
    shutil.copytree(folder.path, tmp_path / "copy")
    folder.path = tmp_path / "copy"
    assert folder.commit(SITE) == set()
    assert folder.holds(SITE)


# -- whose files -------------------------------------------------------------------------------------------------------


def test_foreign_files_stay(folder: Folder) -> None:
    """What hosts and repositories keep in such a folder is left alone, before the first build and ever after."""
    folder.write(FOREIGN)
    for files in (SITE, {"index.html": b"other"}, SITE):
        folder.commit(files)
        assert FOREIGN.items() <= tree(folder.path).items()


def test_foreign_site_is_refused(folder: Folder) -> None:
    """A folder with somebody else's files is refused, named, and not touched."""
    theirs = FOREIGN | {"holiday.html": b"our holiday", "photos/1.jpg": b"sea"}
    folder.write(theirs)
    with pytest.raises(OutputRefused, match=r"output: holds 2 files .*holiday\.html"):
        folder.commit(SITE)
    assert tree(folder.path) == theirs


def test_other_folder_is_not_ours_by_name(folder: Folder, tmp_path: Path) -> None:
    """That a build wrote `index.html` somewhere does not make another folder's `index.html` ours."""
    folder.commit(SITE)
    ours, folder.path = folder.path, tmp_path / "theirs"
    theirs = dict.fromkeys(SITE, b"somebody else's")
    folder.write(theirs)
    with pytest.raises(OutputRefused, match="holds 4 files"):
        folder.commit({"index.html": b"front"})
    assert tree(folder.path) == theirs
    assert tree(ours).items() >= SITE.items()


@pytest.mark.parametrize("name", ["index.html", "news", "news/c", "assets/x.css/y"])
def test_foreign_file_in_the_way_is_refused(folder: Folder, name: str) -> None:
    """Beside our files a foreign one is left alone; where one of ours must go, nothing is written at all."""
    folder.commit({"about/index.html": b"about"})
    folder.write({name: b"theirs"})
    before = tree(folder.path)
    with pytest.raises(OutputRefused, match=r"was not written by a build of ours"):
        folder.commit(SITE | {"news/c/index.html": b"c"})
    assert tree(folder.path) == before


def test_listing_outlives_the_cache(folder: Folder) -> None:
    """What a build wrote is known as ours without any memory of it: what is gone from the site goes from the folder."""
    folder.write(FOREIGN)
    folder.commit(SITE)
    folder.known = ()
    folder.commit({"index.html": b"front"})
    assert tree(folder.path).keys() == {"index.html", LISTING, *FOREIGN}


def test_cache_outlives_the_listing(folder: Folder) -> None:
    """Where the listing was deleted, the very files that were written are still known as ours."""
    folder.commit(SITE)
    (folder.path / LISTING).unlink()
    folder.commit({"index.html": b"other"})
    assert folder.holds({"index.html": b"other"})


@pytest.mark.parametrize("damaged", [b"", b"\n\n", b"garbage", b"00 1 index.html", b"\xff\xfe 1 x\n"])
def test_damaged_listing_is_mended(folder: Folder, damaged: bytes) -> None:
    """A listing that was damaged is written anew."""
    folder.commit(SITE)
    (folder.path / LISTING).write_bytes(damaged)
    folder.commit(SITE | {"new.html": b"new"})
    assert folder.holds(SITE | {"new.html": b"new"})


def test_listing_names_no_way_out(folder: Folder, tmp_path: Path) -> None:
    """A listing that names files outside of the folder, or through a link, has nothing removed there."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter").write_bytes(b"dear")
    folder.commit(SITE)
    (folder.path / "link").symlink_to(tmp_path / "home")
    ways = ("../home/letter", str(tmp_path / "home/letter"), "link/letter")
    outside = [Artifact(name, b"", 4, b"", "") for name in ways]
    (folder.path / LISTING).write_bytes(encode_listing([*folder.known, *outside]))
    folder.commit({"index.html": b"front"})
    assert (tmp_path / "home" / "letter").read_bytes() == b"dear"


def test_linked_folder_is_never_written_through(folder: Folder, tmp_path: Path) -> None:
    """A link to a folder is a foreign file: refused where our files must go, and left alone elsewhere."""
    (tmp_path / "elsewhere" / "a").mkdir(parents=True)
    (tmp_path / "elsewhere" / "a" / "index.html").write_bytes(b"theirs")
    folder.commit({"index.html": b"front"})
    (folder.path / "news").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputRefused, match="news: was not written by a build of ours"):
        folder.commit(SITE)
    folder.commit({"index.html": b"other"})
    assert tree(tmp_path / "elsewhere") == {"a/index.html": b"theirs"}
    assert (folder.path / "news").is_symlink()


def test_our_folder_replaced_by_a_link(folder: Folder, tmp_path: Path) -> None:
    """Where one of our folders was moved away and linked to, nothing goes through the link either."""
    folder.commit(SITE)
    (folder.path / "news").rename(tmp_path / "away")
    (folder.path / "news").symlink_to(tmp_path / "away")
    before = tree(tmp_path / "away")
    with pytest.raises(OutputRefused):
        folder.commit(SITE)
    folder.commit({"index.html": b"other"})
    assert tree(tmp_path / "away") == before


def test_output_folder_may_be_a_link(folder: Folder, tmp_path: Path) -> None:
    """The output folder itself can be a link: whoever made it wants it written there."""
    (tmp_path / "www").mkdir()
    folder.path.symlink_to(tmp_path / "www")
    folder.commit(SITE)
    assert tree(tmp_path / "www").items() >= SITE.items()


# -- stages ------------------------------------------------------------------------------------------------------------


def test_stages_of_killed_builds_go(folder: Folder) -> None:
    """Opening a stage removes those that killed builds left, and makes one of its own."""
    for replaces in (False, True):
        left = open_stage(folder.path, folder.cache, lambda _, replaces=replaces: replaces)
        left.put("news/a/index.html", b"a")
    stage = open_stage(folder.path, folder.cache)
    assert [path.name for path in folder.cache.iterdir()] == [stage.folder.name]


def test_what_replaces_a_file_waits_in_one_folder(folder: Folder) -> None:
    """New files lie as they will stand, others beside them without folders; both go with the stage."""
    stage = open_stage(folder.path, folder.cache, {"news/a/index.html"}.__contains__)
    stage.put("news/a/index.html", b"a")
    stage.put("news/b/index.html", b"b")
    assert stage.outputs() == {"news/b/index.html"}
    places = stage.places(["news/a/index.html", "news/b/index.html", "news/c/index.html"])
    assert {output: Path(place).read_bytes() for output, place in places.items()} == {
        "news/a/index.html": b"a",
        "news/b/index.html": b"b",
    }
    assert Path(places["news/a/index.html"]).parent.parent == folder.cache
    stage.remove()
    assert [*folder.cache.iterdir()] == []


def test_a_folder_that_is_taken_away_meanwhile(folder: Folder) -> None:
    """A file that was there when it was looked at, and is not when it is replaced, comes all the same."""
    folder.commit(SITE)
    (name,) = [name for name in SITE if name.startswith("news/")][:1]
    artifacts = {each.output: each for each in folder.known}
    with looking(folder.path) as seen:
        output = Output(folder.path, artifacts.copy(), seen.found)
    stage = open_stage(folder.path, folder.cache, output.stands)
    stage.put(name, b"changed")
    shutil.rmtree((folder.path / name).parent)
    artifacts[name] = Artifact(name, digest_bytes(b"changed"), 7, b"", "data")
    output.commit(stage, artifacts)
    assert (folder.path / name).read_bytes() == b"changed"


def test_stage_takes_any_order(tmp_path: Path) -> None:
    """Workers put outputs in any order, into folders that another has made or is making."""
    one, other = Stage(tmp_path), Stage(tmp_path)
    one.put("a/b/c/one", b"1")
    other.put("a/b/c/other", b"2")
    other.put("a/two", b"3")
    one.put("top", b"")
    one.put("a/b/c/one", b"again")
    assert one.outputs() == other.outputs() == {"a/b/c/one", "a/b/c/other", "a/two", "top"}
    assert (tmp_path / "a/b/c/one").read_bytes() == b"again"


@pytest.fixture
def other_device(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on another file system than the tests' own."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=shared) as name:
        yield Path(name)


def test_output_on_another_file_system(site: SmallSite, tmp_path: Path, other_device: Path) -> None:
    """Where renames cannot cross over from the cache, files are staged in the output, hidden, and none stays there."""
    there = other_device / "www"
    build(site, output=there)
    site.article("2026-02-28-lead", title="Edited")
    site.remove("content/news/plain-0000.md")
    build(site, output=there)
    assert tree(there) == clean_tree(site, tmp_path / "clean")
    stage = open_stage(there, site.cache)
    assert stage.folder.parent == there
    assert stage.folder.name.startswith(".")
    build(site, output=there)
    assert not stage.folder.exists()


# -- the order of a commit ---------------------------------------------------------------------------------------------


def test_rank_is_a_total_order() -> None:
    """Assets, pages, lists, feeds and the like, and the front page last."""
    ordered = [
        ["assets/style.css", "images/a.webp"],
        ["news/a/index.html", "old/a/index.html"],
        ["about/index.html", "archive/2026/02/index.html", "news/page/1/index.html", "topics/chips/index.html"],
        ["api/news/index.json", "feed.xml", "news/feed.json", "robots.txt", "sitemap.xml"],
        ["index.html"],
    ]
    assert [sorted({commit_rank(output)[0] for output in group}) for group in ordered] == [[0], [1], [2], [3], [4]]
    everything = [output for group in ordered for output in group]
    assert sorted(set(everything), key=commit_rank) == everything


def test_order_of_a_real_commit(site: SmallSite, tmp_path: Path) -> None:
    """As the system saw it: announced, new files (assets first), replacements by rank, deletions, the exact listing."""
    build(site)
    before = tree(site.output)
    site.article("2026-02-21-new", topics=["New"], images=[{"url": "/images/new.png"}])
    site.picture("images/new.png", "#ff00ff")
    site.write("themes/default/assets/style.css/30-ground.css", "body { color: red }")
    site.remove("content/news/plain-0001.md")
    events = [event for event in watched_build(site).events if event.is_commit]
    after = tree(site.output)
    assert after == clean_tree(site, tmp_path / "clean")

    listed = [at for at, event in enumerate(events) if event.target == LISTING]
    moved = [event for event in events if event.kind == "os.rename" and event.target != LISTING]
    fresh = [event for event in moved if event.target not in before]
    replaced = [event for event in moved if event.target in before]
    removed = [event.target for event in events if event.kind == "os.remove"]
    assert listed == [0, len(events) - 1]
    assert moved == fresh + replaced
    assert events[1 : len(moved) + 1] == moved
    assert [event.target for event in replaced] == sorted(
        (name for name in before.keys() & after.keys() if name != LISTING and before[name] != after[name]),
        key=commit_rank,
    )
    tops = [event.target.split("/")[0] in ("assets", "images") for event in fresh]
    assert tops == sorted(tops, reverse=True)
    assert any(tops)
    assert set(removed) == before.keys() - after.keys()


def test_new_folders_move_whole(site: SmallSite) -> None:
    """Into an empty output each folder moves in one step, assets and pictures first, the front page last."""
    events = [event for event in watched_build(site).events if event.is_commit]
    targets = [event.target for event in events]
    assert set(targets) == {name.split("/")[0] for name in tree(site.output)}
    assert targets[0] == targets[-1] == LISTING
    assert targets[1:3] == ["assets", "images"]
    assert targets[-2] == "index.html"


# -- by the command ----------------------------------------------------------------------------------------------------


def test_refusal_is_a_message(site: SmallSite) -> None:
    """The command names the folder and the file, returns 2, and nothing is touched: `--output` of a stranger's site."""
    build(site)
    theirs = {"index.html": b"theirs", "caf\udce9.html": b"in Latin-1"}
    folder = site.root.parent / "www"
    folder.mkdir()
    for name, data in theirs.items():
        (folder / name).write_bytes(data)
    done = run(site, "build", "--output", str(folder))
    assert done.returncode == 2
    assert f"{folder}: holds 2 files that no build of ours wrote" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(folder) == theirs


def test_output_that_cannot_be_written(site: SmallSite) -> None:
    """A folder that cannot be written is named in one line."""
    blocked = site.write("blocked", "a file")
    done = run(site, "build", "--output", str(blocked / "www"))
    assert (done.returncode, done.stderr) == (2, f"error: {blocked / 'www'}: Not a directory\n")


def test_read_only_output(site: SmallSite) -> None:
    """Without the permission to write, a build names the file in one line; the output is as before."""
    build(site)
    before = tree(site.output)
    site.article("2026-02-21-new")
    site.output.chmod(0o555)
    done = run(site, "build", before=without_privileges)
    assert (done.returncode, done.stderr) == (2, f"error: {site.output / LISTING}.new: Permission denied\n")
    assert tree(site.output) == before


def without_privileges() -> None:
    """Give up root's right to pass over permissions (Source: prctl(2), PR_CAPBSET_DROP; capabilities(7))."""
    for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, right)
