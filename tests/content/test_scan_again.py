"""scan_again: hints about known files give what a whole scan gives; whatever else was hinted at takes a whole one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from site_kit import SmallSite, full_site

from generator.base.config import load_site
from generator.content.scan import scan, scan_again

KNOWN = (
    "content/news/2026-02-20-plain.md",
    "content/news/plain-0000.md",
    "content/topics/02-chips.yaml",
    "content/images/lead.png",
    "content/static/CNAME",
    "content/pages/about.md",
)
OTHERS = ("content/news/new.md", "content/news/folder", "content/static/.hidden", "content/unknown.txt", "content/news")
OUTSIDE = ("site.toml", "themes/default/theme.toml", "elsewhere")
EDITS = st.lists(st.tuples(st.sampled_from(("write", "touch", "replace", "delete", "link")), st.sampled_from(KNOWN)))


def edit(site: SmallSite, how: str, path: str) -> None:
    file = site.root / path
    if how == "delete":
        file.unlink(missing_ok=True)
    elif how == "link":
        file.unlink(missing_ok=True)
        file.symlink_to(site.root / "content/news/plain-0001.md")
    elif how == "touch" and file.exists():
        os.utime(file, ns=(1, 1), follow_symlinks=False)  # where the link leads, nothing changed
    elif how == "replace":
        beside = site.write("content/beside", "other bytes")
        beside.replace(file)
    else:
        file.unlink(missing_ok=True)
        site.write(path, f"{path} is longer now")


@given(edits=EDITS, also=st.sets(st.sampled_from((*KNOWN, *OUTSIDE))))
@settings(max_examples=60)
def test_hints_give_what_a_whole_scan_does(edits: list[tuple[str, str]], also: set[str]) -> None:
    """With the paths of all that changed, and others, the answer is a whole scan's; or there is none."""
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-scan-"))
    try:
        site = full_site(folder / "site", articles=3)
        known = scan(load_site(site.root))
        for how, path in edits:
            edit(site, how, path)
        hints = frozenset(str(site.root / path) for path in {*also, *(path for _, path in edits)})
        found = scan_again(load_site(site.root), known, hints)
        whole = scan(load_site(site.root))
        assert found in (None, whole)
        still = all((site.root / path).is_file() and not (site.root / path).is_symlink() for path in KNOWN)
        assert (found is not None) or not still
    finally:
        shutil.rmtree(folder)


def test_what_is_no_known_file_takes_a_whole_scan(site: SmallSite) -> None:
    """A new file, a folder, a file that is not read: only a whole scan can tell what that means."""
    loaded = load_site(site.root)
    known = scan(loaded)
    for path in OTHERS:
        assert scan_again(loaded, known, frozenset([str(site.root / path)])) is None, path


def test_what_lies_outside_does_not_matter(site: SmallSite) -> None:
    """A template or the settings are no sources, nor is a folder whose name only begins like the content's."""
    loaded = load_site(site.root)
    known = scan(loaded)
    paths = frozenset(str(site.root / path) for path in (*OUTSIDE, "contents/news/x.md"))
    assert scan_again(loaded, known, paths) == known
