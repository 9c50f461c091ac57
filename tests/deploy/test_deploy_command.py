"""The command `deploy`: it builds, tells what it does, and never tells what must be secret."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from places import FolderPlace, S3Place
from processes import no_child_is_left
from site_kit import REPOSITORY, SmallSite, build, environment, full_site, run, run_here, small_site, tree

from generator.base import listing

SETTLED = 0.06  # s
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def desk_site(tmp_path: Path, folder: FolderPlace) -> SmallSite:
    """A site with a folder to go to."""
    target = {"type": "folder", "path": str(folder.root)}
    return full_site(tmp_path / "site", base_url="https://news.test/", deploy={"live": target})


def build_now(site: SmallSite) -> None:
    """Build a site whose files are older than a file system's tick, so that its build is remembered."""
    time.sleep(SETTLED)
    assert run_here(site, "build").code == 0


def output_of(site: SmallSite) -> dict[str, bytes]:
    return {path: data for path, data in tree(site.output).items() if path != ".broadsheet"}


def test_a_deploy_builds(desk_site: SmallSite, folder: FolderPlace) -> None:
    """What goes is the site as its sources are now, and the summary says how much and where to."""
    said = run_here(desk_site, "deploy")
    assert (said.code, said.err) == (0, "")
    assert folder.files() == output_of(desk_site)
    first, last = said.out.splitlines()
    assert first.startswith(f"{len(folder.files()):,} files uploaded (")
    assert last.startswith("https://news.test/ (live, folder; ")
    desk_site.edit(desk_site.root / "content/news/2026-02-20-plain.md", title="Another title")
    run_here(desk_site, "deploy")
    assert b"Another title" in folder.files()["news/2026-02-20-plain/index.html"]


def test_a_site_that_is_built_is_not_built_again(desk_site: SmallSite, folder: FolderPlace) -> None:
    """A deploy takes what the last build left where another would leave the same; else it builds, as ever."""
    state = desk_site.root / ".broadsheet/state"
    build_now(desk_site)
    before = state.stat().st_ino
    assert run_here(desk_site, "deploy").code == 0
    assert state.stat().st_ino == before
    assert folder.files() == output_of(desk_site)
    (desk_site.output / "index.html").write_bytes(b"tampered with")
    assert run_here(desk_site, "deploy").code == 0
    assert state.stat().st_ino != before
    assert folder.files() == output_of(desk_site)
    assert b"tampered with" not in folder.files()["index.html"]


def test_what_a_build_shows_early_is_not_deployed(desk_site: SmallSite, folder: FolderPlace) -> None:
    """After a build with drafts a deploy makes the site without them."""
    desk_site.article("2026-02-27-early", published=False, title="Not yet")
    time.sleep(SETTLED)
    built = json.loads(run_here(desk_site, "build", "--drafts", "--json").out)
    assert built["articles"]["early"] >= 1
    assert "news/2026-02-27-early/index.html" in output_of(desk_site)
    assert run_here(desk_site, "deploy").code == 0
    assert "news/2026-02-27-early/index.html" not in folder.files()


def test_a_deploy_says_again_what_is_wrong(desk_site: SmallSite, folder: FolderPlace) -> None:
    """Errors that the last build said stand in the way of the next deploy, too."""
    desk_site.write("content/news/broken.md", "no front matter")
    time.sleep(SETTLED)
    built = run_here(desk_site, "build")
    said = run_here(desk_site, "deploy")
    assert (built.code, said.code) == (1, 1)
    assert set(built.err.splitlines()) <= set(said.err.splitlines())
    assert "the build has 1 error" in said.err
    assert folder.files() == {}


def test_one_edited_title(desk_site: SmallSite, folder: FolderPlace) -> None:
    """Of a real site go the article's page, its card, and what lists it."""
    run_here(desk_site, "deploy")
    before = folder.files()
    desk_site.edit(desk_site.root / "content/news/plain-0003.md", title="Another title")
    report = json.loads(run_here(desk_site, "deploy", "--json").out)
    after = folder.files()
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {step["path"] for step in report["steps"]} == changed
    assert report["uploaded"] == report["added"] + report["updated"] < len(after) / 2
    assert after == output_of(desk_site)


def test_a_newest_article_added(desk_site: SmallSite) -> None:
    """No page of another article goes but that of its neighbour, and no archive page that is full."""
    run_here(desk_site, "deploy")
    desk_site.article("2026-02-28-newest", publishedDateTime="2026-02-28T10:00:00Z", topics=["Science"])
    report = json.loads(run_here(desk_site, "deploy", "--json").out)
    pages = {step["path"] for step in report["steps"] if step["path"].endswith(".html")}
    assert {path for path in pages if path.startswith("news/")} == {
        "news/2026-02-28-newest/index.html",
        "news/plain-0002/index.html",  # its neighbour in the topic
        "news/index.html",
        "news/page/1/index.html",
    }


