"""An SSH server on this machine, with a key and a list of known hosts of its own: SFTP, and commands for rsync."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
from release_kit import without_control
from site_kit import tree

from generator.base.deploy_settings import SftpTarget
from generator.deploy.target import Target
from generator.deploy.targets import open_target


class FaultyFiles(asyncssh.SFTPServer):
    """Serves files, and refuses what `fail` says: (operation, path) -> a failure or None."""

    fail: Any = None

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if pflags & asyncssh.FXF_WRITE and FaultyFiles.fail and (failure := FaultyFiles.fail(path)):
            raise failure
        return super().open(path, pflags, attrs)


class Server:
    """A running server."""

    def __init__(self, home: Path):
        self.home, self.port = home, 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)

    async def _listen(self) -> None:
        folder = self.home / ".ssh"
        folder.mkdir(parents=True, mode=0o700)
        host, user = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
        user.write_private_key(folder / "id_ed25519")
        (folder / "id_ed25519").chmod(0o600)
        user.write_public_key(folder / "authorized_keys")
        self._server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host],
            authorized_client_keys=str(folder / "authorized_keys"),
            sftp_factory=FaultyFiles,
            process_factory=_run,
            encoding=None,
        )
        self.port = self._server.get_port()
        self.host_key = host.export_public_key().decode().strip()
        self.know(self.port)

    def know(self, port: int) -> None:
        """Let the host be known at a port, too."""
        with (self.home / ".ssh" / "known_hosts").open("a") as known:
            known.write(f"[127.0.0.1]:{port} {self.host_key}\n")

    def close(self) -> None:
        """Take no more connections."""
        self._loop.call_soon_threadsafe(self._server.close)


async def _run(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Run what is asked for, as a real server does."""
    running = await asyncio.create_subprocess_shell(
        process.command or "true",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await process.redirect(stdin=running.stdin, stdout=running.stdout, stderr=running.stderr)
    process.exit(await running.wait())


@contextmanager
def ssh_server(home: Path) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(home)
    try:
        yield server
    finally:
        server.close()


class SftpPlace:
    """A folder behind an SFTP server."""

    def __init__(self, root: Path, port: int):
        self.root = root / "srv" / "www"
        self.settings = SftpTarget(host="127.0.0.1", port=port, user="news", path=str(self.root))

    def open(self) -> Target:
        return open_target(self.settings, self.root, self.root)

    def all_files(self) -> dict[str, bytes]:
        return tree(self.root) if self.root.exists() else {}

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
