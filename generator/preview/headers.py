"""Headers: the rules of a site's `_headers`, read as Netlify and Cloudflare Pages read them.

Source: https://docs.netlify.com/routing/headers/, https://developers.cloudflare.com/pages/configuration/headers/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.preview.current import ProblemLine
from generator.preview.patterns import Pattern, address_pattern

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Hosts send these themselves, whatever a file says.
_THE_HOSTS = frozenset(
    {
        *("accept-ranges", "age", "allow", "alt-svc", "connection", "content-encoding", "content-length"),
        *("content-range", "date", "server", "trailer", "transfer-encoding", "upgrade"),
    }
)


class HeaderRule(NamedTuple):
    """What is sent with addresses of a pattern; a header without a value is taken away again."""

    pattern: Pattern
    headers: tuple[tuple[str, str | None], ...]


def read_headers(text: str) -> tuple[tuple[HeaderRule, ...], tuple[ProblemLine, ...]]:
    """Return the rules in their order, and a warning for each line that is passed over."""
    rules: list[tuple[Pattern | None, list[tuple[str, str | None]]]] = []
    problems = []
    for number, line in _lines(text):
        if line.startswith(("/", "http://", "https://")):
            pattern = address_pattern(line, slash_is_free=False)
            rules.append((pattern, []))
            if pattern is None:
                hint = 'a rule begins with "/", has one `*` and each :name once'
                problems.append(_problem(number, line, "preview knows no rule for another host", hint))
        elif not rules:
            problems.append(_problem(number, line, "no address stands above this header", 'write "/*" above it'))
        else:
            header, complaint = _header(line)
            rules[-1][1].extend(header)
            problems += [_problem(number, line, *each) for each in complaint]
    return tuple(HeaderRule(pattern, tuple(headers)) for pattern, headers in rules if pattern), tuple(problems)


def headers_for(rules: Iterable[HeaderRule], path: str) -> dict[str, str]:
    """Return the headers of a decoded path, names in lower case; what several rules say is joined by commas."""
    found: dict[str, str] = {}
    for rule in rules:
        if match := rule.pattern.fullmatch(path):
            for name, value in rule.headers:
                if value is None:
                    found.pop(name, None)
                else:
                    text = _filled(value, match.groupdict())
                    found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _header(line: str) -> tuple[list[tuple[str, str | None]], list[tuple[str, str]]]:
    """Return the header of a line, or what is wrong with it."""
    if line.startswith("!"):
        return [(line[1:].strip().lower(), None)], []
    name, colon, value = line.partition(":")
    name, value = name.strip().lower(), value.strip()
    if not colon or not _NAME.fullmatch(name):
        return [], [("is no header", 'write it as "Name: value"')]
    if name in _THE_HOSTS:
        return [], [(f"{name} is sent by the host alone", "delete the line")]
    if not value.isprintable() or not all(ord(character) < 256 for character in value):
        return [], [("the value has characters that no header can have", "use ASCII")]
    return [(name, value)], []


def _filled(value: str, captured: dict[str, str | None]) -> str:
    """Return a value with what its address's pattern took; only what a header can hold."""

    def fill(match: re.Match[str]) -> str:
        taken = captured.get(match[1])
        return match[0] if taken is None or not (taken.isascii() and taken.isprintable()) else taken

    return re.sub(r":([A-Za-z]\w*)", fill, value)


def _problem(line: int, text: str, message: str, hint: str) -> ProblemLine:
    return ProblemLine("warning", "_headers", line, 0, message, hint, text)
