"""Views of the pages that list: the front page, lists and their archive, topics, outlets, months."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple, cast

import msgspec

from generator.base.records import Card
from generator.library.shelves import Shelf
from generator.pages.blocks import blocks
from generator.pages.charts import chart
from generator.pages.edition import Edition
from generator.pages.press import Press, render_view
from generator.pages.social import Preview, site_preview, topic_preview
from generator.pages.structured import PageLd, collection_ld, site_ld
from generator.theme.parts import Chart, Link, PageView
from generator.theme.views import (
    ArchiveView,
    CoverageLink,
    Day,
    FrontView,
    ListView,
    Month,
    MonthView,
    ProviderRow,
    ProvidersView,
    TopicNode,
    TopicsView,
    View,
    Year,
)

TOP = 9  # stories below the lead
NEWEST = 20
APPEARANCES = 20  # of an outlet in others' stories, on its page


def page_view(
    edition: Edition,
    address: str,
    title: str,
    description: str = "",
    *,
    noindex: bool = False,
    preview: Preview | None = None,
) -> PageView:
    """Return what the head of a page at a site path needs; without preview and description it has the site's."""
    if not description and not noindex:
        description = edition.settings.description or " · ".join(dict.fromkeys((title, edition.settings.title)))
    shown = Preview() if noindex else preview or site_preview(edition)
    return PageView(
        url=edition.url(address),
        canonical=edition.absolute(address),
        title=title,
        description=description,
        noindex=noindex,
        og_image=edition.outside(shown.url),
        og_width=shown.width,
        og_height=shown.height,
    )


# -- the front page ----------------------------------------------------------------------------------------------------


def front_view(press: Press, _: object) -> FrontView:
    """Return the front page: by rank, by topic, by date."""
    edition, library = press.edition, press.edition.library
    top = library.ranked[: TOP + 1]
    return FrontView(
        site=edition.site,
        page=page_view(edition, "", edition.settings.title, edition.settings.description),
        lead=edition.card(top[0]) if top else None,
        top=edition.cards(top[1:]),
        blocks=blocks(edition, {card.path for card in top}),
        newest=edition.cards(library.shown[:NEWEST]),
    )


def render_front(press: Press, view: object) -> tuple[bytes]:
    """Render the front page with its structured data."""
    return render_view(press, _with_json_ld(cast(FrontView, view), site_ld(press.edition.site_ld)))


# -- lists -------------------------------------------------------------------------------------------------------------


class ListPage(NamedTuple):
    """A list's own address (`number` is None) or one of its archive pages."""

    shelf: Shelf
    number: int | None = None


def list_view(press: Press, argument: object) -> ListView:
    """Return a list, or one numbered page of its archive."""
    shelf, number = ListPage(*cast(tuple[Shelf, int | None], argument))
    edition = press.edition
    heading, intro = shelf_title(edition, shelf)
    own = number is None
    address = shelf.address if number is None else shelf.page_address(number)
    title = heading if number is None else _numbered(edition, heading, number)
    noindex = not shelf.cards if number is None else not shelf.is_full(number)
    topic = edition.library.topics.by_slug[shelf.id] if shelf.kind == "topic" else None
    preview = topic_preview(edition, topic) if topic else None
    page = page_view(edition, address, title, intro, noindex=noindex, preview=preview)
    if has_feeds(edition, shelf):
        page = msgspec.structs.replace(page, feeds=edition.feeds(shelf.address, heading))
    newer, older = _neighbours(edition, shelf, number)
    provider = edition.library.providers[shelf.id] if shelf.kind == "provider" else None
    by_slug = edition.library.topics.by_slug
    return ListView(
        site=edition.site,
        page=page,
        kind=shelf.kind,
        heading=heading,
        intro=intro,
        provider=edition.provider(provider.domain, provider.name) if provider else None,
        topic=edition.topic(topic) if topic else None,
        trail=_trail(edition, shelf) if topic else (),
        children=tuple(edition.topic(by_slug[child]) for child in topic.children) if topic and own else (),
        cards=edition.cards(shelf.newest() if number is None else shelf.page(number)),
        appearances=_appearances(edition, provider.covered) if provider and own else (),
        chart=_chart(edition, shelf) if own else None,
        number=number,
        newer=newer,
        older=older,
    )


def render_list(press: Press, view: object) -> tuple[bytes]:
    """Render a list with its structured data."""
    page = cast(ListView, view)
    items = [(card.record.title, press.edition.outside(card.record.url)) for card in page.cards]
    ld = collection_ld(press.edition.site_ld, PageLd(page.page.canonical, page.heading, page.intro), items)
    return render_view(press, _with_json_ld(page, ld))


def shelf_title(edition: Edition, shelf: Shelf) -> tuple[str, str]:
    """Return a list's heading and introduction."""
    if shelf.kind == "topic":
        topic = edition.library.topics.by_slug[shelf.id]
        return topic.name, topic.data.description if topic.data else ""
    if shelf.kind == "provider":
        provider = edition.library.providers[shelf.id]
        return provider.name, provider.description
    return edition.section(shelf.id).title, ""


def _numbered(edition: Edition, heading: str, number: int) -> str:
    return edition.words.gettext("%(heading)s, page %(number)s") % {"heading": heading, "number": number}


