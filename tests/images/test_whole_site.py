"""Remote pictures in a whole site: fetched, shown, kept when their source dies, taken down when they must go."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import PIL.Image
import pytest
from picture_server import BEHAVIOURS, PICTURE, Asked, PictureServer, says, served
from site_kit import LISTING, NOON, REPOSITORY, SmallSite, build, environment, full_site, run_here, tree
from tiny_pictures import flat

from generator.base.digest import digest_bytes
from generator.base.imaging import Variant
from generator.images import resize
from generator.images.fetch.collection import Collection

LOCAL: dict[str, Any] = {"allow_hosts": ["127.0.0.1"], "timeout": 3, "fetch_budget": 30}
SHOWN = re.compile(rb'(?:src|href|content)="(?:https://news\.example)?/(images/[^"]+)"')


@pytest.fixture
def server() -> Iterator[PictureServer]:
    with served() as server:
        yield server


def site_with(root: Path, server: PictureServer, *paths: str, **images: Any) -> SmallSite:
    """Make a site whose articles show pictures of the server, one each."""
    site = full_site(root, articles=0)
    settle(site, **images)
    for number, path in enumerate(paths):
        site.article(f"2026-02-{number % 28 + 1:02d}-picture-{number}", images=[{"url": server.url(path)}])
    return site


def settle(site: SmallSite, **images: Any) -> None:
    site.settings(title="Small news", base_url="https://news.example/", images=LOCAL | images)


def page(site: SmallSite, number: int) -> bytes:
    return (site.output / f"news/2026-02-{number % 28 + 1:02d}-picture-{number}/index.html").read_bytes()


def pictures(site: SmallSite) -> set[str]:
    return {name for name in tree(site.output) if name.startswith("images/")}


def assert_whole(site: SmallSite) -> None:
    """Expect every picture that a page names to be there."""
    files = tree(site.output)
    named = {found.decode() for name, data in files.items() if name.endswith(".html") for found in SHOWN.findall(data)}
    sets = b" ".join(data for name, data in files.items() if name.endswith(".html"))
    named |= {found.decode() for found in re.findall(rb"/(images/[^\s\",]+) \d+w", sets)}
    assert named <= pictures(site)


def test_a_site_of_all_that_servers_do(tmp_path: Path, server: PictureServer) -> None:
    """Whatever they do: the build ends well, each failure is a warning with article and address, all pages stand."""
    paths = sorted(BEHAVIOURS)
    site = site_with(tmp_path / "site", server)
    origin = server.url("")
    settle(site, host_map={f"host-{number}.example": origin for number in range(len(paths))})
    for number, path in enumerate(paths):  # a host each, for one that fails five times in a row is left alone
        site.article(
            f"2026-02-{number % 28 + 1:02d}-picture-{number}", images=[{"url": f"http://host-{number}.example{path}"}]
        )
    done = build(site, jobs=2)
    assert {problem.severity for problem in done.problems} == {"warning"}
    warned = {problem.path for problem in done.problems}
    for number, path in enumerate(paths):
        has_picture = re.search(rb'<figure class="story-picture">\s*<picture', page(site, number)) is not None
        file = f"content/news/2026-02-{number % 28 + 1:02d}-picture-{number}.md"
        assert has_picture == (file not in warned), path
    counts = done.fetched.counts
    assert counts["good"] + counts["failed"] + counts["refused"] == len(paths)
    assert counts["good"] >= 10
    assert all(problem.line and "http://host-" in problem.message for problem in done.problems)
    assert_whole(site)


def test_a_picture_is_shown_in_every_role(tmp_path: Path, server: PictureServer) -> None:
    """A fetched picture is as good as one of the site's own: sources, measured sizes, other sites' previews."""
    site = site_with(tmp_path / "site", server, "/good.png")
    build(site)
    text = page(site, 0).decode()
    assert re.search(r'<source type="image/webp" srcset="/images/[0-9a-f]{16}-\d+\.webp \d+w', text)
    assert re.search(r'<img src="/images/[0-9a-f]{16}-\d+\.jpg"[^>]* width="\d+" height="\d+"', text)
    assert 'property="og:image" content="https://news.example/images/' in text
    assert server.url("/good.png") not in text
    assert_whole(site)


def test_the_site_stays_when_the_server_goes(tmp_path: Path) -> None:
    """The same collection gives the same bytes: with a dead server, offline, from nothing, in another place."""
    with served() as server:
        site = site_with(tmp_path / "site", server, "/good.png", "/etag", "/404")
        build(site)
    later = NOON + timedelta(days=3)
    settle(site, fetch=False)
    build(site, later)
    before = tree(site.output)
    settle(site)
    done = build(site, later)
    assert done.fetched.counts["stale"] == 2
    assert tree(site.output) == before
    copy = site.copy(tmp_path / "elsewhere" / "copy")
    settle(copy, fetch=False)
    build(copy, later, jobs=2)
    assert tree(copy.output) == before


def test_where_nothing_is_fetched(tmp_path: Path, server: PictureServer) -> None:
    """Offline, off, checking, explaining, listing and verifying ask nobody, and keep nothing."""
    site = site_with(tmp_path / "site", server, "/good.png")
    for command in (["build", "--offline"], ["check"], ["explain", "2026-02-01-picture-0"], ["images"]):
        run_here(site, *command)
    settle(site, fetch=False)
    build(site)
    assert not server.hits
    assert not (site.root / "pictures").exists()
    settle(site)
    done = run_here(site, "build", "--verify")
    assert (done.code, server.hits["/good.png"]) == (0, 1)


def test_nothing_new_is_asked_for(tmp_path: Path, server: PictureServer) -> None:
    """A second build asks for nothing, the shortcut knows that too, and what is due is asked for when it is."""
    site = site_with(tmp_path / "site", server, "/good.png", "/404", "/500")
    build(site)
    before = dict(server.hits)
    for _ in range(3):
        time.sleep(0.06)
        said = run_here(site, "build")
    assert "(nothing changed)" in said.out
    assert "remote pictures: 1 good, 2 failed" in said.out
    assert dict(server.hits) == before
    run_here(site, "build", now=NOON + timedelta(hours=1))
    assert server.hits["/500"] > before["/500"]
    assert server.hits["/404"] == before["/404"]


def test_what_time_runs_out_for_comes_next(tmp_path: Path, server: PictureServer) -> None:
    """A budget that is used up leaves the rest to the next build, and says how much."""
    server.behaviours["/slow"] = lambda asked: (time.sleep(0.6), asked.send("200 OK", PICTURE))[1]  # type: ignore[func-returns-value]
    site = site_with(tmp_path / "site", server, *[f"/slow?{number}" for number in range(24)], fetch_budget=3)
    first = run_here(site, "build")
    waiting = int(re.search(r"(\d+) waiting", first.out)[1])  # type: ignore[index]
    assert waiting > 0
    for _ in range(40):  # each brings some; how many depends on the machine
        said = run_here(site, "build")
        if "24 good" in said.out:
            break
    assert "remote pictures: 24 good" in said.out
    assert_whole(site)


TAKEN_DOWN = {
    "by the article": lambda site, server: site.edit(site.root / "content/news/2026-02-01-picture-0.md", images=[]),
    "by the outlet": lambda site, server: site.provider("outlet.example", name="Outlet", rehost=False),
    "by the host": lambda site, server: settle(site, no_rehost=["127.0.0.1"]),
}


@pytest.mark.parametrize("how", TAKEN_DOWN)
def test_a_picture_is_taken_down(how: str, tmp_path: Path, server: PictureServer) -> None:
    """In the next build it is gone from the output, though the collection and the server still have it."""
    site = site_with(tmp_path / "site", server, "/good.png")
    settle(site, fetch=False)
    build(site)
    own = pictures(site)
    settle(site)
    build(site)
    fetched = pictures(site) - own
    assert fetched
    TAKEN_DOWN[how](site, server)  # type: ignore[no-untyped-call]
    done = build(site)
    assert not pictures(site) & fetched
    assert not done.problems
    assert_whole(site)


def test_a_logo_is_fetched(tmp_path: Path, server: PictureServer) -> None:
    """An outlet's widest logo is asked for, unless the site has one of its own."""
    site = site_with(tmp_path / "site", server)
    logos = [{"url": server.url("/etag"), "width": 50}, {"url": server.url("/good.png"), "width": 400}]
    site.article("2026-02-05-logo", provider={"name": "Other", "domain": "logo.example", "images": logos})
    site.article("2026-02-06-logo", provider={"name": "Other", "domain": "logo.example", "images": logos})
    build(site)
    assert dict(server.hits) == {"/good.png": 1}
    assert b"<img" in (site.output / "providers/logo.example/index.html").read_bytes()
    assert_whole(site)


