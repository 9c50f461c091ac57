"""Watching real folders, with the system's own events and by polling."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from preview_kit import PATIENCE, until
from site_kit import environment

from generator.preview.ears import Sound, listen, listen_by_polling
from generator.preview.watch import Watch

Reports = list[frozenset[str] | None]


@contextmanager
def watching(root: Path, *places: str, ignored: tuple[str, ...] = ("output",)) -> Iterator[Reports]:
    """Watch places of a site; give the reports as they come."""
    reports: Reports = []
    named = [root / place for place in places or ("content", "theme", "site.toml")]
    with Watch(named, [root / place for place in ignored], reports.append, home=root):
        yield reports


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of a small site."""
    for folder in ("content/news", "content/static", "theme", "output", "drafts"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("content/news/a.md", "theme/base.html", "site.toml", "drafts/d.md"):
        (tmp_path / file).write_text("old")
    return tmp_path


def reported(root: Path, reports: Reports) -> set[str]:
    """Return the paths of the reports inside the site; None is "everything"."""
    return {
        "everything" if report is None else os.path.relpath(path, root)
        for report in reports
        for path in (report or ("",))
    }


def atomic_save(file: Path) -> None:
    """Save as most editors do: write beside it and rename."""
    beside = file.with_name("tmp1234")
    beside.write_text("new")
    beside.replace(file)


def save_with_copy(file: Path) -> None:
    """Save as Vim does with a copy: try the folder, rename the old one, write the new one, delete the old one."""
    file.with_name("4913").write_text("")
    file.with_name("4913").unlink()
    file.rename(file.with_name("a.md~"))
    file.write_text("new")
    file.with_name("a.md~").unlink()


@pytest.mark.parametrize(
    ("act", "paths"),
    [
        (lambda root: (root / "content/news/a.md").write_text("new"), {"content/news/a.md"}),
        (lambda root: (root / "content/news/b.md").write_text("new"), {"content/news/b.md"}),
        (lambda root: (root / "content/news/a.md").unlink(), {"content/news/a.md"}),
        (lambda root: atomic_save(root / "content/news/a.md"), {"content/news/a.md"}),
        (lambda root: save_with_copy(root / "content/news/a.md"), {"content/news/a.md"}),
        (
            lambda root: (root / "content/news/a.md").rename(root / "theme/a.md"),
            {"content/news/a.md", "theme/a.md"},
        ),
        (lambda root: (root / "content/news/a.md").rename(root / "drafts/a.md"), {"content/news/a.md"}),
        (lambda root: (root / "content/static/x~").write_text("new"), {"content/static/x~"}),
        (lambda root: (root / "site.toml").write_text("new"), {"site.toml"}),
        (lambda root: atomic_save(root / "site.toml"), {"site.toml"}),
        (lambda root: (root / "site.toml").unlink(), {"site.toml"}),
        (lambda root: (root / "content/new").mkdir(), {"everything"}),
        (lambda root: shutil.rmtree(root / "content/news"), {"everything"}),
        (lambda root: (root / "content/news").rename(root / "content/other"), {"everything"}),
        (lambda root: (root / "content/news").rename(root / "away"), {"everything"}),
        (lambda root: (root / "drafts").rename(root / "content/drafts"), {"everything"}),
        (lambda root: shutil.rmtree(root / "theme"), {"everything"}),
    ],
)
def test_a_change_is_reported(root: Path, act: Callable[[Path], object], paths: set[str]) -> None:
    """Each way to change a file or a folder is reported, however editors do it."""
    with watching(root) as reports:
        act(root)
        until(lambda: reports)
        (root / "theme" / "last").mkdir(parents=True, exist_ok=True)
        until(lambda: None in reports[1:] or (reports[-1] is None))
    assert reported(root, reports) - {"everything"} <= paths
    assert paths - {"everything"} <= reported(root, reports)


def test_what_is_no_change_is_not_reported(root: Path) -> None:
    """Reading, rights, times, swap files, what is ignored and what lies beside is silent."""
    with watching(root) as reports:
        (root / "content/news/a.md").read_text()
        list(os.walk(root))
        (root / "content/news/a.md").chmod(0o600)
        os.utime(root / "content/news/a.md")
        for name in (".a.md.swp", "a.md~", ".#a.md", ".DS_Store"):
            (root / "content/news" / name).write_text("x")
        (root / "output/news").mkdir()
        (root / "output/news/index.html").write_text("x")
        (root / "README").write_text("x")
        (root / ".git").mkdir()
        (root / "theme/base.html").write_text("new")  # the first that counts
        until(lambda: reports)
    assert reported(root, reports) == {"theme/base.html"}


def test_what_is_ignored_may_lie_inside(root: Path) -> None:
    """A whole site can be watched without its output, which may come later."""
    shutil.rmtree(root / "output")
    with watching(root, ".", ignored=("output", ".broadsheet")) as reports:
        (root / "output/deep").mkdir(parents=True)
        (root / ".broadsheet").mkdir()
        (root / ".broadsheet/state").write_text("x")
        (root / "output/deep/x").write_text("x")
        (root / "content/news/a.md").write_text("new")
        until(lambda: reports)
    assert reported(root, reports) == {"content/news/a.md"}


def test_places_come_and_go(root: Path) -> None:
    """A place that vanishes, comes back, or is replaced by another one is watched again, file or folder."""
    with watching(root, "content", "later", "later.toml") as reports:

        def changed(act: Callable[[], object], path: str) -> None:
            reports.clear()
            act()
            until(lambda: path in reported(root, reports), path)

        def still_watched() -> None:
            # A late word of what was before may swallow the first one.
            until(lambda: again("content/news/a.md") or "content/news/a.md" in reported(root, reports))

        def again(path: str) -> None:
            (root / path).write_text("more")
            time.sleep(0.05)

        changed(lambda: (root / "content").rename(root / "old"), "everything")
        changed(lambda: (root / "old").rename(root / "content"), "everything")
        still_watched()
        shutil.copytree(root / "content", root / "branch")

        def switch() -> None:
            (root / "content").rename(root / "main")
            (root / "branch").rename(root / "content")

        changed(switch, "everything")
        still_watched()
        changed(lambda: shutil.rmtree(root / "content"), "everything")
        changed(lambda: (root / "content/news").mkdir(parents=True), "everything")
        still_watched()
        changed(lambda: (root / "later").mkdir(), "everything")
        changed(lambda: (root / "later/x").write_text("x"), "later/x")
        changed(lambda: (root / "later.toml").write_text("x"), "later.toml")
        (root / "content").rename(root / "real")
        changed(lambda: (root / "content").symlink_to(root / "real"), "everything")
        still_watched()
        (root / "other/news").mkdir(parents=True)
        (root / "other.link").symlink_to(root / "other")
        changed(lambda: (root / "other.link").rename(root / "content"), "everything")
        still_watched()


def test_a_site_that_moves_away_and_back(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where a folder above the places is renamed nothing is told by the system: a look twice a second finds it."""
    site = tmp_path_factory.mktemp("above") / "deep" / "site"
    shutil.copytree(root, site)
    with watching(site) as reports:
        site.parent.rename(site.parent.with_name("away"))
        until(lambda: None in reports)
        reports.clear()
        site.parent.with_name("away").rename(site.parent)
        until(lambda: None in reports)
        (site / "content/news/a.md").write_text("new")
        until(lambda: "content/news/a.md" in reported(site, reports))


def test_links_are_followed_inside_the_site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a link leads to is watched by the link's path, inside the site only; circles end."""
    outside = tmp_path_factory.mktemp("outside")
    (root / "content/news/linked").symlink_to(root / "drafts")
    (root / "content/news/one.md").symlink_to(root / "drafts/d.md")
    (root / "content/news/out").symlink_to(outside)
    (root / "content/news/circle").symlink_to(root / "content")
    (root / "content/news/nowhere").symlink_to(root / "nowhere")
    with watching(root) as reports:
        (root / "drafts/d.md").write_text("new")
        until(lambda: {"content/news/linked/d.md", "content/news/one.md"} <= reported(root, reports))
        (outside / "x.md").write_text("new")
        (root / "drafts/e.md").write_text("new")
        until(lambda: "content/news/linked/e.md" in reported(root, reports))
        assert reported(root, reports) == {f"content/news/{name}" for name in ("linked/d.md", "one.md", "linked/e.md")}
        (root / "new").mkdir()
        (root / "content/news/late").symlink_to(root / "new")
        until(lambda: None in reports)
        (root / "new/f.md").write_text("new")
        until(lambda: "content/news/late/f.md" in reported(root, reports))


# -- nothing is lost ---------------------------------------------------------------------------------------------------


class Reader:
    """What a reader of a folder knows of it who opens only what is reported."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.known: dict[str, str] = {}
        self.looks = 0
        self.look(None)

    def look(self, changed: frozenset[str] | None) -> None:
        """Look at what changed."""
        self.looks += 1
        if changed is None:
            self.known = self.all()
            return
        for path in changed:
            try:
                self.known[path] = Path(path).read_text()
            except OSError:
                self.known.pop(path, None)

    def all(self) -> dict[str, str]:
        """Return all that is there."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                try:
                    found[os.path.join(folder, name)] = Path(folder, name).read_text()
                except OSError:
                    continue
        return found


def scramble(folder: Path, random_: random.Random, steps: int) -> None:
    """Change a folder in every way, as fast as it goes."""
    for step in range(steps):
        folders = [Path(place) for place, _, _ in os.walk(folder)]
        files = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
        place = random_.choice(folders)
        what = random_.randrange(8)
        if what == 0:
            deep = place / f"d{step}" / "e" / "f"
            deep.mkdir(parents=True)
            (deep / "fast.md").write_text(str(step))
            (deep.parent / "fast.md").write_text(str(step))
        elif what == 1 and place != folder:
            place.rename(folder / f"m{step}")
        elif what == 2 and place != folder:
            shutil.rmtree(place)
        elif what == 3 and files:
            random_.choice(files).unlink()
        elif what == 4 and files:
            random_.choice(files).rename(place / f"r{step}.md")
        elif what == 5 and files:
            atomic_save(random_.choice(files))
        else:
            (place / f"{random_.randrange(20)}.md").write_text(str(step))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("polling", [False, True])
def test_who_reads_what_is_reported_knows_all(tmp_path: Path, seed: int, polling: bool) -> None:
    """After 300 changes of files and folders, as fast as they can be made, the reader knows what is there."""
    folder = tmp_path / "content"
    folder.mkdir()
    reader = Reader(folder)
    how = {"listen": lambda heard: listen_by_polling(heard, lambda _: False)} if polling else {}
    with Watch([folder], [], reader.look, home=tmp_path, **how):  # type: ignore[arg-type]
        scramble(folder, random.Random(seed), 300)
        until(lambda: reader.known == reader.all(), "the reader knows something else than what is there")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no queue that is known to overflow")
def test_what_the_system_drops_is_told(tmp_path: Path) -> None:
    """Where more happens than the kernel keeps, that is heard as "something was missed"."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    heard: list[Sound] = []
    go = threading.Event()

    def hear(sound: Sound) -> None:
        heard.append(sound)
        assert go.wait(PATIENCE)

    ears = listen(hear)
    ears.enter(str(tmp_path))
    ears.settle([])
    for number in range(most // 2 + 2000):  # each is made and written
        (tmp_path / str(number)).write_text("x")
    go.set()
    until(lambda: Sound("") in heard)
    ears.stop()


def test_a_bulk_edit_is_not_a_report_each(tmp_path: Path) -> None:
    """5,000 files that are written at once come as few reports, and all are known at the end."""
    folder = tmp_path / "content"
    folder.mkdir()
    reader = Reader(folder)
    with Watch([folder], [], reader.look):
        began = time.monotonic()
        for number in range(5000):
            (folder / f"{number}.md").write_text("x")
        took = time.monotonic() - began
        until(lambda: len(reader.known) == 5000)
    assert reader.looks < 8 + took / 0.3


def test_what_is_called_may_fail_and_be_slow(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A call that raises is logged and does not end the watch; what changes during a call is in the next one."""
    calls: Reports = []
    go = threading.Event()

    def changed(report: frozenset[str] | None) -> None:
        calls.append(report)
        assert go.wait(PATIENCE)
        raise RuntimeError("planted")

    with Watch([root / "content"], [], changed):
        (root / "content/news/a.md").write_text("1")
        until(lambda: len(calls) == 1)
        (root / "content/news/b.md").write_text("2")
        (root / "content/news/c.md").write_text("3")
        go.set()
        until(lambda: {"content/news/b.md", "content/news/c.md"} <= reported(root, calls))
    assert "planted" in caplog.text


def test_no_thread_stays(root: Path) -> None:
    """A watch that is stopped leaves no thread and no open file."""
    before, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with watching(root):
            assert threading.active_count() > before
        assert threading.active_count() == before
    assert len(os.listdir("/proc/self/fd")) == files


LIMITED = """
import sys, pathlib, time
from generator.preview.watch import Watch
root, reports = pathlib.Path(sys.argv[1]), []
with Watch([root / "content"], [], reports.append, say=lambda line: print(line, flush=True)):
    time.sleep(0.1)  # the first look of polling has to be older than the change
    (root / "content/news/a.md").write_text("changed, and longer")
    end = time.monotonic() + 20
    while not reports and time.monotonic() < end:
        time.sleep(0.01)
print([report and sorted(report) for report in reports])
"""


def test_the_limit_of_watches_is_said_and_lived_with(root: Path) -> None:
    """Where the system watches no more folders, that is said with what raises the limit; changes are found still."""
    for number in range(20):
        (root / f"content/d{number}").mkdir()
    limit = 'echo 5 > /proc/sys/user/max_inotify_watches && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives a test no limits of its own")
    run = subprocess.run(
        [*command, sys.executable, "-c", LIMITED, str(root)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    said, reports = run.stdout.splitlines()
    assert "fs.inotify.max_user_watches" in said
    assert reports == f"[['{root}/content/news/a.md']]"
    assert run.stderr == ""
