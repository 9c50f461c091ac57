"""One tiny broken site per mistake: what is printed of it is pinned word for word in its `expected.txt`.

`UPDATE_GOLDENS=1 pytest tests/test_broken_sites.py` writes the messages anew; read `git diff tests/sites_broken` then.
A case whose files git, an editor or a file system would mangle is completed here, by `MADE`.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from desk.command import broadsheet
from validate import dead_links

BROKEN = Path(__file__).parent / "sites_broken"
CASES = sorted(path.parent.name for path in BROKEN.glob("*/expected.txt"))
NOON = "2024-06-15T12:00:00Z"
UPDATING = os.environ.get("UPDATE_GOLDENS") == "1"
# What these leave out is linked from every page: a template's pages, a feed, an entry of the navigation.
LEAVES_DEAD_LINKS = {"article_called_like_a_feed", "dead_link", "template", "theme_without_a_template"}
HEAD = "---\ntitle: A title\npublishedDateTime: 2024-01-02\n---\n"

if UPDATING:
    CASES = sorted(path.name for path in BROKEN.iterdir() if path.is_dir())


def put(file: Path, data: bytes) -> None:
    """Write a file, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def latin_1(site: Path) -> None:
    """An article, a topic and a page as an old editor saves them."""
    put(site / "content/news/a.md", HEAD.replace("A title", "Crème brûlée").encode("latin-1"))
    put(site / "content/news/bom.md", b"\xef\xbb\xbf" + HEAD.encode() + "\nÉ".encode("latin-1"))
    put(site / "content/topics/1-x.yaml", "name: Étude\n".encode("latin-1"))


def binary(site: Path) -> None:
    """A picture that is called an article, and an archive that is called a page."""
    put(site / "content/news/a.md", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    put(site / "content/pages/b.md", b"PK\x03\x04\xff\xfe\x00")


def empty_file(site: Path) -> None:
    """Files without a byte, with a BOM only, and with nothing but white space."""
    put(site / "content/news/a.md", b"")
    put(site / "content/news/b.md", b"\xef\xbb\xbf")
    put(site / "content/news/c.md", b" \r\n\t\n")
    put(site / "content/news/d.md", b"---\n---\n")
    put(site / "content/topics/1-x.yaml", b"")


def utf_16(site: Path) -> None:
    """An article as some Windows editors save it."""
    put(site / "content/news/a.md", HEAD.encode("utf-16"))


def broken_picture(site: Path) -> None:
    """A PNG that ends behind its header, an empty JPEG, a web page that is called a picture."""
    header = struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    put(site / "content/images/cut.png", b"\x89PNG\r\n\x1a\n" + chunk)
    put(site / "content/images/empty.jpg", b"")
    put(site / "content/images/page.png", b"<!doctype html><title>Not found</title>")


def two_articles_by_case(site: Path) -> None:
    """Names that differ by case or by normal form only: some file systems hold one of them, not both."""
    for folder, name in (("news", "Story"), ("_news", "story"), ("news", "caf\u00e9"), ("_news", "cafe\u0301")):
        put(site / "content" / folder / f"{name}.md", HEAD.encode())


def link_out_of_the_site(site: Path) -> None:
    """Links to a file and a folder outside, to nothing, and in a circle."""
    outside = site.parent / "outside"
    put(outside / "secret.md", HEAD.encode())
    news = site / "content" / "news"
    (news / "file.md").symlink_to(outside / "secret.md")
    (news / "folder").symlink_to(outside)
    (news / "gone.md").symlink_to(site / "nothing.md")
    (news / "circle").symlink_to(site / "content")
    (site / "content" / "static").symlink_to(outside)


def site_toml_latin_1(site: Path) -> None:
    """Settings as an old editor saves them."""
    put(site / "site.toml", 'title = "Crème"\n'.encode("latin-1"))


MADE: dict[str, Callable[[Path], None]] = {
    each.__name__: each
    for each in (
        latin_1,
        binary,
        empty_file,
        utf_16,
        broken_picture,
        two_articles_by_case,
        link_out_of_the_site,
        site_toml_latin_1,
    )
}


@pytest.fixture
def site(case: str, tmp_path: Path) -> Path:
    """Return a copy of a broken site, completed."""
    shutil.copytree(BROKEN.parent / "sites" / "theme", tmp_path / "sites" / "theme")
    root = tmp_path / "sites_broken" / case
    shutil.copytree(BROKEN / case, root, ignore=shutil.ignore_patterns("expected.txt"))
    if case in MADE:
        MADE[case](root)
    return root


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_named(case: str, site: Path) -> None:
    """`broadsheet check` prints where each mistake is, what is wrong and what would be right, and writes nothing."""
    before = sorted(site.rglob("*"))
    answer = broadsheet("check", "--as-of", NOON, at=site)
    said = f"{answer.err}exit code {answer.code}\n".replace(str(site.parent), "…")
    if UPDATING:
        (BROKEN / case / "expected.txt").write_text(said)
    assert said == (BROKEN / case / "expected.txt").read_text()
    assert sorted(site.rglob("*")) == before


@pytest.mark.parametrize("case", CASES)
def test_the_rest_is_built(case: str, site: Path) -> None:
    """A build says the same; what is not wrong in the content is a site in which every link leads somewhere."""
    answer = broadsheet("build", "--as-of", NOON, at=site)
    said = f"{answer.err}exit code {answer.code}\n".replace(str(site.parent), "…")
    assert said == (BROKEN / case / "expected.txt").read_text()
    if answer.code == 2:
        assert not (site / "output").exists()
    elif case not in LEAVES_DEAD_LINKS:
        assert (site / "output" / "index.html").is_file()
        assert dead_links(site / "output", "https://example.org/") == []


def test_a_strict_build_writes_nothing(tmp_path: Path) -> None:
    """With `--strict` one warning is enough: all problems are printed, the code is 1 and the output is as before."""
    shutil.copytree(BROKEN.parent / "sites" / "theme", tmp_path / "sites" / "theme")
    site = tmp_path / "sites_broken" / "same_source"
    shutil.copytree(BROKEN / "same_source", site)
    answer = broadsheet("build", "--strict", "--as-of", NOON, at=site)
    expected = (BROKEN / "same_source" / "expected.txt").read_text().splitlines()[:-1]
    assert answer.code == 1
    assert answer.err.splitlines() == [*expected, "nothing was written: `--strict` builds only what has no problem"]
    assert answer.out == ""
    assert not any(path.is_file() for path in site.glob("output/**/*"))


def test_every_case_is_pinned() -> None:
    """Each folder has its messages, and each completion its folder."""
    folders = {path.name for path in BROKEN.iterdir() if path.is_dir()}
    assert folders == set(CASES)
    assert folders >= MADE.keys()
