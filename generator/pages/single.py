"""Views of the pages that there is one of: front page, how it is ordered, the topics, the leaderboard of outlets."""

from __future__ import annotations

from datetime import timedelta
from math import log2
from typing import cast

import msgspec

from generator.base.records import Card
from generator.library.ranking import is_pinned
from generator.pages.blocks import blocks
from generator.pages.edition import Edition
from generator.pages.heads import page_view, with_json_ld
from generator.pages.press import Press, render_view
from generator.pages.structured import site_ld
from generator.theme.views import FrontView, ProviderRow, ProvidersView, RankingView, RankRow, TopicNode, TopicsView

RANKING = "ranking/"
EXAMPLES = 10  # stories that show how the front page is ordered
TOP = 9  # stories below the lead
NEWEST = 30  # some of them are among the top already


def front_view(press: Press, _: object) -> FrontView:
    """Return the front page: by rank, by topic, by date."""
    edition, library = press.edition, press.edition.library
    settings = edition.settings
    page = page_view(edition, "", settings.title, settings.description)
    top = library.ranked[: TOP + 1]
    return FrontView(
        site=edition.site,
        page=msgspec.structs.replace(page, hub=settings.feed_hub if settings.outputs.feeds else ""),
        lead=edition.card(top[0]) if top else None,
        top=edition.cards(top[1:]),
        blocks=blocks(edition, {card.path for card in top}),
        newest=edition.cards(library.shown[:NEWEST]),
    )


def render_front(press: Press, view: object) -> tuple[bytes]:
    """Render the front page with its structured data."""
    return render_view(press, with_json_ld(cast(FrontView, view), site_ld(press.edition.site_ld)))


def ranking_view(press: Press, _: object) -> RankingView:
    """Return how the front page is ordered, by the settings; the newest of its first stories has the age 0."""
    edition, half_life = press.edition, press.edition.settings.ranking.half_life
    cards = edition.library.ranked[:EXAMPLES]
    newest = max((card.published for card in cards), default=None)
    return RankingView(
        site=edition.site,
        page=page_view(edition, RANKING, edition.words.gettext("How we rank")),
        half_life=half_life,
        rows=tuple(_rank_row(edition, card, newest - card.published) for card in cards if newest),
    )


def _rank_row(edition: Edition, card: Card, age: timedelta) -> RankRow:
    gained, lost = log2(max(card.heat, 1)), age.total_seconds() / 3600 / edition.settings.ranking.half_life
    return RankRow(
        story=edition.link(card),
        published=card.published,
        heat=card.heat,
        pinned=is_pinned(card, edition.library.now),
        gained=round(gained, 1),
        lost=round(lost, 1),
        points=round(gained - lost, 1),
    )


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
