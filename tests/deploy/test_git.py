"""Git: one commit a deploy, none where nothing changed, on a branch that is nobody's sources."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from network import cutting, free_port, front
from places import GitPlace
from release_kit import CUTS, Desk, site_of

from generator.deploy import git as git_module
from generator.deploy import git_words
from generator.deploy.manifest import CONTROL
from generator.deploy.target import DeployFailed, DeployRefused

ONE = site_of({"a": "One", "b": "Two"})
TWO = site_of({"a": "One!", "c": "Three " * 5000}, b"b{}")


def test_one_commit_a_deploy_and_none_for_nothing(git: GitPlace, desk: Desk) -> None:
    """Each deploy that changes something is a commit on top of the last; its message says what."""
    desk.deploy(git.open(), ONE)
    assert len(git.commits()) == 1
    desk.deploy(git.open(), ONE)
    assert len(git.commits()) == 1
    desk.deploy(git.open(), TWO)
    new, old = git.commits()
    assert git.git("log", "--format=%P", "-1", new).decode().strip() == old
    message = git.git("log", "--format=%an %ae %B", "-1", new).decode()
    assert message.startswith("Broadsheet broadsheet@news.test Deploy https://news.test/")
    assert "Version 2: 2 new, 6 changed, 1 deleted." in message
    git.git("fsck", "--strict")


def test_a_rollback_is_a_commit_too(git: GitPlace, desk: Desk) -> None:
    """Nothing of the history is rewritten, and a rollback finds the version before also after tidying commits."""
    desk.deploy(git.open(), ONE)
    desk.deploy(git.open(), TWO)
    git.write("CNAME", b"news.test\n")  # somebody's commit on top
    desk.back(git.open())
    assert len(git.commits()) == 4
    assert git.files().items() >= (ONE | {"CNAME": b"news.test\n"}).items()


def test_a_branch_with_sources_is_refused(git: GitPlace, desk: Desk) -> None:
    """Not even `--force` writes into it."""
    git.write("setup.py", b"import this")
    for force in (False, True):
        with pytest.raises(DeployRefused, match=r"no deploy of ours committed \(setup\.py, …\), perhaps somebody's"):
            desk.deploy(git.open(), ONE, force=force)
    assert git.files() == {"setup.py": b"import this"}


def test_a_folder_in_the_place_of_the_manifest(git: GitPlace, desk: Desk) -> None:
    """It is named, and what would help; the branch stays as it is."""
    git.write(f"{CONTROL}/manifest.json/theirs.txt", b"theirs")
    with pytest.raises(DeployRefused, match=r"manifest\.json: is not a file, and must be one of ours; remove it"):
        desk.deploy(git.open(), ONE)
    assert len(git.commits()) == 1
    git.remove(f"{CONTROL}/manifest.json/theirs.txt")
    desk.deploy(git.open(), ONE)
    assert git.files() == ONE


def test_a_branch_with_a_domain_only(git: GitPlace, desk: Desk) -> None:
    """What GitHub itself commits to a new branch of pages is no sources, and stays."""
    git.write("CNAME", b"news.test\n")
    desk.deploy(git.open(), ONE)
    assert git.files() == ONE | {"CNAME": b"news.test\n"}


def test_other_branches_are_not_touched(git: GitPlace, desk: Desk) -> None:
    """The branch of pages begins a history of its own."""
    git.write("setup.py", b"import this", branch="main")
    before = git.git("rev-parse", "main")
    desk.deploy(git.open(), ONE)
    assert git.git("rev-parse", "main") == before
    assert len(git.commits()) == 1


def test_another_deploy_in_between(git: GitPlace, desk: Desk, tmp_path: Path) -> None:
    """The remote takes only what was made on top of what is there; who came second is told so."""
    desk.deploy(git.open(), ONE)
    target = git.open()
    look = target.look

    def late() -> object:
        seen = look()
        Desk(tmp_path / "other").deploy(GitPlace(tmp_path).open(), TWO)
        return seen

    (tmp_path / "other").mkdir()
    target.look = late  # type: ignore[method-assign, assignment]
    with pytest.raises(DeployFailed, match="another deploy came in between; deploy again"):
        desk.deploy(target, site_of({"z": "Last"}))
    assert git.files().items() >= TWO.items()
    desk.deploy(git.open(), site_of({"z": "Last"}))
    assert git.files().items() >= site_of({"z": "Last"}).items()


@pytest.mark.parametrize("damage", ["", "ref: nowhere"])
def test_the_cache_may_be_lost(git: GitPlace, desk: Desk, damage: str) -> None:
    """What is known of the branch is fetched again."""
    desk.deploy(git.open(), ONE)
    cache = git._cache / "deploy" / "branch.git"
    if damage:
        (cache / "HEAD").write_text(damage)
    else:
        shutil.rmtree(cache)
    desk.deploy(git.open(), TWO)
    desk.back(git.open())
    assert git.files().items() >= ONE.items()


# -- over a network ----------------------------------------------------------------------------------------------------


@contextmanager
def daemon(root: Path) -> Iterator[int]:
    """Serve repositories by Git's own server."""
    port = free_port()
    command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", f"--base-path={root}", "--export-all"]
    options = ["--reuseaddr", "--enable=receive-pack", "--verbose", str(root)]
    log = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, start_new_session=True)
    assert log.stderr
    assert b"Ready" in log.stderr.readline()
    try:
        yield port
    finally:
        os.killpg(log.pid, signal.SIGTERM)
        log.wait()
        log.stderr.close()


