"""The ledger of the picture collection: what is known of every address, as lines of text that Git can merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from generator.base.imaging import Box
from generator.images.fetch.trouble import Kind


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture that lies in the collection."""

    file: str  # inside the collection: named by the digest of its bytes
    size: int  # bytes
    width: int
    height: int
    format: str
    since: datetime  # when these bytes were first seen
    transparent: bool = False
    cut: Box | None = None  # it was scaled down to cover this


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why the last attempt failed, and how many in a row did."""

    kind: Kind
    why: str
    failures: int = 1
    rules: str = ""  # the settings' digest, where the trouble ends when they change


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one address. With `kept` and `trouble` the copy is stale, and is shown."""

    url: str
    asked: datetime
    due: datetime  # when to ask again
    kept: Kept | None = None
    trouble: Trouble | None = None
    etag: str = ""
    modified: str = ""


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Entry)


def encode_ledger(entries: Iterable[Entry]) -> bytes:
    """Return the ledger: one line of JSON an address, sorted by it."""
    return b"".join(encode_entry(entry) for entry in sorted(entries, key=lambda entry: entry.url))


def encode_entry(entry: Entry) -> bytes:
    """Return an entry's line."""
    return _ENCODER.encode(entry) + b"\n"


def decode_ledger(data: bytes) -> dict[str, Entry]:
    """Return the entries by address; of two lines for one, as a merge leaves them, the one that was asked later."""
    found: dict[str, Entry] = {}
    for entry in read_lines(data):
        if entry.url not in found or _age(found[entry.url]) <= _age(entry):
            found[entry.url] = entry
    return found


def read_lines(data: bytes) -> Iterator[Entry]:
    """Yield the entries in their order; what is none is passed over: marks of a conflict, a line that a kill cut."""
    for line in data.split(b"\n"):
        try:
            yield _in_utc(_DECODER.decode(line))
        except (msgspec.MsgspecError, ValueError, OverflowError):
            continue


def _age(entry: Entry) -> tuple[datetime, bool, bytes]:
    """Order two entries of one address, the same in whichever order their lines stand."""
    return entry.asked, entry.kept is not None, encode_entry(entry)


def _in_utc(entry: Entry) -> Entry:
    """Return an entry whose instants are aware, as a hand may have written them."""
    kept = entry.kept and msgspec.structs.replace(entry.kept, since=_aware(entry.kept.since))
    return msgspec.structs.replace(entry, asked=_aware(entry.asked), due=_aware(entry.due), kept=kept)


def _aware(instant: datetime) -> datetime:
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
