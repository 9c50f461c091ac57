"""Blocks: each main topic with its newest articles, none of them twice."""

from __future__ import annotations

from library.cards import card, days_ago, topic
from pages.editions import edition

from generator.pages.blocks import MOST, STORIES, blocks


def titles(of: dict[str, tuple[str, ...]], **given: object) -> dict[str, list[str]]:
    """Return the titles in each block of a site of these articles with their topics, the newest first."""
    cards = [card(stem, topics=topics, published=days_ago(at)) for at, (stem, topics) in enumerate(of.items())]
    taken = {f"content/news/{stem}.md" for stem in given.pop("taken", ())}  # type: ignore[attr-defined]
    of_site = edition(*cards, **given)  # type: ignore[arg-type]
    made = blocks(of_site, taken)
    return {block.topic.name: [one.record.title for one in block.cards] for block in made}


def test_an_article_stands_in_one_block() -> None:
    """It is that of the weightiest topic it names, also of a narrower one; what stands above is left out."""
    data = (topic("Science", order=1), topic("Chips", order=3, parent="Computing"), topic("Computing", order=2))
    of = {"a": ("Chips", "Science"), "b": ("Science", "Computing"), "c": ("Computing",), "d": ("Science",)}
    assert titles(of, topics=data, taken=["d"]) == {"Science": ["b"], "Computing": ["a", "c"]}


def test_there_are_a_few_of_each() -> None:
    """A block has four articles, and a front page a dozen blocks."""
    of = {f"{letter}{number}": (letter,) for letter in "ABCDEFGHIJKLMNO" for number in range(6)}
    found = titles(of)
    assert len(found) == MOST
    assert {len(each) for each in found.values()} == {STORIES}
