"""Structured data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.pages.structured import PageLd, SiteLd, StoryLd, article_ld, collection_ld, script_json, site_ld

NOON = datetime(2020, 2, 20, 12, tzinfo=UTC)
SITE = SiteLd("The News", "https://example.org/", "en", "All of it", "https://example.org/logo.png")
PAGE = PageLd("https://example.org/news/x/", "Pay", "They pay.", "", "https://example.org/x.jpg")
STORY = StoryLd("Pay", "https://outlet.example/x", "The Outlet", "outlet.example", NOON)
HOSTILE = "]]> </script><!-- <b>\"quotes'</b> & \x00\x08 🗞️ עברית \u202e\u2028\u2029"


def test_an_articles_page_is_a_page_about_the_outlets_story() -> None:
    """Our page claims neither the story nor its date; both are the outlet's."""
    report = StoryLd("Paid", "https://other.example/", "", "", None)
    assert json.loads(article_ld(SITE, PAGE, STORY, (report,))) == {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "url": "https://example.org/news/x/",
        "name": "Pay",
        "description": "They pay.",
        "inLanguage": "en",
        "isPartOf": {"@type": "WebSite", "url": "https://example.org/", "name": "The News"},
        "primaryImageOfPage": {"@type": "ImageObject", "url": "https://example.org/x.jpg"},
        "mainEntity": {
            "@type": "NewsArticle",
            "headline": "Pay",
            "url": "https://outlet.example/x",
            "datePublished": "2020-02-20T12:00:00Z",
            "publisher": {"@type": "Organization", "name": "The Outlet", "url": "https://outlet.example/"},
        },
        "citation": [{"@type": "NewsArticle", "headline": "Paid", "url": "https://other.example/"}],
    }


def test_a_story_that_is_nowhere_else_is_on_our_page() -> None:
    """Without a source the story's address is our page's."""
    node = json.loads(article_ld(SITE, PAGE, replace(STORY, url="")))
    assert node["mainEntity"]["url"] == PAGE.url
    assert "citation" not in node


def test_a_list_is_a_collection_of_our_pages() -> None:
    """Items keep the order of the page and count from one; what is empty is left out."""
    node = json.loads(collection_ld(SITE, PageLd("https://example.org/news/", "News"), (("A", "a"), ("B", "b"))))
    assert (node["@type"], "description" in node, "primaryImageOfPage" in node) == ("CollectionPage", False, False)
    assert node["mainEntity"] == {
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "url": "a", "name": "A"},
            {"@type": "ListItem", "position": 2, "url": "b", "name": "B"},
        ],
    }


def test_the_site() -> None:
    """The front page names the site and its publisher, byte for byte."""
    assert site_ld(SITE) == (
        '{"@context":"https://schema.org","@type":"WebSite","url":"https://example.org/","name":"The News",'
        '"description":"All of it","inLanguage":"en","publisher":{"@type":"Organization","name":"The News",'
        '"url":"https://example.org/","logo":"https://example.org/logo.png"}}'
    )


def test_script_json_escapes_what_ends_a_script() -> None:
    """Nothing in the text is markup, an entity or an old line end."""
    assert script_json({"a": "</script>&\u2028\u2029"}) == '{"a":"\\u003c/script\\u003e\\u0026\\u2028\\u2029"}'


class _Scripts(HTMLParser):
    """Collects tags, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text() | st.just(HOSTILE))
def test_any_text_stays_inside_its_script(text: str) -> None:
    """Whatever the text, an HTML parser sees one script, whose text is JSON that gives it back."""
    parser = _Scripts()
    node = article_ld(SITE, replace(PAGE, title=text or "x"), STORY)
    parser.feed(f'<script type="application/ld+json">{node}</script>')
    parser.close()
    assert parser.tags == ["script"]
    assert json.loads(parser.text)["name"] == (text or "x")
