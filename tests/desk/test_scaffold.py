"""Scaffold: new articles are valid whatever their title, new sites build at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.base.config import Site, load_site
from generator.base.files import look
from generator.base.records import Article, SourceFile
from generator.content.article import read_article
from generator.content.text import plain
from generator.desk.scaffold import ExistsAlready, NoTitle, new_article, new_site

NIGHT = datetime(2026, 2, 28, 23, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return an empty site."""
    (tmp_path / "site.toml").write_text('timezone = "Europe/Zurich"\n')
    return load_site(tmp_path)


def read(file: Path) -> Article:
    """Read an article as a build does; it must be without a problem."""
    source = SourceFile(f"content/news/{file.name}", "article", file.name, "news", look(file.stat()))
    article, problems = read_article(source, file.read_bytes(), "UTC")
    assert problems == ()
    assert article is not None
    return article


def test_a_new_article_is_a_draft_of_today(site: Site) -> None:
    """Its name has the site's date and the title's slug, its date the site's offset; it reads without a problem."""
    file = new_article(site, "A first title", NIGHT)
    assert file == site.content / "news" / "2026-03-01-a-first-title.md"
    assert "publishedDateTime: 2026-03-01T00:30:15+01:00\n" in file.read_text()
    article = read(file)
    assert (article.title, article.draft, article.section) == ("A first title", True, "news")
    assert article.published == NIGHT.replace(microsecond=0)


@pytest.mark.parametrize(
    "title",
    [
        'He said "no"',
        "It's: a # {title} [with] everything, & more!",
        "\\ back \\n slash \\",
        "../../etc/passwd",
        "C:\\Windows",
        "😀 emoji ✨",
        "東京の記事",
        "عنوان",
        "--- dashes ---",
        "null",
        "2024-01-01",
        "a\ttab and a\nline",
        "del \x7f nel \x85 bom \ufeff end",
        "bad \udcff byte",
        "AT&amp;T &lt; 5",
        "x" * 500,
        "東" * 300,
    ],
)
def test_any_title_makes_a_valid_article(site: Site, title: str) -> None:
    """Quotes, slashes, emoji, control characters and 500 letters: the file stands in its folder and reads back."""
    file = new_article(site, title, NIGHT)
    assert file.parent == site.content / "news"
    assert read(file).title == plain(title)


@given(st.text())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_title_reads_back(site: Site, title: str) -> None:
    """What is written is what will be read."""
    try:
        file = new_article(site, title, NIGHT)
    except NoTitle:
        assert plain(title) == ""
        return
    assert read(file).title == plain(title)
    file.unlink()


@pytest.mark.parametrize("title", ["", "   ", "\n\t", "\ufeff", "<br>"])
def test_an_article_has_a_title(site: Site, title: str) -> None:
    """Nothing that can be read is no title, and no file is made."""
    with pytest.raises(NoTitle, match="the title is empty"):
        new_article(site, title, NIGHT)
    assert not site.content.exists()


def test_a_file_that_is_there_is_kept(site: Site) -> None:
    """The same title on the same day is refused, and the first file is as it was."""
    file = new_article(site, "Same", NIGHT)
    file.write_text("mine")
    with pytest.raises(ExistsAlready, match="is there already"):
        new_article(site, "same!", NIGHT)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("folder", ["news", "_news"])
def test_an_article_goes_where_the_desk_has_its_own(site: Site, folder: str) -> None:
    """A desk's `_news/` is its section's folder."""
    (site.content / folder).mkdir(parents=True)
    assert new_article(site, "x", NIGHT).parent == site.content / folder


def test_a_new_site_lists_its_files(tmp_path: Path) -> None:
    """Settings, an article, a topic, a page, and what version control should leave out."""
    files = new_site(tmp_path / "deep" / "site", NIGHT)
    assert [file.relative_to(tmp_path / "deep" / "site").as_posix() for file in files] == [
        "site.toml",
        "content/news/2026-02-28-hello.md",
        "content/topics/01-meta.yaml",
        "content/pages/about.md",
        ".gitignore",
    ]


@pytest.mark.parametrize("name", ["site.toml", ".gitignore", "content/pages/about.md"])
def test_nothing_that_is_there_is_written_over(tmp_path: Path, name: str) -> None:
    """A folder that has one of the files is refused before anything is written."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ExistsAlready, match="wants a folder of its own"):
        new_site(tmp_path, NIGHT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]
