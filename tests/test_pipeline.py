"""A build is a function of its sources: the same bytes anywhere, from any state of the cache, under any disturbance."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from processes import survivors
from site_kit import (
    LISTING,
    NOON,
    SmallSite,
    build,
    clean_tree,
    environment,
    full_site,
    plain_article,
    run_here,
    tree,
)

from generator import pipeline
from generator.base.config import load_site
from generator.base.digest import digest_bytes
from generator.base.files import is_settled, look, survey
from generator.base.problems import StrictStop
from generator.builder.fingerprint import Code
from generator.builder.run import SourceChanged
from generator.builder.store import Store
from generator.builder.unchanged import Recalled, look_at_inputs
from generator.content.scan import scan
from generator.desk.verify import differences
from generator.drafting import Request
from generator.pipeline import Build
from generator.reading import Reader, Reading

# -- the same bytes ----------------------------------------------------------------------------------------------------


def test_twice(site: SmallSite) -> None:
    """A second build changes no byte and no file."""
    build(site)
    before = survey(str(site.output))
    assert not build(site).changes
    assert survey(str(site.output)) == before


def test_the_output_stands_before_it_is_remembered(site: SmallSite) -> None:
    """Whoever waits for the site is told once it is whole, and the state for the next build is saved after that."""
    build(site)
    state, page = site.cache / "state", site.output / "news/2026-02-20-plain/index.html"
    before, seen = state.read_bytes(), []

    def done(built: Build) -> None:
        whole = all(digest_bytes((site.output / each.output).read_bytes()) == each.digest for each in built.artifacts)
        seen.append((whole, b"Another title" in page.read_bytes(), state.read_bytes() == before))

    site.edit(site.root / "content/news/2026-02-20-plain.md", title="Another title")
    pipeline.build(load_site(site.root), Request(NOON), lambda *_: None, lambda _: None, done=done)
    assert seen == [(True, True, True)]
    assert state.read_bytes() != before


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """Return a site that is large enough for processes to be started in both waves."""
    site = full_site(tmp_path_factory.mktemp("many") / "site", articles=180)
    build(site, jobs=1)
    assert len(list((site.root / "content").rglob("*.*"))) > 150
    assert len(tree(site.output)) > pipeline.INLINE
    return site


@pytest.mark.parametrize("jobs", [2, 3])
def test_any_number_of_jobs(many: SmallSite, tmp_path: Path, jobs: int) -> None:
    """One process or several, in another folder, from files that were written in another order: the same bytes."""
    assert clean_tree(many, tmp_path / "clean", jobs=jobs) == tree(many.output)


def test_other_place_other_process(site: SmallSite, tmp_path: Path) -> None:
    """Another process, folder, hash seed, time zone, language and umask: the same bytes, made of the same keys."""
    build(site)
    copy = site.copy(tmp_path / "ö ther" / "site")
    strange = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "HOME": "/nowhere"}
    command = [sys.executable, "-m", "generator", "build", "--as-of", NOON.isoformat()]
    subprocess.run(command, cwd=copy.root, env=environment(**strange), check=True, capture_output=True, umask=0o077)
    assert tree(copy.output) == tree(site.output)
    here, there = (Store(each.cache, Reading).load_state().artifacts for each in (site, copy))
    assert {one.output: one.key for one in here} == {one.output: one.key for one in there}


def test_manifest_knows_no_machine(site: SmallSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No path, host, user, time or process is part of a key: another folder has the same manifest, key for key."""
    host = "a-host-of-the-tests"  # a short name of a real one stands in packed bytes by chance
    named = os.uname_result((os.uname().sysname, host, *os.uname()[2:]))
    monkeypatch.setattr(os, "uname", lambda: named)
    monkeypatch.setattr(socket, "gethostname", lambda: host)

    def manifest(done: Build) -> list[tuple[object, ...]]:
        return [(one.output, one.digest, one.size, one.key, one.why) for one in done.artifacts]

    here = manifest(build(site, NOON))
    copy = site.copy(tmp_path / "another folder")
    there = manifest(build(copy, NOON + timedelta(seconds=59), jobs=2))
    assert here == there
    state = Store(copy.cache, Reading).load_state()
    readings = Store(site.cache, Reading).load_state().entries
    assert {path: (entry.digest, entry.key, entry.value) for path, entry in state.entries.items()} == {
        path: (entry.digest, entry.key, entry.value) for path, entry in readings.items()
    }
    names = [os.fsencode(tmp_path), host.encode()]
    assert not any(name in (copy.cache / "state").read_bytes() for name in names)
    texts = {
        name: data for name, data in tree(copy.output).items() if not name.startswith(("images/", "assets/fonts/"))
    }
    assert not any(name in data for name in names for data in texts.values())  # packed bytes spell short names


