"""A feed as plain data: what its three formats are made from."""

from __future__ import annotations

from datetime import datetime

from generator.base.record import Record


class FeedEntry(Record, frozen=True):
    """An article in a feed. Addresses are absolute and percent-encoded, `content`'s too."""

    id: str  # tag URI; never changes
    title: str
    source_url: str  # "" where the article lives on our page only
    page_url: str
    published: datetime
    updated: datetime | None
    summary: str  # plain text
    content: str  # the curator's commentary as sanitised HTML, or ""
    outlet: str
    categories: tuple[str, ...]
    image: str  # or ""
    image_type: str  # media type, or "" where it is not known
    language: str


class FeedCover(Record, frozen=True):
    """What a browser shows before the entries: what this is, in the site's language. Feed readers pass it over."""

    sheet: str  # root-relative address of the style sheet
    direction: str  # "ltr" or "rtl"
    heading: str
    advice: str  # how to subscribe
    visit: str  # the link's text to the page that the feed belongs to


class FeedView(Record, frozen=True):
    """What the three formats of a feed are made from."""

    id: str
    title: str
    description: str
    language: str
    home: str  # absolute address of the page that the feed belongs to
    rss: str  # absolute addresses of the feed's three formats
    atom: str
    json: str
    link: str  # where an entry leads: "source" or "page"
    icon: str
    hub: str  # of WebSub, or ""
    cover: FeedCover | None  # none where the theme has no style sheet for feeds
    entries: tuple[FeedEntry, ...]  # newest first