def test_a_picture_that_is_taken_down(desk_site: SmallSite, folder: FolderPlace) -> None:
    """With the article's picture its sizes are gone from the host; those of others stay."""
    run_here(desk_site, "deploy")
    sizes = {path for path in folder.files() if path.startswith("images/")}
    desk_site.edit(desk_site.root / "content/news/2026-02-28-lead.md", images=[])
    run_here(desk_site, "deploy")
    left = {path for path in folder.files() if path.startswith("images/")}
    assert len(sizes - left) >= 2
    assert left == {path for path in output_of(desk_site) if path.startswith("images/")}
    run_here(desk_site, "deploy", "--rollback")
    assert {path for path in folder.files() if path.startswith("images/")} <= left


def test_sizes_that_a_theme_no_longer_shows(desk_site: SmallSite, folder: FolderPlace) -> None:
    """The old sizes of pictures that are still shown stay for open pages."""
    run_here(desk_site, "deploy")
    sizes = {path for path in folder.files() if path.startswith("images/") and path.endswith(".jpg")}
    target = {"type": "folder", "path": str(folder.root)}
    images = {"fetch": False, "quality": 60}
    desk_site.settings(title="Small news", base_url="https://news.test/", deploy={"live": target}, images=images)
    report = json.loads(run_here(desk_site, "deploy", "--json").out)
    assert report["kept_old"] >= len(sizes)
    assert sizes <= folder.files().keys()


def test_the_report(desk_site: SmallSite) -> None:
    """The JSON report says what was asked, what was done, and what each step was."""
    report = json.loads(run_here(desk_site, "deploy", "--json").out)
    assert report.pop("seconds") > 0
    steps = report.pop("steps")
    assert {step["step"] for step in steps} == {"add"}
    assert [step["path"] for step in steps if step["path"].endswith(".html")][-1] == "index.html"
    size = report.pop("bytes")
    assert report == {
        "target": "live",
        "type": "folder",
        "dry_run": False,
        "rollback": False,
        "url": "https://news.test/",
        "changed": True,
        "version": 1,
        "added": len(steps),
        "updated": 0,
        "uploaded": len(steps),
        "kept": 0,
        "kept_old": 0,
        "deleted": 0,
        "repaired": 0,
        "foreign": None,
        "warnings": [],
    }
    assert size == sum(step["size"] for step in steps)


def test_a_dry_run(desk_site: SmallSite, folder: FolderPlace) -> None:
    """Every step is shown in order, and nothing of the target exists afterwards."""
    said = run_here(desk_site, "deploy", "--dry-run")
    assert said.code == 0
    assert "+ index.html" in said.out.splitlines()
    assert "would be uploaded" in said.out
    assert not folder.root.parent.exists()
    run_here(desk_site, "deploy")
    desk_site.remove("content/news/plain-0003.md")
    lines = run_here(desk_site, "deploy", "--dry-run").out.splitlines()
    assert "- news/plain-0003/index.html" in lines
    assert "~ index.html" in lines
    assert "news/plain-0003/index.html" in folder.files()


def test_errors_in_the_site(desk_site: SmallSite, folder: FolderPlace) -> None:
    """With errors nothing goes (exit code 1), unless it is allowed."""
    desk_site.write("content/news/broken.md", "---\ntitle: [\n---\n")
    said = run_here(desk_site, "deploy")
    assert said.code == 1
    assert "content/news/broken.md:" in said.err
    assert "the build has 1 error" in said.err
    assert "nothing was deployed" in said.err
    assert not folder.root.exists()
    assert run_here(desk_site, "deploy", "--allow-errors").code == 0
    assert folder.root.exists()


def test_the_example_is_not_deployed(tmp_path: Path, folder: FolderPlace) -> None:
    """A new site as `init` makes it has no address yet (exit code 2)."""
    target = {"type": "folder", "path": str(folder.root)}
    site = full_site(tmp_path / "site", base_url="https://example.org/", deploy={"live": target})
    said = run_here(site, "deploy")
    assert said.code == 2
    assert "base_url is still the example" in said.err


def test_drafts_never_go(desk_site: SmallSite, folder: FolderPlace) -> None:
    """An output that was built with drafts, or as of a later day, is built again before it goes."""
    build(desk_site, drafts=True)
    assert (desk_site.output / "news/2026-02-10-draft/index.html").exists()
    run_here(desk_site, "deploy")
    assert "news/2026-02-10-draft/index.html" not in folder.files()
    assert "index.html" in folder.files()


