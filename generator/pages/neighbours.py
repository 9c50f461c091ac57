"""Neighbours: what came before and after an article among those of its main topic."""

from __future__ import annotations

from generator.base.record import Record
from generator.base.records import Card
from generator.pages.chains import Chain, Places
from generator.pages.edition import Edition
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
    if not edition.places:
        edition.places = _places(edition)
    chain, at, section, there = edition.places[card.path]
    if len(chain.links) == 1:
        chain, at = section, there
    links = chain.links
    return Neighbours(chain.within, links[at - 1] if at else None, tuple(links[at + 1 : at + 1 + OLDER]))


def _places(edition: Edition) -> Places:
    """Return, by an article's path, the chain of its main topic and its place there, and the same of its section."""
    chains: dict[str, Chain] = {}
    found: Places = {}
    for card in edition.library.shown:
        link, chips, section = edition.link(card), edition.chips(card), edition.section(card.section)
        whole = chains.get(section.url) or chains.setdefault(section.url, Chain(section, []))
        at = len(whole.links)
        whole.links.append(link)
        found[card.path] = whole, at, whole, at
        if chips:
            topic = chips[0]
            chain = chains.get(topic.url) or chains.setdefault(topic.url, Chain(Link(topic.name, topic.url), []))
            found[card.path] = chain, len(chain.links), whole, at
            chain.links.append(link)
    return found
