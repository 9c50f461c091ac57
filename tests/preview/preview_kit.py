"""A small site held in memory, and a real server that previews it on loopback."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from generator.preview.current import Page, PageInfo, ProblemLine
from generator.preview.hub import Hub
from generator.preview.serve import Preview
from generator.preview.server import Wishes

ANY_PORT = Wishes(port=0)
PATIENCE = 20.0  # s, for a machine that is busy with others
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
ERROR = ProblemLine("error", "content/news/a.md", 3, 5, "topics: is no list", "write [x]", "topics: <b>x</b>")


def html(body: str, title: str = "News", style: str = "/assets/site.1.css", head: str = "") -> bytes:
    """Return a page as a theme writes it, with its policy."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    link = f'<link rel="stylesheet" href="{style}">'
    page = f"<!doctype html><html lang=en><head><meta charset=utf-8>{policy}<title>{title}</title>{link}{head}</head>"
    return f"{page}<body>{body}</body></html>".encode()


class MemorySite:
    """A site as it is now, whose outputs are set by the test; it implements `Current`."""

    def __init__(self, outputs: Mapping[str, bytes], base_path: str = "/"):
        self.base_path = base_path
        self.version = 1
        self.outputs: dict[str, Page] = {}
        self.found: tuple[ProblemLine, ...] = ()
        self.information: dict[str, PageInfo] = {}
        self.held: dict[str, str] = {}
        self.last: str | None = None
        self.files: dict[str, Path] = {}
        self.before_page: Callable[[str], None] = lambda _: None
        self.set(outputs)

    def set(self, outputs: Mapping[str, bytes]) -> None:
        """Set outputs."""
        self.outputs |= {name: page_of(data) for name, data in outputs.items()}

    def page(self, output: str) -> Page | None:
        """Return an output."""
        self.before_page(output)
        return self.outputs.get(output)

    def problems(self) -> Sequence[ProblemLine]:
        """Return the problems."""
        return self.found

    def about(self, output: str) -> PageInfo | None:
        """Return what the bar tells."""
        return self.information.get(output)

    def badges(self) -> Mapping[str, str]:
        """Return the badges."""
        return self.held

    def saved(self) -> str | None:
        """Return the page that was saved last."""
        return self.last

    def source(self, path: str) -> Path | None:
        """Return a file that may be opened."""
        return self.files.get(path)


def page_of(data: bytes) -> Page:
    """Return an output of these bytes."""
    return Page(data, blake2b(data, digest_size=16).hexdigest(), None)


class Running(NamedTuple):
    """A server that runs, and the site that it shows."""

    site: MemorySite
    hub: Hub
    preview: Preview

    @property
    def url(self) -> str:
        """The site's address."""
        return self.preview.url

    def refresh(self) -> None:
        """Change nothing but the version, as a refresh does, and publish it."""
        self.site.version += 1
        self.hub.publish()

    def change(self, outputs: Mapping[str, bytes]) -> None:
        """Set outputs and publish the refresh."""
        self.site.set(outputs)
        self.refresh()

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; underscores in names of headers stand for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.preview.port, timeout=PATIENCE)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, given)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def running(site: MemorySite, wishes: Wishes = ANY_PORT, hub: Hub | None = None) -> Iterator[Running]:
    """Serve a site in a thread until the block ends."""
    hub = hub or Hub()
    preview = Preview(site, hub, wishes)
    thread = Thread(target=preview.run)
    thread.start()
    try:
        yield Running(site, hub, preview)
    finally:
        preview.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until something is so; fail when that takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what or "it did not come about in time"
        time.sleep(0.005)
