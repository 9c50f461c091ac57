"""Sheaves: what moves with every article is kept together, small, whole, and only as long as it is of use."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from zipfile import ZipFile

import pytest
from network import front
from places import S3Place
from release_kit import Desk, asset, put_paths, site_of, size_of
from test_delta import Bytes, MemoryStore, carry, go_back

from generator.base.digest import digest_bytes
from generator.deploy import sheaf
from generator.deploy.manifest import CONTROL, Row
from generator.deploy.store import SAVED, StoreTarget
from generator.deploy.target import DeployFailed, Put

PAGES = 120


def site(newest: str, pages: int = PAGES) -> dict[str, bytes]:
    """Return a site whose API has many pages, all of which say what is newest."""
    listed = {f"api/news/page/{at}/index.json": f"{newest} {at}".encode() for at in range(pages)}
    return site_of({"a": "One"}) | listed | {"api/news/one/index.json": b"an article's own"}


def puts_of(*files: tuple[str, bytes], same: bool = False) -> list[Put]:
    return [Put(path, Row(digest_bytes(data).hex(), len(data)), False, same, 5) for path, data in files]


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.copies_singly = True
    return store


def copied(store: MemoryStore) -> int:
    return len([name for name in store.files if name.startswith(f"{SAVED}/")])


def sheaves(store: MemoryStore) -> list[str]:
    return [name for name in store.files if name.startswith(f"{CONTROL}/sheaves/")]


def test_what_moves_is_in_it_and_few_other_texts() -> None:
    """Many pages by number, and texts beside them unless these are more; no file, nor what has new headers only."""
    moving = [(path, data) for path, data in site("x").items() if "/page/" in path]
    texts = [("api/news/one/index.json", b"an article's own"), ("news/page/3/index.html", b"a list of the site")]
    files = [("favicon.ico", b"an icon"), (size_of(b"picture"), b"a picture"), (asset("style", b"a{}"), b"a{}")]
    ((name, held),) = sheaf.new_sheaf(puts_of(*moving, *texts, *files)).items()
    assert set(held) == {digest_bytes(data).hex() for _, data in (*moving, *texts)}
    assert sheaf.new_sheaf(puts_of(*reversed(texts), *reversed(moving))) == {name: held}
    many = [(f"news/{at}/index.html", b"%d" % at) for at in range(PAGES + 1)]
    ((_, held),) = sheaf.new_sheaf(puts_of(*moving, *many)).items()
    assert set(held) == {digest_bytes(data).hex() for _, data in moving}
    assert sheaf.new_sheaf(puts_of(*moving[: sheaf.LEAST - 1], *texts)) == {}
    assert sheaf.new_sheaf(puts_of(*moving, same=True)) == {}


def test_what_is_in_it_is_read_once() -> None:
    """A page goes to its place and into the sheaf: its file is read by who asks first. Nothing else is held."""
    files = site("first")
    puts = puts_of(*files.items())
    read: Counter[str] = Counter()

    class Counted(Bytes):
        def read(self, path: str, row: Row) -> bytes:
            read[path] += 1
            return super().read(path, row)

    sheaves = sheaf.new_sheaf(puts)
    ((_, held),) = sheaves.items()
    once = sheaf.Once(Counted(files), sheaves)
    some, rest = puts[: len(puts) // 2], puts[len(puts) // 2 :]
    assert all(once.read(put.path, put.row) == files[put.path] for put in some)
    packed = sheaf.bind_sheaf(held, puts, once)
    assert all(once.read(put.path, put.row) == files[put.path] for put in rest)
    assert packed == sheaf.bind_sheaf(held, puts, Bytes(files))
    assert set(read.values()) == {1}
    assert read.keys() == files.keys()
    assert not once._left


def test_the_next_deploy_copies_none_of_them(store: MemoryStore) -> None:
    """What was brought in a sheaf is not copied when it is replaced, and is there to go back to."""
    carry(store, site("first"), 0)
    carry(store, site("second"), 0)
    assert copied(store) == 0
    go_back(store)
    assert store.files["api/news/page/7/index.json"] == b"first 7"
    go_back(store)
    assert store.files["api/news/page/7/index.json"] == b"second 7"


def test_a_parcel_outlasts_small_deploys_and_no_more(store: MemoryStore) -> None:
    """It stays while most of it stands on the site, and goes when no version needs it."""
    carry(store, site("first"), 0)
    (first,) = sheaves(store)
    for text in ("a", "b", "c"):
        carry(store, site("first") | {"about/index.html": text.encode()}, 0)
    assert sheaves(store) == [first]
    carry(store, site("second") | {"about/index.html": b"c"}, 0)
    assert first in sheaves(store)
    assert copied(store) == 0
    for newest in ("third", "fourth"):
        carry(store, site(newest), 0)
        assert len(sheaves(store)) == 2
    assert first not in sheaves(store)


def test_same_pages_same_bytes(store: MemoryStore) -> None:
    """A sheaf does not tell when, or by whom, it was made."""
    other = MemoryStore()
    other.copies_singly = True
    for each in (store, other):
        carry(each, site("first"), 0)
    (name,) = sheaves(store)
    assert store.files[name] == other.files[name]


def _empty() -> bytes:
    data = BytesIO()
    ZipFile(data, "w").close()
    return data.getvalue()


@pytest.mark.parametrize(
    "damaged", [None, b"", b"no sheaf", _empty()], ids=["gone", "empty", "no zip", "nothing in it"]
)
def test_a_damaged_sheaf(store: MemoryStore, damaged: bytes | None) -> None:
    """Who goes back is told, and what stands there stands; the next deploy of sources is whole."""
    carry(store, site("first"), 0)
    (name,) = sheaves(store)
    carry(store, site("second"), 0)
    store.files.pop(name)
    if damaged is not None:
        store.files[name] = damaged
    there = dict(store.files)
    with pytest.raises(DeployFailed, match="deploy that version from its sources"):
        go_back(store)
    assert store.files == there
    carry(store, site("third"), 0)
    assert store.files["api/news/page/7/index.json"] == b"third 7"


def test_other_bytes_than_were_kept(store: MemoryStore) -> None:
    """A page that somebody has put into a sheaf is not published, however much it unpacks to."""
    carry(store, site("first"), 0)
    (name,) = sheaves(store)
    carry(store, site("second"), 0)
    data = BytesIO()
    with ZipFile(data, "w", compression=8) as bomb:
        for digest in ZipFile(BytesIO(store.files[name])).namelist():
            bomb.writestr(digest, b"x" * 100_000)
    store.files[name] = data.getvalue()
    with pytest.raises(DeployFailed, match=r"page/\d+/index.json: its bytes were not kept"):
        go_back(store)
    assert not any(b"xxx" in data for path, data in store.files.items() if path.startswith("api/"))


def test_stores_whose_copies_cost_nothing_have_none() -> None:
    """Where a copy is a link on the same disk, it is made."""
    store = MemoryStore()
    store.copies_singly = False
    carry(store, site("first"), 0)
    carry(store, site("second"), 0)
    assert sheaves(store) == []
    assert copied(store) == PAGES
    manifest = StoreTarget(store).look().manifest
    assert manifest is not None
    assert manifest.sheaves == {}


def test_requests_to_a_bucket(s3: S3Place, desk: Desk) -> None:
    """A new article asks a bucket to take the pages of the API, and not to copy each of the old ones, too."""
    asked: list[str] = []

    def note(method: str, path: str) -> None:
        asked.append(f"{method} {path}")

    desk.deploy(s3.open(), site("first"))
    with front(int(s3.settings.endpoint_url.rpartition(":")[2]), note) as port:  # type: ignore[arg-type]
        done = desk.deploy(s3.through(port).open(), site("second"))
    assert len(put_paths(done)) == PAGES
    assert len([line for line in asked if line.startswith("PUT") and CONTROL not in line]) == PAGES
    assert len(asked) - PAGES < 30
    assert s3.files() == site("second")
    desk.back(s3.open())
    assert s3.files() == site("first")
