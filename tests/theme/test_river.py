"""The newest on the front page: when they were published, told without a doubt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from site_kit import build, small_site


@pytest.mark.parametrize("theme", ["default", "wire"])
def test_an_hour_alone_is_of_the_latest_day(tmp_path: Path, theme: str) -> None:
    """A second article of an older day says its day again: an hour by itself would be read as today's."""
    site = small_site(tmp_path, theme=theme)
    for day, hour in ((20, 8), (20, 7), (19, 8), (19, 7)):
        site.article(f"of-{day}-{hour}", publishedDateTime=f"2026-02-{day}T0{hour}:00:00Z")
    build(site)
    newest = (site.output / "index.html").read_text().partition('id="newest"')[2].partition('class="block')[0]
    said = re.findall(r"<time[^>]*>([^<]+)</time>", newest)
    assert said == ["Feb 20, 2026", "7:00\u202fAM", "Feb 19, 2026", "Feb 19, 2026"]
