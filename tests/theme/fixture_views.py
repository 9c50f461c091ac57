"""One example view of every kind, with hostile and long text, and a folder of pages to look at."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from generator.base.records import Embed
from generator.theme import parts, views
from generator.theme.load import asset_outputs, check_options, load_theme
from generator.theme.render import Renderer

THEME = Path(__file__).parents[2] / "themes" / "default"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'single' {{ 7 * 7 }} {% raw %}"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_TITLE = (
    "Regulators on three continents open parallel inquiries into the cloud market after an outage that left hospitals, "
    "airports and two stock exchanges without their booking systems for most of a working day in November"
)
EXCERPT = (
    "Ministers agreed overnight on a common text after eleven hours of talks. The accord sets a binding limit for the "
    "first time, though several delegations said that the hard part begins now: it has to be put into national law."
)
TITLES = (
    "Ministers agree on a common text after eleven hours of talks",
    "A small Swiss railway shows how to electrify a mountain line",
    LONG_TITLE,
    "Chipmaker to build its next plant in Saxony",
    "Why the price of olive oil is falling at last",
    "The archive that nobody wanted is now worth a fortune",
    LONG_WORD,
    HOSTILE,
    "Orchestra elects its first conductor from within",
    "What we know about the outage",
)
NAMES = (
    ("The Harbour Times", "harbour.example"),
    ("Le Courrier du Lac", "courrier.example"),
    ("Wirtschaft am Morgen", "wirtschaft.example"),
    ("<b>Bold & Sons</b>", "bold.example"),
    ("صحيفة المدينة", "madina.example"),
    ("Signal", ""),
)
TOPICS = ("World", "Economy", "Science", "Culture & <i>Ideas</i>", "東京", "Artificial intelligence")


def outlet(number: int) -> parts.Digested[parts.ProviderView]:
    """Return an outlet without a logo; every sixth has no page of its own."""
    name, domain = NAMES[number % len(NAMES)]
    url = f"/providers/{domain}/" if domain else ""
    return parts.Digested(parts.ProviderView(name, domain, url, name.lstrip("<")[0].upper(), number * 5 % 12))


def topic(number: int) -> parts.TopicLink:
    """Return a topic's chip."""
    return parts.TopicLink(TOPICS[number % len(TOPICS)], f"/topics/t{number % len(TOPICS)}/", number * 2 % 12)


def picture(number: int = 0) -> parts.PictureView:
    """Return a picture of which we have no file."""
    return parts.PictureView({}, 1600, 1067, alt="A harbour at dawn", attribution=f"{HOSTILE} / Agency {number}")


def measured(alt: str = "A harbour at dawn") -> parts.PictureView:
    """Return a picture of which we have files in two roles."""
    roles = {
        role: parts.Sized(
            url=f"/images/p-{width}.jpg",
            width=width,
            height=height,
            srcset=f"/images/p-{width // 2}.jpg {width // 2}w, /images/p-{width}.jpg {width}w",
            sources=(parts.Source("image/webp", f"/images/p-{width}.webp {width}w"),),
            sizes="(min-width: 64rem) 48rem, 100vw",
        )
        for role, width, height in (("hero", 1600, 900), ("card", 640, 360))
    }
    return parts.PictureView(roles, 1600, 900, alt=alt, attribution="An Agency")


def card(number: int) -> parts.Digested[parts.CardView]:
    """Return a card; in turn they lack picture, excerpt, topics and coverage."""
    return parts.Digested(
        parts.CardView(
            url=f"/news/2026-11-20-story-{number}/",
            title=TITLES[number % len(TITLES)],
            excerpt="" if number % 5 == 3 else HOSTILE + EXCERPT if number % 7 == 6 else EXCERPT,
            source_url=f"https://harbour.example/{number}?a=1&b=2",
            published=NOON - timedelta(hours=7 * number),
            updated=NOON - timedelta(hours=7 * number - 2) if number % 3 == 0 else None,
            type="video" if number % 6 == 4 else "article",
            provider=outlet(number),
            topics=tuple(topic(number + n) for n in range(number % 4)),
            picture=None if number % 4 == 2 else picture(number),
            outlets=tuple(outlet(number + n).name for n in range(1, 1 + number % 6)),
            pinned=number == 0,
            language="ar" if number % 11 == 5 else "en",
            direction="rtl" if number % 11 == 5 else "auto",
            indexable=True,
        )
    )


