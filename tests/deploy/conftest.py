"""Places for deploys, with an environment in which no real account can be meant."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import FolderPlace, GitPlace, Place, RsyncPlace, S3Place, moto, new_bucket
from release_kit import Desk
from ssh import FaultyFiles, Server, SftpPlace, ssh_server
from sshd import Sshd, sshd_server

NO_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "testing-key-id",
    "AWS_SECRET_ACCESS_KEY": "testing-secret-key",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(autouse=True, scope="session")
def no_account() -> Iterator[None]:
    """Let no test use what this machine's owner is allowed to."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NO_ACCOUNT.items():
            patch.setenv(name, value)
        for name in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "http_proxy", "HTTP_PROXY"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def s3_endpoint(no_account: None) -> Iterator[str]:
    """An S3 server, one for all tests."""
    with moto("s3") as endpoint:
        yield endpoint


@pytest.fixture
def s3(s3_endpoint: str) -> S3Place:
    """A new bucket."""
    return new_bucket(S3Place(s3_endpoint, f"news-{secrets.token_hex(8)}"))


@pytest.fixture
def git(tmp_path: Path) -> GitPlace:
    """A new bare repository."""
    return GitPlace(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> FolderPlace:
    """A web root that is not there yet."""
    return FolderPlace(tmp_path)


@pytest.fixture(scope="session")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An SSH server, one for all tests."""
    with ssh_server(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def sftp(ssh: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpPlace]:
    """A folder behind an SFTP server that this machine knows and has a key for."""
    monkeypatch.setenv("HOME", str(ssh.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    yield SftpPlace(tmp_path, ssh.port)
    FaultyFiles.fail = None


@pytest.fixture
def rsync(tmp_path: Path) -> RsyncPlace:
    """A folder that is not there yet, and that rsync can reach."""
    return RsyncPlace(tmp_path)


@pytest.fixture(scope="session")
def sshd_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """The SSH server of OpenSSH, one for all tests."""
    with sshd_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def sshd(sshd_of_all: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    """The SSH server, and a program `ssh` that knows it."""
    monkeypatch.setenv("PATH", f"{sshd_of_all.bin}:{os.environ['PATH']}")
    yield sshd_of_all
    sshd_of_all.let_in()


@pytest.fixture(params=["folder", "git", "rsync", "s3", "sftp"])
def place(request: pytest.FixtureRequest) -> Place:
    """A place of each type."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Deploys outputs, each from a folder of its own."""
    return Desk(tmp_path)
