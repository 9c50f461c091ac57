"""Wave one: every source file alone becomes a reading, kept under the digest of the very bytes that were read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

import msgspec

from generator.base.config import Settings
from generator.base.digest import digest_bytes, digest_record
from generator.base.files import is_settled, read_file, size_of
from generator.base.imaging import Image
from generator.base.problems import Problem
from generator.base.record import Record
from generator.base.records import Card, PageData, ProviderData, SourceFile, TopicData
from generator.builder.fingerprint import Code
from generator.builder.run import SourceChanged
from generator.builder.store import Blob, Entry, Pack, Store
from generator.builder.workers import Gather, run_chunks, workers
from generator.content.article import card_of, read_article
from generator.content.desk import read_page, read_provider, read_topic
from generator.library.relate import Readings
from generator.pages.api import item_parts
from generator.pages.press import Filed

CHUNK = 100
INLINE = 150  # readings that are faster here than in processes that must start first
PICTURES = (".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")


class Reading(Record, frozen=True):
    """What one source file gave: one of the records, or none, and what is wrong with it."""

    problems: tuple[Problem, ...] = ()
    card: Card | None = None
    body: bytes = b""  # the digest of an article's commentary: no card says it, for only the search index asks
    topic: TopicData | None = None
    provider: ProviderData | None = None
    page: PageData | None = None
    image: Image | None = None
    broken: str = ""  # why a picture's file is none


Known = dict[str, Entry[Reading]]


class Reader:
    """The world of wave one: settings, the cache to file articles in, and the keys under which readings are known."""

    def __init__(self, root: str, settings: Settings, store: Store[Reading], code: Code):
        self.root = root
        self.zone = settings.timezone
        self.base_url = settings.base_url
        self.orders: Sequence[Order] = ()  # workers hold them, too, and are sent numbers
        self.seen: Sequence[SourceFile] = ()  # the last time, all of them
        self.given: Known = {}  # of these
        self.unsettled: set[str] = set()  # of these, what is to be read again whatever its look
        self._store = store
        self._pack: Pack | None = None
        own = code.own_digest(__name__)
        article = (own, code.fingerprint("generator.content.article"), code.fingerprint("generator.pages.api"))
        desk, pictures = code.fingerprint("generator.content.desk"), code.fingerprint("generator.images.probe")
        self._keys = {
            "article": digest_record((*article, self.zone, self.base_url)),
            **{kind: digest_record((desk, self.zone)) for kind in ("topic", "provider", "page")},
            **dict.fromkeys(("picture", "asset"), pictures),
            "static": b"static",
        }
        self._named: dict[tuple[str, str], bytes] = {}

    def __getstate__(self) -> dict[str, object]:
        """A worker on another machine is sent what there is to read, and files in a pack of its own."""
        return self.__dict__ | {"seen": (), "given": {}, "unsettled": set(), "_pack": None}

    def key(self, source: SourceFile) -> bytes:
        """Return all that a reading depends on besides path and bytes."""
        name = (source.kind, source.section)
        if name not in self._named:
            self._named[name] = self._keys[source.kind] + source.section.encode()
        return self._named[name]

    def file(self, filed: Filed) -> Blob:
        """Store an article for the pages that show it."""
        if self._pack is None:
            self._pack = self._store.new_pack()
        return self._pack.append(*filed.encode())

    def flush(self) -> None:
        """Write what this process filed."""
        if self._pack:
            self._pack.flush()

    def close(self) -> None:
        """Close what this process filed articles in: a preview builds thousands of times in one process."""
        if self._pack:
            self._pack.close()
            self._pack = None


class Order(NamedTuple):
    """A file to read, and what is known of it."""

    source: SourceFile
    known: Entry[Reading] | None
    settled: bool


def read_sources(
    sources: Sequence[SourceFile],
    known: Known,
    reader: Reader,
    jobs: int,
    progress: Callable[[int, int], None],
    meanwhile: Callable[[], object] = lambda: None,
    gather: Gather | None = None,
) -> Known:
    """Return an entry for each source, sorted by path; only what changed is read.

    Args:
        meanwhile: done here while other processes read.
        gather: gives those of other machines.
    """
    now = time.time_ns()
    entries, unknown = _known_entries(sources, known, reader)
    orders = [Order(source, known.get(source.path), is_settled(source.stat, now)) for source in unknown]
    if orders:
        reader.orders = orders
        jobs, gather = (jobs, gather) if len(orders) > INLINE else (1, None)
        with closing(reader), workers(jobs, reader, gather) as team:
            answers = run_chunks(
                team,
                read_chunk,
                range(len(orders)),
                CHUNK,
                lambda done: progress(done, len(orders)),
                Entry[Reading] | None,
                meanwhile=meanwhile,
            )
        for order, answer in zip(orders, answers, strict=True):
            if answer is not None:
                entries[order.source.path] = answer
            else:
                entries.pop(order.source.path, None)
        entries = dict(sorted(entries.items()))
    reader.seen, reader.given = sources, entries
    reader.unsettled = {path for path, entry in entries.items() if entry.stat is None}
    return entries


def _known_entries(sources: Sequence[SourceFile], known: Known, reader: Reader) -> tuple[Known, list[SourceFile]]:
    """Return the entries that stand, and the sources that have to be read.

    Where `known` is what the reader gave the last time, what it saw in the same look need not be compared again.
    """
    before = reader.seen
    if known is reader.given and len(before) == len(sources):
        doubtful = [source for source, old in zip(sources, before, strict=True) if source is not old]
        doubtful += [source for source in sources if source.path in reader.unsettled] if reader.unsettled else []
        entries = known.copy()
    else:
        doubtful, entries = list(sources), {}
    unknown = []
    for source in doubtful:
        entry = known.get(source.path)
        if entry and entry.stat == source.stat and entry.key == reader.key(source):
            entries[source.path] = entry
        else:
            unknown.append(source)
    return entries, unknown


def read_chunk(reader: Reader, numbers: Sequence[int]) -> list[Entry[Reading] | None]:
    """Read some of the reader's orders in a worker; None for one that is gone."""
    entries = [_read(reader, reader.orders[number]) for number in numbers]
    reader.flush()
    return entries


