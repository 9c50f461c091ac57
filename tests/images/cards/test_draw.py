"""draw: what is drawn on a card, looked at as decoded pixels."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from unicodedata import combining

import PIL.Image
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from site_kit import REPOSITORY

from generator.base.digest import digest_bytes
from generator.base.imaging import SocialCard
from generator.images.cards.draw import MARGIN, RULE_LINE, draw_card, palette
from generator.images.cards.plan import story_card, topic_card
from generator.images.cards.repertoire import COVERED
from generator.images.cards.typeface import typeface

CARD = SocialCard("Of chips and men", label="Chips", outlet="The Outlet", site="Small news", hue=8)
LONG = "A title that goes on and on, with Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte " * 3
OVERHANG = 12  # px by which a letter may reach over the margin: a J to the left, an f to the right

letters = st.sampled_from([chr(code) for first, last in COVERED for code in range(first, last + 1)])
texts = st.one_of(st.text(), st.text(letters, max_size=150), st.text("AVTywfjÅЖй Ωή“”—…\u0301 ", max_size=150))


def shades(data: bytes) -> PIL.Image.Image:
    """Return a card's shades, 0 being its ground."""
    card = PIL.Image.open(BytesIO(data))
    assert (card.format, card.mode, card.size, card.info) == ("PNG", "P", (1200, 630), {})
    card.putpalette(bytes(value for shade in range(4) for value in [shade * 85] * 3))
    return card.convert("L")


def inked(data: bytes, top: int = 0, bottom: int = 630) -> tuple[int, int, int, int] | None:
    """Return the smallest box of a card, in a part of its height, outside of which nothing is drawn."""
    return shades(data).crop((0, top, 1200, bottom)).getbbox()


@settings(deadline=None, max_examples=60)
@given(texts, texts, texts, texts)
@example("", "", "", "\u0300j")
def test_any_text_is_drawn_inside_the_margins(title: str, label: str, outlet: str, site: str) -> None:
    """Nothing raises, and no letter is cut off or written over the edge, the rule or the foot."""
    for card in (story_card(title, label, outlet, site, 1), topic_card(title, outlet, site, 1)):
        box = inked(draw_card(card))
        if box:
            assert box[0] >= MARGIN - OVERHANG
            assert box[2] <= 1200 - MARGIN + OVERHANG
            assert box[1] > 20 or any(map(combining, card.title + card.label))  # a mark on one that has a mark
            assert box[3] < 610
        if card.site:
            assert shades(draw_card(replace(card, outlet="", site=card.site))).getpixel((MARGIN, RULE_LINE)) == 170


@settings(deadline=None)
@given(letters)
def test_no_letter_is_a_box(letter: str) -> None:
    """No letter of the repertoire looks as one does that the fonts do not have."""
    for name in ("serif", "sans"):
        missing, drawn = (PIL.Image.new("P", (200, 200)) for _ in range(2))
        typeface(name).ink(missing, "\uffff", (50, 120), 100, 3)
        typeface(name).ink(drawn, letter, (50, 120), 100, 3)
        assert missing.getbbox()
        assert drawn.tobytes() != missing.tobytes()


def test_each_text_is_where_it_belongs() -> None:
    """The topic above, the title below it, the rule, the outlet on the left and the site's name on the right."""
    data = draw_card(CARD)
    box, label = inked(data), inked(draw_card(replace(CARD, title="")), 0, RULE_LINE - 1)
    assert box
    assert label
    assert (box[0], box[2]) == (MARGIN, 1200 - MARGIN)  # the rule
    assert abs(box[1] - MARGIN) < 4
    assert label[3] < 110
    assert inked(draw_card(replace(CARD, label="", title="")), 0, RULE_LINE - 1) is None
    foot = shades(data).crop((0, 520, 1200, 630))
    assert foot.crop((0, 0, 600, 110)).getbbox()
    assert foot.crop((600, 0, 1200, 110)).getbbox()
    without = shades(draw_card(replace(CARD, outlet=""))).crop((0, 520, 1200, 630))
    assert without.crop((0, 0, 600, 110)).getbbox() is None


def test_a_card_without_a_foot_is_centred() -> None:
    """The site's own card, and one that has the site's name instead of a title."""
    box = inked(draw_card(SocialCard("HHH", hue=1)))
    assert box
    assert abs(box[1] + box[3] - 630) <= 2


@pytest.mark.parametrize("title", ["Short", "Όλα τα νέα", "Новости дня", "“Quotes” — and €5…", LONG])
def test_a_title_changes_what_is_drawn(title: str) -> None:
    """It is there, in two shades at least, and never over the rule."""
    with_title, without = draw_card(replace(CARD, title=title)), draw_card(replace(CARD, title=""))
    assert with_title != without
    assert inked(with_title, 110, RULE_LINE - 1) is not None
    assert inked(without, 110, RULE_LINE - 1) is None
    below = inked(with_title, 110, RULE_LINE - 1)
    assert below
    assert below[3] < RULE_LINE - 110 - 8


def test_every_colour_is_another_and_can_be_read() -> None:
    """Twelve topics' grounds and the site's own; paper on each has a contrast of 7 to 1 (WCAG 2.2, 1.4.6)."""
    grounds = [palette(hue) for hue in (None, *range(12))]
    assert len(set(grounds)) == 13
    for colours in grounds:
        assert (luminance(colours[-3:]) + 0.05) / (luminance(colours[:3]) + 0.05) >= 7
        assert (luminance(colours[6:9]) + 0.05) / (luminance(colours[:3]) + 0.05) >= 4.5
        assert palette_of(draw_card(SocialCard("A", hue=grounds.index(colours) - 1 if colours != grounds[0] else None)))


def palette_of(data: bytes) -> bytes:
    """Return the palette that a card's file has."""
    found = PIL.Image.open(BytesIO(data)).palette
    assert found
    return bytes(found.palette)


def luminance(colour: bytes) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    red, green, blue = (
        value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_another_process_draws_the_same() -> None:
    """Bytes depend on the card alone: not on the process, nor on what it drew before."""
    cards = [replace(CARD, title=title) for title in ("Second", LONG, "Όλα τα νέα", "за\u0301мок")]
    here = [digest_bytes(draw_card(card)).hex() for card in cards]
    assert [digest_bytes(draw_card(card)).hex() for card in reversed(cards)] == here[::-1]
    code = (
        "from generator.images.cards.draw import draw_card; from generator.base.imaging import SocialCard;"
        "from generator.base.digest import digest_bytes;"
        f"print(*[digest_bytes(draw_card(card)).hex() for card in {cards!r}])"
    )
    there = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert there.stdout.split() == here


def test_a_mark_stands_over_its_letter() -> None:
    """A combining mark that no letter is composed with is centred, and higher over a capital."""
    tops = []
    for letter in "аА":
        plain, marked = (PIL.Image.new("P", (300, 200)) for _ in range(2))
        typeface("serif").ink(plain, letter, (50, 150), 100, 3)
        typeface("serif").ink(marked, letter + "\u0301", (50, 150), 100, 3)
        box, more = plain.getbbox(), marked.getbbox()
        assert box
        assert more
        assert (more[0], more[2], more[3]) == (box[0], box[2], box[3])
        assert more[1] < box[1] - 5
        tops.append(more[1])
    assert tops[1] < tops[0]


def test_pairs_of_letters_are_moved_together() -> None:
    """A and V stand closer than each of them would alone."""
    face = typeface("serif")
    assert face.width("AV") < face.width("A") + face.width("V") - 30
