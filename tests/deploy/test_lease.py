"""The lease: who holds a target is known by its renewing, whatever a clock says."""

from __future__ import annotations

from itertools import count

import pytest

from generator.deploy import lease
from generator.deploy.lease import Seen, hold_lease
from generator.deploy.target import DeployRefused


class Shelf:
    """A place with a lease of somebody else, who renews it or does not."""

    def __init__(self, mark: str, age: float, renews: bool):
        self._mark, self._age, self._renews, self._turn = mark, age, renews, count()
        self.holder = ""

    def seen(self) -> Seen | None:
        return Seen(f"{self._mark}{next(self._turn) if self._renews else ''}", self._age)

    def claim(self, token: str, over: Seen | None) -> bool:
        self.holder = token
        return True

    def renew(self, token: str) -> bool:
        return True

    def release(self, token: str) -> None:
        self.holder = ""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that lasts be short."""
    for name, seconds in {"TERM": 0.3, "PATIENCE": 0.9, "_PAUSE": 0.05}.items():
        monkeypatch.setattr(lease, name, seconds)


@pytest.mark.parametrize("age", [0.0, -99_999.0, 99_999.0])
def test_nobody_renews(age: float) -> None:
    """One that says nothing, or whose clock was set, is nobody's once it was watched for a term; an old one at once."""
    waits: list[str] = []
    shelf = Shelf("half a lea", age, renews=False)
    with hold_lease(shelf, "there", waits.append):
        assert shelf.holder
    assert bool(waits) == (age < lease.TERM)


def test_somebody_renews() -> None:
    """However long it is watched: whoever renews it is alive, and is waited for with patience."""
    with (
        pytest.raises(DeployRefused, match="another deploy has been at work"),
        hold_lease(Shelf("x", 0.0, renews=True), "there", lambda _: None),
    ):
        raise AssertionError("two hold it")
