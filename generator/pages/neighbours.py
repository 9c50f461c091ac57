"""Neighbours: what came before and after an article among those of its main topic."""

from __future__ import annotations

from generator.base.record import Record
from generator.base.records import Card
from generator.pages.chains import Chain, Member, Places
from generator.pages.edition import Edition
from generator.theme.parts import Link

OLDER = 3  # articles that a page shows besides the next newer one


class Neighbours(Record, frozen=True):
    """The list that an article stands in, and what stands beside it there.

    An article stands in that of its main topic alone, so a new one changes no page but those right beside it.
    """

    within: Link
    newer: Member | None
    older: tuple[Member, ...]


def neighbours(edition: Edition, card: Card) -> Neighbours:
    """Return an article's neighbours: in its main topic, or in its section where it has none or is alone in it."""
    if not edition.places:
        edition.places = _places(edition)
    chain, at, section, there = edition.places[card.path]
    if len(chain.members) == 1:
        chain, at = section, there
    members = chain.members
    return Neighbours(chain.within, members[at - 1] if at else None, tuple(members[at + 1 : at + 1 + OLDER]))


def _places(edition: Edition) -> Places:
    """Return, by an article's path, the chain of its main topic and its place there, and the same of its section."""
    chains: dict[str, Chain] = {}
    found: Places = {}
    addresses = edition.library.addresses
    for card in edition.library.shown:
        member, chips = Member(card.title, addresses[card.path]), edition.chips(card)
        section = edition.section(card.section)
        whole = chains.get(section.url) or chains.setdefault(section.url, Chain(section, []))
        at = len(whole.members)
        whole.members.append(member)
        found[card.path] = whole, at, whole, at
        if chips:
            topic = chips[0]
            chain = chains.get(topic.url) or chains.setdefault(topic.url, Chain(Link(topic.name, topic.url), []))
            found[card.path] = chain, len(chain.members), whole, at
            chain.members.append(member)
    return found
