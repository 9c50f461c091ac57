"""Earth and old things: warming, a landscape in layers, ice, a burnt scroll, a sunset of six colours."""

from __future__ import annotations

from math import cos, exp, hypot, pi, sin, tau

from PIL import Image, ImageFilter

from .plate import INK, MIST, OCHRE, PAPER, PLUM, ROSE, RUST, SAND, SLATE, TEAL, Plate, Point, picture, polar, tone


@picture("warming.jpg", 1600, 1000, "#0e1826", "#142234")
def warming(p: Plate) -> None:
    years = 85
    for year in range(years):
        hums = [(k, p.random.gauss(0, 9) / k**0.5, p.random.uniform(0, tau)) for k in range(2, 14)]
        rise = 26 + 330 * (year / years) ** 2.1 + p.random.gauss(0, 13)
        line: list[Point] = []
        for x in range(-4, 1605, 6):
            t = x / 1600 * tau
            line.append((x, 760 - rise - 190 * sin(t / 2) ** 2 - sum(a * sin(k * t + s) for k, a, s in hums)))
        last = year == years - 1
        colour = tone([SLATE, "#54758a", MIST, "#e9d5a6", OCHRE, RUST], year / years, 0.62)
        if last:
            with p.light(10) as layer:
                layer.line(line, tone("#c4402a"), 7)
        p.line(line, tone("#ff8d70") if last else colour, 4 if last else 1.7)


@picture("contours.jpg", 1600, 1000, "#d9cdb4")
def contours(p: Plate) -> None:
    craters = [
        (610, 470, 330, 1.0),
        (1240, 700, 230, 0.7),
        (1290, 210, 170, 0.55),
        (180, 850, 190, 0.5),
        (150, 160, 120, 0.4),
    ]
    craters += [
        (p.random.uniform(0, 1600), p.random.uniform(0, 1000), p.random.uniform(30, 75), 0.22) for _ in range(22)
    ]
    hills = [
        (p.random.uniform(0, 1600), p.random.uniform(0, 1000), p.random.uniform(200, 420), p.random.uniform(-0.4, 0.6))
        for _ in range(12)
    ]

    def height(x: float, y: float) -> float:
        high = sum(a * exp(-(((x - cx) / r) ** 2) - ((y - cy) / r) ** 2) for cx, cy, r, a in hills)
        for cx, cy, r, depth in craters:
            far = hypot(x - cx, y - cy) / r
            if far < 2.2:
                high += depth * (0.75 * exp(-(((far - 1) / 0.26) ** 2)) - 0.9 * exp(-((far / 0.78) ** 4)))
        return high

    field = Image.new("F", (200, 125))
    field.putdata([height(8 * x + 4, 8 * y + 4) for y in range(125) for x in range(200)])
    field = field.resize(p.image.size, Image.Resampling.BICUBIC)
    for step in range(15):
        level = -0.95 + step * 0.14
        mask = field.point(lambda value, level=level: value * 9000 + -level * 9000).convert("L")
        shadow = Image.new("L", mask.size)
        shadow.paste(mask, (14, 18))
        p.image.paste((40, 30, 28), mask=shadow.filter(ImageFilter.GaussianBlur(16)).point(lambda v: v * 0.34))
        p.image.paste(tone([INK, SLATE, "#7d8a8c", "#c2b79f", SAND, PAPER], step / 14)[:3], mask=mask)


