"""Pictures: every remote picture that the site shows and its state; asking again, and forgetting what is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.base.config import Site
from generator.base.files import COLLECTION
from generator.drafting import Request
from generator.images.fetch.account import STATES, Row, rows
from generator.images.fetch.collection import Collection
from generator.library.wanted import wanted_pictures
from generator.pipeline import glance

LONGEST = 3  # files that a line names


class Wall(NamedTuple):
    """The remote pictures of a site, and what was done about them."""

    rows: list[Row]
    retried: int
    forgotten: int  # addresses
    dropped: int  # files


def look_at_pictures(site: Site, request: Request, *, retry: bool = False, prune: bool = False) -> Wall:
    """Return every remote picture that the site shows; nothing is fetched.

    Args:
        retry: let the next build ask again for what failed.
        prune: forget the pictures that the site does not show.
    """
    wanted = wanted_pictures(glance(site, request).edition.library)
    collection = Collection(site.root / COLLECTION)
    retried = collection.ask_again(request.now, [want.url for want in wanted]) if retry else 0
    forgotten, dropped = collection.prune([want.url for want in wanted]) if prune else (0, 0)
    return Wall(rows(wanted, collection), retried, forgotten, dropped)


def wall_lines(wall: Wall) -> Iterator[str]:
    """Yield a line for every picture, then the totals."""
    for row in wall.rows:
        yield "  ".join(part for part in (f"{row.state:<8}{row.url}", _about(row), _users(row)) if part)
    counts = {state: sum(row.state == state for row in wall.rows) for state in STATES}
    named = [f"{count:,} {state}" for state, count in counts.items() if count]
    yield f"{len(wall.rows):,} remote pictures" + (f": {', '.join(named)}" if named else "")
    if wall.retried:
        yield f"{wall.retried:,} will be asked for again by the next build"
    if wall.forgotten or wall.dropped:
        yield f"{wall.forgotten:,} addresses forgotten, {wall.dropped:,} files dropped"


def wall_report(wall: Wall) -> dict[str, Any]:
    """Return the same as plain values."""
    return {
        "pictures": [
            {
                "url": row.url,
                "state": row.state,
                "why": row.why,
                "until": row.until,
                "files": row.paths,
                "file": row.image.source if row.image else "",
                "width": row.image.width if row.image else None,
                "height": row.image.height if row.image else None,
            }
            for row in wall.rows
        ],
        "retried": wall.retried,
        "forgotten": wall.forgotten,
        "dropped": wall.dropped,
    }


def _about(row: Row) -> str:
    if row.state == "good" and row.image:
        return f"{row.image.width}×{row.image.height} px, {row.image.source}"
    return f"{row.why}; asked for again from {row.until} on" if row.why else ""


def _users(row: Row) -> str:
    more = f", … ({len(row.paths)} files)" if len(row.paths) > LONGEST else ""
    return f"[{', '.join(row.paths[:LONGEST])}{more}]"
