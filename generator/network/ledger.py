"""Ledger: what is known of every address, as lines of text that Git can merge, with a journal that a kill leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from generator.builder.store import replace_file

LEDGER = "ledger.jsonl"
JOURNAL = "ledger.journal"  # what was learnt since the ledger was written; a killed run leaves it to the next
ATTRIBUTES = ".gitattributes"
_MERGE = b"ledger.jsonl merge=union\n"  # both sides' lines stand; reading them takes the later of two


class Noted(Protocol):
    """What every kind of entry has."""

    @property
    def url(self) -> str:
        """The address."""

    @property
    def asked(self) -> datetime:
        """When it was asked last."""


E = TypeVar("E", bound=Noted)
_ENCODER = msgspec.json.Encoder()


class Form(Generic[E]):
    """How a kind of entry is read from lines, and which of two for one address counts.

    Args:
        tidy: makes an entry that a hand may have written what one of ours is.
        rank: orders two entries that were asked at the same time; the larger counts.
    """

    def __init__(self, kind: type[E], tidy: Callable[[E], E], rank: Callable[[E], Any] = lambda _: 0):
        self._decoder: msgspec.json.Decoder[E] = msgspec.json.Decoder(kind)
        self._tidy = tidy
        self._rank = rank

    def decode(self, data: bytes) -> dict[str, E]:
        """Return the entries by address; of two lines for one, as a merge leaves them, the one that was asked later."""
        found: dict[str, E] = {}
        for entry in self.lines(data):
            if entry.url not in found or self._age(found[entry.url]) <= self._age(entry):
                found[entry.url] = entry
        return found

    def lines(self, data: bytes) -> Iterator[E]:
        """Yield the entries in their order; what is none is passed over: marks of a conflict, a line that was cut."""
        for line in data.split(b"\n"):
            try:
                yield self._tidy(self._decoder.decode(line))
            except (msgspec.MsgspecError, ValueError, OverflowError):
                continue

    def _age(self, entry: E) -> tuple[datetime, Any, bytes]:
        """Order two entries of one address, the same in whichever order their lines stand."""
        return entry.asked, self._rank(entry), encode_entry(entry)


class LedgerFile(Generic[E]):
    """A ledger in a folder. Reading it writes nothing."""

    def __init__(self, folder: Path, form: Form[E]):
        self.folder = folder
        self._form = form

    def read(self) -> dict[str, E]:
        """Return what is known of every address."""
        entries = self._form.decode(bytes_of(self.folder / LEDGER))
        entries.update((entry.url, entry) for entry in self._form.lines(bytes_of(self.folder / JOURNAL)))
        return entries

    def put(self, entry: E) -> None:
        """Note what is now known of an address; it is in the journal at once, so a kill does not lose it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # One write of one line, so two lines never mix; a cut one is passed over.
        with open(self.folder / JOURNAL, "ab", buffering=0) as journal:
            journal.write(b"\n" + encode_entry(entry))

    def settle(self, entries: Iterable[E]) -> None:
        """Write the ledger anew, then drop the journal; without news nothing is written."""
        if not (self.folder / JOURNAL).exists():
            return
        if not (self.folder / ATTRIBUTES).exists():
            replace_file(self.folder / ATTRIBUTES, _MERGE)
        self.rewrite(entries)

    def rewrite(self, entries: Iterable[E]) -> None:
        """Write the ledger anew, with these entries and no other."""
        replace_file(self.folder / LEDGER, encode_ledger(entries))
        (self.folder / JOURNAL).unlink(missing_ok=True)


def encode_ledger(entries: Iterable[Noted]) -> bytes:
    """Return the ledger: one line of JSON an address, sorted by it."""
    return b"".join(encode_entry(entry) for entry in sorted(entries, key=lambda entry: entry.url))


def encode_entry(entry: Noted) -> bytes:
    """Return an entry's line."""
    return _ENCODER.encode(entry) + b"\n"


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes, none where there is no such file."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
