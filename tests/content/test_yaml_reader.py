"""The fast YAML reader is used only where it reads what PyYAML's CSafeLoader reads."""

from __future__ import annotations

import importlib
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.content import yaml_reader
from generator.content.yaml_reader import Mistake, is_simple, load_yaml

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

ODD = r"""yes|no|on|off|Yes|NO|True|TRUE|true|y|n|~|null|Null||010|0o10|0x1F|0b11|1_000|12:30|12:30:45|1e3|1.5|1.|.5
1.5e3|1.5e+3|.inf|-.inf|+5|-5|-0|0|00|08|2020-01-01|2020-01-01T00:00:00Z|2020-01-01 00:00:00|2020-01-01T00:00:00+02:00
2020-01-01T00:00:00.123456789Z|2020-1-1|2020-01-01 1:00:00 -5|2024-02-29T10:30:45Z|'2020-01-01'|"2020-01-01"
'12:30:45'|"2020-01-01T00:00:00Z"|&x 1|!!str 1|[1, 2, x]|{b: c}|[]|{}|"x\ty\u263a\x41\/"|'it''s'|x # c|x#c|- b|-
http://x/y|x:y|a b:c|!!binary aGk=|!!int '5'|!!set {a,b}|99999999999999999999999|1e400|0777|1:2|190:20:30|190:20:30.15
"\e"|''|""|:x|?x|x?|x!|yes please|no. 1|nothing|Nairobi|on the road|nan|inf|infinity|0.|+.inf|"x  y"|x  y|x   |"a" # c
2020-01-01T00:00:00|2020-01-01T00:00Z|2020-12-31T23:59:59-05:00|2020-01-01T00:00:00-0500|'x # y'|é|“quoted”|東京|🙂
1 2|1.2.3|1-2|5 things|"5 things"|"12:30"|"1:02:03 x"|$5|(x)|/x|.x|_x|=|<<|*|50% off|AT&T|R&D|C++|C#|Yahoo!|x 'y' z
x "y"|2020-02-28T24:00:00Z|1900-02-29T00:00:00Z|2020-04-31T00:00:00Z|True story
null and void|123456789012345678901|-1.5"""
VALUES = [value for line in ODD.splitlines() for value in line.split("|")]


def reference(text: str) -> object:
    """Return what CSafeLoader reads; its errors without a place (2020-02-30) are ours to keep as text."""
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return "no YAML"
    except (ValueError, OverflowError):
        return "impossible"


def ours(text: str) -> object:
    """Return what we read."""
    try:
        return load_yaml(text)
    except Mistake as mistake:
        return "no YAML" if not mistake.message.startswith("written twice") else "twice"


def same(one: object, other: object) -> bool:
    """Tell whether two values are equal in type, too (True is not 1), zones by their offset."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and one == other and str(one) == str(other)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("shape", ["a: {}", "a:\n  - {}\n", "a:\n  - b: {}\n    c: 1\n", "a: {}\nb: {}\n", "x:\n- {}"])
def test_odd_corners_equal_the_reference(value: str, shape: str) -> None:
    """YAML's odd values mean what they mean to CSafeLoader, wherever they stand."""
    text = shape.replace("{}", value)
    expected, read = reference(text), ours(text)
    if expected not in ("impossible", "no YAML"):
        assert read == "twice" or same(read, expected)
    elif expected == "no YAML" and value not in ("=",):
        assert read == "no YAML"


@pytest.mark.parametrize(
    "text",
    [
        "yes: 1\n",
        "1: a\n",
        "null: a\n",
        "2020-01-01: a\n",
        "a: 1\n---\nb: 2\n",
        "a: &x 1\nb: *x\n",
        "a: |\n\n\n  x",
        "a:\n  b: &b {x: 1}\n  c:\n    <<: *b\n",
        "a: >-\n  x\n  y\n",
        "a: x\n  y\n",
        'a: "x\n\n  y"\n',
        "? a\n: b\n",
        "a: x\u2028y\n",
        "a: x\x85y\n",
        "a: \x07\n",
        "a: x\0y\n",
        "a:   |   \n  x",
        "a: |-\n  \tx\n",
        "a : 1\n",
        '"a": 1\n',
        "a: x\n# c\n  y\n",
        "a: [x # c\n , y]\n",
        "  a: 1\n  b: 2\n",
        "a: 1\n b: 2\n",
        "a:\n  - b\n -c\n",
        "# c\n",
        "",
        "a: 1\r\nb: 2\r\n",
        "a:\n- b\n- c\n",
        "a: ! 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: 'x\ty'\n",
        "a: x\ty\n",
        "a:\n\n\n  b: 1\n",
    ],
)
def test_odd_documents_equal_the_reference(text: str) -> None:
    """Documents of unusual form are read as CSafeLoader reads them."""
    assert same(ours(text), reference(text))


words = st.sampled_from(VALUES)
lines = st.builds(
    lambda indent, dash, key, value: " " * indent + dash + key + value,
    st.sampled_from([0, 0, 0, 2, 2, 4, 1]),
    st.sampled_from(["", "", "", "- "]),
    st.sampled_from(["", "a: ", "b: ", "c: ", "d:", "title: "]),
    words,
)


@settings(max_examples=600, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6))
def test_what_is_simple_is_read_alike(document: list[str]) -> None:
    """No text that passes the whitelist is read differently by the two readers."""
    text = "\n".join(document) + "\n"
    if not is_simple(text):
        return
    expected, read = reference(text), ours(text)
    assert read == "twice" or same(read, expected)


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["a: {}\n", 'a: "{}"\n', "a: '{}'\n", "a:\n - {}\n"]))
def test_any_text_is_read_alike(value: str, shape: str) -> None:
    """Arbitrary characters, plain or in quotes, are read as CSafeLoader reads them."""
    text = shape.replace("{}", value)
    if not is_simple(text):
        return
    assert same(ours(text), reference(text))


def test_real_files_take_the_fast_way() -> None:
    """The whitelist knows the form that desks write."""
    files = sorted(CORPUS.glob("*/_news/*.md"))
    if not files:
        pytest.skip("the corpus is not on this machine")
    texts = [path.read_text("utf-8-sig").split("\n---", 1)[0][4:] + "\n" for path in files]
    assert sum(map(is_simple, texts)) > 0.95 * len(texts)
    assert all(same(load_yaml(text), reference(text)) for text in texts)


def test_without_yaml_rs_the_reference_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without yaml-rs reads the same values."""
    monkeypatch.setattr(yaml_reader, "_fast", None)
    assert yaml_reader.load_yaml("a: [1, x]\nb: 2020-01-01\n") == importlib.import_module("yaml").safe_load(
        "a: [1, x]\nb: 2020-01-01\n"
    )
