"""That nothing changed is decided by stats alone, cheaply; whatever changed is seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_kit import NOON, REPOSITORY, SmallSite, build, clean_tree, environment, run, small_site, tree

from generator.base import listing
from generator.base.files import is_settled, look
from generator.base.looking import looking
from generator.builder.unchanged import Inputs, Outcome, Recalled, look_at_inputs, recalled, remember

FOLDERS = ("content", "themes/default")
REQUEST = {"drafts": False, "version": "1"}
ANSWER = {"shown": 1}
SINCE, NOW, UNTIL = 1000.0, 1500.0, 2000.0


@pytest.fixture(params=["small", "large"])
def known(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallSite:
    """Return a site whose last build is remembered; what was built is of no matter here.

    At the output of a large one another process looks.
    """
    if request.param == "large":
        monkeypatch.setattr(listing, "LONG", -1)
    site = small_site(tmp_path / "site")
    site.article("one")
    site.write("output/index.html", "front")
    site.write("output/news/one/index.html", "page")
    site.write("output/.git/HEAD", "somebody else's")
    site.write("output/.broadsheet", "00 5 index.html\n00 4 news/one/index.html\n")
    site.write(".broadsheet/state", "")
    note(site, settled(site))
    return site


def settled(site: SmallSite) -> Inputs:
    """Look until the youngest file is old enough to be trusted."""
    while not (inputs := look_at_inputs(site.root, FOLDERS)).settled:
        pass
    return inputs


def note(site: SmallSite, inputs: Inputs) -> None:
    with looking(site.output) as looks:
        outcome = Outcome(site.output, looks.digest, (SINCE, UNTIL))
    remember(site.root, REQUEST, inputs, outcome, ANSWER)


def recall(site: SmallSite, request: dict[str, object] = REQUEST, now: float = NOW) -> Recalled:
    with recalled(site.root, request, now) as found:
        return found


def test_nothing_changed(known: SmallSite) -> None:
    """The answer of the last build is the answer of the next, with the inputs for a build that should follow."""
    found = recall(known)
    assert found.answer == ANSWER
    assert found.inputs == look_at_inputs(known.root, FOLDERS)


def rewrite(file: Path) -> None:
    """Write other bytes of equal size and put the file's times back."""
    before = file.stat()
    file.write_bytes(bytes(byte ^ 1 for byte in file.read_bytes()))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(file: Path) -> None:
    """Put another file of equal size and times in a file's place."""
    beside = file.with_suffix(".beside")
    shutil.copy2(file, beside)
    rewrite(beside)
    beside.replace(file)


