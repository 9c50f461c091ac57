"""What each template is given: one record of plain fields per kind of page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from generator.base.digest import digest_record
from generator.base.record import Record
from generator.base.records import Embed

R = TypeVar("R", bound=Record)


class Digested(Generic[R]):
    """A record that stands in every key as its digest; templates read its fields straight through it.

    What many pages show (a card) is hashed once here instead of once a page. Where the digest is known before the
    record is, the record is made when it is first asked for: most keys need no more than the digest.
    """

    __slots__ = ("_make", "digest", "record")
    _make: Callable[[], R]

    def __init__(self, record: R):
        self.record = record
        self.digest = digest_record(record)

    @classmethod
    def later(cls, digest: bytes, make: Callable[[], R]) -> Digested[R]:
        """Return the record that `make` makes; `digest` covers all that it depends on."""
        one = cls.__new__(cls)
        one.digest, one._make = digest, make
        return one

    def __getattr__(self, name: str) -> Any:
        if name != "record":
            return getattr(self.record, name)
        self.record = self._make()
        return self.record


# -- parts -------------------------------------------------------------------------------------------------------------


class Link(Record, frozen=True):
    """A named address; `url` is root-relative inside the site and absolute outside of it."""

    title: str
    url: str


class FeedLink(Record, frozen=True):
    """A feed as `<link rel="alternate">` and the feed list name it."""

    title: str
    url: str
    type: str  # media type


class Source(Record, frozen=True):
    """A `<source>` of a `<picture>`: media type and `srcset` ("url 480w, url 800w")."""

    type: str
    srcset: str


class Sized(Record, frozen=True):
    """A picture in one role: the fallback file with its measured size in px, and the better formats."""

    url: str
    width: int
    height: int
    srcset: str  # of the fallback format
    sources: tuple[Source, ...]
    sizes: str


class PictureView(Record, frozen=True):
    """A picture; `roles` is empty where we have no file, then a box of `width` × `height` stands for it."""

    roles: dict[str, Sized]
    width: int
    height: int
    alt: str = ""
    attribution: str = ""


class ProviderView(Record, frozen=True):
    """An outlet: `url` is "" where it has no page; without a logo its `mark` (a letter) stands for it."""

    name: str
    domain: str
    url: str
    mark: str
    hue: int  # 0..11, a palette colour that depends on the name only
    logo: PictureView | None = None


class TopicLink(Record, frozen=True):
    """A topic's chip."""

    name: str
    url: str
    hue: int


class CardView(Record, frozen=True):
    """An article in a list."""

    url: str
    title: str
    excerpt: str
    source_url: str
    published: datetime
    updated: datetime | None
    type: str
    provider: Digested[ProviderView]
    topics: tuple[TopicLink, ...]
    picture: PictureView | None
    outlets: tuple[str, ...]  # other outlets that cover the story, each once, best first
    pinned: bool
    language: str
    indexable: bool


class SiteView(Record, frozen=True):
    """What every page knows of the site. Nothing in it changes when an article is added."""

    title: str
    description: str
    language: str
    timezone: str  # in which dates are written
    direction: str  # ltr or rtl
    home: str  # root-relative address of the front page: "/" or "/news-site/"
    base_url: str  # absolute, ends with /
    nav: tuple[Link, ...]
    pages: tuple[Link, ...]  # static pages, for the footer
    feeds: tuple[FeedLink, ...]
    logo: PictureView | None
    options: dict[str, str | int | float | bool]
    archive: str  # "" where the family is off, as the next two
    topics: str
    providers: str


class PageView(Record, frozen=True):
    """What the `<head>` of any page needs."""

    url: str  # root-relative
    canonical: str  # absolute
    title: str  # of the page, without the site's
    description: str
    noindex: bool = False
    feeds: tuple[FeedLink, ...] = ()
    og_type: str = "website"
    og_image: str = ""  # absolute
    og_width: int = 0  # of it, in px
    og_height: int = 0
    json_ld: str = ""  # safe to stand inside <script type="application/ld+json">


# -- pages -------------------------------------------------------------------------------------------------------------

Cards = tuple["Digested[CardView]", ...]


class View(Record, frozen=True, kw_only=True):
    """The root of all views: every template is given `site` and `page`."""

    template: str
    site: Digested[SiteView]
    page: PageView


