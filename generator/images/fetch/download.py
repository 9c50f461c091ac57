"""Download: a picture's bytes as they are at an address now, counted as they come and as they are unpacked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from generator.base.image_settings import ImageSettings
from generator.images.fetch.schedule import Order
from generator.network.client import Client, Question, Resolve, Response
from generator.network.refusal import refusal
from generator.network.trouble import FetchFailed

_PLAIN = ("", "identity")
_DEFLATED = ("gzip", "x-gzip", "deflate")
_ACCEPT = (
    "Accept",
    "image/webp,image/avif,image/png,image/jpeg,image/gif;q=0.9,image/svg+xml;q=0.8,*/*;q=0.1",
)


class Answer(NamedTuple):
    """What a server said. `data` is None where the picture has not changed."""

    data: bytes | None
    headers: dict[str, str]  # by lower-case names


class Downloads:
    """Asks for pictures, within the limits of the settings.

    Args:
        now: the build's, for dates in answers.
    """

    def __init__(self, settings: ImageSettings, now: datetime, connections: int, resolve: Resolve | None = None):
        self._client = Client(settings.allow_hosts, settings.host_map, connections, resolve)
        self._max_bytes = settings.max_bytes
        self._now = now

    async def ask(self, order: Order) -> Answer:
        """Return a file as it is there now. It may take for ever: the caller sets the time.

        Raises:
            FetchFailed: with the kind of failure and a plain sentence.
        """
        validators = (("If-None-Match", order.etag), ("If-Modified-Since", order.modified))
        given = tuple((name, value) for name, value in validators if value)

        async def take(response: Response) -> Answer:
            if response.status == HTTPStatus.NOT_MODIFIED and given:
                return Answer(None, response.headers)
            if response.status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
                raise refusal(response.status, response.headers, self._now)
            return Answer(await self._body(response.body, response.headers), response.headers)

        return await self._client.ask(Question(order.url, (_ACCEPT, *given)), take)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _body(self, body: AsyncIterator[bytes], headers: Mapping[str, str]) -> bytes:
        """Return the file, counted as it comes and as it is unpacked, whatever its length is said to be."""
        said = headers.get("content-length", "")
        if said.isdigit() and int(said[:18]) > self._max_bytes:
            raise _too_large(self._max_bytes)
        unpack = Unpacker(headers.get("content-encoding", "").strip().lower(), self._max_bytes)
        came = 0
        async for chunk in body:
            came += len(chunk)
            if came > self._max_bytes:
                raise _too_large(self._max_bytes)
            unpack.add(chunk)
        return unpack.finish()


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


def _too_large(most: int) -> FetchFailed:
    return FetchFailed("large", f"the file has more than {most:,} bytes")
