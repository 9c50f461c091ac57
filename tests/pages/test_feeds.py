"""Feeds: RSS, Atom and JSON Feed of one record."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree
from msgspec.structs import replace

from generator.pages.feed_formats import atom, json_feed, rss
from generator.pages.feed_view import FeedCover, FeedEntry, FeedView
from generator.pages.xml_text import allowed

SCHEMAS = Path(__file__).parents[1] / "schemas"
HOSTILE = "]]> </script> <b>\"quotes'</b> & &amp; \x00\x08\x0b\ufffe 🗞️ עברית \u202eRTL\u202c\u2028 a\r\nb\tc"
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}

ENTRY = FeedEntry(
    id="tag:example.org,2020:news/2020-02-20-voice",
    title="Pay for voices",
    source_url="https://outlet.example/voice?a=1&b=2",
    page_url="https://example.org/news/2020-02-20-voice/",
    published=datetime(2020, 2, 2, 7, 5, tzinfo=UTC),
    updated=None,
    summary="AT&T <pays>.",
    content="",
    outlet="The Outlet",
    categories=("C++", "Privacy"),
    image="https://example.org/images/voice.jpg",
    image_type="image/jpeg",
    language="en",
)
VIEW = FeedView(
    id="tag:example.org,2020:feed",
    title="News & more",
    description="All of it",
    language="en",
    home="https://example.org/",
    rss="https://example.org/feed.xml",
    atom="https://example.org/atom.xml",
    json="https://example.org/feed.json",
    link="source",
    hub="https://hub.example/?a&b",
    icon="https://example.org/assets/icon.png",
    cover=None,
    entries=(ENTRY,),
)
COVER = FeedCover("/a&b/assets/feed-1.css", "rtl", "A <feed>", "Copy & paste.", "To the site")
EMPTY = replace(VIEW, entries=())
RICH = replace(
    ENTRY,
    id="tag:example.org,2020:news/rich",
    title=HOSTILE,
    summary=HOSTILE,
    content="<p>Our <em>view</em> ]]&gt;</p>",
    outlet=HOSTILE,
    categories=(HOSTILE, "ok"),
    updated=datetime(2020, 3, 1, 12, 0, 30, tzinfo=UTC),
    language="he",
)
BARE = replace(
    ENTRY, id="tag:example.org,2020:news/bare", source_url="", outlet="", categories=(), image="", summary=""
)
VIEWS = {
    "one": VIEW,
    "empty": EMPTY,
    "rich": replace(VIEW, entries=(RICH, ENTRY, BARE), title=HOSTILE, description=HOSTILE),
    "cover": replace(VIEW, cover=COVER),
    "page": replace(VIEW, link="page", hub="", icon="", description="", language=""),
}


def test_rss_of_one_entry() -> None:
    """The RSS of one entry, byte for byte."""
    assert rss(VIEW).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:media="http://search.yahoo.com/mrss/"><channel><title>News &amp; more</title>'
        "<link>https://example.org/</link><description>All of it</description>"
        '<atom:link href="https://example.org/feed.xml" rel="self"/><language>en</language>'
        "<lastBuildDate>Sun, 02 Feb 2020 07:05:00 +0000</lastBuildDate>"
        '<atom:link rel="hub" href="https://hub.example/?a&amp;b"/>'
        "<image><url>https://example.org/assets/icon.png</url><title>News &amp; more</title>"
        "<link>https://example.org/</link></image>"
        "<item><title>Pay for voices</title><link>https://outlet.example/voice?a=1&amp;b=2</link>"
        '<guid isPermaLink="false">tag:example.org,2020:news/2020-02-20-voice</guid>'
        "<pubDate>Sun, 02 Feb 2020 07:05:00 +0000</pubDate>"
        "<description>AT&amp;amp;T &amp;lt;pays&amp;gt;.</description><dc:creator>The Outlet</dc:creator>"
        "<category>C++</category><category>Privacy</category>"
        '<atom:link rel="related" href="https://example.org/news/2020-02-20-voice/"/>'
        '<media:content medium="image" url="https://example.org/images/voice.jpg" type="image/jpeg"/>'
        "</item></channel></rss>"
    )


@pytest.mark.parametrize(("write", "address"), [(rss, VIEW.rss), (atom, VIEW.atom)])
def test_a_cover_is_all_that_a_browser_gets_more(write: Callable[[FeedView], bytes], address: str) -> None:
    """With a cover a feed names a style sheet and says what it is; all else in it is as it was."""
    covered = write(replace(VIEW, cover=COVER)).decode()
    cover = covered[covered.index("<div") : covered.index("</div>") + 6]
    sheet = '<?xml-stylesheet type="text/css" href="/a&amp;b/assets/feed-1.css"?>\n'
    assert covered.replace(cover, "").replace(sheet, "") == write(VIEW).decode()
    assert covered.splitlines()[1] == sheet.rstrip()
    assert cover == (
        '<div xmlns="http://www.w3.org/1999/xhtml" lang="en" dir="rtl"><h1>A &lt;feed&gt;</h1><p>Copy &amp; paste.</p>'
        f'<p><code dir="ltr">{address}</code></p><p><a href="https://example.org/">To the site</a></p></div>'
    )


def test_atom_of_one_entry() -> None:
    """The Atom of one entry, byte for byte."""
    assert atom(VIEW).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xml:lang="en" xmlns="http://www.w3.org/2005/Atom"><title>News &amp; more</title>'
        '<link href="https://example.org/" rel="alternate"/><link href="https://example.org/atom.xml" rel="self"/>'
        "<id>tag:example.org,2020:feed</id><updated>2020-02-02T07:05:00+00:00</updated>"
        "<author><name>News &amp; more</name></author><subtitle>All of it</subtitle>"
        '<link rel="hub" href="https://hub.example/?a&amp;b"/>'
        "<icon>https://example.org/assets/icon.png</icon>"
        '<entry><title>Pay for voices</title><link rel="alternate" href="https://outlet.example/voice?a=1&amp;b=2"/>'
        '<link rel="related" href="https://example.org/news/2020-02-20-voice/"/>'
        "<id>tag:example.org,2020:news/2020-02-20-voice</id><published>2020-02-02T07:05:00+00:00</published>"
        "<updated>2020-02-02T07:05:00+00:00</updated><author><name>The Outlet</name></author>"
        '<summary type="text">AT&amp;T &lt;pays&gt;.</summary><category term="C++"/><category term="Privacy"/>'
        '<link rel="enclosure" href="https://example.org/images/voice.jpg" type="image/jpeg"/></entry></feed>'
    )


def test_json_feed_of_one_entry() -> None:
    """The JSON Feed of one entry, byte for byte."""
    assert json_feed(VIEW).decode() == (
        '{"version":"https://jsonfeed.org/version/1.1","title":"News & more","home_page_url":"https://example.org/",'
        '"feed_url":"https://example.org/feed.json","description":"All of it",'
        '"icon":"https://example.org/assets/icon.png","language":"en",'
        '"hubs":[{"type":"WebSub","url":"https://hub.example/?a&b"}],"items":['
        '{"id":"tag:example.org,2020:news/2020-02-20-voice","url":"https://outlet.example/voice?a=1&b=2",'
        '"external_url":"https://example.org/news/2020-02-20-voice/","title":"Pay for voices",'
        '"content_text":"AT&T <pays>.","image":"https://example.org/images/voice.jpg",'
        '"date_published":"2020-02-02T07:05:00Z","authors":[{"name":"The Outlet"}],"tags":["C++","Privacy"]}]}'
    )


@pytest.mark.parametrize("name", VIEWS)
def test_feeds_are_valid(name: str) -> None:
    """Every feed satisfies its format's schema, an empty one and a hostile one too."""
    etree.RelaxNG(etree.parse(SCHEMAS / "rss.rng")).assertValid(etree.fromstring(rss(VIEWS[name])))
    etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng")).assertValid(etree.fromstring(atom(VIEWS[name])))
    Draft202012Validator(json.loads((SCHEMAS / "jsonfeed.json").read_bytes())).validate(
        json.loads(json_feed(VIEWS[name]))
    )


