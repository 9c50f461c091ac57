"""Lists: sections, topics and outlets, each at its own address and in numbered pages that stay as they are."""

from __future__ import annotations

from typing import NamedTuple, cast

import msgspec

from generator.base.record import Record
from generator.base.records import Card
from generator.library.shelves import Shelf, page_address
from generator.pages.charts import Often, chart, often
from generator.pages.edition import Edition
from generator.pages.heads import page_view, with_json_ld
from generator.pages.press import Press, render_view
from generator.pages.social import Preview, site_preview, topic_preview
from generator.pages.structured import PageLd, collection_ld
from generator.theme.parts import CardView, Digested, FeedLink, Link, ProviderView, SiteView, TopicLink
from generator.theme.views import CoverageLink, ListView

APPEARANCES = 20  # of an outlet in others' stories, on its page


class ListPage(NamedTuple):
    """A list's own address (`number` is None) or one of its archive pages."""

    shelf: Shelf
    number: int | None = None


class Sign(Record, frozen=True):
    """What all pages of a list say of it."""

    kind: str
    address: str
    heading: str
    intro: str
    provider: Digested[ProviderView] | None
    topic: TopicLink | None
    trail: tuple[Link, ...]
    feeds: tuple[FeedLink, ...]
    preview: Preview
    numbered: str  # how a numbered page is called, and how a link to one: with %(heading)s and %(number)s in it
    beside: str


class Own(Record, frozen=True):
    """What stands at a list's own address besides its newest articles."""

    children: tuple[TopicLink, ...]
    appearances: tuple[CoverageLink, ...]
    hub: str  # that tells of changes here, where feeds lie beside the page, or ""
    months: tuple[Often, Often] | None  # of its articles, and of those that an outlet covered


class ListInputs(NamedTuple):
    """All that a page of a list depends on; a numbered one knows of the others only whether they are there."""

    site: Digested[SiteView]
    sign: Digested[Sign]
    own: Own | None
    number: int | None
    cards: tuple[Digested[CardView], ...]
    newer: int  # the number of the page beside it, 0 for none
    older: int
    lasting: bool  # it has all that it will ever have


def list_inputs(press: Press, argument: object) -> ListInputs:
    """Return the inputs of a list, or of one numbered page of its archive."""
    shelf, number = ListPage(*cast(tuple[Shelf, int | None], argument))
    edition = press.edition
    site, sign = edition.site, _sign(press, shelf)
    if number is None:
        # The newest page may be partial; then what follows the twenty shown here is on the one before it.
        older = shelf.pages - 1 if shelf.pages > 1 else 0
        own, cards = _own(edition, shelf), edition.cards(shelf.newest())
        return ListInputs(site, sign, own, None, cards, 0, older, bool(shelf.cards))
    newer = number + 1 if number < shelf.pages else 0
    cards = edition.cards(shelf.page(number))
    return ListInputs(site, sign, None, number, cards, newer, number - 1, shelf.is_full(number))


def render_list(press: Press, given: object) -> tuple[bytes]:
    """Render a page of a list with its structured data."""
    inputs, edition = cast(ListInputs, given), press.edition
    sign, own, number = inputs.sign.record, inputs.own, inputs.number
    address, title = sign.address, sign.heading
    if number is not None:
        address = page_address(address, number)
        title = sign.numbered % {"heading": title, "number": number}
    page = page_view(edition, address, title, sign.intro, noindex=not inputs.lasting, preview=sign.preview)
    view = ListView(
        site=inputs.site,
        page=msgspec.structs.replace(page, feeds=sign.feeds, hub=own.hub if own else ""),
        kind=sign.kind,
        heading=sign.heading,
        intro=sign.intro,
        provider=sign.provider,
        topic=sign.topic,
        trail=sign.trail,
        children=own.children if own else (),
        cards=inputs.cards,
        appearances=own.appearances if own else (),
        chart=chart(edition, *own.months) if own and own.months else None,
        number=number,
        newer=_beside(edition, sign, inputs.newer),
        older=_beside(edition, sign, inputs.older),
    )
    items = [(card.record.title, edition.outside(card.record.url)) for card in inputs.cards]
    ld = collection_ld(edition.site_ld, PageLd(page.canonical, sign.heading, sign.intro), items)
    return render_view(press, with_json_ld(view, ld))


