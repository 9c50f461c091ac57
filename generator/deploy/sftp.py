"""SFTP: files uploaded under names of their own and renamed into place; a lease by exclusive creation."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, TypeVar

import asyncssh

from generator.base.deploy_settings import SftpTarget
from generator.deploy.lease import Lease, Seen, hold_lease
from generator.deploy.manifest import CONTROL
from generator.deploy.store import SAVED
from generator.deploy.target import DeployFailed, DeployRefused, Put, Say, Source

WORKERS = 32
PASSWORD = "BROADSHEET_SFTP_PASSWORD"  # noqa: S105  the name of a variable
_LEASE, _TEMPORARY = f"{CONTROL}/lease", f"{CONTROL}/coming"
_CONNECT = 20  # s
_GOODBYE = 3  # s
_ALIVE = 15  # s between two questions whether the server is there; after four without an answer it is not
_UNKNOWN_HOST = "the host key is not known; compare it with the host's, and put it into ~/.ssh/known_hosts"
_NO_ACCESS = f"access is denied; give an SSH agent, a key in ~/.ssh, or {PASSWORD} in the environment"

T = TypeVar("T")


class SftpStore:
    """A folder of a host that is reached by SFTP."""

    keeps_headers = False
    has_folders = True

    def __init__(self, target: SftpTarget):
        self._target = target
        self._root = target.path.rstrip("/")
        self.place = f"sftp://{target.host}/{self._root.lstrip('/')}"
        self._lease: Lease | None = None
        self._folders: set[str] = set()
        self._sftp: asyncssh.SFTPClient | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # it runs in a thread of its own while it is needed

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        """Hold the folder by a lease, and take away what a killed deploy has left in the midst."""
        try:
            self._do(self._make_folder(_TEMPORARY))
            with hold_lease(_LeaseFile(self), self.place, waiting) as self._lease:
                self._do(self._tidy())
                yield
        finally:
            self._lease = None
            self._hang_up()

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        return self._do(self._read(name))

    def write(self, name: str, data: bytes) -> None:
        """Replace one of our own files in one step."""
        self._check()
        self._do(self._write(name, data))

    def copy(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Let files stand at another place, too."""
        self._each(list(pairs), lambda pair: self._copy(*pair))

    def put(self, puts: Sequence[Put], source: Source, done: Callable[[Put], None]) -> None:
        """Put files in place, many at once."""

        async def one(put: Put) -> None:
            if source.saved:
                await self._copy(f"{SAVED}/{put.row.digest}", put.path)
            else:
                await self._write(put.path, source.read(put.path, put.row))

        self._each(puts, one, done)

    def delete(self, names: Sequence[str]) -> None:
        """Delete files, and the folders that this leaves empty."""
        self._each(names, self._delete)
        parents = {name.rpartition("/")[0] for name in names} - {"", CONTROL, SAVED, _TEMPORARY}
        self._do(self._remove_empty(parents))

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the names that are files."""
        found: set[str] = set()

        async def look(path: str) -> None:
            with suppress(asyncssh.SFTPNoSuchFile):
                if (await self._client().lstat(self._at(path))).type != asyncssh.FILEXFER_TYPE_DIRECTORY:
                    found.add(path)

        self._each(list(paths), look)
        return found

    def listing(self) -> dict[str, int]:
        """Return the size of every file but our own."""
        found: dict[str, int] = {}
        level = [""]
        while level:
            below: list[str] = []

            async def look(folder: str, below: list[str] = below) -> None:
                with suppress(asyncssh.SFTPNoSuchFile):
                    async for entry in self._client().scandir(self._at(folder) if folder else self._root or "."):
                        name = f"{folder}/{entry.filename!s}".lstrip("/")
                        if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                            below.extend([name] * (entry.filename not in (".", "..") and name != CONTROL))
                        else:
                            found[name] = entry.attrs.size if entry.attrs.size is not None else -1

            self._each(level, look)
            level = below
        return found

    # -- one file ------------------------------------------------------------------------------------------------------

    async def _read(self, name: str) -> bytes | None:
        try:
            async with self._client().open(self._at(name), "rb") as file:
                data: Any = await file.read()
                return bytes(data)
        except asyncssh.SFTPNoSuchFile:
            return None

    async def _write(self, name: str, data: bytes) -> None:
        """Upload under a name of its own, and give the file its name when it is whole."""
        beside = f"{_TEMPORARY}/{secrets.token_hex(8)}"
        async with self._client().open(self._at(beside), "wb") as file:
            await file.write(data)
        await self._move(beside, name)

    async def _copy(self, source: str, name: str) -> None:
        """Make a link; where the server has none, write the bytes again."""
        beside = f"{_TEMPORARY}/{secrets.token_hex(8)}"
        try:
            await self._client().link(self._at(source), self._at(beside))
        except asyncssh.SFTPOpUnsupported:
            data = await self._read(source)
            if data is None:
                raise DeployFailed(f"{self.place}/{source}: is not there; deploy with `--check`") from None
            await self._write(name, data)
            return
        await self._move(beside, name)
        with suppress(asyncssh.SFTPNoSuchFile):  # it is left where both names are one file already (rename(2))
            await self._client().remove(self._at(beside))

    async def _move(self, beside: str, name: str) -> None:
        await self._make_folder(name.rpartition("/")[0])
        await self._client().posix_rename(self._at(beside), self._at(name))

    async def _delete(self, name: str) -> None:
        with suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNotADirectory):
            await self._client().remove(self._at(name))

    async def _make_folder(self, folder: str) -> None:
        if folder and folder not in self._folders:
            await self._client().makedirs(self._at(folder), exist_ok=True)
            self._folders.add(folder)

    async def _remove_empty(self, folders: set[str]) -> None:
        """Remove folders that are empty, and those above them that this leaves empty."""
        while folders:
            above = set()
            for folder in sorted(folders, reverse=True):
                with suppress(asyncssh.SFTPError):
                    await self._client().rmdir(self._at(folder))
                    self._folders.discard(folder)
                    above.add(folder.rpartition("/")[0])
            folders = above - {""}

    async def _tidy(self) -> None:
        for name in await self._client().listdir(self._at(_TEMPORARY)):
            if name not in (".", ".."):
                await self._delete(f"{_TEMPORARY}/{name}")

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    # -- the connection ------------------------------------------------------------------------------------------------

    def _each(
        self,
        items: Sequence[T],
        act: Callable[[T], Coroutine[Any, Any, None]],
        done: Callable[[T], None] | None = None,
    ) -> None:
        """Do something for many items at once; the first that fails stops all."""
        finished: SimpleQueue[tuple[T] | None] = SimpleQueue()

        async def work(waiting: Iterator[T]) -> None:
            for item in waiting:
                self._check()
                await act(item)
                finished.put((item,))

        async def all_of_it() -> None:
            waiting = iter(items)
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(WORKERS, len(items))):
                        group.create_task(work(waiting))
            except* Exception as failures:
                raise _first(failures) from None
            finally:
                finished.put(None)

        future = self._start(all_of_it())
        try:
            while item := finished.get():
                if done:
                    done(item[0])
        except BaseException:
            future.cancel()
            raise
        with self._told():
            future.result()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        with self._told():
            answer: T = self._start(work).result()
            return answer

    def _start(self, work: Coroutine[Any, Any, T]) -> Any:
        async def connected() -> T:
            try:
                if self._sftp is None:
                    self._sftp = await self._connect()
            except BaseException:
                work.close()
                raise
            return await work

        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_exception_handler(lambda *_: None)  # of a lost connection we tell once, where we wait for it
            threading.Thread(target=_run, args=(self._loop,), daemon=True).start()
        return asyncio.run_coroutine_threadsafe(connected(), self._loop)

    def _hang_up(self) -> None:
        """Close the connection; whoever asks again gets a new one."""
        loop, sftp = self._loop, self._sftp
        self._loop = self._sftp = None
        if loop and sftp:
            loop.call_soon_threadsafe(sftp.exit)
        if loop and self._connection:
            loop.call_soon_threadsafe(self._connection.close)
        if loop:
            with suppress(TimeoutError, asyncssh.Error, OSError):
                asyncio.run_coroutine_threadsafe(self._closed(), loop).result(_GOODBYE)
            loop.call_soon_threadsafe(loop.stop)

    async def _closed(self) -> None:
        if self._connection:
            await self._connection.wait_closed()

    def _client(self) -> asyncssh.SFTPClient:
        assert self._sftp is not None
        return self._sftp

    async def _connect(self) -> asyncssh.SFTPClient:
        """Log in with what the machine has: its agent, its keys, its list of known hosts."""
        target = self._target
        self._connection = await asyncssh.connect(
            target.host,
            target.port,
            username=target.user or (),
            password=os.environ.get(PASSWORD) or None,
            connect_timeout=_CONNECT,
            login_timeout=_CONNECT,
            keepalive_interval=_ALIVE,
            keepalive_count_max=4,
        )
        return await self._connection.start_sftp_client()

    def _check(self) -> None:
        if self._lease:
            self._lease.check()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what went wrong in words of ours."""
        try:
            yield
        except asyncssh.HostKeyNotVerifiable:
            raise DeployRefused([f"{self.place}: {_UNKNOWN_HOST}"]) from None
        except asyncssh.PermissionDenied:
            raise DeployRefused([f"{self.place}: {_NO_ACCESS}"]) from None
        except asyncssh.SFTPError as error:
            self._sftp = None if isinstance(error, asyncssh.SFTPConnectionLost) else self._sftp
            raise DeployFailed(f"{self.place}: {error.reason}; deploy again, it goes on from here") from None
        except (asyncssh.Error, OSError, TimeoutError) as error:
            reason = getattr(error, "reason", "") or getattr(error, "strerror", "") or "no answer in time"
            raise DeployFailed(f"{self.place}: cannot be reached ({reason}); deploy again") from None


