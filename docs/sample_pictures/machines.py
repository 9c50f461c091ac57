"""Computing: a chip, qubits, dependencies, branches, streams, two plus signs."""

from __future__ import annotations

from math import hypot, sin, tau

from PIL import Image

from .plate import (
    CREAM,
    INK,
    MIST,
    OCHRE,
    PAPER,
    PLUM,
    ROSE,
    RUST,
    SAND,
    SLATE,
    TEAL,
    Plate,
    Point,
    picture,
    polar,
    tone,
)


@picture("die.jpg", 1600, 1000, "#0b1a22", "#0f2a33")
def die(p: Plate) -> None:
    rng = p.random

    def block(x: float, y: float, w: float, h: float, depth: int) -> None:
        if depth and max(w, h) > 110 and (depth > 3 or rng.random() < 0.9):
            cut = rng.choice((0.34, 0.5, 0.5, 0.62))
            if w > h * rng.uniform(0.8, 1.3):
                block(x, y, w * cut, h, depth - 1)
                block(x + w * cut, y, w * (1 - cut), h, depth - 1)
            else:
                block(x, y, w, h * cut, depth - 1)
                block(x, y + h * cut, w, h * (1 - cut), depth - 1)
            return
        colour = rng.choice([TEAL, TEAL, "#3c6f86", "#24505e", OCHRE, "#8a6a3a", RUST, SLATE])
        x, y, w, h = x + 4, y + 4, w - 8, h - 8
        p.shape([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], tone(["#0b1a22", colour], rng.uniform(0.35, 0.62)))
        pitch, kind = rng.choice((6, 8, 12)), rng.randrange(3)
        for k in range(1, int((h if kind == 0 else w) / pitch)):
            if kind == 0:
                p.line([(x + 5, y + k * pitch), (x + w - 5, y + k * pitch)], tone([colour, CREAM], 0.35, 0.5), 1.4)
            elif kind == 1:
                p.line([(x + k * pitch, y + 5), (x + k * pitch, y + h - 5)], tone([colour, CREAM], 0.35, 0.5), 1.4)
            else:
                for row in range(1, int(h / pitch)):
                    side = pitch * 0.26
                    cx, cy = x + k * pitch, y + row * pitch
                    p.shape(
                        [
                            (cx - side, cy - side),
                            (cx + side, cy - side),
                            (cx + side, cy + side),
                            (cx - side, cy + side),
                        ],
                        tone([colour, CREAM], 0.45, 0.75),
                    )

    block(110, 90, 1380, 820, 7)
    for k in range(62):
        x = 126 + k * 22
        for y in (34, 948):
            p.shape([(x, y), (x + 11, y), (x + 11, y + 22), (x, y + 22)], tone(OCHRE, 0, 0.75))


