"""The manifest: what is read is what was written, and what is not ours is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.deploy.manifest import (
    CONTROL,
    Kept,
    Manifest,
    ManifestBroken,
    Pending,
    Progress,
    Row,
    decode_manifest,
    decode_pending,
    decode_progress,
    encode_manifest,
    encode_pending,
    encode_progress,
    pack,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=9)
PATHS = st.lists(NAMES.filter(lambda name: name not in (".", "..", CONTROL)), min_size=1, max_size=3).map("/".join)
DIGESTS = st.text("0123456789abcdef", min_size=32, max_size=32)
ROWS = st.builds(Row, DIGESTS, st.integers(0, 2**40), st.just("ab"))
MANIFESTS = st.builds(
    Manifest,
    st.just("https://news.test/"),
    st.just("news.test"),
    st.integers(0, 10**6),
    st.dictionaries(PATHS, ROWS, max_size=5),
    st.dictionaries(PATHS, st.builds(Kept, ROWS, st.integers(0, 2**40), st.integers(0, 99)), max_size=3),
    st.lists(DIGESTS, max_size=3).map(tuple),
)


@given(MANIFESTS)
def test_what_is_read_is_what_was_written(manifest: Manifest) -> None:
    """Packed or not, in whatever order the files came; equal ones have one identity."""
    data = encode_manifest(manifest)
    assert decode_manifest(data, "x") == decode_manifest(pack(data), "x") == manifest
    assert json.loads(data)["version"] == manifest.version
    turned = Manifest(
        manifest.site,
        manifest.authority,
        manifest.version,
        dict(reversed(manifest.files.items())),
        manifest.kept,
        manifest.saved,
    )
    assert turned.identity() == manifest.identity()


def test_one_change_is_one_line() -> None:
    """Of two versions that differ in a file, one line differs, so that Git stores little."""
    old = Manifest("s", "a", 1, {f"{n}.html": Row("0" * 32, n) for n in range(100)})
    new = Manifest("s", "a", 1, {**old.files, "50.html": Row("1" * 32, 50)})
    lines = zip(encode_manifest(old).split(b"\n"), encode_manifest(new).split(b"\n"), strict=True)
    assert sum(one != other for one, other in lines) == 1


@given(st.lists(st.tuples(PATHS, st.none() | ROWS), max_size=5))
def test_pending_lists(touched: list[tuple[str, Row | None]]) -> None:
    """What a deploy is about to do can be read by the next."""
    pending = Pending("id", tuple(touched), ("a" * 32, "b" * 32))
    assert decode_pending(encode_pending(pending), "x") == pending


def test_progress() -> None:
    """A note is read as it was written; half a note, or none, says nothing."""
    assert decode_progress(encode_progress(Progress("id", 12))) == Progress("id", 12)
    assert decode_progress(b"id") is decode_progress(b"") is decode_progress(None) is decode_progress(b"id x") is None


@pytest.mark.parametrize("data", [b"", b"{}", b"<html>", b"\x1f\x8bhalf", b'{"format": 1, "new": 2}'])
def test_what_is_not_ours(data: bytes) -> None:
    """Anything else in the manifest's place is named with what would be right."""
    with pytest.raises(ManifestBroken, match="x/manifest: is not what this version of Broadsheet writes there"):
        decode_manifest(data, "x/manifest")


@pytest.mark.parametrize(
    "path",
    ["", "/a", "a/", "a//b", "..", "../a", "a/..", "a/../b", ".", "./a", "a/.", "a\0", CONTROL, f"{CONTROL}/lease"],
)
def test_what_leads_out_of_a_target(path: str) -> None:
    """A target is not trusted: whatever wrote its manifest, a deploy follows no name out of the web root."""
    row = Row("0" * 32, 1)
    for evil in (
        Manifest("s", "a", 1, {path: row}),
        Manifest("s", "a", 1, {}, {path: Kept(row, 1, 1)}),
        Manifest("s", "a", 1, {"a": Row(path, 1)}),
        Manifest("s", "a", 1, {}, saved=(path,)),
    ):
        with pytest.raises(ManifestBroken):
            decode_manifest(encode_manifest(evil), "x")
    for late in (Pending("id", ((path, None),)), Pending("id", (), (path,))):
        with pytest.raises(ManifestBroken):
            decode_pending(encode_pending(late), "x")
