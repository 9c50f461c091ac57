"""Months: the shown articles by month and day."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from generator.base.records import Card

SPLIT_FROM = 200  # a month with more articles than this is cut into days


class Months:
    """Articles by month ("2024-02") and day ("2024-02-20") of a time zone, newest first."""

    def __init__(self, shown: tuple[Card, ...], zone: str):
        self._zone = ZoneInfo(zone)
        days: dict[str, dict[str, list[Card]]] = defaultdict(lambda: defaultdict(list))
        self.month_of: dict[str, str] = {}  # by the article's path
        for card in shown:
            local = card.published.astimezone(self._zone)
            stamp = f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
            days[stamp[:7]][stamp].append(card)
            self.month_of[card.path] = stamp[:7]
        self.days = {month: dict(by_day) for month, by_day in days.items()}
        self.names = tuple(self.days)

    def is_split(self, month: str) -> bool:
        """Tell whether a month has a page for each of its days."""
        return sum(map(len, self.days[month].values())) > SPLIT_FROM

    def date(self, stamp: str) -> datetime:
        """Return the noon of a day, or of a month's first day."""
        year, month, day = [*map(int, stamp.split("-")), 1][:3]
        return datetime(year, month, day, 12, tzinfo=self._zone)