def has_feeds(edition: Edition, shelf: Shelf) -> bool:
    """Tell whether a list has feeds: sections and topics have, outlets with enough articles of their own."""
    outputs = edition.settings.outputs
    if shelf.kind == "section":
        return outputs.feeds
    if shelf.kind == "topic":
        return outputs.topic_feeds
    return outputs.provider_feeds and len(shelf.cards) >= 3


def _neighbours(edition: Edition, shelf: Shelf, number: int | None) -> tuple[Link | None, Link | None]:
    """Return the links to the newer and the older page: by number, so a full page stays as it is."""

    def link(page: int) -> Link:
        title = edition.words.gettext("Page %(number)s") % {"number": edition.calendar.number(page)}
        return Link(title, edition.url(shelf.page_address(page)))

    if number is None:
        # The newest page may be partial; then what follows the twenty shown here is on the one before it.
        return None, link(shelf.pages - 1) if shelf.pages > 1 else None
    newer = link(number + 1) if number < shelf.pages else None
    return newer, link(number - 1) if number > 1 else None


def _trail(edition: Edition, shelf: Shelf) -> tuple[Link, ...]:
    by_slug, links = edition.library.topics.by_slug, []
    slug = by_slug[shelf.id].parent
    while slug:
        links.append(Link(by_slug[slug].name, edition.url(f"topics/{slug}/")))
        slug = by_slug[slug].parent
    return tuple(reversed(links))


def _chart(edition: Edition, shelf: Shelf) -> Chart | None:
    if shelf.kind == "section":
        return None
    covered = edition.library.providers[shelf.id].covered if shelf.kind == "provider" else ()
    return chart(edition, shelf.cards, covered)


def _appearances(edition: Edition, covered: tuple[Card, ...]) -> tuple[CoverageLink, ...]:
    return tuple(
        CoverageLink(card.title, edition.url(edition.article_address(card)), card.published)
        for card in covered[:APPEARANCES]
    )


# -- topics and outlets ------------------------------------------------------------------------------------------------


def topics_view(press: Press, _: object) -> TopicsView:
    """Return the topic tree."""
    edition, by_slug = press.edition, press.edition.library.topics.by_slug

    def node(slug: str) -> TopicNode:
        topic = by_slug[slug]
        description = topic.data.description if topic.data else ""
        return TopicNode(edition.topic(topic), description, len(topic.cards), tuple(map(node, topic.children)))

    tops = [slug for slug, topic in by_slug.items() if not topic.parent]
    page = page_view(edition, "topics/", edition.words.gettext("Topics"))
    return TopicsView(site=edition.site, page=page, topics=tuple(node(slug) for slug in tops))


def providers_view(press: Press, _: object) -> ProvidersView:
    """Return the leaderboard of outlets."""
    edition = press.edition
    rows = tuple(
        ProviderRow(edition.provider(provider.domain, provider.name), provider.leads, provider.present)
        for provider in edition.library.providers.values()
    )
    page = page_view(edition, "providers/", edition.words.gettext("Outlets"))
    return ProvidersView(site=edition.site, page=page, rows=rows)


# -- the archive -------------------------------------------------------------------------------------------------------


def month_address(stamp: str) -> str:
    """Return the site path of a month ("2024-02") or of a day ("2024-02-20")."""
    return f"archive/{stamp.replace('-', '/')}/"


def archive_view(press: Press, _: object) -> ArchiveView:
    """Return all months, by years."""
    edition, months = press.edition, press.edition.library.months
    years: dict[str, list[Month]] = defaultdict(list)
    for name, days in months.days.items():
        count = sum(map(len, days.values()))
        title = edition.calendar.month(months.date(name))
        years[name[:4]].append(Month(title, edition.url(month_address(name)), count))
    return ArchiveView(
        site=edition.site,
        page=page_view(edition, "archive/", edition.words.gettext("Archive")),
        years=tuple(Year(year, tuple(rows)) for year, rows in years.items()),
    )


def month_view(press: Press, argument: object) -> MonthView:
    """Return a month by days, or one day of a month that is split into pages of days."""
    stamp = cast(str, argument)
    edition, months = press.edition, press.edition.library.months
    month, is_day = stamp[:7], len(stamp) > 7
    split = months.is_split(month)
    days = {stamp: months.days[month][stamp]} if is_day else months.days[month]
    heading = _stamp_title(edition, stamp)
    siblings = tuple(months.days[month]) if is_day else months.names
    at = siblings.index(stamp)
    return MonthView(
        site=edition.site,
        page=page_view(edition, month_address(stamp), heading),
        heading=heading,
        days=tuple(
            Day(
                date=months.date(day),
                url=edition.url(month_address(day)) if split and not is_day else "",
                count=len(cards),
                cards=() if split and not is_day else edition.cards(cards),
            )
            for day, cards in days.items()
        ),
        newer=_month_link(edition, siblings[at - 1]) if at > 0 else None,
        older=_month_link(edition, siblings[at + 1]) if at + 1 < len(siblings) else None,
    )


def _month_link(edition: Edition, stamp: str) -> Link:
    return Link(_stamp_title(edition, stamp), edition.url(month_address(stamp)))


def _stamp_title(edition: Edition, stamp: str) -> str:
    date = edition.library.months.date(stamp)
    return edition.calendar.date(date) if len(stamp) > len("2024-02") else edition.calendar.month(date)


def _with_json_ld(view: View, text: str) -> View:
    return msgspec.structs.replace(view, page=msgspec.structs.replace(view.page, json_ld=text))
