"""Wave: ask for many links, one at a time of each host, within the time that there is; each is noted at once."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from generator.base.image_settings import ImageSettings
from generator.base.link_settings import LinkSettings
from generator.links.ledger import LinkLedger
from generator.links.verdict import Outcome, host_of, judge
from generator.links.visit import Visitor
from generator.network.client import Resolve
from generator.network.trouble import Kind

AT_ONCE = 16  # hosts that are asked at the same time
PAUSE = 1.0  # s between two questions to one host
LONGEST_PAUSE = 30.0  # s that are waited for a host; if it wants more, the next run goes on
UNREACHABLE = 2  # failures in a row without a connection, after which all that a host has counts as not reached
HOPELESS = 5  # in a row that took too long, after which a host is left to the next run
# Trouble that may be our own network's: it counts only if somebody answers in the same run.
_MAYBE_OURS: frozenset[Kind] = frozenset({"host", "slow", "address"})

Progress = Callable[[int, int], None]  # how many are done, of how many


class Host:
    """What is still to be asked of one host, and how it behaves."""

    def __init__(self) -> None:
        self.queue: deque[str] = deque()
        self.unreached = 0  # in a row, without a connection
        self.slow = 0  # in a row
        self.quiet_until = 0.0  # monotonic s


def run_wave(
    urls: Sequence[str],
    ledger: LinkLedger,
    settings: LinkSettings,
    reach: ImageSettings,
    now: datetime,
    progress: Progress,
    resolve: Resolve | None,
) -> bool:
    """Ask until all have answered or the budget is used up; return whether anybody was reached.

    Raises:
        OSError: the ledger cannot be written.
    """
    wave = Wave(ledger, now, len(urls), progress)
    try:
        return asyncio.run(wave.run(urls, settings, reach, resolve))
    except ExceptionGroup as group:  # of many at once; a full disk is told by its name
        raise group.exceptions[0] from group


class Wave:
    """One run through the links."""

    def __init__(self, ledger: LinkLedger, now: datetime, total: int, progress: Progress):
        self._ledger = ledger
        self._now = now
        self._total = total
        self._done = 0
        self._progress = progress
        self._reached = False
        self._waiting: list[tuple[str, Outcome]] = []  # not noted as long as nobody answers

    async def run(
        self, urls: Iterable[str], settings: LinkSettings, reach: ImageSettings, resolve: Resolve | None
    ) -> bool:
        """Ask for all; return whether anybody was reached."""
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._visitor = Visitor(reach, settings.timeout, self._now, 2 * AT_ONCE, resolve)
        try:
            async with asyncio.timeout(settings.fetch_budget), asyncio.TaskGroup() as group:
                for host in by_host(urls):
                    group.create_task(self._drain(host))
        except TimeoutError:
            pass  # the next run goes on with the rest
        finally:
            await self._visitor.close()
        return self._reached

    async def _drain(self, host: Host) -> None:
        """Ask one host for all that it has, one after another."""
        while host.queue and host.slow < HOPELESS:
            if (pause := host.quiet_until - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            outcome = await self._visit(host.queue[0], host)
            self._note(host.queue.popleft(), outcome)
            host.unreached = host.unreached + 1 if outcome.kind == "host" else 0
            host.slow = host.slow + 1 if outcome.kind == "slow" else 0
            if host.unreached >= UNREACHABLE:
                while host.queue:
                    self._note(host.queue.popleft(), outcome)
            if outcome.kind == "busy" and outcome.wait:
                return

    async def _visit(self, url: str, host: Host) -> Outcome:
        """Ask for an address; where its host asks for a short pause, once more after that."""
        outcome = await self._ask(url, host)
        if outcome.kind == "busy" and outcome.wait and outcome.wait <= LONGEST_PAUSE:
            await asyncio.sleep(outcome.wait)
            outcome = await self._ask(url, host)
        return outcome

    async def _ask(self, url: str, host: Host) -> Outcome:
        async with self._slots:
            outcome = await self._visitor.visit(url)
        host.quiet_until = time.monotonic() + PAUSE
        return outcome

    def _note(self, url: str, outcome: Outcome) -> None:
        """Put what came into the ledger, and with it what has waited for a proof that there is a network."""
        self._reached |= outcome.kind not in _MAYBE_OURS
        self._waiting.append((url, outcome))
        if self._reached:
            for asked, came in self._waiting:
                self._ledger.put(judge(asked, came, self._ledger.entries.get(asked), self._now))
            self._waiting = []
        self._done += 1
        self._progress(self._done, self._total)


def by_host(urls: Iterable[str]) -> list[Host]:
    """Share the addresses out to their hosts, each in its order."""
    hosts: dict[str, Host] = {}
    for url in urls:
        hosts.setdefault(host_of(url), Host()).queue.append(url)
    return list(hosts.values())
