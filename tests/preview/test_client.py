"""Preview in a real browser: what a person sees when something was saved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from preview_kit import ERROR, PATIENCE, MemorySite, Running, html, running, until
from test_serve import fake_editor

from generator.preview.current import PageInfo, ProblemLine
from generator.preview.hub import Hub
from generator.preview.server import Wishes

expect.set_options(timeout=PATIENCE * 1000)  # a busy machine is no failure

TALL = (
    "<h1>{}</h1><input type=search id=q><details><summary>More</summary>x</details><div id=box>{}</div>"
    + "<p>line" * 400
)
WARNING = ProblemLine("warning", "content/news/b.md", 1, 0, "has no topic")
LOADS = "sessionStorage.setItem('loads', Number(sessionStorage.getItem('loads') || 0) + 1)"
RED, BLUE = b"h1 { color: rgb(255, 0, 0) }", b"h1 { color: rgb(0, 0, 255) }"
BOX = b"#box { height: 100px; overflow: auto }"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; a machine without it fails, for a missing check must not look like a good one."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("there is no chromium on this machine; `make chromium` installs it")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE * 1000)
        started = playwright.chromium.launch(executable_path=chromium)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a tab; at the end nothing may have been logged: a script that is refused by the policy would be."""
    context = browser.new_context(viewport={"width": 800, "height": 600})
    context.set_default_timeout(PATIENCE * 1000)
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.add_init_script(LOADS)
    yield opened
    context.close()
    assert [text for text in said if not text.startswith("Failed to load resource")] == []


def small() -> MemorySite:
    """Return a site of a few pages."""
    return MemorySite(
        {
            "index.html": html('<h1>Front</h1><a href="/news/x/">The story</a> <a href="/news/y/">Other</a>'),
            "404.html": html("<h1>Nothing here</h1>"),
            "news/x/index.html": html("<h1>Before</h1>"),
            "news/y/index.html": html("<h1>Other</h1>"),
            "assets/site.1.css": RED,
            "assets/site.2.css": BLUE,
        }
    )


def settle(page: Page, server: Running, path: str = "") -> None:
    """Open a page and wait until it hears of refreshes."""
    with page.expect_response("**/_broadsheet/events*"):
        page.goto(server.url + path)
    page.evaluate("window.marked = true")


def loads(page: Page) -> int:
    """Return how often the tab has loaded a page."""
    return int(page.evaluate("sessionStorage.getItem('loads')"))


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_page_that_changed_reloads_and_no_other(page: Page) -> None:
    """After a save the tab on that page shows the new one; a tab on another is left alone."""
    with running(small()) as server:
        settle(page, server, "news/x/")
        other = page.context.new_page()
        settle(other, server, "news/y/")
        server.change({"news/x/index.html": html("<h1>After</h1>")})
        expect(page.locator("h1")).to_have_text("After")
        server.site.found = (WARNING,)
        server.refresh()
        expect(other.get_by_role("button", name="1 warning")).to_be_visible()  # it hears, and is where it was
        assert other.evaluate("window.marked") is True
        assert page.evaluate("window.marked") is None
        assert loads(page) == 2


def test_a_burst_reloads_to_the_newest(page: Page) -> None:
    """Whatever comes how fast, the tab ends with the newest page and does not go on loading."""
    with running(small()) as server:
        settle(page, server, "news/x/")
        for number in range(100):
            server.change({"news/x/index.html": html(f"<h1>{number}</h1>")})
        expect(page.locator("h1")).to_have_text("99")
        assert loads(page) < 20
        before = loads(page)
        server.site.found = (WARNING,)
        server.refresh()
        expect(page.get_by_role("button", name="1 warning")).to_be_visible()
        assert loads(page) == before


def test_a_style_sheet_is_swapped_without_a_reload(page: Page) -> None:
    """CSS alone: the new colours come, what a person had on the page stays, and one sheet is there at the end."""
    with running(small()) as server:
        settle(page, server, "news/x/")
        expect(page.locator("h1")).to_have_css("color", "rgb(255, 0, 0)")
        server.change({"news/x/index.html": html("<h1>Before</h1>", style="/assets/site.2.css")})
        expect(page.locator("h1")).to_have_css("color", "rgb(0, 0, 255)")
        expect(page.locator("link[rel=stylesheet]")).to_have_count(1)
        assert page.evaluate("window.marked") is True
        server.change({"news/x/index.html": html("<h1>Before</h1>", style="/assets/site.1.css")})
        expect(page.locator("h1")).to_have_css("color", "rgb(255, 0, 0)")
        assert (page.evaluate("window.marked"), loads(page)) == (True, 1)


