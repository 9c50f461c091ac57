"""Neighbours: which articles a story's page leads on to, and how few pages a new one changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from library.cards import card, days_ago
from pages.editions import edition

from generator.base.records import Card
from generator.pages.edition import Edition
from generator.pages.neighbours import OLDER, Neighbours, neighbours


def articles(*topics: tuple[str, ...]) -> list[Card]:
    """Return an article for each combination of topics, the first the newest."""
    return [card(f"a{at:02d}", topics=each, published=days_ago(at)) for at, each in enumerate(topics)]


def beside(of: Edition) -> dict[str, Neighbours]:
    """Return every shown article's neighbours by its path."""
    return {each.path: neighbours(of, each) for each in of.library.shown}


def test_neighbours_share_the_main_topic() -> None:
    """Beside an article stand the next newer and the next older ones of its weightiest topic, and that is named."""
    of = edition(*articles(("Chips",), ("Law",), ("Chips", "Law"), ("Chips",), ("Chips",), ("Chips",)))
    found = beside(of)["content/news/a02.md"]
    assert (found.within.title, found.within.url) == ("Chips", "/topics/chips/")
    assert found.newer is not None
    assert [link.title for link in (found.newer, *found.older)] == ["a00", "a03", "a04", "a05"]


def test_alone_in_its_topic_an_article_has_its_sections_neighbours() -> None:
    """Where there is no topic, or no other article in it, the section leads on."""
    found = beside(edition(*articles(("Chips",), ("Law",), (), ("Chips",))))
    assert [found[f"content/news/a0{at}.md"].within.title for at in range(4)] == ["Chips", "News", "News", "Chips"]
    law = found["content/news/a01.md"]
    assert law.newer is not None
    assert [link.title for link in (law.newer, *law.older)] == ["a00", "a02", "a03"]
    one = beside(edition(*articles(("Chips",))))["content/news/a00.md"]
    assert (one.within.title, one.newer, one.older) == ("News", None, ())


@given(st.lists(st.sampled_from([("A",), ("B",), ("A", "B"), ("C", "A"), ()]), min_size=1, max_size=30), st.data())
def test_a_new_article_changes_few_pages(topics: list[tuple[str, ...]], data: st.DataObject) -> None:
    """The newest article changes the page of the one before it in its topic and of the one before it in its section."""
    before, new = articles(*topics), data.draw(st.sampled_from(topics))
    old = beside(edition(*before))
    now = beside(edition(*before, card("new", topics=new, published=days_ago(-1))))
    assert len([path for path in old if now[path] != old[path]]) <= 2
    assert all(len(found.older) <= OLDER for found in now.values())
