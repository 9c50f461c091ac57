"""What holds on every target: only what changed goes, in a safe order, nothing of others is touched, and back again."""

from __future__ import annotations

import gzip
import os
import threading
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace
from places import FolderPlace, GitPlace, Place, RsyncPlace
from release_kit import HOUR, NOW, Desk, asset, links_of, pictures_of, put_paths, site_of, size_of
from ssh import SftpPlace

from generator.deploy.manifest import CONTROL
from generator.deploy.store import MANIFEST, PENDING, PROGRESS
from generator.deploy.target import DeployFailed, DeployRefused

PICTURES = {"a": b"of a", "b": b"of b"}
ONE = site_of({"a": "One", "b": "Two"}, pictures=PICTURES)
EDITED = site_of({"a": "One!", "b": "Two"}, pictures=PICTURES)
ADDED = site_of({"a": "One", "b": "Two", "c": "Three"}, pictures=PICTURES)
WITHOUT_A = site_of({"b": "Two"}, pictures=PICTURES)
LISTS = ["news/index.html", "index.html", "api/news/index.json", "feed.xml"]


def test_a_first_deploy(place: Place, desk: Desk) -> None:
    """All of the site is there, byte for byte, and of ours nothing else than what lies in our own folder."""
    done = desk.deploy(place.open(), ONE)
    assert done.changed
    assert place.files() == ONE
    assert desk.progress[-1] == (len(ONE), len(ONE))


def test_nothing_changed(place: Place, desk: Desk) -> None:
    """A second deploy of the same site sends nothing."""
    desk.deploy(place.open(), ONE)
    before = place.all_files()
    done = desk.deploy(place.open(), ONE, NOW + 1)
    assert not done.changed
    assert put_paths(done) == []
    assert place.all_files() == before


def test_one_article_edited(place: Place, desk: Desk) -> None:
    """Its page and what lists it go, and nothing else."""
    desk.deploy(place.open(), ONE)
    done = desk.deploy(place.open(), EDITED)
    assert put_paths(done) == ["news/a/index.html", *LISTS]
    assert place.files() == EDITED


@pytest.mark.parametrize("name", ["rsync", "s3", "sftp"])
def test_whole_at_every_moment(name: str, desk: Desk, request: pytest.FixtureRequest) -> None:
    """Whoever reads on while a deploy is at work finds whole files, and whatever they lead to; where versions stand
    whole, tests of their own say so.
    """
    place: Place = request.getfixturevalue(name)
    names = [chr(ord("a") + number) for number in range(10)]
    sites = [site_of(dict.fromkeys(names[: 4 + 3 * n], str(n)), f"{n}{{}}".encode(), PICTURES) for n in range(3)]
    desk.deploy(place.open(), sites[0])
    stop, wrong, rounds = threading.Event(), set(), count(1)

    def follow(path: str, depth: int = 0) -> None:
        data = place.read(path)
        if data not in [site.get(path) for site in sites] or data is None:
            wrong.add((path, data))
        elif depth < 3:
            for link in links_of(data):
                follow(link, depth + 1)

    def read_on() -> None:
        while not stop.is_set():
            follow("index.html")
            follow("feed.xml", 2)
            next(rounds)

    reader = threading.Thread(target=read_on)
    reader.start()
    for site in sites[1:]:
        desk.deploy(place.open(), site)
    stop.set()
    reader.join()
    assert wrong == set()
    assert next(rounds) > 2


def test_a_newest_article_added(place: Place, desk: Desk) -> None:
    """Its page and what lists it go, and nothing else."""
    desk.deploy(place.open(), ONE)
    done = desk.deploy(place.open(), ADDED)
    assert put_paths(done) == ["news/c/index.html", *LISTS]
    assert place.files() == ADDED


def test_an_article_deleted(place: Place, desk: Desk) -> None:
    """Its page and its picture are gone with the deploy."""
    desk.deploy(place.open(), ONE)
    done = desk.deploy(place.open(), WITHOUT_A)
    assert set(done.plan.deletes) == {"news/a/index.html", size_of(b"of a")}
    assert place.files() == WITHOUT_A


