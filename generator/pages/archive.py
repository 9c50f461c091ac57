"""The archive: months and, where there are many articles, days."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple, cast

from generator.base.records import Card
from generator.pages.edition import Edition
from generator.pages.heads import page_view
from generator.pages.press import Press, render_view
from generator.pages.social import Preview, site_preview
from generator.theme.parts import CardView, Digested, Link, SiteView
from generator.theme.views import ArchiveView, Day, Month, MonthView, Year


def month_address(stamp: str) -> str:
    """Return the site path of a month ("2024-02") or of a day ("2024-02-20")."""
    return f"archive/{stamp.replace('-', '/')}/"


def archive_view(press: Press, _: object) -> ArchiveView:
    """Return all months, by years."""
    edition, months = press.edition, press.edition.library.months
    years: dict[str, list[Month]] = defaultdict(list)
    for name, days in months.days.items():
        count = sum(map(len, days.values()))
        title = edition.calendar.month(months.date(name))
        years[name[:4]].append(Month(title, edition.url(month_address(name)), count))
    return ArchiveView(
        site=edition.site,
        page=page_view(edition, "archive/", edition.words.gettext("Archive")),
        years=tuple(Year(year, tuple(rows)) for year, rows in years.items()),
    )


DayInputs = tuple[str, str, int, tuple[Digested[CardView], ...]]  # stamp, URL, how many articles, those that are shown


class MonthInputs(NamedTuple):
    """All that the page of a month, or of a day, depends on. Dates are written by the site's language and zone."""

    site: Digested[SiteView]
    preview: Preview
    stamp: str
    days: tuple[DayInputs, ...]
    newer: str  # the stamp of the page beside it, or ""
    older: str


def month_inputs(press: Press, argument: object) -> MonthInputs:
    """Return the inputs of a month by days, or of one day of a month that is split into pages of days."""
    edition, stamp = press.edition, cast(str, argument)
    months = edition.library.months
    by_day, is_day = months.days[stamp[:7]], len(stamp) > 7
    days = {stamp: by_day[stamp]} if is_day else by_day
    summary = not is_day and months.is_split(stamp)
    newer, older = months.beside(stamp)
    return MonthInputs(
        site=edition.site,
        preview=site_preview(edition),
        stamp=stamp,
        days=tuple([_day(edition, day, cards, summary) for day, cards in days.items()]),
        newer=newer,
        older=older,
    )


def _day(edition: Edition, stamp: str, cards: list[Card], summary: bool) -> DayInputs:
    """Return a day; in the summary of a split month it is a link to its own page."""
    if summary:
        return stamp, edition.url(month_address(stamp)), len(cards), ()
    return stamp, "", len(cards), edition.cards(cards)


def render_month(press: Press, given: object) -> tuple[bytes]:
    """Render the page of a month or day."""
    inputs, edition = cast(MonthInputs, given), press.edition
    heading, date = _title(edition, inputs.stamp), edition.library.months.date
    view = MonthView(
        site=inputs.site,
        page=page_view(edition, month_address(inputs.stamp), heading, preview=inputs.preview),
        heading=heading,
        days=tuple([Day(date(day), url, count, cards) for day, url, count, cards in inputs.days]),
        newer=_link(edition, inputs.newer),
        older=_link(edition, inputs.older),
    )
    return render_view(press, view)


def _link(edition: Edition, stamp: str) -> Link | None:
    return Link(_title(edition, stamp), edition.url(month_address(stamp))) if stamp else None


def _title(edition: Edition, stamp: str) -> str:
    date = edition.library.months.date(stamp)
    return edition.calendar.date(date) if len(stamp) > len("2024-02") else edition.calendar.month(date)
