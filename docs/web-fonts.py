"""Make the web fonts of the default theme: `python docs/web-fonts.py FOLDER`.

FOLDER is `node_modules/@fontsource-variable` with the npm packages `newsreader` and `libre-franklin` in it. Needs
fontTools and brotli, which Broadsheet does not. Writes `fonts/` and `style.css/10-fonts.css` in the theme's assets:
each face in a file for the letters of Western Europe and one for the others of the Latin script, which a browser loads
only for a page that has some. The axes are cut to what the theme uses: headlines in the drawing for large sizes and
one weight, text in the drawing for small ones.

The metrics of the fallbacks are those of Times New Roman and Arial, read from fonts of the same widths (Liberation).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ASSETS = Path(__file__).resolve().parent.parent / "themes" / "default" / "assets"
LIBERATION = Path("/usr/share/fonts/truetype/liberation")
LARGEST = 120_000  # bytes of all files together

PUNCTUATION = "–—‘’‚“”„†•…‰′″‹›€™−←→↑↓ŒœẞŸ"
SCRIPTS = {
    "": [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, PUNCTUATION)],
    "-ext": [*range(0x100, 0x152), *range(0x154, 0x178), *range(0x179, 0x180), *range(0x218, 0x21C)],
}
LAYOUT = ["kern", "liga", "mark", "mkmk", "locl", "ccmp", "tnum"]


class Face(NamedTuple):
    """A face of a family: where it comes from, what of its axes is kept, and how CSS names it."""

    file: str
    source: str
    axes: dict[str, float | tuple[float, float]]
    family: str
    weight: str
    style: str = "normal"


FACES = (
    Face("headline", "newsreader/files/newsreader-{}-opsz-normal", {"opsz": 36, "wght": 600}, "Newsreader", "600"),
    Face("text", "newsreader/files/newsreader-{}-opsz-normal", {"opsz": 16, "wght": 400}, "Newsreader", "400"),
    Face("italic", "newsreader/files/newsreader-{}-opsz-italic", {"opsz": 16, "wght": 400}, "Newsreader", "400",
         "italic"),
    Face("label", "libre-franklin/files/libre-franklin-{}-wght-normal", {"wght": (400, 700)}, "Libre Franklin",
         "400 700"),
)  # fmt: skip
# Name of the fallback, the local fonts that it is, the font that has their metrics, the face and weight it stands for.
TIMES = ("Times New Roman", "Liberation Serif", "Tinos")
ARIAL = ("Arial", "Liberation Sans", "Arimo")
FALLBACKS = (
    ("Newsreader Stand-in", TIMES, "LiberationSerif-Bold", "headline", 600),
    ("Newsreader Stand-in", TIMES, "LiberationSerif-Regular", "text", 400),
    ("Libre Franklin Stand-in", ARIAL, "LiberationSans-Bold", "label", 600),
    ("Libre Franklin Stand-in", ARIAL, "LiberationSans-Regular", "label", 400),
)
# How often letters stand in English text, of a thousand: by these the widths of two fonts are compared.
LETTERS = dict(zip(" etaoinshrdlcumwfgypbvk", (180, 102, 75, 65, 62, 57, 57, 52, 50, 49, 35, 33, 23, 23, 20, 19, 18, 16,
                                               16, 15, 12, 8, 6), strict=True))  # fmt: skip


def main(packages: Path) -> None:
    folder = ASSETS / "fonts"
    folder.mkdir(exist_ok=True)
    rules, size = [], 0
    for face in FACES:
        for script, letters in SCRIPTS.items():
            if script and face.style == "italic":
                continue  # too rare for its bytes
            font = _make(packages, face, script, letters)
            path = folder / f"{face.file}{script}.woff2"
            font.save(path)
            size += path.stat().st_size
            rules.append(_rule(face, path.name, sorted(font.getBestCmap())))
    assert size <= LARGEST, size
    for package in ("newsreader", "libre-franklin"):
        (folder / f"OFL-{package}.txt").write_bytes((packages / package / "LICENSE").read_bytes())
    rules += [_fallback(folder, *each) for each in FALLBACKS]
    (ASSETS / "style.css" / "10-fonts.css").write_text(
        "\n".join(["/* Made by docs/web-fonts.py. */", *rules]) + "\n", encoding="utf-8"
    )
    print(f"{size} bytes")


def _make(packages: Path, face: Face, script: str, letters: list[int]) -> TTFont:
    """Cut a face down to some letters and to the part of its axes that is used."""
    font = TTFont(packages / (face.source.format(f"latin{script}") + ".woff2"), recalcTimestamp=False)
    options = Options(hinting=False, notdef_outline=True, layout_features=LAYOUT, name_IDs=[0, 1, 2, 5, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=set(letters) & set(font.getBestCmap()))
    subsetter.subset(font)
    font = instantiateVariableFont(font, face.axes)
    font.recalcTimestamp = False
    font.flavor = "woff2"
    return font


def _rule(face: Face, file: str, letters: list[int]) -> str:
    """Return the rule of a file. `optional`: a font that is late waits for the next page, so nothing moves."""
    return (
        f'@font-face {{\n  font-family: "{face.family}";\n  font-style: {face.style};\n  font-weight: {face.weight};\n'
        f'  font-display: optional;\n  src: url(fonts/{file}) format("woff2");\n'
        f"  unicode-range: {', '.join(_ranges(letters))};\n}}"
    )


def _ranges(letters: list[int]) -> list[str]:
    starts = [code for code in letters if code - 1 not in letters]
    ends = [code for code in letters if code + 1 not in letters]
    return [f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in zip(starts, ends, strict=True)]


def _fallback(folder: Path, name: str, local: tuple[str, ...], like: str, face: str, weight: int) -> str:
    """Return the rule that gives a local font the size and the line height of a face."""
    ours, other = TTFont(folder / f"{face}.woff2"), TTFont(LIBERATION / f"{like}.ttf")
    if "fvar" in ours:
        ours = instantiateVariableFont(ours, {"wght": weight})
    size = _width(ours) / _width(other)
    unit = ours["head"].unitsPerEm * size
    sources = ", ".join(f'local("{each}{" Bold" if weight > 400 else ""}")' for each in local)
    lines = ours["hhea"]
    return (
        f'@font-face {{\n  font-family: "{name}";\n  font-weight: {weight};\n  src: {sources};\n'
        f"  size-adjust: {size:.2%};\n  ascent-override: {lines.ascent / unit:.2%};\n"
        f"  descent-override: {-lines.descent / unit:.2%};\n  line-gap-override: {lines.lineGap / unit:.2%};\n}}"
    )


def _width(font: TTFont) -> float:
    """Return the mean width of a letter in running text, in parts of the font's size."""
    glyphs, widths = font.getBestCmap(), font["hmtx"]
    total = sum(widths[glyphs[ord(letter)]][0] * often for letter, often in LETTERS.items())
    return total / sum(LETTERS.values()) / font["head"].unitsPerEm


if __name__ == "__main__":
    main(Path(sys.argv[1]))
