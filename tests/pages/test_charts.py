"""Charts: bars for months, quarters or years, as many as fit, and none where there is nothing to see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library.cards import card
from pages.editions import edition

from generator.base.records import Card
from generator.pages.charts import MOST_BARS, chart, often


def dated(*months: str) -> list[Card]:
    """Return an article for each of some months ("2024-02")."""
    return [
        card(f"a{at:03d}", published=datetime(int(month[:4]), int(month[5:]), 15, tzinfo=UTC))
        for at, month in enumerate(months)
    ]


@pytest.mark.parametrize(
    ("months", "first", "last", "count"),
    [
        (["2023-11", "2023-11", "2024-01", "2024-02"], "November 2023", "February 2024", 4),
        (["2021-03", "2021-03", "2021-03", "2024-02"], "March 2021", "February 2024", 36),
        (["2021-03", "2021-03", "2021-03", "2024-03"], "Q1 2021", "Q1 2024", 13),
        (["2010-05", "2012-12", "2023-03", "2023-03"], "2010", "2023", 14),
        (["1960-05", "1999-12", "2023-03", "2023-03"], "1988", "2023", 36),
    ],
)
def test_the_unit_is_the_smallest_that_fits(months: list[str], first: str, last: str, count: int) -> None:
    """Months, else quarters, else years, of these the last; up to the newest article, empty ones, too."""
    of = edition(*dated(*months))
    made = chart(of, often(of, of.library.shown))
    assert made is not None
    assert (made.bars[0].title, made.bars[-1].title, len(made.bars)) == (first, last, count)
    assert [bar.place for bar in made.bars] == list(range(count))


def test_covered_stories_stand_on_top() -> None:
    """A bar has an outlet's own articles and, above them, the stories of others that it covered."""
    own, covered = dated("2024-01", "2024-01", "2024-03"), dated("2024-03", "2024-03", "2024-03")
    of = edition(*own, *[card(f"c{at}", published=each.published) for at, each in enumerate(covered)])
    shown = of.library.shown
    made = chart(of, *(often(of, [c for c in shown if c.stem[0] == kind]) for kind in "ac"))
    assert made is not None
    assert made.highest == 4
    assert [(bar.count, bar.covered, bar.height, bar.whole) for bar in made.bars] == [
        (2, 0, 50, 50), (0, 0, 0, 0), (1, 3, 25, 100),
    ]  # fmt: skip


@pytest.mark.parametrize("months", [[], ["2024-01"] * 9, ["2024-01", "2024-02", "2024-03"], ["2024-01", "2024-02"] * 5])
def test_a_chart_of_nothing_is_none(months: list[str]) -> None:
    """Fewer than four articles, or fewer than three bars, are no chart."""
    of = edition(*dated(*months))
    assert chart(of, often(of, of.library.shown)) is None


@given(st.lists(st.dates().map(lambda date: f"{date:%Y-%m}"), max_size=40))
def test_any_dates_fit(months: list[str]) -> None:
    """However far apart the articles are, there are few bars, and each that holds something is seen."""
    of = edition(*dated(*(month for month in months if len(month) == 7 and month > "0100")))
    made = chart(of, often(of, of.library.shown))
    if made is not None:
        assert 3 <= len(made.bars) <= MOST_BARS
        assert max(bar.whole for bar in made.bars) == 100
        assert all((bar.height > 0) == (bar.count > 0) for bar in made.bars)
