"""Typeface: measure and ink a line of text, letter by letter, with the fonts of social cards."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from functools import cache
from pathlib import Path
from struct import Struct, pack
from typing import NamedTuple

import PIL.Image
from PIL import ImageDraw, ImageFont

from generator.images.cards.line_breaking import EM

FONTS = Path(__file__).parent / "fonts"
_PAIR = Struct(">4sh")
_BELOW = frozenset("\u0323\u0329")  # marks that stand below their letter; the others stand above
_X_HEIGHT = 475  # EM: where a mark stands above a small letter as it is drawn

Canvas = PIL.Image.Image


class _Glyph(NamedTuple):
    """A letter as it is inked: its box, in px right of the pen and below the base line."""

    mask: Canvas
    left: int
    top: int
    right: int
    bottom: int


class Typeface:
    """A font, and what was measured and drawn of it. Every method is a pure function of what it is given."""

    def __init__(self, name: str, tracking: int = 0):
        self._file = str(FONTS / f"{name}.ttf")
        self._tracking = tracking  # EM
        self._measure = self._at(EM)
        self._pairs = (FONTS / f"{name}.pairs").read_bytes()
        self._moves: dict[str, int] = {}
        self._glyphs: dict[tuple[str, int], _Glyph] = {}

    def width(self, text: str) -> int:
        """Return how wide a text is, in EM."""
        return sum(map(self._move, "\0" + text, text + "\0"))

    def ink(self, canvas: Canvas, text: str, place: tuple[int, int], size: int, tone: int) -> None:
        """Write a line of a size in px; `place` is the beginning of its base line, `tone` a colour of the palette."""
        pen, base = 0, ""
        x, y = place
        for before, letter in zip("\0" + text, text, strict=False):
            pen += self._move(before, letter)
            if unicodedata.combining(letter):
                right, up = self._mark(base, letter)
                self._put(canvas, letter, (x + (pen + right) * size // EM, y - up * size // EM), size, tone)
            else:
                base = letter
                self._put(canvas, letter, (x + round(pen * size / EM), y), size, tone)

    def _put(self, canvas: Canvas, letter: str, place: tuple[int, int], size: int, tone: int) -> None:
        if letter in " \u00a0":
            return
        glyph = self._glyphs.get((letter, size)) or self._glyph(letter, size)
        x, y = place
        # As `canvas.paste` does after it has looked at what it is given, which takes four times as long.
        canvas.im.paste(tone, (x + glyph.left, y + glyph.top, x + glyph.right, y + glyph.bottom), glyph.mask.im)

    def _move(self, before: str, letter: str) -> int:
        """Return how far the pen goes from the beginning of one letter to that of the next, in EM."""
        pair = before + letter
        if pair not in self._moves:
            self._moves[pair] = self._find_move(before, letter)
        return self._moves[pair]

    def _find_move(self, before: str, letter: str) -> int:
        if before == "\0":
            return 0
        length = round(self._measure.getlength(before))
        return length if letter == "\0" else length + self._kerning(before, letter) + self._tracking

    def _kerning(self, first: str, second: str) -> int:
        """Return how far the second of two letters is moved, in EM: pairs are in order, six bytes each."""
        pair = pack(">HH", ord(first), ord(second))
        at = bisect_left(range(len(self._pairs) // 6), pair, key=lambda at: self._pairs[at * 6 : at * 6 + 4])
        found, move = _PAIR.unpack_from(self._pairs, at * 6) if at * 6 < len(self._pairs) else (b"", 0)
        return move if found == pair else 0

    def _mark(self, base: str, mark: str) -> tuple[int, int]:
        """Return how far a combining mark is moved right and up from the pen behind its letter, in EM."""
        own = self._measure.getbbox(mark, anchor="ls")
        if not base:
            return round(-own[0]), 0
        left, top, right, _ = self._measure.getbbox(base, anchor="ls")
        middle = (left + right) / 2 - self._measure.getlength(base)
        up = 0 if mark in _BELOW else max(0, -top - _X_HEIGHT)
        return round(middle - (own[0] + own[2]) / 2), round(up)

    def _glyph(self, letter: str, size: int) -> _Glyph:
        font = self._at(size)
        left, top, right, bottom = map(int, font.getbbox(letter, anchor="ls"))
        mask = PIL.Image.new("L", (max(1, right - left), max(1, bottom - top)))
        ImageDraw.Draw(mask).text((-left, -top), letter, 255, font, anchor="ls")
        glyph = self._glyphs[letter, size] = _Glyph(mask, left, top, left + mask.width, top + mask.height)
        return glyph

    def _at(self, size: int) -> ImageFont.FreeTypeFont:
        # The other engine needs a library of the system, and would make other bytes where that is missing.
        return ImageFont.truetype(self._file, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def typeface(name: str, tracking: int = 0) -> Typeface:
    """Return a font of the folder `fonts`, one for each process: to draw a letter takes longer than to copy it."""
    return Typeface(name, tracking)