def test_cache_may_come_from_another_machine(site: SmallSite, tmp_path: Path) -> None:
    """A copied cache saves work where the sources are the same, and says nothing wrong where they are not."""
    build(site)
    site.article("2026-02-20-plain", title="Edited elsewhere")
    copy = site.copy(tmp_path / "copy")
    shutil.copytree(site.cache, copy.cache)
    why = {artifact.output: artifact.why for artifact in build(copy).artifacts}
    assert tree(copy.output) == clean_tree(site, tmp_path / "clean")
    assert why["news/2026-02-20-plain/index.html"] == "data"


# -- the clock, drafts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-20, 2, 10])
def test_clock_moves(site: SmallSite, tmp_path: Path, days: int) -> None:
    """Forward and back: what is scheduled appears and goes, the news sitemap with it, pins end."""
    site.article("2026-02-15-pinned", pin=True, pinUntil="2026-03-04T00:00:00Z")
    build(site)
    build(site, NOON + timedelta(days=days))
    assert tree(site.output) == clean_tree(site, tmp_path / "clean", NOON + timedelta(days=days))


def test_clock_between_turns_changes_nothing(site: SmallSite) -> None:
    """Between two turns of the site no byte depends on the clock: `lifetime` says which those are."""
    since, until = build(site).library.lifetime()
    for instant in (since, (since + until) / 2, until - 0.001):
        assert not build(site, NOON.fromtimestamp(instant, NOON.tzinfo)).changes
    assert build(site, NOON.fromtimestamp(until, NOON.tzinfo)).changes


def test_drafts_come_and_go(site: SmallSite, tmp_path: Path) -> None:
    """With drafts and without again: nothing of a draft stays."""
    build(site)
    without = tree(site.output)
    build(site, drafts=True)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean", drafts=True)
    build(site)
    assert tree(site.output) == without


# -- a cache that is half there ----------------------------------------------------------------------------------------


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garble(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("part", "disturb"),
    [
        ("state", Path.unlink),
        ("state", truncate),
        ("state", garble),
        ("*.pack", Path.unlink),
        ("*.pack", truncate),
        ("*.pack", garble),
        ("variants/*", garble),
    ],
)
def test_damaged_cache(site: SmallSite, tmp_path: Path, part: str, disturb: Callable[[Path], object]) -> None:
    """Whatever part of the cache is missing or damaged when much is to be made: the output is right, without a word."""
    build(site)
    (site.cache / "unchanged").write_text("{}")
    for file in site.cache.glob(part):
        disturb(file)
    site.settings(title="Another title", base_url="https://news.example/")
    shutil.rmtree(site.output / "images")
    done = run_here(site, "build")
    assert (done.code, done.err) == (0, "")
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


