"""Client: one question over HTTP, guarded: checked addresses, redirects followed by hand, no body read unasked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, TypeVar

import httpcore2

from generator import __version__
from generator.network.guard import Place, is_public, place_of, redirected
from generator.network.trouble import FetchFailed

REDIRECTS = 5
ADDRESSES = 3  # of a host that are tried
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEADERS = (("User-Agent", f"Mozilla/5.0 (compatible; Broadsheet/{__version__})"), ("Accept-Encoding", "identity"))

Resolve = Callable[[str, int], list[str]]  # a host and port -> its addresses, the best first; may take its time
Headers = tuple[tuple[str, str], ...]
T = TypeVar("T")


class Question(NamedTuple):
    """What is asked of an address, besides what every question says."""

    url: str
    headers: Headers = ()
    method: str = "GET"


class Response(NamedTuple):
    """What a server says; its body comes only to who reads it."""

    status: int
    headers: dict[str, str]  # by lower-case names
    body: AsyncIterator[bytes]


class Hop(NamedTuple):
    """A redirect that was followed."""

    status: int
    url: str  # where it leads


class Client:
    """Asks over a pool of connections; no cookies, no proxies, nothing of the environment but certificates.

    Args:
        allow_hosts: names or addresses, as they stand in URLs, that may be anywhere, also in the private network.
        host_map: hosts whose files are asked for at another origin.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str],
        host_map: Mapping[str, str],
        connections: int,
        resolve: Resolve | None = None,
    ):
        self._host_map = {host.lower(): origin for host, origin in host_map.items()}
        network = _Network(resolve or system_addresses, frozenset(host.lower().strip("[]") for host in allow_hosts))
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpcore2.default_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=network,
        )

    async def ask(
        self, question: Question, take: Callable[[Response], Awaitable[T]], hops: list[Hop] | None = None
    ) -> T:
        """Return what `take` makes of the answer that is no redirect. It may take for ever: the caller sets the time.

        Args:
            hops: where each redirect that is followed is noted.

        Raises:
            FetchFailed: with the kind of failure and a plain sentence.
        """
        url, seen = question.url.partition("#")[0], set[str]()
        while True:
            try:
                async with self._answer(place_of(url, self._host_map), question) as response:
                    if response.status not in _MOVED or "location" not in response.headers:
                        return await take(response)
                    seen.add(url)
                    url = redirected(url, response.headers["location"])
            except FetchFailed as failure:
                if failure.kind == "host" and seen:  # not the one that the address names: that one did answer
                    raise FetchFailed("network", failure.why) from failure
                raise
            if hops is not None:
                hops.append(Hop(response.status, url))
            if url in seen:
                raise FetchFailed("moved", "its redirects go round in a circle")
            if len(seen) > REDIRECTS:
                raise FetchFailed("moved", f"it is redirected more than {REDIRECTS} times")

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    @asynccontextmanager
    async def _answer(self, place: Place, question: Question) -> AsyncIterator[Response]:
        """Send the question; trouble on the way, also while the answer is read, becomes one plain sentence."""
        headers = [("Host", place.authority), *_HEADERS, *question.headers]
        target = httpcore2.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        try:
            async with self._pool.stream(question.method, target, headers=headers) as response:
                yield Response(response.status, _plain_headers(response.headers), response.aiter_stream())
        except httpcore2.ConnectError as error:
            raise _not_connected(error, place.host) from error
        except httpcore2.TimeoutException as error:
            raise FetchFailed("host", f"the host {place.host} does not answer") from error
        except FetchFailed:
            raise
        except Exception as error:  # hostile bytes find corners of libraries that nobody knows
            raise FetchFailed("network", "the answer breaks off, or is no HTTP") from error


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


def _not_connected(error: BaseException, host: str) -> FetchFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchFailed("unsafe", f"the certificate of {host} is not valid: {cause.verify_message}")
        if isinstance(cause, ssl.SSLError):
            return FetchFailed("unsafe", f"the host {host} and we have no safe connection in common")
        if isinstance(cause, socket.gaierror):
            return FetchFailed("host", f"the host {host} is not known")
        cause = cause.__cause__ or next((arg for arg in getattr(cause, "args", ()) if isinstance(arg, Exception)), None)
    return FetchFailed("host", f"no connection to {host}")
