"""yaml_reader: YAML text -> plain values, fast where that is proven safe, else as PyYAML's CSafeLoader reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from generator.base.problems import Problem

_fast: Callable[[str], object] | None
try:
    from yaml_rs import loads as _fast
except ImportError:  # it is young and has no wheel everywhere; the reference reads the same values
    _fast = None

try:
    from yaml import CSafeLoader as _Safe
except ImportError:
    from yaml import SafeLoader as _Safe  # type: ignore[assignment]

MAX_DEPTH = 100  # levels; libyaml's composer recurses in C and ends the process somewhere above 1,000
MAX_ALIASED = 10_000  # values that aliases may repeat in one file

# What yaml-rs (YAML 1.2) and CSafeLoader (YAML 1.1) read alike. A line that does not match sends the file to the
# reference: yes/no/on/off, octal, sexagesimal, exponents, dates without a time, anchors, tags, merges, block scalars …
# yaml-rs also turns quoted dates into dates, hence `(?!\d++[-:]\d)`.
_DOUBLE = r'"(?!\d++[-:]\d)[^"\\\n]*+(?:\\(?:["\\/nrt]|u(?![dD])[0-9a-fA-F]{4})[^"\\\n]*+)*+"'
_SINGLE = r"'(?!\d++[-:]\d)[^'\n]*+'"
# Each alternative begins with a set: the engine then sees by one letter that a word is none of them.
_BOOLEAN = r"(?:[yY](?i:es)?|[nN](?i:o|ull|an)?|[oO](?i:n|ff)|[tT](?i:rue)|[fF](?i:alse)|[iI](?i:nf))"
_KEY = rf"(?!{_BOOLEAN}:)[A-Za-z_][A-Za-z0-9_-]{{0,99}}+:"
_WORDS = rf"(?!{_BOOLEAN} *+\n)[A-Za-z][^\n\t:#]*+(?::(?=[^ \n\t])[^\n\t:#]*+)*+"
_DAY = r"(?:(?:0[1-9]|1[012])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[012])-(?:29|30)|(?:0[13578]|1[02])-31)"
_INSTANT = rf"[12]\d{{3}}-{_DAY}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?+"
_VALUE = rf"(?:{_DOUBLE}|(?:{_INSTANT}|-?(?:0|[1-9]\d{{0,17}}+)|true|false)(?=[ \n])|{_SINGLE}|{_WORDS}|\[\])"
_SIMPLE = re.compile(rf"(?: {{0,40}}+(?:(?:- ++)?+{_KEY}(?: ++{_VALUE})?+ *+|- ++{_VALUE} *+|#[^\n]*+)?+\n)*+\Z")
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\n"
# In UTF-8: C0 controls; C1 controls, U+2028/9, BOM, noncharacters (bytes are searched five times as fast as text).
_ODD = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef(?:\xbb\xbf|\xbf[\xbe\xbf])")

_DEEP_LINE = re.compile(rf"^[ \-?:]{{{MAX_DEPTH // 2}}}", re.MULTILINE)
_REPEATS = re.compile(r"(?:^|[\s:,\-?\[{])[&*][^\s]", re.MULTILINE)


class Mistake(Exception):
    """What keeps a text from being read; line and column from 1, in the YAML or (`in_file`) in the file."""

    def __init__(self, line: int, column: int, message: str, hint: str = "", field: str = "", *, in_file: bool = False):
        super().__init__(message)
        self.line, self.column, self.message, self.hint, self.field = line, column, message, hint, field
        self.in_file = in_file

    def problem(self, path: str, lines_before: int = 0) -> Problem:
        """Return the problem of the file at `path`."""
        return Problem(path, self.line + lines_before, self.column, self.field, self.message, self.hint)


def load_yaml(text: str) -> object:
    """Return what CSafeLoader returns; impossible dates and numbers stay text.

    Raises:
        Mistake: no YAML, a key that is written twice, a tag, more depth or repetition than a file may have.
    """
    if _fast is not None and is_simple(text):
        try:
            return _fast(text)
        except ValueError:
            pass  # the reference finds the same mistake and says where
    return _load_reference(text)


def is_simple(text: str) -> bool:
    """Tell whether both readers are known to agree on `text`: a whitelist of line shapes."""
    if not text.endswith("\n"):
        text += "\n"
    rest = text.encode("utf-8", "replace").translate(None, _PRINTABLE)
    return not _ODD.search(rest) and _SIMPLE.match(text) is not None


def compose(text: str) -> yaml.Node | None:
    """Return the root node of `text`, or None where it is no YAML; never raises."""
    try:
        _check_depth(text)
        return yaml.compose(text, Loader=_Safe)
    except (yaml.YAMLError, Mistake, ValueError):
        return None


def children(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the names (a list's are "0", "1", …) and nodes under `node`."""
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), value) for key, value in node.value if isinstance(key, yaml.ScalarNode))
    elif isinstance(node, yaml.SequenceNode):
        yield from ((str(number), value) for number, value in enumerate(node.value))


def _load_reference(text: str) -> object:
    try:
        _check_depth(text)
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            return None
        _check_repeats(root, bool(_REPEATS.search(text)))
        return loader.construct_document(root)
    except yaml.YAMLError as error:
        raise _mistake(error, text) from None


