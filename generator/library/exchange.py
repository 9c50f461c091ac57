"""Exchange: a library after an edit of what the join does not look at, a title say: cards change places, no more."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from msgspec.structs import replace

from generator.base.records import Card
from generator.library.relate import Library, Readings

# What the join never looks at: it moves no card, makes no address and finds no problem by these.
FREE = ("title", "excerpt", "updated", "type", "has_body", "has_embed", "locale", "focus", "face")
MOST = 100  # cards; more are related anew


def exchanged(library: Library, readings: Readings) -> Library | None:
    """Return the library of `readings`, made of that of earlier ones; None where the join has to be made anew."""
    before = library.given
    if len(before.cards) != len(readings.cards) or replace(before, cards=readings.cards) != readings:
        return None
    pairs = [(old, new) for old, new in zip(before.cards, readings.cards, strict=True) if old is not new]
    if len(pairs) > MOST or not all(_same_place(old, new) for old, new in pairs):
        return None
    new_cards = {id(old): new for old, new in pairs}

    def over(cards: Iterable[Card]) -> tuple[Card, ...]:
        return tuple([new_cards.get(id(card), card) for card in cards])

    found = copy(library)
    found.given = readings
    found.readings = replace(library.readings, cards=over(library.readings.cards))
    found.shown, found.ranked = over(library.shown), over(library.ranked)
    found.standing = replace(library.standing, shown=found.shown)
    found.sections = {name: over(cards) for name, cards in library.sections.items()}
    topics = {
        slug: replace(topic, cards=over(topic.cards), own=over(topic.own))
        for slug, topic in library.topics.by_slug.items()
    }
    found.topics = replace(library.topics, by_slug=topics)
    found.providers = {
        domain: replace(provider, own=over(provider.own), covered=over(provider.covered))
        for domain, provider in library.providers.items()
    }
    found.months = copy(library.months)
    found.months.days = {
        month: {day: list(over(cards)) for day, cards in days.items()} for month, days in library.months.days.items()
    }
    found.pages_of_keys = {key: new_cards.get(id(card), card) for key, card in library.pages_of_keys.items()}
    found.forget()
    return found


def _same_place(old: Card, new: Card) -> bool:
    return replace(old, **{name: getattr(new, name) for name in FREE}) == new