def test_a_page_is_never_without_its_style(page: Page) -> None:
    """While a new sheet comes slowly the old one holds: nothing flashes."""
    with running(small()) as server:
        settle(page, server, "news/x/")
        watch = """() => {
          window.seen = new Set();
          const look = () => {
            seen.add(getComputedStyle(document.querySelector('h1')).color);
            requestAnimationFrame(look);
          };
          look();
        }"""
        page.evaluate(watch)
        held: list[Route] = []
        page.route("**/site.2.css", lambda route: held.append(route))
        server.change({"news/x/index.html": html("<h1>Before</h1>", style="/assets/site.2.css")})
        expect(page.locator("link[rel=stylesheet]")).to_have_count(2)
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        held[0].continue_()
        expect(page.locator("link[rel=stylesheet]")).to_have_count(1)
        expect(page.locator("h1")).to_have_css("color", "rgb(0, 0, 255)")
        assert page.evaluate("[...seen].sort()") in (["rgb(0, 0, 255)", "rgb(255, 0, 0)"], ["rgb(255, 0, 0)"])


def test_style_sheets_that_come_faster_than_they_load(page: Page) -> None:
    """Two saves of a style sheet before the first has loaded end with the second, alone."""
    site = small()
    site.set({"assets/site.3.css": b"h1 { color: rgb(0, 255, 0) }"})
    with running(site) as server:
        settle(page, server, "news/x/")
        held: list[Route] = []
        page.route("**/site.2.css", lambda route: held.append(route))
        server.change({"news/x/index.html": html("<h1>Before</h1>", style="/assets/site.2.css")})
        expect(page.locator("link[rel=stylesheet]")).to_have_count(2)
        server.change({"news/x/index.html": html("<h1>Before</h1>", style="/assets/site.3.css")})
        site.found = (WARNING,)
        server.refresh()
        expect(page.get_by_role("button", name="1 warning")).to_be_visible()  # the tab knows of both by now
        until(lambda: held)
        held[0].continue_()
        expect(page.locator("h1")).to_have_css("color", "rgb(0, 255, 0)")
        expect(page.locator("link[rel=stylesheet]")).to_have_count(1)
        assert page.evaluate("window.marked") is True


def test_the_place_is_kept_over_a_reload(page: Page) -> None:
    """Where the person was stays: the page's scrolling and a box's, what was typed and where, and what was unfolded."""
    site = small()
    site.set({"news/x/index.html": html(TALL.format("Before", "<p>x" * 99)), "assets/site.1.css": RED + BOX})
    with running(site) as server:
        settle(page, server, "news/x/")
        page.locator("summary").click()
        page.locator("#q").fill("half a wo")
        page.evaluate("document.querySelector('#q').setSelectionRange(4, 6)")
        page.evaluate("scrollTo(0, 1234); document.querySelector('#box').scrollTop = 77")
        server.change({"news/x/index.html": html(TALL.format("After", "<p>x" * 99))})
        expect(page.locator("h1")).to_have_text("After")
        page.wait_for_load_state("load")
        page.wait_for_function("scrollY === 1234 && document.querySelector('#box').scrollTop === 77")
        expect(page.locator("#q")).to_have_value("half a wo")
        expect(page.locator("#q")).to_be_focused()
        assert page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]") == [4, 6]
        assert page.locator("details").get_attribute("open") is not None
        # A page that is opened anew begins at its top.
        page.goto(server.url + "news/y/")
        page.goto(server.url + "news/x/")
        assert page.evaluate("scrollY") == 0


def test_a_new_page_comes_where_none_was(page: Page) -> None:
    """A tab on an address without a page shows it as soon as there is one."""
    with running(small()) as server:
        settle(page, server, "news/z/")
        expect(page.locator("h1")).to_have_text("Nothing here")
        server.change({"news/z/index.html": html("<h1>Here</h1>")})
        expect(page.locator("h1")).to_have_text("Here")


def test_a_page_that_is_lost_by_a_mistake_stays(page: Page) -> None:
    """An article that cannot be read any more is no page; the tab keeps the last good one below the error."""
    with running(small()) as server:
        settle(page, server, "news/x/")
        good = server.site.outputs.pop("news/x/index.html")
        server.site.found = (ERROR,)
        server.refresh()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("h1")).to_have_text("Before")
        server.site.outputs["news/x/index.html"] = good
        server.site.found = ()
        server.refresh()
        expect(page.get_by_role("alert")).to_be_hidden()
        assert page.evaluate("window.marked") is True
        del server.site.outputs["news/x/index.html"]  # it was deleted
        server.refresh()
        expect(page.locator("h1")).to_have_text("Nothing here")


