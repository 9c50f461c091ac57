"""What goes: the files that the last build left in the output folder, known by its listing and read once."""

from __future__ import annotations

from pathlib import Path

from generator.base.digest import digest_bytes
from generator.base.listing import NAME, decode_rows
from generator.deploy.manifest import Row
from generator.deploy.target import DeployFailed

_PREVIEW = b"/_broadsheet/preview.js"


class OutputFolder:
    """The output of a build. No byte is read to find out what is in it."""

    saved = False

    def __init__(self, folder: Path):
        self._folder = folder

    def rows(self) -> dict[str, Row]:
        """Return every file of the site by its path."""
        listed = decode_rows((self._folder / NAME).read_bytes())
        return {path: Row(digest, size) for path, digest, size in listed}

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
            data = (self._folder / path).read_bytes()
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
