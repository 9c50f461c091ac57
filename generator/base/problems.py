"""Problems: what is wrong in a site, where, and what would be right."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning"]
Trail = tuple[str | int, ...]
IN_BODY = "\0body"  # begins the trail to a text in a file's body


class Problem(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One thing that is wrong in the site.

    `path` is relative to the site's folder. `line` and `column` count from 1; 0 = not known (yet).
    `trail` leads to the value in the file's front matter (`("images", 0, "url")`); the front-matter reader
    turns it into line and column when the file is at hand.
    """

    path: str
    line: int
    column: int
    field: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    trail: Trail = ()

    def __str__(self) -> str:
        where = ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])
        what = f"{self.field}: {self.message}" if self.field else self.message
        return (f"{where}: " if where else "") + what + (f"; {self.hint}" if self.hint else "")


def text_problem(path: str, text: str, message: str, hint: str = "", severity: Severity = "error") -> Problem:
    """Make a problem about what stands in a file's body, where `text` occurs first; its line is looked up later."""
    return Problem(path, 0, 0, "", message, hint, severity, (IN_BODY, text))


class BroadsheetError(Exception):
    """Root of the errors that end a command with a message.

    BroadsheetError
    ├── ConfigError     site.toml or the command line is wrong (exit code 2)
    ├── OutputRefused   output/ holds somebody else's files (exit code 2)
    ├── StrictStop      `--strict` met a problem (exit code 1)
    └── CacheDamaged    the cache contradicts itself; the build starts again without it
    """


class ConfigError(BroadsheetError):
    """`site.toml`, the theme's `theme.toml` or the command line is wrong; carries every problem found."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class OutputRefused(BroadsheetError):
    """The output folder holds files that no build of ours wrote."""


class StrictStop(BroadsheetError):
    """A strict build met problems and left the output as it was; carries all of them."""

    def __init__(self, problems: tuple[Problem, ...]):
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class CacheDamaged(BroadsheetError):
    """A part of the cache is missing or is not what the state says it is."""


def field_problem(path: str, trail: Trail, message: str, hint: str = "", severity: Severity = "error") -> Problem:
    """Make a problem about a front-matter value; its line is looked up later."""
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in trail).lstrip(".")
    return Problem(path, 0, 0, field, message, hint, severity, trail)
