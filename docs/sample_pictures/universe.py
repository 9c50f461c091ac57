"""Sky and space: galaxies, a black hole, orbits, star trails, an impact, phases of the Moon."""

from __future__ import annotations

from itertools import pairwise
from math import cos, exp, pi, sin, tau

from .plate import CREAM, OCHRE, ROSE, SLATE, Plate, oval, picture, polar, tone


@picture("deep-field.jpg", 1600, 1000, "#04060d", "#0c1428", "#070a16")
def deep_field(p: Plate) -> None:
    rng, warm = p.random, ["#f7e3c0", "#f0b173", "#d9744f", "#9fb8e8", "#fff4e2"]
    galaxies = []
    for _ in range(420):
        size, flat = min(1.6 + rng.paretovariate(1.4), 17), rng.uniform(0.25, 1)
        galaxies.append(
            (rng.uniform(0, 1600), rng.uniform(0, 1000), size, size * flat, rng.uniform(0, pi), rng.choice(warm))
        )
    for blur, scale, alpha in ((8, 2.6, 0.4), (2.2, 1.6, 0.75), (0.5, 0.6, 1)):
        with p.light(blur) as layer:
            for x, y, a, b, turn, colour in galaxies:
                layer.shape(oval(x, y, a * scale, b * scale, turn), tone(colour, 0, alpha))
    with p.light(1.3) as layer:
        for _ in range(42):
            r, start, span = rng.uniform(130, 430), rng.uniform(0, tau), rng.uniform(0.08, 0.3)
            for i in range(41):
                t = start + span * i / 40
                spot = 820 + 1.25 * r * cos(t), 520 + r * sin(t)
                layer.disc(*spot, 0.2 + 2.4 * sin(pi * i / 40), tone(["#f0b173", "#9fb8e8"], r / 430, 0.8))
    for x, y, size in ((1230, 250, 130), (330, 700, 90), (520, 190, 46), (1440, 800, 56), (960, 880, 34)):
        with p.light(size / 9) as layer:
            layer.disc(x, y, size / 6, tone("#ffe2be"))
        for k in range(8):
            reach, turn = (size, pi / 2 + k * pi / 3) if k < 6 else (size / 2, (k - 6) * pi)
            side = polar(0, 0, size / 42, turn + pi / 2)
            tip = polar(x, y, reach, -turn)
            p.shape([(x + side[0], y - side[1]), tip, (x - side[0], y + side[1])], tone("#ffecd6", 0, 0.85))
        p.disc(x, y, size / 16, tone("#fffaf2"))


@picture("photon-ring.jpg", 1600, 1000, "#020203", "#0b0604", "#020203")
def photon_ring(p: Plate) -> None:
    def bright(t: float) -> float:
        return 0.52 + 0.42 * sin(t - 0.35) + 0.1 * sin(3 * t)

    for blur, width, gain in ((80, 130, 0.62), (26, 66, 0.8), (9, 20, 0.5)):
        with p.light(blur) as layer:
            for i in range(120):
                t = i / 120 * tau
                colour = tone(["#000", "#6d1f05", "#e0701a", "#ffd27d"], gain * bright(t))
                layer.line(oval(800, 500, 262, 257, 0, t, t + 0.07), colour, width)
    for _ in range(90):
        r, start = p.random.gauss(262, 42), p.random.uniform(0, tau)
        shine = bright(start + 0.5) * exp(-(((r - 262) / 60) ** 2))
        p.line(
            oval(800, 500, r, r * 0.98, 0, start, start + p.random.uniform(0.4, 1.5)), tone(CREAM, 0, 0.3 * shine), 1
        )
    for r in range(420, 1000, 46):
        p.ring(800, 500, r, tone("#ffb46e", 0, 0.1 - r / 14000), 1)


