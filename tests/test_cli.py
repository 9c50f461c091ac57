"""The command: what each subcommand takes, prints and returns."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from desk.command import broadsheet
from site_kit import SmallSite, environment, report, tree

from generator import __version__
from generator.cli.main import COMMANDS, load_command

THEME = Path(__file__).parent / "sites" / "theme"
NOON = "2026-03-01T12:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """Return a site with an article in every state, one warning and no error."""
    site = SmallSite(tmp_path / "site")
    site.settings(theme=str(THEME), timezone="Europe/Zurich")
    site.article("2026-02-01-plain", topics=["AI"])
    site.article("2026-02-02-lead", related=[report("folded")])
    site.article("2026-02-03-folded", webUrl="https://other.example/folded", heat=-1)
    site.article("2026-02-04-draft", published=False)
    site.article("2026-02-05-removed", deleted=True)
    site.article("2026-03-05-later", publishedDateTime="2026-03-05T06:00:00Z", images=[{"url": "/images/later.png"}])
    site.article("2026-02-06-picture", images=[{"url": "/images/gone.png"}])
    site.write("content/_learning/lesson.md", "not read")
    return site


def looks(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of everything in a folder."""
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "generator", *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


# -- build -------------------------------------------------------------------------------------------------------------


def test_build_prints_a_summary(site: SmallSite) -> None:
    """Problems go to stderr, the summary to stdout: shown, held back and why, next due, pages, pictures, seconds."""
    answer = broadsheet("build", "--site", site.root, "--as-of", NOON)
    assert answer.code == 0
    assert answer.err.splitlines() == [
        "warning: content/news/2026-02-06-picture.md:9:18: images[0].url: the picture images/gone.png is missing; "
        "add the file, or correct its name"
    ]
    *lines, last = answer.out.splitlines()
    files = [path for path in tree(site.output) if path != ".broadsheet"]
    pages = sum(path.endswith(".html") for path in files)
    pictures = sum(path.endswith(".png") for path in files)  # drawn cards; the site has no other
    assert lines == [
        "3 articles shown; held back: 1 draft, 1 scheduled, 1 folded into stories, 1 removed",
        "next scheduled: 2026-03-05T06:00:00Z",
        "1 file in folders that have no meaning here, not read",
        f"{pages} pages, {pictures} pictures, {len(files)} files in output ({len(files)} added)",
    ]
    assert re.fullmatch(r"0 errors, 1 warning, \d+\.\d\d s", last)


def test_a_build_in_which_nothing_changed_says_the_same_again(site: SmallSite) -> None:
    """The same problems and the same exit code come from a build that had nothing to do, however it knows that."""
    site.write("content/news/broken.md", "no front matter")
    first = broadsheet("build", "--site", site.root, "--as-of", NOON)
    for _ in range(3):
        time.sleep(0.06)  # a file system's tick: then the answer may be remembered
        again = broadsheet("build", "--site", site.root, "--as-of", NOON)
        assert (again.code, again.err) == (first.code, first.err) == (1, first.err)
        same = re.sub(r"\(\d+ added\)", "(nothing changed)", first.out)
        assert again.out.splitlines()[:-1] == same.splitlines()[:-1]


def test_json_has_the_documented_keys(site: SmallSite) -> None:
    """With `--json` stdout is one JSON object and stderr is empty; problems are in it with all their parts."""
    answer = broadsheet("build", "--site", site.root, "--as-of", NOON, "--json")
    assert answer.err == ""
    found = json.loads(answer.out)
    assert set(found) == {
        *("articles", "next_due", "ignored_files", "outputs", "pages", "pictures", "changes", "errors", "warnings"),
        *("fetched", "search", "problems", "output", "seconds"),
    }
    assert found["articles"] == {"shown": 3, "early": 0, "removed": 1, "draft": 1, "scheduled": 1, "folded": 1}
    assert (found["next_due"], found["ignored_files"], found["output"]) == ("2026-03-05T06:00:00Z", 1, "output")
    assert found["changes"] == {"added": found["outputs"], "changed": 0, "removed": 0}
    assert (found["errors"], found["warnings"]) == (0, 1)
    assert found["problems"] == [
        {
            "severity": "warning",
            "path": "content/news/2026-02-06-picture.md",
            "line": 9,
            "column": 18,
            "field": "images[0].url",
            "message": "the picture images/gone.png is missing",
            "hint": "add the file, or correct its name",
            "text": "content/news/2026-02-06-picture.md:9:18: images[0].url: the picture images/gone.png is missing; "
            "add the file, or correct its name",
        }
    ]


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-03-05T05:59:59Z", 3),
        ("2026-03-05T06:00:00Z", 4),
        ("2026-03-05T06:59:59+01:00", 3),
        ("2026-03-05T07:00:00+01:00", 4),
        ("2026-03-05T06:59:59", 3),  # in the site's zone, an hour before Greenwich
        ("2026-03-05T07:00:00", 4),
        ("2026-03-05", 3),
        ("2026-03-06", 4),
        (" 2026-03-05 07:00 ", 4),
    ],
)
def test_as_of_is_a_time_of_the_site(site: SmallSite, time: str, shown: int) -> None:
    """An offset is honoured; without one the time is in the site's zone, a day is its midnight."""
    found = json.loads(broadsheet("check", "--site", site.root, "--as-of", time, "--json").out)
    assert found["articles"]["shown"] == shown


