"""Options that several commands take, and what they mean: the instant, and the request of a build."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from generator.drafting import Request

site_option = click.option(
    "--site", "root", type=click.Path(path_type=Path, file_okay=False), default=".", help="Folder with a site.toml."
)
as_of_option = click.option("--as-of", metavar="TIME", help="Build as if it were TIME (ISO 8601).")
drafts_option = click.option("--drafts", is_flag=True, help="Show drafts, too.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes at most; as many as processors if not given."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")

_YEARS = range(1600, 3000)  # as in articles


def instant_of(text: str | None, root: Path) -> datetime:
    """Return the instant that `--as-of` names, in the site's time zone where it says none; without it, the clock's."""
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        instant = datetime.min
    if instant.year not in _YEARS:
        hint = 'write it as "2026-02-28" or "2026-02-28T18:00:00+01:00"'
        raise click.BadParameter(f"{text!r} is no time; {hint}", param_hint="--as-of")
    if instant.tzinfo is None:
        from zoneinfo import ZoneInfo

        from generator.base.config import load_site

        instant = instant.replace(tzinfo=ZoneInfo(load_site(root).settings.timezone))
    return instant.astimezone(UTC)


def request_of(now: datetime, drafts: bool, jobs: int | None = None) -> Request:
    """Return the request of a build at an instant; the pipeline knows how many jobs there are if none are named."""
    from generator.drafting import Request

    return Request(now, drafts, jobs=jobs) if jobs else Request(now, drafts)
