"""Photograph the sample site: `python docs/screenshots.py [FOLDER]`, for FOLDER (`screenshots/`) and docs/screenshots/.

FOLDER gets every kind of page, whole, in both themes, at three widths in both colour schemes. docs/screenshots/ gets
the best of them as a reader sees them first. Needs Chromium.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BEST = ROOT / "docs" / "screenshots"
WIDTHS = {360: 780, 768: 1024, 1440: 900}  # px, and how high the window is
SCHEMES = ("light", "dark")
HIGHEST = 8000  # px of a page that are photographed
PAGES = {
    "front": "",
    "section": "news/",
    "section-page": "news/page/1/",
    "story": "news/2022-07-12-webb-first-images/",
    "story-video": "news/2021-02-22-perseverance-films-its-own-landing/",
    "story-arabic": "news/2021-02-09-hope-probe-reaches-mars/",
    "topics": "topics/",
    "topic": "topics/space/",
    "outlets": "providers/",
    "outlet": "providers/nobelprize.org/",
    "archive": "archive/",
    "month": "archive/2023/10/",
    "about": "about/",
    "missing": "404.html",
    "search": "search/",
    "follow": "follow/",
    "ranking": "ranking/",
    "trends": "trends/",
}
IN_WIRE = ("front", "story", "topic")


class Shot(NamedTuple):
    """A picture for the documentation: some windows side by side."""

    name: str
    theme: str
    windows: tuple[tuple[str, int, str], ...]  # page, width, scheme


SHOTS = (
    Shot("front", "default", (("front", 1440, "light"),)),
    Shot("story", "default", (("story", 1440, "light"),)),
    Shot("topic", "default", (("topic", 1440, "dark"),)),
    Shot("phone", "default", (("front", 360, "light"), ("story", 360, "dark"), ("topic", 360, "light"))),
    Shot("wire", "wire", (("front", 1440, "light"),)),
)


def main(folder: Path) -> None:
    chromium = shutil.which("chromium") or sys.exit("there is no chromium on this machine; `make chromium` installs it")
    with TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for theme in ("default", "wire"):
            with served(build(theme, Path(place, theme))) as address:
                photograph_all(browser, address, folder / theme, IN_WIRE if theme == "wire" else tuple(PAGES))
                for shot in SHOTS:
                    if shot.theme == theme:
                        photograph_best(browser, address, shot)
        browser.close()


def build(theme: str, site: Path) -> Path:
    """Build the sample site in a theme; return its output."""
    shutil.copytree(ROOT / "content", site / "content")
    (site / "site.toml").write_text(f'theme = "{theme}"\n{(ROOT / "site.toml").read_text()}')
    subprocess.run([sys.executable, "-m", "generator", "build", "--offline", "--site", site], cwd=ROOT, check=True)
    return site / "output"


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that leaves before a picture has come."""


@contextmanager
def served(output: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with Server(("127.0.0.1", 0), partial(Quiet, directory=str(output))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def photograph_all(browser: Browser, address: str, folder: Path, pages: tuple[str, ...]) -> None:
    """Photograph pages whole, each width in both schemes."""
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for scheme in SCHEMES:
            with window(browser, width, scheme) as context:
                for page in pages:
                    if data := photograph(context, address + PAGES[page], whole=True):
                        (folder / f"{page}-{width}-{scheme}.png").write_bytes(data)


def photograph_best(browser: Browser, address: str, shot: Shot) -> None:
    """Photograph windows, put them side by side and keep the picture small."""
    pictures = []
    for page, width, scheme in shot.windows:
        with window(browser, width, scheme, density=1.5 if width < 400 else 1) as context:
            data = photograph(context, address + PAGES[page], whole=False)
            pictures.append(Image.open(BytesIO(data)).convert("RGB"))
    gap = 48 if len(pictures) > 1 else 0
    whole = Image.new(
        "RGB", (sum(each.width for each in pictures) + gap * (len(pictures) - 1), pictures[0].height), "#999"
    )
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width + gap
    BEST.mkdir(exist_ok=True)
    whole.save(BEST / f"{shot.name}.webp", quality=76, method=6)


@contextmanager
def window(browser: Browser, width: int, scheme: str, density: float = 1) -> Iterator[BrowserContext]:
    size = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=density)  # type: ignore[arg-type]
    yield context
    context.close()


def photograph(context: BrowserContext, address: str, *, whole: bool) -> bytes:
    """Return a page as a PNG, b"" where there is none; visited twice, so that its fonts are in the cache."""
    page = context.new_page()
    answer = page.goto(address)
    if answer is None or not answer.ok:
        page.close()
        return b""
    page.reload()
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.evaluate("Promise.all([...document.images].map(image => image.decode().catch(() => 0)))")
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, HIGHEST)}
    data = page.screenshot(full_page=True, clip=clip) if whole else page.screenshot()  # type: ignore[arg-type]
    page.close()
    return data


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "screenshots")
