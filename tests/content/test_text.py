"""Plain text: everything that people paste into a title becomes one line of text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.content.text import plain


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("A plain title", "A plain title"),
        ("We&#8217;ve", "We’ve"),
        ("We&#x2019;ve &quot;it&quot;", 'We’ve "it"'),
        ("a&nbsp;b\u00a0c", "a b c"),
        ("AT&amp;T", "AT&T"),
        ("AT&T, R&D, Q&A & more", "AT&T, R&D, Q&A & more"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("R&D and <health>", "R&D and <health>"),
        ('Q&A: x on the "y" z, and <film>', 'Q&A: x on the "y" z, and <film>'),
        ("3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
        ("a <b", "a <b"),
        ("if a<b and c>d", "if a<b and c>d"),
        ("I <3 it", "I <3 it"),
        ("vector<int> and <T>", "vector<int> and <T>"),
        ("<p>Hello<br>World</p>", "Hello World"),
        ("a<br/>b", "a b"),
        ("<i>a</i><b>c</b>", "ac"),
        ('<a href="x>y">z</a>', "z"),
        ("x <b onclick='1>2'>y</b>", "x y"),
        ("&lt;b&gt;x&lt;/b&gt;", "x"),
        ("&amp;lt;b&amp;gt;x", "x"),
        ("<script>alert(1)</script>Hi", "Hi"),
        ("<!-- x -->y", "y"),
        ("<b>", ""),
        ("a\u202eb\u2066c\ufeffd", "abcd"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\x00b\x07c\x7fd\x9fe", "abcde"),
        ("line\r\n\r\nline\tend ", "line line end"),
        ("e\u0301", "é"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("&#xD800;", "\ufffd"),
        ("\ud800x", "x"),
        ("fast ...", "fast ..."),
    ],
)
def test_dirt_is_taken_off(dirty: str, clean: str) -> None:
    """Entities are decoded, tags stripped, white space folded; what only looks like a tag stays."""
    assert plain(dirty) == clean


@settings(max_examples=500, deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("<>&;/ab#x1\"'=! \u202e\u2028\x00é\u0301")) | st.characters(), max_size=40)
)
@example("&amp;amp;amp;amp;amp;lt;")
@example("<<b>b>")
def test_plain_text_has_no_dirt_left(text: str) -> None:
    """The result is one line in NFC without controls, overrides or surrogates, and encodes as UTF-8."""
    result = plain(text)
    assert result == " ".join(result.split())
    assert unicodedata.is_normalized("NFC", result)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in result)
    assert not set(result) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    result.encode()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="<>&;/ab#1 é-!p", max_size=30))
def test_plain_text_stays_as_it_is(text: str) -> None:
    """Cleaning twice is cleaning once."""
    assert plain(plain(text)) == plain(text)
