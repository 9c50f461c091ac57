"""The walk through the content folder: what is a source, of which kind, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator.base.config import Settings, Site
from generator.base.files import Look, look, survey
from generator.base.problems import ConfigError
from generator.content.scan import Scan, scan


def scanned(root: Path, settings: Settings | None = None, seen: Mapping[str, Look] = {}) -> Scan:
    """Scan the site at `root`."""
    settings = settings or Settings()
    folders = (root / name for name in (settings.content, "themes", "output", ".broadsheet"))
    return scan(Site(root, settings, *folders), seen)


def write(root: Path, *names: str) -> None:
    """Write a small file at each path."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(scan: Scan) -> list[tuple[str, str, str]]:
    """Return path, kind and name of every source."""
    return [(source.path, source.kind, source.name) for source in scan.sources]


def test_folders_say_what_a_file_is(tmp_path: Path) -> None:
    """Every folder of the format, plain, with an underscore and under _data."""
    write(
        tmp_path / "content",
        "news/2020-x.md",
        "_news/y.md",
        "_archive/_news/2019/z.md",
        "topics/01-a.yaml",
        "_data/topics/b.yml",
        "providers/c.com.yaml",
        "_data/organizations/d.com.md",
        "pages/about.md",
        "_data/pages/terms.md",
        "images/a/b.jpg",
        "assets/logos/x.png",
        "_assets/y.css",
        "static/CNAME",
        "static/.well-known/x",
        "static/.keep",
    )
    assert found(scanned(tmp_path)) == [
        ("content/_archive/_news/2019/z.md", "article", "z.md"),
        ("content/_assets/y.css", "asset", "assets/y.css"),
        ("content/_data/organizations/d.com.md", "provider", "d.com.md"),
        ("content/_data/pages/terms.md", "page", "terms.md"),
        ("content/_data/topics/b.yml", "topic", "b.yml"),
        ("content/_news/y.md", "article", "y.md"),
        ("content/assets/logos/x.png", "asset", "assets/logos/x.png"),
        ("content/images/a/b.jpg", "picture", "images/a/b.jpg"),
        ("content/news/2020-x.md", "article", "2020-x.md"),
        ("content/pages/about.md", "page", "about.md"),
        ("content/providers/c.com.yaml", "provider", "c.com.yaml"),
        ("content/static/.keep", "static", ".keep"),
        ("content/static/.well-known/x", "static", ".well-known/x"),
        ("content/static/CNAME", "static", "CNAME"),
        ("content/topics/01-a.yaml", "topic", "01-a.yaml"),
    ]


def test_a_source_carries_its_stat(tmp_path: Path) -> None:
    """Size and times are taken once, while the folder is listed."""
    write(tmp_path, "content/news/x.md")
    stat = os.stat(tmp_path / "content/news/x.md")
    (source,) = scanned(tmp_path).sources
    assert source.stat == look(stat)


def test_what_was_looked_at_is_not_looked_at_again(tmp_path: Path) -> None:
    """A look that was just taken is the source's; links, and what has come since, are looked at here."""
    content = tmp_path / "content"
    write(content, "news/2020-a.md", "news/deep/2020-b.md", "images/x.png", "static/.well-known/y", "news/gone.md")
    (content / "news" / "link.md").symlink_to("2020-a.md")
    (content / "images" / "linked").symlink_to("../static")
    seen = dict(survey(str(content)))
    write(content, "news/2020-new.md")
    (content / "news" / "gone.md").unlink()
    assert scanned(tmp_path, seen=seen) == scanned(tmp_path)
    (content / "news" / "2020-a.md").write_bytes(b"longer than before")
    old = {source.name: source.stat for source in scanned(tmp_path, seen=seen).sources}
    new = {source.name: source.stat for source in scanned(tmp_path).sources}
    assert old["2020-a.md"] == seen["news/2020-a.md"] != new["2020-a.md"] == old["link.md"]
    del old["2020-a.md"], new["2020-a.md"]
    assert old == new


def test_sections_are_settings(tmp_path: Path) -> None:
    """Each section has its three folders; without it `news` is nothing."""
    write(tmp_path / "content", "blog/x.md", "_events/y.md", "_archive/_blog/z.md", "news/n.md")
    scan = scanned(tmp_path, Settings(sections=("blog", "events")))
    assert [(source.name, source.section) for source in scan.sources] == [
        ("z.md", "blog"),
        ("y.md", "events"),
        ("x.md", "blog"),
    ]
    assert scan.ignored == 1


