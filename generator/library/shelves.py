"""Shelves: the lists of a site, and how each is cut into archive pages that stay as they are."""

from __future__ import annotations

from generator.base.record import Record
from generator.base.records import Card

PAGE_SIZE = 20


class Shelf(Record, frozen=True):
    """A list of articles at an address ("topics/ai/"), newest first."""

    address: str
    kind: str  # section, topic or provider
    id: str  # the section's name, the topic's slug, the provider's domain
    cards: tuple[Card, ...]

    @property
    def pages(self) -> int:
        """How many numbered pages it has; the last may be partial."""
        return -(-len(self.cards) // PAGE_SIZE)

    def page(self, number: int) -> tuple[Card, ...]:
        """Return archive page `number` (from 1, counted from the oldest), newest first."""
        end = len(self.cards) - PAGE_SIZE * (number - 1)
        return self.cards[max(0, end - PAGE_SIZE) : end]

    def newest(self) -> tuple[Card, ...]:
        """Return what stands at the list's own address."""
        return self.cards[:PAGE_SIZE]

    def is_full(self, number: int) -> bool:
        """Tell whether a page will stay as it is when newer articles come."""
        return PAGE_SIZE * number <= len(self.cards)

    def page_address(self, number: int) -> str:
        """Return the site path of a numbered page."""
        return page_address(self.address, number)


def page_address(address: str, number: int) -> str:
    """Return the site path of a numbered page of the list at `address`."""
    return f"{address}page/{number}/"
