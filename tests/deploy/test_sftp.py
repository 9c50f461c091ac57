"""SFTP: hosts that are not known, a network and a server that fail, and two deploys at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import asyncssh
import msgspec
import pytest
from network import cutting, free_port
from release_kit import CUTS, Desk, assert_consistent, site_of, size_of
from ssh import FaultyFiles, Server, SftpPlace

from generator.deploy import lease
from generator.deploy.manifest import CONTROL
from generator.deploy.target import DeployFailed, DeployRefused
from generator.deploy.targets import open_target

PICTURES = {"a": b"of a", "b": b"of b"}
ONE = site_of({"a": "One", "b": "Two"}, pictures=PICTURES)
TWO = site_of({"a": "One!", "c": "Three " * 3000}, b"b{}", pictures={"a": b"other", "c": b"of c" * 9000})


def test_an_unknown_host_is_refused(
    sftp: SftpPlace, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A host whose key is not known gets nothing, and the message says what to do."""
    (tmp_path / ".ssh").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DeployRefused, match=r"the host key is not known; .*known_hosts"):
        desk.deploy(sftp.open(), ONE)
    assert sftp.all_files() == {}


def test_no_key_is_refused(
    sftp: SftpPlace, ssh: Server, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who has no key, or one that is not good any more, is told where one is looked for; no password is repeated."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_bytes((ssh.home / ".ssh" / "known_hosts").read_bytes())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BROADSHEET_SFTP_PASSWORD", "a-wrong-password")
    with pytest.raises(DeployRefused, match="access is denied; give an SSH agent") as refused:
        desk.deploy(sftp.open(), ONE)
    assert "a-wrong-password" not in str(refused.value)


def test_nobody_answers(sftp: SftpPlace, desk: Desk, tmp_path: Path) -> None:
    """A host that cannot be reached is named; what stands there stands, and is deployed to when it answers again."""
    desk.deploy(sftp.open(), ONE)
    with pytest.raises(DeployFailed, match="cannot be reached"):
        desk.deploy(SftpPlace(tmp_path, free_port()).open(), TWO)
    assert sftp.files() == ONE
    desk.deploy(sftp.open(), TWO)
    assert sftp.files().items() >= TWO.items()


@CUTS
def test_the_connection_is_cut_anywhere(
    cuts: Sequence[int], sftp: SftpPlace, ssh: Server, desk: Desk, tmp_path: Path
) -> None:
    """Cut after N bytes, at values of N spread over the transfer: all that is seen is whole, and the next deploy
    leaves the site as it should be; a rollback leaves the one before.
    """
    desk.deploy(sftp.open(), ONE)
    whole = 0
    stopped = 0
    for at in (-1, *cuts):
        place = SftpPlace(tmp_path / str(at), ssh.port)
        desk.deploy(place.open(), ONE)
        with cutting(ssh.port, whole * (2 * at + 1) // 40 if at >= 0 else None) as proxy:
            ssh.know(proxy.port)
            through = msgspec.structs.replace(place.settings, port=proxy.port)
            try:
                desk.deploy(open_target(through, tmp_path, tmp_path), TWO)
            except DeployFailed:
                stopped += 1
            whole = whole or proxy.sent
        (place.root / CONTROL / "lease").unlink(missing_ok=True)  # how long that holds is another test's
        assert_consistent(place.files(), [ONE, TWO])
        desk.deploy(place.open(), TWO)
        kept = {path: data for path, data in ONE.items() if path.startswith("assets/")}
        assert place.files() == TWO | kept
        desk.back(place.open())
        missing = {size_of(picture) for picture in PICTURES.values()}
        assert {path: data for path, data in place.files().items() if path not in TWO or path in ONE} == {
            path: data for path, data in ONE.items() if path not in missing
        }
    assert stopped >= len(cuts) - 1  # of the last cut only the farewell may be left


def test_a_throttled_line(sftp: SftpPlace, ssh: Server, desk: Desk, tmp_path: Path) -> None:
    """However slowly the bytes go, they all come."""
    desk.deploy(sftp.open(), ONE)
    with cutting(ssh.port, pause=0.005) as proxy:
        ssh.know(proxy.port)
        through = msgspec.structs.replace(sftp.settings, port=proxy.port)
        desk.deploy(open_target(through, tmp_path, tmp_path), TWO)
        assert proxy.sent > sum(map(len, TWO.values())) // 2  # it did go that way
    assert sftp.files().items() >= TWO.items()


def failing(error: Exception, after: int, name: bytes = b"") -> Callable[[bytes], Exception | None]:
    """Return what lets every write after so many fail."""
    writes = count()
    return lambda path: error if name in path and b"lease" not in path and next(writes) >= after else None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (asyncssh.SFTPNoSpaceOnFilesystem("No space left on device"), "No space left on device; deploy again"),
        (asyncssh.SFTPFailure("Failure"), "Failure; deploy again, it goes on from here"),
        (asyncssh.SFTPPermissionDenied("Permission denied"), "Permission denied; deploy again"),
    ],
)
def test_what_ends_in_the_midst(sftp: SftpPlace, desk: Desk, error: Exception, told: str) -> None:
    """A disk that is full, a server that fails, and access that ends: told, consistent, and gone on with later."""
    desk.deploy(sftp.open(), ONE)
    FaultyFiles.fail = failing(error, 6)
    with pytest.raises(DeployFailed, match=told):
        desk.deploy(sftp.open(), TWO)
    assert_consistent(sftp.files(), [ONE, TWO])
    FaultyFiles.fail = None
    desk.deploy(sftp.open(), TWO)
    assert sftp.files().items() >= TWO.items()


