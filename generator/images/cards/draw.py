"""Draw social cards: what other sites show of a link to a page that has no picture."""

from __future__ import annotations

import zlib
from io import BytesIO

import PIL.Image

from generator.base.imaging import SocialCard
from generator.images.cards.line_breaking import EM, Fit, Room, clip, fit
from generator.images.cards.plan import HEIGHT, WIDTH
from generator.images.cards.typeface import Typeface, typeface

SHADES = 4  # of the palette, two bits for a pixel: 16 look the same and make twice as many bytes in twice the time
MUTED, PAPER = 2, 3  # shades
MARGIN = 72  # px
MEASURE = WIDTH - 2 * MARGIN
TITLES = (Room(128, 1), Room(108, 2), Room(92, 3), Room(80, 3), Room(70, 4), Room(62, 4), Room(54, 4))
NOTES = (Room(36, 2), Room(32, 3))
TRACKING = -8  # EM: large letters stand closer
SMALL = 34  # px, the size of labels and outlets
NAME = 40  # px, the size of the site's name; it takes up to three fifths of the foot
LABEL_LINE, RULE_LINE, FOOT_LINE = 97, 506, 565  # px from above: base lines, and the middle of the rule
# In sizes: the height of capitals; between base lines; below a label; between title and note.
CAP, LEADING, NOTE_LEADING, BELOW_LABEL, ABOVE_NOTE = 0.67, 1.14, 1.35, 0.56, 0.48

_PAPER = 0xFFFEFB
_SITE = 0x1B1A17
# The default theme's palette: oklch(38% .1 hue), as near as sRGB comes; paper stands out at 9.5 : 1 or more.
_HUES = (
    *(0x6E2826, 0x6B2F01, 0x5B3B00, 0x494401, 0x294D0D, 0x025032),
    *(0x024D4A, 0x004A5C, 0x0A4475, 0x393A76, 0x562F66, 0x68284A),
)

Canvas = PIL.Image.Image


def draw_card(card: SocialCard) -> bytes:
    """Return a card as a PNG file of 1200 × 630 px."""
    canvas = PIL.Image.new("P", (WIDTH, HEIGHT), 0)
    canvas.putpalette(palette(card.hue))
    serif, sans = typeface("serif", TRACKING), typeface("sans")
    title, note = fit(card.title, serif.width, MEASURE, TITLES), fit(card.note, sans.width, MEASURE, NOTES)
    if card.site:
        _foot(canvas, card, serif, sans)
    sans.ink(canvas, clip(card.label, sans.width, MEASURE * EM // SMALL), (MARGIN, LABEL_LINE), SMALL, PAPER)
    y = _top(card, title, note) + round(title.size * CAP)
    y = _write(canvas, title, serif, y, LEADING, PAPER)
    if card.note:
        _write(canvas, note, sans, y + round(title.size * ABOVE_NOTE + note.size * CAP), NOTE_LEADING, MUTED)
    out = BytesIO()
    # Most of a card is runs of one shade: to look for more takes longer, and finds less.
    canvas.save(out, "PNG", bits=2, compress_level=1, compress_type=zlib.Z_RLE)
    return out.getvalue()


def palette(hue: int | None) -> bytes:
    """Return the shades of a card from its ground to paper, three bytes each."""
    ground = _SITE if hue is None else _HUES[hue]
    ends = [(ground >> shift & 255, _PAPER >> shift & 255) for shift in (16, 8, 0)]
    return bytes(round(low + (high - low) * shade / (SHADES - 1)) for shade in range(SHADES) for low, high in ends)


def _foot(canvas: Canvas, card: SocialCard, serif: Typeface, sans: Typeface) -> None:
    """Draw the rule, the outlet below it on the left, and the site's name on the right."""
    canvas.paste(MUTED, (MARGIN, RULE_LINE - 1, WIDTH - MARGIN, RULE_LINE + 1))
    name = clip(card.site, serif.width, MEASURE * 3 // 5 * EM // NAME)
    taken = serif.width(name) * NAME // EM
    serif.ink(canvas, name, (WIDTH - MARGIN - taken, FOOT_LINE), NAME, PAPER)
    outlet = clip(card.outlet, sans.width, (MEASURE - taken - MARGIN // 2) * EM // SMALL)
    sans.ink(canvas, outlet, (MARGIN, FOOT_LINE), SMALL, PAPER)


def _top(card: SocialCard, title: Fit, note: Fit) -> int:
    """Return where the title's capitals begin: above, below a label, or where there is no foot so as to be centred."""
    if card.site:
        return round(LABEL_LINE + title.size * BELOW_LABEL) if card.label else MARGIN
    height = title.size * (CAP + LEADING * (len(title.lines) - 1))
    if card.note:
        height += title.size * ABOVE_NOTE + note.size * (CAP + NOTE_LEADING * (len(note.lines) - 1))
    return round((HEIGHT - height) / 2)


def _write(canvas: Canvas, text: Fit, face: Typeface, y: int, leading: float, tone: int) -> int:
    """Write lines from a base line on, and return the last one."""
    step = round(text.size * leading)
    for at, line in enumerate(text.lines):
        face.ink(canvas, line, (MARGIN, y + at * step), text.size, tone)
    return y + step * (len(text.lines) - 1)
