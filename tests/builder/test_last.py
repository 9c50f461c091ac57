"""What was found the last time is given again, as long as it is of the same things."""

from __future__ import annotations

import pytest

from generator.builder.last import Last


def test_the_same_is_not_made_again() -> None:
    """Equal things give the very object of before; others are made."""
    last, made = Last(), []

    def make() -> list[int]:
        made.append(1)
        return [len(made)]

    first = last.same("a", ("x", [1]), make)
    assert last.same("a", ("x", [1]), make) is first
    assert last.same("a", ("x", [2]), make) == [2]
    assert last.same("a", ("x", [1]), make) == [3]
    assert last.same("b", ("x", [1]), make) == [4]


def test_equal_values_are_one_object() -> None:
    """Who compares by identity sees that nothing changed."""
    last = Last()
    first = last.equal("a", [1, 2])
    assert last.equal("a", [1, 2]) is first
    assert last.get("a") is first
    assert last.equal("a", [1, 3]) == [1, 3]
    assert last.get("b") is None


def test_what_fails_is_forgotten() -> None:
    """An answer is not kept for things that it was not made of."""
    last = Last()
    last.same("a", (1,), lambda: "one")
    with pytest.raises(ZeroDivisionError):
        last.same("a", (2,), lambda: 1 / 0)
    assert last.get("a") is None
