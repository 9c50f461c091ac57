"""Real input: the desks' own files in `../shared/corpus`, read as they are; without that folder this is skipped."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import frontmatter  # type: ignore[import-untyped]
import pytest
from desk.command import Answer, broadsheet

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
THEME = Path(__file__).parent / "sites" / "theme"
NOW = "2026-01-01T00:00:00Z"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no {CORPUS}: the desks' files are not ours to add")


def site_of(corpus: str, root: Path) -> Path:
    """Make a site whose content is a desk's folder."""
    settings = f"content = {json.dumps(str(CORPUS / corpus))}\ntheme = {json.dumps(str(THEME))}\n"
    (root / "site.toml").write_text(f"{settings}[images]\nfetch = false\n")
    return root


def built(site: Path, *options: str) -> tuple[Answer, dict[str, Any]]:
    """Build, and return the answer and its report."""
    answer = broadsheet("build", "--site", site, "--as-of", NOW, "--json", *options)
    return answer, json.loads(answer.out)


# -- a desk with topics, organizations and logos -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def powerapps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer, dict[str, Any]]:
    """Build the desk of 674 articles once."""
    site = site_of("powerapps", tmp_path_factory.mktemp("powerapps"))
    return (site, *built(site))


def test_every_article_of_the_desk_is_counted(powerapps: tuple[Path, Answer, dict[str, Any]]) -> None:
    """428 articles are shown and 246 are drafts: 674 files, each once; nothing in them is an error."""
    _, answer, report = powerapps
    assert report["articles"] == {"shown": 428, "early": 0, "removed": 0, "draft": 246, "scheduled": 0, "folded": 0}
    assert len(list((CORPUS / "powerapps" / "_news").glob("*.md"))) == 674
    assert (answer.code, report["errors"], report["next_due"]) == (0, 0, None)


def test_the_desks_own_slips_are_warnings(powerapps: tuple[Path, Answer, dict[str, Any]]) -> None:
    """Ten logos that data files name really are missing, and three sources stand in two articles each."""
    _, _, report = powerapps
    messages = [(problem["path"], problem["message"]) for problem in report["problems"]]
    missing = [path for path, message in messages if message.endswith("is missing")]
    twice = [path for path, message in messages if message.endswith("has the same source")]
    assert (len(missing), len(twice), len(messages)) == (10, 3, 13)
    assert all("/_data/organizations/" in path for path in missing)
    assert all(problem["line"] > 0 for problem in report["problems"])


def test_the_api_has_18_pages_in_a_chain(powerapps: tuple[Path, Answer, dict[str, Any]]) -> None:
    """Following `nextPage` from the newest leads over all 428 articles, 25 a page, newest first, each once."""
    folder = powerapps[0] / "output" / "api" / "news"
    assert (folder / "index.json").read_bytes() == (folder / "page" / "1" / "index.json").read_bytes()
    pages, number = [], 1
    while number is not None:
        pages.append(json.loads((folder / "page" / str(number) / "index.json").read_bytes()))
        assert pages[-1]["page"] == number
        number = pages[-1]["nextPage"]
    assert [page["nextPage"] for page in pages] == [*range(2, 19), None]
    assert sorted(int(path.name) for path in (folder / "page").iterdir()) == list(range(1, 19))
    assert [len(page["value"]) for page in pages] == [25] * 17 + [3]
    items = [item for page in pages for item in page["value"]]
    dates = [item["publishedDateTime"] for item in items]
    assert dates == sorted(dates, reverse=True)
    assert len({item["path"] for item in items}) == 428


def test_the_api_says_what_the_files_say(powerapps: tuple[Path, Answer, dict[str, Any]]) -> None:
    """Each item has its file's own values under the format's names, and nothing that is the desk's alone."""
    folder = powerapps[0] / "output" / "api" / "news"
    wanted = "path title excerpt sourceUrl webUrl originalUrl featuredContent highlight heat tags images content type"
    wanted += " ampWebUrl cdnAmpWebUrl publishedDateTime updatedDateTime provider locale categories topics"
    for item in json.loads((folder / "page" / "7" / "index.json").read_bytes())["value"]:
        assert set(item) == set(wanted.split())
        name = item["path"].removeprefix("_news/")
        fields = frontmatter.load(str(CORPUS / "powerapps" / "_news" / name)).metadata
        assert (item["heat"], item["topics"]) == (fields["heat"], fields["topics"])
        assert item["sourceUrl"] == f"https://example.org/api/news/{name[:-3]}/index.json"
        assert (folder / name[:-3] / "index.json").is_file()


def test_what_all_articles_are_about_is_the_root_topic(powerapps: tuple[Path, Answer, dict[str, Any]]) -> None:
    """`Power Apps` is on all of them: it has its page, but no chip and no block; the main topics are its children."""
    output = powerapps[0] / "output"
    front = (output / "index.html").read_text()
    assert (output / "topics" / "power-apps" / "index.html").is_file()
    assert "/topics/power-apps/" not in front
    assert re.search(r'<section class="block">\s*<h2><a href="/topics/[^"]+">[^<]+</a></h2>', front)


