"""What each template is given: one record of plain fields per kind of page."""

from __future__ import annotations

from datetime import datetime

from generator.base.record import Record
from generator.base.records import Embed
from generator.theme.parts import (
    CardView,
    Chart,
    Digested,
    Link,
    PageView,
    PictureView,
    ProviderView,
    SiteView,
    TopicLink,
)

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
    topic: TopicLink | None = None
    trail: tuple[Link, ...] = ()  # ancestors of a topic
    children: tuple[TopicLink, ...] = ()
    cards: Cards
    appearances: tuple[CoverageLink, ...] = ()  # of a provider: its coverage of others' stories, newest first
    chart: Chart | None = None  # of a topic or provider, on its own address
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
    opens_day: bool  # whether it is the first of its day, as the site's zone has it


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
    within: Link  # its main topic, or its section: the list in which the next three stand
    newer: Link | None
    older: Link | None
    further: tuple[Link, ...]  # what is older still
    archived: str  # an archive's copy of a source that is dead, or ""
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


class Followed(Record, frozen=True):
    """What can be followed: a page, and the addresses of its feeds."""

    page: Link
    rss: str
    atom: str
    json: str


class FollowGroup(Record, frozen=True):
    """What can be followed of one kind."""

    kind: str  # site, section, topic or provider
    rows: tuple[Followed, ...]


class FollowView(View, frozen=True, kw_only=True):
    """`follow.html`: all feeds; `opml` is the address of a list of them for feed readers."""

    template: str = "follow.html"
    opml: str
    groups: tuple[FollowGroup, ...]


class RankRow(Record, frozen=True):
    """A story of the front page, and why it stands there: its points are those of its heat less those of its age."""

    story: Link
    published: datetime
    heat: int
    pinned: bool
    gained: float
    lost: float
    points: float


class RankingView(View, frozen=True, kw_only=True):
    """`ranking.html`: how the front page is ordered, with its first stories as the example."""

    template: str = "ranking.html"
    half_life: float  # hours
    rows: tuple[RankRow, ...]


class TrendRow(Record, frozen=True):
    """A topic that is in the news more, or less, than it was."""

    topic: TopicLink
    now: int  # articles in the last span
    before: float  # on average in each of those before
    heights: tuple[int, ...]  # of the bars, of a hundred, one for each span, the oldest first


class TrendsView(View, frozen=True, kw_only=True):
    """`trends.html`: topics by how much they rise and fall, the steepest first."""

    template: str = "trends.html"
    until: datetime | None  # the day of the newest article
    days: int  # of a span
    rising: tuple[TrendRow, ...]
    falling: tuple[TrendRow, ...]


class StaticView(View, frozen=True, kw_only=True):
    """`page.html`: a page of the site's own, its body sanitised HTML."""

    template: str = "page.html"
    heading: str
    body: str


class SearchView(View, frozen=True, kw_only=True):
    """`search.html`: the page that asks the index, which scripts do; `index` is the address of its folder."""

    template: str = "search.html"
    index: str


class MissingView(View, frozen=True, kw_only=True):
    """`404.html`"""

    template: str = "404.html"


class StubView(View, frozen=True, kw_only=True):
    """`stub.html`: an earlier address that leads to `target`."""

    template: str = "stub.html"
    target: Link
