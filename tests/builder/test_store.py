"""The store gives back what was stored or says that it cannot: never something else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.base.problems import CacheDamaged
from generator.builder.manifest import Artifact
from generator.builder.store import FORMAT, MAX_PACKS, STATE, Blob, Entry, State, Store

LOOK = bytes(range(32))


def store_in(folder: Path) -> Store[str]:
    folder.mkdir(exist_ok=True)
    return Store(folder, str)


def filed(store: Store[str], *texts: str) -> State[str]:
    """Return a state with an entry for each text, each filed in a pack of its own."""
    entries = {}
    for text in texts:
        with store.new_pack() as pack:
            entries[text] = Entry(LOOK, b"digest", b"key", text, pack.append(text[:2].encode(), text[2:].encode()))
    return State(entries)


def packs(store: Store[str]) -> list[str]:
    return sorted(file.name for file in store.folder.glob("*.pack"))


def texts(store: Store[str], state: State[str]) -> dict[str, bytes]:
    return {path: b"".join(store.read(entry.blob)) for path, entry in state.entries.items() if entry.blob}


FULL: State[str] = State(
    entries={"a.md": Entry(LOOK, b"digest", b"key", "value"), "b.md": Entry(None, b"", b"", "")},
    artifacts=(Artifact("index.html", b"d" * 16, 7, b"k" * 32, "new", LOOK), Artifact("x", b"", 0, b"", "data")),
    positions={"abc ('images', 0)": (3, 14)},
    memo={"generator.pages.stories abc": b"fingerprint"},
)


def test_state_round_trip(tmp_path: Path) -> None:
    """What one build saves is what the next one loads."""
    store = store_in(tmp_path)
    store.save_state(FULL)
    assert store_in(tmp_path).load_state() == FULL


def test_first_build_knows_nothing(tmp_path: Path) -> None:
    """Without a state file, or with a folder in its place, nothing is known."""
    assert store_in(tmp_path).load_state() == State()
    (tmp_path / STATE).mkdir()
    assert store_in(tmp_path).load_state() == State()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    store_in(folder).save_state(FULL)
    return folder / STATE


@given(data=st.data())
def test_damaged_state_is_no_state(saved: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A state that was cut, or in which a single bit fell over, is forgotten as a whole."""
    whole = saved.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1), "at")
    if data.draw(st.booleans(), "cut"):
        damaged = whole[:at]
    else:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << data.draw(st.integers(0, 7), "bit")
    folder = tmp_path_factory.mktemp("damaged")
    (folder / STATE).write_bytes(damaged)
    assert store_in(folder).load_state() == State()


def test_other_version_is_no_state(saved: Path, tmp_path: Path) -> None:
    """A state of another format is forgotten, whole as it may be."""
    whole = saved.read_bytes()
    (tmp_path / STATE).write_bytes(FORMAT.replace(b" state ", b" state 9") + whole[len(FORMAT) :])
    assert store_in(tmp_path).load_state() == State()


def test_other_records_are_no_state(saved: Path) -> None:
    """A state whose values are of another kind is forgotten, not taken for what it is not."""
    assert Store(saved.parent, int).load_state() == State()


def test_unfinished_save_is_not_seen(tmp_path: Path) -> None:
    """What a killed save left beside the state changes nothing."""
    store_in(tmp_path).save_state(FULL)
    (tmp_path / f".{STATE}.4711.new").write_bytes(b"half of")
    assert store_in(tmp_path).load_state() == FULL


def test_filed_bytes_come_back(tmp_path: Path) -> None:
    """Records are read as they were appended, their first part alone, too, and empty ones."""
    store, stored = store_in(tmp_path), [(b"one", b"two"), (b"", b""), (b"three" * 10_000, b""), (b"", b"four")]
    with store.new_pack() as pack:
        blobs = [pack.append(*parts) for parts in stored]
    assert [store.read_first(blob) for blob in blobs] == [first for first, _ in stored]
    assert [store.read(blob) for blob in blobs] == stored


