"""Front matter: what is read, and the one message for each way in which a file can be broken."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.problems import Problem
from generator.content.front_matter import FrontMatter, locate, read_data, read_front_matter

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


def read(data: str | bytes) -> FrontMatter | Problem:
    """Read an article file."""
    return read_front_matter("news/x.md", data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(
    ("data", "body", "line"),
    [
        ("---\na: 1\n---\n", "", 0),
        ("---\na: 1\n---\n\nHello\n\nyou\n", "Hello\n\nyou", 5),
        ("\ufeff---\r\na: 1\r\n---\r\nHello\r\n", "Hello", 4),
        ("\n\n---\na: 1\n---\nHello", "Hello", 6),
        ("--- \na: 1\n-----\nHello\n---\nmore", "Hello\n---\nmore", 4),
        ("---\na: 1\n---", "", 0),
    ],
)
def test_a_file_has_fields_and_a_body(data: str, body: str, line: int) -> None:
    """A BOM, CRLF, blank lines before it and dashes in the body are fine."""
    assert read(data) == FrontMatter({"a": 1}, body, line)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("---\na: 1\n", "news/x.md:1:1: the front matter is not closed; end it with a line `---`"),
        ("\n---\na: 1\n", "news/x.md:2:1: the front matter is not closed; end it with a line `---`"),
        ("---\n- a\n---\n", "news/x.md:2:1: the fields are a list; write `name: value` lines"),
        ("---\nx\n---\n", "news/x.md:2:1: the fields are a single value; write `name: value` lines"),
        ("---\n---\n", "news/x.md:2:1: there are no fields; write `name: value` lines"),
        ("", "news/x.md:1:1: the file is empty; delete it, or write its fields"),
        (" \n", "news/x.md:1:1: the file is empty; delete it, or write its fields"),
        ("# Hi", "news/x.md:1:1: no front matter; begin the file with a line `---`, the fields and `---`"),
        ("---\na: 1\nb: 2\na: 3\n---\n", "news/x.md:4:1: a: written twice, first in line 2; keep one of them"),
        ("---\nb:\n  - a: 1\n    a: 3\n---\n", "news/x.md:4:5: a: written twice, first in line 3; keep one of them"),
        ("---\na:\n\t- b\n---\n", "news/x.md:3:1: a tab indents this line; indent with spaces"),
        (
            "---\na: !!python/object:os.system {}\n---\n",
            "news/x.md:2:4: the tag !!python/object:os.system is not allowed; write text, numbers, lists and maps only",
        ),
        ("---\na: !x 1\n---\n", "news/x.md:2:4: the tag !x is not allowed; write text, numbers, lists and maps only"),
        (f"---\n{BOMB}---\n", "news/x.md:5:4: aliases repeat more than 10,000 values; write them out"),
        ("---\na: &a [*a]\n---\n", "news/x.md:2:4: this value contains itself; write it out without `*`"),
        ("---\na: " + "[" * 10_000 + "\n---\n", "news/x.md:2:103: nested deeper than 100 levels; a few are enough"),
        (
            "---\na: " + "[" * 10_000 + "]" * 10_000 + "\n---\n",
            "news/x.md:2:103: nested deeper than 100 levels; a few are enough",
        ),
        ("---\n" + "- " * 10_000 + "x\n---\n", "news/x.md:2:201: nested deeper than 100 levels; a few are enough"),
        (
            "---\n" + "".join(" " * depth + "a:\n" for depth in range(1000)) + "---\n",
            "news/x.md:102:101: nested deeper than 100 levels; a few are enough",
        ),
        (b"---\ntitle: Caf\xe9\n---\n", "news/x.md:2:11: the byte 0xE9 is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbf---\nt: \xe9\n", "news/x.md:2:4: the byte 0xE9 is not UTF-8; save the file as UTF-8"),
        ("---\na: 1\n---\n".encode("utf-16"), "news/x.md:1:1: the byte 0xFF is not UTF-8; save the file as UTF-8"),
        ("---\na: x\0\n---\n", "news/x.md:2:5: a NUL byte: this is not a text file; save it as UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "news/x.md:3:1: a NUL byte: this is not a text file; save it as UTF-8 text"),
        ("---\na: x\x07y\n---\n", "news/x.md:2:5: a control character; delete it"),
        (
            "---\na: b: c\n---\n",
            'news/x.md:2:5: mapping values are not allowed in this context; a text with ": " in it needs quotes',
        ),
        ('---\na: "x\n---\n', "news/x.md:2:4: a quoted text does not end; close it with the same quote"),
        (
            "---\na: 1\n- b\n---\n",
            "news/x.md:3:1: did not find expected key; a text with special characters needs quotes",
        ),
        ("---\na: *x\n---\n", "news/x.md:2:4: found undefined alias; a text with special characters needs quotes"),
        ("---\n? [a]\n: b\n---\n", "news/x.md:2:3: found unhashable key; a text with special characters needs quotes"),
        (
            b"---\na: " + b"x" * 50_000_000 + b"\n---\n",
            "news/x.md:1:1: the file has 50,000,012 bytes; a content file may have 10,000,000",
        ),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_broken_file_is_one_located_error(data: str | bytes, message: str) -> None:
    """Every way to break a file has its message with path, line and column, and costs next to nothing."""
    start = time.process_time()
    problem = read(data)
    assert time.process_time() - start < 0.5
    assert isinstance(problem, Problem)
    assert str(problem) == message
    assert problem.severity == "error"


def test_impossible_dates_stay_text() -> None:
    """A date that no calendar has reaches the field's own check, which knows where it stands."""
    found = read("---\na: 2020-02-30\nb: 2020-01-01T25:00:00Z\nc: 0000-01-01\n---\n")
    assert isinstance(found, FrontMatter)
    assert found.fields == {"a": "2020-02-30", "b": "2020-01-01T25:00:00Z", "c": "0000-01-01"}


