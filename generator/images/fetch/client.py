"""Client: one question over HTTP, guarded: checked addresses, counted bytes, redirects followed by hand."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import httpcore2

from generator import __version__
from generator.images.fetch.guard import Place, is_public, place_of, redirected
from generator.images.fetch.schedule import Order, wish_of
from generator.images.fetch.trouble import FetchFailed, Kind

REDIRECTS = 5
ADDRESSES = 3  # of a host that are tried
_MOVED = frozenset({301, 302, 303, 307, 308})
_KINDS: dict[int, Kind] = {404: "missing", 410: "gone", 408: "busy", 425: "busy", 429: "busy", 503: "busy"}
_PLAIN = ("", "identity")
_DEFLATED = ("gzip", "x-gzip", "deflate")
_HEADERS = (
    ("User-Agent", f"Mozilla/5.0 (compatible; Broadsheet/{__version__})"),
    ("Accept", "image/webp,image/avif,image/png,image/jpeg,image/gif;q=0.9,image/svg+xml;q=0.8,*/*;q=0.1"),
    ("Accept-Encoding", "identity"),
)

Resolve = Callable[[str, int], list[str]]  # a host and port -> its addresses, the best first; may take its time


class Answer(NamedTuple):
    """What a server said. `data` is None where the picture has not changed."""

    data: bytes | None
    headers: dict[str, str]  # by lower-case names


class Client:
    """Asks for files over a pool of connections; no cookies, no proxies, nothing of the environment but certificates.

    Args:
        allow_hosts: names or addresses, as they stand in URLs, that may be anywhere, also in the private network.
        host_map: hosts whose files are asked for at another origin.
        max_bytes: of a file, unpacked.
        now: the build's, for dates in answers.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str],
        host_map: Mapping[str, str],
        max_bytes: int,
        now: datetime,
        connections: int,
        resolve: Resolve | None = None,
    ):
        self._host_map = {host.lower(): origin for host, origin in host_map.items()}
        self._max_bytes = max_bytes
        self._now = now
        network = _Network(resolve or system_addresses, frozenset(host.lower().strip("[]") for host in allow_hosts))
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpcore2.default_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=network,
        )

    async def ask(self, order: Order) -> Answer:
        """Return a file as it is there now. It may take for ever: the caller sets the time.

        Raises:
            FetchFailed: with the kind of failure and a plain sentence.
        """
        url, seen = order.url.partition("#")[0], set[str]()
        while True:
            try:
                answer = await self._ask_once(url, order)
            except FetchFailed as failure:
                if failure.kind == "host" and seen:  # not the one that the address names: that one did answer
                    raise FetchFailed("network", failure.why) from failure
                raise
            if isinstance(answer, Answer):
                return answer
            seen.add(url)
            url = redirected(url, answer)
            if url in seen:
                raise FetchFailed("moved", "its redirects go round in a circle")
            if len(seen) > REDIRECTS:
                raise FetchFailed("moved", f"it is redirected more than {REDIRECTS} times")

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _ask_once(self, url: str, order: Order) -> Answer | str:
        """Return the answer, or where a redirect leads."""
        place = place_of(url, self._host_map)
        async with self._answer(place, order) as response:
            headers = _plain_headers(response.headers)
            status = response.status
            if status in _MOVED and "location" in headers:
                return headers["location"]
            if status == HTTPStatus.NOT_MODIFIED and (order.etag or order.modified):
                return Answer(None, headers)
            if status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
                raise self._refusal(status, headers)
            return Answer(await self._body(response, headers), headers)

    @asynccontextmanager
    async def _answer(self, place: Place, order: Order) -> AsyncIterator[httpcore2.Response]:
        """Send the question; trouble on the way, also while the answer is read, becomes one plain sentence."""
        validators = (("If-None-Match", order.etag), ("If-Modified-Since", order.modified))
        headers = [("Host", place.authority), *_HEADERS, *((name, value) for name, value in validators if value)]
        target = httpcore2.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        try:
            async with self._pool.stream("GET", target, headers=headers) as response:
                yield response
        except httpcore2.ConnectError as error:
            raise FetchFailed("host", _why_not_connected(error, place.host)) from error
        except httpcore2.TimeoutException as error:
            raise FetchFailed("host", f"the host {place.host} does not answer") from error
        except FetchFailed:
            raise
        except Exception as error:  # hostile bytes find corners of libraries that nobody knows
            raise FetchFailed("network", "the answer breaks off, or is no HTTP") from error

    async def _body(self, response: httpcore2.Response, headers: Mapping[str, str]) -> bytes:
        """Return the file, counted as it comes and as it is unpacked, whatever its length is said to be."""
        said = headers.get("content-length", "")
        if said.isdigit() and int(said[:18]) > self._max_bytes:
            raise _too_large(self._max_bytes)
        unpack = Unpacker(headers.get("content-encoding", "").strip().lower(), self._max_bytes)
        came = 0
        async for chunk in response.aiter_stream():
            came += len(chunk)
            if came > self._max_bytes:
                raise _too_large(self._max_bytes)
            unpack.add(chunk)
        return unpack.finish()

    def _refusal(self, status: int, headers: Mapping[str, str]) -> FetchFailed:
        kind = _KINDS.get(status, "server" if status >= 500 else "denied" if status >= 400 else "content")
        wait = wish_of(headers.get("retry-after", ""), self._now) if kind in ("busy", "server") else None
        return FetchFailed(kind, f"the server answers {_status_name(status)}", wait)