@given(at=st.integers(0, 50), bit=st.integers(0, 7), known=st.booleans())
def test_each_part_is_checked(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int, known: bool) -> None:
    """A bit that falls over is damage to whoever reads its part, also where the first part was read before."""
    store = store_in(tmp_path_factory.mktemp("cache"))
    with store.new_pack() as pack:
        blob = pack.append(b"first part", b"and all of the rest of it")
    file = store.folder / blob.pack
    data = bytearray(file.read_bytes())
    assert len(data) == blob.length == 51
    if known:
        assert store.read_first(blob) == b"first part"
    data[at] ^= 1 << bit
    file.write_bytes(data)
    other = Store(store.folder, str)
    with pytest.raises(CacheDamaged):
        other.read(blob)
    if at >= blob.first:
        assert other.read_first(blob) == b"first part"
        with pytest.raises(CacheDamaged):
            store.read(blob)
    else:
        with pytest.raises(CacheDamaged):
            other.read_first(blob)


def test_missing_pack_is_damage(tmp_path: Path) -> None:
    """A state that was restored without its packs cannot be read from."""
    store = store_in(tmp_path)
    state = filed(store, "text")
    store.save_state(state)
    (tmp_path / packs(store)[0]).unlink()
    with pytest.raises(CacheDamaged):
        texts(store_in(tmp_path), state)


@pytest.mark.parametrize("damaged", [b"", b"tex", b"txet", b"other bytes altogether"])
def test_pack_of_other_bytes_is_damage(tmp_path: Path, damaged: bytes) -> None:
    """A pack that was emptied, cut, garbled or swapped is never read as if it were whole."""
    store = store_in(tmp_path)
    state = filed(store, "text")
    (tmp_path / packs(store)[0]).write_bytes(damaged)
    with pytest.raises(CacheDamaged):
        texts(store, state)


@given(offset=st.integers(0, 90), length=st.integers(0, 90), first=st.integers(0, 90))
def test_no_slice_but_the_stored_one(
    tmp_path_factory: pytest.TempPathFactory, offset: int, length: int, first: int
) -> None:
    """A blob that points elsewhere in its pack gives the stored bytes or is damage."""
    store = store_in(tmp_path_factory.mktemp("cache"))
    with store.new_pack() as pack:
        pack.append(b"before")
        blob = pack.append(b"sto", b"red")
        pack.append(b"behind")
    pointed = Blob(blob.pack, offset, length, first, blob.digest)
    try:
        assert store.read(pointed) == (b"sto", b"red")
    except CacheDamaged:
        assert (offset, length, first) != (blob.offset, blob.length, blob.first)
    try:
        assert store.read_first(pointed) == b"sto"
    except CacheDamaged:
        assert (offset, first) != (blob.offset, blob.first)


def test_packs_that_nothing_needs_go(tmp_path: Path) -> None:
    """Saving drops the packs that no entry points into, and those only."""
    store = store_in(tmp_path)
    state = filed(store, "kept", "dropped")
    del state.entries["dropped"]
    with store.new_pack() as orphan:
        orphan.append(b"of a killed build")
    store.save_state(state)
    assert packs(store) == [state.entries["kept"].blob.pack]  # type: ignore[union-attr]
    assert texts(store_in(tmp_path), store.load_state()) == {"kept": b"kept"}


def test_many_packs_become_few(tmp_path: Path) -> None:
    """A year of small builds does not leave a year of packs: the largest stays as it is, all others become one."""
    store = store_in(tmp_path)
    names = ["x" * 100, *(f"text {number}" for number in range(MAX_PACKS))]
    state = filed(store, *names)
    largest = state.entries[names[0]].blob
    state.entries["picture.png"] = Entry(LOOK, b"digest", b"key", "no blob")
    store.save_state(state)
    loaded = store_in(tmp_path).load_state()
    assert len(packs(store)) == 2
    assert texts(store_in(tmp_path), loaded) == {name: name.encode() for name in names}
    assert loaded.entries[names[0]].blob == largest
    assert loaded.entries["picture.png"] == state.entries["picture.png"]


