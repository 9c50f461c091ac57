"""Wave: ask for many pictures at once, politely, within the time that there is; each is kept as soon as it is whole."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec.structs import replace

from generator.base.image_settings import ImageSettings
from generator.base.imaging import Box
from generator.images.fetch.collection import Collection
from generator.images.fetch.download import Answer, Downloads
from generator.images.fetch.ledger import Entry, Kept, Trouble
from generator.images.fetch.sandbox import Done, Sandbox
from generator.images.fetch.schedule import Order, again_at, holds_until, pause_within, rules_of
from generator.network.client import Resolve
from generator.network.dates import whole_second
from generator.network.trouble import REFUSED, FetchFailed

AT_ONCE = 16  # files on their way; each may lie in memory as a whole
PER_HOST = 4
HOPELESS = 5  # failures in a row after which a host is left alone until the next build
UNREACHABLE = 3  # of them without a connection: then all that it has is put off
LONGEST_TEXT = 500  # of a header that the ledger keeps

Progress = Callable[[int, int], None]  # how many are done, of how many


class Host:
    """What one host still has to give, and how it behaves."""

    def __init__(self) -> None:
        self.queue: deque[Order] = deque()
        self.failures = 0  # in a row, of those that are the host's and not the file's
        self.unanswered = 0  # in a row, without a connection
        self.quiet_until = 0.0  # monotonic s


def run_wave(
    orders: Sequence[Order],
    collection: Collection,
    settings: ImageSettings,
    box: Box,
    now: datetime,
    jobs: int,
    progress: Progress,
    resolve: Resolve | None,
) -> None:
    """Ask for pictures until all are there or the budget is used up; what came of each is in the collection.

    Raises:
        OSError: the collection cannot be written.
    """
    wave = Wave(collection, settings, box, now, jobs, len(orders), progress)
    try:
        asyncio.run(wave.run(orders, resolve))
    except ExceptionGroup as group:  # of many at once; a full disk is told by its name
        raise group.exceptions[0] from group


class Wave:
    """One run through the orders."""

    def __init__(
        self,
        collection: Collection,
        settings: ImageSettings,
        box: Box,
        now: datetime,
        jobs: int,
        total: int,
        progress: Progress,
    ):
        self._collection = collection
        self._settings = settings
        self._box = box
        self._now = now
        self._jobs = jobs
        self._total = total
        self._done = 0
        self._progress = progress
        self._rules = rules_of(settings)
        self._ends = time.monotonic() + settings.fetch_budget
        # Half of the budget at most, or a host that never answers would never be found out.
        self._timeout = min(settings.timeout, settings.fetch_budget / 2)

    async def run(self, orders: Sequence[Order], resolve: Resolve | None) -> None:
        """Ask for all; on the way out everything that was started is ended."""
        settings = self._settings
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._sandboxes: asyncio.LifoQueue[Sandbox] = asyncio.LifoQueue()  # the last used one is running already
        sandboxes = [Sandbox() for _ in range(max(1, self._jobs))]
        for sandbox in sandboxes:
            self._sandboxes.put_nowait(sandbox)
        self._downloads = Downloads(settings, self._now, 2 * AT_ONCE, resolve)
        try:
            async with asyncio.timeout(settings.fetch_budget), asyncio.TaskGroup() as group:
                for host in by_host(orders):
                    for _ in range(min(PER_HOST, len(host.queue))):
                        group.create_task(self._drain(host))
        except TimeoutError:
            pass  # the next build takes up the rest
        finally:
            await self._downloads.close()
            for sandbox in sandboxes:
                await sandbox.close()

    async def _drain(self, host: Host) -> None:
        """Bring a host's pictures one by one, as others do beside."""
        while host.queue and host.failures < HOPELESS:
            if (pause := host.quiet_until - time.monotonic()) > 0:
                await asyncio.sleep(pause)
                continue
            await self._bring(host.queue.popleft(), host)
            self._done += 1
            self._progress(self._done, self._total)

    async def _bring(self, order: Order, host: Host) -> None:
        """Bring one picture into the collection, or what became of it."""
        tries, left = 0, self._timeout
        while True:
            tries += 1
            started = time.monotonic()
            try:
                async with self._slots:
                    await self._try(order, left)
            except FetchFailed as failure:
                left -= time.monotonic() - started
                pause = pause_within(failure.kind, tries, failure.wait) if left > 0 else None
                if pause is None or time.monotonic() + pause >= self._ends:
                    return self._give_up(order, host, failure)
                if failure.kind == "busy":
                    host.quiet_until = time.monotonic() + pause
                await asyncio.sleep(pause)
            else:
                host.failures = host.unanswered = 0
                return None

    def _give_up(self, order: Order, host: Host, failure: FetchFailed) -> None:
        """Note a failure; where it is the whole host's, put off what else there is to be had from it."""
        failed = self._failed(order.url, failure)
        self._collection.put(failed)
        host.failures += failure.kind in ("host", "unsafe", "network", "slow", "busy", "server")
        host.unanswered = host.unanswered + 1 if failure.kind == "host" else 0
        if host.unanswered >= UNREACHABLE or (failure.kind == "busy" and failure.wait):
            while host.queue:
                url = host.queue.popleft().url
                known = self._collection.entries.get(url) or Entry(url, failed.asked, failed.due)
                self._collection.put(replace(known, due=failed.due))

    async def _try(self, order: Order, seconds: float) -> None:
        """Ask once and keep what comes.

        Raises:
            FetchFailed: nothing that can be kept came.
        """
        try:
            async with asyncio.timeout(seconds):
                answer = await self._downloads.ask(order)
        except TimeoutError:
            raise FetchFailed("slow", f"it takes more than {self._timeout:g} s") from None
        known = self._collection.entries.get(order.url)
        if answer.data is not None:
            made = await self._made(answer.data)
            self._collection.put(self._good(order.url, answer, self._kept(made, known)))
        elif known and known.kept:
            headers = {"etag": known.etag, "last-modified": known.modified, **answer.headers}
            self._collection.put(self._good(order.url, Answer(None, headers), known.kept))

    async def _made(self, data: bytes) -> Done:
        sandbox = await self._sandboxes.get()
        try:
            return await sandbox.make(data, self._box, self._settings.max_pixels)
        finally:
            self._sandboxes.put_nowait(sandbox)

    def _kept(self, made: Done, known: Entry | None) -> Kept:
        """Put a picture into the collection and return its part of the ledger's entry."""
        file = self._collection.keep(made.data, made.image)
        same = known.kept if known and known.kept and known.kept.file == file else None
        image = made.image
        return Kept(
            file=file,
            size=len(made.data),
            width=image.width,
            height=image.height,
            format=image.format,
            since=same.since if same else whole_second(self._now),
            transparent=image.transparent,
            cut=made.cut,
        )

    def _good(self, url: str, answer: Answer, kept: Kept) -> Entry:
        return Entry(
            url=url,
            asked=whole_second(self._now),
            due=holds_until(answer.headers, kept.since, self._now),
            kept=kept,
            etag=_short(answer.headers.get("etag", "")),
            modified=_short(answer.headers.get("last-modified", "")),
        )

    def _failed(self, url: str, failure: FetchFailed) -> Entry:
        """Return the entry of a failure; a copy that is there stays, with what the server will be asked of it."""
        asked = whole_second(self._now)
        known = self._collection.entries.get(url) or Entry(url, asked, asked)
        failures = known.trouble.failures + 1 if known.trouble else 1
        rules = self._rules if failure.kind in REFUSED else ""
        return replace(
            known,
            asked=asked,
            due=again_at(failure.kind, failures, self._now, failure.wait),
            trouble=Trouble(failure.kind, failure.why, failures, rules),
        )


def by_host(orders: Sequence[Order]) -> list[Host]:
    """Share the orders out to their hosts, each in its order."""
    hosts: dict[str, Host] = {}
    for order in orders:
        try:
            name = urlsplit(order.url).netloc.rpartition("@")[2].lower()
        except ValueError:
            name = ""
        hosts.setdefault(name, Host()).queue.append(order)
    return list(hosts.values())


def _short(header: str) -> str:
    """Return a header that can be sent back, "" for one that no honest server sends."""
    return header if len(header) <= LONGEST_TEXT and header.isascii() and header.isprintable() else ""
