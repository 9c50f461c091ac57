"""The picture collection: originals by digest and the ledger of their addresses; it outlives the cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from generator.base.digest import digest_bytes
from generator.base.files import COLLECTION
from generator.base.imaging import Image
from generator.builder.store import replace_file
from generator.images.fetch.ledger import FORM, Entry, Kept
from generator.network.ledger import LedgerFile, bytes_of

_SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}\.(?:jpg|png|webp)")


class Collection:
    """The pictures of one site. Reading it touches no network, and writes nothing.

    `entries` are as the ledger has them, but for copies whose file is gone or has another size: these count as not
    there, so the next build asks for them again.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._ledger = LedgerFile(folder, FORM)
        self.entries: dict[str, Entry] = {url: self._checked(entry) for url, entry in self._ledger.read().items()}

    def image(self, url: str) -> Image | None:
        """Return the picture that was fetched from an address; its source is relative to the site's folder."""
        entry = self.entries.get(url)
        if entry is None or entry.kept is None:
            return None
        kept = entry.kept
        digest = bytes.fromhex(kept.file[3:35])
        return Image(f"{COLLECTION}/{kept.file}", digest, kept.width, kept.height, kept.format, kept.transparent)

    def read(self, file: str, digest: bytes) -> bytes | None:
        """Return the bytes of a kept picture, None where they are not the ones that were kept."""
        data = bytes_of(self.folder / file)
        return data if digest_bytes(data) == digest else None

    def keep(self, data: bytes, image: Image) -> str:
        """Put a picture's bytes into the folder and return their name in it; bytes that are there stay."""
        file = f"{image.digest.hex()[:2]}/{image.digest.hex()}.{_SUFFIXES[image.format]}"
        path = self.folder / file
        if _size_of(path) != len(data):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data)
        return file

    def put(self, entry: Entry) -> None:
        """Note what is now known of an address; it is in the journal at once, so a kill does not lose it."""
        self.entries[entry.url] = entry
        self._ledger.put(entry)

    def settle(self) -> None:
        """Write the ledger anew with all that is known, then drop the journal; without news nothing is written."""
        self._ledger.settle(self.entries.values())

    def discard_damaged(self, source: str) -> bool:
        """Remove a picture whose bytes are not the kept ones, so that it is asked for again; return whether it was one.

        Args:
            source: its path relative to the site's folder, as its `Image` has it.
        """
        file = source.removeprefix(f"{COLLECTION}/")
        if not _FILE.fullmatch(file) or self.read(file, bytes.fromhex(file[3:35])) is not None:
            return False
        (self.folder / file).unlink(missing_ok=True)
        return True

    def ask_again(self, now: datetime, urls: Iterable[str]) -> int:
        """Let these addresses be asked again at the next chance, where they are not good; return how many are not."""
        known = (self.entries[url] for url in dict.fromkeys(urls) if url in self.entries)
        missed = [entry for entry in known if entry.trouble or not entry.kept]
        for entry in missed:
            self.put(replace(entry, due=min(entry.due, now)))
        self.settle()
        return len(missed)

    def prune(self, wanted: Iterable[str]) -> tuple[int, int]:
        """Forget every address that is not wanted, and drop files that none is left of; return how many of each."""
        keep = set(wanted)
        dropped = self.entries.keys() - keep
        if dropped:
            self.entries = {url: entry for url, entry in self.entries.items() if url in keep}
            self._ledger.rewrite(self.entries.values())
        return len(dropped), self._sweep()

    def _sweep(self) -> int:
        """Remove the files of ours that no entry names, and what a killed build left half written."""
        live = {entry.kept.file for entry in self.entries.values() if entry.kept}
        removed = 0
        for path in sorted(self.folder.glob("??/*")):
            file = path.relative_to(self.folder).as_posix()
            if file not in live and (_FILE.fullmatch(file) or path.name.endswith(".new")):
                path.unlink(missing_ok=True)
                removed += not path.name.endswith(".new")
        return removed

    def _checked(self, entry: Entry) -> Entry:
        kept = entry.kept
        if kept is None or self._stands(kept):
            return entry
        # Validators would make the server answer "not changed" about bytes that we no longer have.
        due = entry.due if entry.trouble else entry.asked
        return replace(entry, kept=None, etag="", modified="", due=due)

    def _stands(self, kept: Kept) -> bool:
        return bool(_FILE.fullmatch(kept.file)) and _size_of(self.folder / kept.file) == kept.size


def _size_of(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1
