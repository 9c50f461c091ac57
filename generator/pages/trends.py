"""Trends: the page of topics that are in the news more, or less, than they were."""

from __future__ import annotations

from generator.library.trends import COUNT, Often, often
from generator.pages.edition import Edition
from generator.pages.heads import page_view
from generator.pages.press import Press
from generator.theme.views import TrendRow, TrendsView

ADDRESS = "trends/"
MOST = 12  # topics that rise, and as many that fall
LEAST = 3  # articles in all spans: with fewer nothing rises


def trends_view(press: Press, _: object) -> TrendsView:
    """Return the topics that rise and those that fall, the steepest first. It ends at the newest article."""
    edition = press.edition
    months = edition.library.months
    days, counts = often(months, edition.library.topics)
    steep = sorted((-_steepness(each), slug) for slug, each in counts.items() if sum(each) >= LEAST)
    rising = [slug for steepness, slug in steep if steepness < 0]
    falling = [slug for steepness, slug in reversed(steep) if steepness > 0]
    return TrendsView(
        site=edition.site,
        page=page_view(edition, ADDRESS, edition.words.gettext("Trends")),
        until=months.date(next(iter(months.days[months.names[0]]))) if months.names else None,
        days=days,
        rising=tuple([_row(edition, slug, counts[slug]) for slug in rising[:MOST]]),
        falling=tuple([_row(edition, slug, counts[slug]) for slug in falling[:MOST]]),
    )


def _steepness(counts: Often) -> int:
    """Return by how much the last span is above the average of those before, as many times as these are."""
    return counts[-1] * (COUNT - 1) - sum(counts[:-1])


def _row(edition: Edition, slug: str, counts: Often) -> TrendRow:
    highest = max(counts)
    return TrendRow(
        topic=edition.topic(edition.library.topics.by_slug[slug]),
        now=counts[-1],
        before=round(sum(counts[:-1]) / (COUNT - 1), 1),
        heights=tuple([-(-100 * count // highest) for count in counts]),
    )