def site(language: str = "en", direction: str = "ltr", **options: str | bool) -> parts.Digested[parts.SiteView]:
    """Return a site with everything on."""
    return parts.Digested(
        parts.SiteView(
            title="The Daily Broadsheet",
            description="What matters, from those who were there, chosen by people",
            language=language,
            timezone="UTC",
            direction=direction,
            home="/",
            base_url="https://news.example/",
            nav=tuple(parts.Link(name, f"/{name.lower()}/") for name in ("News", "Opinion", "Features")),
            pages=(parts.Link("About", "/about/"), parts.Link("Privacy & <terms>", "/privacy/")),
            feeds=(
                parts.FeedLink("RSS", "/feed.xml", "application/rss+xml"),
                parts.FeedLink("JSON Feed", "/feed.json", "application/feed+json"),
            ),
            logo=None,
            options=check_options(load_theme(THEME), {}) | options,
            search="/search/",
            follow="/follow/",
            ranking="/ranking/",
            trends="/trends/",
            archive="/archive/",
            topics="/topics/",
            providers="/providers/",
        )
    )


def head(title: str, url: str, **more: object) -> parts.PageView:
    """Return what the head of a page needs."""
    fields = {"description": HOSTILE, "json_ld": '{"@context":"https://schema.org","name":"\\u003c/script\\u003e"}'}
    return parts.PageView(url=url, canonical=f"https://news.example{url}", title=title, **(fields | more))  # type: ignore[arg-type]


def report(number: int) -> views.ReportView:
    """Return another outlet's report."""
    return views.ReportView(
        title=TITLES[number % len(TITLES)],
        excerpt=EXCERPT,
        url=f"https://courrier.example/{number}" if number % 9 else "",
        page="/news/2026-11-19-own/" if number % 8 == 1 else "",
        published=NOON + timedelta(minutes=13 * number) if number % 5 else None,
        type="article",
    )


