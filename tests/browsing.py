"""A browser on a site that was built: served on loopback with the headers that the build wrote for the hosts."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from test_outputs import Output

WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")


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
    """A browser's window on one site, what it asked for, and everything that went wrong in it."""

    def __init__(self, browser: Browser, address: str, **options: object):
        self.address = address
        self.context = browser.new_context(**options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", lambda request: self.watch(request.url))

    def watch(self, url: str) -> None:
        """Note a request; one that leaves the site is a problem."""
        self.asked.append(url)
        if not url.startswith(self.address):
            self.problems.append(f"request: {url}")

    def open(self, path: str) -> None:
        """Open a page of the output."""
        self.asked.clear()
        self.page.goto(self.address + quote(path.removesuffix("index.html")))

    def look(self, *, width: int = 0, scheme: str = "") -> None:
        """Look at the same page in another width or colour scheme."""
        if width:
            self.page.set_viewport_size({"width": width, "height": 800})
        if scheme:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


@contextmanager
def visiting(browser: Browser, output: Output, **options: object) -> Iterator[Visit]:
    """Serve an output and open a window on it."""
    with served(output) as address:
        visit = Visit(browser, address, **options)
        yield visit
        visit.context.close()
