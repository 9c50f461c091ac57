"""The three formats of a feed: RSS 2.0, Atom and JSON Feed 1.1."""

from __future__ import annotations

import email.utils  # noqa: F401 (the library uses it, and leaves it to others to import)
from datetime import UTC, datetime
from html import escape
from io import StringIO

import msgspec

from generator.base.unneeded import without
from generator.pages.feed_view import FeedEntry, FeedView
from generator.pages.xml_text import DECLARATION, allowed, element, xml_attribute, xml_text

with without("urllib.request"):  # which costs 30 ms, and is there for XML documents that somebody names by a URL
    from feedgenerator import Atom1Feed, Rss201rev2Feed

# Atom demands an instant even of a feed without entries; a fixed one, for a clock would change the bytes.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


def rss(view: FeedView) -> bytes:
    """Return the feed as RSS 2.0.

    Readers take a description for HTML, so the summary, which is text, is escaped twice; the commentary
    stands in `content:encoded`.

    Source: RSS 2.0.11, the RSS Advisory Board's best practices profile, Media RSS.
    """
    return _document(_Rss(view))


def atom(view: FeedView) -> bytes:
    """Return the feed as Atom.

    Source: RFC 4287.
    """
    return _document(_Atom(view))


def json_feed(view: FeedView) -> bytes:
    """Return the feed as JSON Feed 1.1.

    Source: https://www.jsonfeed.org/version/1.1/
    """
    feed = _JsonFeed(
        "https://jsonfeed.org/version/1.1",
        view.title,
        view.home,
        view.json,
        view.description,
        view.icon,
        view.language,
        (_Hub("WebSub", view.hub),) if view.hub else (),
        tuple(_json_item(entry, view) for entry in view.entries),
    )
    return msgspec.json.encode(feed)


# -- what the formats share --------------------------------------------------------------------------------------------


def newest(view: FeedView) -> datetime:
    """Return the instant of the feed's last change: there is no build time in a feed."""
    return max((entry.updated or entry.published for entry in view.entries), default=_NEVER)


def _links(entry: FeedEntry, link: str) -> tuple[str, str]:
    """Return where the entry leads, and the other of story and page ("" where there is no story)."""
    if link == "source" and entry.source_url:
        return entry.source_url, entry.page_url
    return entry.page_url, entry.source_url


def _own_language(entry: FeedEntry, view: FeedView) -> str:
    return entry.language if entry.language != view.language else ""


# -- RSS and Atom ------------------------------------------------------------------------------------------------------
# The library writes the document and its head. Entries are templates of ours: element by element, as the library
# writes them, an entry costs three times as much.


def _document(feed: _Rss | _Atom) -> bytes:
    page = StringIO()
    feed.write(page, "utf-8")
    return f"{DECLARATION}{_sheet(feed.view)}{page.getvalue().removeprefix(DECLARATION)}".encode()


def _sheet(view: FeedView) -> str:
    """Return what tells a browser how a feed looks (Source: Associating Style Sheets with XML documents 1.0)."""
    return f'<?xml-stylesheet type="text/css" href="{xml_attribute(view.cover.sheet)}"?>\n' if view.cover else ""


def _cover(view: FeedView, address: str) -> str:
    """Return what a browser shows before the entries, in HTML's namespace: so links lead on, and a heading is one.

    Source: RSS 2.0.11, "Extending RSS"; RFC 4287, 6.
    """
    cover = view.cover
    if not cover:
        return ""
    return (
        f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{xml_attribute(view.language)}" dir="{cover.direction}">'
        f"<h1>{xml_text(cover.heading)}</h1><p>{xml_text(cover.advice)}</p>"
        f'<p><code dir="ltr">{xml_text(address)}</code></p>'
        f'<p><a href="{xml_attribute(view.home)}">{xml_text(cover.visit)}</a></p></div>'
    )


def _hub(name: str, view: FeedView) -> str:
    """Return the element that names the hub of a feed (Source: WebSub, 4)."""
    return f'<{name} rel="hub" href="{xml_attribute(view.hub)}"/>' if view.hub else ""


class _Rss(Rss201rev2Feed):  # type: ignore[misc]
    def __init__(self, view: FeedView):
        super().__init__(
            title=allowed(view.title),
            link=view.home,
            description=allowed(view.description or view.title),
            language=view.language or None,
            feed_url=view.rss,
        )
        self.view = view

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), **_NAMESPACES}

    def latest_post_date(self) -> datetime:
        return newest(self.view)

    def write_items(self, handler) -> None:  # type: ignore[no-untyped-def]
        handler.ignorableWhitespace(_hub("atom:link", self.view))  # SAX's way to write without escaping
        handler.ignorableWhitespace(_rss_image(self.view))
        handler.ignorableWhitespace(_cover(self.view, self.view.rss))
        for entry in self.view.entries:
            handler.ignorableWhitespace(_rss_item(entry, self.view))


def _rss_image(view: FeedView) -> str:
    if not view.icon:
        return ""
    return f"<image>{element('url', view.icon)}{element('title', view.title)}{element('link', view.home)}</image>"


