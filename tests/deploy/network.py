"""A network that fails: a proxy that cuts or slows every connection, and a server's front that refuses."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class CuttingProxy:
    """Passes TCP connections on until so many bytes have gone to the server, then cuts all and takes no more.

    A throttled one takes `pause` (s) for every 4 KB.
    """

    def __init__(self, port: int, most: int | None = None, pause: float = 0):
        self._to, self._most, self._pause = port, most, pause
        self.sent = 0
        self.cut = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Cut everything."""
        self.cut.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._open.clear()

    def _accept(self) -> None:
        while not self.cut.is_set():
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                if counted:
                    time.sleep(self._pause)
                    data = self._allowed(data)
                target.sendall(data)
                if counted and self._most is not None and self.sent >= self._most:
                    self.close()
                    return
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _allowed(self, data: bytes) -> bytes:
        with self._lock:
            if self._most is not None:
                data = data[: max(0, self._most - self.sent)]
            self.sent += len(data)
            return data


@contextmanager
def cutting(port: int, most: int | None = None, pause: float = 0) -> Iterator[CuttingProxy]:
    """Run a proxy before a server on this machine."""
    proxy = CuttingProxy(port, most, pause)
    try:
        yield proxy
    finally:
        proxy.close()


Answer = tuple[int, bytes] | None  # status and body instead of the server's; None: ask the server


@contextmanager
def front(port: int, decide: Callable[[str, str], Answer]) -> Iterator[int]:
    """Run a front before a server on this machine that answers itself where `decide(method, path)` says so."""

    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            own = decide(self.command, self.path)
            if own:
                self._answer(own[0], [("Content-Type", "application/xml")], own[1])
                return
            link = HTTPConnection("127.0.0.1", port)
            link.request(self.command, self.path, body, dict(self.headers.items()))
            answer = link.getresponse()
            data = answer.read()
            kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _OURS]
            self._answer(answer.status, kept, data, answer.getheader("Content-Length"))
            link.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, length: str | None = None) -> None:
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815  names of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


_OURS = frozenset({"content-length", "transfer-encoding", "connection"})


def s3_error(status: int, code: str) -> tuple[int, bytes]:
    """Return a failure as an S3 server tells it."""
    return status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
