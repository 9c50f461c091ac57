"""At 10,000 articles a small change is a small deploy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from places import FolderPlace
from site_kit import SmallSite, full_site, run_here


@pytest.mark.long
def test_a_small_change_of_a_large_site(tmp_path: Path, folder: FolderPlace) -> None:
    """One edited title sends under 60 files; a newest article under 80 besides pages of the JSON API."""
    site = full_site(
        tmp_path / "site",
        10_000,
        base_url="https://news.test/",
        outputs={"search": False},
        deploy={"live": {"type": "folder", "path": str(folder.root)}},
    )
    assert run_here(site, "deploy").code == 0
    site.edit(site.root / "content/news/plain-5000.md", title="Another title")
    assert len(_sent(site)) < 60
    site.article("2026-02-28-newest", publishedDateTime="2026-02-28T10:00:00Z", topics=["Science"])
    sent = _sent(site)
    assert "news/2026-02-28-newest/index.html" in sent
    assert len([path for path in sent if not path.startswith("api/")]) < 80


def _sent(site: SmallSite) -> list[str]:
    report = json.loads(run_here(site, "deploy", "--json").out)
    return [step["path"] for step in report["steps"] if step["step"] != "delete"]
