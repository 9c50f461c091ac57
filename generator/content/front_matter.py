"""front_matter: bytes of a file -> its fields and body, or the one located problem that keeps it from being read."""

from __future__ import annotations

import re
from typing import NamedTuple

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from generator.base.problems import Problem
from generator.content.yaml_reader import Mistake, children, compose, load_yaml

MAX_SIZE = 10_000_000  # bytes; the largest real article has 140,000
_DASHES = re.compile(r"^-{3,}[^\S\n]*$", re.MULTILINE)
_CLOSING = re.compile(r"\n---+[^\S\n]*(?:\n|\Z)")  # begins with three literals: they are searched for fast


class FrontMatter(NamedTuple):
    """A file in its two parts; `body_line` is the line of the file on which the body begins."""

    fields: dict[str, object]
    body: str
    body_line: int


def read_front_matter(path: str, data: bytes) -> FrontMatter | Problem:
    """Read a Markdown file that begins with YAML front matter."""
    try:
        text = _decode(data)
        start = _opening(text)
        fields, body = frontmatter.parse(text, handler=_HANDLER)
    except Mistake as mistake:
        return mistake.problem(path, 0 if mistake.in_file else start)
    return FrontMatter(fields, body, text.count("\n", 0, text.rfind(body)) + 1 if body else 0)


def read_data(path: str, data: bytes) -> dict[str, object] | Problem:
    """Read a plain YAML file whose root is a map."""
    try:
        return _fields(_decode(data))
    except Mistake as mistake:
        return mistake.problem(path)


def locate(data: bytes, trail: tuple[str | int, ...]) -> tuple[int, int]:
    """Return line and column in the file, from 1, of the value at `trail`, or of its nearest parent that exists."""
    return locate_all(data, [trail])[0]


def locate_all(data: bytes, trails: list[tuple[str | int, ...]]) -> list[tuple[int, int]]:
    """Return line and column for each of `trails`; the file is parsed once."""
    text, first = _yaml_part(data.decode("utf-8-sig", "replace").replace("\r\n", "\n"))
    root = compose(text)
    return [_place(root, trail, first) for trail in trails]


def located(problems: list[Problem], data: bytes) -> tuple[Problem, ...]:
    """Give every problem that has a trail but no line its place in the file."""
    missing = [problem for problem in problems if not problem.line]
    if not missing:
        return tuple(problems)
    places = iter(locate_all(data, [problem.trail for problem in missing]))
    return tuple(problem if problem.line else _placed(problem, *next(places)) for problem in problems)


def _placed(old: Problem, line: int, column: int) -> Problem:
    return Problem(old.path, line, column, old.field, old.message, old.hint, old.severity, old.trail)


def _place(node: yaml.Node | None, trail: tuple[str | int, ...], first: int) -> tuple[int, int]:
    if node is None:
        return first, 1
    for part in trail:
        found = next((child for name, child in children(node) if name == str(part)), None)
        if found is None:
            break
        node = found
    return first + node.start_mark.line, node.start_mark.column + 1


def _yaml_part(text: str) -> tuple[str, int]:
    """Return the YAML of an article or of a data file, and the line on which it begins."""
    opening = _DASHES.search(text)
    if opening is None or text[: opening.start()].strip():
        return text, 1
    closing = _CLOSING.search(text, opening.end())
    inner = text[opening.end() : closing.start() + 1 if closing else len(text)]
    return inner.removeprefix("\n"), text.count("\n", 0, opening.end()) + 1 + inner.startswith("\n")


def _decode(data: bytes) -> str:
    """Return the file as text, or say at which byte it stops being one."""
    if len(data) > MAX_SIZE:
        raise Mistake(1, 1, f"the file has {len(data):,} bytes", f"a content file may have {MAX_SIZE:,}", in_file=True)
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        at = data.index(b"\0")
        raise Mistake(
            *_position(data, at), "a NUL byte: this is not a text file", "save it as UTF-8 text", in_file=True
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        # The codec counts from behind the BOM.
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        raise Mistake(
            *_position(data, at), f"the byte 0x{byte:02X} is not UTF-8", "save the file as UTF-8", in_file=True
        ) from None
    if not text.strip():
        raise Mistake(1, 1, "the file is empty", "delete it, or write its fields", in_file=True)
    return text.replace("\r\n", "\n") if "\r" in text else text


def _position(data: bytes, at: int) -> tuple[int, int]:
    before = data[:at].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _opening(text: str) -> int:
    """Return how many lines stand before the front matter's first line, or refuse the file."""
    head = text.lstrip()
    if not _DASHES.match(head):
        raise Mistake(1, 1, "no front matter", "begin the file with a line `---`, the fields and `---`", in_file=True)
    return text.count("\n", 0, len(text) - len(head)) + 1


def _fields(text: str) -> dict[str, object]:
    root = load_yaml(text)
    if not isinstance(root, dict):
        kind = "a list" if isinstance(root, list) else "empty" if root is None else "a single value"
        raise Mistake(
            1, 1, f"the fields are {kind}" if root is not None else "there are no fields", "write `name: value` lines"
        )
    return root


class _Handler(YAMLHandler):
    """python-frontmatter's YAML handler: it finds the dashes faster and never takes a broken file for an empty one."""

    def split(self, text: str) -> tuple[str, str]:
        closing = _CLOSING.search(text, 3)
        if closing is None:  # line 0 of the YAML is the dashes' line
            raise Mistake(0, 1, "the front matter is not closed", "end it with a line `---`")
        return text[text.index("\n") + 1 : closing.start() + 1], text[closing.end() :]

    def load(self, fm: str, **_: object) -> dict[str, object]:
        return _fields(fm)


_HANDLER = _Handler()