class Block(Record, frozen=True):
    """A main topic on the front page."""

    topic: TopicLink
    cards: Cards


class FrontView(View, frozen=True, kw_only=True):
    """`front.html`"""

    template: str = "front.html"
    lead: Digested[CardView] | None
    top: Cards  # the next stories by rank
    blocks: tuple[Block, ...]
    newest: Cards


class ListView(View, frozen=True, kw_only=True):
    """`list.html`: a section, topic or provider, or one numbered page of its archive."""

    template: str = "list.html"
    kind: str  # section, topic or provider
    heading: str
    intro: str
    provider: Digested[ProviderView] | None = None
    trail: tuple[Link, ...] = ()  # ancestors of a topic
    children: tuple[TopicLink, ...] = ()
    cards: Cards
    appearances: tuple[CoverageLink, ...] = ()  # of a provider: its coverage of others' stories, newest first
    number: int | None = None  # of an archive page; None on the list's own address
    newer: Link | None = None
    older: Link | None = None


class CoverageLink(Record, frozen=True):
    """A story that an outlet covered: the story's page on our site."""

    title: str
    url: str
    published: datetime


class ReportView(Record, frozen=True):
    """One report of a story by another outlet; `url` is the outlet's, `page` ours where we have one."""

    title: str
    excerpt: str
    url: str
    page: str
    published: datetime | None
    type: str


class OutletView(Record, frozen=True):
    """All reports of one outlet, the weightiest first."""

    provider: Digested[ProviderView]
    reports: tuple[ReportView, ...]


class TimelineEntry(Record, frozen=True):
    """A report in the order of time; the story's lead is among them."""

    published: datetime
    provider: str
    title: str
    url: str
    lead: bool


class ArticleView(View, frozen=True, kw_only=True):
    """`article.html`. `commentary` is sanitised HTML; everything else is text."""

    template: str = "article.html"
    card: Digested[CardView]
    section: Link
    picture: PictureView | None
    commentary: str
    embed: Embed | None
    embed_link: str  # where the video plays, for those who do not load it here
    coverage: tuple[OutletView, ...]
    report_count: int
    timeline: tuple[TimelineEntry, ...]
    newer: Link | None
    older: Link | None
    extra: dict[str, object]


class TopicNode(Record, frozen=True):
    """A topic in the tree, with the number of its articles (sub-topics' included, each once)."""

    topic: TopicLink
    description: str
    count: int
    children: tuple[TopicNode, ...]


class TopicsView(View, frozen=True, kw_only=True):
    """`topics.html`"""

    template: str = "topics.html"
    topics: tuple[TopicNode, ...]


class ProviderRow(Record, frozen=True):
    """An outlet in the leaderboard: how often it leads a story, how often it is present."""

    provider: Digested[ProviderView]
    leads: int
    present: int


class ProvidersView(View, frozen=True, kw_only=True):
    """`providers.html`: most leading first."""

    template: str = "providers.html"
    rows: tuple[ProviderRow, ...]


class Month(Record, frozen=True):
    """A month of the archive."""

    title: str
    url: str
    count: int


class Year(Record, frozen=True):
    """A year of the archive, newest month first."""

    title: str
    months: tuple[Month, ...]


class ArchiveView(View, frozen=True, kw_only=True):
    """`archive.html`: newest year first."""

    template: str = "archive.html"
    years: tuple[Year, ...]


class Day(Record, frozen=True):
    """A day of a month with its articles, newest first; `url` is "" where the day has no page of its own."""

    date: datetime
    url: str
    count: int
    cards: Cards


class MonthView(View, frozen=True, kw_only=True):
    """`month.html`: a month by days, or one day of a month that is split."""

    template: str = "month.html"
    heading: str
    days: tuple[Day, ...]
    newer: Link | None
    older: Link | None


class StaticView(View, frozen=True, kw_only=True):
    """`page.html`: a page of the site's own, its body sanitised HTML."""

    template: str = "page.html"
    heading: str
    body: str


class MissingView(View, frozen=True, kw_only=True):
    """`404.html`"""

    template: str = "404.html"


class StubView(View, frozen=True, kw_only=True):
    """`stub.html`: an earlier address that leads to `target`."""

    template: str = "stub.html"
    target: Link
