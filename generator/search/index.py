"""Index: the files of a search index as one record, kept under the digest of all that they were made of."""

from __future__ import annotations

import msgspec

from generator.base.digest import digest_bytes
from generator.base.record import Record
from generator.builder.store import Store

NAME = "search"  # what the store keeps it under: one, the last


class Index(Record, frozen=True):
    """An index: its files by name, and two digests. Two indexes with one key may differ in their bytes."""

    key: bytes = b""  # of the texts in it, and of what made it
    digest: bytes = b""  # of its bytes
    files: dict[str, bytes] = {}

    @classmethod
    def of(cls, key: bytes, files: dict[str, bytes]) -> Index:
        """Return the index that was made of what `key` stands for."""
        parts = (part for name, data in files.items() for part in (name.encode(), digest_bytes(data)))
        return cls(key, digest_bytes(*parts), files)


def kept_index(store: Store) -> Index:  # type: ignore[type-arg]
    """Return the last index, an empty one where there is none."""
    data = store.kept(NAME)
    try:
        return msgspec.msgpack.decode(data, type=Index) if data else Index()
    except msgspec.MsgspecError:
        return Index()


def keep_index(store: Store, index: Index) -> None:  # type: ignore[type-arg]
    """Keep an index for the builds to come, in the place of the last."""
    store.keep(NAME, msgspec.msgpack.encode(index))