def test_a_damaged_picture_of_the_collection_is_fetched_again(tmp_path: Path, server: PictureServer) -> None:
    """A file with other bytes, or none any more: a build mends it, a check only names it."""
    site = site_with(tmp_path / "site", server, "/good.png")
    build(site)
    before = tree(site.output)
    for change in ("flip", "cut", "gone"):
        file = next((site.root / "pictures").glob("??/*"))
        data = file.read_bytes()
        file.write_bytes(data[:-1] + (bytes([data[-1] ^ 1]) if change == "flip" else b""))
        if change == "gone":
            file.unlink()
        for folder in (site.cache, site.output):
            shutil.rmtree(folder)
        checked = run_here(site, "check")
        named = f"{file.name}: is damaged: not the bytes that were kept" in checked.err
        assert (checked.code, named) == ((2, True) if change == "flip" else (0, False))
        assert run_here(site, "build").code == 0
        assert tree(site.output) == before


def test_the_command_lists_retries_and_prunes(tmp_path: Path, server: PictureServer) -> None:
    """Every state is listed with its reason; a failure can be asked for at once; what is not shown is forgotten."""
    site = site_with(tmp_path / "site", server, "/good.png", "/once-500x", "/to-private")
    build(site)
    listed = json.loads(run_here(site, "images", "--json").out)["pictures"]
    assert {row["url"].rpartition("/")[2]: row["state"] for row in listed} == {
        "good.png": "good",
        "once-500x": "failed",
        "to-private": "refused",
    }
    server.behaviours["/once-500x"] = BEHAVIOURS["/good.png"]
    build(site)
    assert server.hits["/once-500x"] == 1
    assert "will be asked for again" in run_here(site, "images", "--retry").out
    assert build(site).fetched.counts["good"] == 2
    (site.root / "content/news/2026-02-01-picture-0.md").unlink()
    assert "1 addresses forgotten" in run_here(site, "images", "--prune").out
    assert server.url("/good.png") not in Collection(site.root / "pictures").entries