@pytest.mark.parametrize("restored", ["state", "*.pack", "*"])
def test_half_restored_cache(site: SmallSite, tmp_path: Path, restored: str) -> None:
    """An earlier copy of any part of the cache beside a later rest: the output is right."""
    build(site)
    earlier = shutil.copytree(site.cache, tmp_path / "earlier")
    site.article("2026-02-20-plain", title="Edited", body="With a *body*.\n")
    site.picture("images/lead.png", "#ffffff")
    build(site)
    for file in earlier.glob(restored):
        place = site.cache / file.relative_to(earlier)
        if file.is_file():
            place.parent.mkdir(exist_ok=True)
            place.unlink(missing_ok=True)
            shutil.copy2(file, place)
    site.settings(title="Another title", base_url="https://news.example/")
    build(site)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_deleted_cache(site: SmallSite, tmp_path: Path) -> None:
    """Without any memory, what is gone from the site still goes from the output, and pictures are made again."""
    build(site)
    shutil.rmtree(site.cache)
    site.remove("content/news/plain-0000.md")
    build(site)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_nothing_is_left_open(site: SmallSite) -> None:
    """A process that builds again and again does not run out of files, nor does the cache fill with packs."""
    build(site)
    before = len(os.listdir("/proc/self/fd"))
    for number in range(5):
        plain_article(site, 0, title=f"Title {number}")
        build(site)
    assert len(os.listdir("/proc/self/fd")) <= before
    assert len(list(site.cache.glob("*.pack"))) <= 6


# -- where a build writes, and what it trusts --------------------------------------------------------------------------

_CONFINED = """
import os, sys

root = sys.argv.pop(1)
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
paths = {"os.rename": 1, "os.link": 1, "os.symlink": 1}

def watch(event, args):
    place = paths.get(event, 0)
    if event.startswith("socket."):
        os.write(2, f"outside: {event}\\n".encode())
    elif event == "open" and args[2] & writing or event.startswith("os.") and event.split(".")[1] in (
        "rename", "remove", "rmdir", "mkdir", "link", "symlink", "truncate", "chmod", "utime"
    ):
        path = args[place]
        if isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith("/"):
            if not os.fspath(path).startswith((f"{root}/.broadsheet", f"{root}/output", "/dev/")):
                os.write(2, f"outside: {event} {path}\\n".encode())

sys.addaudithook(watch)
from generator.cli.main import main
main()
"""


def test_a_build_keeps_to_its_folders(many: SmallSite, tmp_path: Path) -> None:
    """No process of a build writes anything but the output and the cache, nor opens a connection."""
    site = many.copy(tmp_path / "site")
    before = survey(str(site.root))
    command = [sys.executable, "-c", _CONFINED, str(site.root), "build", "--site", str(site.root), "--jobs", "2"]
    done = subprocess.run(
        command, env=environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True, check=True
    )
    assert "outside: " not in done.stderr
    assert {path.name for path in site.root.iterdir()} == {"content", "themes", "site.toml", "output", ".broadsheet"}
    assert dict(before).items() <= dict(survey(str(site.root))).items()


def test_young_sources_are_read_again(site: SmallSite) -> None:
    """A file that is so young that it could change unseen is known by its bytes only; an older one by its stat."""
    os.utime(site.root / "content/static/CNAME", ns=(2**62, 2**62))
    while not is_settled(look((site.root / "content/images/lead.png").stat()), time.time_ns()):
        pass
    build(site)
    entries = Store(site.cache, Reading).load_state().entries
    assert entries["content/static/CNAME"].stat is None
    assert entries["content/images/lead.png"].stat == look((site.root / "content/images/lead.png").stat())


# -- strict ------------------------------------------------------------------------------------------------------------


def test_strict_leaves_the_output(site: SmallSite) -> None:
    """A strict build that meets any problem says all of them and changes no byte of the output."""
    build(site)
    before = tree(site.output)
    site.article("2026-02-21-good")
    site.write("content/news/broken.md", "no front matter")
    site.article("2026-02-22-warning", images=[{"url": "/images/missing.png"}])
    with pytest.raises(StrictStop) as stop:
        build(site, strict=True)
    assert {problem.severity for problem in stop.value.problems} == {"error", "warning"}
    assert tree(site.output) == before
    build(site)
    assert tree(site.output).keys() > before.keys()


