"""The JSON API and the sitemaps: inputs that are cheap to hash, and the bytes made of them."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from generator.base.paths import quote_path
from generator.base.record import Record
from generator.base.records import Card
from generator.library.relate import NEWS_AGE
from generator.pages import api, sitemap
from generator.pages.archive import month_address
from generator.pages.edition import Edition
from generator.pages.follow import ADDRESS as FOLLOW
from generator.pages.follow import has_any_feed
from generator.pages.press import Press
from generator.pages.single import RANKING
from generator.pages.trends import ADDRESS as TRENDS

NEWS_SITEMAP = "sitemap-news.xml"

# -- the JSON API ------------------------------------------------------------------------------------------------------


class ApiInputs(Record, frozen=True):
    """A page of the API: the articles on it, by digest and path."""

    digests: tuple[bytes, ...]
    paths: tuple[str, ...]
    number: int
    has_next: bool


def api_inputs(press: Press, argument: object) -> ApiInputs:
    """Return a page of items; `argument` is (topic slug or "", page number from 1, the newest)."""
    slug, number = cast(tuple[str, int], argument)
    cards = press.edition.library.api_cards(slug)
    rows = cards[api.PAGE_SIZE * (number - 1) : api.PAGE_SIZE * number]
    return ApiInputs(
        tuple([press.digest(card.path) for card in rows]),
        tuple([card.path for card in rows]),
        number,
        api.PAGE_SIZE * number < len(cards),
    )


def make_api(press: Press, given: object) -> tuple[bytes]:
    """Join the items of a page as they were encoded when the articles were read."""
    inputs = cast(ApiInputs, given)
    items = [press.item(path) for path in inputs.paths]
    return (api.page(items, inputs.number, has_next=inputs.has_next),)


def api_topics_inputs(press: Press, _: object) -> tuple[api.ApiTopic, ...]:
    """Return the topics' data in the order of their files."""
    return tuple(
        api.ApiTopic(topic.name, topic.short_name, topic.id, topic.parent, topic.pictures, topic.services)
        for topic in press.edition.library.readings.topics
    )


def make_api_topics(_: Press, given: object) -> tuple[bytes]:
    """Return the list of topics."""
    return (api.topics(cast(tuple[api.ApiTopic, ...], given)),)


# -- sitemaps ----------------------------------------------------------------------------------------------------------


def sitemap_parts(edition: Edition) -> dict[str, tuple[sitemap.SitemapUrl, ...]]:
    """Return output -> URLs: articles oldest first, so that full parts stay as they are; then all other pages."""
    root, addresses = edition.settings.base_url, edition.library.addresses
    articles = [
        sitemap.SitemapUrl(root + quote_path(addresses[card.path]), card.updated or card.published)
        for card in reversed(edition.library.shown)
        if edition.is_indexable(card)
    ]
    parts = {f"sitemap-articles-{n}.xml": part for n, part in enumerate(sitemap.chunks(articles), 1)}
    return parts | {f"sitemap-pages-{n}.xml": part for n, part in enumerate(sitemap.chunks(_pages(edition)), 1)}


def given(_: Press, argument: object) -> object:
    """Return the argument: the inputs of an output whose task holds all of them."""
    return argument


def make_sitemap(_: Press, given: object) -> tuple[bytes]:
    """Return a sitemap."""
    return (sitemap.sitemap(cast(tuple[sitemap.SitemapUrl, ...], given)),)


def sitemap_rows(edition: Edition, parts: dict[str, tuple[sitemap.SitemapUrl, ...]]) -> tuple[sitemap.SitemapUrl, ...]:
    """Return the rows of the index: the sitemaps with the newest date in each."""
    rows = [
        sitemap.SitemapUrl(edition.absolute(output), max((url.lastmod for url in urls if url.lastmod), default=None))
        for output, urls in parts.items()
    ]
    recent = recent_cards(edition)
    return (*rows, *(sitemap.SitemapUrl(edition.absolute(NEWS_SITEMAP), card.published) for card in recent[:1]))


def make_sitemap_index(_: Press, given: object) -> tuple[bytes]:
    """Return the index of sitemaps."""
    return (sitemap.sitemap_index(cast(tuple[sitemap.SitemapUrl, ...], given)),)


def recent_cards(edition: Edition) -> tuple[Card, ...]:
    """Return the indexable articles of the last 48 hours: one of the few things that depend on the clock."""
    since: datetime = edition.library.now - NEWS_AGE
    return tuple(card for card in edition.library.shown if card.published > since and edition.is_indexable(card))


def news_sitemap_inputs(press: Press, _: object) -> tuple[str, tuple[sitemap.NewsUrl, ...]]:
    """Return the site's name and the newest articles."""
    edition = press.edition
    urls = tuple(
        sitemap.NewsUrl(
            edition.absolute(edition.article_address(card)), card.title, card.published, edition.language(card)
        )
        for card in recent_cards(edition)
    )
    return edition.settings.title, urls


def make_news_sitemap(_: Press, given: object) -> tuple[bytes]:
    """Return the news sitemap."""
    name, urls = cast(tuple[str, tuple[sitemap.NewsUrl, ...]], given)
    return (sitemap.news_sitemap(urls, name),)


def _pages(edition: Edition) -> list[sitemap.SitemapUrl]:
    """Return all indexable pages but articles: each with the date of the newest thing on it."""
    library, outputs = edition.library, edition.settings.outputs

    def row(address: str, cards: tuple[Card, ...] | list[Card] = ()) -> sitemap.SitemapUrl:
        return sitemap.SitemapUrl(edition.absolute(address), cards[0].published if cards else None)

    rows = [row("", library.shown)]
    rows += [row(f"{page.slug}/") for page in library.readings.pages]
    rows.append(row("topics/"))
    rows += [row(RANKING), row(TRENDS, library.shown)]
    if has_any_feed(edition):
        rows.append(row(FOLLOW))
    if outputs.providers:
        rows.append(row("providers/"))
    if outputs.archive:
        rows.append(row("archive/"))
        for month, days in library.months.days.items():
            rows.append(row(month_address(month), next(iter(days.values()))))
            if library.months.is_split(month):
                rows += [row(month_address(day), cards) for day, cards in days.items()]
    for shelf in library.shelves():
        if shelf.cards:
            rows.append(row(shelf.address, shelf.cards))
            rows += [row(shelf.page_address(n), shelf.page(n)) for n in range(1, shelf.pages + 1) if shelf.is_full(n)]
    return rows