@picture("orbits.jpg", 1600, 1000, "#170e22", "#43223f", "#8d4a3f")
def orbits(p: Plate) -> None:
    rng = p.random
    for _ in range(260):
        p.disc(rng.uniform(0, 1600), rng.uniform(0, 900), rng.uniform(0.5, 1.4), tone(CREAM, 0, rng.uniform(0.15, 0.7)))
    tracks = [(430 + 46 * i, 128 + 26 * i, 0.5 - 0.03 * i) for i in range(13)]
    for a, b, alpha in tracks:
        p.line(oval(960, 560, a, b, -0.3, pi, tau), tone("#ffdcbe", 0, alpha * 0.7), 1.4)
    with p.light(70) as layer:
        layer.disc(960, 560, 250, tone("#a8402a"))
    for i in range(240):
        p.disc(960 - i * 0.42, 560 - i * 0.36, 240 - i, tone(["#4a1a1c", "#96402c", "#d17a4a", "#f0bd88"], i / 240))
    for a, b, alpha in tracks:
        p.line(oval(960, 560, a, b, -0.3, 0, pi), tone("#ffdcbe", 0, alpha), 1.6)
    for track, t, r in ((0, 2.3, 11), (4, 0.5, 7), (7, 2.75, 13), (3, 4.2, 6), (10, 1.5, 8)):
        a, b, _ = tracks[track]
        x, y = oval(960, 560, a, b, -0.3, t, t)[0]
        with p.light(r) as layer:
            layer.disc(x, y, r * 1.4, tone(OCHRE))
        p.disc(x, y, r * 0.8, tone(CREAM))


@picture("star-trails.jpg", 1000, 1600, "#060b1c", "#10224a", "#2c4a78", "#c98a6a")
def star_trails(p: Plate) -> None:
    rng, tints = p.random, ["#cfe0ff", "#ffffff", "#ffe3bd", "#ffb98a"]
    for _ in range(420):
        r, start = 1500 * rng.random() ** 0.75, rng.uniform(0, tau)
        arc = oval(610, 620, r, r, 0, start, start + 0.62)
        p.line(arc, tone(tints, rng.random(), rng.uniform(0.12, 0.75)), rng.choice((0.8, 1, 1.4, 2)))
    p.disc(610, 620, 3, tone(CREAM))
    for layer, (base, rough, colour) in enumerate(
        ((1330, 60, "#3b4a68"), (1410, 44, "#22304e"), (1490, 26, "#0a1226"))
    ):
        ridge = [
            (x, base + rough * (sin(x / 170 + layer * 2) + 0.45 * sin(x / 61 + layer) + 0.2 * sin(x / 23)))
            for x in range(0, 1001, 5)
        ]
        p.shape([*ridge, (1000, 1600), (0, 1600)], tone(colour))
    p.shape([(212, 1510), (212, 1400), (388, 1400), (388, 1510)], tone("#0a1226"))
    p.shape(oval(300, 1402, 88, 92, 0, pi, tau), tone("#0a1226"))
    p.shape([(292, 1404), (286, 1312), (322, 1316), (318, 1404)], tone(OCHRE, 0, 0.9))


