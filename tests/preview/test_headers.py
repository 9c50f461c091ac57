"""`_headers`, rule by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.preview.headers import headers_for, read_headers

RULES = """\
# all
/*
  X-Frame-Options: DENY
  Cache-Control: no-cache
/assets/*
  ! Cache-Control
  Cache-Control: public, max-age=31536000
  Link: </a.css>; rel=preload
  Link: </b.css>; rel=preload
/news/:year/*
  X-Year: the year :year and :unknown
/exact
\tX-Exact: a:b
"""


def sent(path: str, text: str = RULES) -> dict[str, str]:
    """Return the headers of a path."""
    rules, problems = read_headers(text)
    assert problems == ()
    return headers_for(rules, path)


def test_rules_add_up() -> None:
    """All rules that fit hold: values of one name are joined, `!` takes one away, places are filled in."""
    assert sent("/x") == {"x-frame-options": "DENY", "cache-control": "no-cache"}
    assert sent("/assets/a/b.css") == {
        "x-frame-options": "DENY",
        "cache-control": "public, max-age=31536000",
        "link": "</a.css>; rel=preload, </b.css>; rel=preload",
    }
    assert sent("/news/2026/x/")["x-year"] == "the year 2026 and :unknown"
    assert sent("/exact")["x-exact"] == "a:b"
    assert "x-exact" not in sent("/exact/")


def test_a_value_from_the_address_breaks_no_header() -> None:
    """What an address holds is put into a header only if a header can hold it."""
    assert sent("/a\r\nX: y", "/:all\n  X-All: :all") == {"x-all": ":all"}
    assert sent("/größe", "/:all\n  X-All: :all") == {"x-all": ":all"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("X-A: b", 1, "no address stands above this header"),
        ("/a\n  nonsense", 2, "is no header"),
        ("/a\n  bad name: x", 2, "is no header"),
        ("/a\n  Content-Length: 3", 2, "content-length is sent by the host alone"),
        ("/a\n  X-A: →", 2, "the value has characters that no header can have"),
        ("https://a.example/*\n  X-A: b", 1, "preview knows no rule for another host"),
    ],
)
def test_what_is_passed_over_is_said(text: str, line: int, message: str) -> None:
    """A line that cannot be followed is a warning with its number and a hint."""
    _, (problem,) = read_headers(text)
    assert (problem.severity, problem.path, problem.line, problem.message) == ("warning", "_headers", line, message)
    assert problem.hint


@given(st.text(), st.text(max_size=30))
def test_any_file_can_be_read(text: str, path: str) -> None:
    """No file raises, and whatever it says can be sent."""
    for name, value in headers_for(read_headers(text)[0], f"/{path}").items():
        assert name.isascii()
        assert value.isprintable()
        value.encode("latin-1")
