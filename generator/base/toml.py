"""Read TOML into a typed record, every mistake at once and each with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from generator.base.problems import ConfigError, Problem, Trail

S = TypeVar("S", bound=msgspec.Struct)


def read_toml(text: str, kind: type[S], path: str) -> S:
    """Return the settings that `text` holds; `path` is what messages name.

    Raises:
        ConfigError: with every mistake: syntax, unknown keys (with the nearest known one), wrong types and values.
    """
    settings, problems = fit_toml(text, kind, path)
    if problems:
        raise ConfigError(sorted(problems))
    return settings


def fit_toml(text: str, kind: type[S], path: str) -> tuple[S, list[Problem]]:
    """Return what in `text` fits, defaults in the place of all else, and a problem for each key that does not fit.

    Raises:
        ConfigError: where `text` is not TOML.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_problem(str(error), text, path)]) from None
    problems = []
    for trail, message, hint in list(_mistakes(table, kind, ())):
        problems.append(Problem(path, *toml_position(text, trail), ".".join(map(str, trail)), message, hint))
        _forget(table, trail)
    while left := list(_mistakes(table, kind, ())):  # what is incomplete only because a mistake was left out
        for trail, _, _ in left:
            _forget(table, trail)
    return msgspec.convert(table, kind), problems


def toml_position(text: str, trail: Trail) -> tuple[int, int]:
    """Return line and column of the key at `trail`, or of its nearest parent; (0, 0) where the file has neither."""
    table: tuple[str, ...] = ()
    best, best_depth = (0, 0), 0
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = tuple(_names(header[1]))
            here, column = table, line.index("[") + 1
        elif key := _KEY.match(line):
            here, column = (*table, *_names(key[1])), key.start(1) + 1
        else:
            continue
        depth = len(here)
        if depth > best_depth and here == trail[:depth]:
            best, best_depth = (number, column), depth
    return best


_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_PATH})\s*\]")
_KEY = re.compile(rf"\s*({_PATH})\s*=")


def _names(path: str) -> list[str]:
    return [_name(name) for name in re.findall(_NAME, path)]


def _name(written: str) -> str:
    try:
        return next(iter(tomllib.loads(f"{written} = 0")))  # quotes and escapes as TOML reads them
    except tomllib.TOMLDecodeError:  # a line inside a long text that only looks like a key
        return written


def _syntax_problem(message: str, text: str, path: str) -> Problem:
    what, _, place = message.partition(" (at ")
    at = re.match(r"line (\d+), column (\d+)", place)
    last = text.rstrip().split("\n")  # tomllib says only "at end of document"
    line, column = (int(at[1]), int(at[2])) if at else (len(last), len(last[-1]) + 1)
    return Problem(path, line, column, "", f"is not TOML: {what}", "see https://toml.io")


def _mistakes(table: dict[str, object], kind: type[msgspec.Struct], above: Trail) -> Iterator[tuple[Trail, str, str]]:
    """Yield (trail, message, hint) of everything that does not fit, deepest tables included."""
    hints = get_type_hints(kind, include_extras=True)
    for key, value in table.items():
        trail = (*above, key)
        if key not in hints:
            yield trail, "is not a setting", _nearest(key, hints)
        elif isinstance(hints[key], type) and issubclass(hints[key], msgspec.Struct) and isinstance(value, dict):
            yield from _mistakes(value, hints[key], trail)
        elif get_origin(hints[key]) is dict and isinstance(value, dict):
            for name, one in value.items():
                yield from _mistakes_of_one(one, get_args(hints[key])[1], (*trail, name))
        else:
            yield from _misfits(value, hints[key], trail)


def _mistakes_of_one(value: object, kind: Any, trail: Trail) -> Iterator[tuple[Trail, str, str]]:
    """Yield the mistakes of one of many named tables; its `type` tells which settings it may have."""
    kinds = {each.__struct_config__.tag: each for each in get_args(kind) if hasattr(each, "__struct_config__")}
    if not kinds or not isinstance(value, dict):
        yield from _misfits(value, kind, trail)
        return
    tag_field = str(next(iter(kinds.values())).__struct_config__.tag_field)
    tag, known = value.get(tag_field), ", ".join(f'"{tag}"' for tag in kinds)
    if tag_field not in value:
        yield trail, f"has no `{tag_field}`", f"it is one of {known}"
    elif not isinstance(tag, str) or tag not in kinds:
        yield trail, f"{tag!r} is no `{tag_field}` of it", f"known are: {known}"
    else:
        yield from _mistakes({name: each for name, each in value.items() if name != tag_field}, kinds[tag], trail)
        missing = [
            field.name for field in msgspec.structs.fields(kinds[tag]) if field.required and field.name not in value
        ]
        if missing:
            yield trail, f"has no `{missing[0]}`", f'{tag_field} "{tag}" needs one'


def _misfits(value: object, kind: Any, trail: Trail) -> Iterator[tuple[Trail, str, str]]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield trail, _plainly(str(error)), ""


def _forget(table: dict[str, Any], trail: Trail) -> None:
    for part in trail[:-1]:
        table = table[str(part)]
    del table[str(trail[-1])]


def _nearest(key: str, known: dict[str, object]) -> str:
    near = get_close_matches(key, known, 1, 0.5)
    return f"did you mean `{near[0]}`?" if near else f"known are: {', '.join(sorted(known))}"


def _plainly(message: str) -> str:
    """Say msgspec's message in the words of the file: no `$` path, no Python or JSON type names."""
    message = re.sub(r" - at `\$.*`$", "", message).replace("of length >= 1", "with something in it")
    message = re.sub("`([^`]+)`", lambda kinds: " or ".join(_WORDS.get(k, k) for k in kinds[1].split(" | ")), message)
    return message[0].lower() + message[1:]


_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "datetime": "a date with a time",
    "date": "a date",
    "time": "a time",
}