def test_a_kill_loses_no_picture(tmp_path: Path, server: PictureServer) -> None:
    """Killed while it fetches, a build has kept what it had: the next one asks for the others only."""
    count = 40
    server.behaviours["/slow"] = slow
    site = site_with(tmp_path / "site", server, *[f"/slow?{number}" for number in range(count)])
    command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--as-of", NOON.isoformat()]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        ends = time.monotonic() + 30
        while sum(server.hits.values()) < count // 2 and started.poll() is None and time.monotonic() < ends:
            time.sleep(0.005)
        started.kill()
    kept = sum(1 for entry in Collection(site.root / "pictures").entries.values() if entry.kept)
    assert 0 < kept < count
    server.hits.clear()
    done = build(site)
    assert done.fetched.counts["good"] == count
    assert sum(server.hits.values()) == count - kept
    assert not [name for name in tree(site.output) if name.endswith(".new")]
    assert {artifact.output for artifact in done.artifacts} | {LISTING} == tree(site.output).keys()
    assert_whole(site)


def slow(asked: Asked) -> None:
    time.sleep(0.1)
    asked.send("200 OK", PICTURE)


CORPUS = REPOSITORY.parent / "shared" / "corpus" / "powerapps"


class EveryPath(dict[str, Callable[[Asked], None]]):
    """A server that has a picture at each address, another one each."""

    def get(self, path: str, default: object = None) -> Callable[[Asked], None]:  # type: ignore[override]
        colour = digest_bytes(path.encode())
        return says("200 OK", flat("RGB", (64, 36), (colour[0], colour[1], colour[2]), "PNG"))


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no {CORPUS}: the desk's files are not ours to add")
def test_a_real_desk(tmp_path: Path) -> None:
    """Every picture of a real desk is in place, its many hosts played by one server; and stays when that is gone."""
    named = {
        url for file in CORPUS.rglob("*.md") for url in re.findall(r"url: \"?(https?://[^\s\"]+)", file.read_text())
    }
    hosts = sorted({urlsplit(url).netloc for url in named})
    site = SmallSite(tmp_path / "site")
    site.root.mkdir()
    theme = str(REPOSITORY / "tests" / "sites" / "theme")

    def settle(origin: str) -> None:
        images = LOCAL | {"host_map": dict.fromkeys(hosts, origin), "timeout": 20, "fetch_budget": 120}
        site.settings(title="Desk", base_url="https://news.example/", content=str(CORPUS), theme=theme, images=images)

    with served() as server:
        server.behaviours = EveryPath()
        settle(server.url(""))
        done = build(site, jobs=2)
        assert done.fetched.counts["good"] == sum(done.fetched.counts.values()) > 200
        assert not [problem for problem in done.problems if "fetched" in problem.message]
        assert_whole(site)
        before = tree(site.output)
    for folder in (site.cache, site.output):
        shutil.rmtree(folder)
    build(site, NOON + timedelta(days=1), jobs=2)
    after = tree(site.output)
    assert {name for name in before if before[name] != after.get(name)} <= {"sitemap-news.xml", "sitemap.xml"}


