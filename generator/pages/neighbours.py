"""Neighbours: what came before and after an article among those of its main topic."""

from __future__ import annotations

from collections import defaultdict

from generator.base.record import Record
from generator.base.records import Card
from generator.pages.edition import Chains, Edition
from generator.theme.parts import Link

OLDER = 3  # articles that a page shows besides the next newer one


class Neighbours(Record, frozen=True):
    """The list that an article stands in, and what stands beside it there.

    An article stands in that of its main topic alone, so a new one changes no page but those right beside it.
    """

    within: Link
    newer: Link | None
    older: tuple[Link, ...]


def neighbours(edition: Edition, card: Card) -> Neighbours:
    """Return an article's neighbours: in its main topic, or in its section where it has none or is alone in it."""
    if not edition.chains:
        edition.chains = _chains(edition)
    within = edition.section(card.section)
    if chips := edition.chips(card):
        topic = Link(chips[0].name, chips[0].url)
        within = topic if len(edition.chains[topic.url][0]) > 1 else within
    links, places = edition.chains[within.url]
    at = places[card.path]
    return Neighbours(within, newer=links[at - 1] if at else None, older=tuple(links[at + 1 : at + 1 + OLDER]))


def _chains(edition: Edition) -> Chains:
    """Return, by a topic's or section's URL, the links to its articles, newest first, and the place of each."""
    found: Chains = defaultdict(lambda: ([], {}))
    for card in edition.library.shown:
        link, chips = edition.link(card), edition.chips(card)
        for url in {*(chip.url for chip in chips[:1]), edition.section(card.section).url}:
            links, places = found[url]
            places[card.path] = len(links)
            links.append(link)
    return dict(found)
