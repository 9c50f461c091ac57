"""SFTP: files uploaded under names of their own and renamed into place; a lease by exclusive creation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import asyncssh

from generator.base.deploy_settings import SftpTarget
from generator.deploy.lease import Lease, hold_lease
from generator.deploy.line import Line
from generator.deploy.manifest import CONTROL
from generator.deploy.sftp_files import COMING, OWN, RemoteFiles
from generator.deploy.sftp_lease import LeaseFile
from generator.deploy.store import MANIFEST, SAVED
from generator.deploy.target import DeployRefused, Put, Say, Source


class SftpStore:
    """A folder of a host that is reached by SFTP."""

    keeps_headers = False
    has_folders = True
    copies_singly = False
    leaves_thread = True

    def __init__(self, target: SftpTarget):
        self._root = target.path.rstrip("/")
        self.place = f"sftp://{target.host}/{self._root.lstrip('/')}"
        self._line = Line(target, self.place)
        self._files = RemoteFiles(self._line, self._root, self.place)
        self._lease: Lease | None = None

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        """Hold the folder by a lease, and take away what a killed deploy has left in the midst."""
        try:
            self._line.each(OWN, self._files.check)
            self._line.do(self._files.make_folder(COMING))
            with hold_lease(LeaseFile(self._line, self._files, self.place), self.place, waiting) as self._lease:
                self._line.do(self._files.tidy())
                yield
        except DeployRefused:
            if self._lease and self.read(MANIFEST) is None:  # somebody else's folder is left as it was found
                self._line.do(self._files.remove_empty({COMING}))
            raise
        finally:
            self._lease = None
            self._line.hang_up()

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        return self._line.do(self._files.read(name))

    def write(self, name: str, data: bytes) -> None:
        """Replace one of our own files in one step."""
        self._check()
        self._line.do(self._files.write(name, data))

    def copy(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Let files stand at another place, too."""
        self._line.each(list(pairs), lambda pair: self._files.copy(*pair))

    def put(self, puts: Sequence[Put], source: Source, done: Callable[[Put], None]) -> None:
        """Put files in place, many at once."""

        async def one(put: Put) -> None:
            self._check()
            if source.saved:
                await self._files.copy(f"{SAVED}/{put.row.digest}", put.path)
            else:
                await self._files.write(put.path, source.read(put.path, put.row))

        self._line.each(puts, one, done)

    def delete(self, names: Sequence[str]) -> None:
        """Delete files, and the folders that this leaves empty."""
        self._check()
        self._line.each(names, self._files.delete)
        parents = {name.rpartition("/")[0] for name in names} - {"", CONTROL, SAVED, COMING}
        self._line.do(self._files.remove_empty(parents))

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the names that are files."""
        found: set[str] = set()

        async def look(path: str) -> None:
            with suppress(asyncssh.SFTPNoSuchFile):
                if (await self._line.client().lstat(self._files.at(path))).type != asyncssh.FILEXFER_TYPE_DIRECTORY:
                    found.add(path)

        self._line.each(list(paths), look)
        return found

    def listing(self) -> dict[str, int]:
        """Return the size of every file but our own."""
        found: dict[str, int] = {}
        level = [""]
        while level:
            below: list[str] = []

            async def look(folder: str, below: list[str] = below) -> None:
                for name, size in await self._files.entries(folder):
                    if size is None:
                        below.append(name)
                    else:
                        found[name] = size

            self._line.each(level, look)
            level = [folder for folder in below if folder != CONTROL]
        return found

    def own(self) -> Iterable[str]:
        """Return the names of our own files."""
        entries = [each for folder in (CONTROL, SAVED) for each in self._line.do(self._files.entries(folder))]
        return [name for name, size in entries if size is not None]

    def _check(self) -> None:
        if self._lease:
            self._lease.check()
