"""Plan social cards: which texts a card shows, and its name; not a pixel is drawn here."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from generator.base.digest import digest_record, short_name
from generator.base.imaging import SocialCard
from generator.images.cards.legible import legible
from generator.images.cards.repertoire import FONTS

CARDS = "images/cards"  # the folder of their outputs
WIDTH, HEIGHT = 1200, 630  # px
DRAWING = 1  # part of every name: raise it when draw.py makes other bytes of the same card
_USUAL = 4096  # names of topics, outlets and sites that are looked at once only


class Drawn(NamedTuple):
    """A card and the output that holds it."""

    output: str
    card: SocialCard


def story_card(title: str, topic: str, outlet: str, site: str, hue: int | None) -> SocialCard:
    """Return an article's card: in a topic's colour, with the outlet's and the site's name."""
    title = legible(title)
    if not title:
        return _plain_card(site, hue)
    return SocialCard(title, label=_name(topic), outlet=_name(outlet), site=_name(site), hue=hue)


def topic_card(name: str, description: str, site: str, hue: int) -> SocialCard:
    """Return a topic's card."""
    title = _name(name)
    return SocialCard(title, note=legible(description), site=_name(site), hue=hue) if title else _plain_card(site, hue)


def site_card(title: str, description: str) -> SocialCard:
    """Return the card of the site itself."""
    return SocialCard(_name(title), note=legible(description))


def drawn(card: SocialCard) -> Drawn:
    """Return a card with its output, which is named by all that shapes its bytes."""
    return Drawn(f"{CARDS}/{short_name(digest_record((DRAWING, FONTS, card)))}.png", card)


def _plain_card(site: str, hue: int | None) -> SocialCard:
    """Return the card of a text that the fonts lack letters for: a colour with the site's name, if they have that."""
    return SocialCard(_name(site), hue=hue)


@lru_cache(_USUAL)
def _name(text: str) -> str:
    return legible(text)
