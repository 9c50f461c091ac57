"""Tasks: every output of a site that has a source of its own, and what makes it."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from generator.base.records import Card
from generator.builder.task import Task
from generator.library.shelves import Shelf
from generator.pages import api, follow, trends
from generator.pages.archive import month_address
from generator.pages.edition import FEEDS, Edition
from generator.pages.follow import OPML, has_any_feed
from generator.pages.lists import has_feeds
from generator.pages.machines import NEWS_SITEMAP, recent_cards, sitemap_parts, sitemap_rows
from generator.pages.search import ADDRESS, INDEX
from generator.pages.single import RANKING
from generator.pages.stories import has_document
from generator.search.index import Index


class Planned(NamedTuple):
    """A task and the source that it is made for, as a message names it."""

    task: Task
    source: str


def every_task(edition: Edition, index: Index) -> Iterator[Planned]:
    """Yield every task but stubs, hosting files and social cards; what stands first keeps its address."""
    library, outputs = edition.library, edition.settings.outputs
    for asset in sorted(edition.theme.assets):
        yield Planned(Task((edition.theme.assets[asset].output,), "asset", asset), f"the theme's {asset}")
    for image, variants in edition.pictures.uses():
        made = tuple(variant.output for variant in variants)
        yield Planned(Task(made, "resize", (image.source, image.digest, variants)), image.source)
    yield Planned(Task(("index.html",), "front", None), "the front page")
    for at, card in enumerate(library.shown):
        document = (api.item_address(card.stem),) if has_document(edition, card) else ()
        yield Planned(Task((f"{card.section}/{card.stem}/index.html", *document), "article", at), card.path)
    yield from _lists(edition)
    for at, page in enumerate(library.readings.pages):
        yield Planned(Task((f"{page.slug}/index.html",), "page", at), page.path)
    yield Planned(Task(("404.html",), "missing", None), "the page for addresses that are not there")
    if edition.searchable:
        yield from _search(index)
    if outputs.api:
        yield from _api(edition)
    if outputs.sitemaps:
        yield from _sitemaps(edition)
    for source, digest in library.readings.statics:
        yield Planned(Task((source.name,), "static", (source.path, digest)), source.path)


def _lists(edition: Edition) -> Iterator[Planned]:
    library, outputs = edition.library, edition.settings.outputs
    if outputs.feeds:
        yield Planned(_feed("", None), "the site's feeds")
    if has_any_feed(edition):
        yield Planned(Task((OPML,), "opml", None), "the list of feeds")
        yield Planned(Task((f"{follow.ADDRESS}index.html",), "follow", None), "the page of all feeds")
    yield Planned(Task((f"{RANKING}index.html",), "ranking", None), "the page on the front page's order")
    yield Planned(Task((f"{trends.ADDRESS}index.html",), "trends", None), "the page of trends")
    yield Planned(Task(("topics/index.html",), "topics", None), "the list of topics")
    if outputs.providers:
        yield Planned(Task(("providers/index.html",), "providers", None), "the list of outlets")
    pages: list[tuple[float, Planned]] = []
    for shelf in library.shelves():
        source = f"the {shelf.kind} `{shelf.id}`"
        pages.append(
            (_age(shelf.newest()), Planned(Task((f"{shelf.address}index.html",), "list", (shelf, None)), source))
        )
        for number in range(1, shelf.pages + 1):
            task = Task((f"{shelf.page_address(number)}index.html",), "list", (shelf, number))
            pages.append((_age(shelf.page(number)), Planned(task, source)))
        if has_feeds(edition, shelf):
            yield Planned(_feed(shelf.address, shelf), source)
    yield from [planned for _, planned in sorted(pages, key=itemgetter(0))]
    if outputs.archive:
        yield from _archive(edition)


def _age(cards: tuple[Card, ...]) -> float:
    """Return when, in the middle, the articles of a page were published: pages of one time show the same articles."""
    return (cards[0].published.timestamp() + cards[-1].published.timestamp()) / 2 if cards else 0.0


def _feed(address: str, shelf: Shelf | None) -> Task:
    return Task(tuple(address + name for name, _, _ in FEEDS), "feed", shelf)


def _archive(edition: Edition) -> Iterator[Planned]:
    months = edition.library.months
    yield Planned(Task(("archive/index.html",), "archive", None), "the archive")
    for month, days in months.days.items():
        for stamp in (month, *(days if months.is_split(month) else ())):
            yield Planned(Task((f"{month_address(stamp)}index.html",), "month", stamp), "the archive")


def _search(index: Index) -> Iterator[Planned]:
    yield Planned(Task((f"{ADDRESS}index.html",), "search", None), "the search page")
    if index.files:
        files = tuple(INDEX + name for name in sorted(index.files))
        yield Planned(Task(files, "index", index.digest), "the search index")


def _api(edition: Edition) -> Iterator[Planned]:
    library = edition.library
    yield Planned(Task(("api/topics/index.json",), "api_topics", None), "the API's topics")
    for slug in ("", *library.topics.by_slug):
        root = f"api/news/{slug}/" if slug else "api/news/"
        source = f"the API of the topic `{slug}`" if slug else "the API"
        pages = max(1, -(-len(library.api_cards(slug)) // api.PAGE_SIZE))
        yield Planned(Task((f"{root}index.json",), "api", (slug, 1)), source)
        for number in range(1, pages + 1):
            yield Planned(Task((f"{root}page/{number}/index.json",), "api", (slug, number)), source)


def _sitemaps(edition: Edition) -> Iterator[Planned]:
    source, parts = "the sitemaps", sitemap_parts(edition)
    for output, urls in parts.items():
        yield Planned(Task((output,), "sitemap", urls), source)
    yield Planned(Task(("sitemap.xml",), "sitemap_index", sitemap_rows(edition, parts)), source)
    if recent_cards(edition):
        yield Planned(Task((NEWS_SITEMAP,), "news_sitemap", None), source)