def test_an_empty_feed_has_a_fixed_instant() -> None:
    """No clock gives an empty feed its date."""
    assert b"<lastBuildDate>Thu, 01 Jan 1970 00:00:00 +0000</lastBuildDate>" in rss(EMPTY)
    assert b"<updated>1970-01-01T00:00:00+00:00</updated>" in atom(EMPTY)
    assert json.loads(json_feed(EMPTY))["items"] == []


def test_a_feed_changed_when_its_latest_entry_did() -> None:
    """The feed's date is the latest of its entries' updates, which need not be the first entry's."""
    view = replace(VIEW, entries=(ENTRY, RICH))
    assert b"<lastBuildDate>Sun, 01 Mar 2020 12:00:30 +0000</lastBuildDate>" in rss(view)
    assert atom(view).count(b"<updated>2020-03-01T12:00:30+00:00</updated>") == 2


def _links(view: FeedView) -> list[tuple[str, str | None]]:
    """Return (link, the other one) of the first entry in each format."""
    item = etree.fromstring(rss(view)).find(".//item")
    entry = etree.fromstring(atom(view)).find("a:entry", NS)
    other = item.find("a:link", NS)
    by_rel = {link.get("rel"): link.get("href") for link in entry.findall("a:link", NS)}
    first = json.loads(json_feed(view))["items"][0]
    return [
        (item.findtext("link"), None if other is None else other.get("href")),
        (by_rel["alternate"], by_rel.get("related")),
        (first["url"], first.get("external_url")),
    ]


