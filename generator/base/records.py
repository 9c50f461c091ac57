"""The records that go from room to room: plain, frozen, each with one maker."""

from __future__ import annotations

from datetime import datetime

from generator.base.files import Look
from generator.base.problems import Trail
from generator.base.record import Record

# -- sources: made by content/scan ------------------------------------------------------------------------------------


class SourceFile(Record, frozen=True):
    """A file that we read: `path` relative to the site's folder, `kind` by its place in the content."""

    path: str
    kind: str  # article, topic, provider, page, picture, asset, static
    name: str  # the path inside its kind's folder: `2020-02-20-x.md`, `assets/logo.png`, `CNAME`
    section: str  # of an article: the section that its folder stands for
    stat: Look  # as it was found


# -- what an article file says: made by content/article ----------------------------------------------------------------


class Picture(Record, frozen=True):
    """A picture as a file names it; width and height in px are hints and may be wrong."""

    url: str
    width: int | None = None
    height: int | None = None
    title: str = ""
    attribution: str = ""
    cached: bool | None = None


class Outlet(Record, frozen=True):
    """A provider as an article names it; `domain` is "" where it is no valid host."""

    name: str
    domain: str
    pictures: tuple[Picture, ...] = ()


class Report(Record, frozen=True):
    """Another outlet's report of the same story.

    `key` is its canonical URL, for comparison only; `trail` leads to its address in the file.
    """

    title: str
    excerpt: str
    url: str
    key: str
    published: datetime | None
    outlet: Outlet
    type: str = "article"
    quality: int = 0
    pictures: tuple[Picture, ...] = ()
    trail: Trail = ()


class Embed(Record, frozen=True):
    """A video that we may embed: the only two things taken from `featuredContent`."""

    host: str  # "youtube" or "vimeo"
    id: str


class Html(Record, frozen=True, tag="html"):
    """A piece of a body: sanitised HTML, ready to stand in a page."""

    text: str


class ImageHole(Record, frozen=True, tag="image"):
    """A place in a body where a picture goes."""

    picture: Picture
    alt: str


class LinkHole(Record, frozen=True, tag="link"):
    """An opening `<a …>` whose address is inside the site: a file name or a path to be resolved."""

    target: str
    title: str = ""


Piece = Html | ImageHole | LinkHole


class Article(Record, frozen=True):
    """Everything that an article file says, normalised: plain text, UTC instants, checked URLs.

    `secured` is not here: it is dropped before this record exists.
    """

    path: str  # relative to the site's folder
    name: str  # the file's name
    stem: str
    section: str
    title: str
    excerpt: str
    published: datetime
    url: str  # the source story (`webUrl`, else `originalUrl`), "" where both are missing
    key: str  # its canonical form, for comparison only
    outlet: Outlet
    updated: datetime | None = None
    web_url: str = ""
    original_url: str = ""
    amp_url: str = ""
    cdn_amp_url: str = ""
    type: str = "article"
    quality: int = 0
    heat: int = 0
    draft: bool = False
    removed: bool = False
    topics: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    reports: tuple[Report, ...] = ()  # without the article itself, one per canonical URL
    embed: Embed | None = None
    pin: bool = False
    pin_until: datetime | None = None
    focus: tuple[float, float] | None = None
    redirect_from: tuple[str, ...] = ()
    locale: str = ""
    tags: tuple[str, ...] = ()
    body: tuple[Piece, ...] = ()
    extra: dict[str, object] = {}


class Mention(Record, frozen=True):
    """That an outlet reports a story: what the join needs of a `Report`."""

    key: str
    domain: str
    name: str
    published: datetime | None = None


class Card(Record, frozen=True):
    """An article as others see it; all that the join and the coordinator hold of it."""

    path: str
    name: str
    stem: str
    section: str
    title: str
    excerpt: str
    published: datetime
    url: str
    key: str
    outlet: Outlet
    updated: datetime | None
    type: str
    quality: int
    heat: int
    draft: bool
    removed: bool
    topics: tuple[str, ...]
    picture: Picture | None
    body_pictures: tuple[Picture, ...]  # named by the commentary, in order
    links: tuple[str, ...]  # addresses inside the site that the commentary links to, in order
    mentions: tuple[Mention, ...]  # one per report
    has_body: bool
    has_embed: bool
    pin: bool
    pin_until: datetime | None
    focus: tuple[float, float] | None
    redirect_from: tuple[str, ...]
    locale: str
    face: bytes  # the digest of what lists show of it


# -- where the site leads: made by library/links ----------------------------------------------------------------------


class LinkUse(Record, frozen=True):
    """A link to another site: the address without its fragment, and where a file names it."""

    url: str
    path: str
    trail: Trail


# -- the site's own data: made by content/desk -------------------------------------------------------------------------


class TopicData(Record, frozen=True):
    """A topic's data file."""

    path: str
    name: str
    slug: str
    order: int | None  # the file name's leading number
    id: str = ""  # `_id` as written
    short_name: str = ""
    parent: str = ""
    aliases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    description: str = ""
    redirect_from: tuple[str, ...] = ()
    services: tuple[tuple[str, str], ...] = ()  # (name, endpoint)


class ProviderData(Record, frozen=True):
    """A provider's data file."""

    path: str
    domain: str
    name: str
    description: str = ""
    pictures: tuple[Picture, ...] = ()
    rehost: bool = True


class PageData(Record, frozen=True):
    """A static page (About, Privacy, …)."""

    path: str
    slug: str
    title: str
    body: tuple[Piece, ...]
    description: str = ""
    redirect_from: tuple[str, ...] = ()