@picture("strata.jpg", 1600, 1000, "#e9f0ee", "#cfe0e0")
def strata(p: Plate) -> None:
    top, layers = 190.0, 34
    for layer in range(layers):
        hums = [(f, p.random.uniform(0, tau), a) for f, a in ((1.1, 26), (2.3, 13), (5.2, 5), (11, 2))]
        lean = 46 * (layer / layers)
        ridge = [
            (x, top + sum(a * sin(f * x / 1600 * tau + s * 0.35 + layer * 0.09) for f, s, a in hums) + lean * x / 1600)
            for x in range(0, 1601, 8)
        ]
        old = layer / (layers - 1)
        colour = tone(["#dcebea", MIST, "#6fa3a8", TEAL, "#1f5566", "#14324a", INK], old)
        with p.sheet(5, 0.14) as (shade, white):
            shade.shape([*((x, y - 5) for x, y in ridge), (1600, 1000), (0, 1000)], white)
        p.shape([*ridge, (1600, 1000), (0, 1000)], colour)
        if layer in (9, 17, 26):
            p.line(ridge, tone(OCHRE if layer != 26 else RUST), 4)
        for _ in range(20):
            x = p.random.uniform(0, 1600)
            p.disc(
                x, ridge[int(x) // 8][1] + p.random.uniform(5, 26), p.random.uniform(0.8, 3.4), tone("#ffffff", 0, 0.4)
            )
        top += 17 + p.random.uniform(0, 15) * (1 - old * 0.4)


@picture("scroll.jpg", 1600, 1000, "#d8bf92", SAND, "#c9a873")
def scroll(p: Plate) -> None:
    dents = [(k, p.random.gauss(0, 0.05) / k**0.4, p.random.uniform(0, tau)) for k in range(1, 7)]

    def wrap(turns: float, t: float) -> Point:
        squeeze = 1 + sum(a * sin(k * t + s) for k, a, s in dents) * (0.5 + turns / 40)
        ripple = 0.05 * sin(9 * t + turns * 0.8) * exp(-(((turns - 19) / 9) ** 2))
        return polar(0, 0, (16 + turns * 12.6) * (squeeze + ripple), t)

    spiral: list[Point] = []
    for i in range(7600):
        turns = i / 7600 * 33
        x, y = wrap(turns, turns * tau)
        spiral.append((800 + 1.42 * x, 505 + 0.98 * y))
    with p.sheet(26, 0.4) as (layer, white):
        layer.shape([(x + 16, y + 30) for x, y in spiral[-232:]], white)
    p.shape(spiral[-232:], tone("#5a3a24"))
    for i in range(0, 7590, 5):
        t = i / 7600
        fray = 0.5 + 0.5 * sin(i / 37) * sin(i / 211)
        p.line(
            spiral[i : i + 7],
            tone(["#160d08", "#4b2d1a", "#b98247", "#e9c48c"], 0.08 + 0.85 * fray * (0.55 + 0.45 * t)),
            3 + 3.4 * fray,
        )
    for i in range(1500, 7500, 307):
        p.line(spiral[i : i + 30], tone("#f2cf83"), 2.4)


@picture("sunset.png", 1600, 1000, "#000")
def sunset(p: Plate) -> None:
    """Draw with six colours and an ordered dither of 8 x 8, on squares of 5 pixels."""
    inks = [tone(c)[:3] for c in (INK, PLUM, "#8a3550", RUST, OCHRE, "#fbe3a4")]
    small = Image.new("RGB", (320, 200))
    for y in range(200):
        for x in range(320):
            far = hypot(x - 160, y - 112)
            sky = 0.35 + 3.6 * (y / 130) ** 1.6
            if y < 131:
                light = 5.0 if far < 46 else max(sky, 5.2 - (far - 46) / 17)
                light = 3.0 if far < 46 and y > 84 and (y - 84) % 10 < 1 + (y - 84) // 14 else light
            else:
                depth, wave = y - 130, sin(x * 9 / (y - 122) + y * y / 19)
                light = 3.1 - depth / 26 + 0.7 * wave - abs(x - 160) / (34 + depth * 1.6)
            step = min(max(light + (bayer(x, y) + 0.5) / 64 - 0.5, 0), 5)
            small.putpixel((x, y), inks[round(step)])
    p.image.paste(small.resize(p.image.size, Image.Resampling.NEAREST))


def bayer(x: int, y: int) -> int:
    """Return the place of a cell in the 8 x 8 threshold map."""
    return sum(((x >> b ^ y >> b) & 1) << (5 - 2 * b) | (y >> b & 1) << (4 - 2 * b) for b in range(3))


@picture("ring-lights.jpg", 300, 200, INK, SLATE)
def ring_lights(p: Plate) -> None:
    for x, colour in ((118, OCHRE), (182, MIST)):
        with p.light(9) as layer:
            layer.ring(x, 100, 52, tone(colour, 0, 0.7), 10)
        p.ring(x, 100, 52, tone(colour), 6)
    p.line([polar(118, 100, 52, t / 20) for t in range(-15, -3)], tone(OCHRE), 6)
    p.disc(150, 100, 7, tone(ROSE))
    p.line([(150, 100), (150, 100 + 18 * cos(pi / 9))], tone(ROSE), 5)
