"""What goes: the files that the last build left in the output folder, known by its listing and read once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from generator.base.deploy_settings import Caching
from generator.base.digest import digest_bytes
from generator.base.files import read_file
from generator.base.listing import NAME, decode_line
from generator.deploy.headers import headers_of
from generator.deploy.manifest import Row
from generator.deploy.target import DeployFailed

_PREVIEW = b"/_broadsheet/preview.js"


class OutputFolder:
    """The output of a build. No byte is read to find out what is in it.

    `caching` says which headers files have where they go, None where they have none there.
    """

    saved = False

    def __init__(self, folder: Path, caching: Caching | None = None):
        self._folder, self._caching = folder, caching
        self._known: dict[str, tuple[str, Row]] = {}  # by lines of the listing

    def prepare(self) -> None:
        """Read what is there now, which may be nothing: after a build most of it is the same."""
        with suppress(OSError, ValueError):
            self.rows()

    def rows(self) -> dict[str, Row]:
        """Return every file of the site by its path."""
        known, lines = self._known, (self._folder / NAME).read_bytes().decode().split("\n")
        return dict([known.get(line) or self._row(line) for line in lines if line])

    def _row(self, line: str) -> tuple[str, Row]:
        path, digest, size = decode_line(line)
        told = headers_of(path, self._caching).short() if self._caching else ""
        self._known[line] = path, Row(digest, size, told)
        return self._known[line]

    def redirects(self) -> int:
        """Return the number of rules in the file of redirects that hosts read."""
        try:
            return sum(bool(line.strip()) for line in (self._folder / "_redirects").read_bytes().split(b"\n"))
        except OSError:
            return 0

    def has_traces(self) -> bool:
        """Tell whether the front page is one of a preview."""
        try:
            return _PREVIEW in (self._folder / "index.html").read_bytes()
        except OSError:
            return False

    def read(self, path: str, row: Row) -> bytes:
        """Return the bytes of a file.

        Raises:
            DeployFailed: where they are not those that the build made.
        """
        try:
            data = read_file(f"{self._folder}/{path}", row.size)
        except OSError:
            data = b""
        if digest_bytes(data).hex() != row.digest:
            raise DeployFailed(f"{self._folder / path}: was changed while it was deployed; deploy again")
        return data


class KeptAside:
    """The version before, which the target has itself."""

    saved = True

    def read(self, path: str, row: Row) -> bytes:
        """Nothing is read here."""
        raise NotImplementedError(f"{path} ({row.digest}) is on the target")