def test_back(place: Place, desk: Desk) -> None:
    """The site that was there before is there again; and once more back is forth."""
    desk.deploy(place.open(), ONE)
    desk.deploy(place.open(), EDITED)
    assert place.files() == EDITED
    desk.back(place.open())
    assert place.files() == ONE
    desk.back(place.open())
    assert place.files() == EDITED


def test_back_over_articles_that_came_and_went(place: Place, desk: Desk) -> None:
    """What was deleted is there again, but for pictures that were taken down; what was added is gone."""
    desk.deploy(place.open(), ONE)
    desk.deploy(place.open(), site_of({"b": "Two", "c": "Three"}, pictures={"b": b"of b", "c": b"of c"}))
    desk.back(place.open())
    assert place.files() == {path: data for path, data in ONE.items() if path != size_of(b"of a")}
    desk.deploy(place.open(), ONE)
    assert place.files() == ONE


def test_a_deploy_after_one_that_went_back(place: Place, desk: Desk) -> None:
    """A rollback is no dead end."""
    desk.deploy(place.open(), ONE)
    desk.deploy(place.open(), EDITED)
    desk.back(place.open())
    desk.deploy(place.open(), ADDED)
    assert place.files() == ADDED
    desk.back(place.open())
    assert place.files() == ONE


def test_nothing_to_go_back_to(place: Place, desk: Desk) -> None:
    """After one deploy, or none, there is no earlier site."""
    with pytest.raises(DeployRefused, match="nothing to go back to"):
        desk.back(place.open())
    desk.deploy(place.open(), ONE)
    desk.deploy(place.open(), ONE)
    with pytest.raises(DeployRefused, match="nothing to go back to"):
        desk.back(place.open())
    assert place.files() == ONE


def test_foreign_files_stay(place: Place, desk: Desk) -> None:
    """A file that somebody else put there is there after every deploy, and after a rollback."""
    desk.deploy(place.open(), ONE)
    place.write("google123.html", b"verified")
    place.write("news/a/note.txt", b"theirs")
    theirs = {"google123.html": b"verified", "news/a/note.txt": b"theirs"}
    desk.deploy(place.open(), EDITED)
    assert place.files() == EDITED | theirs
    desk.deploy(place.open(), WITHOUT_A)
    assert place.files() == WITHOUT_A | theirs
    desk.back(place.open())
    assert place.files().items() >= theirs.items()


def test_a_foreign_file_in_the_way(place: Place, desk: Desk) -> None:
    """Where a file of the site would replace somebody else's, nothing is deployed."""
    desk.deploy(place.open(), ONE)
    place.write("news/c/index.html", b"theirs")
    with pytest.raises(DeployRefused, match=r"news/c/index\.html on the target was not deployed by us"):
        desk.deploy(place.open(), ADDED)
    assert place.files() == ONE | {"news/c/index.html": b"theirs"}


def test_a_target_of_somebody_else(place: Place, desk: Desk) -> None:
    """A place that holds files, and no manifest of ours, is refused, and nothing in it is touched."""
    place.write("index.html", b"a site of somebody else")
    place.write("docs/notes.txt", b"of theirs")
    before = place.all_files()
    with pytest.raises(DeployRefused, match="somebody"):
        desk.deploy(place.open(), ONE)
    assert place.all_files() == before
    assert not isinstance(place, RsyncPlace | SftpPlace) or not (place.root / CONTROL).exists()


@pytest.mark.parametrize("name", ["rsync", "sftp"])
@pytest.mark.parametrize("kind", ["folder", "link", "link to nothing", "pipe"])
def test_a_lease_that_is_no_file(name: str, kind: str, desk: Desk, request: pytest.FixtureRequest) -> None:
    """What nobody can hold a target by is named and refused; without a lease two would deploy at once."""
    place: RsyncPlace = request.getfixturevalue(name)
    desk.deploy(place.open(), ONE)
    lease = place.root / CONTROL / "lease"
    if kind == "folder":
        lease.mkdir()
    elif kind == "pipe":
        os.mkfifo(lease)
    else:
        lease.symlink_to("manifest.json" if kind == "link" else "nothing")
    before = place.files()
    with pytest.raises(DeployRefused, match=r"/lease: is not a file, so it cannot say who deploys; remove it"):
        desk.deploy(place.open(), EDITED)
    assert place.files() == before
    assert os.path.lexists(lease)
    lease.rmdir() if kind == "folder" else lease.unlink()
    desk.deploy(place.open(), EDITED)
    assert place.files() == EDITED


