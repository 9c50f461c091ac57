"""Dates and numbers as a site's readers write them: its language, its time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from msgspec.json import Encoder

_encode = Encoder().encode


class Calendar:
    """Formats aware datetimes and numbers; what was said of an instant, a day, a minute or a number is kept."""

    def __init__(self, language: str, zone: str):
        self.locale = locale = find_locale(language)
        self.zone = ZoneInfo(zone)
        # Babel takes 10 to 30 µs a date. There are many instants, but few days and fewer minutes in a day.
        self._day = lru_cache(maxsize=65536)(partial(_format_day, locale=locale))
        self._month = lru_cache(maxsize=4096)(partial(_format_month, locale=locale))
        self._quarter = lru_cache(maxsize=4096)(partial(_format_quarter, locale=locale))
        self._minute = lru_cache(maxsize=1440)(partial(_format_minute, locale=locale))
        self._number = lru_cache(maxsize=4096)(partial(format_decimal, locale=locale))
        self._joint = {length: str(pattern).replace("'", "") for length, pattern in locale.datetime_formats.items()}

    def filters(self) -> dict[str, Callable[..., str]]:
        """Return the templates' filters by name."""
        return {
            "date": self.date,
            "time": self.time,
            "datetime": self.moment,
            "month": self.month,
            "iso": self.iso,
            "number": self._number,
        }

    def date(self, value: datetime, length: str = "long") -> str:
        """Return the day: "November 22, 2026", "22. November 2026"; `length` is short, medium, long or full."""
        return self._day(self.iso(value)[:10], length)

    def time(self, value: datetime) -> str:
        """Return the time of day: "10:11 PM", "22:11"."""
        return self._minute(self.iso(value)[11:16])

    def moment(self, value: datetime, length: str = "long") -> str:
        """Return the day and the time of day, joined as the language does it."""
        iso = self.iso(value)
        return self._joint[length].format(self._minute(iso[11:16]), self._day(iso[:10], length))

    def month(self, value: datetime) -> str:
        """Return the month with its year: "November 2026", "2026年11月"."""
        return self._month(self.iso(value)[:7])

    def quarter(self, value: datetime) -> str:
        """Return the quarter of a year: "Q4 2026", "2026/Q4"."""
        return self._quarter(self.iso(value)[:7])

    def iso(self, value: datetime) -> str:
        """Return the instant for machines, in the site's zone (RFC 3339)."""
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        local = value.astimezone(self.zone)
        # A twentieth of the time of `isoformat`: so little that it is not worth keeping.
        return _encode(local.replace(microsecond=0) if local.microsecond else local)[1:-1].decode()

    def number(self, value: float) -> str:
        """Return a number with the language's separators."""
        return self._number(value)


def _format_day(day: str, length: str, locale: Locale) -> str:
    return format_date(date.fromisoformat(day), length, locale)


def _format_month(month: str, locale: Locale) -> str:
    return format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=locale)


def _format_quarter(month: str, locale: Locale) -> str:
    return format_skeleton("yQQQ", date.fromisoformat(f"{month}-01"), locale=locale)


def _format_minute(minute: str, locale: Locale) -> str:
    return format_time(time.fromisoformat(minute), "short", locale=locale)


def find_locale(language: str) -> Locale:
    """Return the nearest locale that CLDR has for a language tag (BCP 47), English where it has none.

    >>> [str(find_locale(tag)) for tag in ("de", "de-CH", "pt_BR", "zh-Hant-TW", "en-XX", "tlh")]
    ['de', 'de_CH', 'pt_BR', 'zh_Hant_TW', 'en', 'en']
    """
    parts = language.replace("_", "-").split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale("en")
