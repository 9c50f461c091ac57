"""The join: from everything that was read, alone, to the library: what is shown, where, and among what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec

from generator.base.config import Settings
from generator.base.imaging import Image
from generator.base.problems import IN_BODY, Problem, Trail, field_problem
from generator.base.record import Record
from generator.base.records import Card, ImageHole, PageData, Picture, Piece, ProviderData, SourceFile, TopicData
from generator.library.months import Months
from generator.library.pictures import Gallery
from generator.library.providers import Provider, relate_providers
from generator.library.ranking import ranked
from generator.library.shelves import Shelf
from generator.library.standing import one_per_address, stand, with_held
from generator.library.topics import Topics, relate_topics

NEWS_AGE = timedelta(hours=48)  # how long an article stays in the news sitemap


class Readings(Record, frozen=True):
    """Everything that was read, each kind sorted by path. `images` and `broken` go by path inside the content."""

    cards: tuple[Card, ...] = ()
    topics: tuple[TopicData, ...] = ()
    providers: tuple[ProviderData, ...] = ()
    pages: tuple[PageData, ...] = ()
    images: dict[str, Image] = {}
    broken: dict[str, str] = {}
    statics: tuple[tuple[SourceFile, bytes], ...] = ()  # with the digest of the bytes
    ignored: int = 0  # files in folders that have no meaning
    problems: tuple[Problem, ...] = ()


class Library:
    """The site as a whole, before any page of it exists."""

    def __init__(self, readings: Readings, settings: Settings, now: datetime, drafts: bool, everything: bool = False):
        self.given = readings
        self.frame = object()  # stands for all that the join looked at: an exchange of cards leaves it as it is
        self.settings = settings
        self.now = now
        self.drafts = drafts
        self.everything = everything
        self.addresses = {card.path: f"{card.section}/{card.stem}/" for card in readings.cards}
        cards, twins = one_per_address(readings.cards, self.addresses, now, drafts)
        self.readings = readings = msgspec.structs.replace(readings, cards=cards)
        standing = stand(cards, now, drafts)
        self.standing = with_held(standing, cards, self.addresses) if everything else standing
        self.shown = self.standing.shown
        self.topics: Topics = relate_topics(readings.topics, self.shown)
        self.providers: dict[str, Provider] = relate_providers(readings.providers, self.shown)
        self.gallery = Gallery(readings.images, readings.broken)
        self._api_cards: dict[str, tuple[Card, ...]] = {}
        self.pages_of_keys = self._pages_of_keys()
        self.sections = self._sections()
        self.months = Months(self.shown, settings.timezone)
        self.ranked = ranked(self.shown, settings.ranking.half_life, now)
        self.problems = (
            *readings.problems,
            *twins,
            *self.topics.problems,
            *self._same_sources(),
            *self.gallery.problems(list(self._picture_uses())),
        )

    def __copy__(self) -> Library:
        """Copy what was related as it is; `__reduce__` would relate anew."""
        found = object.__new__(Library)
        vars(found).update(vars(self))
        return found

    def __reduce__(self) -> tuple[object, ...]:
        """A worker on another machine relates anew: that is faster than to send what comes of it."""
        given = msgspec.msgpack.encode(self.given)
        return _relate_again, (given, self.settings, self.now, self.drafts, self.everything)

    def shelves(self) -> Iterator[Shelf]:
        """Yield every list of the site: sections, topics, providers with a page."""
        for section, cards in self.sections.items():
            yield Shelf(f"{section}/", "section", section, cards)
        for slug, topic in self.topics.by_slug.items():
            yield Shelf(f"topics/{slug}/", "topic", slug, topic.cards)
        for domain, provider in self.providers.items():
            if provider.has_page and self.settings.outputs.providers:
                yield Shelf(f"providers/{domain}/", "provider", domain, provider.own)

    def api_cards(self, slug: str) -> tuple[Card, ...]:
        """Return the articles that the JSON API lists: those of the section `news`, all or those that name a topic."""
        if slug not in self._api_cards:
            cards = self.topics.by_slug[slug].own if slug else self.sections.get("news", ())
            self._api_cards[slug] = tuple(card for card in cards if card.section == "news")
        return self._api_cards[slug]

    def forget(self) -> None:
        """Forget what was found of the cards since the join."""
        self._api_cards = {}

    def lifetime(self) -> tuple[float, float]:
        """Return the instants (s since 1970) between which `now` may lie without a byte of the site changing."""
        return self._lifetime

    @cached_property
    def _lifetime(self) -> tuple[float, float]:
        states, now = self.standing.states, self.now.timestamp()
        matter = ("shown", "scheduled", "folded")
        cards = [card for card in self.readings.cards if self.everything or states[card.path] in matter]
        published = [card.published.timestamp() for card in cards]
        stale = [moment + NEWS_AGE.total_seconds() for moment in published]
        turns = [*published, *stale, *(card.pin_until.timestamp() for card in cards if card.pin_until)]
        past = max((turn for turn in turns if turn <= now), default=float("-inf"))
        return past, min((turn for turn in turns if turn > now), default=float("inf"))

    def _sections(self) -> dict[str, tuple[Card, ...]]:
        """Return section → its articles, newest first; the settings' sections first, also when they are empty."""
        found: dict[str, list[Card]] = {section: [] for section in self.settings.sections}
        for name in sorted({card.section for card in self.shown} - found.keys()):
            found[name] = []
        for card in self.shown:
            found[card.section].append(card)
        return {name: tuple(cards) for name, cards in found.items()}

    def _pages_of_keys(self) -> dict[str, Card]:
        """Return canonical source URL → the article of ours about it: itself where it is shown, else its lead."""
        shown = {card.path: card for card in self.shown}
        pages: dict[str, Card] = {}
        for card in self.readings.cards:
            lead = shown.get(card.path) or shown.get(self.standing.leads.get(card.path, ""))
            if card.key and lead:
                pages.setdefault(card.key, lead)
        return pages

    def _same_sources(self) -> Iterator[Problem]:
        """Yield a warning for every shown article whose `webUrl` an earlier path has."""
        counts = Counter([card.key for card in self.shown])
        first: dict[str, Card] = {}
        for card in sorted([card for card in self.shown if counts[card.key] > 1], key=lambda card: card.path):
            if card.key and first.setdefault(card.key, card) is not card:
                message = f"{first[card.key].path} has the same source"
                hint = "keep one of them: `removed: true` takes the other out"
                yield field_problem(card.path, ("webUrl",), message, hint, "warning")

    def _picture_uses(self) -> Iterator[tuple[str, Trail, str]]:
        """Yield (path of the user, trail, address) of every picture that the site shows."""
        for card in self.shown:
            if card.picture:
                yield card.path, ("images", 0, "url"), card.picture.url
            for picture in card.body_pictures:
                yield card.path, (IN_BODY, picture.url), picture.url
        for topic in self.readings.topics:
            yield from _all(topic.path, topic.pictures)
        for data in self.readings.providers:
            yield from _all(data.path, data.pictures)
        for provider in self.providers.values():
            if provider.named_by:
                for _, trail, url in _all(provider.named_by, provider.pictures):
                    yield provider.named_by, ("provider", *trail), url
        for page in self.readings.pages:
            yield from ((page.path, (IN_BODY, picture.url), picture.url) for picture in body_pictures(page.body))
        if self.settings.logo:
            yield "site.toml", ("logo",), self.settings.logo


def body_pictures(body: tuple[Piece, ...]) -> list[Picture]:
    """Return the pictures that a body names, in order."""
    return [piece.picture for piece in body if isinstance(piece, ImageHole)]


def _all(path: str, pictures: tuple[Picture, ...]) -> Iterator[tuple[str, Trail, str]]:
    for index, picture in enumerate(pictures):
        yield path, ("images", index, "url"), picture.url


def _relate_again(given: bytes, *asked: Any) -> Library:
    return Library(msgspec.msgpack.decode(given, type=Readings), *asked)
