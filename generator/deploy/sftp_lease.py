"""The lease of a folder on an SFTP server: a file that one of many can make, and whose times are the server's."""

from __future__ import annotations

import secrets

import asyncssh

from generator.deploy.lease import LEASE, Seen, no_lease
from generator.deploy.line import Line
from generator.deploy.sftp_files import COMING, RemoteFiles

_FILE = (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)  # some servers do not say


class LeaseFile:
    """The lease of a folder: a file that one of many can make. Its times are those of the server."""

    def __init__(self, line: Line, files: RemoteFiles, place: str):
        self._line, self._files, self._place = line, files, place

    def seen(self) -> Seen | None:
        """Return the lease that is there, and its age.

        Raises:
            DeployRefused: where a folder or a link is in its place.
        """
        return self._line.do(self._seen())

    def claim(self, token: str, over: Seen | None) -> bool:
        """Make the lease; one that is to be taken over is moved out of the way first."""
        return self._line.do(self._claim(token, over))

    def renew(self, token: str) -> bool:
        """Make the lease young again, if it is ours."""
        return self._line.do(self._renew(token))

    def release(self, token: str) -> None:
        """Remove the lease, if it is ours."""
        if self._line.do(self._files.read(LEASE)) == token.encode():
            self._line.do(self._files.delete(LEASE))

    async def _seen(self) -> Seen | None:
        client = self._line.client()
        try:
            there = await client.lstat(self._files.at(LEASE))
            if there.type not in _FILE:
                raise no_lease(self._place)
            mark = await self._files.read(LEASE)
        except asyncssh.SFTPNoSuchFile:
            return None
        clock = self._files.at(f"{COMING}/{secrets.token_hex(8)}")
        async with client.open(clock, "wb") as file:
            await file.write(b"now")
        now = (await client.lstat(clock)).mtime or 0
        await client.remove(clock)
        return None if mark is None else Seen(mark.decode("latin-1"), now - (there.mtime or 0))

    async def _claim(self, token: str, over: Seen | None) -> bool:
        client = self._line.client()
        lease, away = self._files.at(LEASE), f"{COMING}/{token}"
        try:
            if over:
                await client.posix_rename(lease, self._files.at(away))
                if await self._files.read(away) != over.mark.encode("latin-1"):
                    # Somebody else was faster: it is theirs.
                    await client.link(self._files.at(away), lease)
                    return False
            async with client.open(lease, "xb") as file:
                await file.write(token.encode())
        except asyncssh.SFTPError as error:
            if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPPermissionDenied):
                raise
            return False
        return await self._files.read(LEASE) == token.encode()

    async def _renew(self, token: str) -> bool:
        if await self._files.read(LEASE) != token.encode():
            return False
        async with self._line.client().open(self._files.at(LEASE), "r+b") as file:
            await file.write(token.encode(), 0)
        return True
