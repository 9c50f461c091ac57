"""The canvas: a supersampled plate with a few pens, the colours, and the register of all drawings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import cos, sin, tau
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

PAPER, SAND, INK, SLATE, TEAL, MIST = "#f4ecdc", "#e3d2af", "#101b2d", "#33475b", "#2f7f86", "#a9c9c4"
RUST, OCHRE, ROSE, PLUM, CREAM = "#c4523a", "#dfa33b", "#e6a693", "#43223f", "#fff3d6"

Point = tuple[float, float]
Colour = tuple[int, ...]
DRAWINGS: dict[str, Callable[[], Image.Image]] = {}


def tone(colours: str | Sequence[str], place: float = 0, alpha: float = 1) -> Colour:
    """Return the colour at `place` in 0..1 of a ramp, with an alpha of 0..1."""
    stops = [ImageColor.getrgb(colour) for colour in ([colours] if isinstance(colours, str) else colours)]
    at = min(max(place, 0), 1) * (len(stops) - 1)
    first = min(int(at), max(len(stops) - 2, 0))
    pair = zip(stops[first], stops[min(first + 1, len(stops) - 1)], strict=True)
    return (*(round(a + (b - a) * (at - first)) for a, b in pair), round(255 * min(max(alpha, 0), 1)))


class Plate:
    """A picture on a canvas of twice its size, drawn in the units of the finished picture."""

    def __init__(self, name: str, width: int, height: int, stops: Sequence[str]) -> None:
        self.name, self.width, self.height, self.random = name, width, height, Random(name)
        ramp = Image.new("RGB", (1, len(stops)))
        ramp.putdata([ImageColor.getrgb(stop) for stop in stops])
        self.image = ramp.resize((width * 2, height * 2), Image.Resampling.BICUBIC)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def line(self, points: Iterable[Point], colour: Colour, width: float = 1.5) -> None:
        joint = "curve" if len(colour) == 3 or colour[3] == 255 else None
        self.pen.line([(2 * x, 2 * y) for x, y in points], colour, max(1, round(2 * width)), joint)

    def shape(self, points: Iterable[Point], colour: Colour) -> None:
        self.pen.polygon([(2 * x, 2 * y) for x, y in points], colour)

    def disc(self, x: float, y: float, r: float, colour: Colour) -> None:
        self.pen.ellipse([2 * (x - r), 2 * (y - r), 2 * (x + r), 2 * (y + r)], colour)

    def ring(self, x: float, y: float, r: float, colour: Colour, width: float = 1.5) -> None:
        box = [2 * (x - r), 2 * (y - r), 2 * (x + r), 2 * (y + r)]
        self.pen.ellipse(box, None, colour, max(1, round(2 * width)))

    @contextmanager
    def light(self, radius: float) -> Iterator[Plate]:
        """Give a black plate, and add what was painted on it as light, blurred by `radius`."""
        layer = Plate(self.name, self.width, self.height, ["#000"])
        yield layer
        self.image.paste(ImageChops.screen(self.image, layer.image.filter(ImageFilter.GaussianBlur(2 * radius))))

    @contextmanager
    def sheet(self, radius: float = 0, alpha: float = 1) -> Iterator[tuple[Plate, Colour]]:
        """Give a black plate to paint a shape in white on, and lay it over this one as a soft shadow."""
        layer = Plate(self.name, self.width, self.height, ["#000"])
        yield layer, (255, 255, 255)
        mask = layer.image.convert("L").filter(ImageFilter.GaussianBlur(2 * radius))
        self.image.paste((0, 0, 0), mask=mask.point(lambda value: round(value * alpha)))


def picture(name: str, width: int, height: int, *stops: str) -> Callable[[Callable[[Plate], None]], None]:
    """Register a drawing under its file name, on a ground that fades through `stops` from top to bottom."""

    def register(draw: Callable[[Plate], None]) -> None:
        def make() -> Image.Image:
            plate = Plate(name, width, height, stops)
            draw(plate)
            return plate.image.reduce(2)

        DRAWINGS[name] = make

    return register


def oval(x: float, y: float, a: float, b: float, turn: float = 0, start: float = 0, end: float = tau) -> list[Point]:
    """Return 97 points of an ellipse with half axes `a` and `b`, turned by `turn`."""
    angles = [start + (end - start) * i / 96 for i in range(97)]
    return [
        (x + a * cos(t) * cos(turn) - b * sin(t) * sin(turn), y + a * cos(t) * sin(turn) + b * sin(t) * cos(turn))
        for t in angles
    ]


def polar(x: float, y: float, r: float, t: float) -> Point:
    return x + r * cos(t), y + r * sin(t)