@picture("qubits.jpg", 1600, 1000, "#0a0f1e", "#18203c", "#0a0f1e")
def qubits(p: Plate) -> None:
    rng, step = p.random, 92
    cells = [(i, j) for i in range(-8, 9) for j in range(-8, 9) if abs(i + j) < 9 and abs(i - j) < 9]

    def spot(i: float, j: float) -> Point:
        return 800 + (i - j) * step * 0.86, 500 + (i + j) * step * 0.5

    for i, j in cells:
        for k, m in ((1, 0), (0, 1)):
            if (i + k, j + m) in cells:
                live = rng.random() < 0.4
                ends = [spot(i + 0.36 * k, j + 0.36 * m), spot(i + 0.64 * k, j + 0.64 * m)]
                p.line(ends, tone(OCHRE if live else SLATE, 0, 0.95 if live else 0.6), 5 if live else 3)
    for i, j in cells:
        state, near = rng.random(), hypot(i, j) / 10
        colour = tone(["#e9f3ff", "#7fb4d8", "#3b5f9c", PLUM] if state < 0.62 else [CREAM, OCHRE, RUST, PLUM], near)
        if state > 0.45:
            with p.light(16) as layer:
                layer.disc(*spot(i, j), 26, tuple(c // 2 for c in colour[:3]))
        for k, m in ((1, 0), (0, 1)):
            p.line([spot(i - 0.3 * k, j - 0.3 * m), spot(i + 0.3 * k, j + 0.3 * m)], colour, 9)
        p.disc(*spot(i, j), 10, colour)


@picture("dependencies.jpg", 1600, 1000, PAPER, PAPER, "#efe4cc")
def dependencies(p: Plate) -> None:
    rng = p.random
    nodes: list[tuple[int, Point, Point | None, bool]] = []

    def grow(level: int, low: float, high: float, parent: Point | None, marked: bool) -> None:
        middle = (low + high) / 2
        here = polar(800, 500, 0 if not level else 60 + 82 * level, middle + rng.gauss(0, 0.012))
        here = 800 + (here[0] - 800) * 1.42, here[1]
        nodes.append((level, here, parent, marked))
        children = (7, 4, 3, 3, 2, 0)[level]
        children = max(0, children - (rng.random() < 0.35) - (level > 2 and rng.random() < 0.4))
        chosen = children // 2
        for k in range(children):
            part = (high - low) / children
            grow(level + 1, low + k * part, low + (k + 1) * part, here, marked and k == chosen)

    grow(0, -0.6, tau - 0.6, None, True)
    for emphasis in (False, True):
        for level, (x, y), parent, marked in nodes:
            if parent and marked is emphasis:
                bend = (800 + (x - 800) * 0.72, 500 + (y - 500) * 0.72) if level > 1 else (x, y)
                curve = [
                    (
                        (1 - t) ** 2 * parent[0] + 2 * t * (1 - t) * bend[0] + t * t * x,
                        (1 - t) ** 2 * parent[1] + 2 * t * (1 - t) * bend[1] + t * t * y,
                    )
                    for t in (i / 16 for i in range(17))
                ]
                p.line(
                    curve,
                    tone(RUST) if marked else tone([INK, SLATE, "#8fa0a6"], level / 5),
                    5 if marked else 3.4 - level * 0.45,
                )
    for level, (x, y), _, marked in nodes:
        p.disc(x, y, (30, 17, 12, 9, 7, 6)[level] + 3, tone(PAPER))
        p.disc(
            x,
            y,
            (30, 17, 12, 9, 7, 6)[level] + 2 * marked,
            tone(RUST) if marked else tone([INK, TEAL, MIST], level / 5),
        )


@picture("branches.jpg", 1600, 1000, "#eadfc6", SAND)
def branches(p: Plate) -> None:
    rng, lanes = p.random, [150 + 78 * k for k in range(10)]
    inks = [INK, TEAL, RUST, OCHRE, PLUM, "#3c6f86", SLATE, "#8a6a3a", "#5b8a72", "#a8456a"]
    spans = [(-40.0, 1660.0, 4)]
    for lane in (3, 5, 2, 6, 1, 7, 0, 8, 9, 3, 5, 2, 6, 7, 1):
        start = rng.uniform(40, 980)
        end = start + rng.uniform(220, 560)
        if all(other != lane or end + 150 < a or start > b + 150 for a, b, other in spans):
            spans.append((start, end, lane))
    for start, end, lane in reversed(spans):
        colour, y = tone(inks[lane]), lanes[lane]
        home = lanes[4]
        for x, side in ((start, -1), (end, 1)):
            if lane != 4:
                reach = 60 + abs(y - home) * 0.35
                p.line(
                    [
                        (x + side * reach * t, y + (home - y) * (3 * t * t - 2 * t**3))
                        for t in (k / 24 for k in range(25))
                    ],
                    colour,
                    6,
                )
        p.line([(start, y), (end, y)], colour, 6 if lane != 4 else 9)
        x = max(start, 0) + 16
        while x < min(end, 1600):
            p.disc(x, y, 13, colour)
            p.disc(x, y, 7.5, tone("#f3ead6"))
            x += rng.uniform(46, 150)


@picture("streams.jpg", 1600, 1000, "#0c1626", "#15283f", "#0c1626")
def streams(p: Plate) -> None:
    rng, inks = p.random, [TEAL, MIST, "#3c6f86", OCHRE, "#7dbb9c", ROSE, "#4a66a6", RUST]
    for k in range(40):
        lift, pace, phase = rng.gauss(0, 150), rng.uniform(0.8, 1.2), rng.gauss(0, 0.35)
        colour, width, x = rng.choice(inks), rng.choice((2.5, 4, 4, 7, 10)), -rng.uniform(0, 140)

        def height(at: float, lift: float = lift, pace: float = pace, phase: float = phase) -> float:
            pinch = 0.22 + 0.95 * ((at - 800) / 800) ** 2
            return 500 + lift * 1.25 * pinch + 62 * sin(at / 1600 * 4.2 * pace + phase) * (0.4 + pinch / 2)

        while x < 1620:
            length = rng.choice((16, 26, 60, 130, 240))
            piece = [(x + i * length / 20, height(x + i * length / 20)) for i in range(21)]
            p.line(piece, tone(colour, 0, 1 if k % 3 else 0.75), width)
            for end in (piece[0], piece[-1]):
                p.disc(*end, width / 2, tone(colour, 0, 1 if k % 3 else 0))
            x += length + rng.choice((14, 20, 34))


@picture("plus-plus.png", 1200, 750, "#000")
def plus_plus(p: Plate) -> None:
    """Draw two plus signs as a halftone on nothing."""
    clear = Image.new("RGBA", p.image.size, (0, 0, 0, 0))
    p.image = clear
    pen = Plate("dots", 1200, 750, ["#000"])
    for row in range(38):
        for column in range(61):
            x, y = 15 + column * 20 - 10 * (row % 2), 8 + row * 20
            dx, dy = min((abs(x - cx), abs(y - 375)) for cx in (360, 840))
            inside = min(200 - max(dx, dy), 66 - min(dx, dy))
            if inside > -26:
                r = min(max(2.2 + inside / 7.5, 1.1), 9.4)
                pen.disc(x, y, r, (255, 255, 255))
    colours = Plate("ink", 1200, 750, [RUST, "#a8456a", "#4a66a6", TEAL]).image
    clear.paste(colours, mask=pen.image.convert("L"))
