"""Last: what was found the last time, given again where it would be found of the same things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Last:
    """Answers by name, each with what it was made of. A preview keeps one; a build begins with an empty one.

    `changed` are the files that changed since (absolute paths), None where that is not known.
    """

    def __init__(self) -> None:
        self.changed: frozenset[str] | None = None
        self._answers: dict[str, tuple[tuple[object, ...], object]] = {}

    def same(self, name: str, of: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return the last answer called `name` if it was made of equal things, else what `make` gives."""
        known = self._answers.get(name)
        if known is not None and known[0] == of:
            return cast(T, known[1])
        self._answers.pop(name, None)  # what it held is free before there is another
        answer = make()
        self._answers[name] = (of, answer)
        return answer

    def equal(self, name: str, value: T) -> T:
        """Return the last value called `name` if it is equal to this one, so that what is the same is one object."""
        return self.same(name, (value,), lambda: value)

    def get(self, name: str) -> Any:
        """Return the last answer called `name`."""
        known = self._answers.get(name)
        return known[1] if known else None
