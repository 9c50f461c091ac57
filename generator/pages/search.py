"""Search: what is indexed of the site's articles, and the page that asks the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from generator.base.records import Article, Card, Html, ImageHole
from generator.library.topics import Topic
from generator.pages.edition import Edition
from generator.pages.heads import page_view
from generator.pages.press import Press
from generator.search.document import Document
from generator.theme.views import SearchView

ADDRESS = "search/"
INDEX = "search/pagefind/"  # the site path of the index


def documents(edition: Edition, body: Callable[[str], bytes]) -> Iterator[Document]:
    """Yield what is indexed of each shown article, the newest first; `body` gives the digest of a commentary."""
    library = edition.library
    topics: dict[tuple[str, ...], tuple[str, ...]] = {}
    for card in library.shown:
        if card.topics not in topics:
            topics[card.topics] = tuple(_topics(edition, card))
        language = edition.language(card)
        yield Document(
            address=edition.article_address(card),
            title=card.title,
            excerpt=card.excerpt,
            text=body(card.path),
            outlet=edition.provider(card.outlet.domain, card.outlet.name).record.name,
            topics=topics[card.topics],
            year=library.months.month_of[card.path][:4],
            type=card.type,
            published=int(card.published.timestamp()),
            language="" if language == edition.site.record.language else language,
        )


def _topics(edition: Edition, card: Card) -> Iterator[str]:
    """Yield the names of an article's topics and of those above them, but the site's root topic."""
    topics = edition.library.topics
    found: dict[str, Topic] = {}
    for topic in topics.of(card):
        while topic.slug not in found:
            found[topic.slug] = topic
            topic = topics.by_slug.get(topic.parent, topic)
    yield from (topic.name for slug, topic in found.items() if slug != topics.root)


def commentary(article: Article) -> str:
    """Return a commentary as it is indexed: its words, and those for its pictures."""
    return " ".join(
        piece.text if isinstance(piece, Html) else escape(piece.alt) if isinstance(piece, ImageHole) else ""
        for piece in article.body
    )


def search_view(press: Press, _: object) -> SearchView:
    """Return the page that asks the index."""
    edition = press.edition
    page = page_view(edition, ADDRESS, edition.words.gettext("Search"), noindex=True)
    return SearchView(site=edition.site, page=page, index=edition.url(INDEX))


def make_index_files(press: Press, _: object) -> tuple[bytes, ...]:
    """Return the files of the index in the order of their names."""
    return tuple(press.search[name] for name in sorted(press.search))