def test_a_pack_that_is_mostly_waste_is_left(tmp_path: Path) -> None:
    """A pack of which less than half is needed is left behind, although it holds the most."""
    store = store_in(tmp_path)
    state = filed(store, *(f"text {number}" for number in range(MAX_PACKS)))
    with store.new_pack() as pack:
        pack.append(b"waste" * 100)
        state.entries["large"] = Entry(LOOK, b"digest", b"key", "", pack.append(b"x" * 200))
    store.save_state(state)
    assert len(packs(store)) == 1
    assert texts(store, store.load_state())["large"] == b"x" * 200


def test_descriptors_of_dropped_packs_are_closed(tmp_path: Path) -> None:
    """A process that saves a thousand times does not run out of descriptors, for those of dropped packs are closed."""
    store, descriptors = store_in(tmp_path), Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    for number in range(5):
        state = filed(store, f"text {number}")
        assert texts(store, state) == {f"text {number}": f"text {number}".encode()}
        store.save_state(state)
    assert len(list(descriptors.iterdir())) == before + 1


def test_the_folder_may_go_at_any_time(tmp_path: Path) -> None:
    """Who deletes the cache under a preview gets a new one."""
    store = store_in(tmp_path / "cache")
    store.save_state(FULL)
    shutil.rmtree(store.folder)
    state = filed(store, "text")
    store.save_state(state)
    assert store_in(tmp_path / "cache").load_state() == state


def test_few_packs_stay(tmp_path: Path) -> None:
    """Up to the limit nothing is copied."""
    store = store_in(tmp_path)
    state = filed(store, *map(str, range(MAX_PACKS)))
    store.save_state(state)
    assert len(packs(store)) == MAX_PACKS
    assert store.load_state() == state


def test_compaction_does_not_hide_damage(tmp_path: Path) -> None:
    """A pack that is gone when packs are put together is damage; the last good state stays where it is."""
    store = store_in(tmp_path)
    store.save_state(FULL)
    state = filed(store, *map(str, range(MAX_PACKS + 1)))
    (tmp_path / packs(store)[0]).unlink()
    with pytest.raises(CacheDamaged):
        store.save_state(state)
    assert store.load_state() == FULL


def test_kept_bytes_come_back(tmp_path: Path) -> None:
    """The bytes of a costly output are kept under a name; what is not kept is None."""
    store = store_in(tmp_path)
    assert store.kept("name") is None
    store.keep("name", b"pixels")
    assert store_in(tmp_path).kept("name") == b"pixels"


@pytest.mark.parametrize("cut", [0, 1, 16, 20])
def test_damaged_kept_bytes_are_none(tmp_path: Path, cut: int) -> None:
    """Kept bytes that were cut are not used."""
    store = store_in(tmp_path)
    store.keep("name", b"pixels")
    file = next((tmp_path / "variants").iterdir())
    file.write_bytes(file.read_bytes()[:cut])
    assert store.kept("name") is None


def test_kept_bytes_belong_to_their_name(tmp_path: Path) -> None:
    """Kept bytes that were moved to another name are not used."""
    store = store_in(tmp_path)
    store.keep("name", b"pixels")
    shutil.copy(tmp_path / "variants" / "name", tmp_path / "variants" / "other")
    assert store.kept("other") is None


def test_kept_bytes_that_nothing_needs_go(tmp_path: Path) -> None:
    """Pruning drops all kept bytes but those named."""
    store = store_in(tmp_path)
    store.prune_kept(["name"])
    store.keep("name", b"pixels")
    store.keep("other", b"pixels")
    store.prune_kept(["name", "never kept"])
    assert store.kept("name") == b"pixels"
    assert store.kept("other") is None


def test_clear_forgets(tmp_path: Path) -> None:
    """After damage nothing is known but what costs much: kept bytes prove themselves."""
    store = store_in(tmp_path)
    store.save_state(FULL)
    store.keep("name", b"pixels")
    store.clear()
    store.clear()
    assert store.load_state() == State()
    assert store.kept("name") == b"pixels"
