"""Rank: how the front page is ordered, the same at any instant."""

from __future__ import annotations

from datetime import datetime
from math import log2
from operator import attrgetter

from generator.base.records import Card


def rank(card: Card, half_life: float) -> float:
    """Return log2(max(heat, 1)) + published / half_life, `half_life` in hours.

    Doubling the heat weighs as much as being one half-life newer, so no clock is needed.
    """
    return log2(max(card.heat, 1)) + card.published.timestamp() / 3600 / half_life


def is_pinned(card: Card, now: datetime) -> bool:
    """Tell whether an editor holds the article on top at the instant `now`."""
    return card.pin and (card.pin_until is None or now < card.pin_until)


def ranked(cards: tuple[Card, ...], half_life: float, now: datetime) -> tuple[Card, ...]:
    """Return the cards pinned ones first, then by rank; ties by path."""
    found = sorted(cards, key=attrgetter("path"))  # sorting is stable: each sort leaves ties as the one before had them
    found.sort(key=lambda card: rank(card, half_life), reverse=True)
    found.sort(key=lambda card: not is_pinned(card, now))
    return tuple(found)
