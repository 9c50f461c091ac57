"""A line to an SFTP server: one connection in a thread of its own, asked by others for many things at once."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, TypeVar

import asyncssh

from generator.base.deploy_settings import SftpTarget
from generator.deploy.ssh_words import GOES_ON, NO_ACCESS, UNKNOWN_HOST
from generator.deploy.target import DeployFailed, DeployRefused

WORKERS = 32
PASSWORD = "BROADSHEET_SFTP_PASSWORD"  # noqa: S105  the name of a variable
_CONNECT = 20  # s
_GOODBYE = 3  # s
_ALIVE = 15  # s between two questions whether the server is there; after four without an answer it is not
_NO_ACCESS = f"{NO_ACCESS}, or {PASSWORD} in the environment"

T = TypeVar("T")


class Line:
    """A connection that is made when it is needed."""

    def __init__(self, target: SftpTarget, place: str):
        self._target, self._place = target, place
        self._sftp: asyncssh.SFTPClient | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # it runs in a thread of its own while it is needed

    def each(
        self,
        items: Sequence[T],
        act: Callable[[T], Coroutine[Any, Any, None]],
        done: Callable[[T], None] | None = None,
    ) -> None:
        """Do something for many items at once; the first that fails stops all."""
        finished: SimpleQueue[tuple[T] | None] = SimpleQueue()

        async def work(waiting: Iterator[T]) -> None:
            for item in waiting:
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

        future = self._start(all_of_it())
        future.add_done_callback(lambda _: finished.put(None))  # also where there was no connection to begin with
        try:
            while item := finished.get():
                if done:
                    done(item[0])
        except BaseException:
            future.cancel()
            raise
        with self._told():
            future.result()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the line and wait for its answer."""
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

    def hang_up(self) -> None:
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

    def client(self) -> asyncssh.SFTPClient:
        """Return the client; only what runs in `do` or `each` asks for it."""
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

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what went wrong in words of ours."""
        try:
            yield
        except asyncssh.HostKeyNotVerifiable:
            raise DeployRefused([f"{self._place}: {UNKNOWN_HOST}"]) from None
        except asyncssh.PermissionDenied:
            raise DeployRefused([f"{self._place}: {_NO_ACCESS}"]) from None
        except asyncssh.SFTPError as error:
            self._sftp = None if isinstance(error, asyncssh.SFTPConnectionLost) else self._sftp
            raise DeployFailed(f"{self._place}: {error.reason}; {GOES_ON}") from None
        except (asyncssh.Error, OSError, TimeoutError) as error:
            reason = getattr(error, "reason", "") or getattr(error, "strerror", "") or "no answer in time"
            raise DeployFailed(f"{self._place}: cannot be reached ({reason}); deploy again") from None


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first failure of a group of groups."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
