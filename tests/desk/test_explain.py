"""Explain: where an article stands and why, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_kit import SmallSite, report, tree

from desk.command import broadsheet

THEME = Path(__file__).parents[1] / "sites" / "theme"
NOON = "2026-03-01T12:00:00Z"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """Return a built site with an article in every state."""
    site = SmallSite(tmp_path_factory.mktemp("site"))
    site.settings(theme=str(THEME), base_url="https://news.example/sub/", timezone="Europe/Zurich")
    site.article("2026-02-01-plain", topics=["AI"], heat=64, redirect_from=["/old/"])
    site.article("2026-02-02-lead", related=[report("folded")], heat=128)
    site.article("2026-02-03-pinned", pin=True, publishedDateTime="2025-01-01T00:00:00Z", heat=1)
    site.article("2026-02-03-folded", webUrl="https://other.example/folded", heat=-1)
    site.article("2026-02-04-draft", published=False)
    site.article("2026-02-05-removed", removed=True)
    site.article("2026-03-05-later", publishedDateTime="2026-03-05T06:00:00Z")
    site.write("content/news/broken.md", "# no front matter\n")
    site.provider("outlet.example", images=[{"url": "/assets/gone.png"}])
    assert broadsheet("build", "--site", site.root, "--as-of", NOON).code == 1
    return site


def explain(site: SmallSite, subject: str | Path, *options: str, at: Path | None = None) -> list[str]:
    """Return what is said of a file, name or address."""
    answer = broadsheet("explain", "--site", site.root, "--as-of", NOON, *options, subject, at=at or site.root.parent)
    assert (answer.code, answer.err) == (0, "")
    return answer.out.splitlines()


def test_a_shown_article_has_its_places(site: SmallSite) -> None:
    """Its page, its rank and the sum behind it, what stands above it, its lists with place and archive page."""
    assert explain(site, "2026-02-01-plain.md") == [
        "content/news/2026-02-01-plain.md: 2026 02 01 plain",
        "state: shown",
        "page: https://news.example/sub/news/2026-02-01-plain/",
        "search engines: noindex: it has no commentary, coverage or video (`index_excerpts = true` changes that)",
        "rank: 3 of 3 on the front page: 20510.33 = log2(heat 64) 6.00 + published in half-lives of 24 h 20504.33",
        "  above it: content/news/2026-02-02-lead.md (20511.33)",
        "list: https://news.example/sub/news/, 1 of 3 from the newest; archive page 1",
        "list: https://news.example/sub/topics/ai/, 1 of 1 from the newest; archive page 1",
        "list: https://news.example/sub/providers/outlet.example/, 1 of 3 from the newest; archive page 1",
        "made last: new: it was made for the first time",
    ]


def test_a_pinned_article_is_said_to_be_pinned(site: SmallSite) -> None:
    """A pin is why it stands where its rank would not put it."""
    said = explain(site, "2026-02-03-pinned")
    assert said[4].startswith("rank: pinned on top, then 1 of 3 on the front page: ")
    assert explain(site, "2026-02-02-lead")[4].startswith("  above it: content/news/2026-02-03-pinned.md (")
    assert explain(site, "2026-02-02-lead")[4].endswith(", pinned)")


@pytest.mark.parametrize(
    ("stem", "state"),
    [
        ("2026-02-04-draft", "a draft, for `published` is false: `--drafts` shows it"),
        ("2026-02-05-removed", "removed, for `removed` or `deleted` is true: it is never in the site"),
        ("2026-03-05-later", "scheduled for 2026-03-05T07:00:00+01:00: `--as-of` shows the site then"),
        (
            "2026-02-03-folded",
            "folded, for `heat` is -1 and content/news/2026-02-02-lead.md lists its source in `related`; "
            "its address leads there",
        ),
    ],
)
def test_an_article_that_is_held_back_says_why(site: SmallSite, stem: str, state: str) -> None:
    """The first reason, the field behind it, and what would show it; nothing of places that it does not have."""
    assert explain(site, stem)[1:] == [f"state: {state}"]


def test_options_change_what_is_explained(site: SmallSite) -> None:
    """With `--drafts` a draft is shown, and the rest of its story is told."""
    assert explain(site, "2026-02-04-draft", "--drafts")[1] == "state: shown"


@pytest.mark.parametrize(
    "subject",
    [
        "2026-02-02-lead",
        "2026-02-02-lead.md",
        "content/news/2026-02-02-lead.md",
        "https://news.example/sub/news/2026-02-02-lead/",
        "https://news.example/sub/news/2026-02-02-lead",
        "https://news.example/sub/news/2026-02-02-lead/?utm_source=x#top",
        "/sub/news/2026-02-02-lead/",
        "/news/2026-02-02-lead/",
        "news/2026-02-02-lead/index.html",
    ],
)
def test_an_article_is_found_by_all_its_names(site: SmallSite, subject: str) -> None:
    """Stem, file name, path in the site, URL and site path all mean the article."""
    assert explain(site, subject)[0] == "content/news/2026-02-02-lead.md: 2026 02 02 lead"


def test_paths_count_from_where_the_reader_is(site: SmallSite) -> None:
    """A relative or absolute path of the file, or of its output, is found from any folder."""
    wanted = "content/news/2026-02-02-lead.md: 2026 02 02 lead"
    assert explain(site, "2026-02-02-lead.md", at=site.root / "content" / "news")[0] == wanted
    assert explain(site, f"{site.root.name}/content/news/2026-02-02-lead.md")[0] == wanted
    assert explain(site, site.root / "content" / "news" / "2026-02-02-lead.md")[0] == wanted
    assert explain(site, site.output / "news" / "2026-02-02-lead" / "index.html")[0] == wanted


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("https://news.example/sub/", ["/index.html: made as `front`"]),
        ("https://news.example/sub", ["/index.html: made as `front`"]),
        ("/", ["/index.html: made as `front`"]),
        ("/topics/ai/feed.xml", ["/topics/ai/feed.xml: made as `feed`"]),
        ("/news/page/1", ["/news/page/1/index.html: made as `list`"]),
        ("/old/", ["/old/index.html: made as `stub`", "an earlier address: it leads to /news/2026-02-01-plain/"]),
    ],
)
def test_other_outputs_say_what_makes_them(site: SmallSite, subject: str, said: list[str]) -> None:
    """A page, a feed, an archive page, a stub and where it leads."""
    assert explain(site, subject) == [*said, "made last: new: it was made for the first time"]


def test_a_file_that_is_left_out_has_its_errors(site: SmallSite) -> None:
    """A file that could not be read is answered with what is wrong in it; a warning leaves nothing out."""
    error = "content/news/broken.md:1:1: no front matter; begin the file with a line `---`, the fields and `---`"
    for subject in ("content/news/broken.md", "broken.md", str(site.root / "content/news/broken.md")):
        assert explain(site, subject) == [f"{subject}: is left out of the site", error]
    said = explain(site, "content/providers/outlet.example.yaml")
    assert said[0] == "content/providers/outlet.example.yaml: is no article and no address of this site"


@pytest.mark.parametrize(
    ("subject", "near"),
    [
        ("/toppics/", "near it: /topics/, /topics/ai/"),
        ("content/news/2026-02-1-plain.md", "near it: content/news/2026-02-01-plain.md"),
        ("zzzzzzzzzzzz", None),
    ],
)
def test_what_is_unknown_is_answered_with_what_is_near(site: SmallSite, subject: str, near: str | None) -> None:
    """Up to three near addresses or files, none where nothing is near."""
    first, *rest = explain(site, subject)
    assert first == f"{subject}: is no article and no address of this site"
    assert [line.startswith(near) for line in rest] == [True] if near else rest == []


def test_explaining_writes_nothing(site: SmallSite) -> None:
    """The site is as it was, its cache too; before the first build there is none to read."""
    before = tree(site.root)
    explain(site, "2026-02-01-plain")
    assert tree(site.root) == before


def test_it_says_why_an_output_was_made_again(tmp_path: Path) -> None:
    """Not yet made, new, its data, its template, its missing file: each has its word."""
    site = SmallSite(tmp_path)
    site.settings(theme="plain")
    for name, data in tree(THEME).items():
        site.write(f"themes/plain/{name}", data)
    site.article("a")

    def why() -> str:
        return explain(site, "a")[-1]

    def build() -> None:
        assert broadsheet("build", "--site", site.root, "--as-of", NOON).code == 0

    assert why() == "made last: not yet; the next build makes it"
    build()
    assert why() == "made last: new: it was made for the first time"
    site.article("a", title="Another")
    build()
    assert why() == "made last: data: what it shows changed"
    site.write("themes/plain/templates/card.html", "{{ card.title }}\n")
    build()
    assert why() == "made last: template: its template changed, or one that it extends, includes or imports"
    (site.output / "news" / "a" / "index.html").unlink()
    build()
    assert why() == "made last: forced: its file was missing or other than it was made"
