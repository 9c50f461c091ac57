"""What readers do: read without a script, with the keyboard, in the dark, on paper, from right to left."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from browsing import browser, visiting  # noqa: F401 (a fixture)
from playwright.sync_api import Browser, Page
from test_outputs import built

STORY = "news/2026-02-28-hostile/index.html"
VIDEO = "news/2026-02-26-video_of_東京/index.html"
# Which scheme the page is in when its body begins: before anything is painted.
WATCH_SCHEME = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.schemeAtFirst = document.documentElement.dataset.scheme || '';
  observer.disconnect();
}).observe(document, {childList: true, subtree: true});
"""
FOCUSED = """
() => {
  const node = document.activeElement, box = node.getBoundingClientRect(), style = getComputedStyle(node);
  const every = [...document.querySelectorAll('a[href], button, summary')];
  return {
    at: every.indexOf(node),
    seen: box.width > 0 && box.top < innerHeight && box.bottom > 0,
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  };
}
"""
STOPS = """
() => [...document.querySelectorAll('a[href], button, summary')]
  .map((node, at) => [at, node]).filter(([, node]) => node.checkVisibility()).map(([at]) => at)
"""


def test_reading_without_javascript(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """With JavaScript off a reader gets from the front page to a story, unfolds its coverage and goes on to a list."""
    with visiting(browser, built("nasty", tmp_path_factory), java_script_enabled=False) as visit:
        visit.open("index.html")
        assert not visit.page.locator("button.scheme").is_visible()
        visit.page.locator(".card-lead .card-title a").click()
        visit.page.wait_for_url("**/news/2026-02-28-hostile/")
        rows = visit.page.locator(".coverage > details .coverage-outlet")
        assert not rows.first.is_visible()
        visit.page.locator(".coverage > details > summary").click()
        assert rows.first.is_visible()
        visit.page.locator(".story-kicker a").first.click()
        visit.page.wait_for_url("**/news/")
        assert visit.page.locator(".cards .card").count() == 20
        visit.open(VIDEO)
        assert not visit.page.locator(".video-note").is_visible()
        assert visit.page.locator("a.video").get_attribute("href") == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
        assert visit.problems == []


def test_the_whole_site_by_keyboard(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """Tab goes to each link and button that is seen, in their order, with a ring around it; Enter follows."""
    with visiting(browser, built("nasty", tmp_path_factory)) as visit:
        visit.open("index.html")
        page = visit.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate(FOCUSED) == {"at": 0, "seen": True, "ring": True}
        walk(page)
        page.locator(".card-lead .card-title a").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/news/2026-02-28-hostile/")
        walk(page)
        summary = page.locator(".coverage > details > summary")
        summary.focus()
        page.keyboard.press("Enter")
        assert page.locator(".coverage > details .coverage-outlet").first.is_visible()
        page.locator(".skip").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        assert visit.problems == []


def walk(page: Page) -> None:
    """Go through a page with Tab, from its beginning to its end."""
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    page.locator(".skip").focus()
    stops, passed = page.evaluate(STOPS), [page.evaluate(FOCUSED)]
    for _ in stops[1:]:
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
    assert [stop["at"] for stop in passed] == stops
    assert [stop for stop in passed if not (stop["seen"] and stop["ring"])] == []


def test_the_switch_remembers_and_does_not_flash(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory  # noqa: F811
) -> None:  # fmt: skip
    """What was chosen holds before the first paint, on other pages and in other tabs, until it is as the system is."""
    dark = "getComputedStyle(document.documentElement).colorScheme === 'dark'"
    with visiting(browser, built("arabic", tmp_path_factory), color_scheme="light") as visit:
        visit.context.add_init_script(WATCH_SCHEME)
        visit.open("index.html")
        switch = visit.page.locator("button.scheme")
        assert (visit.page.evaluate("schemeAtFirst"), switch.get_attribute("aria-pressed")) == ("", "false")
        switch.focus()
        visit.page.keyboard.press("Space")
        assert visit.page.evaluate(dark)
        assert switch.get_attribute("aria-pressed") == "true"
        other = visit.context.new_page()
        other.goto(visit.address + "topics/")
        assert other.evaluate("schemeAtFirst") == "dark"
        assert other.evaluate(dark)
        other.locator("button.scheme").click()
        visit.page.wait_for_function(f"!({dark})")  # told by the other tab
        assert visit.page.evaluate("localStorage.length") == 0  # as the system is: follow it again
        visit.look(scheme="dark")
        visit.page.wait_for_selector("button.scheme[aria-pressed=true]")
        assert visit.problems == []


def test_a_video_plays_after_a_click(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """Before a click its host is not asked for anything; after it the player is in the page, and the policy lets it."""
    player = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"
    with visiting(browser, built("nasty", tmp_path_factory)) as visit:
        visit.context.route("https://www.youtube-nocookie.com/**", lambda route: route.fulfill(body="<p>A player</p>"))
        visit.open(VIDEO)
        assert visit.page.locator(".video-note").is_visible()
        assert visit.problems == []
        visit.page.locator("a.video").focus()
        visit.page.keyboard.press("Enter")
        assert visit.page.frame_locator("iframe.video-frame").locator("p").inner_text() == "A player"
        assert visit.page.locator("iframe").get_attribute("title") == "東京" * 60
        assert visit.page.evaluate("document.activeElement.tagName") == "IFRAME"
        assert visit.problems == [f"request: {player}"]


def test_a_story_on_paper(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """Printed, a page is black on white, from the dark, too, says where its links lead, and has no navigation."""
    with visiting(browser, built("nasty", tmp_path_factory), color_scheme="dark") as visit:
        visit.open(STORY)
        visit.page.emulate_media(media="print")
        assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert visit.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
        for part in (".masthead-nav", "button.scheme", ".beside", ".footer nav"):
            assert not visit.page.locator(part).first.is_visible()
        after = "getComputedStyle(document.querySelector('.read .button'), '::after').content"
        assert "xn--bcher-kva.example" in visit.page.evaluate(after)
        assert len(visit.page.pdf()) > 10_000


def test_from_right_to_left(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """A site in Arabic begins at the right, its charts, too; a text in another direction keeps its own."""
    with visiting(browser, built("arabic", tmp_path_factory), viewport={"width": 1440, "height": 800}) as visit:
        visit.open("index.html")
        left = "selector => document.querySelector(selector).getBoundingClientRect().left"
        assert visit.page.evaluate(left, ".top-lead") > visit.page.evaluate(left, ".newest")
        items = "[...document.querySelectorAll('.masthead-nav a')].map(link => link.getBoundingClientRect().left)"
        places = visit.page.evaluate(items)
        assert places == sorted(places, reverse=True)
        latin = visit.page.locator(".top .card-title[lang=en]")
        assert (latin.get_attribute("dir"), latin.evaluate("node => getComputedStyle(node).direction")) == (
            "ltr",
            "ltr",
        )
        visit.open("news/2026-02-28-خبر/index.html")
        assert visit.page.evaluate(left, ".story-main") > visit.page.evaluate(left, ".story-side")
        visit.open("ranking/index.html")
        below_zero = visit.page.locator("td.number", has_text="-").last.locator("bdi")
        assert below_zero.evaluate("node => getComputedStyle(node).direction") == "ltr"  # else its sign is behind it


@pytest.mark.parametrize(
    ("name", "heading", "direction"), [("sample", "This is a feed", "ltr"), ("arabic", "هذه خلاصة", "rtl")]
)
def test_a_feed_tells_what_it_is(
    name: str, heading: str, direction: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory  # noqa: F811
) -> None:  # fmt: skip
    """Under the policy a feed in a browser has a heading, its address to copy, a way to the site, and entries."""
    output = built(name, tmp_path_factory)
    with visiting(browser, output, viewport={"width": 360, "height": 800}) as visit:
        for feed in ("feed.xml", "atom.xml"):
            visit.open(feed)
            page = visit.page
            assert page.locator("h1").inner_text() == heading
            assert page.locator("code").inner_text().endswith(f"/{feed}")
            assert page.locator("code").evaluate("node => getComputedStyle(node).userSelect") == "all"
            assert page.locator("a").get_attribute("href") == output.base_url
            entry = page.locator("item, entry").first
            seen = entry.evaluate(
                "node => [...node.children].filter(one => one.checkVisibility()).map(one => one.localName)"
            )
            assert seen[0] == "title"
            assert {"pubDate", "published"} & set(seen)
            assert not {"guid", "id", "link", "content", "encoded", "related"} & set(seen)
            assert page.evaluate("getComputedStyle(document.documentElement).direction") == direction
            assert page.evaluate("document.documentElement.scrollWidth") == 360
            # For a document that is not HTML a browser asks the host for /favicon.ico.
            assert {problem for problem in visit.problems if "404 (Not Found)" not in problem} == set(), feed


def test_earlier_addresses_lead_on(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """On a host without redirects an earlier address leads to the present one by itself."""
    output = built("nasty", tmp_path_factory)
    with visiting(browser, output) as visit:
        visit.open("tokyo/")
        visit.page.wait_for_url(f"**{output.base}topics/{quote('東京')}/")
        assert visit.page.locator("h1").inner_text() == "東京"


def test_missing_page_is_whole_at_any_depth(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """An address that is not there shows the 404 page in its dress, however deep, and leads home."""
    with visiting(browser, built("arabic", tmp_path_factory)) as visit:
        visit.open("news/no/such/page/")
        assert visit.page.locator("link[rel=stylesheet]").first.evaluate("link => link.sheet.cssRules.length") > 50
        visit.page.locator("main a").first.click()
        visit.page.wait_for_url(visit.address)
        assert visit.page.locator("main.front").is_visible()
        assert [problem for problem in visit.problems if "404" not in problem] == []
