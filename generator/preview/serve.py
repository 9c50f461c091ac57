"""Serve: listen, say where, and serve until Ctrl-C."""

from __future__ import annotations

import errno
import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread, current_thread, main_thread
from types import FrameType

import uvicorn

from generator.base.problems import BroadsheetError
from generator.preview.access import is_loopback
from generator.preview.current import Current
from generator.preview.hub import Hub
from generator.preview.server import Wishes, make_app

Say = Callable[[str], object]
_PORTS = 65_536
TRIES = 20  # ports after the one that is asked for
_ANY = ("0.0.0.0", "::")  # noqa: S104


class NoPlace(BroadsheetError):
    """The address cannot be listened on."""


class Preview:
    """A server that listens; `run` serves until `stop` or a signal."""

    def __init__(self, current: Current, hub: Hub, wishes: Wishes):
        self._hub = hub
        self.socket = _listen(wishes.host, wishes.port)
        self.port = int(self.socket.getsockname()[1])
        self.host = wishes.host
        self.path = current.base_path
        self._server = _Server(_config(make_app(current, hub, wishes._replace(names=_names()))), hub)
        self._opens = wishes.open_browser

    @property
    def url(self) -> str:
        """The address to open on this machine."""
        host = "127.0.0.1" if self.host == _ANY[0] else "[::1]" if self.host == _ANY[1] else _bracketed(self.host)
        return f"http://{host}:{self.port}{self.path}"

    def outside_url(self) -> str | None:
        """Return the address to open on another machine; None where only this one can."""
        if is_loopback(self.host):
            return None
        host = _own_address() if self.host in _ANY else self.host
        return f"http://{_bracketed(host)}:{self.port}{self.path}"

    def run(self) -> None:
        """Serve until `stop` is called, or until Ctrl-C or SIGTERM, which both end it in peace."""
        if self._opens:
            Thread(target=webbrowser.open, args=(self.url,), name="broadsheet browser", daemon=True).start()
        with closing(self.socket), _ended_by_signals(), suppress(KeyboardInterrupt):
            self._server.run(sockets=[self.socket])

    def stop(self) -> None:
        """End serving; any thread may call it."""
        self._server.should_exit = True
        self._hub.close()


def serve(current: Current, hub: Hub, wishes: Wishes, say: Say) -> None:
    """Serve a site until Ctrl-C.

    Args:
        current: the site; it is asked from many threads.
        hub: where each refresh is published.
        wishes: how to serve.
        say: is called with each line for the person.

    Raises:
        NoPlace: the address cannot be listened on.
    """
    preview = Preview(current, hub, wishes)
    for line in start_lines(preview, wishes):
        say(line)
    preview.run()


def start_lines(preview: Preview, wishes: Wishes) -> Iterator[str]:
    """Yield what the person is told at the start."""
    if wishes.port not in (0, preview.port):
        yield f"port {wishes.port} is in use; this is port {preview.port}"
    yield f"preview: {preview.url} (Ctrl-C ends it)"
    if outside := preview.outside_url():
        yield f"on a phone in the same network: {outside}"
        yield "everybody in this network can read the site now, drafts and scheduled articles, too"
    if wishes.editor:
        yield f"a click on a file starts: {' '.join(wishes.editor)}"


class _Server(uvicorn.Server):
    """A server whose streams of events end when it does."""

    def __init__(self, config: uvicorn.Config, hub: Hub):
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def _config(app: Callable[..., object]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,  # or a header could claim that the client is this machine
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=0,  # a page that is still being made is not waited for
    )


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the port, or on the next one that is free.

    Raises:
        NoPlace: none is; or the host is not one of this machine's.
    """
    if not 0 <= port < _PORTS:
        raise NoPlace(f"--port {port}: a port is a number from 1 to 65535, 0 means any that is free; use --port 8000")
    for number in range(port, min(port + TRIES + 1, _PORTS)) if port else (0,):
        try:
            return _bound(host, number)
        except socket.gaierror:
            raise NoPlace(f"--host {host}: there is no such name; use an address of this machine") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise NoPlace(f"--host {host} --port {number}: {_reason(error)}") from None
    raise NoPlace(f"--port {port}: this port and the {TRIES} after it are in use; choose another with --port")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def _reason(error: OSError) -> str:
    if error.errno == errno.EACCES:
        return "ports below 1024 are the system's; use --port 8000"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine does not have this address; 0.0.0.0 means all that it has"
    return error.strerror or str(error)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl-C does, so that everything is closed."""
    if current_thread() is not main_thread():
        yield
        return

    def end(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _names() -> tuple[str, ...]:
    name = socket.gethostname()
    return (name, f"{name.partition('.')[0]}.local")


def _own_address() -> str:
    """Return the address by which others reach this machine; its name where that is not to be had."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # sends nothing; the system chooses the way
            return str(asking.getsockname()[0])
        except OSError:
            return socket.gethostname()
