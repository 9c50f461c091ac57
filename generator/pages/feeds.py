"""Feeds: their inputs, which are cheap to hash, and the entries that a worker makes of them."""

from __future__ import annotations

import re
from html import escape
from typing import cast

import msgspec

from generator.base.record import Record
from generator.library.shelves import Shelf
from generator.pages.edition import FEEDS, Edition
from generator.pages.feed_view import FeedCover, FeedEntry, FeedView
from generator.pages.lists import shelf_title
from generator.pages.press import Press, Story, fill_body, load_article, story
from generator.pages.social import picture_preview
from generator.theme.parts import Digested

FEED_SIZE = 50  # entries
SHEET = "feed.css"  # the asset of a theme by which a browser shows feeds
_TO_ITSELF = re.compile(r'(<a(?: [a-z]+="[^"]*")*? href=")(?=#)')  # footnotes: in a feed they are on another page


class FeedInputs(Record, frozen=True):
    """A feed's settings and stories; the worker makes entries of them, once for the three formats."""

    head: FeedView  # without entries
    stories: tuple[Digested[Story], ...]


def feed_inputs(press: Press, argument: object) -> FeedInputs:
    """Return the inputs of a feed; `argument` is its shelf, None for the site's own."""
    shelf = cast(Shelf | None, argument)
    edition = press.edition
    cards = (shelf.cards if shelf else edition.library.shown)[:FEED_SIZE]
    return FeedInputs(_feed_head(edition, shelf), tuple([story(press, card) for card in cards]))


def make_feed(press: Press, given: object) -> tuple[bytes, bytes, bytes]:
    """Return a feed's documents, in the order of `FEEDS`."""
    inputs = cast(FeedInputs, given)
    entries = tuple(_entry(press, each.record) for each in inputs.stories)
    view = msgspec.structs.replace(inputs.head, entries=entries)
    from generator.pages import feed_formats  # its library costs 60 ms: not for a build that makes no feed

    return feed_formats.rss(view), feed_formats.atom(view), feed_formats.json_feed(view)


def _feed_head(edition: Edition, shelf: Shelf | None) -> FeedView:
    site = edition.settings
    address = shelf.address if shelf else ""
    heading, intro = shelf_title(edition, shelf) if shelf else (site.title, site.description)
    rss, atom, json = (edition.absolute(address + name) for name, _, _ in FEEDS)
    return FeedView(
        id=tag(edition, address),
        title=f"{heading} · {site.title}" if shelf else heading,
        description=intro,
        language=edition.site.record.language,
        home=edition.absolute(address),
        rss=rss,
        atom=atom,
        json=json,
        link=site.feed_link,
        icon=edition.site_ld.logo,
        hub=site.feed_hub,
        cover=_cover(edition),
        entries=(),
    )


def _cover(edition: Edition) -> FeedCover | None:
    sheet, words = edition.theme.assets.get(SHEET), edition.words
    if sheet is None:
        return None
    return FeedCover(
        sheet=edition.url(sheet.output),
        direction=edition.site.record.direction,
        heading=words.gettext("This is a feed"),
        advice=words.gettext("Copy this address into a feed reader, and it tells you what is new here."),
        visit=words.gettext("Read on the site"),
    )


def _entry(press: Press, each: Story) -> FeedEntry:
    edition, card = press.edition, each.card.record
    address = edition.library.addresses[each.path]
    image = picture_preview(card.picture).url
    return FeedEntry(
        id=tag(edition, address),
        title=card.title,
        source_url=card.source_url,
        page_url=edition.absolute(address),
        published=card.published,
        updated=card.updated,
        summary=card.excerpt,
        content=_commentary(press, each, edition.absolute(address)) if each.has_body else "",
        outlet=card.provider.name,
        categories=tuple(topic.name for topic in card.topics),
        image=edition.outside(image),
        image_type="image/png" if image.endswith(".png") else "image/jpeg" if image else "",
        language=card.language,
    )


def _commentary(press: Press, each: Story, page_url: str) -> str:
    body = load_article(press, each.path).body
    content = fill_body(press, body, each.links, each.pictures, outside=True)
    return _TO_ITSELF.sub(lambda link: link[0] + escape(page_url), content)


def tag(edition: Edition, address: str) -> str:
    """Return the `tag:` URI (RFC 4151) of a site path; it never changes, wherever the site moves."""
    authority = edition.settings.feed_authority
    if "," not in authority:
        authority += ",2020"
    return f"tag:{authority}:/{edition.absolute(address).removeprefix(edition.settings.base_url)}"
