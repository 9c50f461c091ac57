"""Real places that sites are deployed to, on this machine: a folder, a bare repository, an S3 server."""

from __future__ import annotations

import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import boto3
from msgspec.structs import replace
from release_kit import without_control
from site_kit import tree

from generator.base.deploy_settings import FolderTarget, GitTarget, RsyncTarget, S3Target
from generator.base.deploy_settings import Target as TargetSettings
from generator.deploy.target import Target
from generator.deploy.targets import open_target


class Place(Protocol):
    """A place, and what is in it without the help of what is tested."""

    settings: TargetSettings

    def open(self) -> Target: ...

    def files(self) -> dict[str, bytes]: ...

    def read(self, path: str) -> bytes | None: ...

    def write(self, path: str, data: bytes) -> None: ...

    def remove(self, path: str) -> None: ...


class FolderPlace:
    """A web root."""

    settings: TargetSettings

    def __init__(self, root: Path):
        self.root = root / "srv" / "www"
        self.settings = FolderTarget(path=str(self.root))

    def open(self) -> Target:
        return open_target(self.settings, self.root.parent, self.root.parent / "cache")

    def all_files(self) -> dict[str, bytes]:
        return tree(Path(f"{self.root}/.").resolve()) if self.root.exists() else {}

    def files(self) -> dict[str, bytes]:
        return without_control(self.all_files())

    def read(self, path: str) -> bytes | None:
        file = self.root / path
        return file.read_bytes() if file.exists() else None

    def write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def remove(self, path: str) -> None:
        (self.root / path).unlink()


class RsyncPlace(FolderPlace):
    """A folder that rsync brings files to."""

    def __init__(self, root: Path):
        self.root = root / "srv" / "www"
        self.settings = RsyncTarget(path=str(self.root))


class GitPlace:
    """A branch of a bare repository."""

    def __init__(self, root: Path, remote: str = ""):
        self.repository, self._cache, self._root = root / "remote.git", root / "cache", root
        if not self.repository.exists():
            subprocess.run(["git", "init", "--quiet", "--bare", str(self.repository)], check=True)
        self.settings = GitTarget(remote=remote or str(self.repository))

    def open(self) -> Target:
        return open_target(self.settings, self._root, self._cache)

    def git(self, *arguments: str, data: bytes | None = None) -> bytes:
        command = ["git", "--git-dir", str(self.repository), "-c", "user.name=A", "-c", "user.email=a@b.test"]
        return subprocess.run([*command, *arguments], input=data, capture_output=True, check=True).stdout

    def commits(self) -> list[str]:
        return self.git("log", "--format=%H", "gh-pages").decode().split()

    def all_files(self) -> dict[str, bytes]:
        if not self.git("branch", "--list", "gh-pages"):
            return {}
        names = [name.decode() for name in self.git("ls-tree", "-r", "-z", "--name-only", "gh-pages").split(b"\0")[:-1]]
        return {name: self.git("cat-file", "blob", f"gh-pages:{name}") for name in names}

    def files(self) -> dict[str, bytes]:
        return without_control(self.all_files())

    def read(self, path: str) -> bytes | None:
        return self.files().get(path)

    def write(self, path: str, data: bytes, branch: str = "gh-pages") -> None:
        self._feed(branch, f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")

    def remove(self, path: str) -> None:
        self._feed("gh-pages", f"D {path}\n".encode())

    def _feed(self, branch: str, change: bytes) -> None:
        """Commit as somebody else does."""
        head = f"commit refs/heads/{branch}\ncommitter A <a@b.test> now\ndata 4\nEdit\n"
        there = subprocess.run(
            ["git", "--git-dir", str(self.repository), "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"],
            check=False,
            capture_output=True,
        )
        parent = f"from refs/heads/{branch}^0\n" if there.returncode == 0 else ""
        self.git("fast-import", "--quiet", "--date-format=now", data=head.encode() + parent.encode() + change)


class S3Place:
    """A bucket, or a prefix in one."""

    def __init__(self, endpoint: str, bucket: str, prefix: str = "sites/news"):
        self.settings = S3Target(bucket=bucket, prefix=prefix, endpoint_url=endpoint, region="us-east-1")
        self.client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")

    def but(self, **settings: Any) -> S3Place:
        """Return a place of the same server with other settings."""
        other = copy(self)
        other.settings = replace(self.settings, **settings)
        return other

    def through(self, port: int) -> S3Place:
        """Return the same place, reached through another port."""
        return self.but(endpoint_url=f"http://127.0.0.1:{port}")

    @property
    def _prefix(self) -> str:
        return f"{self.settings.prefix}/" if self.settings.prefix else ""

    def open(self) -> Target:
        return open_target(self.settings, Path("/nowhere"), Path("/nowhere"))

    def all_files(self) -> dict[str, bytes]:
        """Return what the server has, without asking it through its slow door."""
        return {
            name.removeprefix(self._prefix): key.value
            for name, key in self._keys().items()
            if name.startswith(self._prefix)
        }

    def read(self, path: str) -> bytes | None:
        while key := self._keys().get(self._prefix + path):
            with suppress(ValueError):  # it was replaced, and closed, while it was read
                return bytes(key.value)
        return None

    def _keys(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends["123456789012"]["aws"].buckets[self.settings.bucket].keys

    def files(self) -> dict[str, bytes]:
        return without_control(self.all_files())

    def get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_object(Bucket=self.settings.bucket, Key=self._prefix + path)
        return answer

    def write(self, path: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.settings.bucket, Key=self._prefix + path, Body=data)

    def remove(self, path: str) -> None:
        self.client.delete_object(Bucket=self.settings.bucket, Key=self._prefix + path)


def new_bucket(place: S3Place) -> S3Place:
    """Make the place's bucket."""
    place.client.create_bucket(Bucket=place.settings.bucket)
    return place


def _whole(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Let a server take no body that is not as long, or has not the digest, that its head says.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """

    def answer(asked: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        length, digest = asked.get("CONTENT_LENGTH", ""), asked.get("HTTP_CONTENT_MD5")
        body = asked["wsgi.input"].read(int(length)) if length.isdecimal() else b""
        code = ""
        if not length.isdecimal() and asked["REQUEST_METHOD"] == "PUT":
            code = "MissingContentLength"
        elif len(body) < int(length or 0):
            code = "IncompleteBody"
        elif digest and b64decode(digest) != md5(body, usedforsecurity=False).digest():
            code = "BadDigest"
        if code:
            start("400 Bad Request", [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code></Error>".encode()]
        return app({**asked, "wsgi.input": BytesIO(body)}, start)

    return answer


@contextmanager
def moto(service: str) -> Iterator[str]:
    """Run moto's server for one service on this machine; yield its address.

    It is asked for the service at once: what finds that out for each request takes longer than the answer. Where it
    would keep the half of an object, of which the rest never came, it refuses as S3 does.
    """
    from moto.moto_server.werkzeug_app import create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: object) -> None:
            """Say nothing."""

    server = make_server("127.0.0.1", 0, _whole(create_backend_app(service)), threaded=True, request_handler=Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
