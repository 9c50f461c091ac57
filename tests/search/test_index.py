"""The search index: what is in it, when it is made, and that a site is whole without it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_kit import SmallSite, build, clean_tree, run_here, small_site, tree

from generator.builder.store import Store
from generator.indexing import installed
from generator.reading import Reading
from generator.search.document import Document, page
from generator.search.index import Index, keep_index, kept_index
from generator.search.tool import ToolFailed, make_index

ENTRY = "search/pagefind/pagefind-entry.json"
WORDS = st.text("ab<&\"' é東", max_size=6)
DOCUMENTS = st.builds(
    Document,
    address=st.just("news/a/"),
    title=WORDS,
    excerpt=WORDS,
    text=st.just(b""),
    outlet=WORDS,
    topics=st.lists(WORDS, max_size=2).map(tuple),
    year=st.just("2026"),
    type=WORDS,
    published=st.integers(0, 9),
    language=WORDS,
)


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """Return a site with a search page and three articles, one of them without an excerpt."""
    site = small_site(tmp_path / "site", outputs={"search": True})
    site.topic("Computing", 1)
    site.topic("Chips", 2, parent="Computing")
    site.article("2026-02-20-plain", "A zebra, and no more.\n", topics=["Chips"])
    site.article("2026-02-21-video", type="video")
    site.article("2026-02-22-bare", excerpt="")
    return site


def index_of(site: SmallSite) -> dict[str, bytes]:
    """Return the files of the index in the output."""
    return {name: data for name, data in tree(site.output).items() if name.startswith("search/pagefind/")}


def pages_in(site: SmallSite) -> int:
    """Return how many articles the index in the output says that it has."""
    languages = json.loads((site.output / ENTRY).read_bytes())["languages"]
    return sum(one["page_count"] for one in languages.values())


def test_only_articles_are_indexed(site: SmallSite) -> None:
    """Each shown article is in the index once, and nothing else; of Pagefind's own pages and scripts none is there."""
    site.article("2026-02-23-draft", published=False)
    site.page("about", "About", "Who we are.")
    done = build(site)
    assert (done.search, pages_in(site)) == ("made", 3)
    files = index_of(site)
    assert sum(name.startswith("search/pagefind/fragment/") for name in files) == 3
    assert not [name for name in files if "ui" in name or "highlight" in name]


def test_it_is_made_where_a_text_changed(site: SmallSite) -> None:
    """What an index has no word of leaves it as it is; title, excerpt, commentary, topic and outlet do not."""
    build(site)
    for text, changes in (
        ("kept", {"heat": 99, "quality": 1}),
        ("made", {"title": "Other"}),
        ("made", {"topics": ["X"]}),
    ):
        before = index_of(site)
        site.edit(site.articles()[0], **changes)
        assert build(site).search == text
        assert (index_of(site) == before) == (text == "kept")
    site.edit(site.articles()[0], "Other words.\n")
    assert build(site).search == "made"
    site.provider("outlet.example", name="The Outlet")
    assert build(site).search == "made"
    site.remove("content/news/2026-02-22-bare.md")
    assert build(site).search == "made"
    assert pages_in(site) == 2


