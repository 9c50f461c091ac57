"""Moves: the earlier addresses of a site, each with what it leads to now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.base.paths import topic_slug
from generator.library.topics import fold
from generator.pages.edition import Edition


class Move(NamedTuple):
    """An earlier site path, and the title and site path of where it leads."""

    earlier: str
    title: str
    target: str
    source: str
    trail: tuple[str | int, ...]


def moves(edition: Edition) -> Iterator[Move]:
    library = edition.library
    by_path = {card.path: card for card in library.readings.cards} if library.standing.leads else {}
    for path, lead in sorted(library.standing.leads.items()):
        lead_card = by_path[lead]
        yield Move(library.addresses[path], lead_card.title, library.addresses[lead], path, ())
        yield from _earlier(by_path[path].redirect_from, lead_card.title, library.addresses[lead], path)
    for card in sorted([card for card in library.shown if card.redirect_from], key=lambda card: card.path):
        yield from _earlier(card.redirect_from, card.title, library.addresses[card.path], card.path)
    for slug, topic in library.topics.by_slug.items():
        if topic.data:
            target = f"topics/{slug}/"
            yield from _earlier(topic.data.redirect_from, topic.name, target, topic.data.path)
            for index, alias in enumerate(topic.data.aliases):
                other = topic_slug(alias)
                if other not in library.topics.by_slug and library.topics.names[fold(alias)] == slug:
                    yield Move(f"topics/{other}/", topic.name, target, topic.data.path, ("aliases", index))
    for page in library.readings.pages:
        yield from _earlier(page.redirect_from, page.title, f"{page.slug}/", page.path)


def _earlier(paths: tuple[str, ...], title: str, target: str, source: str) -> Iterator[Move]:
    for index, path in enumerate(paths):
        earlier = path.strip("/")
        is_file = earlier.rpartition("/")[2].endswith((".html", ".htm"))
        yield Move(earlier if is_file else f"{earlier}/", title, target, source, ("redirect_from", index))