CHANGES: dict[str, Callable[[SmallSite], object]] = {
    "an article of equal size and time": lambda site: rewrite(site.root / "content/news/one.md"),
    "an article replaced": lambda site: replace(site.root / "content/news/one.md"),
    "an article added": lambda site: site.article("two"),
    "an article deleted": lambda site: site.remove("content/news/one.md"),
    "an article renamed": lambda site: (site.root / "content/news/one.md").rename(site.root / "content/news/two.md"),
    "a folder renamed": lambda site: (site.root / "content/news").rename(site.root / "content/_news"),
    "a static file": lambda site: site.write("content/static/.well-known/x", ""),
    "a template": lambda site: rewrite(site.root / "themes/default/templates/parts/pager.html"),
    "a template added": lambda site: site.write("themes/default/templates/new.html", ""),
    "theme.toml": lambda site: rewrite(site.root / "themes/default/theme.toml"),
    "a style sheet": lambda site: rewrite(site.root / "themes/default/assets/style.css/20-tokens.css"),
    "site.toml": lambda site: rewrite(site.root / "site.toml"),
    "site.toml deleted": lambda site: site.remove("site.toml"),
    "an output of equal size and time": lambda site: rewrite(site.output / "news/one/index.html"),
    "an output replaced": lambda site: replace(site.output / "news/one/index.html"),
    "an output deleted": lambda site: site.remove("output/index.html"),
    "an output that is a link now": lambda site: (
        (site.output / "index.html").rename(site.root / "away"),
        (site.output / "index.html").symlink_to(site.root / "away"),
    ),
    "no output at all": lambda site: shutil.rmtree(site.output),
    "no memory": lambda site: shutil.rmtree(site.cache),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_seen(known: SmallSite, change: Callable[[SmallSite], object]) -> None:
    """Whatever changes in sources, theme, settings or output: the last answer is not given again."""
    change(known)
    assert recall(known).answer is None


@pytest.mark.parametrize(("now", "holds"), [(999.9, False), (1000.0, True), (1999.9, True), (2000.0, False)])
def test_clock(known: SmallSite, now: float, holds: bool) -> None:
    """The answer holds from the last turn of the site up to the next one, and not at it."""
    assert (recall(known, now=now).answer is not None) == holds


@pytest.mark.parametrize("request_", [{"drafts": True}, {"version": "2"}, {"output": "/elsewhere"}])
def test_other_request(known: SmallSite, request_: dict[str, object]) -> None:
    """What was asked for otherwise is not answered by what was said before."""
    assert recall(known, REQUEST | request_).answer is None


def test_other_library(known: SmallSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of any library is a change."""
    (tmp_path / "packages" / "jinja2-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    assert recall(known).answer is None


def test_site_may_move(known: SmallSite) -> None:
    """A site's folder can be renamed: what is remembered names nothing above it."""
    moved = SmallSite(known.root.rename(known.root.parent / "moved"))
    assert recall(moved).answer == ANSWER
    rewrite(moved.output / "index.html")
    assert recall(moved).answer is None


def test_copy_is_no_move(known: SmallSite) -> None:
    """A copy is not taken for the site, whatever times its files have: another machine's cache says nothing here."""
    copy = SmallSite(Path(shutil.copytree(known.root, known.root.parent / "copy")))
    assert recall(copy).answer is None


def test_young_files_are_not_trusted(known: SmallSite) -> None:
    """While a file is so young that it could change unseen, nothing is remembered, and what was is forgotten."""
    os.utime(known.article("two"), ns=(2**62, 2**62))
    inputs = look_at_inputs(known.root, FOLDERS)
    assert not inputs.settled
    note(known, inputs)
    assert not (known.cache / "unchanged").exists()


@given(data=st.data())
def test_damaged_memory(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A memory that was cut or garbled is none, or says what it said; it never stops a build."""
    site = SmallSite(tmp_path_factory.mktemp("site"))
    site.write("output/index.html", "front")
    site.write(".broadsheet/state", "")
    note(site, Inputs(FOLDERS, "digest", True))
    file = site.cache / "unchanged"
    whole = file.read_bytes()
    at = data.draw(st.integers(0, len(whole)), "at")
    file.write_bytes(whole[:at] + data.draw(st.binary(max_size=3), "garbage") + whole[at + 3 :])
    assert recall(site).answer in (None, ANSWER)


@pytest.mark.parametrize("memory", [[], {}, 1, None, {"inputs": 1, "output": 1, "folders": 1}])
def test_foreign_memory(known: SmallSite, memory: object) -> None:
    """A file of the same name that says something else is no memory."""
    (known.cache / "unchanged").write_text(json.dumps(memory))
    assert recall(known) == Recalled()


@pytest.mark.parametrize("link", ["content/news/linked.md", "content/_news"])
def test_what_a_link_leads_to(tmp_path: Path, link: str) -> None:
    """A link in the content that leads to another place in the site: a change there is a change."""
    site = small_site(tmp_path / "site")
    site.write("desk/linked.md", site.article("linked").read_text())
    site.remove("content/news/linked.md")
    (site.root / link).symlink_to(site.root / ("desk/linked.md" if link.endswith(".md") else "desk"))
    build(site)
    while not is_settled(look(os.lstat(site.root / link)), time.time_ns()):
        pass
    note(site, look_at_inputs(site.root, FOLDERS))
    site.write("desk/linked.md", (site.root / "desk/linked.md").read_text().replace("Linked", "Edited"))
    assert recall(site).answer is None


# -- by the command ----------------------------------------------------------------------------------------------------

_WATCHED = """
import sys
from generator.cli.main import main
try:
    sys.argv = ["broadsheet", *sys.argv[1:]]
    main()
finally:
    heavy = ("PIL", "jinja2", "markdown", "msgspec", "multiprocessing", "rich", "yaml")
    print(*(name for name in heavy if name in sys.modules), file=sys.stderr)
"""


class Watched(NamedTuple):
    """What a build said, and which heavy libraries it imported."""

    code: int
    out: list[str]
    problems: list[str]
    imported: set[str]


def watched(site: SmallSite, *args: str) -> Watched:
    command = [sys.executable, "-c", _WATCHED, "build", "--site", str(site.root), "--as-of", NOON.isoformat(), *args]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    *problems, imported = done.stderr.splitlines()
    return Watched(done.returncode, done.stdout.splitlines(), problems, set(imported.split()))


def test_nothing_heavy_is_imported(site: SmallSite) -> None:
    """Deciding that nothing changed imports no library that takes time; saying so repeats the last report."""
    site.write("content/news/broken.md", "---\ntitle: [\n---\n")
    settled(site)
    first, second = watched(site), watched(site)
    assert first.imported >= {"PIL", "jinja2", "markdown", "msgspec", "yaml"}
    assert second.imported == set()
    assert "(nothing changed)" in second.out[2]
    assert (second.code, second.out[:2], second.problems) == (1, first.out[:2], first.problems)
    assert "content/news/broken.md" in second.problems[0]
    assert "msgspec" in watched(site, "--drafts").imported


def test_changed_program(site: SmallSite, tmp_path: Path) -> None:
    """Other code of the program itself is a change, even where no output of it differs."""
    shutil.copytree(REPOSITORY / "generator", tmp_path / "program" / "generator")
    question = "import sys; from pathlib import Path; from generator.builder.unchanged import recalled; import json;"
    question += "asked = json.loads(Path(sys.argv[1], '.broadsheet/unchanged').read_text())['request'];"
    question += f"print(recalled(Path(sys.argv[1]), asked, {NOON.timestamp()}).__enter__().answer is not None)"

    def program(*args: str) -> str:
        environ = environment() | {"PYTHONPATH": str(tmp_path / "program")}
        command = [sys.executable, *args]
        return subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    settled(site)
    program("-m", "generator", "build", "--site", str(site.root), "--as-of", NOON.isoformat())
    assert program("-c", question, str(site.root)) == "True\n"
    code = tmp_path / "program" / "generator" / "pages" / "lists.py"
    code.write_text(code.read_text() + "# changed\n")
    assert program("-c", question, str(site.root)) == "False\n"


def test_theme_that_goes_before(site: SmallSite, tmp_path: Path) -> None:
    """A theme folder that is put before the bundled one of its name is a change."""
    shutil.move(site.root / "themes", tmp_path / "away")
    while not look_at_inputs(site.root, ("content", str(REPOSITORY / "themes" / "default"))).settled:
        pass
    run(site, "build")
    template = tmp_path / "away" / "default" / "templates" / "404.html"
    template.write_text(template.read_text().replace("This page is not here", "Not here"))
    shutil.move(tmp_path / "away", site.root / "themes")
    run(site, "build")
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")
