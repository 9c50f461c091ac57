"""Minify style sheets and scripts where the library for it is there (extra `minify`); else they stay as they are."""

from __future__ import annotations

import re

from generator.base.problems import ConfigError, Problem
from generator.theme.assets import Part

_TYPES = {".css": "text/css", ".js": "application/javascript"}
_LONGER = "EOF"  # what the library says where its answer would be longer than what it was given
_PLACE = re.compile(r" on line (\d+) and column (\d+)$")


def minified(name: str, part: Part) -> bytes:
    """Return a part of a style sheet or script without what only people read.

    Raises:
        ConfigError: where it is broken.
    """
    kind = _TYPES[name[name.rfind(".") :]]
    try:
        import minify  # starts another language's runtime: only for a build in which an asset changed
    except ImportError:
        return part.body
    try:
        return str(minify.string(kind, part.body.decode())).encode()
    except UnicodeDecodeError as error:
        problem = Problem(part.source, 0, 0, "", f"is not UTF-8 ({error.reason})", "save it as UTF-8")
    except minify.MinifyError as error:
        if str(error) == _LONGER:
            return part.body
        problem = _problem(part.source, kind, str(error).partition("\n")[0])
    raise ConfigError([problem])


def _problem(path: str, kind: str, message: str) -> Problem:
    place = _PLACE.search(message)
    line, column = map(int, place.groups()) if place else (0, 0)
    return Problem(path, line, column, "", f"is not {kind}: {_PLACE.sub('', message)}", "correct it")