def test_entries_lead_where_the_site_says() -> None:
    """An entry leads to the story or to our page, and the other one is there too."""
    assert _links(VIEW) == [(ENTRY.source_url, ENTRY.page_url)] * 3
    assert _links(replace(VIEW, link="page")) == [(ENTRY.page_url, ENTRY.source_url)] * 3


@pytest.mark.parametrize("link", ["source", "page"])
def test_an_entry_without_a_source_leads_to_our_page(link: str) -> None:
    """Where there is no story elsewhere our page is the only link."""
    view = replace(VIEW, link=link, entries=(BARE,))
    assert _links(view) == [(ENTRY.page_url, None)] * 3


def test_commentary_is_html_and_the_summary_stays_text() -> None:
    """The curator's HTML arrives as HTML; an outlet's text arrives as text in every format."""
    view = replace(VIEW, entries=(RICH,))
    item = etree.fromstring(rss(view)).find(".//item")
    entry = etree.fromstring(atom(view)).find("a:entry", NS)
    first = json.loads(json_feed(view))["items"][0]
    assert item.findtext("content:encoded", namespaces=NS) == RICH.content
    assert unescape(item.findtext("description")) == allowed(HOSTILE)
    assert "<b>" not in item.findtext("description")
    assert (entry.find("a:content", NS).get("type"), entry.findtext("a:content", namespaces=NS)) == (
        "html",
        RICH.content,
    )
    assert (entry.find("a:summary", NS).get("type"), entry.findtext("a:summary", namespaces=NS)) == (
        "text",
        allowed(HOSTILE),
    )
    assert (first["content_html"], first["summary"]) == (RICH.content, HOSTILE)


def test_an_entry_names_its_language_where_it_is_not_the_feeds() -> None:
    """A Hebrew entry in an English feed says so in each format; an English one says nothing."""
    view = replace(VIEW, entries=(RICH, ENTRY))
    languages = [item.findtext("dc:language", namespaces=NS) for item in etree.fromstring(rss(view)).iter("item")]
    entries = etree.fromstring(atom(view)).findall("a:entry", NS)
    assert languages == ["he", None]
    assert [entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in entries] == ["he", None]
    assert [item.get("language") for item in json.loads(json_feed(view))["items"]] == ["he", None]


@given(st.text(), st.text(), st.text())
def test_any_text_survives(title: str, summary: str, category: str) -> None:
    """Whatever the text, the feeds are well-formed and give it back, without what XML cannot hold."""
    view = replace(VIEW, entries=(replace(ENTRY, title=title, summary=summary, categories=(category,)),))
    item = etree.fromstring(rss(view)).find(".//item")
    entry = etree.fromstring(atom(view)).find("a:entry", NS)
    first = json.loads(json_feed(view))["items"][0]
    assert item.findtext("title") == entry.findtext("a:title", namespaces=NS) == allowed(title)
    assert entry.findtext("a:summary", namespaces=NS) == allowed(summary)
    assert entry.find("a:category", NS).get("term") == allowed(category)
    assert (first.get("title", ""), first["content_text"], first["tags"]) == (title, summary, [category])


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))
def test_rss_dates_are_those_of_the_standard_library(instant: datetime) -> None:
    """Our short way to write a date gives what `email.utils` gives."""
    view = replace(VIEW, entries=(replace(ENTRY, published=instant),))
    assert f"<pubDate>{format_datetime(instant)}</pubDate>".encode() in rss(view)
