"""Present: what an editor is told of a page, and which files may be opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import templates_compiled_once
from session_kit import make_live
from site_kit import SmallSite

from generator.preview.present import Present


@pytest.fixture(autouse=True)
def _fast() -> Iterator[None]:
    with templates_compiled_once():
        yield


def test_the_bar_of_an_article(site: SmallSite) -> None:
    """It tells file, template, rank, heat and why the article stands where it does."""
    about = Present(make_live(site)).about("news/2026-02-28-lead/index.html")
    assert about
    assert (about.kind, about.title, about.path) == (
        "article",
        "The lead of a story",
        "content/news/2026-02-28-lead.md",
    )
    assert (about.template, about.rank, about.heat, about.held) == ("themes/default/templates/article.html", 2, 150, "")
    assert about.why_here
    scheduled = Present(make_live(site)).about("news/2026-03-05-scheduled/index.html")
    assert scheduled
    assert (scheduled.rank, scheduled.held[:13]) == (1, "scheduled for")


@pytest.mark.parametrize(
    ("output", "kind", "path"),
    [
        ("index.html", "front", ""),
        ("topics/chips/index.html", "list", "content/topics/02-chips.yaml"),
        ("providers/outlet.example/index.html", "list", "content/providers/outlet.example.yaml"),
        ("about/index.html", "page", "content/pages/about.md"),
        ("404.html", "missing", ""),
        ("old/plain/index.html", "stub", ""),
        ("topics/index.html", "topics", ""),
        ("feed.xml", "feed", ""),
    ],
)
def test_the_bar_of_other_outputs(site: SmallSite, output: str, kind: str, path: str) -> None:
    """A page that has one source names it; one that is made of many does not."""
    about = Present(make_live(site)).about(output)
    assert about
    assert (about.kind, about.path) == (kind, path)
    assert about.template.endswith(".html") == output.endswith(".html")


def test_what_is_not_there_has_no_bar(site: SmallSite) -> None:
    """An output that the site does not have is told nothing of."""
    assert Present(make_live(site)).about("nowhere/index.html") is None


@pytest.mark.parametrize(
    "path", ["site.toml", "content/news/2026-02-10-draft.md", "themes/default/templates/base.html"]
)
def test_a_file_of_the_site_may_be_opened(site: SmallSite, path: str) -> None:
    """Sources, the theme's files and the settings may."""
    assert Present(make_live(site)).source(path) == site.root / path


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "content",
        "content/news",
        "/etc/passwd",
        "../secret.txt",
        "content/../../secret.txt",
        "content/news/../../../secret.txt",
        "themes/default/../../../secret.txt",
        "themes/default/templates/../../../../secret.txt",
        "themes/default",
        "themes/default/templates/gone.html",
        "output/index.html",
        ".broadsheet/state",
        ".git/config",
        "secret.txt",
        "content\\news\\plain-0000.md",
    ],
)
def test_no_other_file_may_be_opened(site: SmallSite, path: str) -> None:
    """Nothing that is not of the site, by whatever path it is named."""
    for place in (site.root, site.root.parent):
        (place / "secret.txt").write_text("secret")
    site.write(".git/config", "[core]")
    assert Present(make_live(site)).source(path) is None


def test_a_link_out_of_the_theme_is_not_opened(site: SmallSite, tmp_path: Path) -> None:
    """A theme of somebody else may hold a link; what it leads to is not the site's."""
    (tmp_path / "secret.txt").write_text("secret")
    live = make_live(site)
    (site.root / "themes/default/templates/away.html").symlink_to(tmp_path / "secret.txt")
    assert Present(live).source("themes/default/templates/away.html") is None


@pytest.mark.parametrize(
    ("line", "is_shown"),
    [("heat: 1", True), ("api_key: [s3cret", False), ("password: [s3cret", False), ("token: {s3cret", False)],
)
def test_a_line_with_a_secret_is_not_shown(site: SmallSite, line: str, is_shown: bool) -> None:
    """A problem comes with its line's text, but for what may be a key or a password."""
    site.write("content/news/2026-02-21-broken.md", f"---\ntitle: x\n{line}\n---\n")
    live = make_live(site)
    found = [problem for problem in Present(live).problems() if "broken" in problem.path]
    assert found
    assert all("s3cret" not in "".join(map(str, problem)) for problem in found)
    if is_shown:
        assert [problem.text for problem in found] == ["title: x"]


def test_the_page_of_the_saved_file(site: SmallSite) -> None:
    """The address of what was saved last is known, for sources of every kind that have a page; else it stays."""
    present = Present(make_live(site))
    root = site.root
    for path, url in (
        ("content/news/2026-02-28-lead.md", "/news/2026-02-28-lead/"),
        ("content/topics/02-chips.yaml", "/topics/chips/"),
        ("content/providers/outlet.example.yaml", "/providers/outlet.example/"),
        ("content/pages/about.md", "/about/"),
        ("site.toml", "/about/"),
        ("content/images/lead.png", "/about/"),
    ):
        present.note_saved(frozenset([str(root / path)]))
        assert present.saved() == url
    present.note_saved(None)
    assert present.saved() == "/about/"


def test_errors_come_first(site: SmallSite) -> None:
    """Of the problems of the whole site errors stand before warnings."""
    site.write("content/news/2026-02-21-broken.md", "---\ntitle: [\n---\n")
    severities = [problem.severity for problem in Present(make_live(site)).problems()]
    assert severities == sorted(severities)
    assert "error" in severities
