"""At 10,000 articles a small change is a small deploy."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from places import FolderPlace, S3Place
from site_kit import SmallSite, full_site, run_here

# s of one core from sources to an S3 server, its own work included; beside other tests a core does less in a second.
# docs/speed.md has what it takes alone on a machine.
LIMIT = 5.0


@pytest.mark.long
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_a_small_change_of_a_large_site(kind: str, folder: FolderPlace, s3: S3Place) -> None:
    """One edited title sends under 60 files, in little time; a newest article under 80 besides pages of the API."""
    bucket = {"bucket": s3.settings.bucket, "endpoint_url": s3.settings.endpoint_url, "region": "us-east-1"}
    target = {"type": kind} | ({"path": str(folder.root)} if kind == "folder" else bucket)
    outputs, deploy = {"search": False}, {"live": target}
    root = folder.root.parent / "site"
    site = full_site(root, 10_000, base_url="https://news.test/", outputs=outputs, deploy=deploy)
    _deploy(site)
    seconds = []
    for title in ("Another title", "A third one", "The last"):
        site.edit(site.root / "content/news/plain-5000.md", title=title)
        began = time.process_time()
        assert 0 < len(_sent(_deploy(site))) < 60
        seconds.append(time.process_time() - began)
    assert min(seconds) < LIMIT or kind == "folder", seconds  # which links every file anew: a matter of the disk
    site.article("2026-02-28-newest", publishedDateTime="2026-02-28T10:00:00Z", topics=["Science"])
    sent = _sent(_deploy(site))
    assert "news/2026-02-28-newest/index.html" in sent
    assert len([path for path in sent if not path.startswith("api/")]) < 80


def _deploy(site: SmallSite) -> Any:
    said = run_here(site, "deploy", "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def _sent(report: Any) -> list[str]:
    return [step["path"] for step in report["steps"] if step["step"] != "delete"]
