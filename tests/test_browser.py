"""Every kind of page in a real browser, in every width and colour scheme, of sample, nasty and real sites."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest
from browsing import SCHEMES, WIDTHS, Visit, browser, visiting  # noqa: F401 (a fixture)
from playwright.sync_api import Browser
from site_kit import REPOSITORY
from test_outputs import Output, built, kind, largest_of_each_kind

ACCENTS = ("red", "blue", "green", "plum", "ink")
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
# What else axe looks at does not change with the width or the scheme.
BY_WIDTH = ["target-size", "scrollable-region-focusable", "link-in-text-block", "meta-viewport"]
BY_SCHEME = ["color-contrast", "link-in-text-block"]
MAIN_KINDS = ("index.html", "news 2", "topics 2", "providers 2", "archive 3")

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
# What is wider than the window, but for what is to be pushed sideways.
OVERFLOW = """
() => ({
  wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
  outside: [...document.querySelectorAll('body *')].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1)
      && !node.closest('pre, table, .masthead-nav ul, .unseen');
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
# What axe finds, all of it or by some rules; the size of targets is no rule that it uses unasked.
FINDINGS = """
async rules => {
  const all = {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}};
  const found = await axe.run(document, rules ? {...all, runOnly: rules} : all);
  return found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).slice(0, 3)}`);
}
"""
# Pictures of which a browser takes a wider file than the narrowest that fills the box, by what `sizes` says here.
TOO_LARGE = """
densities => {
  const probe = document.body.appendChild(document.createElement('div'));
  const pixels = length => { probe.style.width = length; return probe.getBoundingClientRect().width; };
  const found = [];
  for (const image of document.images) {
    const box = image.getBoundingClientRect();
    if (!box.width || !image.srcset) continue;
    const open = text => text.split('(').length > text.split(')').length;
    const parts = [];
    for (const part of image.sizes.split(', '))  // a comma inside of min() parts nothing
      if (parts.length && open(parts.at(-1))) parts[parts.length - 1] += `, ${part}`; else parts.push(part);
    const clauses = parts.map(part => part.match(/^(\\(m[^)]+\\))?\\s*(.+)$/));
    const told = pixels(clauses.find(([, media]) => !media || matchMedia(media).matches)[2]);
    const fitting = getComputedStyle(image).objectFit === 'cover'
      ? Math.max(box.width, box.height * image.getAttribute('width') / image.getAttribute('height')) : box.width;
    const widths = image.srcset.split(', ').map(part => parseInt(part.split(' ')[1])).sort((a, b) => a - b);
    const fill = (wanted, density) => widths.find(width => width >= wanted * density - 1) ?? widths.at(-1);
    for (const density of densities)
      if (fill(told, density) > fill(fitting, density))
        found.push([image.closest('[class]').className, density, told, fitting]);
  }
  probe.remove();
  return found;
}
"""
# Files that are wider than the narrowest that fills the box at this density, and were loaded for no other box.
LOADED_TOO_LARGE = """
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


@cache
def axe() -> str:
    """Return axe-core; a machine without it fails."""
    if not AXE.exists():
        pytest.fail(f"{AXE} is missing; `make validator` installs it")
    return AXE.read_text("utf-8")


def pages(output: Output) -> list[str]:
    """Return the path of a page of each kind."""
    return [path for path in map(output.path, largest_of_each_kind(output)) if path not in output.stubs]


def main_pages(output: Output) -> list[str]:
    """Return the front page, a story, a topic's, an outlet's and a month's page."""
    return sorted(
        (path for path in pages(output) if kind(path) in MAIN_KINDS), key=lambda path: MAIN_KINDS.index(kind(path))
    )


def examine(visit: Visit, path: str) -> None:
    """Open a page and look at it from all sides: it is loaded once, then drawn again in each width and scheme."""
    visit.look(width=WIDTHS[0], scheme="light")
    visit.open(path)
    assert visit.page.evaluate(READ_THROUGH) == {"shifts": [], "broken": []}, path
    for width in WIDTHS:
        visit.look(width=width)
        assert visit.page.evaluate(OVERFLOW) == {"wide": 0, "outside": []}, (path, width)
        assert visit.page.evaluate(TOO_LARGE, [1, 2, 3]) == [], (path, width)
    for scheme in SCHEMES:
        visit.look(scheme=scheme)
        assert visit.page.evaluate(PALE_TEXTS, CONTRAST) == [], (path, scheme)
    assert visit.problems == [], path
    visit.page.evaluate(axe())
    assert visit.page.evaluate(FINDINGS) == [], path  # dark and wide
    for width in WIDTHS[:-1]:
        visit.look(width=width)
        assert visit.page.evaluate(FINDINGS, BY_WIDTH) == [], (path, width)
    visit.look(scheme="light")
    assert visit.page.evaluate(FINDINGS, BY_SCHEME) == [], (path, "light")
    visit.problems.clear()  # axe tries what the policy forbids


@pytest.mark.parametrize(
    "name",
    [
        "sample",
        pytest.param("nasty", marks=pytest.mark.long),
        pytest.param("wire nasty", marks=pytest.mark.long),
    ],
)
def test_every_kind_of_page(name: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """At each width and in each colour scheme every kind of page is whole.

    Nothing shifts, nothing overflows, no text is pale, axe finds nothing, no picture is wider than it has to be or
    broken, nothing is logged (a broken policy would be), and no other host is asked.
    """
    output = built(name, tmp_path_factory)
    with visiting(browser, output) as visit:
        visit.page.add_init_script(WATCH_LAYOUT)
        for path in pages(output):
            examine(visit, path)


@pytest.mark.parametrize(
    "name",
    [
        "arabic",
        "one",
        "empty",
        "nasty",
        "stories",
        "wire stories",
        "powerapps",
        pytest.param("wire powerapps", marks=pytest.mark.long),
    ],
)
def test_main_pages(name: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """The same holds for what counts most: in Arabic, in both themes on the real corpora, and where there is little."""
    output = built(name, tmp_path_factory)
    with visiting(browser, output) as visit:
        visit.page.add_init_script(WATCH_LAYOUT)
        for path in main_pages(output):
            examine(visit, path)


def test_nothing_shifts_at_first(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """With an empty cache, fonts and pictures come without moving anything; the front page asks for few files."""
    output = built("sample", tmp_path_factory)
    for width, path in product(WIDTHS, main_pages(output)[:2]):
        with visiting(browser, output, viewport={"width": width, "height": 800}) as visit:
            visit.page.add_init_script(WATCH_LAYOUT)
            visit.open(path)
            assert visit.page.evaluate(READ_THROUGH) == {"shifts": [], "broken": []}, (path, width)
            assert len(visit.asked) < 40, path


@pytest.mark.parametrize(("density", "width"), [(1, 1440), (2, 360)])
def test_no_picture_is_larger_than_its_box_needs(
    density: int, width: int, browser: Browser, tmp_path_factory: pytest.TempPathFactory  # noqa: F811
) -> None:  # fmt: skip
    """A browser loads the narrowest file of a picture that fills its box."""
    output = built("sample", tmp_path_factory)
    for path in main_pages(output)[:3]:  # a new cache each: a browser takes what it has already
        window = {"width": width, "height": 800}
        with visiting(browser, output, device_scale_factor=density, viewport=window) as visit:
            visit.open(path)
            assert visit.page.evaluate(LOADED_TOO_LARGE) == [], path


def test_every_accent_is_readable(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """Dark is dark, light is light, and with every accent of the theme all text has the contrast that WCAG asks for."""
    with visiting(browser, built("arabic", tmp_path_factory)) as visit:
        for path in ("index.html", "news/2026-02-28-خبر/index.html"):
            visit.open(path)
            for scheme in SCHEMES:
                visit.look(scheme=scheme)
                ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) is (scheme == "dark")
                for accent in ACCENTS:
                    visit.page.evaluate("accent => { document.documentElement.className = accent }", f"accent-{accent}")
                    assert visit.page.evaluate(PALE_TEXTS, CONTRAST) == [], (path, scheme, accent)
        assert visit.problems == []


def test_the_policy_holds(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """The policy is in force: a script, a style and a picture that an attacker got into a page do nothing."""
    planted = '<p id="planted" style="color:red" onclick="window.y=1">x</p><img src="https://evil.example/">'
    with visiting(browser, built("empty", tmp_path_factory)) as visit:
        visit.open("index.html")
        visit.page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", planted)
        visit.page.locator("#planted").click()
        assert visit.page.evaluate("window.y") is None
        assert len([problem for problem in visit.problems if "Content Security Policy" in problem]) >= 3
