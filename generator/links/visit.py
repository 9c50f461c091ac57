"""Visit: ask whether an address still leads somewhere; no body is read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from generator.base.image_settings import ImageSettings
from generator.links.verdict import Outcome, host_of
from generator.network.client import Client, Hop, Question, Resolve, Response
from generator.network.refusal import refusal
from generator.network.trouble import FetchFailed, Kind

LONGEST_TARGET = 2_000  # characters of a new address that is told
_ACCEPT = (("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("Accept-Language", "*"))
_FOR_GOOD = frozenset({301, 308})
_FINAL: frozenset[Kind] = frozenset({"address", "host", "unsafe", "busy"})  # to ask in another way would change nothing


class Visitor:
    """Asks for addresses one by one, each first by HEAD, then by GET where HEAD says anything but yes.

    Args:
        reach: which hosts may lie in a private network, and which are asked elsewhere.
        timeout: s for one address.
    """

    def __init__(
        self, reach: ImageSettings, timeout: float, now: datetime, connections: int, resolve: Resolve | None = None
    ):
        self._client = Client(reach.allow_hosts, reach.host_map, connections, resolve)
        self._timeout = timeout
        self._now = now

    async def visit(self, url: str) -> Outcome:
        """Return what came of asking for an address; no failure raises."""
        ends = time.monotonic() + self._timeout
        first = await self._ask(url, "HEAD", self._timeout / 2)
        if first.kind is None or first.kind in _FINAL:
            return first
        return await self._ask(url, "GET", max(ends - time.monotonic(), self._timeout / 4))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _ask(self, url: str, method: str, seconds: float) -> Outcome:
        hops: list[Hop] = []
        try:
            async with asyncio.timeout(seconds):
                await self._client.ask(Question(url, _ACCEPT, method), self._take, hops)
        except TimeoutError:
            return Outcome("slow", f"it takes more than {self._timeout:g} s")
        except FetchFailed as failure:
            return Outcome(failure.kind, failure.why, failure.wait)
        return Outcome(target=moved_to(url, hops))

    async def _take(self, response: Response) -> None:
        """Take the head for the answer; who leaves without reading the body closes the connection.

        Raises:
            FetchFailed: it is a refusal.
        """
        if not 200 <= response.status < 300 and response.status != 304:
            raise refusal(response.status, response.headers, self._now)


def moved_to(url: str, hops: Sequence[Hop]) -> str:
    """Return where the first redirects lead, those that are for good; "" where the address stays.

    Another scheme, a `www.` or a last slash is no news to anybody: nearly every old link has one of them.
    """
    target = ""
    for hop in hops:
        if hop.status not in _FOR_GOOD:
            break
        target = hop.url
    told = len(target) <= LONGEST_TARGET and target.isprintable() and " " not in target
    return target if told and _bare(target) != _bare(url) else ""


def _bare(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return host_of(url), parts.path.rstrip("/"), parts.query
