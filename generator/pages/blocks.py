"""Blocks: the main topics on the front page, each article in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from generator.base.records import Card
from generator.library.topics import Topics
from generator.pages.edition import Edition
from generator.theme.views import Block

MOST = 12
STORIES = 4  # of a block
LOOKED_AT = 200  # of a topic's articles


def blocks(edition: Edition, taken: set[str]) -> tuple[Block, ...]:
    """Return the main topics with articles that are not taken; an article stands in the first block that it names."""
    return tuple(islice(_every(edition, taken), MOST))


def _every(edition: Edition, taken: set[str]) -> Iterator[Block]:
    topics = edition.library.topics
    for slug in topics.main:
        topic = topics.by_slug[slug]
        free = (card for card in topic.cards[:LOOKED_AT] if card.path not in taken and _home(topics, card) == slug)
        if cards := list(islice(free, STORIES)):
            yield Block(edition.topic(topic), edition.cards(cards))


def _home(topics: Topics, card: Card) -> str:
    """Return the main topic of the first topic that an article names, as far as it lies in one."""
    for topic in topics.of(card):
        slug = topic.slug
        while slug and slug not in topics.main:
            slug = topics.by_slug[slug].parent
        if slug:
            return slug
    return ""
