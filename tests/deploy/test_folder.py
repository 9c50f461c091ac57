"""A folder: versions stand whole beside the web root, and one step switches it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from places import FolderPlace
from release_kit import Desk, site_of
from site_kit import NOON, SmallSite, environment, full_site, run, tree

from generator.deploy.target import DeployRefused

ONE = site_of({"a": "One", "b": "Two"})
PAGES = ("index.html", "news/index.html", "feed.xml")
TWO = site_of({"a": "One!", "c": "Three"}, b"b{}")


def test_readers_see_one_version_or_the_other(folder: FolderPlace, desk: Desk) -> None:
    """Whoever reads through the web root while sites are switched never sees a part of one, nor nothing."""
    desk.deploy(folder.open(), ONE)
    stop, seen = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            root = os.open(folder.root, os.O_RDONLY | os.O_DIRECTORY)
            try:
                pages = [_read(root, name) for name in PAGES]
            finally:
                os.close(root)
            seen.add(tuple(pages))

    reader = threading.Thread(target=read)
    reader.start()
    for files in (TWO, ONE) * 10:
        desk.deploy(folder.open(), files)
    stop.set()
    reader.join()
    assert seen <= {tuple(files[name] for name in PAGES) for files in (ONE, TWO)}


def _read(root: int, name: str) -> bytes:
    """Read a file of the version that was opened, which may be removed by now but for two switches."""
    descriptor = os.open(name, os.O_RDONLY, dir_fd=root)
    try:
        return os.read(descriptor, 1_000_000)
    finally:
        os.close(descriptor)


def test_two_versions_are_kept(folder: FolderPlace, desk: Desk) -> None:
    """The one that is shown and the one before; what they share takes no room twice."""
    for text in ("1", "2", "3", "4"):
        desk.deploy(folder.open(), site_of({"a": text}))
    versions = sorted(place for place in (folder.root.parent / ".www.broadsheet").iterdir() if place.is_dir())
    assert len(versions) == 2
    assert os.path.samefile(versions[1], folder.root)
    assert os.path.samefile(versions[0] / "robots.txt", versions[1] / "robots.txt")
    assert not os.path.samefile(versions[0] / "index.html", versions[1] / "index.html")


def test_the_site_does_not_share_files_with_the_output(folder: FolderPlace, desk: Desk) -> None:
    """An output that is edited in place edits nothing that readers see."""
    desk.deploy(folder.open(), ONE)
    (desk.root / "output-1" / "index.html").write_bytes(b"edited")
    assert folder.files() == ONE


@pytest.mark.parametrize("name", ["", ".gitkeep"])
def test_an_empty_folder_becomes_the_web_root(folder: FolderPlace, desk: Desk, name: str) -> None:
    """A folder that a server was set up with is replaced by the link in one step."""
    folder.root.mkdir(parents=True)
    theirs = {name: b"x"} if name else {}
    for path, data in theirs.items():
        folder.write(path, data)
    desk.deploy(folder.open(), ONE)
    assert folder.root.is_symlink()
    assert folder.files() == ONE | theirs
    assert sorted(place.name for place in folder.root.parent.iterdir()) == [".www.broadsheet", "www"]


def test_a_link_of_somebody_else(folder: FolderPlace, desk: Desk) -> None:
    """A link to elsewhere is not ours to switch."""
    other = folder.root.parent / "other"
    other.mkdir(parents=True)
    folder.root.symlink_to(other)
    with pytest.raises(DeployRefused, match=r"is a link to .*other, not one of ours"):
        desk.deploy(folder.open(), ONE)
    assert list(other.iterdir()) == []


def test_force_takes_a_folder_over(folder: FolderPlace, desk: Desk) -> None:
    """With `--force` a folder with files becomes ours; those of other names stay."""
    folder.write("index.html", b"it works")
    folder.write("theirs/a.txt", b"a")
    desk.deploy(folder.open(), ONE, force=True)
    assert folder.files() == ONE | {"theirs/a.txt": b"a"}


def test_a_deploy_that_dies_anywhere(folder: FolderPlace, desk: Desk) -> None:
    """Whatever file it dies at, the site stands as it stood, nothing is left, and the next deploy does it all."""
    desk.deploy(folder.open(), ONE)

    class Died(BaseException):
        pass

    for at in range(1, 9):

        def die(_: str, done: int, total: int, at: int = at) -> None:
            if done == at:
                raise Died

        desk._note = die  # type: ignore[method-assign]
        with pytest.raises(Died):
            desk.deploy(folder.open(), TWO)
        assert folder.files() == ONE
        assert len([place for place in (folder.root.parent / ".www.broadsheet").iterdir() if place.is_dir()]) == 1
    del desk._note
    desk.deploy(folder.open(), TWO)
    assert folder.files().items() >= TWO.items()


def test_what_a_killed_deploy_left_is_removed(folder: FolderPlace, desk: Desk) -> None:
    """Half a version of a process that was killed does not stay."""
    desk.deploy(folder.open(), ONE)
    left = folder.root.parent / ".www.broadsheet" / "000099"
    left.mkdir()
    (left / "index.html").write_bytes(b"half")
    desk.deploy(folder.open(), TWO)
    assert not left.exists()
    desk.back(folder.open())
    assert folder.files().items() >= ONE.items()


def test_two_deploys_at_once(folder: FolderPlace, desk: Desk, tmp_path: Path) -> None:
    """The second waits for the process of the first, and says so."""
    site = _site(tmp_path, folder)
    assert run(site, "deploy").returncode == 0
    ready, go_on = tmp_path / "ready", tmp_path / "go"
    os.mkfifo(ready)
    os.mkfifo(go_on)
    pid = os.fork()
    if not pid:  # another process that holds the folder
        with folder.open().held(lambda _: None):
            ready.write_text("x")
            go_on.read_text()
        os._exit(0)
    ready.read_text()
    command = [sys.executable, "-m", "generator", "deploy", "--site", str(site.root), "--as-of", NOON.isoformat()]
    second = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert second.stderr is not None
    assert "another deploy is at work; waiting for it" in second.stderr.readline()
    go_on.write_text("x")
    assert second.wait(60) == 0
    second.stderr.close()
    os.waitpid(pid, 0)


def test_a_full_disk(folder: FolderPlace, tmp_path: Path) -> None:
    """Where the disk takes no more the old site stands whole, the message says so, and nothing half is left."""
    site = _site(tmp_path, folder)
    assert run(site, "deploy").returncode == 0
    before = folder.files()
    site.write("content/static/large.bin", b"x" * 8_000_000)
    assert run(site, "build").returncode == 0
    most = 4_000_000
    done = run(site, "deploy", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    assert done.returncode == 2
    assert "the site is as it was" in done.stderr
    assert folder.files() == before
    assert len(list((folder.root.parent / ".www.broadsheet").glob("0*"))) == 1
    assert run(site, "deploy").returncode == 0
    assert folder.files()["large.bin"] == b"x" * 8_000_000


def test_a_folder_that_cannot_be_made(desk: Desk, tmp_path: Path) -> None:
    """A path below a file is named."""
    (tmp_path / "file").write_bytes(b"")
    place = FolderPlace(tmp_path / "file")
    with pytest.raises(DeployRefused, match=r"file/srv/\.www\.broadsheet: cannot be made \(Not a directory\)"):
        desk.deploy(place.open(), ONE)


def _site(root: Path, folder: FolderPlace) -> SmallSite:
    target = {"live": {"type": "folder", "path": str(folder.root)}}
    return full_site(root / "site", base_url="https://news.test/", deploy=target)


def test_versions_are_whole_folders(folder: FolderPlace, desk: Desk) -> None:
    """A server may serve a version as it stands: it holds the site, and our own folder."""
    desk.deploy(folder.open(), ONE)
    assert set(tree(folder.root.resolve())) == {*ONE, ".broadsheet-deploy/manifest.json"}


def test_a_refused_folder_is_left_as_it_was_found(folder: FolderPlace, desk: Desk) -> None:
    """Nothing of ours is left beside somebody else's folder; where versions of ours lie, they stay."""
    folder.write("index.html", b"a site of somebody else")
    with pytest.raises(DeployRefused, match="somebody"):
        desk.deploy(folder.open(), ONE)
    assert os.listdir(folder.root.parent) == [folder.root.name]
    folder.remove("index.html")
    desk.deploy(folder.open(), ONE)
    with pytest.raises(DeployRefused, match="feed_authority"):
        desk.deploy(folder.open(), TWO, url="https://old.test/", authority="old.test")
    assert folder.files() == ONE


