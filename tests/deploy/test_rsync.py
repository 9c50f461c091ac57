"""rsync: over OpenSSH's own server; hosts that are not known, a network and a disk that fail, two deploys at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace
from network import cutting, free_port
from places import RsyncPlace
from release_kit import Desk, assert_consistent, put_paths, site_of, size_of
from sshd import Sshd, SshPlace

from generator.deploy import lease
from generator.deploy.lease import LEASE
from generator.deploy.manifest import CONTROL
from generator.deploy.rsync_lease import LeaseLink
from generator.deploy.shell import COMING
from generator.deploy.target import DeployFailed, DeployRefused

PICTURES = {"a": b"of a", "b": b"of b"}
ONE = site_of({"a": "One", "b": "Two"}, pictures=PICTURES)
TWO = site_of({"a": "One!", "c": "Three " * 3000}, b"b{}", pictures={"a": b"other", "c": b"of c" * 9000})
EDITED = site_of({"a": "One!", "b": "Two"}, pictures=PICTURES)
ODD = {"東京/é ä/index.html": b"1", 'it\'s $(id) `id` "q" \\c/x.txt': b"2", "#?&+%41/; -x/*": b"3", "empty.txt": b""}
PROMISE = "deploy again, it goes on from here"


@pytest.fixture
def host(sshd: Sshd, tmp_path: Path) -> SshPlace:
    """A folder on a host that this machine knows and has a key for."""
    return SshPlace(tmp_path, sshd)


def test_a_day_over_ssh(host: SshPlace, desk: Desk) -> None:
    """First deploy, nothing new, an edit, names that a shell would read, files of others, and back."""
    before = os.umask(0o077)  # what is secret here is not so there
    desk.deploy(host.open(), ONE)
    os.umask(before)
    assert host.files() == ONE
    assert (host.root / "news/a/index.html").stat().st_mode & 0o777 == 0o644
    assert not desk.deploy(host.open(), ONE).changed
    done = desk.deploy(host.open(), EDITED)
    assert put_paths(done)[0] == "news/a/index.html"
    assert len(done.plan.puts) == 5
    host.write("theirs.txt", b"theirs")
    desk.deploy(host.open(), ONE | ODD)
    assert host.files() == ONE | ODD | {"theirs.txt": b"theirs"}
    host.remove("empty.txt")
    done = desk.deploy(host.open(), ONE | ODD, check=True)
    assert (done.repaired, done.foreign) == (("empty.txt",), 1)
    desk.back(host.open())
    assert host.files() == EDITED | {"theirs.txt": b"theirs"}


def test_a_path_from_home(host: SshPlace, sshd: Sshd, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is one of the user's home, also if it looks like an option or an address."""
    sshd.let_in(f'cd {host.root.parents[1]} && exec sh -c \\"$SSH_ORIGINAL_COMMAND\\"')
    host.settings = replace(host.settings, path="~x:y z")
    desk.deploy(host.open(), ONE)
    sshd.let_in()
    host.root = host.root.parents[1] / "~x:y z"
    assert host.files() == ONE


def test_an_unknown_host_is_refused(host: SshPlace, sshd: Sshd, desk: Desk) -> None:
    """A host whose key is not known gets nothing, and the message says what to do."""
    with cutting(sshd.port) as proxy, pytest.raises(DeployRefused, match=r"the host key is not known; .*known_hosts"):
        desk.deploy(SshPlace(host.root, sshd, proxy.port).open(), ONE)
    assert host.all_files() == {}


def test_no_key_is_refused(host: SshPlace, sshd: Sshd, desk: Desk) -> None:
    """Who has no key, or one that is not good any more, is told where one is looked for."""
    desk.deploy(host.open(), ONE)
    (sshd.home / "authorized_keys").write_text("")
    with pytest.raises(DeployRefused, match=r"access is denied; give an SSH agent, or a key in ~/\.ssh"):
        desk.deploy(host.open(), TWO)
    sshd.let_in()
    assert host.files() == ONE


def test_nobody_answers(tmp_path: Path, sshd: Sshd, desk: Desk) -> None:
    """A host that cannot be reached, and one that is too busy to talk, are named; what stands there stands, and is
    deployed to when it answers again.
    """
    place = SshPlace(tmp_path, sshd)
    desk.deploy(place.open(), ONE)
    with pytest.raises(DeployFailed, match="cannot be reached"):
        desk.deploy(SshPlace(tmp_path, sshd, free_port()).open(), TWO)
    with cutting(sshd.port, 0) as proxy, pytest.raises(DeployFailed, match="cannot be reached"):
        desk.deploy(SshPlace(tmp_path, sshd, proxy.port).open(), TWO)
    assert place.files() == ONE
    desk.deploy(place.open(), TWO)
    assert place.files().items() >= TWO.items()


