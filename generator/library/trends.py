"""Trends: how often each topic was in the news of late, in spans of days up to the newest article."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from generator.library.months import Months
from generator.library.topics import Topics, fold

COUNT = 8  # spans that are compared: the last with those before
SPANS = (7, 28, 91)  # days: where there is little news it is compared in longer spans
ENOUGH = 24  # articles in all spans

Often = tuple[int, ...]  # articles in each span, the oldest first


def often(months: Months, topics: Topics) -> tuple[int, dict[str, Often]]:
    """Return the days of a span, the fewest that hold enough, and by slug how often a topic was in the news in each.

    A topic has the articles of those below it, too, each once; the site's own subject is left out.
    """
    named: Counter[tuple[tuple[str, ...], int]] = Counter()
    days = SPANS[0]
    for days in SPANS:
        named = _named(months, days)
        if named.total() >= ENOUGH:
            break
    found: dict[str, list[int]] = defaultdict(lambda: [0] * COUNT)
    above: dict[tuple[str, ...], set[str]] = {}
    for (names, place), count in named.items():
        if names not in above:
            above[names] = _slugs(names, topics)
        for slug in above[names]:
            found[slug][place] += count
    return days, {slug: tuple(counts) for slug, counts in found.items()}


def _named(months: Months, days: int) -> Counter[tuple[tuple[str, ...], int]]:
    """Return how many articles name the same topics in the same span, of which the last ends on the newest day."""
    found: Counter[tuple[tuple[str, ...], int]] = Counter()
    newest: date | None = None
    for by_day in months.days.values():
        for stamp, cards in by_day.items():
            day = date.fromisoformat(stamp)
            newest = newest or day
            place = COUNT - 1 - (newest - day).days // days
            if place < 0:
                return found
            found.update([(card.topics, place) for card in cards])
    return found


def _slugs(names: tuple[str, ...], topics: Topics) -> set[str]:
    """Return the topics of that name and all above them."""
    found: set[str] = set()
    for name in names:
        slug = topics.names[fold(name)]
        while slug and slug not in found:
            found.add(slug)
            slug = topics.by_slug[slug].parent
    return found - {topics.root}