OWN_FOLDERS = [
    ("folder", CONTROL),
    *((name, CONTROL + below) for name in ("rsync", "sftp") for below in ("", "/saved", "/coming")),
]


@pytest.mark.parametrize(("name", "own"), OWN_FOLDERS)
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_folder_of_ours_that_is_none(
    name: str, own: str, kind: str, desk: Desk, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Where a file or a link takes the place of our own folder nothing is done: what lies behind it is not ours."""
    place: FolderPlace = request.getfixturevalue(name)
    (tmp_path / "theirs" / "coming").mkdir(parents=True)
    (tmp_path / "theirs" / "notes.txt").write_bytes(b"theirs")
    (tmp_path / "theirs" / "coming" / "notes.txt").write_bytes(b"theirs")
    taken = place.root / own
    taken.parent.mkdir(parents=True)
    if kind == "file":
        taken.write_bytes(b"theirs")
    else:
        taken.symlink_to(tmp_path / "theirs")
    before = place.all_files()
    for force in (False, True):
        with pytest.raises(DeployRefused, match=rf"{own}: is not a folder, and must be one of ours; remove it"):
            desk.deploy(place.open(), ONE, force=force)
    assert place.all_files() == before
    assert len([*(tmp_path / "theirs").rglob("*.txt")]) == 2
    taken.unlink()
    desk.deploy(place.open(), ONE, force=True)
    assert place.files() == ONE


@pytest.mark.parametrize("name", ["rsync", "sftp"])
@pytest.mark.parametrize("taken", [MANIFEST, PENDING, PROGRESS])
def test_a_file_of_ours_that_is_a_folder(name: str, taken: str, desk: Desk, request: pytest.FixtureRequest) -> None:
    """What a deploy must write is not put into a folder of that name; the site stands as it stood."""
    place: RsyncPlace = request.getfixturevalue(name)
    place.write(f"{taken}/theirs.txt", b"theirs")
    for _ in range(2):
        with pytest.raises(DeployRefused, match=rf"{taken}: is not a file, and must be one of ours; remove it"):
            desk.deploy(place.open(), ONE)
        assert place.files() == {}
    place.remove(f"{taken}/theirs.txt")
    (place.root / taken).rmdir()
    desk.deploy(place.open(), ONE)
    assert place.files() == ONE


def test_another_site_of_ours(place: Place, desk: Desk) -> None:
    """A place that holds another site is refused; with `--force` it moves."""
    desk.deploy(place.open(), ONE, url="https://old.test/", authority="old.test")
    with pytest.raises(DeployRefused, match=r'set feed_authority = "old\.test"'):
        desk.deploy(place.open(), ONE)
    desk.deploy(place.open(), EDITED, force=True)
    assert place.files() == EDITED


def test_a_dry_run_touches_nothing(place: Place, desk: Desk) -> None:
    """It tells what would go; the place is as it was, also where there was none."""
    done = desk.deploy(place.open(), ONE, dry_run=True)
    assert sorted(put_paths(done)) == sorted(ONE)
    assert place.all_files() == {}
    desk.deploy(place.open(), ONE)
    before = place.all_files()
    done = desk.deploy(place.open(), WITHOUT_A, dry_run=True)
    assert put_paths(done) == LISTS
    assert "news/a/index.html" in done.plan.deletes
    assert place.all_files() == before


def test_open_pages_find_their_assets(place: Place, desk: Desk) -> None:
    """A style that was replaced stays as long as was said, then it goes."""
    two = site_of({"a": "One"}, b"b{}")
    three = site_of({"a": "Two"}, b"b{}")
    old = asset("style", b"a{}")
    desk.deploy(place.open(), site_of({"a": "One"}, b"a{}"))
    desk.deploy(place.open(), two)
    assert place.files() == two | {old: b"a{}"}
    desk.deploy(place.open(), three, NOW + 23 * HOUR)
    assert place.files() == three | {old: b"a{}"}
    done = desk.deploy(place.open(), three, NOW + 25 * HOUR)
    assert done.plan.deletes == (old,)
    assert place.files() == three
    desk.back(place.open(), NOW + 25 * HOUR)
    assert place.files() == two


def test_check_puts_right_what_was_changed_from_outside(place: Place, desk: Desk) -> None:
    """Files that are missing or of another size are put there again; files of others are counted."""
    desk.deploy(place.open(), ONE)
    place.remove("news/a/index.html")
    place.write("news/b/index.html", b"broken")
    place.write("theirs.txt", b"theirs")
    assert not desk.deploy(place.open(), ONE).changed
    done = desk.deploy(place.open(), ONE, check=True)
    assert done.repaired == ("news/a/index.html", "news/b/index.html")
    assert done.foreign == 1
    assert place.files() == ONE | {"theirs.txt": b"theirs"}


def test_a_file_that_somebody_took_away(place: Place, desk: Desk) -> None:
    """What a rollback would need, and is not there, is said and how it is put right; where versions stand whole it is
    no matter.
    """
    desk.deploy(place.open(), ONE)
    place.remove("news/a/index.html")
    if isinstance(place, FolderPlace | GitPlace) and not isinstance(place, RsyncPlace):
        desk.deploy(place.open(), EDITED)
    else:
        with pytest.raises(DeployFailed, match=r"news/a/index\.html is not there any more; deploy with `--check`"):
            desk.deploy(place.open(), EDITED)
        assert place.files().items() <= ONE.items()
        desk.deploy(place.open(), EDITED, check=True)
    assert place.files() == EDITED


def test_too_many_deletions(place: Place, desk: Desk) -> None:
    """More than `max_deletes` are not done without `--force`."""
    desk.settings = replace(place.settings, max_deletes=3)
    many = site_of({f"n{number}": "x" for number in range(4)} | {"a": "One"})
    desk.deploy(place.open(), many)
    with pytest.raises(DeployRefused, match=r"4 files would be deleted .* more than max_deletes = 3"):
        desk.deploy(place.open(), site_of({"a": "One"}))
    assert place.files() == many
    desk.deploy(place.open(), site_of({"a": "One"}), force=True)
    assert place.files() == site_of({"a": "One"})


def test_an_output_that_changes_under_a_deploy(place: Place, desk: Desk) -> None:
    """A file whose bytes are not those of the listing stops the deploy before the manifest."""
    desk.deploy(place.open(), ONE)
    original = desk.root / "output-2" / "news" / "a" / "index.html"

    target = place.open()
    look = target.look

    def tampered() -> object:
        original.write_bytes(b"half a page")
        return look()

    target.look = tampered  # type: ignore[method-assign, assignment]
    with pytest.raises(DeployFailed, match="was changed while it was deployed"):
        desk.deploy(target, EDITED)
    desk.deploy(place.open(), EDITED)
    assert place.files() == EDITED


def test_the_manifest_knows_no_machine(place: Place, desk: Desk) -> None:
    """What lies in our own folder names no source, no folder of this machine and no user."""
    desk.deploy(place.open(), ONE)
    desk.deploy(place.open(), EDITED)
    for path, data in place.all_files().items():
        if path.startswith(CONTROL):
            text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
            assert str(desk.root).encode() not in text
            assert b".md" not in text


def test_names_that_need_care(place: Place, desk: Desk) -> None:
    """Addresses of every script, with blanks and quotes, arrive as they are."""
    odd = {"東京/é ä/index.html": b"1", 'a "b" \\c/x.txt': b"2", "#?&+%41/index.html": b"3", "-x/--y.html": b"4"}
    desk.deploy(place.open(), ONE | odd)
    assert place.files() == ONE | odd
    desk.deploy(place.open(), ONE)
    assert place.files() == ONE
    desk.back(place.open())
    assert place.files() == ONE | odd


def test_a_folder_where_a_file_was(place: Place, desk: Desk) -> None:
    """An address may become a folder, and a folder an address."""
    desk.deploy(place.open(), ONE | {"about": b"file", "old/index.html": b"in a folder"})
    other = ONE | {"about/index.html": b"in a folder", "old": b"file"}
    desk.deploy(place.open(), other)
    assert place.files() == other


def test_pictures_have_names() -> None:
    """The kit's sizes are sizes of pictures."""
    assert pictures_of(ONE) == {size_of(b"of a"), size_of(b"of b")}