class _LeaseFile:
    """The lease of a folder: a file that one of many can make. Its times are those of the server."""

    def __init__(self, store: SftpStore):
        self._store = store

    def seen(self) -> Seen | None:
        """Return the lease that is there, and its age."""
        return self._store._do(self._seen())

    def claim(self, token: str, over: Seen | None) -> bool:
        """Make the lease; one that is to be taken over is moved out of the way first."""
        return self._store._do(self._claim(token, over))

    def renew(self, token: str) -> bool:
        """Make the lease young again, if it is ours."""
        return self._store._do(self._renew(token))

    def release(self, token: str) -> None:
        """Remove the lease, if it is ours."""
        if self._store.read(_LEASE) == token.encode():
            self._store._do(self._store._delete(_LEASE))

    async def _seen(self) -> Seen | None:
        client = self._store._client()
        try:
            changed = (await client.lstat(self._store._at(_LEASE))).mtime or 0
            mark = await self._store._read(_LEASE)
        except asyncssh.SFTPNoSuchFile:
            return None
        clock = self._store._at(f"{_TEMPORARY}/{secrets.token_hex(8)}")
        async with client.open(clock, "wb") as file:
            await file.write(b"now")
        now = (await client.lstat(clock)).mtime or 0
        await client.remove(clock)
        return None if mark is None else Seen(mark.decode("ascii", "replace"), now - changed)

    async def _claim(self, token: str, over: Seen | None) -> bool:
        client = self._store._client()
        lease, away = self._store._at(_LEASE), f"{_TEMPORARY}/{token}"
        try:
            if over:
                await client.posix_rename(lease, self._store._at(away))
                if await self._store._read(away) != over.mark.encode():  # somebody else was faster: it is theirs
                    await client.link(self._store._at(away), lease)
                    return False
            async with client.open(lease, "xb") as file:
                await file.write(token.encode())
        except asyncssh.SFTPError as error:
            if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPPermissionDenied):
                raise
            return False
        return await self._store._read(_LEASE) == token.encode()

    async def _renew(self, token: str) -> bool:
        if await self._store._read(_LEASE) != token.encode():
            return False
        async with self._store._client().open(self._store._at(_LEASE), "r+b") as file:
            await file.write(token.encode(), 0)
        return True


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first failure of a group of groups."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
