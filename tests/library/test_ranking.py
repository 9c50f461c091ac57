"""Rank: one order at any instant; heat against age; pinned articles first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.records import Card
from generator.library.ranking import is_pinned, rank, ranked
from library.cards import NOON, card, days_ago

DAY = 24.0  # hours


def order(*cards: Card, half_life: float = DAY) -> list[str]:
    """Return the stems as the front page orders them at noon."""
    return [each.stem for each in ranked(cards, half_life, NOON)]


def test_twice_the_heat_is_worth_one_half_life() -> None:
    """An article of double heat and one half-life older has the same rank."""
    newer, hotter = card("newer", heat=40, published=days_ago(1)), card("hotter", heat=80, published=days_ago(2))
    assert rank(newer, DAY) == pytest.approx(rank(hotter, DAY))
    assert order(card("a", heat=81, published=days_ago(2)), newer) == ["a", "newer"]
    assert order(card("a", heat=79, published=days_ago(2)), newer) == ["newer", "a"]


def test_heat_below_one_counts_as_one() -> None:
    """Heat of -1, 0 and 1 weigh the same: nothing but the date."""
    assert {rank(card("a", heat=heat), DAY) for heat in (-1, 0, 1)} == {rank(card("a", heat=1), DAY)}


def test_a_short_half_life_prefers_the_new() -> None:
    """What is hot wins with a long half-life, what is new with a short one."""
    hot, new = card("hot", heat=400, published=days_ago(3)), card("new", heat=1, published=days_ago(0))
    assert order(hot, new, half_life=72) == ["hot", "new"]
    assert order(hot, new, half_life=2) == ["new", "hot"]


def test_ties_go_by_path() -> None:
    """Articles of equal rank stand in the order of their paths, whatever order they come in."""
    assert order(card("c"), card("a"), card("b")) == ["a", "b", "c"]


def test_pinned_articles_come_first_until_their_time() -> None:
    """A pin holds until the instant of `pinUntil`, for ever without one; several pinned ones keep their rank."""
    hot = card("hot", heat=400)
    assert order(hot, card("pin", pin=True, published=days_ago(300))) == ["pin", "hot"]
    assert order(hot, card("pin", pin=True, pin_until=NOON + timedelta(seconds=1))) == ["pin", "hot"]
    assert order(hot, card("pin", pin=True, pin_until=NOON)) == ["hot", "pin"]
    assert order(hot, card("pin", pin_until=NOON + timedelta(days=1))) == ["hot", "pin"]
    assert order(card("a", pin=True, heat=2), card("b", pin=True, heat=4), hot) == ["b", "a", "hot"]
    assert not is_pinned(card("never"), NOON)


unpinned = st.lists(
    st.builds(
        lambda number, heat, minutes: card(f"s{number}", heat=heat, published=NOON - timedelta(minutes=minutes)),
        st.integers(0, 30),
        st.integers(-1, 5000),
        st.integers(0, 100_000),
    ),
    unique_by=lambda each: each.path,
).map(tuple)


@given(unpinned, st.floats(1, 1000), st.integers(-10_000, 10_000))
@settings(deadline=None)
def test_no_clock_is_needed(cards: tuple[Card, ...], half_life: float, hours: int) -> None:
    """Without pins the order is the same at any instant, and in whatever order the cards come."""
    now = ranked(cards, half_life, NOON)
    assert ranked(cards[::-1], half_life, NOON + timedelta(hours=hours)) == now
    values = [rank(each, half_life) for each in now]
    assert values == sorted(values, reverse=True)
