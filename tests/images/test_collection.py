"""collection: what lies in the folder, and that nothing finished is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from tiny_pictures import flat

from generator.base.imaging import Image
from generator.images.fetch.collection import Collection
from generator.images.fetch.ledger import Entry, Kept, Trouble
from generator.images.probe import probe
from generator.network.ledger import JOURNAL, LEDGER

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RED, BLUE = flat("RGB", (6, 4), (200, 0, 0), "PNG"), flat("RGBA", (6, 4), (0, 0, 200, 9), "WEBP")
URL = "https://a.example/x"


def put(collection: Collection, url: str, data: bytes, **fields: object) -> Entry:
    """Put a picture into the collection as a fetch does."""
    image = probe("", data)
    assert isinstance(image, Image)
    file = collection.keep(data, image)
    kept = Kept(file, len(data), image.width, image.height, image.format, NOW, image.transparent)
    entry = replace(Entry(url, NOW, NOW + timedelta(days=1), kept, etag='"x"'), **fields)
    collection.put(entry)
    return entry


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_picture_is_found_by_its_address(tmp_path: Path) -> None:
    """Its source is a path in the site, its digest that of the bytes, and the bytes are checked when they are read."""
    collection = Collection(tmp_path / "pictures")
    put(collection, URL, BLUE)
    image = Collection(tmp_path / "pictures").image(URL)
    assert image == probe(image.source if image else "", BLUE)
    assert image is not None
    assert (tmp_path / image.source).read_bytes() == BLUE
    file = image.source.removeprefix("pictures/")
    assert collection.read(file, image.digest) == BLUE
    (tmp_path / image.source).write_bytes(RED)
    assert collection.read(file, image.digest) is None


def test_looking_writes_nothing(tmp_path: Path) -> None:
    """An empty collection is no folder; reading one that a killed build left changes no byte."""
    folder = tmp_path / "pictures"
    assert Collection(folder).image(URL) is None
    assert not folder.exists()
    put(Collection(folder), URL, RED)
    before = files(folder)
    assert Collection(folder).image(URL)
    assert files(folder) == before


def test_what_is_put_is_there_at_once(tmp_path: Path) -> None:
    """A build that dies right after it has lost nothing, and the next one settles the journal into the ledger."""
    entry = put(Collection(tmp_path), URL, RED)
    (tmp_path / JOURNAL).write_bytes((tmp_path / JOURNAL).read_bytes() + b'{"url":"https://cut')
    again = Collection(tmp_path)
    assert again.entries == {URL: entry}
    later = replace(entry, due=NOW)  # asked in the same second: the journal's order counts
    again.put(later)
    assert Collection(tmp_path).entries == {URL: later}
    again.settle()
    assert not (tmp_path / JOURNAL).exists()
    assert Collection(tmp_path).entries == {URL: later}


def test_the_folder_does_not_show_in_which_order_pictures_came(tmp_path: Path) -> None:
    """Every file has the same bytes."""
    for name, order in (("one", (0, 1, 2)), ("other", (2, 0, 1))):
        collection = Collection(tmp_path / name)
        for at in order:
            put(collection, f"https://a.example/{at}", (RED, BLUE, RED)[at])
        collection.settle()
    assert files(tmp_path / "one") == files(tmp_path / "other")
    assert len(files(tmp_path / "one")) == 4  # two pictures, the ledger, the attributes


def test_without_news_nothing_is_written(tmp_path: Path) -> None:
    """Settling twice leaves the ledger's times."""
    collection = Collection(tmp_path)
    put(collection, URL, RED)
    collection.settle()
    before = (tmp_path / LEDGER).stat().st_mtime_ns
    Collection(tmp_path).settle()
    assert (tmp_path / LEDGER).stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_file_that_is_gone_is_asked_for_again(tmp_path: Path, damage: str) -> None:
    """The entry counts as without a picture, due at once, and without validators."""
    collection = Collection(tmp_path)
    entry = put(collection, URL, RED)
    assert entry.kept
    file = tmp_path / entry.kept.file
    file.unlink() if damage == "gone" else file.write_bytes(RED[:-1])
    again = Collection(tmp_path)
    assert again.entries[URL] == Entry(URL, NOW, NOW)
    assert again.image(URL) is None


def test_a_damaged_file_is_discarded(tmp_path: Path) -> None:
    """Other bytes of the same size are found out when they are read; whole files and others' stay."""
    collection = Collection(tmp_path / "pictures")
    put(collection, URL, RED)
    image = collection.image(URL)
    assert image
    assert not collection.discard_damaged(image.source)
    assert not collection.discard_damaged("content/a.png")
    (tmp_path / image.source).write_bytes(RED[::-1])
    assert collection.discard_damaged(image.source)
    assert Collection(tmp_path / "pictures").image(URL) is None


def test_a_ledger_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    """It may come from anywhere: a path that leads out of the collection is none."""
    (tmp_path / "secret.png").write_bytes(RED)
    collection = Collection(tmp_path / "pictures")
    entry = put(collection, URL, RED)
    assert entry.kept
    collection.put(replace(entry, kept=replace(entry.kept, file="../secret.png")))
    assert Collection(tmp_path / "pictures").image(URL) is None


def test_failures_can_be_asked_again(tmp_path: Path) -> None:
    """Those that are named, and not what is good."""
    collection = Collection(tmp_path)
    put(collection, URL, RED)
    put(collection, f"{URL}2", RED, trouble=Trouble("slow", ""))
    put(collection, f"{URL}3", RED, trouble=Trouble("slow", ""))
    assert collection.ask_again(NOW, [URL, f"{URL}2", "https://unknown.example/"]) == 1
    due = {url: entry.due for url, entry in Collection(tmp_path).entries.items()}
    assert due == {URL: NOW + timedelta(days=1), f"{URL}2": NOW, f"{URL}3": NOW + timedelta(days=1)}


def test_pruning_drops_what_nobody_wants(tmp_path: Path) -> None:
    """Entries and files; a file that another address has stays, and so does what is not ours."""
    collection = Collection(tmp_path)
    put(collection, "a", RED)
    put(collection, "b", RED)
    blue = put(collection, "c", BLUE)
    assert blue.kept
    (tmp_path / "README").write_text("mine")
    (tmp_path / blue.kept.file).with_name(".x.1.new").write_text("half")
    (tmp_path / blue.kept.file).with_name("mine.png").write_text("mine")
    assert collection.prune(["a"]) == (2, 1)
    left = files(tmp_path)
    assert {name.rpartition("/")[2] for name in left if len(name) < 36} == {LEDGER, "README", "mine.png"}
    assert RED in left.values()
    assert BLUE not in left.values()
    assert list(Collection(tmp_path).entries) == ["a"]
    assert Collection(tmp_path).prune(["a"]) == (0, 0)
