"""Charts: how often a topic or an outlet was in the news, month by month, quarter by quarter or year by year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from generator.base.records import Card
from generator.pages.edition import Edition
from generator.theme.parts import Bar, Chart

MOST_BARS = 36
LEAST_BARS, LEAST_ARTICLES = 3, 4  # below these a chart says nothing
UNITS = (1, 3, 12)  # months


Often = tuple[tuple[str, int], ...]  # months ("2024-02"), newest first, and how often something was in the news in each


def often(edition: Edition, cards: Iterable[Card]) -> Often:
    """Return in which months articles, newest first, were published: all that a chart is made of."""
    month_of = edition.library.months.month_of
    return tuple(Counter([month_of[card.path] for card in cards]).items())


def chart(edition: Edition, own: Often, covered: Often = ()) -> Chart | None:
    """Return when articles of a list and stories that an outlet covered were published, up to the newest of them.

    The unit is the smallest that shows them all; of years only the last are shown.
    """
    months = [[(_number(stamp), count) for stamp, count in each] for each in (own, covered)]
    every = [*months[0], *months[1]]
    if sum(count for _, count in every) < LEAST_ARTICLES:
        return None
    first, last = min(every)[0], max(every)[0]
    unit = next((unit for unit in UNITS if last // unit - first // unit < MOST_BARS), UNITS[-1])
    start = max(first // unit, last // unit - MOST_BARS + 1)
    if last // unit - start < LEAST_BARS - 1:
        return None
    counts, others = (_by_unit(each, unit) for each in months)
    places = range(start, last // unit + 1)
    highest = max(counts[place] + others[place] for place in places)
    title = _titles(edition, unit)
    return Chart(
        highest=highest,
        bars=tuple(
            Bar(
                place=at,
                title=title(place),
                count=counts[place],
                covered=others[place],
                height=_share(counts[place], highest),
                whole=_share(counts[place] + others[place], highest),
            )
            for at, place in enumerate(places)
        ),
    )


def _number(stamp: str) -> int:
    """Return a month as its number, counted from the year 0."""
    return int(stamp[:4]) * 12 + int(stamp[5:]) - 1


def _by_unit(months: Iterable[tuple[int, int]], unit: int) -> Counter[int]:
    found: Counter[int] = Counter()
    for number, count in months:
        found[number // unit] += count
    return found


def _share(count: int, highest: int) -> int:
    """Return a bar's height, of a hundred; what is there is never so low that it cannot be seen."""
    return max(round(100 * count / highest), 2) if count else 0


def _titles(edition: Edition, unit: int) -> Callable[[int], str]:
    months, calendar = edition.library.months, edition.calendar

    def title(place: int) -> str:
        year, month = divmod(place * unit, 12)
        if unit == UNITS[-1]:
            return str(year)
        day = months.date(f"{year:04d}-{month + 1:02d}")
        return calendar.month(day) if unit == 1 else calendar.quarter(day)

    return title
