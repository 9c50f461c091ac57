"""repertoire: says what the fonts that lie beside it have, and which fonts these are."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from struct import iter_unpack, unpack_from

import pytest

from generator.images.cards.repertoire import COVERED, FONTS
from generator.images.cards.typeface import FONTS as FOLDER

FILES = [FOLDER / "serif.ttf", FOLDER / "sans.ttf"]
EVERY = [file.with_suffix(suffix) for file in FILES for suffix in (".ttf", ".pairs")]


def tables(data: bytes) -> dict[str, int]:
    """Return where each table of a font begins (OpenType, the table directory)."""
    rows = (unpack_from(">4sIII", data, 12 + 16 * at) for at in range(unpack_from(">H", data, 4)[0]))
    return {tag.decode(): offset for tag, _, offset, _ in rows}


def characters(data: bytes) -> set[int]:
    """Return the code points that a font has glyphs for (OpenType, `cmap`, format 4)."""
    start = tables(data)["cmap"]
    places = (unpack_from(">HHI", data, start + 4 + 8 * at) for at in range(unpack_from(">H", data, start + 2)[0]))
    table = next(start + offset for *_, offset in places if unpack_from(">H", data, start + offset)[0] == 4)
    count = unpack_from(">H", data, table + 6)[0] // 2
    columns = [unpack_from(f">{count}H", data, table + 14 + 2 * at * count + 2 * (at > 0)) for at in range(4)]
    found = set()
    for at, (last, first, delta, offset) in enumerate(zip(*columns, strict=True)):
        for code in range(first, last + 1):
            place = table + 16 + 2 * (3 * count + at) + offset + 2 * (code - first)
            glyph = unpack_from(">H", data, place)[0] if offset else code
            if glyph and (glyph + delta) % 65536:
                found.add(code)
    return found - {0xFFFF}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_both_fonts_have_what_is_said(file: Path) -> None:
    """The table has the characters of each font, and no others."""
    assert characters(file.read_bytes()) == {code for first, last in COVERED for code in range(first, last + 1)}


def test_the_digest_is_that_of_the_fonts() -> None:
    """It is code, hence in the key of every card: another font makes other cards with other names."""
    assert blake2b(b"".join(file.read_bytes() for file in EVERY), digest_size=16).hexdigest() == FONTS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_fonts_need_no_shaping(file: Path) -> None:
    """They have no table that asks for it; pairs of letters stand beside them in order, each once."""
    assert not {"GSUB", "GPOS", "kern"} & set(tables(file.read_bytes()))
    pairs = [(first, second) for first, second, _ in iter_unpack(">HHh", file.with_suffix(".pairs").read_bytes())]
    assert pairs == sorted(set(pairs))
    assert {code for pair in pairs for code in pair} <= characters(file.read_bytes())


def test_fonts_are_small_and_have_their_licence() -> None:
    """All are under 400 KB, and beside them stand the licence and where they come from."""
    assert sum(file.stat().st_size for file in EVERY) < 400_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "OFL.txt").read_text()
    assert "Source Serif 4" in (FOLDER / "README.md").read_text()
