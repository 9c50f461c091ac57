"""The ledger of the picture collection: what its lines say of an address."""

from __future__ import annotations

from datetime import datetime

import msgspec

from generator.base.imaging import Box
from generator.network.dates import in_utc
from generator.network.ledger import Form
from generator.network.trouble import Kind


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


def _in_utc(entry: Entry) -> Entry:
    """Return an entry whose instants are aware, as a hand may have written them."""
    kept = entry.kept and msgspec.structs.replace(entry.kept, since=in_utc(entry.kept.since))
    return msgspec.structs.replace(entry, asked=in_utc(entry.asked), due=in_utc(entry.due), kept=kept)


FORM = Form(Entry, _in_utc, lambda entry: entry.kept is not None)
