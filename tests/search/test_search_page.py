"""The search page in a browser: filters, order, keyboard, addresses, its policy; and what is there without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Visit, browser, visiting  # noqa: F401 (a fixture)
from playwright.sync_api import Browser, Page, expect
from site_kit import build, small_site
from test_outputs import Output

HOSTILE = "Zebra <mark>crossing</mark> & <img src=x onerror=alert(1)> &lt;i&gt;"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """Build a site below a path, of fourteen articles on zebras and one on a film."""
    root = tmp_path_factory.mktemp("searched")
    site = small_site(root, base_url="https://news.example/desk/", outputs={"search": True}, timezone="Asia/Tokyo")
    site.topic("Animals", 1)
    site.topic("Herds", 2, parent="Animals")
    for number in range(1, 13):
        site.article(
            f"2025-01-{number:02d}-zebra-{number}",
            title=f"Zebra number {number}",
            publishedDateTime=f"2025-01-{number:02d}T08:00:00Z",
            topics=["Herds"] if number % 2 else ["Animals"],
            provider={"name": "The Stripe", "domain": "stripe.example"},
        )
    site.article("2026-01-31-late", "A **zebra** of ours.\n", publishedDateTime="2025-12-31T20:00:00Z", title="Late")
    site.article("2026-02-01-100% odd #1", title=HOSTILE, excerpt=HOSTILE, topics=["R&D <x>"])
    site.article("2026-02-02-film", title="A film", type="video", excerpt="Moving pictures.", locale="de")
    build(site)
    return Output("searched", root)


@pytest.fixture
def visit(browser: Browser, output: Output) -> Iterator[Visit]:  # noqa: F811
    """Open the search page, and look for complaints at the end: of the policy, too."""
    with visiting(browser, output) as visit:
        visit.open("search/index.html")
        expect(visit.page.locator("#q")).to_be_focused()
        yield visit
        assert visit.problems == []


def titles(page: Page) -> list[str]:
    """Return the titles of the results that are shown."""
    return page.locator(".search-results .card-title").all_inner_texts()


def finds(page: Page, count: int) -> None:
    """Wait until there are so many results."""
    expect(page.locator(".search-status")).to_have_text(f"Results: {count}" if count else "Nothing was found.")


def pick(page: Page, name: str, label: str) -> None:
    """Choose in a filter what begins so."""
    select = page.locator(f"select[name={name}]")
    select.locator("option", has_text=label).first.wait_for(state="attached")
    select.select_option(
        label=next(text for text in select.locator("option").all_inner_texts() if text.startswith(label))
    )


def test_words_filters_and_order(visit: Visit) -> None:
    """As one types there are results; filters narrow them and say how many there are; the newest can be first."""
    page = visit.page
    page.keyboard.type("zebra")
    finds(page, 14)
    assert len(titles(page)) == 10
    page.locator(".search-more button").click()
    expect(page.locator(".search-results > li")).to_have_count(14)
    assert page.evaluate(
        "document.activeElement.closest('li') === document.querySelectorAll('.search-results > li')[10]"
    )
    pick(page, "topic", "Herds (6)")
    finds(page, 6)
    pick(page, "topic", "Animals (12)")  # with the topics below it
    finds(page, 12)
    pick(page, "sort", "Newest first")
    expect(page.locator(".search-results .card-title").first).to_have_text("Zebra number 12")
    pick(page, "topic", "All")
    pick(page, "outlet", "Outlet (2)")
    finds(page, 2)
    pick(page, "outlet", "All")
    pick(page, "year", "2026 (2)")  # by the site's clock, as in the archive
    expect(page.locator(".search-results .card-title").nth(1)).to_have_text("Late")
    assert page.locator(".search-results mark").last.inner_text() == "zebra"
    page.locator("#q").fill("moving")
    finds(page, 1)
    assert page.locator(".search-results article").get_attribute("lang") == "de"
    assert page.locator(".search-results .kind").inner_text() == "Video"
    page.locator("#q").fill("unheard")
    finds(page, 0)
    page.locator("#q").fill("")
    pick(page, "year", "All")
    pick(page, "type", "Videos (1)")  # filters alone are a question, too
    finds(page, 1)


def test_hostile_text_is_text(visit: Visit) -> None:
    """What an article says is shown as it is, marked where it was asked for, and leads to the article."""
    page = visit.page
    page.keyboard.type("crossing")
    finds(page, 1)
    shown = HOSTILE.replace("<mark>", "").replace("</mark>", "").replace("<img src=x onerror=alert(1)>", "")
    assert titles(page) == [" ".join(shown.replace("&lt;i&gt;", "").split())]
    assert page.locator(".search-results img, .search-results script").count() == 0
    page.locator(".search-results a").click()
    page.wait_for_url("**/desk/news/2026-02-01-100%25%20odd%20%231/")
    assert page.locator("h1").count() == 1
    page.go_back()
    finds(page, 1)  # the address holds the question


def test_keyboard(visit: Visit) -> None:
    """Arrows go from the field through the results, Escape and a slash lead back to it, Enter follows."""
    page = visit.page
    page.locator("#q").fill("zebra number")
    finds(page, 12)
    focused = "document.activeElement.textContent || document.activeElement.id"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == titles(page)[1]
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == titles(page)[0]
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.evaluate(focused) == "q"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("/")
    page.keyboard.type("number 12")
    finds(page, 1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2025-01-12-zebra-12/")


def test_from_a_page_that_is_not_there(browser: Browser, output: Output) -> None:  # noqa: F811
    """The box of the 404 page leads to results; so does an address that somebody was sent."""
    with visiting(browser, output) as visit:
        visit.page.goto(visit.address + "nowhere/")
        visit.page.locator("#q").fill("film")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url("**/desk/search/?q=film")
        finds(visit.page, 1)
        visit.open("search/index.html")
        visit.page.goto(visit.page.url + "?q=zebra&topic=Herds&sort=date")
        finds(visit.page, 6)
        assert titles(visit.page)[0] == "Zebra number 11"
        assert [problem for problem in visit.problems if "404" not in problem] == []


def test_without_javascript(browser: Browser, output: Output) -> None:  # noqa: F811
    """The page says that it needs scripts; nothing on it pretends to work."""
    with visiting(browser, output, java_script_enabled=False) as visit:
        visit.open("search/index.html")
        assert visit.page.locator("noscript").inner_text() == "Searching needs JavaScript, which is off here."
        assert not visit.page.locator(".search-filters").is_visible()
        visit.open("index.html")
        visit.page.locator(".masthead a", has_text="Search").click()
        visit.page.wait_for_url("**/desk/search/")


def test_an_index_that_cannot_be_read(browser: Browser, output: Output, tmp_path: Path) -> None:  # noqa: F811
    """Where the index does not come, in a preview of a site that was never built, the page says so."""
    with visiting(browser, output) as visit:
        visit.page.route("**/pagefind.js", lambda route: route.abort())
        visit.open("search/index.html")
        expect(visit.page.locator(".search-status")).to_have_text("The search index cannot be read just now.")