def article(number: int = 0, *, reports: int = 7, **more: object) -> views.ArticleView:
    """Return an article's page with `reports` reports of it."""
    outlets = tuple(
        views.OutletView(outlet(n), tuple(report(n + k) for k in range(1 + n % 3))) for n in range(1, reports // 2 + 1)
    )
    timeline = tuple(
        views.TimelineEntry(
            NOON + timedelta(minutes=47 * n),
            outlet(n).name,
            TITLES[n % len(TITLES)],
            f"https://x.example/{n}",
            lead=n == 2,
            opens_day=n % 25 == 0,
        )
        for n in range(reports)
    )
    shown = card(number)
    fields: dict[str, object] = {
        "card": shown,
        "section": parts.Link("News", "/news/"),
        "picture": shown.record.picture,
        "commentary": "<p>The text is shorter than we thought, and <em>clearer</em>. Read the third article first: "
        '<a href="/news/x/">it decides the rest</a>.</p><ul><li>What is new</li><li>What is not</li></ul>'
        f"<blockquote><p>A quotation.</p></blockquote><pre><code>{LONG_WORD * 3}</code></pre>"
        "<table><thead><tr><th>Year</th><th>Share</th></tr></thead><tbody><tr><td>2025</td><td>12 %</td></tr></tbody>"
        "</table>",
        "embed": None,
        "embed_link": "",
        "coverage": outlets,
        "report_count": sum(len(one.reports) for one in outlets),
        "timeline": timeline,
        "within": parts.Link("Economy", "/topics/t1/"),
        "newer": parts.Link(LONG_TITLE, "/news/newer/"),
        "older": parts.Link("An older story", "/news/older/"),
        "further": (parts.Link(LONG_WORD, "/news/oldest/"),),
        "archived": "https://web.archive.org/web/20260301120000/https://outlet.example/dead",
        "extra": {},
    }
    return views.ArticleView(site=site(), page=head(shown.record.title, shown.record.url), **(fields | more))  # type: ignore[arg-type]


def _plain(number: int) -> views.ArticleView:
    return article(number, reports=0, commentary="", picture=None, newer=None, older=None, further=())


def chart(covered: int = 0) -> parts.Chart:
    """Return a chart with an empty month, and a story more than a hundred."""
    bars = [parts.Bar(n, f"Month {n}", n * 20, covered * n, n * 20, n * (20 + covered)) for n in range(5)]
    return parts.Chart(80 + 4 * covered, tuple(bars))


def listing(kind: str, **more: object) -> views.ListView:
    """Return a list's page."""
    fields: dict[str, object] = {"heading": "Economy", "intro": EXCERPT, "cards": tuple(map(card, range(20)))}
    feeds = (parts.FeedLink("Economy: RSS", "/topics/t1/feed.xml", "application/rss+xml"),)
    return views.ListView(site=site(), page=head("Economy", "/topics/t1/", feeds=feeds), kind=kind, **(fields | more))  # type: ignore[arg-type]


def front(**more: str) -> views.FrontView:
    """Return a full front page; `more` is the site's language and direction."""
    return views.FrontView(
        site=site(**more),
        page=head("The Daily Broadsheet", "/"),
        lead=card(0),
        top=tuple(map(card, range(1, 7))),
        blocks=tuple(views.Block(topic(n), tuple(map(card, range(9 * n + 7, 9 * n + 12)))) for n in range(3)),
        newest=tuple(map(card, range(20))),
    )


def tree(depth: int = 3, number: int = 0) -> tuple[views.TopicNode, ...]:
    """Return a tree of topics."""
    return tuple(
        views.TopicNode(topic(number + n), EXCERPT if n == 1 else "", 1234 * n, tree(depth - 1, n) if depth else ())
        for n in range(4 if depth == 3 else 2)
    )


def followed(title: str) -> views.Followed:
    """Return a page with feeds."""
    return views.Followed(parts.Link(title, "/x/"), "/x/feed.xml", "/x/atom.xml", "/x/feed.json")


def trends(now: int, before: int) -> tuple[views.TrendRow, ...]:
    """Return topics that were in the news more or less often."""
    heights = (0, 20, 40, 60, 80, 100, 3, 50)
    return tuple(views.TrendRow(topic(number), now, before + number / 10, heights) for number in range(6))


def examples() -> dict[str, views.View]:
    """Return an example of every kind of view, and some of the odd ones, by name."""
    days = tuple(
        views.Day(NOON - timedelta(days=n), "" if n else "/archive/2026/11/20/", 40, tuple(map(card, range(n * 5))))
        for n in range(3)
    )
    months = tuple(views.Month(f"Month {n}", f"/archive/2026/{n:02}/", 1000 * n) for n in range(12, 0, -1))
    empty = {"blocks": (), "top": (), "newest": ()}
    embed = Embed("youtube", "dQw4w9WgXcQ")
    watch = {"embed": embed, "embed_link": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}
    return {
        "front": front(),
        "front-rtl": front(language="ar", direction="rtl"),
        "front-empty": views.FrontView(site=site(), page=head("", "/"), lead=None, **empty),
        "front-one": views.FrontView(site=site(), page=head("", "/"), lead=card(2), **(empty | {"newest": (card(2),)})),
        "article": article(),
        "article-many": article(1, reports=180),
        "article-plain": _plain(2),
        "article-word": _plain(6),
        "article-hostile": article(7),
        "article-arabic": article(5),
        "article-video": article(4, **watch),
        "topic": listing(
            "topic",
            topic=topic(1),
            trail=(parts.Link("World", "/topics/t0/"),),
            chart=chart(),
            children=tuple(map(topic, range(6))),
            older=parts.Link("Page 12", "/topics/t1/page/12/"),
        ),
        "section-page": listing(
            "section",
            number=3,
            newer=parts.Link("Page 4", "/news/page/4/"),
            older=parts.Link("Page 2", "/news/page/2/"),
        ),
        "provider": listing(
            "provider",
            heading=NAMES[0][0],
            provider=outlet(0),
            appearances=tuple(views.CoverageLink(title, "/news/x/", NOON) for title in TITLES),
            chart=chart(covered=5),
        ),
        "provider-empty": listing("provider", heading=LONG_WORD, provider=outlet(1), cards=(), intro=""),
        "topics": views.TopicsView(site=site(), page=head("Topics", "/topics/"), topics=tree()),
        "providers": views.ProvidersView(
            site=site(),
            page=head("Outlets", "/providers/"),
            rows=tuple(views.ProviderRow(outlet(n), 1300 - n * 90, 4000 - n * 70) for n in range(14)),
        ),
        "archive": views.ArchiveView(
            site=site(),
            page=head("Archive", "/archive/"),
            years=(views.Year("2026", months), views.Year("2025", months[:5])),
        ),
        "month": views.MonthView(
            site=site(),
            page=head("November 2026", "/archive/2026/11/"),
            heading="November 2026",
            days=days,
            newer=None,
            older=parts.Link("October 2026", "/archive/2026/10/"),
        ),
        "page": views.StaticView(
            site=site(),
            page=head("About", "/about/"),
            heading="About",
            body=f"<p>{EXCERPT}</p><h2>How we choose</h2><p>{EXCERPT}</p><hr><p><code>{LONG_WORD}</code></p>",
        ),
        "follow": views.FollowView(
            site=site(),
            page=head("Follow", "/follow/"),
            opml="/opml.xml",
            groups=tuple(
                views.FollowGroup(kind, tuple(followed(f"{title} {kind}") for title in TITLES))
                for kind in ("site", "section", "topic", "provider")
            ),
        ),
        "ranking": views.RankingView(
            site=site(),
            page=head("How we rank", "/ranking/"),
            half_life=24.0,
            rows=tuple(
                views.RankRow(parts.Link(title, "/news/x/"), NOON, 500, at == 0, 9.0, at / 10, 9 - at / 10)
                for at, title in enumerate(TITLES)
            ),
        ),
        "trends": views.TrendsView(
            site=site(), page=head("Trends", "/trends/"), until=NOON, days=7, rising=trends(9, 1), falling=trends(0, 5)
        ),
        "trends-none": views.TrendsView(
            site=site(), page=head("Trends", "/trends/"), until=None, days=91, rising=(), falling=()
        ),
        "search": views.SearchView(
            site=site(), page=head("Search", "/search/", noindex=True), index="/search/pagefind/"
        ),
        "404": views.MissingView(site=site(), page=head("Not found", "/404.html", noindex=True)),
        "stub": views.StubView(
            site=site(), page=head("Moved", "/old/", noindex=True), target=parts.Link("New place", "/news/new/")
        ),
    }


def write_examples(folder: Path, theme: Path = THEME) -> list[Path]:
    """Render every example into `folder`, with the theme's assets beside them."""
    loaded = load_theme(theme)
    renderer = Renderer(loaded)
    files = {f"{name}.html": renderer.render(view) for name, view in examples().items()}
    for name, body in (files | dict(asset_outputs(loaded).values())).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return [folder / name for name in files]


if __name__ == "__main__":
    print(*write_examples(Path(sys.argv[1])), sep="\n")
