"""The ledger of links: what its lines say of an address, and of which the source is dead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from generator.network.dates import in_utc
from generator.network.ledger import Form, LedgerFile
from generator.network.trouble import Kind

State = Literal["good", "moved", "suspect", "dead", "unknown"]


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one address."""

    url: str  # without its fragment
    asked: datetime
    due: datetime  # when to ask again
    state: State
    since: datetime | None = None  # when the first of the failures in a row was, or when it was first seen elsewhere
    failures: int = 0  # in a row
    kind: Kind | None = None  # of the last failure
    why: str = ""  # what was wrong the last time, a plain sentence
    target: str = ""  # where it has moved for good
    quiet: datetime | None = None  # until when its host wants to be left alone


def _in_utc(entry: Entry) -> Entry:
    """Return an entry whose instants are aware, as a hand may have written them."""
    return msgspec.structs.replace(
        entry,
        asked=in_utc(entry.asked),
        due=in_utc(entry.due),
        since=entry.since and in_utc(entry.since),
        quiet=entry.quiet and in_utc(entry.quiet),
    )


FORM = Form(Entry, _in_utc)


class LinkLedger:
    """The ledger in a site's folder. Reading it touches no network, and writes nothing."""

    def __init__(self, folder: Path):
        self._file = LedgerFile(folder, FORM)
        self.entries: dict[str, Entry] = self._file.read()

    def put(self, entry: Entry) -> None:
        """Note what is now known of an address; a kill does not lose it."""
        self.entries[entry.url] = entry
        self._file.put(entry)

    def settle(self) -> None:
        """Write the ledger anew with all that is known, then drop the journal; without news nothing is written."""
        self._file.settle(self.entries.values())

    def forget_others(self, urls: frozenset[str]) -> None:
        """Drop what no page of the site names any more."""
        if self.entries.keys() - urls:
            self.entries = {url: entry for url, entry in self.entries.items() if url in urls}
            self._file.rewrite(self.entries.values())


def dead_links(folder: Path) -> frozenset[str]:
    """Return the addresses that the ledger in a folder calls dead."""
    return frozenset(url for url, entry in LinkLedger(folder).entries.items() if entry.state == "dead")