def test_strict_builds_what_is_right(site: SmallSite, tmp_path: Path) -> None:
    """Without a problem strict is no different."""
    build(site, strict=True)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_strict_by_command(site: SmallSite) -> None:
    """The command says every problem, that nothing was written, and returns 1, again and again."""
    site.write("content/news/broken.md", "no front matter")
    for _ in range(2):
        done = run_here(site, "build", "--strict")
        assert done.code == 1
        assert "content/news/broken.md" in done.err
        assert not list(site.output.rglob("*"))


# -- verify ------------------------------------------------------------------------------------------------------------


def plant(site: SmallSite, output: str, data: bytes) -> None:
    """Make an output stale in a way that every later build believes: other bytes, and a state that vouches for them."""
    file = site.output / output
    file.write_bytes(data)
    store = Store(site.cache, Reading)
    state = store.load_state()
    artifacts = {artifact.output: artifact for artifact in state.artifacts}
    planted = {"digest": digest_bytes(data), "size": len(data), "stat": look(file.stat())}
    artifacts[output] = msgspec.structs.replace(artifacts[output], **planted)
    store.save_state(msgspec.structs.replace(state, artifacts=tuple(artifacts.values())))


def test_verify_catches_a_planted_byte(site: SmallSite) -> None:
    """Verify is quiet about what is right, names one stale byte that every build believes in, and returns 3 then."""
    (site.output / ".git").mkdir(parents=True)
    (site.output / ".git" / "HEAD").write_text("somebody else's")
    done = run_here(site, "build", "--verify")
    assert (done.code, done.err) == (0, "verify: equal to a clean build\n")
    page = "news/2026-02-28-lead/index.html"
    planted = (site.output / page).read_bytes().replace(b"The lead", b"The leaf", 1)
    plant(site, page, planted)
    done = run_here(site, "build", "--verify")
    assert (site.output / page).read_bytes() == planted
    assert done.code == 3
    assert done.err == f"differs: {page}: has other bytes\nverify: 1 files differ from a clean build\n"


def test_differences(tmp_path: Path) -> None:
    """Verify compares all that is ours, both ways, and nobody else's files."""
    output, clean = SmallSite(tmp_path / "output"), SmallSite(tmp_path / "clean")
    output.write(LISTING, b"00 1 stale\n00 1 equal\n00 1 other\n00 1 gone\n")
    for site, files in ((output, ("stale", "equal", "other", "foreign")), (clean, ("equal", "missing"))):
        for name in files:
            site.write(name, name)
    clean.write("other", "clean")
    assert sorted(differences(output.root, clean.root)) == [
        "missing: is missing",
        "other: has other bytes",
        "stale: is in the output, and not in a clean build's",
    ]


# -- two at once -------------------------------------------------------------------------------------------------------