@picture("impact.jpg", 1600, 1000, "#06070c", "#12131c", "#06070c")
def impact(p: Plate) -> None:
    rng = p.random
    for _ in range(240):
        p.disc(
            rng.uniform(0, 1600),
            rng.uniform(0, 1000),
            rng.uniform(0.4, 1.3),
            tone("#dfe6f5", 0, rng.uniform(0.15, 0.8)),
        )
    for blur, count, width in ((14, 160, 7), (3, 260, 2.2), (0.5, 260, 1)):
        with p.light(blur) as layer:
            for _ in range(count):
                aim = rng.gauss(0, 0.42) + (0.62 if rng.random() < 0.5 else -0.62)
                reach, bend = rng.expovariate(1 / 260) + 60, rng.gauss(0, 0.16)
                ray = [polar(624, 520, 6 + reach * k / 14, pi + aim + bend * (k / 14) ** 2) for k in range(15)]
                for k, pair in enumerate(pairwise(ray)):
                    layer.line(pair, tone(["#ffe9c4", "#d98a52", "#5a3550", "#000"], k / 14), width)
    for i in range(150):
        edge = [
            polar(
                760 - i * 0.5,
                520 - i * 0.22,
                (150 - i) * (1 + 0.05 * sin(3 * t / 48 * tau + 1) + 0.03 * sin(7 * t / 48 * tau)),
                t / 48 * tau,
            )
            for t in range(48)
        ]
        p.shape(edge, tone(["#191a22", "#3f3d45", "#857a74", "#d9c9b4"], i / 150))
    for _ in range(90):
        r, t = 128 * rng.random() ** 0.5, rng.uniform(0, tau)
        size = rng.uniform(2, 11)
        p.disc(*polar(752, 518, r, t), size, tone("#0d0d12", 0, 0.22))
        p.disc(*polar(750, 516, r, t), size * 0.8, tone("#cbbba6", 0, 0.13))


@picture("star-river.jpg", 2400, 800, "#070914", "#12162b", "#070914")
def star_river(p: Plate) -> None:
    rng = p.random

    def spine(x: float) -> float:
        return 430 - 90 * sin(x / 2400 * 3.1) + 26 * sin(x / 310)

    for blur, count, size, spread, alpha in ((46, 260, 56, 70, 0.3), (16, 420, 15, 88, 0.32)):
        with p.light(blur) as layer:
            for _ in range(count):
                x = rng.gauss(1250, 640)
                y = spine(x) + rng.gauss(0, spread) * exp(-(((x - 1250) / 1300) ** 2))
                layer.disc(
                    x,
                    y,
                    rng.uniform(0.4, 1) * size,
                    tone(["#5b4a7c", "#c98a6a", "#f2d3a2"], exp(-(((x - 1250) / 520) ** 2)), alpha),
                )
    with p.sheet(13, 0.5) as (layer, white):
        for _ in range(150):
            x = rng.gauss(1250, 560)
            y = spine(x) + 14 + rng.gauss(0, 26)
            layer.shape(oval(x, y, rng.uniform(14, 74), rng.uniform(4, 20), rng.gauss(-0.06, 0.3)), white)
    with p.light(0.35) as layer:
        for _ in range(3600):
            x = rng.uniform(0, 2400)
            y = spine(x) + rng.gauss(0, 96) if rng.random() < 0.72 else rng.uniform(0, 800)
            layer.disc(
                x,
                y,
                min(0.25 + rng.expovariate(4), 2.4),
                tone(["#ffd9ae", "#ffffff", "#b9cbff"], rng.random(), rng.uniform(0.25, 0.9)),
            )


@picture("moon-phases.gif", 900, 500, "#0e1626", "#0e1626")
def moon_phases(p: Plate) -> None:
    for i in range(7):
        x, r, lit = 87 + i * 121, 52, cos(pi * (i + 0.5) / 7)
        p.disc(x, 250, r, tone(SLATE, 0, 0.5))
        waxing = i < 3.5
        limb = oval(x, 250, r, r, 0, -pi / 2, pi / 2) if waxing else oval(x, 250, r, r, 0, pi / 2, 3 * pi / 2)
        edge = (
            oval(x, 250, r * lit if waxing else -r * lit, r, 0, pi / 2, -pi / 2)
            if waxing
            else oval(x, 250, -r * lit, r, 0, -pi / 2, pi / 2)
        )
        p.shape([*limb, *edge], tone("#f0e4c8"))
    p.line([(50, 330), (850, 330)], tone(ROSE, 0, 0.5), 1.2)
    for i in range(29):
        p.line([(50 + i * 800 / 28, 330), (50 + i * 800 / 28, 342 if i % 7 else 352)], tone(ROSE, 0, 0.7), 1.2)
