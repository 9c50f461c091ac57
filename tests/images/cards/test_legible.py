"""legible: the text of a card is in letters that the fonts have, or there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.images.cards.legible import legible
from generator.images.cards.repertoire import COVERED

LETTERS = {chr(code) for first, last in COVERED for code in range(first, last + 1)}


@given(st.text())
def test_no_letter_is_without_a_glyph(text: str) -> None:
    """Whatever is given, what is shown is made of letters that the fonts have, and is shown as it is again."""
    shown = legible(text)
    assert set(shown) <= LETTERS
    assert legible(shown) == shown
    assert shown == " ".join(word for word in shown.split(" ") if word)


@pytest.mark.parametrize(
    "text",
    [
        "Zażółć gęślą jaźń; Příliš žluťoučký kůň, İstanbul, Ísland, Țară, Đặng Thị Ngọc Thịnh",
        "Съешь же ещё этих мягких французских булок; їжак, ґанок, ўсё, ђак, љубав",
        "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, ΐ ΰ Ώ",
        "“Quoted” ‘twice’ „unten“ «là» ‹ici› it’s – a – dash — and… 5′ 6″",
        "€5 £5 ¥5 $5 ₽5 ₴5 ₺5 ₹5 ₩5 ₦5 ₫5 ₱5 ₸5 ¢5, 50 % + 3 × 2 = №1 §2 ©®™ °",
    ],
)
def test_a_text_of_these_scripts_is_shown_as_it_is(text: str) -> None:
    """Latin, Cyrillic and Greek, with quotes, dashes and currencies."""
    assert legible(text) == text


@pytest.mark.parametrize(
    "text",
    ["日本の話", "أخبار", "חדשות", "समाचार", "A rocket 🚀", "x → y", "\0", "a\ud800", "\ufffd"],
    ids=ascii,
)
def test_a_text_with_another_letter_is_not_shown(text: str) -> None:
    """One letter that is missing, and there is no text: better than a box."""
    assert legible(text) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cafe\u0301", "Café"),
        ("за\u0301мок", "за\u0301мок"),  # a mark that no letter is composed with stays a mark
        ("CO₂ and x²", "CO2 and x²"),
        ("ﬁne ①", "fine 1"),
        ("co\u00adop\u200b \u2066a\u2069 ©\ufe0f", "coop a ©"),
        ("a\u2011b \u2012 \u2015", "a-b – —"),
        (" two\n\t lines\u2003 ", "two lines"),
        ("5\u202f%", "5\u00a0%"),
        ("\u0300j \u0301\u0304 e\u0329\u0301", "j \u00e9\u0329"),  # a mark on nothing
    ],
)
def test_what_means_the_same_is_written_with_known_letters(text: str, shown: str) -> None:
    """Text is composed; ligatures, small figures and unusual spaces are plain ones; what is not seen is left out."""
    assert legible(text) == shown