@pytest.mark.parametrize("name", ["versions", "lock"])
def test_a_lock_that_cannot_be_made(folder: FolderPlace, desk: Desk, name: str) -> None:
    """A file where the versions must lie, or a folder in the lock's place, is named."""
    versions = folder.root.parent / f".{folder.root.name}.broadsheet"
    if name == "versions":
        folder.root.parent.mkdir(parents=True)
        versions.write_text("a file")
    else:
        (versions / "lock").mkdir(parents=True)
    with pytest.raises(DeployRefused, match=r"\.www\.broadsheet(/lock)?: cannot be made"):
        desk.deploy(folder.open(), ONE)
    assert not folder.root.exists()


def test_a_lock_that_is_a_link(folder: FolderPlace, desk: Desk, tmp_path: Path) -> None:
    """What it leads to is not ours, and is left as it is."""
    theirs = tmp_path / "theirs"
    theirs.write_text("of somebody else")
    lock = folder.root.parent / f".{folder.root.name}.broadsheet" / "lock"
    lock.parent.mkdir(parents=True)
    lock.symlink_to(theirs)
    with pytest.raises(DeployRefused, match=r"/lock: cannot be made"):
        desk.deploy(folder.open(), ONE)
    assert theirs.read_text() == "of somebody else"


def test_who_waits_for_a_folder_that_is_refused(folder: FolderPlace, tmp_path: Path) -> None:
    """The lock that it waited for is gone with what the other one left; the one that it gets is everybody's."""
    told, go_on = tmp_path / "told", tmp_path / "go"
    os.mkfifo(told)
    os.mkfifo(go_on)

    def say(_: str) -> None:
        told.write_text("waits")

    with suppress(DeployRefused), folder.open().held(lambda _: None):
        pid = os.fork()
        if not pid:
            with folder.open().held(say):
                told.write_text("holds")
                go_on.read_text()
            os._exit(0)
        assert told.read_text() == "waits"
        raise DeployRefused(["not this one"])
    assert told.read_text() == "holds"
    waits = []

    def wait(line: str) -> None:
        waits.append(line)
        go_on.write_text("x")

    with folder.open().held(wait):
        pass
    if not waits:
        go_on.write_text("x")
    os.waitpid(pid, 0)
    assert waits
