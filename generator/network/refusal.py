"""Refusal: what a status says that is neither the file nor a redirect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from generator.network.dates import wish_of
from generator.network.trouble import FetchFailed, Kind

_KINDS: dict[int, Kind] = {404: "missing", 410: "gone", 408: "busy", 425: "busy", 429: "busy", 503: "busy"}


def refusal(status: int, headers: Mapping[str, str], now: datetime) -> FetchFailed:
    """Return what kind of trouble a status is, in the standard's words and not in the server's.

    Args:
        headers: the answer's, by lower-case names.
    """
    kind = _KINDS.get(status, "server" if status >= 500 else "denied" if status >= 400 else "content")
    kind = "denied" if status > 599 else kind  # no standard's: what some hosts say to all programs
    wait = wish_of(headers.get("retry-after", ""), now) if kind in ("busy", "server") else None
    return FetchFailed(kind, f"the server answers {_name(status)}", wait)


def _name(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
