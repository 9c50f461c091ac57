"""Legible: a text in the letters that the fonts of social cards have, or none of it."""

from __future__ import annotations

import re
import unicodedata

from generator.images.cards.repertoire import COVERED

_UNSEEN = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFE0E, 0xFE0F, 0xFEFF)
_SPACES = (0x09, 0x0A, 0x0D, *range(0x2000, 0x2007), *range(0x2008, 0x200B), 0x2028, 0x2029, 0x205F, 0x3000)
_SPELLED: dict[int, str | None] = {
    **dict.fromkeys(_UNSEEN),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys((0x2007, 0x202F), "\u00a0"),
    **dict.fromkeys((0x2010, 0x2011, 0x2043), "-"),
    0x2012: "–",
    0x2015: "—",
    0x201F: "“",
}
_RANGES = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in COVERED)
_ALONE = re.compile("(?<![^ \u00a0])[\u0300-\u036f]+")
_STRANGE = re.compile(f"[^{_RANGES}]|[{''.join(map(chr, _SPELLED))}]")


def legible(text: str) -> str:
    """Return a text as a card shows it: composed, in known letters; "" where there is one that the fonts do not have.

    What is missing but means the same as letters that are there (ﬁ, ₂, a thin space) is written with these. An accent
    without a letter before it is left out: it would stand on the margin.
    """
    text = unicodedata.normalize("NFC", text)
    if _STRANGE.search(text):
        text = _STRANGE.sub(_plain, text.translate(_SPELLED)).translate(_SPELLED)
        if _STRANGE.search(text):
            return ""
    return " ".join(word for word in _ALONE.sub("", text).split(" ") if word)


def _plain(letter: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", letter[0])
