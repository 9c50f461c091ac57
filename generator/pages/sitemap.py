"""Sitemaps: of all pages, their index, and of the newest for news search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from generator.base.record import Record
from generator.pages.xml_text import DECLARATION, element, xml_text

# Source: https://www.sitemaps.org/protocol.html and Google's news sitemap 0.9.
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_MOST_URLS = 50_000
_MOST_BYTES = 50_000_000  # under both readings of "50 MB"
_MOST_NEWS = 1_000
_MARKUP = 100  # more bytes than a row has around its address
_NEWS_LANGUAGES = frozenset({"zh-cn", "zh-tw"})  # the only ones that are named with a region


class SitemapUrl(Record, frozen=True):
    """A page, or in an index a sitemap: its absolute, percent-encoded address and its last change."""

    loc: str
    lastmod: datetime | None


class NewsUrl(Record, frozen=True):
    """A page for the news sitemap."""

    loc: str
    title: str
    published: datetime
    language: str


def sitemap(urls: Iterable[SitemapUrl]) -> bytes:
    """Return a sitemap of pages."""
    return _document("urlset", [_row("url", url) for url in urls])


def sitemap_index(sitemaps: Iterable[SitemapUrl]) -> bytes:
    """Return the index of sitemaps."""
    return _document("sitemapindex", [_row("sitemap", each) for each in sitemaps])


def chunks(
    urls: Sequence[SitemapUrl], most: int = _MOST_URLS, size: int = _MOST_BYTES
) -> tuple[tuple[SitemapUrl, ...], ...]:
    """Return `urls` in their order, in as few runs as may be with at most `most` URLs and `size` bytes each."""
    if len(urls) <= most and sum(6 * len(url.loc) + _MARKUP for url in urls) <= size - _FRAME:
        return (tuple(urls),) if urls else ()  # as nearly always; no character takes more than six bytes
    runs: list[tuple[SitemapUrl, ...]] = []
    start, room = 0, size - _FRAME
    for at, url in enumerate(urls):
        row = len(_row("url", url).encode())
        if at - start == most or (row > room and at > start):
            runs.append(tuple(urls[start:at]))
            start, room = at, size - _FRAME
        room -= row
    return (*runs, tuple(urls[start:]))


def news_sitemap(urls: Sequence[NewsUrl], name: str) -> bytes:
    """Return the news sitemap: the first 1,000 of `urls` (newest first), published by `name`."""
    rows = [_news_row(url, name) for url in urls[:_MOST_NEWS]]
    return _document("urlset", rows, f' xmlns:news="{_NEWS}"')


def _document(root: str, rows: Iterable[str], names: str = "") -> bytes:
    return f'{DECLARATION}<{root} xmlns="{_SITEMAP}"{names}>\n{"".join(rows)}</{root}>\n'.encode()


_FRAME = len(_document("urlset", ()))


def _row(tag: str, url: SitemapUrl) -> str:
    lastmod = f"<lastmod>{url.lastmod.isoformat()}</lastmod>" if url.lastmod else ""
    return f"<{tag}><loc>{xml_text(url.loc)}</loc>{lastmod}</{tag}>\n"


def _news_row(url: NewsUrl, name: str) -> str:
    return (
        f"<url>{element('loc', url.loc)}<news:news><news:publication>{element('news:name', name)}"
        f"{element('news:language', _news_language(url.language))}</news:publication>"
        f"<news:publication_date>{url.published.isoformat()}</news:publication_date>"
        f"{element('news:title', url.title)}</news:news></url>\n"
    )


def _news_language(language: str) -> str:
    """Return a language as Google's news sitemap names it.

    >>> [_news_language(tag) for tag in ("en-US", "zh_TW", "de")]
    ['en', 'zh-tw', 'de']
    """
    tag = language.lower().replace("_", "-")
    return tag if tag in _NEWS_LANGUAGES else tag.partition("-")[0]
