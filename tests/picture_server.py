"""A server on loopback that is as bad as the network: each path behaves in its own way."""

from __future__ import annotations

import gzip
import socket
import socketserver
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tiny_pictures import flat, png

PICTURE = flat("RGB", (60, 40), (200, 30, 30), "PNG")
ETAG = '"v1"'
MOMENT = 0.05  # s between two drips
LONGEST = 8.0  # s that a stalled connection is held at most
SCRIPTED = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><script>alert(1)</script>'
    b'<rect width="20" height="10" fill="#0f0"/></svg>'
)
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><text>&x;</text></svg>'
)


class Asked(NamedTuple):
    """One question: its headers by lower-case names, how many times its path was asked, and the connection."""

    method: str
    path: str
    headers: dict[str, str]
    times: int
    connection: socket.socket
    server: PictureServer

    def send(self, status: str, body: bytes = b"", *headers: str, length: int | None = None) -> None:
        """Answer as a good server would, or with another length than the body has."""
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
        sent = b"" if self.method == "HEAD" else body
        self.connection.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode() + sent)

    def hold(self) -> None:
        """Say nothing more until the server is closed, or a test has had enough of it."""
        self.server.closing.wait(LONGEST)


class PictureServer(socketserver.ThreadingTCPServer):
    """Answers by path; counts what it is asked."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None):
        self.hits: Counter[str] = Counter()
        self.hosts: Counter[str] = Counter()
        self.closing = threading.Event()
        self.behaviours: dict[str, Callable[[Asked], None]] = dict(BEHAVIOURS)
        self._tls = tls
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return a path's address."""
        return f"http{'s' if self._tls else ''}://{host}:{self.port}{path}"

    def finish_request(self, request: object, client_address: object) -> None:
        """Speak TLS in the thread of the connection."""
        assert isinstance(request, socket.socket)
        request.settimeout(LONGEST)
        with suppress(OSError):
            super().finish_request(
                self._tls.wrap_socket(request, server_side=True) if self._tls else request, client_address
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: clients hang up in the middle here."""


class _Handler(socketserver.BaseRequestHandler):
    server: PictureServer

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (more := self.request.recv(65536)):
                return
            head += more
        first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, path = first.split(" ")[:2]
        self.server.hits[path] += 1
        self.server.hosts[headers.get("host", "")] += 1
        behaviour = self.server.behaviours.get(path.partition("?")[0], _missing)
        behaviour(Asked(method, path, headers, self.server.hits[path], self.request, self.server))


@contextmanager
def served(tls: ssl.SSLContext | None = None) -> Iterator[PictureServer]:
    """Give a server that answers as long as the block runs."""
    with PictureServer(tls) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()


# -- behaviours --------------------------------------------------------------------------------------------------------


def _missing(asked: Asked) -> None:
    asked.send("404 Not Found")


def says(status: str, body: bytes = b"", *headers: str) -> Callable[[Asked], None]:
    """Return a behaviour: always this answer."""
    return lambda asked: asked.send(status, body, *headers)


def moves(location: str) -> Callable[[Asked], None]:
    """Return a behaviour: it is elsewhere."""

    def move(asked: Asked) -> None:
        asked.send("301 Moved Permanently", b"", f"Location: {location.replace('{port}', str(asked.server.port))}")

    return move


def _once_broken(asked: Asked) -> None:
    asked.send("500 Internal Server Error") if asked.times == 1 else asked.send("200 OK", PICTURE)


def _once_busy(asked: Asked) -> None:
    asked.send("429 Too Many Requests", b"", "Retry-After: 1") if asked.times == 1 else asked.send("200 OK", PICTURE)


def _slow_start(asked: Asked) -> None:
    time.sleep(0.3)
    asked.send("200 OK", PICTURE)


def _slow_drip(asked: Asked) -> None:
    asked.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for byte in range(int(LONGEST / MOMENT)):
        asked.connection.sendall(bytes([byte % 256]))
        if asked.server.closing.wait(MOMENT):
            return


def _stall(asked: Asked) -> None:
    asked.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + PICTURE[:50])
    asked.hold()


def _silence(asked: Asked) -> None:
    asked.hold()


def _cut_body(asked: Asked) -> None:
    asked.connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PICTURE[: len(PICTURE) // 2])


def _endless(asked: Asked) -> None:
    asked.connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not asked.server.closing.is_set():
        asked.connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")


def _endless_head(asked: Asked) -> None:
    asked.connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not asked.server.closing.is_set():
        asked.connection.sendall(b"X-More: " + b"x" * 8192 + b"\r\n")


def _informs(asked: Asked) -> None:
    for _ in range(2000):
        asked.connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    asked.send("200 OK", PICTURE)


def _unchanged(asked: Asked) -> None:
    if asked.headers.get("if-none-match") == ETAG:
        asked.connection.sendall(f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\nConnection: close\r\n\r\n".encode())
    else:
        asked.send("200 OK", PICTURE, f"ETag: {ETAG}", "Cache-Control: max-age=60")


def _gzip_bomb(asked: Asked) -> None:
    asked.send("200 OK", GZIP_BOMB, "Content-Encoding: gzip")


GZIP_BOMB = gzip.compress(bytes(50_000_000), 6)
BEHAVIOURS: dict[str, Callable[[Asked], None]] = {
    "/good.png": says("200 OK", PICTURE, "Content-Type: image/png"),
    "/wrong-type": says("200 OK", PICTURE, "Content-Type: text/plain"),
    "/packed": says("200 OK", gzip.compress(PICTURE), "Content-Encoding: gzip"),
    "/chain-1": moves("/chain-2"),
    "/chain-2": moves("chain-3?a=b"),
    "/chain-3": moves("http://127.0.0.1:{port}/good.png"),
    "/loop-1": moves("/loop-2"),
    "/loop-2": moves("/loop-1"),
    "/long-1": moves("/long-2"),
    "/long-2": moves("/long-3"),
    "/long-3": moves("/long-4"),
    "/long-4": moves("/long-5"),
    "/long-5": moves("/long-6"),
    "/long-6": moves("/good.png"),
    "/to-private": moves("http://127.0.0.2:{port}/good.png"),
    "/to-metadata": moves("http://169.254.169.254/latest/meta-data/"),
    "/to-decimal": moves("http://2130706433:{port}/good.png"),
    "/to-mapped": moves("http://[::ffff:127.0.0.1]:{port}/good.png"),
    "/to-name": moves("http://localhost:{port}/good.png"),
    "/to-file": moves("file:///etc/passwd"),
    "/to-nowhere": moves("http://[/"),
    "/404": says("404 Not Found", b"<html>sorry"),
    "/410": says("410 Gone"),
    "/429": says("429 Too Many Requests", b"", "Retry-After: 7200"),
    "/once-429": _once_busy,
    "/500": says("500 Internal Server Error"),
    "/once-500": _once_broken,
    "/expired": says("403 Forbidden", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
    "/304": says("304 Not Modified"),
    "/999": says("999 Request Denied"),
    "/slow-start": _slow_start,
    "/slow-drip": _slow_drip,
    "/stall": _stall,
    "/silence": _silence,
    "/cut": _cut_body,
    "/too-long": lambda asked: asked.send("200 OK", PICTURE, length=len(PICTURE) + 1000),
    "/too-short": lambda asked: asked.send("200 OK", PICTURE, length=len(PICTURE) // 2),
    "/huge": lambda asked: asked.send("200 OK", PICTURE, length=10**15),
    "/gzip-bomb": _gzip_bomb,
    "/gzip-twice": says("200 OK", gzip.compress(gzip.compress(PICTURE)), "Content-Encoding: gzip, gzip"),
    "/gzip-broken": says("200 OK", b"\x1f\x8b\x08no", "Content-Encoding: gzip"),
    "/gzip-cut": says("200 OK", gzip.compress(PICTURE)[:-20], "Content-Encoding: gzip"),
    "/endless": _endless,
    "/endless-head": _endless_head,
    "/informs": _informs,
    "/html": says("200 OK", b"<!DOCTYPE html><title>Login</title>", "Content-Type: image/png"),
    "/empty": says("200 OK"),
    "/bomb.png": says("200 OK", png(30_000, 30_000, 8, 2, b"")),
    "/script.svg": says("200 OK", SCRIPTED, "Content-Type: image/svg+xml"),
    "/entity.svg": says("200 OK", EXTERNAL, "Content-Type: image/svg+xml"),
    "/etag": _unchanged,
    "/no-http": lambda asked: asked.connection.sendall(b"220 mail.example ESMTP\r\n"),
}
