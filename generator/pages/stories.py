"""Views of the pages that stand alone: an article with its coverage, a static page, 404, a stub."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple, cast

import msgspec

from generator.base.record import Record
from generator.base.records import Article, Card, Embed, LinkHole, PageData, Report
from generator.library.links import VIDEO_PAGES
from generator.library.relate import body_pictures
from generator.pages.chains import Member
from generator.pages.edition import Edition
from generator.pages.heads import page_view
from generator.pages.neighbours import Neighbours, neighbours
from generator.pages.press import ARTICLES, Press, Story, fill_body, render_view, resolve, story
from generator.pages.social import Preview, picture_preview, story_preview
from generator.pages.structured import PageLd, StoryLd, article_ld
from generator.theme.parts import Digested, Link, PageView, PictureView, ProviderView, SiteView
from generator.theme.views import ArticleView, MissingView, OutletView, ReportView, StaticView, StubView, TimelineEntry

CITED = 10  # reports that a page's structured data names, of all that the page lists
DESCRIPTION = 200  # characters of an excerpt that a page's description takes


# -- articles ----------------------------------------------------------------------------------------------------------


class ArticleInputs(Record, frozen=True):
    """All that an article's page depends on. The article itself is a digest here: only the worker loads it."""

    site: Digested[SiteView]
    story: Digested[Story]
    section: Link
    outlets: tuple[Digested[ProviderView], ...]  # of the reports, in their order
    report_pages: tuple[str, ...]  # of the reports, in their order: our page about each, or ""
    beside: Neighbours
    has_document: bool  # in the JSON API
    archived: str  # a copy of a source that is dead, or ""
    drawn: Preview  # the card that stands for a picture that it does not have


def article_inputs(press: Press, argument: object) -> ArticleInputs:
    """Return the inputs of an article's page; `argument` is its place among the shown."""
    edition, at = press.edition, cast(int, argument)
    card = edition.library.shown[at]
    return ArticleInputs(
        site=edition.site,
        story=story(press, card),
        section=edition.section(card.section),
        outlets=edition.outlets(card.mentions) if card.mentions else (),
        report_pages=_report_pages(edition, card) if card.mentions else (),
        beside=neighbours(edition, card),
        has_document=has_document(edition, card),
        archived=edition.archived_copy(card),
        drawn=story_preview(edition, card),
    )


def _report_pages(edition: Edition, card: Card) -> tuple[str, ...]:
    """Return our page about each report of an article, "" where there is none or it is the article itself."""
    pages = edition.library.pages_of_keys
    ours = [pages.get(mention.key) for mention in card.mentions]
    return tuple([edition.url(edition.article_address(page)) if page and page is not card else "" for page in ours])


def has_document(edition: Edition, card: Card) -> bool:
    """Tell whether an article has a document of its own in the JSON API: those of the section `news` have."""
    return edition.settings.outputs.api and card.section == "news"


def render_article(press: Press, given: object) -> tuple[bytes, ...]:
    """Load the article and render its page; beside it stands its document, as it was encoded when it was read."""
    inputs = cast(ArticleInputs, given)
    given_story = inputs.story.record
    filed = press.file(given_story.path)
    article = ARTICLES.decode(filed.article)
    page = _article_page(press, inputs, article)
    reports = tuple(zip(article.reports, inputs.outlets, inputs.report_pages, strict=True))
    newer, older = inputs.beside.newer, [_link(press, member) for member in inputs.beside.older]
    rendered = render_view(
        press,
        ArticleView(
            site=inputs.site,
            page=page,
            card=given_story.card,
            section=inputs.section,
            picture=given_story.card.record.picture,
            commentary=fill_body(press, article.body, given_story.links, given_story.pictures),
            embed=article.embed,
            embed_link=embed_link(article, article.embed),
            coverage=_coverage(reports),
            report_count=len(article.reports),
            timeline=_timeline(press, inputs, article),
            within=inputs.beside.within,
            newer=_link(press, newer) if newer else None,
            older=older[0] if older else None,
            further=tuple(older[1:]),
            archived=inputs.archived,
            extra=article.extra,
        ),
    )
    return (*rendered, filed.document) if inputs.has_document else rendered


def _link(press: Press, member: Member) -> Link:
    return Link(member.title, press.edition.url(member.address))


def embed_link(article: Article, embed: Embed | None) -> str:
    """Return where a video plays: the player's page, else the outlet's."""
    if article.type == "video" and article.original_url:
        return article.original_url
    return VIDEO_PAGES[embed.host].format(embed.id) if embed else ""