def test_the_output_is_mended_without_the_tool(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that was deleted from the output is put back as it was; a file that was added to it is left alone."""
    build(site)
    before = index_of(site)
    monkeypatch.setattr("generator.indexing.make_index", lambda *_: pytest.fail("the tool was started"))
    for name in before:
        site.remove(f"output/{name}")
    done = build(site)
    assert (done.search, index_of(site)) == ("kept", before)


def test_with_the_same_index_a_clean_build_is_equal(site: SmallSite, tmp_path: Path) -> None:
    """An index is an input: who has it builds the same bytes elsewhere, which `--verify` does, too."""
    assert run_here(site, "build", "--verify").err.endswith("verify: equal to a clean build\n")
    copy = site.copy(tmp_path / "copy")
    keep_index(Store(copy.cache, Reading), kept_index(Store(site.cache, Reading)))
    build(copy)
    assert tree(copy.output) == tree(site.output)
    alone = clean_tree(site, tmp_path / "alone")
    others = {name for name, data in tree(site.output).items() if alone.get(name) != data}
    assert {name for name in others if not name.startswith("search/pagefind/")} <= {".broadsheet"}


def test_a_damaged_index_is_made_anew(site: SmallSite) -> None:
    """What is kept in the cache is looked at before it is believed."""
    build(site)
    (site.cache / "variants" / "search").write_bytes(b"x" * 99)
    site.edit(site.articles()[0], heat=99)
    assert build(site).search == "made"


def test_without_the_extra(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page, no link, one line in the summary; the rest of the site is what it is where search is turned off."""
    monkeypatch.setattr("generator.indexing.installed", lambda: False)
    answer = run_here(site, "build")
    assert (answer.code, answer.out.count("no search: `pip install 'broadsheet[search]'` brings it")) == (0, 1)
    without = tree(site.output)
    assert not [name for name, data in without.items() if name.startswith("search/") or b'href="/search/"' in data]
    site.settings(title="Small news", base_url="https://news.example/", outputs={"search": False})
    assert "no search" not in run_here(site, "build").out
    assert tree(site.output) == without


def test_a_tool_that_fails_costs_the_search_alone(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning says so; the last index stands, and the next build tries again."""
    build(site)
    before = index_of(site)

    def fail(*_: object) -> None:
        raise ToolFailed("Pagefind says: no")

    with monkeypatch.context() as patch:
        patch.setattr("generator.indexing.make_index", fail)
        site.edit(site.articles()[0], title="Other")
        done = build(site)
    assert [str(problem) for problem in done.problems] == [
        "site.toml:8:1: outputs.search: Pagefind says: no; the last index stands; `search = false` does without any"
    ]
    assert (done.search, index_of(site)) == ("failed", before)
    assert build(site).search == "made"


@pytest.mark.parametrize("names", [["title", "excerpt", "text", "outlet", "topics", "type", "published", "language"]])
@given(one=DOCUMENTS, other=DOCUMENTS)
def test_the_key_has_all_that_is_indexed(names: list[str], one: Document, other: Document) -> None:
    """Documents are what the key is made of: where they are equal so are their pages, and each field is in the page."""
    if page(one, "") != page(other, ""):
        assert one != other
    assert {*names, "address", "year"} == set(Document.__struct_fields__)


@pytest.mark.parametrize("text", ["…", "", "東京の話"])
def test_texts_without_words(text: str) -> None:
    """An article is found by its title where its excerpt has no word; where nothing has one there is no index."""
    document = Document("news/a/", "Title", text, b"", "", (), "2026", "article", 1, "")
    assert any(name.startswith("fragment/") for name in make_index([(document, "")], "ja"))
    assert make_index([], "en") == make_index([(Document("a/", "…", "", b"", "", (), "", "", 1, ""), "")], "en") == {}


def test_settings_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pagefind's own settings, of another tool's in the environment or the folder, do not reach us."""
    (tmp_path / "pagefind.toml").write_text('exclude_selectors = ["p"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGEFIND_EXCLUDE_SELECTORS", "p")
    document = Document("news/a/", "Title", "Words", b"", "", (), "2026", "article", 1, "")
    assert any(name.startswith("fragment/") for name in make_index([(document, "")], "en"))
    monkeypatch.setattr("generator.search.tool._executable", lambda: "/nowhere/pagefind")
    with pytest.raises(ToolFailed, match="cannot be started"):
        make_index([(document, "")], "en")


def test_nothing_is_imported_to_know_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at the folders of libraries is enough."""
    monkeypatch.delitem(sys.modules, "pagefind_bin", raising=False)
    assert installed()
    assert "pagefind_bin" not in sys.modules


def test_a_check_makes_none(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` leaves the tool alone, and says nothing of an index that it does not have."""
    monkeypatch.setattr("generator.indexing.make_index", lambda *_: pytest.fail("the tool was started"))
    answer = run_here(site, "check")
    assert (answer.code, "search" in answer.out + answer.err) == (0, False)


def test_index_is_one_record(tmp_path: Path) -> None:
    """What is kept is given again, and nothing where there is none."""
    store = Store(tmp_path, Reading)
    assert kept_index(store) == Index()
    index = Index.of(b"key", {"a": b"1"})
    keep_index(store, index)
    assert kept_index(store) == index
    assert index.digest != Index.of(b"key", {"a": b"2"}).digest


def test_the_page_has_a_policy_of_its_own(site: SmallSite) -> None:
    """Only the search page lets WebAssembly run; what hosts say of all pages takes that from none."""
    build(site)
    pages = {file: file.read_text() for file in site.output.rglob("*.html")}
    allowed = [file.relative_to(site.output).as_posix() for file, text in pages.items() if "wasm-unsafe-eval" in text]
    assert allowed == ["search/index.html"]
    header = re.search(r"Content-Security-Policy: (.*)", (site.output / "_headers").read_text())
    assert header
    assert "'wasm-unsafe-eval'" in header[1]