@pytest.mark.parametrize(
    "cuts", [(6, 14), pytest.param(range(20), marks=pytest.mark.long)], ids=["two cuts", "twenty cuts"]
)
def test_the_connection_is_cut_anywhere(cuts: Sequence[int], sshd: Sshd, desk: Desk, tmp_path: Path) -> None:
    """Cut after N bytes, at values of N spread over the transfer: all that is seen is whole, and the next deploy
    leaves the site as it should be; a rollback leaves the one before.
    """
    whole = stopped = 0
    for at in (-1, *cuts):
        here = RsyncPlace(tmp_path / str(at))
        desk.deploy(here.open(), ONE)
        with cutting(sshd.port, whole * (2 * at + 1) // 40 if at >= 0 else None) as proxy:
            sshd.know(proxy.port)
            try:
                desk.deploy(SshPlace(tmp_path / str(at), sshd, proxy.port).open(), TWO)
            except DeployFailed:
                stopped += 1
            whole = whole or proxy.sent
        (here.root / LEASE).unlink(missing_ok=True)  # how long that holds is another test's
        assert_consistent(here.files(), [ONE, TWO])
        desk.deploy(here.open(), TWO)
        kept = {path: data for path, data in ONE.items() if path.startswith("assets/")}
        assert here.files() == TWO | kept
        desk.back(here.open())
        missing = {size_of(picture) for picture in PICTURES.values()}
        assert {path: data for path, data in here.files().items() if path not in TWO or path in ONE} == {
            path: data for path, data in ONE.items() if path not in missing
        }
    assert stopped >= len(cuts) - 1  # of the last cut only the farewell may be left


def test_a_full_disk(host: SshPlace, sshd: Sshd, desk: Desk) -> None:
    """A disk that takes no more: told, consistent, and gone on with later."""
    desk.deploy(host.open(), ONE)
    sshd.let_in("trap '' XFSZ; ulimit -f 32; exec sh -c \\\"$SSH_ORIGINAL_COMMAND\\\"")
    large = TWO | {"assets/large-0123456789abcdef.bin": b"x" * 100_000}
    with pytest.raises(DeployFailed, match=rf"File too large.*{PROMISE}"):
        desk.deploy(host.open(), large)
    sshd.let_in()
    assert_consistent(host.files(), [ONE, TWO])
    desk.deploy(host.open(), TWO)
    assert host.files().items() >= TWO.items()


def test_a_throttled_line(tmp_path: Path, sshd: Sshd, desk: Desk) -> None:
    """However slowly the bytes go, they all come."""
    here = RsyncPlace(tmp_path)
    desk.deploy(here.open(), ONE)
    with cutting(sshd.port, pause=0.005) as proxy:
        sshd.know(proxy.port)
        desk.deploy(SshPlace(tmp_path, sshd, proxy.port).open(), TWO)
        assert proxy.sent > 4096  # it did go that way
    assert here.files().items() >= TWO.items()


@pytest.mark.parametrize(
    "commands", [(3, 11), pytest.param(range(20), marks=pytest.mark.long)], ids=["twice", "twenty times"]
)
def test_a_server_that_fails(commands: Sequence[int], host: SshPlace, sshd: Sshd, desk: Desk, tmp_path: Path) -> None:
    """A host that runs nothing any more after so many commands: told, consistent, and gone on with later."""
    count = tmp_path / "count"
    for most in commands:
        place = SshPlace(tmp_path / str(most), sshd)
        desk.deploy(place.open(), ONE)
        count.write_text("0")
        counted = (
            f"n=$(($(cat {count}) + 1)); echo $n > {count}; [ $n -le {most + 1} ] || {{ echo no more >&2; exit 1; }};"
        )
        sshd.let_in(f'{counted} exec sh -c \\"$SSH_ORIGINAL_COMMAND\\"')
        with pytest.raises(DeployFailed, match=f"no more; {PROMISE}"):
            desk.deploy(place.open(), TWO)
        sshd.let_in()
        (place.root / LEASE).unlink(missing_ok=True)  # where it was never made there is none
        assert_consistent(place.files(), [ONE, TWO])
        desk.deploy(place.open(), TWO)
        assert place.files().items() >= TWO.items()


def test_what_is_missing_is_named(host: SshPlace, sshd: Sshd, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program rsync, there or here, nothing is deployed."""
    desk.deploy(host.open(), ONE)
    sshd.let_in(
        "PATH=/nowhere; case $SSH_ORIGINAL_COMMAND in rsync*) exec rsync;; esac; PATH=/usr/bin:/bin; "
        'exec sh -c \\"$SSH_ORIGINAL_COMMAND\\"'
    )
    with pytest.raises(DeployRefused, match="rsync is not installed there"):
        desk.deploy(host.open(), TWO)
    sshd.let_in()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DeployRefused, match="rsync and ssh must be installed"):
        host.open()


# -- where files stand -------------------------------------------------------------------------------------------------


def test_folders_of_others_that_are_links(rsync: RsyncPlace, desk: Desk, tmp_path: Path) -> None:
    """A web root that is a link stays one, and so does a folder in it that somebody has moved elsewhere: newer versions
    of rsync do not go through, and say so.
    """
    (tmp_path / "disk" / "news").mkdir(parents=True)
    rsync.root.parent.mkdir(parents=True)
    rsync.root.symlink_to(tmp_path / "disk")
    desk.deploy(rsync.open(), ONE)
    (tmp_path / "disk" / "news").rename(tmp_path / "large")
    (tmp_path / "disk" / "news").symlink_to(tmp_path / "large")
    (tmp_path / "large" / "theirs.txt").write_bytes(b"theirs")
    with suppress(DeployFailed):
        desk.deploy(rsync.open(), TWO)
    assert rsync.root.is_symlink()
    assert (rsync.root / "news").is_symlink()
    assert (tmp_path / "large" / "theirs.txt").read_bytes() == b"theirs"


def test_nothing_is_left_beside(rsync: RsyncPlace, desk: Desk) -> None:
    """Half files of a deploy that was cut off are removed by the next; no reader saw them under a site's name."""
    desk.deploy(rsync.open(), ONE)
    rsync.write(f"{COMING}/.index.html.Xa3f", b"half a page")
    desk.deploy(rsync.open(), TWO)
    assert list((rsync.root / COMING).iterdir()) == []


# -- two deploys at once -----------------------------------------------------------------------------------------------


def test_two_deploys_at_once(rsync: RsyncPlace, desk: Desk) -> None:
    """The second waits, says so, and then deploys on top of the first."""
    with rsync.open().held(lambda _: None):
        second = threading.Thread(target=desk.deploy, args=(rsync.open(), TWO))
        second.start()
        while not desk.waits and second.is_alive():
            second.join(0.05)
        assert "another deploy is at work" in desk.waits[0]
        assert rsync.files() == {}
    second.join(30)
    assert rsync.files() == TWO


def test_a_killed_deploy_does_not_hold_for_ever(rsync: RsyncPlace, desk: Desk) -> None:
    """A lease that nobody renews is taken over when its term is over, told by the host's own clock."""
    desk.deploy(rsync.open(), ONE)
    rsync.write(LEASE, f"0123456789abcdef {time.time() - lease.TERM - 5:.0f}".encode())
    desk.deploy(rsync.open(), TWO)
    assert desk.waits == []
    assert rsync.files().items() >= TWO.items()
    assert not (rsync.root / LEASE).exists()


def test_a_deploy_that_lost_its_lease_stops(rsync: RsyncPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was taken for dead, and is not, changes nothing more."""
    monkeypatch.setattr(lease, "RENEW", 0.05)
    target = rsync.open()
    with target.held(lambda _: None):
        time.sleep(0.2)  # it renews
        held = target._store._lease  # type: ignore[attr-defined]
        while held._thread.is_alive():  # it may have been about to renew its own
            rsync.write(LEASE, b"another's 1")
            held._thread.join(1)
        with pytest.raises(DeployFailed, match="another deploy has taken over"):
            held.check()
    assert (rsync.root / LEASE).read_bytes() == b"another's 1"


@pytest.mark.parametrize("dead", [b"", b"dead 1", b"half \xff\0 lea\n\n", b"x 99999999999"])
def test_a_lease_is_one_holders(rsync: RsyncPlace, dead: bytes) -> None:
    """Of many that want it at once, or want to take it over, whatever stands in it, one has it."""
    shells = [rsync.open()._store._shell for _ in range(8)]  # type: ignore[attr-defined]
    shells[0].make()
    if dead:
        rsync.write(LEASE, dead)
    places = [LeaseLink(shell, "there") for shell in shells]
    seen = places[0].seen()
    answers: list[bool] = []
    ready = threading.Barrier(8)

    def claim(at: int) -> None:
        ready.wait()
        answers.append(places[at].claim(f"token-{at}", seen))

    threads = [threading.Thread(target=claim, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]
    assert f"{CONTROL}/lease" in rsync.all_files()