@pytest.mark.parametrize("kind", ["folder", "rsync"])
@pytest.mark.parametrize("path", ["{output}/www", "{root}/away/www", "{root}/content", "{root}/here", "{root}/.."])
def test_a_target_in_the_site(tmp_path: Path, kind: str, path: str) -> None:
    """A target in, or around, what the site is made of and into is refused, whatever links lead there."""
    root = tmp_path / "site"
    target = {"type": kind, "path": path.format(root=root, output=root / "output")}
    site = small_site(root, base_url="https://news.test/", deploy={"live": target})
    (root / "output").mkdir()
    (root / "away").symlink_to(root / "output")
    (root / "here").symlink_to(root)
    done = run_here(site, "deploy", "--force")
    assert done.code == 2
    assert "lie in each other; keep them apart" in done.err or "is the site's own folder or one around it" in done.err
    assert list((root / "output").iterdir()) == []


def test_no_target(tmp_path: Path) -> None:
    """A site without targets is told how to write one."""
    said = run_here(full_site(tmp_path), "deploy")
    assert said.code == 2
    assert "[deploy.live]" in said.err


def test_back_by_the_command(desk_site: SmallSite, folder: FolderPlace) -> None:
    """A rollback builds nothing, not even from sources that are broken by now."""
    run_here(desk_site, "deploy")
    before = folder.files()
    desk_site.edit(desk_site.root / "content/news/plain-0003.md", title="A mistake")
    run_here(desk_site, "deploy")
    desk_site.write("content/news/broken.md", "---\ntitle: [\n---\n")
    said = run_here(desk_site, "deploy", "--rollback")
    assert said.code == 0
    after = folder.files()
    cards = {path for path in after.keys() ^ before.keys() if path.startswith("images/cards/")}
    assert {path: data for path, data in after.items() if path not in cards} == {
        path: data for path, data in before.items() if path not in cards
    }