def test_second_build_waits_and_says_so(site: SmallSite, tmp_path: Path) -> None:
    """While one build holds the site, another says whom it waits for, and builds once that has ended."""
    site.cache.mkdir()
    command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--as-of", NOON.isoformat()]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with open(site.cache / "lock", "a+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        lock.write(b"4711\n")
        lock.flush()
        with subprocess.Popen(command, env=environment(), **pipes) as second:
            assert second.stderr
            assert second.stderr.readline() == b"another build (process 4711) writes this site; waiting for it\n"
            assert not site.output.exists()
            site.article("2026-02-21-written-while-it-waits")
            fcntl.lockf(lock, fcntl.LOCK_UN)
            second.communicate()
    assert second.returncode == 0
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_two_real_builds_at_once(site: SmallSite, tmp_path: Path) -> None:
    """Two processes that start together both end well, and the output is right."""
    command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--as-of", NOON.isoformat()]
    both = [subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [each.communicate()[1] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    waiting = re.compile(r"(another build \(process \d+\) writes this site; waiting for it\n)?")
    assert all(waiting.fullmatch(text) for text in said)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_lock_of_the_dead_is_free(site: SmallSite) -> None:
    """A lock whose holder was killed is free at once."""
    site.cache.mkdir()
    program = (
        "import signal, sys; from pathlib import Path; from generator.base.lock import locked\n"
        "with locked(Path(sys.argv[1]), print):\n    print('held', flush=True); signal.pause()"
    )
    command = [sys.executable, "-c", program, str(site.cache)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    assert survivors([holder.pid]) == []
    waited: list[str] = []
    pipeline.build(load_site(site.root), Request(NOON), lambda *_: None, waited.append)
    assert waited == []
    assert int((site.cache / "lock").read_text()) == os.getpid()


# -- sources that are saved while they are read ------------------------------------------------------------------------


def build_while(site: SmallSite, disturb: Callable[[str], None]) -> Build:
    """Build, and call `disturb` with each phase that the build tells of."""
    request = Request(NOON, jobs=1)
    return pipeline.build(load_site(site.root), request, lambda phase, done, total: disturb(phase), lambda _: None)


@pytest.mark.parametrize(
    ("phase", "path"),
    [
        ("Reading", "news/2026-02-20-plain.md"),
        ("Making", "news/2026-02-20-plain.md"),
        ("Making", "static/CNAME"),
        ("Reading", "images/lead.png"),
    ],
)
def test_source_saved_during_the_build(site: SmallSite, tmp_path: Path, phase: str, path: str) -> None:
    """Saved in the midst of a build, a source is in this one or in the next, and poisons nothing."""
    path = f"content/{path}"
    other = SmallSite(tmp_path / "other")
    full_site(other.root)
    other.article("2026-02-20-plain", title="Saved in the midst")
    other.write("content/static/CNAME", "saved.example\n")
    other.picture("images/lead.png", "#ffffff")
    pending = [(other.root / path).read_bytes()]

    def save(seen: str) -> None:
        if seen == phase and pending:
            site.write(path, pending.pop())

    build_while(site, save)
    assert not pending
    build(site)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


@pytest.mark.parametrize("warm", [False, True])
def test_sources_change_after_they_were_looked_at(site: SmallSite, tmp_path: Path, warm: bool) -> None:
    """Saved, added or deleted between the look and the build, a source is in this build or in the next."""
    if warm:
        build(site)
    seen = Recalled(inputs=look_at_inputs(site.root, ("content",)))
    site.article("2026-02-20-plain", title="Saved after the look")
    site.article("2026-02-21-fresh", title="Added after the look")
    site.picture("images/lead.png", "#ffffff")
    next((site.root / "content/news").glob("*story*.md"), site.root / "content/static/CNAME").unlink()
    pipeline.build(load_site(site.root), Request(NOON, jobs=1), lambda *_: None, lambda _: None, seen)
    titles = (site.output / "news/index.html").read_text()
    assert "Added after the look" in titles
    build(site)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")
    assert "Saved after the look" in (site.output / "news/index.html").read_text()


def test_sources_saved_by_another_thread(site: SmallSite, tmp_path: Path) -> None:
    """An editor that saves file after file while builds run: once it rests, the next build is right."""

    def edit() -> None:
        for number in range(60):
            plain_article(site, number % 6, title=f"Title {number}", images=[{"url": f"/images/none-{number}.png"}])

    editor = threading.Thread(target=edit)
    editor.start()
    while editor.is_alive():
        with suppress(SourceChanged):  # an editor this hasty may win
            build(site)
    editor.join()
    build(site)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_source_that_never_rests(site: SmallSite) -> None:
    """A file that is other at every look stops the build with a message that names it; the output is as before."""
    build(site)
    before = tree(site.output)
    site.article("2026-02-21-new")

    def grow(phase: str) -> None:
        with open(site.root / "content/static/CNAME", "ab") as file:
            file.write(b"more\n")

    site.write("content/static/CNAME", "other\n")
    with pytest.raises(SourceChanged, match=r"content/static/CNAME: is written again and again"):
        build_while(site, grow)
    assert tree(site.output) == before
    build(site)
    assert (site.output / "CNAME").read_bytes() == (site.root / "content/static/CNAME").read_bytes()


def test_source_deleted_during_the_build(site: SmallSite, tmp_path: Path) -> None:
    """A file that a message must name a line of, and that is gone by then, starts the build again."""
    site.article("2026-02-21-warns", images=[{"url": "/images/missing.png"}])

    def delete(phase: str) -> None:
        (site.root / "content/news/2026-02-21-warns.md").unlink(missing_ok=True)

    assert build_while(site, delete).problems == ()
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


# -- what an action may depend on --------------------------------------------------------------------------------------


PLAIN = {"title": "Small news", "base_url": "https://news.example/"}


@pytest.fixture(scope="module")
def unsettled(tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """Return a site that is set up otherwise again and again, and always goes back to plain settings."""
    site = full_site(tmp_path_factory.mktemp("unsettled") / "site", **PLAIN)
    build(site)
    return site


@pytest.mark.parametrize(
    "settings",
    [
        {"title": "Other"},
        {"description": "Other"},
        {"base_url": "https://other.example/"},
        {"base_url": "https://news.example/sub/path/"},
        {"language": "de"},
        {"language": "ar"},
        {"timezone": "Asia/Tokyo"},
        {"logo": "/assets/outlet.png"},
        {"feed_authority": "desk.example,2026"},
        {"feed_link": "page"},
        {"feed_hub": "https://hub.example/"},
        {"index_excerpts": True},
        {"nav": {"Chips": "/topics/chips/", "Elsewhere": "https://elsewhere.example/"}},
        {"options": {"accent": "blue", "show_excerpts": False}},
        {"ranking": {"half_life": 100_000}},
        *({"outputs": {family: False}} for family in ("api", "feeds", "topic_feeds", "provider_feeds", "providers")),
        *({"outputs": {family: False}} for family in ("archive", "sitemaps", "social_cards")),
    ],
    ids=lambda settings: "-".join(f"{name}-{value}" for name, value in settings.items()).replace("/", "|"),
)
def test_every_setting_is_in_the_keys(unsettled: SmallSite, tmp_path: Path, settings: dict[str, object]) -> None:
    """Whatever setting changes, it alone: the incremental build is equal to a clean one, there and back again."""
    before = tree(unsettled.output)
    unsettled.settings(**(PLAIN | settings))
    build(unsettled)
    after = tree(unsettled.output)
    assert after == clean_tree(unsettled, tmp_path / "clean")
    assert after != before
    unsettled.settings(**PLAIN)
    build(unsettled)
    assert tree(unsettled.output) == before


def test_order_of_roles_is_in_the_keys(site: SmallSite, tmp_path: Path) -> None:
    """A theme may show the first of its roles, so their order counts."""
    theme = site.root / "themes" / "default" / "theme.toml"
    text = theme.read_text().replace("[roles.hero]", "[roles.wide]").replace("[roles.social]", "[roles.shared]")
    for template in (site.root / "themes" / "default" / "templates").rglob("*.html"):
        template.write_text(template.read_text().replace('"hero"', '"wide"'))
    theme.write_text(text)
    build(site)
    wide, card, thumb = (text.index(f"[roles.{name}]") for name in ("wide", "card", "thumb"))
    theme.write_text(text[:wide] + text[card:thumb] + text[wide:card] + text[thumb:])
    build(site)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_reader_key_is_by_kind(site: SmallSite) -> None:
    """What a reading depends on besides its bytes: an article on zone and address of the site, a picture on neither."""
    code = Code()

    def keys(**settings: str) -> dict[str, bytes]:
        given = msgspec.structs.replace(load_site(site.root).settings, **settings)
        reader = Reader(str(site.root), given, Store(site.cache, Reading), code)
        sources = scan(load_site(site.root)).sources
        return {source.kind: reader.key(source) for source in sources}

    plain = keys()
    assert set(plain) == {"article", "topic", "provider", "page", "picture", "asset", "static"}
    for settings in ({"timezone": "Asia/Tokyo"}, {"base_url": "https://other.example/"}, {"title": "Other"}):
        other = keys(**settings)
        assert (other["article"] != plain["article"]) == ("title" not in settings)
        assert (other["picture"], other["static"]) == (plain["picture"], plain["static"])
