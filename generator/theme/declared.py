"""Declared: what a theme's `theme.toml` says: its name, its picture roles, its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from generator.base.imaging import Role
from generator.base.problems import ConfigError, Problem
from generator.base.record import Record
from generator.base.toml import read_toml, toml_position
from generator.theme.templates import did_you_mean

API = 1  # the version of what templates are given: raised when a view loses a field, or a field its meaning
Value = str | int | float | bool


class Option(Record, frozen=True):
    """A theme's option: a site may give another value of the default's type, one of `choices` where there are any."""

    default: Value
    choices: tuple[str, ...] = ()


class Declared(NamedTuple):
    """What `theme.toml` says."""

    name: str = ""
    roles: dict[str, Role] = {}
    options: dict[str, Option] = {}


def read_declared(toml: Path, path: str) -> Declared:
    """Read a `theme.toml`; `path` is how messages name it.

    Raises:
        ConfigError: with every mistake in it.
    """
    text = read_text(toml, path)
    file = read_toml(text, _File, path)
    if file.api != API:
        message = f"the theme is made for version {file.api} of what templates are given; this program has {API}"
        hint = "use a newer program" if file.api > API else "see docs/themes.md for what changed"
        raise ConfigError([Problem(path, *toml_position(text, ("api",)), "api", message, hint)])
    problems = [
        Problem(path, *toml_position(text, ("roles", name, field)), f"roles.{name}.{field}".rstrip("."), message, hint)
        for name, table in file.roles.items()
        for field, message, hint in _role_mistakes(table)
    ]
    if problems:
        raise ConfigError(sorted(problems))
    options = {
        name: Option(value[0], value) if isinstance(value, tuple) else Option(value)
        for name, value in file.options.items()
    }
    return Declared(file.name, {name: _role(name, table) for name, table in file.roles.items()}, options)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    extends: str = ""  # followed by `chain`
    api: int = API
    roles: dict[str, dict[str, object]] = {}
    options: dict[str, Value | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]] = {}


class _RoleTable(msgspec.Struct, forbid_unknown_fields=True):
    widths: Annotated[tuple[Annotated[int, msgspec.Meta(gt=0)], ...], msgspec.Meta(min_length=1)]
    aspect: str | float = 0.0
    sizes: str = "100vw"


def _role(name: str, table: dict[str, object]) -> Role:
    role = msgspec.convert(table, _RoleTable)
    return Role(name, tuple(sorted(set(role.widths))), _aspect(role.aspect) or 0.0, role.sizes)


def _role_mistakes(table: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield (field, message, hint)."""
    known = _RoleTable.__struct_fields__
    yield from ((key, "is not known", did_you_mean(key, known)) for key in table if key not in known)
    try:
        msgspec.convert({"widths": table.get("widths")}, _RoleTable)
    except msgspec.ValidationError:
        yield "widths", "has to be a list of widths in pixels", "widths = [480, 960]"
    if _aspect(table.get("aspect", 0.0)) is None:
        yield "aspect", f"{table['aspect']!r} is no shape", 'aspect = "16:9", or width ÷ height, or 0 for its own'
    if not isinstance(table.get("sizes", ""), str):
        yield "sizes", "has to be text", 'sizes = "(min-width: 60rem) 50vw, 100vw"'


def _aspect(value: object) -> float | None:
    """Return width ÷ height, 0.0 for a picture's own shape, None for what is no shape."""
    if isinstance(value, str) and (match := re.fullmatch(r"([1-9]\d{0,3}):([1-9]\d{0,3})", value)):
        return int(match[1]) / int(match[2])
    if isinstance(value, int | float) and not isinstance(value, bool) and (value == 0 or 0.01 <= value <= 100):
        return float(value)
    return None


def option_mistakes(theme: str, options: dict[str, Option], name: str, value: Value) -> Iterator[tuple[str, str]]:
    """Yield (message, hint) for what is wrong with a value that a site gives to an option of a theme."""
    option = options.get(name)
    if option is None:
        yield f"the theme {theme} has no such option", did_you_mean(name, options)
    elif option.choices and value not in option.choices:
        yield f"{value!r} is not one of the theme's", f"choose one of: {', '.join(option.choices)}"
    elif type(value) is not type(option.default) and (type(option.default), type(value)) != (float, int):
        yield f"{value!r} is not {_KINDS[type(option.default)]}", f"the theme's own is {option.default!r}"


_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def read_text(file: Path, path: str) -> str:
    """Return the text of a theme's file; `path` is how messages name it.

    Raises:
        ConfigError: where it is not there, or not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        problem = Problem(path, 0, 0, "", "there is no such file", "a theme has one; it may be empty")
    except UnicodeDecodeError as error:
        problem = Problem(path, 0, 0, "", f"is not UTF-8 ({error.reason})", "save it as UTF-8")
    raise ConfigError([problem])
