"""Digests: what makes two of them equal, and what different."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.base.digest import DIGEST_SIZE, digest_bytes, digest_record, short_name
from generator.base.records import Picture

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


class Known:
    """A record that knows its digest."""

    def __init__(self, digest: bytes):
        self.digest = digest


@given(st.lists(st.binary()))
@settings(deadline=None)
def test_a_digest_is_of_the_bytes_however_they_come(parts: list[bytes]) -> None:
    """Bytes in one piece and in several have one digest of 16 bytes."""
    assert digest_bytes(*parts) == digest_bytes(b"".join(parts))
    assert len(digest_bytes(*parts)) == DIGEST_SIZE


def test_a_digest_never_changes() -> None:
    """The names of pictures and assets hold digests, so it is the same on every machine and in every version."""
    assert digest_bytes(b"").hex() == "cae66941d9efbd404e4d88758ea67670"
    assert digest_record(("a", 1, None, True)).hex() == digest_bytes(msgspec.msgpack.encode(["a", 1, None, True])).hex()
    assert short_name(bytes(range(16))) == "0001020304050607"


@given(plain, plain)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_equal_records_have_equal_digests(one: object, other: object) -> None:
    """Two plain values have one digest exactly when they are written alike."""
    same = msgspec.json.encode(one, order="deterministic") == msgspec.json.encode(other, order="deterministic")
    assert digest_record(one) == digest_record(one)
    assert same or digest_record(one) != digest_record(other)


def test_the_order_of_a_map_counts() -> None:
    """A template can walk through a map, so the order of its keys is part of what it is given."""
    assert digest_record({"a": 1, "b": 2}) != digest_record({"b": 2, "a": 1})


def test_a_record_that_knows_its_digest_stands_as_it() -> None:
    """Such a record changes the digest of what holds it exactly when its own changes."""
    one, same, other = Known(b"1" * 16), Known(b"1" * 16), Known(b"2" * 16)
    assert digest_record(("x", one)) == digest_record(("x", same)) == digest_record(("x", b"1" * 16))
    assert digest_record(("x", one)) != digest_record(("x", other))


def test_every_field_counts() -> None:
    """A record with one other field has another digest, and the place of a value counts."""
    pictures = [Picture("u"), Picture("v"), Picture("u", 1), Picture("u", None, 1), Picture("u", title="1")]
    assert len({digest_record(picture) for picture in pictures}) == len(pictures)


def test_instants_count_to_the_microsecond() -> None:
    """Two instants a microsecond apart are two."""
    noon = datetime(2024, 6, 15, 12, tzinfo=UTC)
    assert digest_record(noon) != digest_record(noon.replace(microsecond=1))
