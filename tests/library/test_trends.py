"""Trends: spans of days up to the newest article, topics with those below them, few passes."""

from __future__ import annotations

import pytest

from generator.base.records import Card
from generator.library.trends import COUNT, often
from library.cards import card, days_ago, topic
from library.test_relate import library


def dated(prefix: str, ages: list[int], *topics: str) -> list[Card]:
    """Return an article for each of some ages in days."""
    return [card(f"{prefix}{at:03d}", published=days_ago(age), topics=topics) for at, age in enumerate(ages)]


def test_a_span_ends_with_the_newest_article() -> None:
    """The last span are the seven days that end with the newest article's; nine weeks ago is no longer counted."""
    cards = [*dated("a", [0, 6, 7, 55, 56], "A"), *dated("b", [1] * 30, "B")]
    of = library(*cards)
    days, found = often(of.months, of.topics)
    assert days == 7
    assert found == {"a": (1, 0, 0, 0, 0, 0, 1, 2), "b": (0,) * (COUNT - 1) + (30,)}


def test_a_topic_has_what_is_below_it_once() -> None:
    """An article on a topic and on one below it counts once for each topic above."""
    data = (topic("Science"), topic("Physics", parent="Science"), topic("Other"))
    cards = [*dated("a", [0] * 20, "Physics", "Science"), *dated("b", [0] * 10, "Other")]
    of = library(*cards, topics=data)
    found = often(of.months, of.topics)[1]
    assert {slug: counts[-1] for slug, counts in found.items()} == {"physics": 20, "science": 20, "other": 10}


@pytest.mark.parametrize(("step", "days"), [(1, 7), (9, 28), (30, 91), (300, 91)])
def test_where_there_is_little_news_spans_are_longer(step: int, days: int) -> None:
    """A span is a week where eight of them hold enough articles, else longer."""
    of = library(*dated("a", [step * at for at in range(60)], "A"), *dated("b", [0], "B"))
    assert often(of.months, of.topics)[0] == days


def test_an_empty_site_has_no_trend() -> None:
    """Nothing is in the news where there is none."""
    of = library()
    assert often(of.months, of.topics)[1] == {}
