"""The outlets' marks in the sample content: plain letters on plain shapes, and nobody's trademark."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi

from PIL import Image, ImageFont

from .plate import CREAM, INK, MIST, OCHRE, PAPER, PLUM, ROSE, RUST, SAND, SLATE, TEAL, Plate, polar, tone

MARKS = {  # domain: letters, sides of the shape (0 is a disc), its turn, ground, shape, ink
    "arxiv.org": ("x", 4, 0.0, PAPER, SAND, RUST),
    "caltech.edu": ("L", 0, 0.0, SAND, OCHRE, INK),
    "climate.copernicus.eu": ("C3", 6, 0.0, MIST, TEAL, CREAM),
    "emiratesmarsmission.ae": ("H", 0, 0.0, PLUM, RUST, CREAM),
    "esa.int": ("E", 8, pi / 8, INK, SLATE, MIST),
    "eso.org": ("S", 4, pi / 4, INK, "#3c6f86", CREAM),
    "home.cern": ("Ce", 6, pi / 6, "#1d3557", "#4a66a6", CREAM),
    "isro.gov.in": ("I", 3, pi / 6, CREAM, OCHRE, INK),
    "jaxa.jp": ("J", 0, 0.0, MIST, "#2d5b80", CREAM),
    "mathunion.org": ("M", 5, 0.314, PLUM, "#a8456a", CREAM),
    "nasa.gov": ("N", 6, 0.0, "#0d1626", "#2d4a78", PAPER),
    "nature.com": ("n", 0, 0.0, RUST, "#8e2f22", CREAM),
    "nist.gov": ("Ni", 4, 0.0, SLATE, INK, MIST),
    "nobelprize.org": ("Np", 12, 0.0, INK, OCHRE, INK),
    "postgresql.org": ("P", 8, 0.0, "#24505e", "#3c6f86", CREAM),
    "python.org": ("Py", 7, pi / 2, MIST, PLUM, CREAM),
    "w3.org": ("W", 5, -pi / 2, CREAM, "#3c6f86", CREAM),
    "who.int": ("w", 0, 0.0, CREAM, "#3f8f96", CREAM),
    "wikipedia.org": ("wi", 4, 0.0, PAPER, ROSE, INK),
}


def draw_all() -> Iterator[tuple[str, Image.Image]]:
    """Give every mark in both sizes, with its file name."""
    for domain, (letters, sides, turn, ground, shape, ink) in MARKS.items():
        plate = Plate(domain, 400, 400, [ground])
        if sides:
            plate.shape([polar(200, 200, 172, turn + k * 2 * pi / sides) for k in range(sides)], tone(shape))
        else:
            plate.disc(200, 200, 152, tone(shape))
        font = ImageFont.load_default(size=400 if len(letters) == 1 else 300)
        plate.pen.text(
            (400, 400), letters, font=font, fill=tone(ink), anchor="mm", stroke_width=9, stroke_fill=tone(ink)
        )
        for size in (400, 50):
            yield f"{domain}-{size}x{size}.png", plate.image.resize((size, size), Image.Resampling.LANCZOS)
