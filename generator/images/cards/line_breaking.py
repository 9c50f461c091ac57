"""Line breaking: a text in lines of a width, in the largest of some sizes; pure arithmetic on widths of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

EM = 1000  # widths are measured in this part of a size, so they hold for all sizes
LONGEST = 400  # letters that are looked at; no card holds as many
ELLIPSIS = "…"
_STOPS = " .,;:!?…–—-([«“‘„/"  # not left standing before an ellipsis

_DASH = re.compile(" (?=[–—] )")  # a line does not begin with one

Width = Callable[[str], int]


class Room(NamedTuple):
    """A size that a text may have, in px, and how many lines of it there is room for."""

    size: int
    lines: int


class Fit(NamedTuple):
    """A text in lines of a size in px."""

    size: int
    lines: tuple[str, ...]


def fit(text: str, width: Width, measure: int, rooms: Sequence[Room]) -> Fit:
    """Return a text in the first of the rooms that holds it, in lines of about one length; else cut, in the last.

    Args:
        width: of a text, in EM.
        measure: the width of a line, in px.
        rooms: the largest size first.
    """
    words = _DASH.sub("\u00a0", text[:LONGEST]).split(" ")
    widths, space = [width(word) for word in words], width(" ")
    for room in rooms:
        most = measure * EM // room.size
        if max(widths) <= most and len(_fill(widths, space, most)) <= room.lines:
            ends = _fill(widths, space, _narrowest(widths, space, most))
            return Fit(room.size, tuple(_joined(words, ends)))
    last = rooms[-1]
    return Fit(last.size, _cut(words, width, measure * EM // last.size, last.lines))


def clip(text: str, width: Width, most: int) -> str:
    """Return a text, or so much of its beginning as is not wider than `most` EM with an ellipsis, cut between words."""
    if len(text) <= LONGEST and width(text) <= most:
        return text
    ends = [at for at in range(1, min(len(text), LONGEST)) if not unicodedata.combining(text[at])]
    between = [at for at in ends if text[at] == " "]
    for at in [*reversed(between), *reversed(ends)]:
        cut = text[:at].rstrip(_STOPS) + ELLIPSIS
        if width(cut) <= most:
            return cut
    return ELLIPSIS


def _fill(widths: list[int], space: int, most: int) -> list[int]:
    """Return where each line ends, as the number of the word after it, when every line takes all that it can."""
    ends, line = [], widths[0]
    for at, wide in enumerate(widths[1:], 1):
        line += space + wide
        if line > most:
            ends.append(at)
            line = wide
    return [*ends, len(widths)]


def _narrowest(widths: list[int], space: int, most: int) -> int:
    """Return the narrowest width that needs no more lines: so none is short."""
    count = len(_fill(widths, space, most))
    too_narrow, enough = max(widths) - 1, most
    while enough - too_narrow > EM // 10:
        middle = (too_narrow + enough) // 2
        if len(_fill(widths, space, middle)) > count:
            too_narrow = middle
        else:
            enough = middle
    return enough


def _joined(words: list[str], ends: list[int]) -> Iterator[str]:
    for start, end in zip([0, *ends], ends, strict=False):
        yield " ".join(words[start:end])


def _cut(words: list[str], width: Width, most: int, count: int) -> tuple[str, ...]:
    """Return lines of which none is too wide, words broken where they must be, and an ellipsis for what is too much."""
    pieces = [piece for word in words for piece in _pieces(word, width, most)]
    ends = _fill([width(piece) for piece in pieces], width(" "), most)
    lines = list(_joined(pieces, ends))
    if len(lines) > count:
        lines[count - 1 :] = [clip(f"{lines[count - 1]} {lines[count]}", width, most)]
    return tuple(lines)


def _pieces(word: str, width: Width, most: int) -> Iterator[str]:
    """Yield a word in as few pieces as fit into a line each, marks with their letters."""
    start = 0
    for at in range(1, len(word)):
        if width(word[start : at + 1]) > most and not unicodedata.combining(word[at]):
            yield word[start:at]
            start = at
    yield word[start:]
