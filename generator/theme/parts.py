"""What views are made of: records that many kinds of page share, each hashed once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from generator.base.digest import digest_record
from generator.base.record import Record

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


class Bar(Record, frozen=True):
    """A month, quarter or year of a chart; heights are of a hundred."""

    place: int  # from 0
    title: str
    count: int  # articles of the list
    covered: int  # of an outlet: others' stories that it covered
    height: int  # of the articles
    whole: int  # of both together


class Chart(Record, frozen=True):
    """How often a topic or an outlet was in the news, in the order of time."""

    highest: int  # of the highest bar, articles and covered stories together
    bars: tuple[Bar, ...]


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
    direction: str  # of its text: ltr or rtl, auto where the language does not say
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
    search: str  # "" where there is none, as the next
    follow: str
    ranking: str
    trends: str
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
    hub: str = ""  # of WebSub, which tells who has subscribed to this page; "" for none
    og_type: str = "website"
    og_image: str = ""  # absolute
    og_width: int = 0  # of it, in px
    og_height: int = 0
    json_ld: str = ""  # safe to stand inside <script type="application/ld+json">
