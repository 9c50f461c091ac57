"""The SSH server of OpenSSH on this machine, with keys and a list of known hosts of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

from network import free_port
from places import RsyncPlace

from generator.base.deploy_settings import RsyncTarget

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
AuthorizedKeysFile {home}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
SetEnv HOME={home}
"""
_CLIENT = """\
IdentityFile {home}/user
IdentitiesOnly yes
IdentityAgent none
UserKnownHostsFile {home}/known_hosts
GlobalKnownHostsFile none
"""


class Sshd:
    """A running server. `bin` holds a program `ssh`, which is the machine's with our keys and hosts."""

    def __init__(self, home: Path):
        self.home, self.port, self.bin = home, free_port(), home / "bin"
        self.user = pwd.getpwuid(os.getuid()).pw_name
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)], check=True)
        self.let_in()
        (home / "sshd_config").write_text(_CONFIG.format(port=self.port, home=home))
        (home / "ssh_config").write_text(_CLIENT.format(home=home))
        self.bin.mkdir()
        (self.bin / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {home}/ssh_config "$@"\n')
        (self.bin / "ssh").chmod(0o755)
        self.know(self.port)
        with suppress(PermissionError):
            Path("/run/sshd").mkdir(exist_ok=True)
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "sshd is not installed: `make servers`"
        self._process = subprocess.Popen([program, "-D", "-f", str(home / "sshd_config"), "-E", str(home / "log")])
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            with suppress(OSError), create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise AssertionError((self.home / "log").read_text())

    def know(self, port: int) -> None:
        """Let the host be known at a port, too."""
        key = (self.home / "host.pub").read_text()
        with (self.home / "known_hosts").open("a") as known:
            known.write(f"[127.0.0.1]:{port} {key}")

    def let_in(self, command: str = "") -> None:
        """Let our key in, to run a command instead of what it asks for."""
        asked = f'command="{command}" ' if command else ""
        (self.home / "authorized_keys").write_text(asked + (self.home / "user.pub").read_text())

    def close(self) -> None:
        """Take no more connections."""
        self._process.terminate()
        self._process.wait()


@contextmanager
def sshd_server(home: Path) -> Iterator[Sshd]:
    """Run a server until the block ends."""
    server = Sshd(home)
    try:
        yield server
    finally:
        server.close()


class SshPlace(RsyncPlace):
    """A folder that rsync brings files to over SSH."""

    def __init__(self, root: Path, server: Sshd, port: int = 0):
        self.root = root / "srv" / "www"
        self.settings = RsyncTarget(host="127.0.0.1", port=port or server.port, user=server.user, path=str(self.root))
