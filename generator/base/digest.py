"""Digests of bytes and of plain records: blake2b of 16 bytes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

DIGEST_SIZE = 16


def digest_bytes(*parts: bytes | memoryview) -> bytes:
    """Return the digest of the concatenation of `parts` (RFC 7693, 16 bytes)."""
    return blake2b(parts[0] if len(parts) == 1 else b"".join(parts), digest_size=DIGEST_SIZE).digest()


def _stand_in(record: Any) -> bytes:
    """Let a record that knows its own digest be hashed by it."""
    return bytes(record.digest)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_stand_in)  # the order of a map counts: a template can walk through it


def digest_record(record: object) -> bytes:
    """Return the digest of a plain record.

    A nested object that is no msgspec record but has a `digest` attribute stands in the encoding
    as that digest, so a list of cards costs 16 bytes a card.
    """
    return blake2b(_ENCODER.encode(record), digest_size=DIGEST_SIZE).digest()


def short_name(digest: bytes) -> str:
    """Return the part of a digest that goes into file names: 16 hexadecimal digits."""
    return digest[:8].hex()
