"""download: bytes are counted, and no answer makes it raise anything of its own."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_server import PICTURE, Asked, PictureServer, served

from generator.base.image_settings import ImageSettings
from generator.images.fetch.download import Answer, Downloads, Unpacker
from generator.images.fetch.schedule import Order
from generator.network.trouble import FetchFailed

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PACKERS = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}


@pytest.fixture(scope="module")
def server() -> Iterator[PictureServer]:
    """Give one server for all."""
    with served() as server:
        yield server


async def ask(url: str, most: int = 10_000, seconds: float = 3.0) -> Answer:
    """Ask once, as a build does."""
    client = Downloads(ImageSettings(allow_hosts=("127.0.0.1",), max_bytes=most), NOW, 4)
    try:
        async with asyncio.timeout(seconds):
            return await client.ask(Order(url))
    finally:
        await client.close()


@given(st.sampled_from(sorted(PACKERS)), st.binary(max_size=3000), st.integers(1, 500), st.integers(0, 4000))
def test_what_is_packed_is_unpacked_up_to_a_limit(encoding: str, data: bytes, piece: int, most: int) -> None:
    """In pieces of any size: the data as it was, or a refusal where it is larger than allowed."""
    packed = PACKERS[encoding](data)
    unpacker = Unpacker(encoding, most)
    pieces = [packed[at : at + piece] for at in range(0, len(packed), piece)]
    with pytest.raises(FetchFailed, match="more than") if len(data) > most else nullcontext():
        for part in pieces:
            unpacker.add(part)
        assert unpacker.finish() == data


def test_a_bomb_is_not_unpacked() -> None:
    """A gigabyte that came in a few kilobytes takes no more memory than is allowed."""
    bomb = zlib.compress(bytes(50_000_000), 9)
    unpacker = Unpacker("deflate", 1000)
    with pytest.raises(FetchFailed, match="more than 1,000 bytes"):
        unpacker.add(bomb)
    assert len(unpacker._data) == 1001


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "chunked"])
def test_what_nobody_asked_for_is_refused(encoding: str) -> None:
    """Packing within packing is how bombs are made."""
    with pytest.raises(FetchFailed, match="packed in a way that nobody asked for"):
        Unpacker(encoding, 10)


HEAD = [
    *("HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/1.1 301 Moved", "HTTP/9.9 200 OK", "HTTP/1.1 103 Early", "ICY 200 OK"),
    *("Content-Length: 5", "Content-Length: -1", "Content-Length: 5, 6", "Content-Length: " + "9" * 400),
    *("Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Connection: upgrade", "Upgrade: websocket"),
    *("Location: /", "Location: http://[", "Location: \xff\xfe", "Location: http://a.\ud7ff/", "Location: //"),
    *("Content-Encoding: gzip", "Content-Encoding: \x00", "ETag: \xe9", "Retry-After: never", ": x", "no colon", ""),
]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(HEAD) | st.text(max_size=20), max_size=6), st.binary(max_size=60))
def test_no_answer_makes_it_raise_anything_else(server: PictureServer, head: list[str], body: bytes) -> None:
    """Whatever a server sends is an answer or a sentence."""
    raw = "\r\n".join([*head, "", ""]).encode("utf-8", "replace") + body

    def answer(asked: Asked) -> None:
        asked.connection.sendall(raw)

    server.behaviours["/fuzz"] = answer
    with suppress(FetchFailed):
        assert asyncio.run(ask(server.url("/fuzz"))).data is not None


def test_connections_are_used_again(server: PictureServer) -> None:
    """Many pictures of one host cost one handshake."""
    connections = []

    def keep(asked: Asked) -> None:
        connections.append(asked.connection)
        for _ in range(3):
            asked.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE)
            asked.connection.recv(65536)

    async def run() -> list[Answer]:
        client = Downloads(ImageSettings(allow_hosts=("127.0.0.1",), max_bytes=10_000), NOW, 4)
        answers = [await client.ask(Order(server.url("/keep"))) for _ in range(3)]
        await client.close()
        return answers

    server.behaviours["/keep"] = keep
    assert [answer.data for answer in asyncio.run(run())] == [PICTURE] * 3
    assert len(connections) == 1
