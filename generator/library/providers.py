"""Providers: the outlets, how often they lead a story and how often they are present."""

from __future__ import annotations

from collections import defaultdict

from generator.base.record import Record
from generator.base.records import Card, Picture, ProviderData

PAGE_FROM = 2  # appearances
FEED_FROM = 3  # articles of its own


class Provider(Record, frozen=True):
    """An outlet. `own` are its articles, `covered` other articles that it reports on; both newest first."""

    domain: str
    name: str
    description: str
    pictures: tuple[Picture, ...]  # logos, those of the data file before those of an article
    named_by: str  # path of the article that names the logos, "" where a data file does
    own: tuple[Card, ...]
    covered: tuple[Card, ...]

    @property
    def leads(self) -> int:
        """How many stories it leads."""
        return len(self.own)

    @property
    def present(self) -> int:
        """In how many stories it appears, leading or not."""
        return len(self.own) + len(self.covered)

    @property
    def has_page(self) -> bool:
        """Whether it appears often enough for a page of its own."""
        return self.present >= PAGE_FROM


def relate_providers(data: tuple[ProviderData, ...], shown: tuple[Card, ...]) -> dict[str, Provider]:
    """Return every outlet that appears, by domain: those that lead most first, ties by presence, then domain."""
    own: dict[str, list[Card]] = defaultdict(list)
    covered: dict[str, dict[str, Card]] = defaultdict(dict)
    names: dict[str, str] = {}
    for card in shown:
        domain = card.outlet.domain
        if domain:
            own[domain].append(card)
            names.setdefault(domain, card.outlet.name)
        for mention in card.mentions:
            if mention.domain and mention.domain != domain:
                covered[mention.domain][card.path] = card
    for card in shown:  # a lead's spelling of the name goes before a report's
        for mention in card.mentions:
            names.setdefault(mention.domain, mention.name)
    described = {provider.domain: provider for provider in reversed(data)}
    providers = [
        _provider(
            domain, names[domain], described.get(domain), own.get(domain, []), list(covered.get(domain, {}).values())
        )
        for domain in own.keys() | covered.keys()
    ]
    providers.sort(key=lambda provider: (-provider.leads, -provider.present, provider.domain))
    return {provider.domain: provider for provider in providers}


def _provider(domain: str, name: str, data: ProviderData | None, own: list[Card], covered: list[Card]) -> Provider:
    """Logos and name come from the data file, else from the newest article that has some."""
    by = next((card for card in own if card.outlet.pictures), None)
    pictures, named_by = (by.outlet.pictures, by.path) if by else ((), "")
    if data and data.pictures:
        pictures, named_by = data.pictures, ""
    return Provider(
        domain=domain,
        name=(data.name if data else "") or name or domain,
        description=data.description if data else "",
        pictures=pictures,
        named_by=named_by,
        own=tuple(own),
        covered=tuple(covered),
    )
