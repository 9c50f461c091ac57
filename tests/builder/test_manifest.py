"""Two manifests differ by what was added, changed and removed; a listing names every output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.base.listing import decode_listing
from generator.builder.manifest import Artifact, diff, encode_listing

# Any path inside of a folder, but for control characters, which the scan refuses.
names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1).filter(
    lambda name: name.strip() and not name.startswith("/") and ".." not in name
)
digests = st.sampled_from([b"a" * 16, b"b" * 16, b"c" * 16])


def artifact(output: str, digest: bytes = b"a" * 16, key: bytes = b"key") -> Artifact:
    return Artifact(output, digest, len(output), key, "new")


manifests = st.dictionaries(names, digests).map(
    lambda rows: {name: artifact(name, digest) for name, digest in rows.items()}
)


@given(manifests, manifests)
def test_diff_makes_one_into_the_other(old: dict[str, Artifact], new: dict[str, Artifact]) -> None:
    """Removing, adding and replacing what a diff names turns the old outputs into the new ones, and names no more."""
    changes = diff(old, new)
    made = {name: one.digest for name, one in old.items() if name not in changes.removed}
    made |= {name: new[name].digest for name in (*changes.added, *changes.changed)}
    assert made == {name: one.digest for name, one in new.items()}
    assert all(old[name].digest != new[name].digest for name in changes.changed)
    assert not old.keys() & set(changes.added)
    assert bool(changes) == (made != {name: one.digest for name, one in old.items()})


@given(manifests, manifests)
def test_diff_back_is_the_mirror(old: dict[str, Artifact], new: dict[str, Artifact]) -> None:
    """The way back removes what was added, adds what was removed and changes the same."""
    there, back = diff(old, new), diff(new, old)
    assert (there.added, there.changed, there.removed) == (back.removed, back.changed, back.added)


@given(manifests)
def test_diff_is_about_bytes(manifest: dict[str, Artifact]) -> None:
    """Made again with other keys but equal bytes is no change; every part is sorted."""
    again = {name: artifact(name, one.digest, b"other key") for name, one in manifest.items()}
    assert not diff(manifest, again)
    assert diff({}, manifest).added == tuple(sorted(manifest))


@given(manifests)
def test_listing_round_trip(manifest: dict[str, Artifact]) -> None:
    """A listing names the outputs that it was made of: with spaces, line separators and any script in their names."""
    assert decode_listing(encode_listing(manifest.values())) == sorted(manifest)


@given(manifests, st.randoms())
def test_listing_has_one_form(manifest: dict[str, Artifact], random: st.DataObject) -> None:
    """Equal outputs make equal listings, whatever order they come in."""
    rows = list(manifest.values())
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert encode_listing(rows) == encode_listing(manifest.values())


@given(manifests, manifests)
def test_listings_add_up(one: dict[str, Artifact], other: dict[str, Artifact]) -> None:
    """Two listings behind one another name the outputs of both: so a commit announces what is new."""
    both = encode_listing(one.values()) + encode_listing(other.values())
    assert decode_listing(both) == [*sorted(one), *sorted(other.keys() - one.keys())]


@given(st.binary())
def test_any_file_is_a_listing(data: bytes) -> None:
    """What is no line of a listing is passed over, and never stops a build."""
    assert all(isinstance(name, str) for name in decode_listing(data))
    assert decode_listing(b"") == []


@given(manifests, st.integers(0, 200))
def test_cut_listing_names_nothing_foreign(manifest: dict[str, Artifact], kept: int) -> None:
    """A listing that was cut names some of the outputs, and the beginning of one at most."""
    found = decode_listing(encode_listing(manifest.values())[:kept])
    assert all(any(name.startswith(some.rstrip("\ufffd")) for name in manifest) for some in found)


@given(st.sampled_from(["../x", "/etc/x", "a/../../x", ".."]))
def test_a_listing_names_nothing_outside(path: str) -> None:
    """A path that leads out of the folder is passed over."""
    assert decode_listing(f"{'0' * 32} 1 {path}\n".encode()) == []
