"""rsync: files that go in batches, and all else done by a shell where they stand; over SSH or on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.base.deploy_settings import RsyncTarget
from generator.deploy.lease import Lease, hold_lease
from generator.deploy.manifest import CONTROL
from generator.deploy.rsync_lease import LeaseLink
from generator.deploy.shell import COMING, NOT_THERE, Shell, check_installed
from generator.deploy.ssh_words import GONE
from generator.deploy.store import MANIFEST, SAVED
from generator.deploy.target import DeployRefused, Put, Say, Source

BATCH, BATCH_SIZE = 500, 32_000_000  # files, bytes that go with one run of rsync
# A file is written in our own folder and renamed into place; folders and links of others on the way stay as they are.
# Whatever is kept secret on this machine by default, a web server must read it there.
_PUT = ["--files-from=-", "--from0", "--no-implied-dirs", "--ignore-times", "--chmod=F644", f"--temp-dir={COMING}"]
_LIST = ["--recursive", "--links", "--devices", "--specials", "--dry-run", "--out-format=%l %n"]
_READ = f'[ -f "$1" ] || exit {NOT_THERE}; cat -- "$1"'
_FOLDER = 'case "$name" in */*) mkdir -p -- "${name%/*}" || exit 255;; esac;'
_WRITE = f'name="$1"; {_FOLDER} mv -f -- "$in" "$name"'
_COPY_ONE = (
    f'from="$1"; name="$2"; beside="{COMING}/copy.$$"; [ -f "$from" ] || {{ echo "{GONE}$from" >&2; exit 255; }};'
    f'{_FOLDER} [ ! -d "$name" ] || exit 255;'
    'if [ ! "$from" -ef "$name" ]; then ln -f -- "$from" "$beside" 2> /dev/null || cp -- "$from" "$beside" || exit 255;'
    'mv -f -- "$beside" "$name" || exit 255; fi;'
)
_PAIRS = 100  # of names that one shell copies
_COPY = f"xargs -0 -n {2 * _PAIRS} sh -c '" + f"while [ $# -gt 1 ]; do {_COPY_ONE} shift 2; done" + '\' sh < "$in"'
_DELETE = 'xargs -0 rm -f -- < "$in"'
_REMOVE_EMPTY = 'xargs -0 rmdir -- < "$in" 2> /dev/null; :'
_EXISTING = (
    "xargs -0 sh -c 'for name; do"
    ' if [ -L "$name" ] || [ -e "$name" ] && [ ! -d "$name" ]; then echo y; else echo n; fi; done\' sh'
)
_TIDY = f"find {COMING} -type f -exec rm -f -- '{{}}' +"
_LEAVE = f"[ -f {MANIFEST} ] || rmdir {COMING} {CONTROL} 2> /dev/null; :"
_OWN = f"find {CONTROL} -path {COMING} -prune -o -type f -print"
_ESCAPED = re.compile(rb"\\#(\d{3})")  # how rsync writes what is not ASCII


class RsyncStore:
    """A folder, here or on a host."""

    keeps_headers = False
    has_folders = True
    copies_singly = False
    leaves_thread = False

    def __init__(self, target: RsyncTarget, root: Path):
        check_installed(target)
        self.place = f"{target.host}:{target.path}" if target.host else target.path
        self._shell = Shell(target, root, self.place)
        self._sending = ["--compress"] if target.host else ["--whole-file"]
        self._lease: Lease | None = None

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        """Hold the folder by a lease, and take away what a killed deploy has left in the midst."""
        try:
            self._shell.make()
            with hold_lease(LeaseLink(self._shell, self.place), self.place, waiting) as self._lease:
                self._shell.ask(_TIDY)
                yield
        except DeployRefused:
            if self._lease:  # somebody else's folder is left as it was found
                self._shell.ask(_LEAVE)
            raise
        finally:
            self._lease = None
            self._shell.hang_up()

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        return self._shell.ask(_READ, name)

    def write(self, name: str, data: bytes) -> None:
        """Replace one of our own files in one step."""
        self._check()
        self._shell.act(_WRITE, name, data=data)

    def copy(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Let files stand at another place, too."""
        names = [name for pair in pairs for name in pair]
        if names:
            self._check()
            self._shell.act(_COPY, data=_joined(names))

    def put(self, puts: Sequence[Put], source: Source, done: Callable[[Put], None]) -> None:
        """Put files in place, a batch with each run of rsync."""
        for batch in _batches(puts):
            self._check()
            if source.saved:
                self.copy((f"{SAVED}/{put.row.digest}", put.path) for put in batch)
            else:
                self._send(batch, source)
            for put in batch:
                done(put)

    def _send(self, puts: Sequence[Put], source: Source) -> None:
        """Send the very bytes that the rows tell, from a folder where nothing else can change them.

        In a list of rsync's a name that begins with `#` or `;` would be a comment.
        """
        with TemporaryDirectory(prefix="broadsheet-") as folder:
            for put in puts:
                file = Path(folder, put.path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(source.read(put.path, put.row))
            self._shell.rsync([*_PUT, *self._sending], folder, _joined(f"./{put.path}" for put in puts))

    def delete(self, names: Sequence[str]) -> None:
        """Delete files, and the folders that this leaves empty."""
        if names:
            self._check()
            self._shell.act(_DELETE, data=_joined(names))
        if folders := _folders(names):
            self._shell.act(_REMOVE_EMPTY, data=_joined(folders))

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the names that are files."""
        names = list(paths)
        answers = (self._shell.ask(_EXISTING, data=_joined(names)) or b"").split() if names else []
        return {name for name, answer in zip(names, answers, strict=False) if answer == b"y"}

    def listing(self) -> dict[str, int]:
        """Return the size of every file but our own."""
        if self._shell.ask("") is None:
            return {}
        rows = self._shell.rsync([*_LIST, f"--exclude=/{CONTROL}"], "").splitlines()
        found = [row.partition(b" ") for row in rows]
        return {_unescaped(name): int(size) for size, _, name in found if not name.endswith(b"/")}

    def own(self) -> Iterable[str]:
        """Return the names of our own files."""
        return (self._shell.ask(_OWN) or b"").decode().splitlines()

    def _check(self) -> None:
        if self._lease:
            self._lease.check()


def _batches(puts: Sequence[Put]) -> Iterator[list[Put]]:
    batch, size = [], 0
    for put in puts:
        batch.append(put)
        size += put.row.size
        if len(batch) == BATCH or size >= BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _folders(names: Sequence[str]) -> list[str]:
    """Return the folders of these files and those above them, the deepest first; our own stay."""
    above = {"/".join(parts[:depth]) for parts in (name.split("/") for name in names) for depth in range(1, len(parts))}
    return sorted((folder for folder in above if folder.split("/")[0] != CONTROL), key=lambda each: -each.count("/"))


def _joined(names: Iterable[str]) -> bytes:
    return b"".join(name.encode("utf-8", "surrogateescape") + b"\0" for name in names)


def _unescaped(name: bytes) -> str:
    return _ESCAPED.sub(lambda code: bytes([int(code[1], 8)]), name).decode("utf-8", "surrogateescape")
