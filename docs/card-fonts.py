"""Make the fonts of social cards from the web files of two families: `python docs/card-fonts.py FOLDER`.

FOLDER holds `<family>-<script>-<weight>-normal.woff2` of `FACES`, a file for each script. Needs fontTools, brotli and
skia-pathops, which Broadsheet does not. Writes `fonts/` and `repertoire.py` in `generator/images/cards/`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.removeOverlaps import removeOverlaps
from fontTools.ttLib.tables.ttProgram import Program

CARDS = Path(__file__).resolve().parent.parent / "generator" / "images" / "cards"
FACES = {"serif": ("source-serif-4", 700, "Broadsheet Serif"), "sans": ("source-sans-3", 600, "Broadsheet Sans")}
SCRIPTS = ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext", "greek")
LAYOUT = ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "gasp", "prep"]
# Pairs of letters that are moved by less are left out, in 1/1000 of the size; rarer scripts and small sizes need fewer.
LEAST = {"serif": {"latin": 10, "cyrillic": 12, "greek": 12, "": 40}, "sans": {"latin": 15, "": 20, "latin-ext": 60}}
LEFT_ALONE = {(0x3BB, 0x3BB)}  # λλ, which the sans would have touch each other
# The usual program of an unhinted font, and three bytes that do nothing: without them letters would be hinted by guess.
UNHINTED = bytes.fromhex("b801ff85b0048db00121")

Kerning = dict[tuple[int, int], int]


def main(folder: Path) -> None:
    covered = set.intersection(*(_letters(folder, face) for face in FACES))
    digest = blake2b(digest_size=16)
    for face in FACES:
        font, kerning = _make(folder, face, covered)
        letters, pairs = CARDS / "fonts" / f"{face}.ttf", CARDS / "fonts" / f"{face}.pairs"
        font.save(letters)
        pairs.write_bytes(_encoded(kerning))
        digest.update(letters.read_bytes() + pairs.read_bytes())
    (CARDS / "repertoire.py").write_text(_table(sorted(covered), digest.hexdigest()), encoding="utf-8")


def _parts(folder: Path, face: str) -> Iterator[tuple[str, TTFont]]:
    """Yield a face's font of each script."""
    family, weight, _ = FACES[face]
    for script in SCRIPTS:
        yield script, TTFont(folder / f"{family}-{script}-{weight}-normal.woff2", recalcTimestamp=False)


def _letters(folder: Path, face: str) -> set[int]:
    return {code for _, font in _parts(folder, face) for code in font.getBestCmap() if code >= 0x20}


def _make(folder: Path, face: str, covered: set[int]) -> tuple[TTFont, Kerning]:
    """Join the scripts of a face, each letter and each pair of letters from the first that has it."""
    todo, kerning = set(covered), Kerning()
    with TemporaryDirectory() as parts:
        for script, font in _parts(folder, face):
            least = LEAST[face].get(script, LEAST[face][""])
            for pair, move in _kerning(font, covered):
                kerning.setdefault(pair, move if abs(move) >= least else 0)
            mine = todo & set(font.getBestCmap())
            todo -= mine
            _subset(font, mine)
            font.save(f"{parts}/{SCRIPTS.index(script)}.ttf")
        whole = Merger().merge(sorted(map(str, Path(parts).iterdir())))
    removeOverlaps(whole)  # where two strokes of a letter meet, their edges would add up
    whole["prep"] = newTable("prep")
    whole["prep"].program = Program()
    whole["prep"].program.fromBytecode(UNHINTED)
    whole["post"].formatType = 3.0  # no names of glyphs
    _rename(whole, FACES[face][2])
    whole["head"].created = whole["head"].modified = 0
    whole.recalcTimestamp = False
    return whole, {pair: move for pair, move in kerning.items() if move and pair not in LEFT_ALONE}


def _subset(font: TTFont, letters: set[int]) -> None:
    options = Options(hinting=False, notdef_outline=True, name_IDs=["*"])
    options.drop_tables += LAYOUT
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font.flavor = None


def _kerning(font: TTFont, covered: set[int]) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield how far the second of two letters is moved, in units of the font; what is yielded first counts."""
    letters = defaultdict(list)
    for code, glyph in font.getBestCmap().items():
        if code in covered:
            letters[glyph].append(code)
    layout = font["GPOS"].table
    features = [each.Feature for each in layout.FeatureList.FeatureRecord if each.FeatureTag == "kern"]
    for number in sorted({number for feature in features for number in feature.LookupListIndex}):
        for table in layout.LookupList.Lookup[number].SubTable:
            table = table.ExtSubTable if table.LookupType == 9 else table
            for first, second, move in _pairs(table, letters) if table.LookupType == 2 else ():
                yield from (((one, two), move) for one in letters[first] for two in letters[second])


def _pairs(table: object, glyphs: dict[str, list[int]]) -> Iterator[tuple[str, str, int]]:
    """Yield the pairs of a table, of single glyphs or of classes of them."""
    for at, first in enumerate(table.Coverage.glyphs):
        if first not in glyphs:
            continue
        if table.Format == 1:
            moves = {record.SecondGlyph: record.Value1 for record in table.PairSet[at].PairValueRecord}
        else:
            row = table.Class1Record[table.ClassDef1.classDefs.get(first, 0)].Class2Record
            moves = {glyph: row[table.ClassDef2.classDefs.get(glyph, 0)].Value1 for glyph in glyphs}
        for second, move in moves.items():
            if second in glyphs:
                yield first, second, getattr(move, "XAdvance", 0)


def _encoded(kerning: Kerning) -> bytes:
    """Return pairs in order, six bytes each: two letters and how far the second is moved, big-endian."""
    return b"".join(pack(">HHh", *pair, move) for pair, move in sorted(kerning.items()))


def _rename(font: TTFont, family: str) -> None:
    """Name a font anew: its licence reserves the name to the unchanged one."""
    names = font["name"]
    names.names = [name for name in names.names if name.nameID in (0, 5, 14)]
    for number, text in ((1, family), (2, "Regular"), (3, family), (4, family), (6, family.replace(" ", ""))):
        names.setName(text, number, 3, 1, 0x409)


def _table(letters: list[int], digest: str) -> str:
    """Return the module that says what is covered."""
    starts = [code for code in letters if code - 1 not in letters]
    ends = [code for code in letters if code + 1 not in letters]
    rows = "".join(f"    (0x{a:04X}, 0x{b:04X}),\n" for a, b in zip(starts, ends, strict=True))
    return f'''"""Repertoire: which characters the fonts of social cards have; `docs/card-fonts.py` makes it."""

FONTS = "{digest}"  # the digest of the fonts' files: another font, another card
COVERED = (  # the first and the last code point of each range
{rows})
'''


if __name__ == "__main__":
    main(Path(sys.argv[1]))
