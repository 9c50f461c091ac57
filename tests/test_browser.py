"""Pages in a real browser, served on loopback with the headers that the build wrote for the hosts."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from test_outputs import Output, built, largest_of_each_kind

WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")
ACCENTS = ("red", "blue", "green", "plum", "ink")
CONTRAST = 4.5  # WCAG 2.2, 1.4.3

WATCH_LAYOUT = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    shifts.push(`${entry.value} ${entry.sources.map(s => s.node && s.node.className).join(' ')}`);
}).observe({type: 'layout-shift', buffered: true});
"""
# Scroll through the page, so that pictures that wait for the reader load, too.
READ_THROUGH = """
async () => {
  const frame = () => new Promise(done => requestAnimationFrame(done));
  for (let step = 0; step <= 3; step++) {
    scrollTo(0, step * document.documentElement.scrollHeight / 3);
    await frame();
  }
  const loading = [...document.images].filter(image => !image.complete && image.loading !== 'lazy');
  await Promise.all(loading.map(image => image.decode().catch(() => 0)));
  await frame(); await frame();
  const broken = [...document.images].filter(image => image.complete && !image.naturalWidth && image.currentSrc);
  return {
    shifts,
    broken: broken.map(image => image.currentSrc),
  };
}
"""
OVERFLOW = """
() => ({
  wide: document.documentElement.scrollWidth - innerWidth,
  outside: [...document.querySelectorAll('body *')].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1) && !node.closest('pre, table');
  }).map(node => node.outerHTML.slice(0, 120)),
})
"""
# The ratio of each pair of colours in which text stands, by the formula of WCAG 2.2; the canvas knows oklch().
PALE_TEXTS = """
least => {
  const context = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const pixel = colour => {
    if (!known.has(colour)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      known.set(colour, [...context.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(colour);
  };
  const linear = c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(c => linear(c / 255))
    .reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = pixel(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const pale = new Set();
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
    const [one, other] = [pixel(getComputedStyle(node).color), ground(node)].map(light);
    const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (ratio < least) pale.add(`${node.tagName} ${node.className}: ${ratio.toFixed(2)}`);
  }
  return [...pale];
}
"""


# Pictures that are wider than the narrowest of their files that fills the box at this density. A browser takes a wider
# file that it has loaded for another place on the page: that costs nothing.
TOO_LARGE = """
async () => {
  for (const image of document.images) image.loading = 'eager';
  await Promise.all([...document.images].map(image => image.decode().catch(() => 0)));
  const found = [], needed = new Set();
  for (const image of document.images) {
    const box = image.getBoundingClientRect();
    if (!box.width || !image.srcset) continue;
    const source = [...image.parentElement.querySelectorAll('source')].find(one => one.type === 'image/webp') || image;
    const files = source.srcset.split(', ').map(part => part.split(' '));
    const fitting = getComputedStyle(image).objectFit === 'cover'
      ? Math.max(box.width, box.height * image.getAttribute('width') / image.getAttribute('height')) : box.width;
    const wanted = files.map(file => parseInt(file[1])).sort((a, b) => a - b);
    const enough = wanted.find(width => width >= fitting * devicePixelRatio - 1) ?? wanted.at(-1);
    const chosen = files.find(file => image.currentSrc.endsWith(file[0]));
    if (chosen && parseInt(chosen[1]) <= enough) needed.add(chosen[0]);
    else found.push([image.closest('[class]').className, String(chosen), fitting, devicePixelRatio]);
  }
  return found.filter(([, chosen]) => !needed.has(chosen.split(',')[0]));
}
"""


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing of a browser that leaves before a picture has come."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(output: Output) -> Iterator[str]:
    """Serve an output under its base path as its hosts would, with `_headers` and 404.html; give its address."""
    rules = read_headers((output.folder / "_headers").read_text("utf-8"))

    class Host(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            path = unquote(urlsplit(path).path)
            inside = path.startswith(output.base)
            return super().translate_path("/" + quote(path.removeprefix(output.base))) if inside else "/nowhere"

        def end_headers(self) -> None:
            for pattern, name, text in rules:
                if fnmatchcase(self.path, pattern):
                    self.send_header(name, text)
            super().end_headers()

        def send_error(self, code: int, *_: object) -> None:
            body = (output.folder / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Host, directory=str(output.folder))
    with QuietServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{output.base}"
        server.shutdown()


def read_headers(text: str) -> list[tuple[str, str, str]]:
    """Return (pattern of paths, header, value) of a `_headers` file."""
    rules, pattern = [], ""
    for line in text.splitlines():
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            rules.append((pattern, name, value))
        elif line:
            pattern = line
    return rules


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; a machine without it fails, for a missing check must not look like a good one."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("there is no chromium on this machine; `make chromium` installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium)
        yield started
        started.close()


