"""ledger: text that survives merges, kills and hands."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.base.imaging import Box
from generator.images.fetch.ledger import FORM, Entry, Kept, Trouble
from generator.network.ledger import encode_entry, encode_ledger

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEPT = Kept("ab/" + "ab" * 16 + ".jpg", 9, 1600, 1067, "JPEG", NOW, True, Box(1600, 1000))
A = Entry("https://a.example/", NOW, NOW, KEPT, etag='"\\"')
B = Entry("https://b.example/", NOW, NOW, trouble=Trouble("slow", "it takes more than 10 s", 3))

instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
texts = st.text(max_size=20).map(lambda text: text.encode("utf-8", "ignore").decode())
kept = st.builds(Kept, texts, st.integers(0, 9), st.integers(1, 9), st.integers(1, 9), texts, instants, st.booleans())
troubles = st.builds(Trouble, st.sampled_from(["slow", "large"]), texts, st.integers(1, 9), texts)
entries = st.builds(
    Entry, st.sampled_from("abc"), instants, instants, st.none() | kept, st.none() | troubles, texts, texts
)


@settings(max_examples=50)
@given(st.lists(entries, unique_by=lambda entry: entry.url))
def test_what_is_written_is_read(known: list[Entry]) -> None:
    """In any order of entries the bytes are the same, and say all."""
    written = encode_ledger(known)
    assert written == encode_ledger(reversed(known))
    assert FORM.decode(written) == {entry.url: entry for entry in known}


def test_a_line_is_text_that_people_can_read() -> None:
    """One line an address, sorted, without what has its default."""
    assert encode_ledger([B, replace(A, kept=replace(KEPT, cut=None, transparent=False), etag="")]).decode() == (
        '{"url":"https://a.example/","asked":"2026-03-01T12:00:00Z","due":"2026-03-01T12:00:00Z","kept":{"file":'
        f'"ab/{"ab" * 16}.jpg","size":9,"width":1600,"height":1067,"format":"JPEG","since":"2026-03-01T12:00:00Z"}}}}\n'
        '{"url":"https://b.example/","asked":"2026-03-01T12:00:00Z","due":"2026-03-01T12:00:00Z",'
        '"trouble":{"kind":"slow","why":"it takes more than 10 s","failures":3}}\n'
    )


@given(st.lists(entries, min_size=2, max_size=4))
def test_a_merge_leaves_the_later_of_two(known: list[Entry]) -> None:
    """In whatever order the lines of both sides stand, the entry that was asked later is taken."""
    found = [FORM.decode(b"".join(map(encode_entry, order))) for order in permutations(known)]
    assert all(each == found[0] for each in found)
    for url, entry in found[0].items():
        assert entry.asked == max(each.asked for each in known if each.url == url)


def test_marks_of_a_conflict_are_passed_over() -> None:
    """A ledger that nobody mended after a merge is a ledger all the same."""
    conflict = b"<<<<<<< ours\n" + encode_entry(A) + b"=======\n" + encode_entry(B) + b">>>>>>> theirs\n"
    assert FORM.decode(conflict) == {A.url: A, B.url: B}


@given(st.data())
def test_a_kill_loses_the_last_line_at_most(data: st.DataObject) -> None:
    """Bytes that were cut anywhere hold all lines that were whole."""
    whole = encode_entry(A) + encode_entry(B) + encode_entry(A)
    cut = data.draw(st.integers(0, len(whole)))
    assert len(list(FORM.lines(whole[:cut]))) in (whole[:cut].count(b"\n"), whole[:cut].count(b"\n") + 1)


@given(st.binary(max_size=80))
def test_no_bytes_break_it(data: bytes) -> None:
    """Whatever stands in the file is an entry or nothing, and takes no other line with it."""
    found = FORM.decode(encode_entry(A) + data + b"\n" + encode_entry(B))
    assert (found[A.url], found[B.url]) == (A, B)
    assert all(type(entry) is Entry and entry.url == url for url, entry in found.items())


def test_hands_may_write_other_zones() -> None:
    """Instants are UTC when they are read, with an offset or without."""
    line = b'{"url":"a","asked":"2026-03-01T13:00:00+01:00","due":"2026-03-01T12:00:00"}'
    assert FORM.decode(line) == {"a": Entry("a", NOW, NOW)}


def test_what_later_versions_add_is_no_trouble() -> None:
    """A field that is not known is passed over."""
    assert FORM.decode(encode_entry(B).replace(b'{"url"', b'{"colour":[1],"url"')) == {B.url: B}
