"""Files of a folder on an SFTP server, one by one: each is written beside its place and renamed into it."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

import asyncssh

from generator.deploy.line import Line
from generator.deploy.manifest import CONTROL
from generator.deploy.store import OWN_FILES, SAVED
from generator.deploy.target import gone, no_place

COMING = f"{CONTROL}/coming"  # a folder of files that are not whole yet
OWN = [*((name, "folder") for name in (CONTROL, SAVED, COMING)), *((name, "file") for name in OWN_FILES)]
_KINDS = {"folder": asyncssh.FILEXFER_TYPE_DIRECTORY, "file": asyncssh.FILEXFER_TYPE_REGULAR}


class RemoteFiles:
    """A folder, and what is done to a file in it; all of it runs on the line."""

    def __init__(self, line: Line, root: str, place: str):
        self._line, self._root, self._place = line, root, place
        self._folders: set[str] = set()

    async def check(self, own: tuple[str, str]) -> None:
        """Check that what lies in the place of a file or a folder of ours is one: behind a link lies what is not.

        Raises:
            DeployRefused: where it is something else.
        """
        name, kind = own
        with suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNotADirectory):
            there = (await self._line.client().lstat(self.at(name))).type
            if there not in (_KINDS[kind], asyncssh.FILEXFER_TYPE_UNKNOWN):  # some servers do not say
                raise no_place(self._place, name, kind)

    async def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        try:
            async with self._line.client().open(self.at(name), "rb") as file:
                data: Any = await file.read()
                return bytes(data)
        except asyncssh.SFTPNoSuchFile:
            return None

    async def write(self, name: str, data: bytes) -> None:
        """Upload under a name of its own, and give the file its name when it is whole."""
        beside = f"{COMING}/{secrets.token_hex(8)}"
        async with self._line.client().open(self.at(beside), "wb") as file:
            await file.write(data)
        await self._move(beside, name)

    async def copy(self, source: str, name: str) -> None:
        """Make a link; where the server has none, write the bytes again."""
        beside = f"{COMING}/{secrets.token_hex(8)}"
        try:
            await self._line.client().link(self.at(source), self.at(beside))
        except asyncssh.SFTPNoSuchFile:
            raise gone(self._place, source) from None
        except asyncssh.SFTPOpUnsupported:
            data = await self.read(source)
            if data is None:
                raise gone(self._place, source) from None
            await self.write(name, data)
            return
        await self._move(beside, name)
        with suppress(asyncssh.SFTPNoSuchFile):  # it is left where both names are one file already (rename(2))
            await self._line.client().remove(self.at(beside))

    async def _move(self, beside: str, name: str) -> None:
        await self.make_folder(name.rpartition("/")[0])
        await self._line.client().posix_rename(self.at(beside), self.at(name))

    async def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no mistake."""
        with suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNotADirectory):
            await self._line.client().remove(self.at(name))

    async def make_folder(self, folder: str) -> None:
        """Make a folder and those above it."""
        if folder and folder not in self._folders:
            await self._line.client().makedirs(self.at(folder), exist_ok=True)
            self._folders.add(folder)

    async def entries(self, folder: str) -> list[tuple[str, int | None]]:
        """Return what is in a folder: files with their sizes in bytes, folders with None."""
        found: list[tuple[str, int | None]] = []
        with suppress(asyncssh.SFTPNoSuchFile):
            async for entry in self._line.client().scandir(self.at(folder) if folder else self._root or "."):
                if entry.filename not in (".", ".."):
                    is_folder = entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY
                    found.append(
                        (f"{folder}/{entry.filename!s}".lstrip("/"), None if is_folder else entry.attrs.size or 0)
                    )
        return found

    async def remove_empty(self, folders: set[str]) -> None:
        """Remove folders that are empty, and those above them that this leaves empty."""
        while folders:
            above = set()
            for folder in sorted(folders, reverse=True):
                with suppress(asyncssh.SFTPError):
                    await self._line.client().rmdir(self.at(folder))
                    self._folders.discard(folder)
                    above.add(folder.rpartition("/")[0])
            folders = above - {""}

    async def tidy(self) -> None:
        """Take away what a killed deploy has left in the midst."""
        for name in await self._line.client().listdir(self.at(COMING)):
            if name not in (".", ".."):
                await self.delete(f"{COMING}/{name}")

    def at(self, name: str) -> str:
        """Return a name as the server knows it."""
        return f"{self._root}/{name}"