@pytest.mark.parametrize("command", ["build", "check", "explain"])
@pytest.mark.parametrize(
    "time", ["", "tomorrow", "2026-02-30", "25:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_bad_time_is_a_usage_error(site: SmallSite, command: str, time: str) -> None:
    """A text that is no time, or no time of this world, ends with 2 and a hint, and nothing is written."""
    subject = ["x"] if command == "explain" else []
    answer = broadsheet(command, "--site", site.root, "--as-of", time, *subject)
    assert answer.code == 2
    assert f'{time!r} is no time; write it as "2026-02-28"' in answer.err
    assert not site.output.exists()


def test_drafts_are_shown_when_asked_for(site: SmallSite) -> None:
    """`--drafts` shows drafts, and the next build without it takes them out again."""
    page = site.output / "news" / "2026-02-04-draft" / "index.html"
    assert "4 articles shown" in broadsheet("build", "--site", site.root, "--as-of", NOON, "--drafts").out
    assert page.is_file()
    broadsheet("build", "--site", site.root, "--as-of", NOON)
    assert not page.exists()


def test_the_output_goes_where_it_is_asked_for(site: SmallSite, tmp_path: Path) -> None:
    """`--output` overrides the setting; the summary names it."""
    answer = broadsheet("build", "--site", site.root, "--as-of", NOON, "--output", tmp_path / "www")
    assert f"files in {tmp_path / 'www'} (" in answer.out
    assert (tmp_path / "www" / "index.html").is_file()
    assert not site.output.exists()


def test_the_site_is_here_unless_it_is_named(site: SmallSite) -> None:
    """Without `--site` the folder is the one where the command is run."""
    assert broadsheet("check", "--as-of", NOON, at=site.root).code == 0
    answer = broadsheet("check", at=site.root.parent)
    assert answer.code == 2
    assert "site.toml: there is no such file here; `broadsheet init" in answer.err


def test_many_problems_are_cut_in_a_build(site: SmallSite) -> None:
    """A build prints fifty and says how to see the rest; `check` prints all of them, `--json` too."""
    for number in range(60):
        site.write(f"content/news/broken-{number:02d}.md", "x")
    built = broadsheet("build", "--site", site.root, "--as-of", NOON)
    assert len(built.err.splitlines()) == 51
    assert built.err.splitlines()[-1] == "and 11 more: `broadsheet check`"
    assert len(broadsheet("check", "--site", site.root, "--as-of", NOON).err.splitlines()) == 61
    assert len(json.loads(broadsheet("build", "--site", site.root, "--as-of", NOON, "--json").out)["problems"]) == 61


def test_somebody_elses_folder_is_refused(site: SmallSite) -> None:
    """An output that holds files of no build of ours is left as it is."""
    site.write("output/thesis.txt", "years of work")
    answer = broadsheet("build", "--site", site.root, "--as-of", NOON)
    assert answer.code == 2
    assert "holds 1 files that no build of ours wrote (thesis.txt, …); name another folder" in answer.err
    assert tree(site.output) == {"thesis.txt": b"years of work"}


# -- check -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("built", [False, True])
def test_check_writes_nothing(site: SmallSite, built: bool) -> None:
    """It does all the work and tells all that a build would tell, and not a byte or a time of the site changes."""
    if built:
        broadsheet("build", "--site", site.root, "--as-of", NOON)
        site.article("2026-02-01-plain", title="Changed since")
    before, times = tree(site.root), looks(site.root)
    answer = broadsheet("check", "--site", site.root, "--as-of", NOON)
    assert (tree(site.root), looks(site.root)) == (before, times)
    assert answer.code == 0
    assert answer.err.count("warning: ") == 1
    assert answer.out.splitlines()[0].startswith("3 articles shown; held back: 1 draft")
    assert "files in" not in answer.out


def test_check_finds_what_only_making_finds(site: SmallSite) -> None:
    """Pages are rendered and pictures resized, so a picture that is broken behind its header is told, too."""
    whole = site.picture("images/gone.png").read_bytes()
    site.write("content/images/gone.png", whole[: len(whole) // 2])
    answer = broadsheet("check", "--site", site.root, "--as-of", NOON)
    assert answer.code == 0
    assert answer.err.startswith("warning: content/images/gone.png: cannot be used: ")


# -- new, init ---------------------------------------------------------------------------------------------------------


def test_new_makes_an_article_that_checks(site: SmallSite) -> None:
    """The file's path is printed; the site has one draft more and no problem more."""
    before = broadsheet("check", "--site", site.root, "--as-of", NOON)
    for title in ('He said "no"', "a/b/../c", "😀 東京"):
        answer = broadsheet("new", "--site", site.root, title)
        assert (answer.code, answer.err) == (0, "")
        assert Path(answer.out.strip()).parent == site.root / "content" / "news"
    after = broadsheet("check", "--site", site.root, "--as-of", NOON)
    assert "held back: 4 drafts" in after.out
    assert (after.code, after.err) == (before.code, before.err)


def test_new_keeps_what_is_there(site: SmallSite) -> None:
    """The same title twice is refused with the file's name."""
    file = broadsheet("new", "--site", site.root, "Twice").out.strip()
    answer = broadsheet("new", "--site", site.root, "Twice")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"error: {file}: is there already\n"


def test_new_wants_a_title(site: SmallSite) -> None:
    """Neither no title nor an empty one makes a file."""
    assert "Missing argument 'TITLE'" in broadsheet("new", "--site", site.root).err
    answer = broadsheet("new", "--site", site.root, " ")
    assert (answer.code, answer.err) == (2, "error: the title is empty; an article has one\n")


def test_init_makes_a_site_that_builds_at_once(tmp_path: Path) -> None:
    """The bundled theme makes a site of it, without a problem; the last line says how."""
    made = broadsheet("init", tmp_path / "my site")
    assert made.code == 0
    assert made.out.splitlines()[-1] == f"now: broadsheet build --site {tmp_path / 'my site'}"
    built = broadsheet("build", "--site", tmp_path / "my site")
    assert (built.code, built.err) == (0, "")
    assert built.out.startswith("1 article shown\n")
    assert "Hello from Broadsheet" in (tmp_path / "my site" / "output" / "index.html").read_text()


def test_init_refuses_a_folder_with_a_site(site: SmallSite) -> None:
    """A site is never written over, and a file is no folder."""
    before = tree(site.root)
    answer = broadsheet("init", site.root)
    assert answer.code == 2
    assert answer.err.endswith("site.toml: is there already; `broadsheet init` wants a folder of its own\n")
    assert tree(site.root) == before
    assert broadsheet("init", site.root / "site.toml").code == 2


# -- usage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "meant"), [("biuld", "build"), ("chekc", "check"), ("explian", "explain")])
def test_an_unknown_command_suggests_one(typed: str, meant: str) -> None:
    """A slip of the fingers is answered with the nearest command."""
    answer = broadsheet(typed)
    assert answer.code == 2
    assert f"No such command '{typed}'. Did you mean '{meant}'?" in answer.err


def test_an_unknown_option_suggests_one() -> None:
    """So is a slip in an option."""
    assert "--strict" in broadsheet("build", "--strickt").err


@pytest.mark.parametrize("arguments", [("build", "--jobs", "0"), ("build", "extra"), ("explain",), ("--nonsense",)])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Numbers out of range, arguments too many or too few: a message, and exit code 2."""
    answer = broadsheet(*arguments, at=tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert "Usage: " in answer.err


@pytest.mark.parametrize("arguments", [("-h",), *((command, "--help") for command in COMMANDS)])
def test_help_is_printed(arguments: tuple[str, ...]) -> None:
    """Each command says in a sentence what it does, and names its options."""
    answer = broadsheet(*arguments)
    assert answer.code == 0
    assert "Usage: broadsheet" in answer.out
    if arguments == ("-h",):
        assert all(command in answer.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_commands_line_is_its_own_help(command: str) -> None:
    """What the help says of a command, without importing it, is the first line of that command's own."""
    assert COMMANDS[command] == (load_command(command).help or "").splitlines()[0]


def test_only_the_command_that_is_called_is_imported() -> None:
    """The help imports no command; a command's help imports that command and no other."""
    program = """
import sys
from generator.cli.main import COMMANDS, main
try:
    sys.argv = ["broadsheet", *sys.argv[1:]]
    main()
finally:
    print("imported:", *(name for name in COMMANDS if f"generator.cli.{name}" in sys.modules))
"""
    for arguments, imported in (["--help"], ""), (["build", "--help"], " build"), (["biuld"], ""):
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert done.stdout.splitlines()[-1] == f"imported:{imported}", arguments


def test_the_package_is_the_command(site: SmallSite) -> None:
    """`python -m generator` is `broadsheet`, and its exit code is the shell's."""
    assert process("--version").stdout == f"broadsheet, version {__version__}\n"
    site.write("content/news/broken.md", "x")
    done = process("check", "--as-of", NOON, cwd=site.root)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: content/news/broken.md:1:1: no front matter")


# -- terminals and pipes -----------------------------------------------------------------------------------------------


def test_a_pipe_gets_no_progress(site: SmallSite) -> None:
    """Into a pipe nothing but problems and the summary is written: no bars, no colours, no carriage returns."""
    done = process("build", "--site", str(site.root), "--as-of", NOON)
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    assert not {"\x1b", "\r"} & set(done.stdout + done.stderr)
    assert "Making" not in done.stdout + done.stderr


def test_a_terminal_shows_progress(site: SmallSite) -> None:
    """On a terminal what is being done is drawn on stderr and taken away again; a problem has its colour."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--as-of", NOON]
    variables = environment(TERM="xterm-256color", COLUMNS="100", LINES="30")
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=slave, text=True) as running:
        os.close(slave)
        drawn = read_terminal(master)
        assert running.stdout is not None
        printed = running.stdout.read()
    os.close(master)
    assert running.returncode == 0
    assert "Reading" in drawn
    assert "Making" in drawn
    assert "\x1b[33mwarning: content/news/2026-02-06-picture.md" in drawn
    assert printed.startswith("3 articles shown")
    assert "\x1b" not in printed


def read_terminal(master: int) -> str:
    """Return all that is written to a terminal until its last writer has gone."""
    read = b""
    while select.select([master], [], [], 60)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux: nobody holds the other side any more
            break
        if not part:
            break
        read += part
    return read.decode("utf-8", "replace")


# -- a machine that refuses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("room", "file"), [(2_000, r"\.broadsheet/\w+\.pack"), (45_000, r"\.broadsheet/\.staging-.*")])
def test_a_disk_that_is_full_is_said(site: SmallSite, room: int, file: str) -> None:
    """A write that fails ends with a message that names the file, and 2; the site is what it was before."""
    broadsheet("build", "--site", site.root, "--as-of", NOON)
    before = tree(site.output)
    site.article("2026-02-01-plain", title="Much longer than before. " * 400)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = process("build", "--site", str(site.root), "--as-of", NOON, preexec_fn=little_room)
    assert done.returncode == 2
    assert re.fullmatch(rf"error: {re.escape(str(site.root))}/{file}: File too large\n", done.stderr)
    assert tree(site.output) == before


def test_an_output_that_cannot_be_written_is_said(site: SmallSite, tmp_path: Path) -> None:
    """A place that takes no files is named with its reason."""
    (tmp_path / "file").write_text("x")
    answer = broadsheet("build", "--site", site.root, "--as-of", NOON, "--output", tmp_path / "file" / "below")
    assert answer.code == 2
    assert answer.err == f"error: {tmp_path / 'file' / 'below'}: Not a directory\n"


def test_a_folder_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    """A `site.toml` that is a folder is a mistake of the machine's user, with a message."""
    (tmp_path / "site.toml").mkdir()
    answer = broadsheet("build", "--site", tmp_path)
    assert answer.code == 2
    assert answer.err == f"error: {tmp_path / 'site.toml'}: Is a directory\n"