class Unpacker:
    """Unpack a body piece by piece, never more than allowed however small it is packed.

    Raises:
        FetchFailed: it is packed in a way that nobody asked for.
    """

    def __init__(self, encoding: str, most: int):
        if encoding not in (*_PLAIN, *_DEFLATED):
            raise FetchFailed("content", "the file is packed in a way that nobody asked for")
        self._most = most
        self._data = bytearray()
        self._inflate = zlib.decompressobj(47) if encoding in _DEFLATED else None  # 32 + 15: gzip or zlib by its head

    def add(self, chunk: bytes) -> None:
        """Take the next piece."""
        if self._inflate:
            try:
                chunk = self._inflate.decompress(chunk, self._most - len(self._data) + 1)
            except zlib.error:
                raise FetchFailed("content", "the file is packed wrongly") from None
        self._data += chunk
        if len(self._data) > self._most:
            raise _too_large(self._most)

    def finish(self) -> bytes:
        """Return all of it."""
        if self._inflate and not self._inflate.eof:
            raise FetchFailed("network", "the answer breaks off, or is no HTTP")
        return bytes(self._data)


class _Network(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were checked: the check and the connection are about the same one."""

    def __init__(self, resolve: Resolve, allowed: frozenset[str]):
        self._resolve = resolve
        self._allowed = allowed
        self._tcp = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  (the library's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first good address of a host that answers."""
        found = await in_thread(self._resolve, host, port)
        good = found if host in self._allowed else [address for address in found if is_public(address)]
        if found and not good:
            raise FetchFailed("address", f"the host {host} is not in the public network ({found[0]})")
        failure: Exception = httpcore2.ConnectError(f"the host {host} has no address")
        for address in good[:ADDRESSES]:
            try:
                return await self._tcp.connect_tcp(address, port, PATIENCE, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


PATIENCE = 4.0  # s for a connection, before the host's next address is tried


async def in_thread(resolve: Resolve, host: str, port: int) -> list[str]:
    """Ask the resolver in a thread that nobody waits for: it may hang longer than the whole build may take."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], error: Exception | None) -> None:
        if not outcome.done():
            outcome.set_exception(error) if error else outcome.set_result(addresses)

    def run() -> None:
        try:
            answer: tuple[list[str], Exception | None] = resolve(host, port), None
        except (OSError, UnicodeError) as error:
            answer = [], httpcore2.ConnectError(error)
        with suppress(RuntimeError):  # the build is over, and its loop closed
            loop.call_soon_threadsafe(settle, *answer)

    threading.Thread(target=run, name=f"resolve {host}", daemon=True).start()
    return await outcome


def system_addresses(host: str, port: int) -> list[str]:
    """Return a host's addresses as the system knows them; numbers in any notation, too.

    Raises:
        OSError: it knows none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(ipaddress.ip_address(address[0])) for *_, address in found))


def _plain_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by lower-case names, repeated ones joined (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _why_not_connected(error: BaseException, host: str) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {host} is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"the host {host} and we have no safe connection in common"
        if isinstance(cause, socket.gaierror):
            return f"the host {host} is not known"
        cause = cause.__cause__ or next((arg for arg in getattr(cause, "args", ()) if isinstance(arg, Exception)), None)
    return f"no connection to {host}"


def _status_name(status: int) -> str:
    """Return a status in the standard's words, not in the server's."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _too_large(most: int) -> FetchFailed:
    return FetchFailed("large", f"the file has more than {most:,} bytes")
