"""The lease: one deploy at a time changes a target, and one that was killed does not hold it for long."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from generator.deploy.manifest import CONTROL
from generator.deploy.target import DeployFailed, DeployRefused, Say

LEASE = f"{CONTROL}/lease"
TERM = 60.0  # s; a lease that was not renewed for so long is nobody's
RENEW = 15.0  # s
PATIENCE = 600.0  # s that a deploy waits for another one
_PAUSE = 1.0  # s between two looks


class Seen(NamedTuple):
    """A lease that is there: a mark that changes with its holder, and its age in s by the target's own clock."""

    mark: str
    age: float


def no_lease(place: str) -> DeployRefused:
    """Return the refusal of a target where the lease's name is taken by something that nobody can hold it by."""
    return DeployRefused([f"{place}/{LEASE}: is not a file, so it cannot say who deploys; remove it"])


class Place(Protocol):
    """Where a lease lies. `claim` and `renew` say whether the lease is the holder's now."""

    def seen(self) -> Seen | None: ...

    def claim(self, token: str, over: Seen | None) -> bool: ...

    def renew(self, token: str) -> bool: ...

    def release(self, token: str) -> None: ...


class Lease:
    """A lease that is held, until it is lost."""

    def __init__(self, place: Place, token: str, name: str):
        self._place, self._token, self._name = place, token, name
        self._renewed = time.monotonic()
        self._taken = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Check that the target is still ours.

        Raises:
            DeployFailed: where another deploy may have taken it.
        """
        if self._taken or time.monotonic() - self._renewed > TERM:
            raise DeployFailed(f"{self._name}: another deploy has taken over; deploy again when it is done")

    def _keep(self) -> None:
        while not self._end.wait(RENEW):
            began = time.monotonic()
            try:
                if not self._place.renew(self._token):
                    self._taken = True
                    return
                self._renewed = began
            except Exception:  # noqa: S112  the network may be back before the term ends; `check` knows when it did
                continue

    def end(self) -> None:
        """Let the target go."""
        self._end.set()
        self._thread.join()
        if not self._taken:
            self._place.release(self._token)


@contextmanager
def hold_lease(place: Place, name: str, waiting: Say) -> Iterator[Lease]:
    """Hold a target; wait while another deploy does, and take over from one that is dead.

    Raises:
        DeployRefused: where the other one takes too long.
    """
    token = secrets.token_hex(16)
    began, said = time.monotonic(), False
    watch = _Watch()
    while not watch.claimed(place, token):
        if time.monotonic() - began > PATIENCE:
            raise DeployRefused([f"{name}: another deploy has been at work for {PATIENCE / 60:.0f} minutes; try later"])
        if not said:
            waiting(f"{name}: another deploy is at work; waiting for it")
            said = True
        time.sleep(_PAUSE)
    lease = Lease(place, token, name)
    try:
        yield lease
    finally:
        lease.end()


class _Watch:
    """What is seen of another deploy's lease.

    Its age is what the target's clock says of it; but that clock may have been set, and the lease may say nothing. A
    holder that is alive renews it under our eyes.
    """

    def __init__(self) -> None:
        self._last: Seen | None = None
        self._since = time.monotonic()

    def claimed(self, place: Place, token: str) -> bool:
        """Take the lease if it is free, or nobody's any more; tell whether it is ours now."""
        seen, last = place.seen(), self._last
        if seen and (last is None or seen.mark != last.mark or seen.age < last.age):
            self._since = time.monotonic()
        self._last = seen
        alive = seen is not None and max(seen.age, time.monotonic() - self._since) <= TERM
        return not alive and place.claim(token, seen)
