"""A key is code, template and inputs side by side, and says why a task runs."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.digest import digest_record
from generator.builder.task import PART, Action, task_key, why

parts = st.binary(min_size=PART, max_size=16)
inputs = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)


def action(code: bytes, template: bytes) -> Action[None]:
    return Action(lambda world, argument: argument, lambda world, given: (), code, template)


def key(code: bytes = b"code", template: bytes = b"template", data: object = "data") -> bytes:
    return task_key(action(code, template), data)


@settings(max_examples=30)
@given(parts, parts, inputs, inputs)
def test_key_is_a_function_of_its_parts(code: bytes, template: bytes, one: object, other: object) -> None:
    """Equal parts make equal keys, other inputs make another key, and every key has the same length."""
    assert key(code, template, one) == key(code, template, one)
    assert (key(code, template, one) == key(code, template, other)) == (digest_record(one) == digest_record(other))
    assert len(key(code, template, one)) == len(key(b"", b"", other))


@given(parts, parts, parts, inputs)
def test_parts_do_not_run_into_each_other(one: bytes, two: bytes, three: bytes, data: object) -> None:
    """A change of code never looks like one of the template, nor the other way round."""
    if one[:PART] != two[:PART]:
        assert why(key(one, three, data), key(two, three, data)) == "code"
        assert why(key(three, one, data), key(three, two, data)) == "template"
        assert key(one, two, data) != key(two, one, data)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (None, key(), "new"),
        (key(code=b"other"), key(), "code"),
        (key(template=b"other"), key(), "template"),
        (key(data="other"), key(), "data"),
        (key(code=b"other", template=b"other", data="other"), key(), "code"),
        (key(template=b"other", data="other"), key(), "template"),
        (key(), key(), "forced"),
    ],
)
def test_why(old: bytes | None, new: bytes, reason: str) -> None:
    """The first of code, template and data that differs is the reason; a task with its old key was forced."""
    assert why(old, new) == reason


class Card(NamedTuple):
    """Not a msgspec record: it stands in a key as a plain tuple."""

    title: str


class Known:
    """Something with a digest of its own."""

    def __init__(self, digest: bytes):
        self.digest = digest


def test_digests_stand_in() -> None:
    """What knows its own digest is hashed by it alone, wherever it stands."""
    assert key(data=(Card("x"), Known(b"1"))) == key(data=(Card("x"), Known(b"1")))
    assert key(data=(Card("x"), Known(b"1"))) != key(data=(Card("x"), Known(b"2")))


def test_order_of_a_map_counts() -> None:
    """A template can walk through a map, so the order of its keys is part of what it is given."""
    assert key(data={"hero": 1, "card": 2}) != key(data={"card": 2, "hero": 1})