# -- stories with their coverage ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Build the 173 articles of stories once."""
    site = site_of("stories", tmp_path_factory.mktemp("stories"))
    return site, built(site)[1]


def pages_of(site: Path) -> dict[str, str]:
    """Return the text of every article's page by its stem."""
    return {path.parent.name: path.read_text() for path in (site / "output" / "news").glob("2*/index.html")}


def test_every_lead_is_shown_with_its_coverage(stories: tuple[Path, dict[str, Any]]) -> None:
    """39 leads are shown, each with reports; the 134 others of their stories are drafts of the desk."""
    site, report = stories
    assert report["articles"] == {"shown": 39, "early": 0, "removed": 0, "draft": 134, "scheduled": 0, "folded": 0}
    assert report["problems"] == []
    pages = pages_of(site)
    assert len(pages) == 39
    assert all(int(re.search(r"<h2>(\d+) reports</h2>", text)[1]) > 0 for text in pages.values())  # type: ignore[index]


def test_coverage_is_each_report_once(stories: tuple[Path, dict[str, Any]]) -> None:
    """A page shows as many reports as its file names addresses: the longest list has 179 entries, two of them twice."""
    lengths = {}
    for stem, text in pages_of(stories[0]).items():
        related = frontmatter.load(str(CORPUS / "stories" / "_news" / f"{stem}.md")).metadata["related"]
        addresses = {re.sub(r"^https?://(www\.)?|/$", "", report["webUrl"]) for report in related}
        coverage = text.partition('<section class="coverage">')[2].partition("</section>")[0]
        shown = int(re.search(r"<h2>(\d+) reports</h2>", text)[1])  # type: ignore[index]
        assert coverage.count('rel="noopener"') == shown
        assert text.count("<li>") == shown + 1  # the time line has the lead, too
        assert len(addresses) - 2 <= shown <= len(addresses)
        lengths[stem] = (len(related), shown)
    assert max(lengths.values()) == (179, 177)


def test_with_drafts_the_stories_fold(stories: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """With `--drafts` the others are folded into the stories that list them: a stub leads from each to its lead."""
    site = site_of("stories", tmp_path)
    _, report = built(site, "--drafts")
    shown, folded = report["articles"]["shown"], report["articles"]["folded"]
    assert shown + folded == 173
    assert shown >= 39
    stubs = [text for text in pages_of(site).values() if 'http-equiv="refresh"' in text]
    assert len(stubs) == folded
    for text in stubs:
        (target,) = re.findall(r'content="0; url=(/news/[^"]+/)"', text)
        assert '<section class="coverage">' in (site / "output" / target.strip("/") / "index.html").read_text()
    assert len((site / "output" / "_redirects").read_text().splitlines()) == folded


# -- one article with a sealed value -----------------------------------------------------------------------------------


def sealed() -> list[bytes]:
    """Return every run of 12 characters of the sealed value, and of 8 bytes of what it encodes."""
    (file,) = (CORPUS / "seed" / "_news").glob("*.md")
    value = str(frontmatter.load(str(file)).metadata["secured"])
    runs = [value[at : at + 12].encode() for at in range(len(value) - 11)]
    for part in value.split(";"):
        data = base64.b64decode(part)
        runs += [data[at : at + 8] for at in range(len(data) - 7)]
    assert len(runs) > 100
    return runs


def test_the_seed_is_a_draft(tmp_path: Path) -> None:
    """The user's own sample is not published: a site without articles, and a message that says why."""
    site = site_of("seed", tmp_path)
    answer = broadsheet("build", "--site", site, "--as-of", NOW)
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "0 articles shown; held back: 1 draft"
    assert not list((site / "output" / "news").glob("2*"))


def test_the_seed_as_a_page_links_its_coverage(tmp_path: Path) -> None:
    """With `--drafts` it is shown, and its coverage is linked at The Verge itself, not at an AMP cache."""
    site = site_of("seed", tmp_path)
    _, report = built(site, "--drafts")
    assert report["articles"]["shown"] == 1
    (page,) = pages_of(site).values()
    assert re.search(r'<a href="https://www\.theverge\.com/[^"]+" rel="noopener">', page)
    assert "ampproject" not in page.partition("<main")[2]


def test_no_byte_of_the_sealed_value_is_kept(tmp_path: Path) -> None:
    """Neither output nor cache nor anything that is printed holds a part of `secured`, as it is written or decoded."""
    site = site_of("seed", tmp_path)
    printed = [built(site, "--drafts")[0].text, broadsheet("check", "--site", site, "--drafts").text]
    (file,) = (CORPUS / "seed" / "_news").glob("*.md")
    printed += [broadsheet("explain", "--site", site, "--drafts", file.name).text]
    printed += [broadsheet("explain", "--site", site, file).text]
    kept = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    cache = [data for path, data in kept.items() if ".broadsheet" in path.parts[len(site.parts)]]
    assert sum(b"Pay You for Voice Recordings" in data for data in cache) >= 2  # not compressed: a search sees all
    everything = b"\n".join([*kept.values(), *(text.encode() for text in printed)])
    assert not [run for run in sealed() if run in everything]
    assert b"secured" not in everything