def test_an_extra_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3 a target of S3 says what to install; the other targets do not need it."""
    site = full_site(tmp_path, base_url="https://news.test/", deploy={"live": {"type": "s3", "bucket": "abc"}})
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "boto3.py").write_text("raise ModuleNotFoundError(\"No module named 'boto3'\", name='boto3')\n")
    monkeypatch.setattr("site_kit.REPOSITORY", f"{hidden}{os.pathsep}{REPOSITORY}")
    said = run(site, "deploy")
    assert said.returncode == 2
    assert "pip install 'broadsheet[s3]'" in said.stderr


def test_secrets_are_nowhere(s3: S3Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what is printed, nor what is written, nor what is on the target holds a key."""
    target = {"type": "s3", "bucket": s3.settings.bucket, "endpoint_url": s3.settings.endpoint_url}
    site = full_site(tmp_path / "site", 0, base_url="https://news.test/", deploy={"live": target | {"prefix": "a/b"}})
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-of-this-test")
    said = run(site, "deploy", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["type"] == "s3"
    everything = [said.stdout.encode(), said.stderr.encode(), *tree(site.root).values()]
    place = s3.but(prefix="a/b")
    assert place.files() == output_of(site)
    everything += place.all_files().values()
    assert not any(b"the-secret-of-this-test" in text for text in everything)


# -- a large site is made by another process ---------------------------------------------------------------------------


@pytest.fixture
def beside(desk_site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> SmallSite:
    """The site, built and as large as one that is worth another process."""
    build_now(desk_site)
    monkeypatch.setattr(listing, "LONG", 0)
    return desk_site


def made_by(
    monkeypatch: pytest.MonkeyPatch,
    also: Callable[[], object],
    notes: Path,
    after: Callable[[], object] = lambda: None,
) -> None:
    """Note which process makes the site current, before it does what it does `also`, and what it does `after`."""
    module = import_module("generator.cli.deploy")
    make: Make = module.make_current  # type: ignore[attr-defined]

    def noted(*args: Any, **named: Any) -> dict[str, Any]:
        with notes.open("a") as file:
            file.write(f"{os.getpid()}\n")
        also()
        answer = make(*args, **named)
        after()
        return answer

    monkeypatch.setattr(module, "make_current", noted)


def test_another_process_makes_a_large_site(
    beside: SmallSite, folder: FolderPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What goes is what it made, and it says what it always says."""
    made_by(monkeypatch, lambda: None, tmp_path / "notes")
    beside.edit(beside.root / "content/news/2026-02-20-plain.md", title="Another title")
    beside.write("content/topics/broken.yaml", "name: [")
    said = run_here(beside, "deploy", "--allow-errors")
    assert said.code == 0
    assert "content/topics/broken.yaml:" in said.err
    assert folder.files() == output_of(beside)
    assert b"Another title" in folder.files()["news/2026-02-20-plain/index.html"]
    (maker,) = (tmp_path / "notes").read_text().split()
    assert int(maker) != os.getpid()
    assert no_child_is_left()


@pytest.mark.parametrize("end", [lambda: os._exit(1), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
def test_where_the_other_process_fails_the_site_is_made_here(
    beside: SmallSite, folder: FolderPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: Callable[[], object]
) -> None:
    """Nothing is said of it."""
    here = os.getpid()
    made_by(monkeypatch, lambda: os.getpid() == here or end(), tmp_path / "notes")
    beside.edit(beside.root / "content/news/2026-02-20-plain.md", title="Another title")
    said = run_here(beside, "deploy")
    assert (said.code, said.err) == (0, "")
    assert b"Another title" in folder.files()["news/2026-02-20-plain/index.html"]
    assert len((tmp_path / "notes").read_text().split()) == 2
    assert no_child_is_left()


def test_a_deploy_goes_before_the_other_process_is_done(
    beside: SmallSite, folder: FolderPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What it has to remember of the site it remembers meanwhile, and the deploy waits for that at its end."""
    here, seen = os.getpid(), tmp_path / "seen"

    def wait() -> None:
        until = time.monotonic() + 20
        while os.getpid() != here and b"Another title" not in folder.files()["news/2026-02-20-plain/index.html"]:
            assert time.monotonic() < until
            time.sleep(0.01)
        seen.write_text("it was there")

    run_here(beside, "deploy")
    made_by(monkeypatch, lambda: None, tmp_path / "notes", wait)
    beside.edit(beside.root / "content/news/2026-02-20-plain.md", title="Another title")
    assert run_here(beside, "deploy").code == 0
    assert seen.read_text() == "it was there"
    assert len((tmp_path / "notes").read_text().split()) == 1
    assert no_child_is_left()


def test_where_the_other_process_fails_after_its_answer(
    beside: SmallSite, folder: FolderPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What it made has gone; what is left to do is done here, and the next deploy finds it done."""
    here = os.getpid()
    made_by(monkeypatch, lambda: None, tmp_path / "notes", lambda: os.getpid() == here or os._exit(1))
    beside.edit(beside.root / "content/news/2026-02-20-plain.md", title="Another title")
    time.sleep(SETTLED)
    said = run_here(beside, "deploy")
    assert (said.code, said.err) == (0, "")
    assert folder.files() == output_of(beside)
    state = (beside.root / ".broadsheet/state").stat().st_ino
    assert run_here(beside, "deploy").code == 0
    assert (beside.root / ".broadsheet/state").stat().st_ino == state
    assert no_child_is_left()


def test_what_the_other_process_meets_is_said_once(beside: SmallSite, folder: FolderPlace) -> None:
    """An output that cannot be built is refused as a build refuses it, and nothing goes."""
    beside.article("2026-02-27-late")
    beside.write("output/news/2026-02-27-late/index.html", "somebody else's")
    built, said = run_here(beside, "build"), run_here(beside, "deploy")
    assert (said.code, said.err) == (built.code, built.err)
    assert "was not written by a build of ours" in said.err
    assert folder.files() == {}
    assert no_child_is_left()


def test_a_target_that_cannot_be_opened_ends_the_other_process(
    beside: SmallSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What stands against the target is said at once; the next build finds nothing that is broken."""
    made_by(monkeypatch, lambda: time.sleep(60), tmp_path / "notes")
    settings = beside.root / "site.toml"
    settings.write_text(re.sub(r'"live" = \{.*\}', '"live" = {"type" = "s3", "bucket" = "news"}', settings.read_text()))
    for module in [name for name in sys.modules if name.startswith("generator.deploy.s3")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "boto3", None)
    started = time.monotonic()
    said = run_here(beside, "deploy")
    assert (said.code, said.err.count("\n")) == (2, 2)
    assert "needs an extra: pip install 'broadsheet[s3]' (boto3 is missing)" in said.err
    assert time.monotonic() - started < 50
    assert no_child_is_left()


def test_a_killed_deploy_takes_the_other_process_along(beside: SmallSite, tmp_path: Path) -> None:
    """After `kill -9` nobody goes on building, and the next build need not wait."""
    notes = tmp_path / "notes"
    program = (
        "import os, sys, time; from pathlib import Path\n"
        "from generator.base import listing; listing.LONG = 0\n"
        "from generator.cli import main; import generator.cli.deploy\n"
        "def make(*_, **__):\n"
        f"    Path({str(notes)!r}).write_text(str(os.getpid())); time.sleep(60)\n"
        "sys.modules['generator.cli.deploy'].make_current = make\n"
        f"sys.argv = ['broadsheet', 'deploy', '--site', {str(beside.root)!r}]\n"
        "main.main()\n"
    )
    deploy = subprocess.Popen([sys.executable, "-c", program], env=environment())
    while not notes.is_file() or not notes.read_text():
        time.sleep(0.01)
    deploy.kill()
    deploy.wait()
    until = time.monotonic() + 20
    while Path(f"/proc/{notes.read_text()}").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