def _read(reader: Reader, order: Order) -> Entry[Reading] | None:
    source, known = order.source, order.known
    try:
        data = read_file(os.path.join(reader.root, source.path), size_of(source.stat))
    except FileNotFoundError:
        raise SourceChanged(source.path) from None
    except OSError as error:
        problem = Problem(source.path, 0, 0, "", f"cannot be read: {error.strerror}", "check its permissions")
        return Entry(None, b"", reader.key(source), Reading((problem,)))
    digest, key = digest_bytes(data), reader.key(source)
    stat = source.stat if order.settled else None
    if known and known.digest == digest and known.key == key:
        return msgspec.structs.replace(known, stat=stat)
    reading, filed = read_source(source, data, reader.zone, reader.base_url)
    if known and known.value == reading:
        reading = known.value  # what is the same stays the same object, by which the join knows that nothing changed
    return Entry(stat, digest, key, reading, reader.file(filed) if filed else None)


def read_source(source: SourceFile, data: bytes, zone: str, base_url: str) -> tuple[Reading, Filed | None]:
    """Return what a file says, and of an article what its pages need."""
    if source.kind == "article":
        article, problems = read_article(source, data, zone)
        if article is None:
            return Reading(problems), None
        item, document = item_parts(article, zone, base_url)
        filed = Filed(item, msgspec.msgpack.encode(article), document)
        body = digest_record(article.body) if article.body else b""
        return Reading(problems, card=card_of(article), body=body), filed
    if source.kind == "topic":
        topic, problems = read_topic(source, data)
        return Reading(problems, topic=topic), None
    if source.kind == "provider":
        provider, problems = read_provider(source, data)
        return Reading(problems, provider=provider), None
    if source.kind == "page":
        page, problems = read_page(source, data)
        return Reading(problems, page=page), None
    if source.kind in ("picture", "asset") and source.path.lower().endswith(PICTURES):
        from generator.images.probe import probe  # Pillow: not for a build in which no picture changed

        image = probe(source.path, data)
        return (Reading(image=image) if isinstance(image, Image) else Reading(broken=image)), None
    return Reading(), None


def gather(sources: Sequence[SourceFile], entries: Known, ignored: int, problems: tuple[Problem, ...]) -> Readings:
    """Sort the readings into the kinds that the join works on."""
    cards: list[Card] = []
    topics: list[TopicData] = []
    providers: list[ProviderData] = []
    pages: list[PageData] = []
    images: dict[str, Image] = {}
    broken: dict[str, str] = {}
    statics: list[tuple[SourceFile, bytes]] = []
    found = list(problems)
    for source in sources:
        entry = entries.get(source.path)
        if entry is None:
            continue
        value = entry.value
        found += value.problems
        if value.card:
            cards.append(value.card)
        elif value.topic:
            topics.append(value.topic)
        elif value.provider:
            providers.append(value.provider)
        elif value.page:
            pages.append(value.page)
        elif value.image:
            images[source.name] = value.image
        elif value.broken:
            broken[source.name] = value.broken
        if source.kind == "static" and entry.digest:
            statics.append((source, entry.digest))
    return Readings(
        tuple(cards),
        tuple(topics),
        tuple(providers),
        tuple(pages),
        images,
        broken,
        tuple(statics),
        ignored,
        tuple(found),
    )