def test_nothing_is_left_beside(sftp: SftpPlace, desk: Desk) -> None:
    """Half files of a deploy that was cut off are removed by the next; no reader saw them under a site's name."""
    desk.deploy(sftp.open(), ONE)
    left = sftp.root / CONTROL / "coming" / "half"
    left.write_bytes(b"half a page")
    desk.deploy(sftp.open(), TWO)
    assert list((sftp.root / CONTROL / "coming").iterdir()) == []


def test_two_deploys_at_once(sftp: SftpPlace, desk: Desk) -> None:
    """The second waits, says so, and then deploys on top of the first."""
    with sftp.open().held(lambda _: None):
        second = threading.Thread(target=desk.deploy, args=(sftp.open(), TWO))
        second.start()
        while not desk.waits and second.is_alive():
            second.join(0.05)
        assert "another deploy is at work" in desk.waits[0]
        assert sftp.files() == {}
    second.join(30)
    assert sftp.files() == TWO


def test_a_killed_deploy_does_not_hold_for_ever(sftp: SftpPlace, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that nobody renews is taken over when its term is over, told by the server's own clock."""
    desk.deploy(sftp.open(), ONE)
    sftp.write(f"{CONTROL}/lease", b"0123456789abcdef")
    long_ago = time.time() - lease.TERM - 5
    os.utime(sftp.root / CONTROL / "lease", (long_ago, long_ago))
    desk.deploy(sftp.open(), TWO)
    assert desk.waits == []
    assert sftp.files().items() >= TWO.items()
    assert not (sftp.root / CONTROL / "lease").exists()


def test_a_deploy_that_lost_its_lease_stops(sftp: SftpPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was taken for dead, and is not, changes nothing more."""
    monkeypatch.setattr(lease, "RENEW", 0.05)
    target = sftp.open()
    with target.held(lambda _: None):
        held = target._store._lease  # type: ignore[attr-defined]
        while held._thread.is_alive():  # it may have been about to renew its own
            sftp.write(f"{CONTROL}/lease", b"another's")
            held._thread.join(1)
        with pytest.raises(DeployFailed, match="another deploy has taken over"):
            held.check()
    assert (sftp.root / CONTROL / "lease").read_bytes() == b"another's"


def test_a_server_without_links(sftp: SftpPlace, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server cannot link, what is kept aside is written again."""

    def unsupported(*_: object) -> None:
        raise asyncssh.SFTPOpUnsupported("no links here")

    monkeypatch.setattr(FaultyFiles, "link", unsupported)
    desk.deploy(sftp.open(), ONE)
    desk.deploy(sftp.open(), site_of({"a": "One!", "b": "Two"}, pictures=PICTURES))
    desk.back(sftp.open())
    assert sftp.files() == ONE
