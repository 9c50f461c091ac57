"""A shell in a web root, here or on a host that ssh reaches: scripts are fixed, and names are data."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.base.deploy_settings import RsyncTarget
from generator.deploy.manifest import CONTROL
from generator.deploy.ssh_words import TAKEN, failure
from generator.deploy.store import OWN_FILES, SAVED
from generator.deploy.target import DeployRefused

COMING = f"{CONTROL}/coming"  # a folder of files that are not whole yet
NOT_THERE = 44  # how a script ends when what it is asked for is not there
_GOODBYE = 3  # s
_SSH_PORT = 22
# Nobody is asked, and no host is trusted at sight; what `~/.ssh/config` says of the way to a host holds.
_OPTIONS = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "ConnectTimeout": "20",
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "4",
    "ClearAllForwardings": "yes",
    "ControlPersist": "no",
    "RemoteCommand": "none",
    "LogLevel": "ERROR",
}
# Behind a link lies what is not ours, and `mv` would put a file into a folder of its name.
_OURS = (
    'for name in {names}; do if [ -L "$1/$name" ] || {{ [ -e "$1/$name" ] && [ ! -{test} "$1/$name" ]; }}; then '
    f'echo "{TAKEN}{{kind}} $name" >&2; exit 1; fi; done;'
)
_OUR_FOLDERS = _OURS.format(names=" ".join((CONTROL, SAVED, COMING)), test="d", kind="folder")
_OUR_FILES = _OURS.format(names=" ".join(OWN_FILES), test="f", kind="file")
# $1 is the web root. A script must be one line without backslashes, for whatever shell somebody has there to read it.
_ENTER = f'[ -d "$1" ] || exit {NOT_THERE}; cd "$1" || exit 1; shift;'
# Data come through a file: a connection that is cut looks like the end of them, and half a list is another list.
_TAKE = f'in="{COMING}/$1"; cat > "$in" || exit 1; [ $(wc -c < "$in") -eq $2 ] || exit 1; shift 2;'


class Shell:
    """Runs scripts and rsync in a web root; all of it goes through one connection, which is made when it is needed."""

    def __init__(self, target: RsyncTarget, root: Path, place: str):
        self._target, self._place = target, place
        self._root = _from_home(target.path) if target.host else os.path.normpath(root / target.path)
        self._guard = threading.Lock()
        self._ssh: list[str] = []
        self._end: Callable[[], object] = lambda: None

    def make(self) -> None:
        """Make the web root and our own folder where they are not.

        Raises:
            DeployRefused: where something else takes the place of a file or a folder of ours.
        """
        self._checked(self._sh(f'{_OUR_FOLDERS}{_OUR_FILES}mkdir -p -- "$1/{COMING}"', ()))

    def ask(self, script: str, *words: str, data: bytes = b"") -> bytes | None:
        """Run a script that reads `data`, and return what it says; None where what it asks for is not there."""
        done = self._sh(_ENTER + script, words, data)
        return None if done.returncode == NOT_THERE else self._checked(done)

    def act(self, script: str, *words: str, data: bytes) -> None:
        """Run a script that finds the data, once they are whole, in the file `$in`."""
        took = (secrets.token_hex(8), str(len(data)))
        self._checked(self._sh(f'{_ENTER}{_TAKE}{script} && rm -f -- "$in"', (*took, *words), data))

    def rsync(self, options: Sequence[str], source: str, data: bytes = b"") -> bytes:
        """Run rsync from a folder here to the web root, or from there ("") to nowhere."""
        there = f"{self._address()}{self._root}/"
        shell = ["-e", shlex.join(self._connected()[:-1])] if self._target.host else []
        command = ["rsync", "--protect-args", "--timeout=60", *shell, *options]
        ends = [f"{source}/", there] if source else [there, "/nowhere/"]
        return self._checked(_run([*command, *ends], data))

    def hang_up(self) -> None:
        """Close the connection; whoever asks again gets a new one."""
        with self._guard:
            self._ssh = []
            self._end()

    def _address(self) -> str:
        host = self._target.host
        return f"[{host}]:" if ":" in host else f"{host}:" if host else ""

    def _sh(self, script: str, words: tuple[str, ...], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["sh", "-c", script, "broadsheet", self._root, *words]
        return _run([*self._connected(), shlex.join(command)] if self._target.host else command, data)

    def _checked(self, done: subprocess.CompletedProcess[bytes]) -> bytes:
        if done.returncode:
            raise failure(self._place, done.stderr)
        return done.stdout

    def _connected(self) -> list[str]:
        """Return the command that reaches the host through the one connection."""
        with self._guard:
            if not self._ssh:
                self._ssh = self._connect()
            return self._ssh

    def _connect(self) -> list[str]:
        """Log in with what the machine has: its agent, its keys, its list of known hosts."""
        folder = TemporaryDirectory(prefix="broadsheet-")
        command = ["ssh", "-T", "-a", "-x", "-S", f"{folder.name}/line", *_options(self._target)]
        said = open(f"{folder.name}/said", "w+b")  # noqa: SIM115  it lasts as long as the connection
        # It ends with its standard input, so also when we are killed.
        pipe = subprocess.PIPE
        there = [self._target.host, "echo ready; exec cat"]
        command_line = [*command, "-M", *there]
        master = subprocess.Popen(command_line, stdin=pipe, stdout=pipe, stderr=said, env=_environment())  # noqa: S603
        self._end = weakref.finalize(self, _hang_up, master, said, folder)
        assert master.stdout
        if b"ready\n" not in iter(master.stdout.readline, b""):
            said.seek(0)
            problem = failure(self._place, said.read())
            self._end()
            raise problem
        return [*command, "-o", "ControlMaster=no", self._target.host]


def check_installed(target: RsyncTarget) -> None:
    """Check that the programs are there.

    Raises:
        DeployRefused: where one is not.
    """
    missing = [name for name in ("rsync", *(["ssh"] if target.host else [])) if shutil.which(name) is None]
    if missing:
        raise DeployRefused([f"{' and '.join(missing)} must be installed for a target of this type"])


def _options(target: RsyncTarget) -> list[str]:
    """Return the options for ssh; a port or a user that is not said is for `~/.ssh/config` to say."""
    words = [word for name, value in _OPTIONS.items() for word in ("-o", f"{name}={value}")]
    words += ["-p", str(target.port)] if target.port != _SSH_PORT else []
    return words + (["-l", target.user] if target.user else [])


def _from_home(path: str) -> str:
    """Return a path of a host so that none of its letters means something else to a program."""
    return path if path.startswith("/") else f"./{path}"


def _run(command: list[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=data, capture_output=True, check=False, env=_environment())  # noqa: S603


def _environment() -> dict[str, str]:
    """Return an environment in which programs speak English, and rsync does what it does everywhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RSYNC_")} | {"LC_ALL": "C"}


def _hang_up(master: subprocess.Popen[bytes], said: object, folder: TemporaryDirectory[str]) -> None:
    for pipe in (master.stdin, master.stdout, said):
        with suppress(OSError):
            pipe.close()  # type: ignore[attr-defined]
    try:
        master.wait(_GOODBYE)
    except subprocess.TimeoutExpired:
        master.kill()
        master.wait()
    folder.cleanup()