def test_follow_goes_to_what_was_saved(page: Page) -> None:
    """With --follow the tab goes to the page of what was saved; a save of the page it is on only reloads it."""
    with running(small(), Wishes(port=0, follow=True)) as server:
        settle(page, server)
        server.site.last = "/news/x/"
        server.change({"news/x/index.html": html("<h1>Saved</h1>")})
        page.wait_for_url("**/news/x/")
        expect(page.locator("h1")).to_have_text("Saved")
        server.change({"news/x/index.html": html("<h1>Again</h1>")})
        expect(page.locator("h1")).to_have_text("Again")
        server.site.last = "/news/y/"
        server.refresh()
        page.wait_for_url("**/news/y/")


# -- the server goes and comes -----------------------------------------------------------------------------------------


def test_the_server_goes_and_comes_back(page: Page) -> None:
    """Without the server a mark says so; when it is back the mark goes, and a page that differs by then is loaded."""
    site = small()
    with running(site) as server:
        settle(page, server, "news/x/")
        port = server.preview.port
    mark = page.get_by_text("preview is not running")
    expect(mark).to_be_visible()
    with running(site, Wishes(port=port)) as server:
        expect(mark).to_be_hidden()
        assert page.evaluate("window.marked") is True  # nothing differed, nothing was loaded
    expect(mark).to_be_visible()
    site.set({"news/x/index.html": html("<h1>After</h1>")})
    with running(site, Wishes(port=port)):
        expect(page.locator("h1")).to_have_text("After")