def _beside(edition: Edition, sign: Sign, number: int) -> Link | None:
    """Return the link to a page beside: by its number, so a full page stays as it is."""
    if not number:
        return None
    title = sign.beside % {"number": edition.calendar.number(number)}
    return Link(title, edition.url(page_address(sign.address, number)))


def _sign(press: Press, shelf: Shelf) -> Digested[Sign]:
    if shelf.address not in press.signs:
        press.signs[shelf.address] = Digested(_sign_of(press.edition, shelf))
    return press.signs[shelf.address]


def _sign_of(edition: Edition, shelf: Shelf) -> Sign:
    heading, intro = shelf_title(edition, shelf)
    topic = edition.library.topics.by_slug[shelf.id] if shelf.kind == "topic" else None
    provider = edition.library.providers[shelf.id] if shelf.kind == "provider" else None
    return Sign(
        kind=shelf.kind,
        address=shelf.address,
        heading=heading,
        intro=intro,
        provider=edition.provider(provider.domain, provider.name) if provider else None,
        topic=edition.topic(topic) if topic else None,
        trail=_trail(edition, shelf) if topic else (),
        feeds=edition.feeds(shelf.address, heading) if has_feeds(edition, shelf) else (),
        preview=(topic_preview(edition, topic) if topic else None) or site_preview(edition),
        numbered=edition.words.gettext("%(heading)s, page %(number)s"),
        beside=edition.words.gettext("Page %(number)s"),
    )


def _own(edition: Edition, shelf: Shelf) -> Own:
    by_slug = edition.library.topics.by_slug
    children = by_slug[shelf.id].children if shelf.kind == "topic" else ()
    covered = edition.library.providers[shelf.id].covered if shelf.kind == "provider" else ()
    return Own(
        children=tuple([edition.topic(by_slug[child]) for child in children]),
        appearances=_appearances(edition, covered),
        hub=edition.settings.feed_hub if has_feeds(edition, shelf) else "",
        months=None if shelf.kind == "section" else (often(edition, shelf.cards), often(edition, covered)),
    )


def shelf_title(edition: Edition, shelf: Shelf) -> tuple[str, str]:
    """Return a list's heading and introduction."""
    if shelf.kind == "topic":
        topic = edition.library.topics.by_slug[shelf.id]
        return topic.name, topic.data.description if topic.data else ""
    if shelf.kind == "provider":
        provider = edition.library.providers[shelf.id]
        return provider.name, provider.description
    return edition.section(shelf.id).title, ""


def has_feeds(edition: Edition, shelf: Shelf) -> bool:
    """Tell whether a list has feeds: sections and topics have, outlets with enough articles of their own."""
    outputs = edition.settings.outputs
    if shelf.kind == "section":
        return outputs.feeds
    if shelf.kind == "topic":
        return outputs.topic_feeds
    return outputs.provider_feeds and len(shelf.cards) >= 3


def _trail(edition: Edition, shelf: Shelf) -> tuple[Link, ...]:
    by_slug, links = edition.library.topics.by_slug, []
    slug = by_slug[shelf.id].parent
    while slug:
        links.append(Link(by_slug[slug].name, edition.url(f"topics/{slug}/")))
        slug = by_slug[slug].parent
    return tuple(reversed(links))


def _appearances(edition: Edition, covered: tuple[Card, ...]) -> tuple[CoverageLink, ...]:
    return tuple(
        CoverageLink(card.title, edition.url(edition.article_address(card)), card.published)
        for card in covered[:APPEARANCES]
    )
