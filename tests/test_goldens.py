"""Real small sites, built whole: every text of the output is as it stands in `tests/sites/<case>/golden/`.

After a change that is meant to change outputs, `UPDATE_GOLDENS=1 pytest tests/test_goldens.py` writes the goldens anew;
`git diff tests/sites` then shows what the change does to a site. Pictures' bytes are their library's, so of these only
names and sizes are compared (`pictures.txt`).
"""

from __future__ import annotations

import os
import re
import shutil
from difflib import unified_diff
from pathlib import Path

import PIL.Image
import pytest
from desk.command import broadsheet
from site_kit import SmallSite
from validate import dead_links

SITES = Path(__file__).parent / "sites"
CASES = sorted(path.parent.name for path in SITES.glob("*/site.toml"))
NOON = "2024-05-04T12:00"  # in the zone of each site
UPDATING = os.environ.get("UPDATE_GOLDENS") == "1"
PICTURES = (".webp", ".jpg", ".png")
FONTS = (".woff2",)  # their names, with a digest, stand in every page
INDEX = "search/pagefind/"  # no two indexes are equal byte for byte
LISTING = ".broadsheet"  # names the digests of pictures, too


@pytest.fixture(scope="module", params=CASES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Build a copy of a site, and return its name and its output."""
    case = str(request.param)
    place = tmp_path_factory.mktemp(case)
    shutil.copytree(SITES / "theme", place / "theme")
    shutil.copytree(SITES / case, place / case, ignore=shutil.ignore_patterns("golden", "pictures.txt"))
    answer = broadsheet("build", "--site", place / case, "--as-of", NOON)
    assert answer.code == 0, answer.err
    output = place / case / "output"
    if UPDATING:
        _update(case, output)
    return case, output


def test_every_text_is_as_it_was(built: tuple[str, Path]) -> None:
    """The output has the golden's files and no others, each with its bytes."""
    case, output = built
    wanted, found = _texts(SITES / case / "golden"), _texts(output)
    assert sorted(found) == sorted(wanted)
    changed = [name for name in wanted if wanted[name] != found[name]]
    assert not changed, "\n".join(line for name in changed[:3] for line in _diff(name, wanted[name], found[name]))


def test_every_picture_has_its_name_and_size(built: tuple[str, Path]) -> None:
    """The output has the pictures that the golden names, as wide and high as it says."""
    case, output = built
    assert _pictures(output) == (SITES / case / "pictures.txt").read_text().splitlines()


def test_every_link_leads_somewhere(built: tuple[str, Path]) -> None:
    """Every address in every page, feed, sitemap and API document is a file of the output or another site's."""
    base_url = {"rich": "https://example.org/news-site/", "rtl": "https://akhbar.example/"}
    assert dead_links(built[1], base_url.get(built[0], "https://example.org/")) == []


def test_a_second_build_changes_nothing(built: tuple[str, Path]) -> None:
    """The same site built again has the same bytes, and says so."""
    output = built[1]
    before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    answer = broadsheet("build", "--site", output.parent, "--as-of", NOON)
    assert "nothing changed" in answer.out
    assert {path: path.read_bytes() for path in output.rglob("*") if path.is_file()} == before


def test_the_golden_holds_no_secret() -> None:
    """The desk's sealed value is in the rich site's source, and in nothing that is made of it."""
    sealed = (b"QUJDREVGR0h", b"MDEyMzQ1Njc4")
    source = (SITES / "rich/content/_news/2024-05-02-lead.md").read_bytes()
    assert all(part in source for part in sealed)
    for name, data in _texts(SITES / "rich" / "golden").items():
        assert not any(part in data for part in sealed), name


def test_all_pages_of_a_list_are_a_chain(tmp_path: Path) -> None:
    """From a list's own page the links to older pages lead over each of its articles, and those to newer ones back."""
    site = SmallSite(tmp_path)
    site.settings(theme=str(SITES / "theme"), outputs={"api": False, "feeds": False, "sitemaps": False})
    stems = [f"a{number:02d}" for number in range(45)]
    for minute, stem in enumerate(stems):
        site.article(stem, publishedDateTime=f"2024-05-01T08:{minute:02d}:00Z", topics=["A" if minute % 2 else "B"])
    assert broadsheet("build", "--site", site.root, "--as-of", NOON).code == 0
    assert dead_links(site.output, "https://example.org/") == []  # nothing speaks of a family that is off

    def page(url: str) -> str:
        return (site.output / url.strip("/") / "index.html").read_text()

    urls, seen = ["/news/"], []
    while older := re.findall(r'<a rel="next" href="(/news/page/\d+/)">', page(urls[-1])):
        urls += older
    for url in urls:
        seen += re.findall(r'<a href="/news/(a\d\d)/">', page(url).partition("<main")[2])
    assert urls == ["/news/", "/news/page/2/", "/news/page/1/"]
    assert list(dict.fromkeys(seen)) == stems[::-1]
    assert 'rel="prev"' not in page("/news/") + page("/news/page/3/")
    assert '<a rel="prev" href="/news/page/3/">Page 3</a>' in page("/news/page/2/")
    assert ["noindex" in page(f"/news/page/{number}/") for number in (1, 2, 3)] == [False, False, True]


def _texts(folder: Path) -> dict[str, bytes]:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if path.suffix not in PICTURES + FONTS and name != LISTING and not name.startswith(INDEX)
    }


def _pictures(folder: Path) -> list[str]:
    lines = []
    for path in folder.rglob("*"):
        if path.suffix in PICTURES:
            with PIL.Image.open(path) as picture:
                lines.append(f"{path.relative_to(folder).as_posix()} {picture.width}x{picture.height}")
    return sorted(lines)


def _diff(name: str, wanted: bytes, found: bytes) -> list[str]:
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (wanted, found))
    return list(unified_diff(old, new, f"golden/{name}", f"output/{name}", lineterm="", n=1))[:40]


def _update(case: str, output: Path) -> None:
    golden = SITES / case / "golden"
    shutil.rmtree(golden, ignore_errors=True)
    for name, data in _texts(output).items():
        (golden / name).parent.mkdir(parents=True, exist_ok=True)
        (golden / name).write_bytes(data)
    (SITES / case / "pictures.txt").write_text("".join(f"{line}\n" for line in _pictures(output)))