@CUTS
def test_the_connection_is_cut_anywhere(cuts: Sequence[int], git: GitPlace, desk: Desk, tmp_path: Path) -> None:
    """Cut after N bytes, at values of N spread over the transfer: the branch is as it was or as it should be."""
    desk.deploy(git.open(), ONE)
    with daemon(tmp_path) as port:
        first = git.git("rev-parse", "gh-pages").decode().strip()
        with cutting(port) as proxy:
            desk.deploy(GitPlace(tmp_path, f"git://127.0.0.1:{proxy.port}/remote.git").open(), TWO)
            whole = proxy.sent
        stopped = 0
        for at in cuts:
            git.git("update-ref", "refs/heads/gh-pages", first)
            with cutting(port, whole * (2 * at + 1) // 40) as proxy:
                try:
                    desk.deploy(GitPlace(tmp_path, f"git://127.0.0.1:{proxy.port}/remote.git").open(), TWO)
                except DeployFailed:
                    stopped += 1
            assert git.files() == ONE or git.files().items() >= TWO.items()
            desk.deploy(git.open(), TWO)
            assert git.files().items() >= TWO.items()
            desk.back(git.open())
            assert git.files().items() >= ONE.items()
        assert stopped >= len(cuts) - 2


def test_a_remote_that_takes_no_more(git: GitPlace, desk: Desk) -> None:
    """A full remote (here: one with a limit) refuses the push, and the site is as it was."""
    desk.deploy(git.open(), ONE)
    git.git("config", "receive.maxInputSize", "1")
    with pytest.raises(DeployFailed, match=r"git push failed .*nothing was changed"):
        desk.deploy(git.open(), TWO)
    assert git.files() == ONE
    git.git("config", "--unset", "receive.maxInputSize")
    desk.deploy(git.open(), TWO)
    assert git.files().items() >= TWO.items()


def test_a_server_that_refuses(git: GitPlace, desk: Desk) -> None:
    """A hook of the server that says no, as one that is throttled does, is told in its words."""
    desk.deploy(git.open(), ONE)
    hook = git.repository / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'too many pushes, wait' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(DeployFailed, match="too many pushes, wait"):
        desk.deploy(git.open(), TWO)
    assert git.files() == ONE
    hook.unlink()
    desk.deploy(git.open(), TWO)
    assert git.files().items() >= TWO.items()


@pytest.mark.parametrize("status", [429, 500])
def test_a_server_that_is_busy(desk: Desk, tmp_path: Path, status: int) -> None:
    """A server over HTTP that fails, or takes no more questions, is told with what it said."""
    with front(free_port(), lambda *_: (status, b"no")) as port, pytest.raises(DeployFailed, match=str(status)):
        desk.deploy(GitPlace(tmp_path, f"http://127.0.0.1:{port}/news.git").open(), ONE)


def test_credentials_that_are_not_good(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks who is there: nobody is asked on a terminal, and no token is in a message."""
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret-of-this-test")
    with front(free_port(), lambda *_: (401, b"no")) as port:
        monkeypatch.setenv("GITHUB_SERVER_URL", f"http://127.0.0.1:{port}")
        with pytest.raises(DeployFailed) as failed:
            desk.deploy(GitPlace(tmp_path, f"http://127.0.0.1:{port}/news.git").open(), ONE)
    assert "access is denied" in str(failed.value)
    assert "secret-of-this-test" not in str(failed.value)


def test_no_such_repository(desk: Desk, tmp_path: Path) -> None:
    """A remote that is not there is named."""
    with pytest.raises(DeployFailed, match="there is no such repository"):
        desk.deploy(GitPlace(tmp_path, str(tmp_path / "none.git")).open(), ONE)


def test_a_token_goes_to_its_server_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of GitHub is offered to GitHub, and stands in no argument."""
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret-of-this-test")
    target = GitPlace(tmp_path).open()
    assert isinstance(target, git_module.Branch)
    command = " ".join(target._command())
    assert "credential.https://github.com.helper=" in command
    assert "secret-of-this-test" not in command


def test_what_a_message_must_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Users in addresses and values of the environment that are secret are taken out."""
    monkeypatch.setenv("MY_API_TOKEN", "very-secret")
    said = "fatal: unable to access 'https://me:pass@host.test/x.git/': very-secret"
    told = git_words.complaint("place", "push", said)
    assert "pass" not in told
    assert "very-secret" not in told
    assert "host.test/x.git" in told
