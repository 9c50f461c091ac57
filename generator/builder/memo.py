"""A memo: small answers that cost more to find than to keep from one build to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Memo:
    """Answers by the digest of everything that they depend on; `used` are those that this build asked for."""

    def __init__(self, known: Mapping[str, bytes]):
        self._known = known
        self.used: dict[str, bytes] = {}

    def get(self, name: str, depends_on: bytes, find: Callable[[], bytes]) -> bytes:
        """Return the answer called `name`, found by `find` where it is not known for these dependencies."""
        key = f"{name} {depends_on.hex()}"
        answer = self._known.get(key) or self.used.get(key)
        self.used[key] = find() if answer is None else answer
        return self.used[key]
