"""The command in a process of its own: what it serves, what it leaves alone, how it ends."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from preview_kit import until
from processes import session, survivors
from session_kit import SCRIPT, Running, build_all, command
from site_kit import SmallSite, plain_article, run, tree

PLAIN = "/news/2026-02-20-plain/"


def problems(running: Running) -> list[str]:
    state = json.loads(running.ask("/_broadsheet/state.json").body)
    return [
        f"{problem['path']}: {problem['message']}" for problem in state["problems"] if problem["severity"] == "error"
    ]


def test_a_preview_writes_nothing_of_the_site(site: SmallSite) -> None:
    """Neither `output/` nor a source is touched, and a build after it writes what one without it does."""
    plain = site.root / "content/news/2026-02-20-plain.md"
    before = tree(site.root)
    with command(site) as running:
        running.shows("/", "The lead of a story")
        running.shows("/news/2026-02-10-draft/", "2026 02 10 draft")
        site.edit(plain, "Another view.\n")
        running.shows(PLAIN, "Another view.")
        assert running.end() < 5
    after = {name: data for name, data in tree(site.root).items() if not name.startswith(".broadsheet/")}
    assert after == before | {"content/news/2026-02-20-plain.md": plain.read_bytes()}
    assert run(site, "build").returncode in (0, 1)
    built = tree(site.output)
    assert not any(b"_broadsheet" in data for data in built.values())
    shutil.rmtree(site.output)
    shutil.rmtree(site.cache)
    run(site, "build")
    assert tree(site.output) == built


def test_a_build_and_a_second_preview_beside_it(site: SmallSite) -> None:
    """A build works while a preview runs, so does another preview, and all three see the next save."""
    plain = site.root / "content/news/2026-02-20-plain.md"
    with command(site) as first, command(site) as second:
        assert first.port != second.port
        assert run(site, "build").returncode in (0, 1)
        assert (site.output / "news/2026-02-20-plain/index.html").is_file()
        assert not (site.output / "news/2026-02-10-draft").exists()
        site.edit(plain, "Another view.\n")
        first.shows(PLAIN, "Another view.")
        second.shows(PLAIN, "Another view.")
        assert run(site, "build").returncode in (0, 1)
        assert "Another view." in (site.output / "news/2026-02-20-plain/index.html").read_text()
        first.end()
        site.edit(plain, "A third view.\n")
        second.shows(PLAIN, "A third view.")


def test_the_next_preview_begins_where_the_last_one_ended(site: SmallSite) -> None:
    """What was read is kept; what was edited in between is seen."""
    plain = site.root / "content/news/2026-02-20-plain.md"
    with command(site) as running:
        running.shows(PLAIN, "2026 02 20 plain")
        running.end()
    assert (site.cache / "preview/state").is_file()
    site.edit(plain, "Written meanwhile.\n")
    with command(site) as running:
        running.shows(PLAIN, "Written meanwhile.")


def test_a_scheduled_article_appears_by_itself(site: SmallSite) -> None:
    """By the clock alone an article loses its badge; nobody saves anything."""
    due = datetime.now(UTC) + timedelta(seconds=6)
    site.article("soon", publishedDateTime=due.isoformat(timespec="seconds"))
    with command(site, now=None) as running:
        badges = json.loads(running.ask("/_broadsheet/state.json").body)["badges"]
        if datetime.now(UTC) < due - timedelta(seconds=1):
            assert badges["/news/soon/"].startswith("scheduled for")
        until(lambda: "/news/soon/" not in json.loads(running.ask("/_broadsheet/state.json").body)["badges"])
        assert datetime.now(UTC) >= due - timedelta(seconds=1)


def test_ctrl_c_ends_it_at_once(site: SmallSite) -> None:
    """It ends in under a second, though a browser's tab listens, and leaves no process."""
    with command(site) as running:
        tab = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        tab.request("GET", "/_broadsheet/events?path=/&digest=")
        stream = tab.getresponse()
        assert stream.readline()
        leader = running.process.pid
        alive = session(leader)
        assert leader in alive
        took = running.end()
        assert survivors(alive) == []
        assert session(leader) == []
        tab.close()
    assert running.process.returncode == 0
    assert took < 1
    assert not any("Traceback" in line for line in running.said)


# -- disks -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of few megabytes, which only root may."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_said_and_lived_with(site: SmallSite, small_disk: Path) -> None:
    """Where the disk is full the terminal and the page say so; when there is room, the save is there by itself."""
    on_disk = site.copy(small_disk / "site")
    plain = on_disk.root / "content/news/2026-02-20-plain.md"
    with command(on_disk) as running:
        running.shows(PLAIN, "2026 02 20 plain")
        on_disk.edit(plain, "One.\n")  # after which there is room for the next save in the file's own block
        running.shows(PLAIN, "One.")
        filler = small_disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            for size in (65_536, 1):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue
        on_disk.edit(plain, "Two.\n")
        until(lambda: any("No space left on device" in problem for problem in problems(running)))
        assert running.ask("/").status == 200
        until(lambda: any("No space left on device" in line and ".broadsheet" in line for line in running.said))
        filler.unlink()
        running.shows(PLAIN, "Two.")
        until(lambda: problems(running) == [])
        assert running.process.poll() is None
        until(lambda: "no error is left" in running.said)