def _rss_item(entry: FeedEntry, view: FeedView) -> str:
    link, other = _links(entry, view.link)
    return (
        f"<item><title>{xml_text(entry.title)}</title><link>{xml_text(link)}</link>"
        f'<guid isPermaLink="false">{xml_text(entry.id)}</guid><pubDate>{_rfc_822(entry.published)}</pubDate>'
        f"<description>{xml_text(escape(entry.summary, quote=False))}</description>"
        + element("content:encoded", entry.content)
        + element("dc:creator", entry.outlet)
        + element("dc:language", _own_language(entry, view))
        + "".join([element("category", name) for name in entry.categories])
        + (f'<atom:link rel="related" href="{xml_attribute(other)}"/>' if other else "")
        + (f"<atom:updated>{entry.updated.isoformat()}</atom:updated>" if entry.updated else "")
        + (f'<media:content medium="image" url="{xml_attribute(entry.image)}"{_type(entry)}/>' if entry.image else "")
        + "</item>"
    )


def _type(entry: FeedEntry) -> str:
    return f' type="{xml_attribute(entry.image_type)}"' if entry.image_type else ""


def _rfc_822(instant: datetime) -> str:
    """Return an instant in UTC as RFC 822 writes it.

    `ctime()` knows no locale, and takes a fraction of the time of `email.utils`.

    >>> _rfc_822(datetime(2020, 2, 2, 7, 5, tzinfo=UTC))
    'Sun, 02 Feb 2020 07:05:00 +0000'
    """
    day, month, date, time, year = instant.ctime().split()
    return f"{day}, {date:0>2} {month} {year} {time} +0000"


class _Atom(Atom1Feed):  # type: ignore[misc]
    def __init__(self, view: FeedView):
        super().__init__(
            title=allowed(view.title),
            link=view.home,
            description=allowed(view.description),
            language=view.language or None,
            feed_url=view.atom,
            feed_guid=allowed(view.id),
            author_name=allowed(view.title),  # of the entries that name no outlet
        )
        self.view = view

    def latest_post_date(self) -> datetime:
        return newest(self.view)

    def write_items(self, handler) -> None:  # type: ignore[no-untyped-def]
        handler.ignorableWhitespace(_hub("link", self.view))
        handler.ignorableWhitespace(element("icon", self.view.icon))
        handler.ignorableWhitespace(_cover(self.view, self.view.atom))
        for entry in self.view.entries:
            handler.ignorableWhitespace(_atom_entry(entry, self.view))


def _atom_entry(entry: FeedEntry, view: FeedView) -> str:
    link, other = _links(entry, view.link)
    language = _own_language(entry, view)
    return (
        (f'<entry xml:lang="{xml_attribute(language)}">' if language else "<entry>")
        + f'<title>{xml_text(entry.title)}</title><link rel="alternate" href="{xml_attribute(link)}"/>'
        + (f'<link rel="related" href="{xml_attribute(other)}"/>' if other else "")
        + f"<id>{xml_text(entry.id)}</id><published>{entry.published.isoformat()}</published>"
        f"<updated>{(entry.updated or entry.published).isoformat()}</updated>"
        + (f"<author>{element('name', entry.outlet)}</author>" if entry.outlet else "")
        + f'<summary type="text">{xml_text(entry.summary)}</summary>'
        + (f'<content type="html">{xml_text(entry.content)}</content>' if entry.content else "")
        + "".join([f'<category term="{xml_attribute(name)}"/>' for name in entry.categories])
        + (f'<link rel="enclosure" href="{xml_attribute(entry.image)}"{_type(entry)}/>' if entry.image else "")
        + "</entry>"
    )


# -- JSON Feed ---------------------------------------------------------------------------------------------------------


class _Author(msgspec.Struct, gc=False):
    name: str


class _JsonItem(msgspec.Struct, omit_defaults=True, gc=False):
    id: str
    url: str
    external_url: str = ""
    title: str = ""
    content_html: str = ""
    content_text: str | None = None
    summary: str = ""
    image: str = ""
    date_published: datetime | None = None
    date_modified: datetime | None = None
    authors: tuple[_Author, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""


class _Hub(msgspec.Struct):
    type: str
    url: str


class _JsonFeed(msgspec.Struct, omit_defaults=True):
    version: str
    title: str
    home_page_url: str
    feed_url: str
    description: str = ""
    icon: str = ""
    language: str = ""
    hubs: tuple[_Hub, ...] = ()
    items: tuple[_JsonItem, ...] | None = None


def _json_item(entry: FeedEntry, view: FeedView) -> _JsonItem:
    """Return the entry; the commentary is its content, or the summary where there is none (one of both must be)."""
    url, external_url = _links(entry, view.link)
    return _JsonItem(
        id=entry.id,
        url=url,
        external_url=external_url,
        title=entry.title,
        content_html=entry.content,
        content_text=None if entry.content else entry.summary,
        summary=entry.summary if entry.content else "",
        image=entry.image,
        date_published=entry.published,
        date_modified=entry.updated,
        authors=(_Author(entry.outlet),) if entry.outlet else (),
        tags=entry.categories,
        language=_own_language(entry, view),
    )