class Visit:
    """A browser's window on one site, and everything that went wrong in it."""

    def __init__(self, browser: Browser, address: str, **options: object):
        self.address = address
        self.context = browser.new_context(**options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", lambda request: self.watch(request.url))

    def watch(self, url: str) -> None:
        """Note a request that leaves the site."""
        if not url.startswith(self.address):
            self.problems.append(f"request: {url}")

    def open(self, path: str) -> None:
        """Open a page of the output."""
        self.page.goto(self.address + quote(path.removesuffix("index.html")))


@pytest.mark.parametrize("name", ["sample", "stories", "nasty", "arabic"])
def test_every_kind_of_page(name: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """At each width and in each colour scheme every kind of page is whole.

    Nothing shifts, nothing overflows, no text is pale, nothing is logged (a broken policy would be), no picture is
    broken and no other host is asked. Only the sample is loaded anew at each width: the others are drawn again.
    """
    output = built(name, tmp_path_factory)
    paths = [path for path in map(output.path, largest_of_each_kind(output)) if path not in output.stubs]
    with served(output) as address:
        visit = Visit(browser, address)
        visit.page.add_init_script(WATCH_LAYOUT)
        for path in paths:
            for width in WIDTHS:
                visit.page.set_viewport_size({"width": width, "height": 800})
                if name == "sample" or width == WIDTHS[0]:
                    visit.open(path)
                    assert visit.page.evaluate(READ_THROUGH) == {"shifts": [], "broken": []}, (path, width)
                assert visit.page.evaluate(OVERFLOW) == {"wide": 0, "outside": []}, (path, width)
            for scheme in SCHEMES:
                visit.page.emulate_media(color_scheme=scheme)
                assert visit.page.evaluate(PALE_TEXTS, CONTRAST) == [], (path, scheme)
            assert visit.problems == [], path
        visit.context.close()


@pytest.mark.parametrize("density", [1, 2])
def test_no_picture_is_larger_than_its_box_needs(
    density: int, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At each width and density a browser loads the narrowest file of a picture that fills its box."""
    output = built("sample", tmp_path_factory)
    paths = [path for path in map(output.path, largest_of_each_kind(output)) if path not in output.stubs]
    with served(output) as address:
        for width, path in product(WIDTHS, paths):  # a new cache each: a browser takes what it has already
            visit = Visit(browser, address, device_scale_factor=density, viewport={"width": width, "height": 800})
            visit.open(path)
            assert visit.page.evaluate(TOO_LARGE) == [], (path, width)
            visit.context.close()


def test_every_accent_is_readable(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Dark is dark, light is light, and with every accent of the theme all text has the contrast that WCAG asks for."""
    output = built("arabic", tmp_path_factory)
    with served(output) as address:
        visit = Visit(browser, address)
        for path in ("index.html", "news/2026-02-28-خبر/index.html"):
            visit.open(path)
            for scheme in SCHEMES:
                visit.page.emulate_media(color_scheme=scheme)
                ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) is (scheme == "dark")
                for accent in ACCENTS:
                    visit.page.evaluate("accent => { document.documentElement.className = accent }", f"accent-{accent}")
                    assert visit.page.evaluate(PALE_TEXTS, CONTRAST) == [], (path, scheme, accent)
        assert visit.problems == []
        visit.context.close()


def test_reading_without_javascript(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With JavaScript off a reader gets from the front page to a story, unfolds its coverage and goes on to a list."""
    output = built("nasty", tmp_path_factory)
    with served(output) as address:
        visit = Visit(browser, address, java_script_enabled=False)
        visit.open("index.html")
        visit.page.locator(".card-lead .card-title a").click()
        visit.page.wait_for_url("**/news/2026-02-28-hostile/")
        rows = visit.page.locator(".coverage details .coverage-outlet")
        assert not rows.first.is_visible()
        visit.page.locator(".coverage summary").click()
        assert rows.first.is_visible()
        visit.page.locator(".story-kicker a").first.click()
        visit.page.wait_for_url("**/news/")
        assert visit.page.locator(".cards .card").count() == 20
        assert visit.problems == []
        visit.context.close()


def test_earlier_addresses_lead_on(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """On a host without redirects an earlier address leads to the present one by itself."""
    output = built("nasty", tmp_path_factory)
    with served(output) as address:
        visit = Visit(browser, address)
        visit.open("tokyo/")
        visit.page.wait_for_url(f"**{output.base}topics/{quote('東京')}/")
        assert visit.page.locator("h1").inner_text() == "東京"
        visit.context.close()


def test_missing_page_is_whole_at_any_depth(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An address that is not there shows the 404 page in its dress, however deep, and leads home."""
    output = built("arabic", tmp_path_factory)
    with served(output) as address:
        visit = Visit(browser, address)
        visit.open("news/no/such/page/")
        assert visit.page.locator("link[rel=stylesheet]").evaluate("link => link.sheet.cssRules.length") > 50
        visit.page.locator("main a").first.click()
        visit.page.wait_for_url(address)
        assert visit.page.locator("main.front").is_visible()
        assert [problem for problem in visit.problems if "404" not in problem] == []
        visit.context.close()


def test_the_policy_holds(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The policy is in force: a script, a style and a picture that an attacker got into a page do nothing."""
    output = built("empty", tmp_path_factory)
    planted = '<p id="planted" style="color:red" onclick="window.y=1">x</p><img src="https://evil.example/">'
    with served(output) as address:
        visit = Visit(browser, address)
        visit.open("index.html")
        visit.page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", planted)
        visit.page.locator("#planted").click()
        assert visit.page.evaluate("window.y") is None
        assert len([problem for problem in visit.problems if "Content Security Policy" in problem]) >= 3
        visit.context.close()
