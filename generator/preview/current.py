"""Current: the site as it is at this moment, as preview asks for it; the engine implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from generator.base.digest import digest_bytes
from generator.base.problems import Problem, Severity


class Page(NamedTuple):
    """One output as it is now.

    `data` are the exact bytes that a build would write. Where the output cannot be made, `problem` says why and `data`
    is the last good page, or empty where there never was one. `digest` is of `data`, in hex.
    """

    data: bytes
    digest: str
    problem: Problem | None = None

    @classmethod
    def of(cls, data: bytes, problem: Problem | None = None) -> Page:
        """Return the output that these bytes are."""
        return cls(data, digest_bytes(data).hex(), problem)


class ProblemLine(NamedTuple):
    """A problem of the site as a person reads it, with the text of its line; 0 and "" where that is not known."""

    severity: Severity
    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    text: str = ""


class PageInfo(NamedTuple):
    """What the bar tells about an output; `held` says why it would not be in the site, "" where it would."""

    kind: str
    title: str = ""
    path: str = ""  # of its source
    line: int = 0
    template: str = ""
    rank: int | None = None
    heat: int | None = None
    why_here: Sequence[str] = ()
    held: str = ""


class Current(Protocol):
    """The site as it is now. Any thread may ask; a method may take milliseconds, a picture's page seconds."""

    @property
    def base_path(self) -> str:
        """The path of the site on its host: "/" or "/blog/"."""

    @property
    def version(self) -> int:
        """A number that grows with every refresh that changed anything."""

    def page(self, output: str) -> Page | None:
        """Return an output ("news/x/index.html", "_headers"), None where the site has no such."""

    def problems(self) -> Sequence[ProblemLine]:
        """Return the problems of the whole site."""

    def about(self, output: str) -> PageInfo | None:
        """Return what the bar tells about an output."""

    def badges(self) -> Mapping[str, str]:
        """Return root-relative address of an article → why it would not be in the site."""

    def saved(self) -> str | None:
        """Return the root-relative address of the page of the file that was saved last."""

    def source(self, path: str) -> Path | None:
        """Return a file of the site that may be opened in the editor, None for any other path."""
