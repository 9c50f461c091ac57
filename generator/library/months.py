"""Months: the shown articles by month and day."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from generator.base.records import Card

SPLIT_FROM = 200  # a month with more articles than this is cut into days


class Months:
    """Articles by month ("2024-02") and day ("2024-02-20") of a time zone, newest first."""

    def __init__(self, shown: tuple[Card, ...], zone: str):
        self._zone = ZoneInfo(zone)
        local = UTC if zone == "UTC" else self._zone  # Python's own is ten times as fast
        by_date: dict[date, list[Card]] = defaultdict(list)
        for card in shown:
            by_date[card.published.astimezone(local).date()].append(card)
        self.days: dict[str, dict[str, list[Card]]] = {}
        self.month_of: dict[str, str] = {}  # by the article's path
        for day, cards in by_date.items():
            stamp = day.isoformat()
            self.days.setdefault(stamp[:7], {})[stamp] = cards
            self.month_of.update(dict.fromkeys([card.path for card in cards], stamp[:7]))
        self.names = tuple(self.days)

    def beside(self, stamp: str) -> tuple[str, str]:
        """Return the next newer and the next older month, of a day those of its month; "" for none."""
        siblings = self.names if len(stamp) == 7 else tuple(self.days[stamp[:7]])
        at = siblings.index(stamp)
        return siblings[at - 1] if at else "", siblings[at + 1] if at + 1 < len(siblings) else ""

    def is_split(self, month: str) -> bool:
        """Tell whether a month has a page for each of its days."""
        return sum(map(len, self.days[month].values())) > SPLIT_FROM

    def date(self, stamp: str) -> datetime:
        """Return the noon of a day, or of a month's first day."""
        year, month, day = [*map(int, stamp.split("-")), 1][:3]
        return datetime(year, month, day, 12, tzinfo=self._zone)
