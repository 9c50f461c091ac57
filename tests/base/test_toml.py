"""TOML: every mistake of a file at once, each at its line and with what would be right."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest

from generator.base.problems import ConfigError
from generator.base.toml import fit_toml, read_toml, toml_position


class Inner(msgspec.Struct, frozen=True):
    """A table."""

    depth: int = 1
    names: tuple[str, ...] = ()


class Outer(msgspec.Struct, frozen=True):
    """A file."""

    title: Annotated[str, msgspec.Meta(min_length=1)] = "none"
    size: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    open: bool = False
    inner: Inner = Inner()
    links: dict[str, str] = {}
    values: dict[str, str | int | float | bool] = {}


def complaints(text: str) -> list[str]:
    """Return what is said of a file."""
    with pytest.raises(ConfigError) as caught:
        read_toml(text, Outer, "x.toml")
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_is_read() -> None:
    """What the file says stands, all else has its default; an empty file is a good one."""
    read = read_toml('title = "T"\n[inner]\nnames = ["a"]\n[links]\nA = "/a/"', Outer, "x.toml")
    assert read == Outer(title="T", inner=Inner(names=("a",)), links={"A": "/a/"})
    assert read_toml("", Outer, "x.toml") == Outer()


def test_every_mistake_is_named_at_once() -> None:
    """Unknown keys, wrong types and wrong values, on top, in tables and in maps, come sorted by line."""
    text = """\
titel = "T"
title = ""
size = -1
open = "yes"

[inner]
depth = 1.5
dept = 2
names = ["a", 3]

[links]
Home = 3
"Far away" = true

[values]
list = [1]
"""
    assert complaints(text) == [
        "x.toml:1:1: titel: is not a setting; did you mean `title`?",
        "x.toml:2:1: title: expected text with something in it",
        "x.toml:3:1: size: expected a number > 0.0",
        "x.toml:4:1: open: expected true or false, got text",
        "x.toml:7:1: inner.depth: expected a whole number, got a number",
        "x.toml:8:1: inner.dept: is not a setting; did you mean `depth`?",
        "x.toml:9:1: inner.names: expected text, got a whole number",
        "x.toml:12:1: links.Home: expected text, got a whole number",
        "x.toml:13:1: links.Far away: expected text, got true or false",
        "x.toml:16:1: values.list: expected true or false or a whole number or a number or text, got a list",
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2024-01-02", "a date"),
        ("2024-01-02T03:04:05Z", "a date with a time"),
        ("03:04:05", "a time"),
        ("{a = 1}", "a table"),
        ("[1]", "a list"),
    ],
)
def test_kinds_are_named_as_people_name_them(value: str, kind: str) -> None:
    """No message speaks of Python's or JSON's types."""
    assert complaints(f"title = {value}") == [f"x.toml:1:1: title: expected text, got {kind}"]


def test_an_unknown_key_without_a_near_one_lists_all() -> None:
    """A key like no other is answered with all known ones of its table."""
    assert complaints("[inner]\nzzz = 1") == ["x.toml:2:1: inner.zzz: is not a setting; known are: depth, names"]


def test_a_syntax_error_has_its_place() -> None:
    """What is no TOML is one mistake, with line and column."""
    assert complaints('title = "T"\nsize = \n') == ["x.toml:2:8: is not TOML: Invalid value; see https://toml.io"]
    twice = "x.toml:2:12: is not TOML: Cannot overwrite a value; see https://toml.io"
    assert complaints('title = "T"\ntitle = "U"') == [twice]
    assert complaints('title = "T') == ["x.toml:1:11: is not TOML: Unterminated string; see https://toml.io"]


def test_what_fits_is_kept_beside_what_does_not() -> None:
    """A file with mistakes still gives its good part, so that others can look for more in it."""
    read, problems = fit_toml('title = 1\nsize = 2\n[inner]\ndepth = "x"\nnames = ["n"]', Outer, "x.toml")
    assert read == Outer(size=2.0, inner=Inner(names=("n",)))
    assert [problem.field for problem in problems] == ["title", "inner.depth"]


@pytest.mark.parametrize(
    ("trail", "place"),
    [
        (("title",), (2, 1)),
        (("inner",), (4, 3)),
        (("inner", "depth"), (5, 3)),
        (("inner", "none"), (4, 3)),
        (("links", "Far away"), (8, 1)),
        (("links", "x.y"), (9, 1)),
        (("links", "é"), (10, 1)),
        (("a", "b", "c"), (12, 1)),
        (("a", "inline", "key"), (13, 1)),
        (("none",), (0, 0)),
    ],
)
def test_a_key_is_found_in_its_file(trail: tuple[str, ...], place: tuple[int, int]) -> None:
    """The place is the key's, or its nearest parent's; quoted, dotted and indented keys are keys."""
    text = """\
# title = "not this one"
title = "T"

  [ inner ]  # a table
  depth = 1

[links]
"Far away" = "/"
'x.y' = "/"
"\\u00e9" = "/"
[a]
b.c = 1
inline = { key = 1 }
"""
    assert toml_position(text, trail) == place