def test_other_files_are_counted_and_never_a_problem(tmp_path: Path) -> None:
    """Other folders are not entered and count once; wrong suffixes count, too."""
    write(
        tmp_path / "content",
        "news/x.md",
        "_learning/a.md",
        "_learning/b.md",
        "README.md",
        "_data/other/x.yaml",
        "news/x.jpg",
        "topics/x.json",
    )
    scan = scanned(tmp_path)
    assert found(scan) == [("content/news/x.md", "article", "x.md")]
    assert scan.ignored == 5
    assert scan.problems == ()


def test_hidden_and_temporary_files_are_nothing(tmp_path: Path) -> None:
    """What systems and editors leave behind is neither source nor counted."""
    write(
        tmp_path / "content",
        "news/.x.md.swp",
        "news/x.md~",
        "news/#x.md#",
        "news/.keep",
        "images/.DS_Store",
        ".gitignore",
        "news/.git/x.md",
        "static/.DS_Store",
        "static/.git/config",
    )
    assert scanned(tmp_path) == Scan((), 0, ())


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("../../../outside.md", "content/news/l.md: this link leads out of the site; put a copy of the file here"),
        ("nowhere.md", "content/news/l.md: this link leads nowhere; delete it"),
        ("l.md", "content/news/l.md: this link leads nowhere; delete it"),
        ("../../..", "content/news/l.md: this link leads out of the site; put a copy of the file here"),
        ("..", "content/news/l.md: this link leads to a folder that is read already; delete the link"),
    ],
)
def test_links_that_lead_astray_are_refused(tmp_path: Path, target: str, message: str) -> None:
    """A link out of the site, to nothing or in a circle is an error with its path."""
    write(tmp_path, "outside.md")
    write(tmp_path / "site", "content/news/x.md")
    (tmp_path / "site/content/news/l.md").symlink_to(target)
    scan = scanned(tmp_path / "site")
    assert [source.name for source in scan.sources] == ["x.md"]
    assert [str(problem) for problem in scan.problems] == [message]


def test_links_inside_the_site_are_followed_once(tmp_path: Path) -> None:
    """A folder may be linked in from elsewhere in the site; many links to it do not multiply it."""
    write(tmp_path, "content/news/x.md", "shared/y.md")
    for name in ("a", "b"):
        (tmp_path / "content/news" / name).symlink_to("../../shared")
    (tmp_path / "content/news/z.md").symlink_to("x.md")
    scan = scanned(tmp_path)
    assert sorted(source.name for source in scan.sources) == ["x.md", "y.md", "z.md"]
    assert len(scan.problems) == 1


@pytest.mark.parametrize(
    ("name", "shown"), [(b"caf\xe9.md", r"content/news/caf\xe9.md"), (b"a\nb.md", r"content/news/a\nb.md")]
)
def test_a_name_that_is_no_text_is_refused(tmp_path: Path, name: bytes, shown: str) -> None:
    """A name in Latin-1 or with a line break cannot be an address."""
    write(tmp_path, "content/news/x.md")
    (tmp_path / "content/news" / os.fsdecode(name)).write_bytes(b"x")
    scan = scanned(tmp_path)
    assert [source.name for source in scan.sources] == ["x.md"]
    assert [str(problem) for problem in scan.problems] == [
        f"{shown}: the file's name is not UTF-8 text, or has control characters; rename it"
    ]


def test_names_of_any_script_are_fine(tmp_path: Path) -> None:
    """Only what is no text is refused."""
    write(tmp_path, "content/news/東京 «é».md")
    assert [source.name for source in scanned(tmp_path).sources] == ["東京 «é».md"]


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """Reading it would wait for ever."""
    write(tmp_path, "content/news/x.md")
    os.mkfifo(tmp_path / "content/news/p.md")
    assert len(scanned(tmp_path).sources) == 1


def test_content_may_lie_outside_of_the_site(tmp_path: Path) -> None:
    """Then a path begins with the setting as it is written."""
    write(tmp_path, "desk/_news/x.md")
    (tmp_path / "site").mkdir()
    assert found(scanned(tmp_path / "site", Settings(content="../desk"))) == [("../desk/_news/x.md", "article", "x.md")]
    here = Settings(content=str(tmp_path / "desk"))
    assert [source.path for source in scanned(tmp_path / "site", here).sources] == [f"{tmp_path}/desk/_news/x.md"]


def test_the_site_may_be_its_content(tmp_path: Path) -> None:
    """`content = "."` reads the sections in the site's own folder."""
    write(tmp_path, "_news/x.md", "output/index.html")
    assert found(scanned(tmp_path, Settings(content="."))) == [("_news/x.md", "article", "x.md")]


def test_no_content_folder_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigError) as error:
        scanned(tmp_path)
    assert str(error.value) == (
        'site.toml: content: there is no folder content; create it, or name your folder of articles: content = "…"'
    )
