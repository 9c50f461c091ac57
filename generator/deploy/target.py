"""A target: what a deploy must be able to ask of a place where a site stands, and to do there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from generator.base.problems import BroadsheetError
from generator.deploy.manifest import Digest, Manifest, Pending, Row

Say = Callable[[str], None]
Count = Callable[[int, int], None]  # files, bytes: what has just gone
Progress = Callable[[str, int, int], None]  # what is done (a word, and what belongs to it), how much, of how much


class DeployFailed(BroadsheetError):
    """A target did not do what it was asked; the next deploy goes on where this one stopped."""


class DeployRefused(BroadsheetError):
    """A deploy was not begun, for each of these reasons; `of_site` where the site itself must be mended."""

    def __init__(self, reasons: Iterable[str], of_site: bool = False):
        self.reasons, self.of_site = tuple(reasons), of_site
        super().__init__("\n".join(self.reasons))


def gone(place: str, path: str) -> DeployFailed:
    """Return what to say where a file of the site that stands there is not there any more."""
    hint = "deploy with `--check`, which puts right what is missing"
    return DeployFailed(f"{place}: {path} is not there any more; {hint}")


def no_place(place: str, name: str, kind: str) -> DeployRefused:
    """Return the refusal of a target where something else takes the place of a file or a folder of ours."""
    return DeployRefused([f"{place}/{name}: is not a {kind}, and must be one of ours; remove it"])


class Remote(NamedTuple):
    """A target as a deploy finds it.

    `pending` is what a deploy that was interrupted was about to do, `done` how many of its steps are known to be
    done. `strangers` are files of a target that has no manifest: somebody else's.
    """

    manifest: Manifest | None = None
    pending: Pending | None = None
    done: int = 0
    strangers: tuple[str, ...] = ()


class Put(NamedTuple):
    """A file to put in place; `rank` is its place in the order.

    `fresh` ones are not there yet; `same` ones are there with these bytes, and only other headers.
    """

    path: str
    row: Row
    fresh: bool
    same: bool
    rank: int


class Plan(NamedTuple):
    """All that a deploy does, in this order; and the manifest that it leaves.

    `saves` are files of the version that stands there, which are kept aside before they are replaced, with their
    digests; `aside` are the digests of all that is then kept aside. `settled` is what an interrupted deploy has brought
    already. `sheaf` is the file, by its name, of pages of the puts that are kept together, too.
    """

    saves: tuple[tuple[str, str], ...]
    aside: frozenset[str]
    settled: tuple[tuple[str, Row | None], ...]
    puts: tuple[Put, ...]
    sheaf: Mapping[Digest, tuple[Digest, ...]]
    deletes: tuple[str, ...]
    manifest: Manifest
    needed: bool
    advances: bool  # another site stands there afterwards, not the same one tidied up

    def size(self) -> int:
        """Return the bytes that go."""
        return sum(put.row.size for put in self.puts)


class Source(Protocol):
    """Where the bytes of a plan's files come from."""

    saved: bool  # the target has them already, as it was before

    def read(self, path: str, row: Row) -> bytes:
        """Return the bytes of a file, exactly those of its row."""
        ...


class Target(Protocol):
    """A place where a site stands."""

    keeps_headers: bool
    binding: bool  # pages that nearly every deploy replaces are kept in one file, too

    def prepare(self) -> None:
        """Do what takes time and needs nobody to hold the target: the site is made meanwhile, or after it."""
        ...

    def held(self, waiting: Say, /) -> AbstractContextManager[None]:
        """Hold the target against other deploys; what was begun is let go of at the end, however that comes."""
        ...

    def look(self) -> Remote:
        """Return what is there; nothing is written."""
        ...

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that are there."""
        ...

    def listing(self) -> dict[str, int]:
        """Return the size of every file that is there, in bytes, but of our own folder."""
        ...

    def previous(self) -> Manifest | None:
        """Return the manifest of the version before the one that stands there; None where there was none."""
        ...

    def carry_out(self, plan: Plan, source: Source, count: Count) -> None:
        """Make the target what the plan says, in an order in which nothing that is seen leads to what is missing."""
        ...
