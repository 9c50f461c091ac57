"""Redirects: the rules of a site's `_redirects`, read as Netlify reads them, Cloudflare Pages with less.

Where the two differ, Netlify is followed: a status that is not given is 301 (Cloudflare: 302), a last slash makes no
difference, and a file that is there wins unless the status ends with `!` (Cloudflare: the rule wins always).

Source: https://docs.netlify.com/routing/redirects/, https://developers.cloudflare.com/pages/configuration/redirects/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote

from generator.preview.current import ProblemLine
from generator.preview.patterns import Pattern, address_pattern

MOVES = frozenset({301, 302, 303, 307, 308})
_STATUSES = MOVES | {200, 404}
_STATUS = re.compile(r"(\d{3})(!?)")
_PLACE = re.compile(r":([A-Za-z]\w*)")


class Rule(NamedTuple):
    """Where an address leads. `query` names parameters that must be there, with their values or `:name`."""

    pattern: Pattern
    query: tuple[tuple[str, str], ...]
    target: str
    status: int
    forced: bool


class Hit(NamedTuple):
    """What a rule makes of an address: for 200 and 404 the path of the page to show, else where to go."""

    status: int
    location: str


def read_redirects(text: str) -> tuple[tuple[Rule, ...], tuple[ProblemLine, ...]]:
    """Return the rules in their order, and a warning for each line that is passed over."""
    rules, problems = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
        if not words[:comment]:
            continue
        rule = _rule(words[:comment])
        if isinstance(rule, Rule):
            rules.append(rule)
        else:
            problems.append(ProblemLine("warning", "_redirects", number, 0, *rule, line.strip()))
    return tuple(rules), tuple(problems)


def redirect(rules: Iterable[Rule], path: str, query: str, *, forced: bool) -> Hit | None:
    """Return what the first rule that fits makes of a decoded path, passing over those that would lead to it again.

    Args:
        path: with the site's base path, as rules have it.
        query: what stands behind the `?` of the request.
        forced: only the rules that win over files, or only the others.
    """
    for rule in rules:
        if rule.forced == forced and (captured := _captured(rule, path, query)) is not None:
            location = _location(rule, captured, query)
            if unquote(re.split(r"[?#]", location, maxsplit=1)[0]) != path:
                return Hit(rule.status, location)
    return None


def _rule(words: list[str]) -> Rule | tuple[str, str]:
    """Return the rule of a line's words, or what is wrong and what would be right."""
    source, *rest = words
    query = []
    while rest and "=" in rest[0] and not _is_target(rest[0]):
        name, _, value = rest.pop(0).partition("=")
        query.append((name, value))
    if not rest or not _is_target(rest[0]):
        return "leads nowhere", 'write it as "/from /to 301"'
    target, *rest = rest
    number, force = 301, ""
    if rest and (match := _STATUS.fullmatch(rest[0])):
        number, force, rest = int(match[1]), match[2], rest[1:]
    if rest:
        return f"preview does not know the condition {rest[0]}", "the rule is passed over"
    if number not in _STATUSES:
        return f"{number} is no status of a rule", "use 301, 302, 303, 307, 308, 200 or 404"
    if number not in MOVES and not target.startswith("/"):
        return "preview asks no other server", "the rule is passed over"
    if source.startswith(("http://", "https://")):
        return "the rule is for another host", "the rule is passed over"
    pattern = address_pattern(source, slash_is_free=True)
    if pattern is None:
        return f"{source!r} is no address of a rule", 'it begins with "/", has one `*` and each :name once'
    return Rule(pattern, tuple(query), target, number, bool(force))


def _is_target(word: str) -> bool:
    return word.startswith(("/", "http://", "https://"))


def _captured(rule: Rule, path: str, query: str) -> dict[str, str] | None:
    """Return what the rule takes from an address, None where it does not fit."""
    match = rule.pattern.fullmatch(path)
    if match is None:
        return None
    captured = {name: taken or "" for name, taken in match.groupdict().items()}
    given = parse_qs(query, keep_blank_values=True) if rule.query else {}
    for name, wanted in rule.query:
        if name not in given or not (wanted.startswith(":") or given[name][0] == wanted):
            return None
        captured[wanted[1:] if wanted.startswith(":") else ""] = given[name][0]
    return captured


def _location(rule: Rule, captured: dict[str, str], query: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return quote(captured[name], safe="/~!$&'()+,;=:@-._") if name in captured else match[0]

    location = _PLACE.sub(fill, rule.target)
    if rule.target.startswith("/"):
        location = "/" + location.lstrip("/")  # `//host` would be another site
    if query and not rule.query and "?" not in location:
        before, mark, fragment = location.partition("#")
        location = f"{before}?{query}{mark}{fragment}"
    return location
