"""Follow: the page of all feeds, and the list of them that feed readers import."""

from __future__ import annotations

from collections import defaultdict
from typing import cast

from generator.library.shelves import Shelf
from generator.pages import hosting
from generator.pages.edition import FEEDS, Edition
from generator.pages.heads import page_view
from generator.pages.lists import has_feeds, shelf_title
from generator.pages.press import Press
from generator.theme.parts import Link
from generator.theme.views import Followed, FollowGroup, FollowView

ADDRESS = "follow/"
OPML = "opml.xml"


def has_any_feed(edition: Edition) -> bool:
    """Tell whether the site has feeds of a kind."""
    outputs = edition.settings.outputs
    return outputs.feeds or outputs.topic_feeds or outputs.provider_feeds


def follow_view(press: Press, _: object) -> FollowView:
    """Return all feeds of the site by what they are of."""
    edition = press.edition
    groups: dict[str, list[Followed]] = defaultdict(list)
    for kind, link in _followed(edition):
        groups[kind].append(Followed(link, *[link.url + name for name, _, _ in FEEDS]))
    return FollowView(
        site=edition.site,
        page=page_view(edition, ADDRESS, edition.words.gettext("Follow")),
        opml=edition.url(OPML),
        groups=tuple([FollowGroup(kind, tuple(rows)) for kind, rows in groups.items()]),
    )


def _followed(edition: Edition) -> list[tuple[str, Link]]:
    """Return the pages that have feeds, each with the kind of its list."""
    home = [("site", Link(edition.settings.title, edition.url("")))] if edition.settings.outputs.feeds else []
    shelves = [shelf for shelf in edition.library.shelves() if has_feeds(edition, shelf)]
    return home + [(shelf.kind, Link(_title(edition, shelf), edition.url(shelf.address))) for shelf in shelves]


def _title(edition: Edition, shelf: Shelf) -> str:
    return shelf_title(edition, shelf)[0]


def opml_inputs(press: Press, _: object) -> tuple[str, tuple[hosting.OpmlRow, ...]]:
    """Return the title and all feeds of the site."""
    edition = press.edition
    rows = [
        hosting.OpmlRow(link.title, edition.outside(link.url) + FEEDS[0][0], edition.outside(link.url))
        for _, link in _followed(edition)
    ]
    return edition.settings.title, tuple(rows)


def make_opml(_: Press, given: object) -> tuple[bytes]:
    """Return the list of feeds."""
    return (hosting.opml(*cast(tuple[str, tuple[hosting.OpmlRow, ...]], given)),)
