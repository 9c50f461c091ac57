"""line_breaking: the laws of breaking a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.images.cards.line_breaking import EM, Room, clip, fit

ROOMS = (Room(100, 2), Room(50, 3))
MEASURE = 1000  # px: 20 letters of the larger size, 40 of the smaller

words = st.text("abcdé\u0301", min_size=1, max_size=60)
texts = st.lists(words, max_size=30).map(" ".join)


def width(text: str) -> int:
    """Return the width of a text in letters that are half as wide as they are high."""
    return len(text) * EM // 2


@given(texts)
def test_every_line_fits_and_there_are_not_too_many(text: str) -> None:
    """No line is wider than the measure, and no room holds more lines than it has."""
    found = fit(text, width, MEASURE, ROOMS)
    assert len(found.lines) <= {room.size: room.lines for room in ROOMS}[found.size]
    assert all(width(line) * found.size <= MEASURE * EM for line in found.lines)


@given(texts)
def test_nothing_is_lost_but_behind_an_ellipsis(text: str) -> None:
    """The lines are the text, or a beginning of it with an ellipsis at its end."""
    shown = "".join(fit(text, width, MEASURE, ROOMS).lines).replace(" ", "")
    plain = text.replace(" ", "")
    assert shown == plain or (shown.endswith("…") and plain.startswith(shown[:-1]))


@given(texts)
def test_a_mark_stays_with_its_letter(text: str) -> None:
    """No line begins with a combining mark, unless a word does."""
    starts = [line[0] for line in fit(text, width, MEASURE, ROOMS).lines if line]
    assert "\u0301" not in starts or any(word.startswith("\u0301") for word in text.split(" "))


def test_the_largest_size_is_taken_that_has_room() -> None:
    """A short text is large, a longer one small."""
    assert fit("One line", width, MEASURE, ROOMS) == (100, ("One line",))
    assert fit("five words " * 5, width, MEASURE, ROOMS).size == 50


def test_lines_are_of_about_one_length() -> None:
    """The last line is not one word where another way to break is as short."""
    assert fit("aaaa bbbb cccc dddd eee", width, MEASURE, ROOMS).lines == ("aaaa bbbb", "cccc dddd eee")


def test_a_line_does_not_begin_with_a_dash() -> None:
    """A dash between words stays with the one before it."""
    lines = fit("aaaaaaaa bbbbbbbbbb – cccccccccc", width, MEASURE, ROOMS).lines
    assert lines == ("aaaaaaaa", "bbbbbbbbbb\u00a0– cccccccccc") or not any(line.startswith("–") for line in lines)


def test_a_text_is_cut_between_words() -> None:
    """What is too long ends with an ellipsis, without the comma or the quote before it."""
    assert clip("one, two, three", width, 5 * EM) == "one, two…"
    assert clip("one “two", width, 3 * EM) == "one…"
    assert clip("unbreakable", width, 3 * EM) == "unbre…"
    assert clip("short", width, 3 * EM) == "short"