class _Loader(_Safe):
    """CSafeLoader, but an impossible date or number (2020-02-30) is text instead of a ValueError without a place."""

    def lenient(self, node: yaml.ScalarNode) -> object:
        kind = node.tag.rpartition(":")[2]
        try:
            return getattr(_Safe, f"construct_yaml_{kind}")(self, node)
        except (ValueError, OverflowError, LookupError, TypeError):
            return self.construct_scalar(node)


for _kind in ("timestamp", "int", "float", "bool"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.lenient)
_Loader.add_constructor("tag:yaml.org,2002:value", _Loader.construct_yaml_str)  # type: ignore[type-var]


def _check_depth(text: str) -> None:
    """Refuse what would overflow the C stack of libyaml's composer; its event parser does not recurse."""
    if text.count("[") + text.count("{") < MAX_DEPTH // 2 and not _DEEP_LINE.search(text):
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Safe):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise _mistake_at(event.start_mark, f"nested deeper than {MAX_DEPTH} levels", "a few are enough")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:
        # From 6.0.4 on the scanner, which reads ahead, has a limit of its own: 1,000 levels.
        if "nesting depth" not in str(error.problem) or not error.problem_mark:
            raise
        _check_depth(text[: error.problem_mark.index // 2])  # a beginning that it takes, and deep enough for us
        raise


def _check_repeats(root: yaml.Node, aliased: bool) -> None:
    """Refuse keys that are written twice and aliases that repeat too much."""
    _check_keys(root, set())
    if aliased:
        _size(root, {}, [MAX_ALIASED])


def _check_keys(node: yaml.Node, seen: set[int]) -> None:
    if isinstance(node, yaml.ScalarNode) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        _check_map(node)
        for key, value in node.value:
            _check_keys(key, seen)
            _check_keys(value, seen)
    else:
        for value in node.value:
            _check_keys(value, seen)


def _check_map(node: yaml.MappingNode) -> None:
    first: dict[tuple[str, str], yaml.Node] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(":merge"):
            continue
        other = first.setdefault((key.tag, key.value), key)
        if other is not key:
            here, there = key.start_mark, other.start_mark
            raise _Twice(here.line + 1, here.column + 1, there.line + 1, key.value)


class _Twice(Mistake):
    """A key that stands twice in one map; its message names the line of the first."""

    def __init__(self, line: int, column: int, first: int, name: str):
        super().__init__(line, column, "written twice", "keep one of them", name[:60])
        self.first = first

    def problem(self, path: str, lines_before: int = 0) -> Problem:
        """Return the problem with both lines as lines of the file."""
        self.message = f"written twice, first in line {self.first + lines_before}"
        return super().problem(path, lines_before)


def _size(node: yaml.Node, sizes: dict[int, int], budget: list[int]) -> int:
    """Return how many values `node` stands for; an alias that meets a known node spends from `budget`."""
    known = sizes.get(id(node))
    if known is not None:
        budget[0] -= known
        if known == 0:
            raise _mistake_at(node.start_mark, "this value contains itself", "write it out without `*`")
        if budget[0] < 0:
            message = f"aliases repeat more than {MAX_ALIASED:,} values"
            raise _mistake_at(node.start_mark, message, "write them out")
        return known
    sizes[id(node)] = 0 if not isinstance(node, yaml.ScalarNode) else 1
    parts = node.value if isinstance(node, yaml.SequenceNode) else ()
    if isinstance(node, yaml.MappingNode):
        parts = [part for pair in node.value for part in pair]
    size = 1 + sum(_size(part, sizes, budget) for part in parts)
    sizes[id(node)] = size
    return size


def _mistake_at(mark: Any, message: str, hint: str) -> Mistake:
    return Mistake(mark.line + 1, mark.column + 1, message, hint)


def _mistake(error: Any, text: str) -> Mistake:
    """Return libyaml's error in our form, with a hint for the usual causes."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "this is not YAML")
    if "end of stream" in problem and "quoted" in str(getattr(error, "context", "")):
        return _mistake_at(error.context_mark, "a quoted text does not end", "close it with the same quote")
    line, column = (mark.line + 1, mark.column + 1) if mark else _unreadable(text)
    message, hint = _explain(problem, text.split("\n")[line - 1 : line])
    return Mistake(line, column, message, hint)


def _explain(problem: str, lines: list[str]) -> tuple[str, str]:
    line = lines[0] if lines else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or ("cannot start any token" in problem and "\t" in line):
        return "a tab indents this line", "indent with spaces"
    tag = re.search(r"constructor for the tag '([^']{0,80})", problem)
    if tag:
        name = tag[1].replace("tag:yaml.org,2002:", "!!")
        return f"the tag {name} is not allowed", "write text, numbers, lists and maps only"
    if "control characters" in problem or ("not allowed" in problem and "#x" in problem):
        return "a control character", "delete it"
    if "mapping values are not allowed" in problem:
        return problem, 'a text with ": " in it needs quotes'
    return problem, "a text with special characters needs quotes"


def _unreadable(text: str) -> tuple[int, int]:
    """Return the place of a character that YAML does not allow (a ReaderError has no mark)."""
    found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    at = found.start() if found else 0
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
