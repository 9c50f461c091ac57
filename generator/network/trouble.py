"""Trouble: the ways in which an address gives nothing, a closed list."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "address",  # a place that may not be asked, or no address at all
    "host",  # nobody there answers
    "unsafe",  # its certificate is not valid, or it has no safe connection
    "network",  # the answer breaks off
    "slow",  # it takes longer than it may
    "busy",  # the server wants to be left alone for a while
    "server",  # it has an error of its own
    "denied",
    "missing",
    "gone",  # for good
    "moved",  # its redirects lead nowhere
    "large",
    "content",  # not of the kind that was asked for
]

# These stay until the other side or the settings change, so nothing is gained by asking soon.
REFUSED: frozenset[Kind] = frozenset({"address", "large", "content"})


class FetchFailed(Exception):
    """Nothing can be had of an address; the message is one plain sentence without its full stop.

    `wait` is how many seconds the server asks to be left alone, None where it says nothing.
    """

    def __init__(self, kind: Kind, why: str, wait: float | None = None):
        super().__init__(why)
        self.kind: Kind = kind
        self.why = why
        self.wait = wait
