"""Sitemaps: valid, complete, and within their limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from generator.pages.sitemap import NewsUrl, SitemapUrl, chunks, news_sitemap, sitemap, sitemap_index
from generator.pages.xml_text import allowed

SCHEMAS = Path(__file__).parents[1] / "schemas"
NOON = datetime(2020, 2, 20, 12, tzinfo=UTC)
URLS = (SitemapUrl("https://example.org/?a=1&b='2'", NOON), SitemapUrl("https://example.org/about/", None))
HOSTILE = "]]> </script> <b>\"quotes'</b> & \x00\x08 🗞️ עברית \u202e\u2028"


def _valid(document: bytes, schema: str) -> None:
    etree.XMLSchema(etree.parse(SCHEMAS / schema)).assertValid(etree.fromstring(document))


def test_sitemap_of_two_pages() -> None:
    """A sitemap, byte for byte; a page without a date has no lastmod."""
    assert sitemap(URLS).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        "<url><loc>https://example.org/?a=1&amp;b=&#x27;2&#x27;</loc><lastmod>2020-02-20T12:00:00+00:00</lastmod></url>\n"
        "<url><loc>https://example.org/about/</loc></url>\n"
        "</urlset>\n"
    )
    _valid(sitemap(URLS), "sitemap.xsd")


def test_index_of_two_sitemaps() -> None:
    """The index names sitemaps in the order given."""
    index = sitemap_index(URLS)
    assert b"<sitemap><loc>https://example.org/about/</loc></sitemap>" in index
    _valid(index, "siteindex.xsd")


def test_news_sitemap_of_hostile_text() -> None:
    """The news sitemap holds any text, and languages as Google names them."""
    urls = (
        NewsUrl("https://example.org/1/", HOSTILE, NOON, "en-US"),
        NewsUrl("https://example.org/2/", "台北", NOON, "zh-TW"),
    )
    document = news_sitemap(urls, "News & more")
    _valid(document, "sitemap.xsd")
    news = "{http://www.google.com/schemas/sitemap-news/0.9}"
    root = etree.fromstring(document)
    assert [title.text for title in root.iter(news + "title")] == [allowed(HOSTILE), "台北"]
    assert [language.text for language in root.iter(news + "language")] == ["en", "zh-tw"]
    assert {name.text for name in root.iter(news + "name")} == {"News & more"}


def test_news_sitemap_holds_the_newest_thousand() -> None:
    """Google reads no more than 1,000 pages of one news sitemap."""
    urls = [NewsUrl(f"https://example.org/{n}/", "t", NOON - timedelta(n), "en") for n in range(1001)]
    document = news_sitemap(urls, "News")
    assert document.count(b"<url>") == 1000
    assert b"https://example.org/1000/" not in document


def test_chunks_hold_fifty_thousand() -> None:
    """The 50,001st page begins the second sitemap, and no page makes no sitemap."""
    urls = tuple(SitemapUrl(f"https://example.org/{n}/", None) for n in range(50_001))
    assert [len(run) for run in chunks(urls)] == [50_000, 1]
    assert [len(run) for run in chunks(urls[:50_000])] == [50_000]
    assert chunks(()) == ()


@given(st.lists(st.text(max_size=40)), st.integers(1, 5), st.integers(300, 900))
def test_chunks_keep_order_and_limits(locs: list[str], most: int, size: int) -> None:
    """Chunks together are the list; none is empty, too long or too large, and each was full when it ended."""
    urls = tuple(SitemapUrl(loc, NOON) for loc in locs)
    runs = chunks(urls, most, size)
    assert sum(runs, ()) == urls
    assert all(0 < len(run) <= most for run in runs)
    assert all(len(sitemap(run)) <= size or len(run) == 1 for run in runs)
    for run, following in pairwise(runs):
        assert len(run) == most or len(sitemap((*run, following[0]))) > size


@given(st.text())
def test_any_text_survives(loc: str) -> None:
    """Whatever the address, the sitemap is well-formed and gives it back."""
    root = etree.fromstring(sitemap((SitemapUrl(loc, None),)))
    assert (root[0][0].text or "") == allowed(loc)
