"""Months: by the site's own calendar, a crowded month by days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.library.months import SPLIT_FROM, Months
from library.cards import card

MIDNIGHT = datetime(2024, 3, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "month"),
    [
        ("UTC", "2024-03"),
        ("America/New_York", "2024-02"),
        ("Europe/Zurich", "2024-03"),
        ("Pacific/Kiritimati", "2024-03"),
    ],
)
def test_a_month_begins_at_the_sites_midnight(zone: str, month: str) -> None:
    """An article of midnight in Greenwich is of the month that the site's clocks show then."""
    assert Months((card("a", published=MIDNIGHT),), zone).names == (month,)


def test_a_day_of_summer_time_has_its_own_hours() -> None:
    """On the day that clocks go forward the last minute is still that day's."""
    last = datetime(2024, 3, 31, 21, 59, tzinfo=UTC)  # 23:59 in Zürich
    cards = (card("b", published=last + timedelta(minutes=1)), card("a", published=last))
    assert Months(cards, "Europe/Zurich").days == {
        "2024-04": {"2024-04-01": [cards[0]]},
        "2024-03": {"2024-03-31": [cards[1]]},
    }


def test_months_and_days_come_newest_first() -> None:
    """The order of the shown articles is the order of months, days and their articles."""
    hours = (0, 1, 30, 800, 9000)
    cards = tuple(card(f"s{h}", published=MIDNIGHT - timedelta(hours=h)) for h in hours)
    months = Months(cards, "UTC")
    assert months.names == ("2024-03", "2024-02", "2024-01", "2023-02")
    assert list(months.days["2024-02"]) == ["2024-02-29", "2024-02-28"]


@pytest.mark.parametrize(("count", "split"), [(SPLIT_FROM, False), (SPLIT_FROM + 1, True)])
def test_a_month_is_split_over_200(count: int, split: bool) -> None:
    """A month with 200 articles is one page; with one more each of its days has a page."""
    cards = tuple(card(f"s{number}", published=MIDNIGHT) for number in range(count))
    assert Months(cards, "UTC").is_split("2024-03") is split


def test_a_date_is_a_noon_of_the_site() -> None:
    """A day is named by its noon, a month by its first day's: so no offset leads to another day."""
    months = Months((), "Pacific/Kiritimati")
    assert months.date("2024-02-29").isoformat() == "2024-02-29T12:00:00+14:00"
    assert months.date("2024-02").isoformat() == "2024-02-01T12:00:00+14:00"


def test_years_before_1000_sort_as_text() -> None:
    """A year has four digits, so a stamp's first seven characters are the month."""
    assert Months((card("a", published=datetime(987, 6, 5, tzinfo=UTC)),), "UTC").names == ("0987-06",)


@given(
    st.lists(st.integers(0, 2_000_000), unique=True, max_size=40),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/Lima"]),
)
@settings(deadline=None, max_examples=50)
def test_every_article_is_on_one_day(minutes: list[int], zone: str) -> None:
    """All days of all months together are the shown articles, in their order."""
    dates = sorted((MIDNIGHT - timedelta(minutes=m) for m in minutes), reverse=True)
    cards = tuple(card(f"s{at}", published=date) for at, date in enumerate(dates))
    months = Months(cards, zone)
    assert [each for days in months.days.values() for day in days.values() for each in day] == list(cards)