def test_folders_that_are_lost_are_said_and_found_again(site: SmallSite, tmp_path: Path) -> None:
    """Without its content or its settings the site stays as it was, with a message; put back, it goes on."""
    with command(site) as running:
        running.shows("/", "The lead of a story")
        for name in ("content", "site.toml"):
            shutil.move(site.root / name, tmp_path / "away")
            until(lambda: problems(running), f"nobody misses {name}")
            assert b"The lead of a story" in running.ask("/").body
            shutil.move(tmp_path / "away", site.root / name)
            until(lambda: problems(running) == [], f"nobody sees that {name} is back")
        until(lambda: running.said.count("no error is left") == 2)
    assert sum(line.startswith("error:") for line in running.said) == 2


# -- many files at once ------------------------------------------------------------------------------------------------


def git(site: SmallSite, *arguments: str) -> None:
    program = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    subprocess.run(program, cwd=site.root, check=True, capture_output=True)


def served(running: Running, wanted: dict[str, bytes]) -> list[str]:
    """Return the outputs that are not served as they should be."""
    wrong = []
    for output, data in wanted.items():
        if output not in ("_headers", "_redirects"):
            answer = running.ask(f"/{output}")
            if answer.status != 200 or SCRIPT.sub(b"", answer.body) != data:
                wrong.append(output)
    return wrong


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_a_branch_is_switched(site: SmallSite, tmp_path: Path) -> None:
    """After a switch between branches that differ in 160 files, and back, the site is that of the branch."""
    site.write(".gitignore", "output/\n.broadsheet/\n")
    for number in range(100, 180):
        plain_article(site, number)
    git(site, "init", "--quiet", "--initial-branch=main")
    git(site, "add", ".")
    git(site, "commit", "--quiet", "--message=main")
    git(site, "checkout", "--quiet", "-b", "other")
    for number in range(100, 150):
        (site.root / f"content/news/plain-{number:04d}.md").unlink()
    for number in range(300, 380):
        plain_article(site, number, heat=33)
    for number in range(150, 180):
        site.edit(site.root / f"content/news/plain-{number:04d}.md", title=f"Of the branch {number}")
    base = site.root / "themes/default/templates/base.html"
    base.write_text(base.read_text().replace("</body>", "<p>Branch</p></body>"))
    git(site, "add", ".")
    git(site, "commit", "--quiet", "--message=other")
    wanted = {"other": build_all(site, tmp_path / "other")}
    git(site, "checkout", "--quiet", "main")
    wanted["main"] = build_all(site, tmp_path / "main")
    with command(site) as running:
        for branch in ("other", "main", "other"):
            git(site, "checkout", "--quiet", branch)
            until(lambda branch=branch: not served(running, wanted[branch]))  # type: ignore[misc]
            for output in wanted["main"].keys() ^ wanted["other"].keys() - wanted[branch].keys():
                if output not in wanted[branch]:
                    assert running.ask(f"/{output}").status == 404, output


@pytest.mark.long
def test_five_thousand_files_at_once(site: SmallSite) -> None:
    """A bulk edit of 5,000 files, while somebody reads, ends with all of them."""
    for number in range(5000):
        plain_article(site, number)
    with command(site) as running:
        running.shows("/", "The lead of a story")
        for number in range(5000):
            plain_article(site, number, title=f"Bulk {number}")
        start = time.monotonic()
        while missing := [
            number
            for number in range(0, 5000, 7)
            if f"Bulk {number}<".encode() not in running.ask(f"/news/plain-{number:04d}/").body
        ]:
            assert time.monotonic() < start + 120, missing[:5]
        assert problems(running) == []


@pytest.mark.long
def test_memory_and_disk_over_a_thousand_saves(site: SmallSite) -> None:
    """After 1,000 saves the process is hardly larger than after 100, holds few files open and keeps few on disk."""
    for number in range(500):
        plain_article(site, number)
    files = site.articles()[:50]
    sizes = {}
    with command(site) as running:
        pid = running.process.pid
        for number in range(1, 1001):
            file = files[number % 50]
            fields = {"title": f"Title {number}"} if number % 5 == 0 else {}
            site.edit(file, f"View {number}.\n", **fields)
            running.shows(f"/news/{file.stem}/", f"View {number}.")
            if number in (100, 1000):
                sizes[number] = _resident(pid)
        packs = list((site.cache / "preview").glob("*.pack"))
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    print(f"resident {sizes} bytes, {len(packs)} packs, {descriptors} descriptors")
    assert sizes[1000] < sizes[100] + 16_000_000  # 8 MB of it are pages that tabs may show, which fill up meanwhile
    assert len(packs) < 100
    assert descriptors < 150


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
