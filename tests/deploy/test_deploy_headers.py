"""What readers are told with each file, and the order in which files go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.base.deploy_settings import Caching
from generator.deploy.headers import class_of, content_type, headers_of, rank_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("feed.xml", "application/rss+xml; charset=utf-8"),
        ("topics/ai/atom.xml", "application/atom+xml; charset=utf-8"),
        ("feed.json", "application/feed+json; charset=utf-8"),
        ("opml.xml", "text/x-opml; charset=utf-8"),
        ("api/news/index.json", "application/json; charset=utf-8"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("assets/style-0123456789abcdef.css", "text/css; charset=utf-8"),
        ("assets/site.mjs", "text/javascript; charset=utf-8"),
        ("assets/icon.svg", "image/svg+xml; charset=utf-8"),
        ("assets/a.woff2", "font/woff2"),
        ("images/a.webp", "image/webp"),
        ("images/a.avif", "image/avif"),
        ("images/a.JPG", "image/jpeg"),
        ("favicon.ico", "image/vnd.microsoft.icon"),
        ("site.webmanifest", "application/manifest+json; charset=utf-8"),
        ("search/pagefind.pf_meta", "application/octet-stream"),
        ("search/wasm.wasm", "application/wasm"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("CNAME", "text/plain; charset=utf-8"),
        ("_redirects", "text/plain; charset=utf-8"),
        (".well-known/apple-app-site-association", "application/octet-stream"),
        ("files/report.pdf", "application/pdf"),
        ("files/table.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_types(path: str, kind: str) -> None:
    """Each kind has its type, and all that is text its character set."""
    if path.endswith("xlsx"):
        assert content_type(path) in (kind, "application/octet-stream")  # as old as the Python is
    else:
        assert content_type(path) == kind


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("assets/style-f32d20131a6bfd11.css", "fixed"),
        ("assets/fonts/text-f32d20131a6bfd11.woff2", "fixed"),
        ("images/181bc59170f11be0-64.webp", "fixed"),
        ("images/cards/60f16b250aac26e0.png", "fixed"),
        ("assets/style.css", "files"),
        ("images/photo.png", "files"),
        ("news/f32d20131a6bfd11/index.html", "pages"),
        ("404.html", "pages"),
        ("feed.xml", "feeds"),
        ("providers/x.test/feed.json", "feeds"),
        ("sitemap-articles-1.xml", "feeds"),
        ("opml.xml", "feeds"),
        ("api/news/feed.xml", "api"),
        ("api/topics/index.json", "api"),
        ("robots.txt", "files"),
    ],
)
def test_classes(path: str, name: str) -> None:
    """Only what is named by a digest of its bytes is kept for ever."""
    assert class_of(path) == name


def test_settings_of_each_class() -> None:
    """Each class has a setting, and what it says is what readers are told."""
    caching = Caching(fixed="1", pages="2", feeds="3", api="4", files="5")
    paths = ("assets/a-f32d20131a6bfd11.css", "index.html", "feed.xml", "api/x.json", "robots.txt")
    assert [headers_of(path, caching).cache_control for path in paths] == ["1", "2", "3", "4", "5"]


def test_other_headers_have_another_digest() -> None:
    """A change of a type or of the caching shows in the manifest."""
    digests = {
        headers_of("a.html", Caching()).short(),
        headers_of("a.txt", Caching()).short(),
        headers_of("a.html", Caching(pages="no-cache")).short(),
    }
    assert len(digests) == 3


@given(st.text(min_size=1), st.booleans())
def test_any_path_has_headers_and_a_rank(path: str, fresh: bool) -> None:
    """No name that a file can have is without."""
    headers = headers_of(path, Caching())
    assert headers.content_type.isascii()
    assert headers.cache_control
    assert 0 <= rank_of(path, fresh) <= 5
