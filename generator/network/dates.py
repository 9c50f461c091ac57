"""Dates: instants as servers say them and as ledgers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

LONGEST_WAIT = timedelta(days=7)  # that a server may ask for


def wish_of(retry_after: str, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` asks for, None where it says nothing (RFC 9110, 10.2.3)."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), LONGEST_WAIT.total_seconds()))
    at = http_date(text)
    return max(0.0, (at - now).total_seconds()) if at else None


def http_date(text: str) -> datetime | None:
    """Return an HTTP date, None where it is none."""
    from email.utils import parsedate_to_datetime  # costs 12 ms: not for a build that asks for nothing

    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def whole_second(instant: datetime) -> datetime:
    """Return an instant as the ledger writes it."""
    return instant.astimezone(UTC).replace(microsecond=0)


def in_utc(instant: datetime) -> datetime:
    """Return an instant in UTC; one that a hand wrote without a zone is meant so."""
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