def test_a_data_file_needs_no_dashes() -> None:
    """A YAML file is read whole, with or without a document start."""
    assert read_data("topics/x.yaml", b"_id: x\nname: X\n") == {"_id": "x", "name": "X"}
    assert read_data("topics/x.yaml", b"\xef\xbb\xbf---\n_id: x\n") == {"_id": "x"}
    assert str(read_data("topics/x.yaml", b"a: 1\na: 2\n")) == (
        "topics/x.yaml:2:1: a: written twice, first in line 1; keep one of them"
    )


@pytest.mark.parametrize(
    ("data", "trail", "place"),
    [
        (b"---\na: 1\nimages:\n - url: x\n---\n", ("images", 0, "url"), (4, 9)),
        (b"---\r\na: 1\r\nb: x\r\n---\r\n", ("b",), (3, 4)),
        (b"---\na: 1\nimages:\n - url: x\n---\n", ("images", 0, "width"), (4, 4)),
        (b"---\na: 1\nimages:\n - url: x\n---\n", ("images", 7), (4, 2)),
        (b"---\na: 1\n---\n", ("title",), (2, 1)),
        (b"\xef\xbb\xbf\n\n---\na: 1\n---\nb: 2\n", ("a",), (4, 4)),
        (b"a:\n  - x\n", ("a", 0), (2, 5)),
        (b"---\na: x\n", ("a",), (2, 4)),
        (b"\xff[[[", ("a",), (1, 1)),
        (b"", (), (1, 1)),
    ],
)
def test_locate_finds_the_value_or_its_parent(
    data: bytes, trail: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    """Lines count in the file, not in the front matter."""
    assert locate(data, trail) == place


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"---\n{text}\n---\n".encode("utf-8", "replace"))
)
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever a file holds, it becomes fields or a located error."""
    found = read(data)
    if isinstance(found, Problem):
        assert found.line
        assert found.column
    assert locate(data, ("a", 0)) >= (1, 1)
    read_data("x.yaml", data)