@pytest.mark.parametrize(
    ("formats", "types"), [([], []), (["webp"], ["image/webp"]), (["webp", "avif"], ["image/avif", "image/webp"])]
)
def test_formats_are_the_settings(formats: list[str], types: list[str], tmp_path: Path, server: PictureServer) -> None:
    """Each picture is there in each format, the best first, and always in one that every browser knows."""
    site = site_with(tmp_path / "site", server, "/good.png", formats=formats)
    build(site)
    figure = page(site, 0).decode().partition('<figure class="story-picture">')[2].partition("</figure>")[0]
    assert re.findall(r'<source type="([^"]+)"', figure) == types
    assert re.search(r'<img src="/images/[^"]+\.(jpg|png)"', figure)
    assert_whole(site)
    for name in pictures(site):
        with PIL.Image.open(site.output / name) as picture:
            picture.load()


def test_a_kill_loses_no_size_that_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it resizes, a build has kept what it had made: the next one makes the others only."""
    site, count = full_site(tmp_path / "site", articles=0), 24
    for number in range(count):
        site.picture(f"images/{number}.png", f"#{number:02d}4466", 900, 600)
        site.article(f"2026-02-{number + 1:02d}-picture-{number}", images=[{"url": f"/images/{number}.png"}])
    command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--as-of", NOON.isoformat()]
    kept = site.cache / "variants"
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        ends = time.monotonic() + 30
        while len(list(kept.glob("*"))) < 100 and started.poll() is None and time.monotonic() < ends:
            time.sleep(0.01)
        started.kill()
    made = {file.name.partition("-")[0] for file in kept.iterdir() if not file.name.startswith(".")}
    assert made
    resized: list[bytes] = []

    def counting(data: bytes, wanted: tuple[Variant, ...]) -> tuple[bytes, ...]:
        resized.append(data)
        return made_of(data, wanted)

    made_of = resize.resize
    monkeypatch.setattr(resize, "resize", counting)
    build(site)
    of_the_site = 3  # pictures besides
    assert 0 < len(resized) <= count + of_the_site - len(made) + 2  # each of two workers may have been cut short in one
    assert_whole(site)