def test_a_tab_that_nobody_sees_holds_no_connection(page: Page) -> None:
    """A hidden tab lets its connection go, for a browser has six of them; seen again, it is up to date at once."""
    hub = Hub()
    with running(small(), hub=hub) as server:
        settle(page, server, "news/x/")
        until(lambda: len(hub._waiting) == 1)
        hide = """state => {
          Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
        page.evaluate(hide, "hidden")
        until(lambda: len(hub._waiting) == 0)
        server.change({"news/x/index.html": html("<h1>After</h1>")})
        expect(page.locator("h1")).to_have_text("Before")
        page.evaluate(hide, "visible")
        expect(page.locator("h1")).to_have_text("After")


# -- errors ------------------------------------------------------------------------------------------------------------


def test_errors_stand_over_the_page_until_they_are_mended(page: Page) -> None:
    """An error shows place, message, line and hint over the last good page; mended, it is gone and nothing reloaded."""
    with running(small()) as server:
        settle(page, server, "news/x/")
        overlay = page.get_by_role("alert")
        expect(overlay).to_be_hidden()
        server.site.found = (ERROR, ERROR._replace(path="site.toml", line=0, column=0, text=""), WARNING)
        server.refresh()
        expect(overlay).to_be_visible()
        for text in ("2 errors in the site", "content/news/a.md:3:5", "topics: is no list", "write [x]", "site.toml"):
            expect(overlay).to_contain_text(text)
        expect(overlay).not_to_contain_text("has no topic")
        expect(page.locator("h1")).to_have_text("Before")
        server.site.found = ()
        server.refresh()
        expect(overlay).to_be_hidden()
        assert page.evaluate("window.marked") is True


def test_errors_can_be_dismissed_until_the_next_change(page: Page) -> None:
    """Escape takes the errors away, also over a reload; the next change brings them again."""
    site = small()
    site.found = (ERROR,)
    with running(site) as server:
        settle(page, server, "news/x/")
        overlay = page.get_by_role("alert")
        expect(overlay).to_be_visible()
        page.keyboard.press("Escape")
        expect(overlay).to_be_hidden()
        page.reload()
        expect(page.get_by_role("button", name="1 error")).to_be_visible()
        expect(overlay).to_be_hidden()
        server.refresh()
        expect(overlay).to_be_visible()
        overlay.get_by_role("button", name="Close").click()
        expect(overlay).to_be_hidden()


def test_hostile_text_is_text(page: Page) -> None:
    """Markup in a path, a message, a line, a title or a badge is shown as it is written, and makes nothing."""
    evil = "<img src=x onerror=window.y=1><script>window.y=1</script>"
    site = small()
    site.found = (ProblemLine("error", evil, 1, 1, evil, evil, evil),)
    site.information["index.html"] = PageInfo(evil, evil, evil, 1, evil, 1, 1, [evil], evil)
    site.held = {"/news/x/": evil}
    with running(site) as server:
        settle(page, server)
        expect(page.get_by_role("alert")).to_contain_text(evil)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Why here?").click()
        expect(page.locator("broadsheet-preview .more")).to_contain_text(evil)
        expect(page.locator("broadsheet-preview .badge")).to_have_text(evil)
        inside = "document.querySelector('broadsheet-preview').shadowRoot.querySelectorAll('img, script').length"
        assert page.evaluate(inside) == 0
        assert page.evaluate("window.y") is None


def test_a_page_that_was_never_good_comes_when_it_is_mended(page: Page) -> None:
    """The page in its place says what is wrong; mended, the page is there by itself."""
    site = small()
    good = site.outputs["news/x/index.html"]
    broken = good._replace(data=b"", digest="", problem=None)
    from generator.base.problems import Problem

    site.outputs["news/x/index.html"] = broken._replace(problem=Problem("a.md", 1, 1, "", "is broken"))
    with running(site) as server:
        settle(page, server, "news/x/")
        expect(page.locator("p")).to_contain_text("is broken")
        site.outputs["news/x/index.html"] = good
        server.refresh()
        expect(page.locator("h1")).to_have_text("Before")


# -- the bar, badges, the editor ---------------------------------------------------------------------------------------

INFO = PageInfo("article", "Before", "content/news/x.md", 4, "article.html", 3, 70, ["log2(heat) 6.1"], "draft")


def test_the_bar_tells_of_the_page(page: Page) -> None:
    """Kind, title, rank, heat and why it is held stand in the bar; "Why here?" says more; the counts list problems."""
    site = small()
    site.information["news/x/index.html"] = INFO
    site.found = (WARNING,)
    with running(site) as server:
        settle(page, server, "news/x/")
        bar = page.get_by_role("region", name="Preview")
        for text in ("article", "Before", "rank 3", "heat 70", "draft"):
            expect(bar).to_contain_text(text)
        bar.get_by_role("button", name="Why here?").click()
        expect(bar).to_contain_text("log2(heat) 6.1")
        expect(bar).to_contain_text("article.html")
        bar.get_by_role("button", name="1 warning").click()
        expect(bar).to_contain_text("content/news/b.md:1")
        expect(bar).not_to_contain_text("log2(heat) 6.1")


def test_the_bar_is_in_nobodys_way(page: Page) -> None:
    """The bar shifts nothing, is not printed, can be used by keyboard, and stays folded once it was."""
    site = small()
    site.information["news/x/index.html"] = INFO
    with running(site) as server:
        settle(page, server, "news/x/")
        fold = page.get_by_role("button", name="Preview")
        expect(page.get_by_role("button", name="Why here?")).to_be_visible()
        sizes = "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
        assert page.evaluate(sizes) == [600, 800]
        page.emulate_media(media="print")
        expect(page.get_by_role("region", name="Preview")).to_be_hidden()
        page.emulate_media(media="screen")
        fold.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Why here?")).to_be_hidden()
        expect(fold).to_be_focused()
        page.reload()
        expect(fold).to_have_attribute("aria-expanded", "false")
        fold.click()
        expect(page.get_by_role("button", name="Why here?")).to_be_visible()


def test_badges_stand_beside_links(page: Page) -> None:
    """A link to an article that would not be in the site has a badge; the page itself is not touched by it."""
    with running(small()) as server:
        settle(page, server)
        before = page.evaluate("document.body.outerHTML")
        server.site.held = {"/news/x/": "scheduled for 2026-12-01 09:00"}
        server.refresh()
        badge = page.get_by_role("note", name="The story: scheduled for 2026-12-01 09:00")
        expect(badge).to_be_visible()
        expect(page.locator("broadsheet-preview .badge")).to_have_count(1)
        link, mark = page.locator("a").first.bounding_box(), badge.bounding_box()
        assert link is not None
        assert mark is not None
        assert 0 <= mark["x"] - link["x"] - link["width"] < 10
        assert abs(mark["y"] - link["y"]) < 8
        assert page.evaluate("document.body.outerHTML") == before
        server.site.held = {}
        server.refresh()
        expect(page.locator("broadsheet-preview .badge")).to_have_count(0)


def test_a_click_opens_the_editor(page: Page, tmp_path: Path) -> None:
    """A click on an error's place, or on the bar's button, opens that file at that line in the editor."""
    program, told = fake_editor(tmp_path)
    site = small()
    site.found = (ERROR,)
    site.information["index.html"] = INFO
    site.files = {ERROR.path: tmp_path / "a.md", INFO.path: tmp_path / "x.md"}
    with running(site, Wishes(port=0, editor=(str(program), "{file}", "{line}", "{column}"))) as server:
        settle(page, server)
        page.get_by_role("alert").get_by_role("button", name="content/news/a.md:3:5").click()
        until(told.exists)
        assert told.read_text().split() == [f"{tmp_path}/a.md", "3", "5"]
        told.unlink()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Open in editor").click()
        until(told.exists)
        assert told.read_text().split() == [f"{tmp_path}/x.md", "4", "1"]


def test_an_editor_that_is_missing_is_said_in_the_bar(page: Page) -> None:
    """Where no editor is set, a click says what to write where, also while errors stand over the page."""
    site = small()
    site.found = (ERROR,)
    site.information["index.html"] = INFO
    site.files = {INFO.path: Path("/nowhere")}
    with running(site) as server:
        settle(page, server)
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_role("button", name="Open in editor").click()
        expect(page.get_by_role("status")).to_contain_text('write `editor = "code"` into site.toml')
