"""Links: where the site leads to other sites, each use of an address with the place in the file that names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

from msgspec.structs import replace

from generator.base.problems import IN_BODY, Trail
from generator.base.records import Article, Card, Html, LinkUse, Piece
from generator.library.relate import Library

VIDEO_PAGES = {"youtube": "https://www.youtube.com/watch?v={}", "vimeo": "https://vimeo.com/{}"}
_HREF = re.compile(r'<a [^>]*?href="(https?://[^"]*)"')


def external_links(library: Library, load: Callable[[Card], Article]) -> tuple[LinkUse, ...]:
    """Return every link to another site that a page shows: sources of the newest articles first.

    Args:
        load: gives the article of a card, for a card does not hold its coverage.
    """
    uses = [
        *_in_navigation(library),
        *(use for page in library.readings.pages for use in _in_body(page.path, page.body)),
        *(use for card in library.shown for use in article_links(load(card))),
    ]
    own = library.settings.base_url
    # A fragment is for readers: hosts are never told it.
    bare = (replace(use, url=use.url.partition("#")[0]) for use in uses)
    return tuple(use for use in bare if not f"{use.url}/".startswith(own))


def article_links(article: Article) -> Iterator[LinkUse]:
    """Yield the links of an article's page: source, video, coverage, commentary."""
    if article.url:
        yield LinkUse(article.url, article.path, ("webUrl" if article.web_url else "originalUrl",))
    yield from _video(article)
    for report in article.reports:
        yield LinkUse(report.url, article.path, report.trail)
    yield from _in_body(article.path, article.body)


def _video(article: Article) -> Iterator[LinkUse]:
    if article.type == "video" and article.original_url:
        yield LinkUse(article.original_url, article.path, ("originalUrl",))
    elif article.embed:
        page = VIDEO_PAGES[article.embed.host].format(article.embed.id)
        yield LinkUse(page, article.path, ("featuredContent",))


def _in_body(path: str, body: tuple[Piece, ...]) -> Iterator[LinkUse]:
    for piece in body:
        if isinstance(piece, Html):
            for address in _HREF.findall(piece.text):
                trail: Trail = (IN_BODY, unescape(address))
                yield LinkUse(unescape(address), path, trail)


def _in_navigation(library: Library) -> Iterator[LinkUse]:
    for title, target in library.settings.nav.items():
        if not target.startswith("/"):
            yield LinkUse(target, "site.toml", ("nav", title))
