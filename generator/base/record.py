"""A record: plain, frozen, stored as an array."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A plain frozen record; arrays, not maps, when stored."""
