"""What the tests of deploys share: outputs written without a build, and places that they go to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from generator.base.deploy_settings import Caching, FolderTarget
from generator.base.deploy_settings import Target as TargetSettings
from generator.base.digest import digest_bytes
from generator.base.imaging import picture_of
from generator.base.listing import NAME
from generator.deploy.local import OutputFolder
from generator.deploy.manifest import CONTROL
from generator.deploy.preflight import Facts, Permits
from generator.deploy.story import Done, Order, Release, caching_of
from generator.deploy.story import deploy as deploy_site
from generator.deploy.target import Target

Files = Mapping[str, bytes]
NO_FILES: Files = {}
URL = "https://news.test/"
HOUR = 3600
NOW = 1_750_000_000  # s since 1970: the clock of these deploys


def asset(name: str, body: bytes) -> str:
    """Return the path of a theme's file with these bytes."""
    return f"assets/{name}-{digest_bytes(body)[:8].hex()}.css"


def size_of(picture: bytes, width: int = 64) -> str:
    """Return the path of a size of a picture."""
    return f"images/{digest_bytes(picture)[:8].hex()}-{width}.webp"


def page(*links: str, text: str = "") -> bytes:
    """Return a page that shows, or leads to, other files of the site."""
    return "".join(f'<a href="/{link}"></a>' for link in links).encode() + text.encode()


def site_of(articles: Mapping[str, str], style: bytes = b"a{}", pictures: Files = NO_FILES) -> dict[str, bytes]:
    """Return a small site: a page for each article (name -> text), with its picture, and what lists them."""
    sheet = asset("style", style)
    files = {sheet: style, "robots.txt": b"User-agent: *\n", "404.html": page(sheet)}
    for name, text in articles.items():
        shown = [size_of(pictures[name])] if name in pictures else []
        for path in shown:
            files[path] = pictures[name] * 3
        files[f"news/{name}/index.html"] = page(sheet, *shown, text=text)
    listed = [f"news/{name}/index.html" for name in articles]
    titles = " ".join(articles.values())
    files["news/index.html"] = page(sheet, *listed, text=titles)
    files["index.html"] = page(sheet, *listed, text=titles)
    files["feed.xml"] = page(*listed, text=titles)
    files["api/news/index.json"] = page(*listed, text=titles)
    return files


def pictures_of(files: Files) -> set[str]:
    """Return the sizes of pictures."""
    return {path for path in files if picture_of(path)}


def release(
    folder: Path,
    files: Files,
    url: str = URL,
    authority: str = "news.test",
    caching: Caching | None = None,
    **facts: int,
) -> Release:
    """Write an output as a build leaves it, and return what a deploy is told of it."""
    rows = []
    for path, data in sorted(files.items()):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        rows.append(f"{digest_bytes(data).hex()} {len(data)} {path}\n")
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_text("".join(rows))
    return Release(url, authority, OutputFolder(folder, caching), Facts(**facts))


class Desk:
    """Deploys outputs to one target, each from a folder of its own."""

    def __init__(self, root: Path, settings: TargetSettings | None = None):
        self.root, self.settings = root, settings or FolderTarget(path="www")
        self.hub = ""
        self.count = 0
        self.waits: list[str] = []
        self.progress: list[tuple[int, int]] = []

    def deploy(
        self,
        target: Target,
        files: Files,
        now: float = NOW,
        *,
        dry_run: bool = False,
        check: bool = False,
        rollback: bool = False,
        force: bool = False,
        allow_errors: bool = False,
        url: str = URL,
        authority: str = "news.test",
        **facts: int,
    ) -> Done:
        """Deploy an output of these files."""
        self.count += 1
        folder, caching = self.root / f"output-{self.count}", caching_of(self.settings)
        given = release(folder, files, url, authority, caching, **facts)._replace(hub=self.hub)
        order = Order(int(now), dry_run, check, rollback, Permits(force, allow_errors))
        self.progress.clear()
        return deploy_site(target, self.settings, given, order, self.waits.append, self._note)

    def back(self, target: Target, now: float = NOW) -> Done:
        """Put the site there again that was there before."""
        return self.deploy(target, {}, now, rollback=True)

    def _note(self, _: str, done: int, total: int) -> None:
        self.progress.append((done, total))


def put_paths(done: Done) -> list[str]:
    """Return the paths of the files that went, in order."""
    return [put.path for put in done.plan.puts]


def without_control(files: Files) -> dict[str, bytes]:
    """Return files but those of our own folder."""
    return {path: data for path, data in files.items() if not path.startswith(f"{CONTROL}/")}


def dead_links(files: Files) -> list[str]:
    """Return where a page leads, or what it shows, and which is not there."""
    return [f"{path} -> {link}" for path, link in _links(files) if link not in files]


def _links(files: Files) -> Iterator[tuple[str, str]]:
    for path, data in files.items():
        if path.endswith((".html", ".xml", ".json")):
            yield from ((path, link) for link in links_of(data))


def links_of(data: bytes) -> list[str]:
    """Return where a page leads, and what it shows."""
    return re.findall(r'<a href="/([^"]*)"', data.decode("utf-8", "replace"))


def assert_consistent(files: Files, versions: Iterable[Files], foreign: Files = NO_FILES) -> None:
    """Assert that all that is seen is whole: each file is of some version, and nothing leads to what is missing."""
    known = [*versions]
    for path, data in files.items():
        if path not in foreign:
            assert any(version.get(path) == data for version in known), path
    assert {path: files.get(path) for path in foreign} == dict(foreign)
    assert dead_links(files) == []


CUTS = pytest.mark.parametrize(
    "cuts", [(1, 6, 11, 16), pytest.param(range(20), marks=pytest.mark.long)], ids=["four cuts", "twenty cuts"]
)
