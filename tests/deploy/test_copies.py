"""Compressed copies: beside every text that is worth it, the same bytes in another form, and gone with it."""

from __future__ import annotations

import gzip
import sys
from contextlib import suppress

import brotli
import pytest
from msgspec.structs import replace
from places import Place
from release_kit import HOUR, NOW, Desk, asset, put_paths, site_of, size_of

from generator.deploy.copies import LEAST, text_of
from generator.deploy.target import DeployFailed, DeployRefused

STYLE = b"a{color:red}" * 200
LONG = "Words of an article that is worth it. " * 40
ONE = site_of({"a": LONG, "b": "short"}, STYLE, {"a": b"of a" * 900})
EDITED = site_of({"a": f"{LONG}!", "b": "short"}, STYLE, {"a": b"of a" * 900})
OWN = {"data.csv": b"1,2\n" * 900, "data.csv.gz": b"the desk's own"}
UNPACK = {".gz": gzip.decompress, ".br": brotli.decompress}


@pytest.fixture(params=["folder", "rsync", "sftp"])
def place(request: pytest.FixtureRequest, desk: Desk) -> Place:
    """A place of each type that a web server hands out, with copies."""
    found: Place = request.getfixturevalue(request.param)
    found.settings = desk.settings = replace(found.settings, precompress=("gzip", "br"))
    return found


def assert_copies(place: Place, site: dict[str, bytes]) -> None:
    """Assert that the site is there, and a copy of each text that is worth it, and nothing else."""
    files = place.files()
    copies = {path: data for path, data in files.items() if path not in site}
    texts = {path for path, data in site.items() if len(data) >= LEAST and not path.endswith((".webp", ".gz"))}
    assert {path: files[path] for path in files.keys() - copies.keys()} == site
    assert copies.keys() == {path + suffix for path in texts for suffix in UNPACK} - site.keys()
    assert {path: UNPACK[path[-3:]](data) for path, data in copies.items()} == {
        path: site[text_of(path)] for path in copies
    }


def test_a_day_with_copies(place: Place, desk: Desk) -> None:
    """They come with a text, change with it, and go with it; what did not change is not compressed again."""
    done = desk.deploy(place.open(), ONE)
    assert_copies(place, ONE)
    assert f"{size_of(b'of a' * 900)}.gz" not in place.files()
    assert put_paths(done)[:3] == [asset("style", STYLE) + suffix for suffix in ("", ".br", ".gz")]
    before = place.all_files()
    desk.progress.clear()
    assert not desk.deploy(place.open(), ONE).changed
    assert (desk.progress, place.all_files()) == ([], before)
    done = desk.deploy(place.open(), EDITED)
    assert [path for path in put_paths(done) if "news/a/" in path] == [
        f"news/a/index.html{suffix}" for suffix in ("", ".br", ".gz")
    ]
    assert not any(path.startswith("assets/") for path in put_paths(done))
    assert_copies(place, EDITED)
    desk.back(place.open())
    assert_copies(place, ONE)
    desk.deploy(place.open(), site_of({"b": "short"}, STYLE))
    assert_copies(place, site_of({"b": "short"}, STYLE))


def test_copies_are_put_right(place: Place, desk: Desk) -> None:
    """A copy that is lost comes back, also after a deploy that was cut off; without the setting all of them go."""
    desk.deploy(place.open(), ONE)
    place.remove("news/a/index.html.gz")
    place.write("news/a/index.html.br", b"broken")
    done = desk.deploy(place.open(), ONE, check=True)
    assert done.repaired == ("news/a/index.html.br", "news/a/index.html.gz")
    assert_copies(place, ONE)
    target, said = place.open(), []
    carry_out = target.carry_out

    def cut(plan: object, source: object, count: object) -> None:
        def stop(files: int, size: int) -> None:
            said.append(files)
            if len(said) == 5:
                raise DeployFailed("cut")

        carry_out(plan, source, stop)  # type: ignore[arg-type]

    target.carry_out = cut  # type: ignore[method-assign, assignment]
    with suppress(DeployFailed):
        desk.deploy(target, EDITED)
    desk.deploy(place.open(), EDITED)
    assert_copies(place, EDITED)
    desk.settings = replace(place.settings, precompress=())
    desk.deploy(place.open(), EDITED)
    desk.deploy(place.open(), ONE, NOW + 25 * HOUR)  # those of what is named by its bytes stay for a while
    assert place.files() == ONE


def test_files_that_look_like_copies(place: Place, desk: Desk) -> None:
    """What the site calls so is its own; what others have put there is not replaced."""
    desk.deploy(place.open(), ONE | OWN)
    assert_copies(place, ONE | OWN)
    place.write("news/c/index.html.gz", b"theirs")
    with pytest.raises(DeployRefused, match=r"news/c/index\.html\.gz on the target was not deployed by us"):
        desk.deploy(place.open(), site_of({"c": LONG}, STYLE))


def test_the_extra_is_missing(place: Place, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without brotli the message says what to install, and nothing is deployed; gzip needs nothing."""
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(DeployRefused, match=r"pip install 'broadsheet\[brotli\]'"):
        desk.deploy(place.open(), ONE)
    assert place.files() == {}
    desk.settings = replace(place.settings, precompress=("gzip",))
    desk.deploy(place.open(), ONE)
    assert place.files()["news/a/index.html.gz"][4:8] == bytes(4)  # no time of its making