def _article_page(press: Press, inputs: ArticleInputs, article: Article) -> PageView:
    edition, card = press.edition, inputs.story.record.card.record
    own = picture_preview(card.picture)
    shown = own if own.url else inputs.drawn
    page = PageView(
        url=card.url,
        canonical=edition.outside(card.url),
        title=card.title,
        description=shorten(card.excerpt, DESCRIPTION) or card.title,
        noindex=not card.indexable,
        og_type="article",
        og_image=edition.outside(shown.url),
        og_width=shown.width,
        og_height=shown.height,
    )
    ours = PageLd(page.canonical, article.title, page.description, card.language, edition.outside(own.url))
    return msgspec.structs.replace(page, json_ld=_article_ld(press, ours, article))


def shorten(text: str, length: int) -> str:
    """Return a text's beginning, cut between words, at most `length` characters with its `…`."""
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0].rstrip(" .,;:…") + "…"


def _article_ld(press: Press, page: PageLd, article: Article) -> str:
    own = StoryLd(
        article.title, article.url, article.outlet.name, article.outlet.domain, article.published, article.updated
    )
    coverage = (
        StoryLd(report.title, report.url, report.outlet.name, report.outlet.domain, report.published)
        for report in article.reports[:CITED]
    )
    return article_ld(press.edition.site_ld, page, own, coverage)


Reports = tuple[tuple[Report, Digested[ProviderView], str], ...]


def _coverage(reports: Reports) -> tuple[OutletView, ...]:
    """Return the reports by outlet: the weightiest outlet first, and each outlet's weightiest report first."""
    by_outlet: dict[tuple[str, str], list[tuple[Report, Digested[ProviderView], str]]] = defaultdict(list)
    for row in sorted(reports, key=lambda row: (-row[0].quality, row[0].url)):
        outlet = row[0].outlet
        by_outlet[outlet.domain, "" if outlet.domain else outlet.name].append(row)
    return tuple(
        OutletView(rows[0][1], tuple(_report(report, page) for report, _, page in rows)) for rows in by_outlet.values()
    )


def _report(report: Report, page: str) -> ReportView:
    return ReportView(
        title=report.title,
        excerpt=report.excerpt,
        url=report.url,
        page=page,
        published=report.published,
        type=report.type,
    )


def _timeline(press: Press, inputs: ArticleInputs, article: Article) -> tuple[TimelineEntry, ...]:
    """Return lead and reports in the order of time; those without a date are left to the list by outlet."""
    rows = [(article.published, False, article.url, article.title, inputs.story.record.card.record.provider)]
    rows += [
        (report.published, True, report.url, report.title, outlet)
        for report, outlet in zip(article.reports, inputs.outlets, strict=True)
        if report.published
    ]
    rows.sort(key=lambda row: row[:3])
    days = [press.edition.calendar.iso(row[0])[:10] for row in rows]
    return tuple(
        TimelineEntry(published, outlet.record.name, title, url, lead=not other, opens_day=day != before)
        for (published, other, url, title, outlet), day, before in zip(rows, days, ["", *days], strict=False)
    )


# -- pages of the site's own -------------------------------------------------------------------------------------------


class StaticInputs(NamedTuple):
    """A static page, and where its links lead."""

    site: Digested[SiteView]
    page: PageView
    data: PageData
    links: tuple[str, ...]
    pictures: tuple[PictureView, ...]


def static_inputs(press: Press, argument: object) -> StaticInputs:
    """Return the inputs of a static page; `argument` is its place among them."""
    edition = press.edition
    data = edition.library.readings.pages[cast(int, argument)]
    address = f"{data.slug}/"
    pictures = (edition.pictures.view(picture, use="body") for picture in body_pictures(data.body))
    return StaticInputs(
        site=edition.site,
        page=page_view(edition, address, data.title, data.description),
        data=data,
        links=tuple(resolve(press, target, address) for target in body_links(data)),
        pictures=tuple(view for view in pictures if view),
    )


def body_links(page: PageData) -> list[str]:
    """Return the addresses inside the site that a page's body links to, in order."""
    return [piece.target for piece in page.body if isinstance(piece, LinkHole)]


def render_static(press: Press, given: object) -> tuple[bytes]:
    """Render a static page."""
    inputs = cast(StaticInputs, given)
    body = fill_body(press, inputs.data.body, inputs.links, inputs.pictures)
    return render_view(press, StaticView(site=inputs.site, page=inputs.page, heading=inputs.data.title, body=body))


def missing_view(press: Press, _: object) -> MissingView:
    """Return the page of an address that is not there."""
    edition = press.edition
    title = edition.words.gettext("Page not found")
    return MissingView(site=edition.site, page=page_view(edition, "404.html", title, noindex=True))


def stub_view(press: Press, argument: object) -> StubView:
    """Return the page of an earlier address; `argument` is (title, site path) of where it leads."""
    edition, (title, target) = press.edition, cast(tuple[str, str], argument)
    page = page_view(edition, target, title, noindex=True)
    return StubView(site=edition.site, page=page, target=Link(title, edition.url(target)))
