"""Mathematics: a tiling, primes, digits, a fractal, a lattice, a symmetry."""

from __future__ import annotations

from cmath import exp as turn
from itertools import pairwise
from math import cos, hypot, pi, sin, sqrt, tau

from PIL import Image

from .plate import (
    CREAM,
    INK,
    MIST,
    OCHRE,
    PAPER,
    PLUM,
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


@picture("penrose.jpg", 1600, 1000, PAPER)
def penrose(p: Plate) -> None:
    golden = (1 + sqrt(5)) / 2
    corners = [turn(1j * k * pi / 10) for k in range(-1, 20, 2)]
    tiles = [(True, 0j, *(corners[i : i + 2] if i % 2 else corners[i : i + 2][::-1])) for i in range(10)]
    for _ in range(6):
        smaller = []
        for thin, a, b, c in tiles:
            if thin:
                q = a + (b - a) / golden
                smaller += [(True, c, q, b), (False, q, c, a)]
            else:
                q, r = b + (a - b) / golden, b + (c - b) / golden
                smaller += [(False, r, c, a), (False, q, r, b), (True, r, q, a)]
        tiles = smaller

    def spot(z: complex) -> Point:
        return 640 + 1480 * z.real, 540 + 1480 * z.imag

    for thin, a, b, c in tiles:
        far = abs((b + c) / 2) / 0.72
        p.shape(
            [spot(a), spot(b), spot(c)],
            tone(["#f0c469", OCHRE, RUST, PLUM] if thin else ["#faf3e2", SAND, MIST, TEAL], far),
        )
    for _, a, b, c in tiles:
        p.line([spot(c), spot(a), spot(b)], tone(PAPER), 2.6)


@picture("ulam.jpg", 1600, 1000, PAPER, "#efe4cc")
def ulam(p: Plate) -> None:
    limit = 150 * 150
    prime = bytearray([1]) * limit
    prime[0:2] = b"\0\0"
    for n in range(2, 150):
        if prime[n]:
            prime[n * n :: n] = bytes(len(range(n * n, limit, n)))
    x = y = step = 0
    dx, dy, leg = 1, 0, 1
    for n in range(1, limit):
        spot = 800 + 17 * x, 500 + 17 * y
        if prime[n] and abs(y) < 31 and abs(x) < 49:
            twin = prime[n - 2] or (n + 2 < limit and prime[n + 2])
            p.disc(*spot, 6.6 if twin else 5.4, tone(RUST) if twin else tone([INK, SLATE, TEAL], hypot(x, y) / 56))
        x, y, step = x + dx, y + dy, step + 1
        if step == leg:
            dx, dy, step, leg = dy, -dx, 0, leg + (dy != 0)


@picture("digits-of-pi.jpg", 1600, 1000, "#0d1626", "#16253b", "#0d1626")
def digits_of_pi(p: Plate) -> None:
    digits, scaled = [], pi_digits(720)
    for _ in range(720):
        scaled, digit = divmod(scaled, 10)
        digits.append(digit)
    digits.reverse()
    inks = ["#f7e2a8", OCHRE, "#e07f4c", RUST, "#a8456a", "#6d4a8c", "#4a66a6", "#3f8f96", "#7dbb9c", "#d7e3b5"]
    seats = [0] * 10
    spots = []
    for digit in digits:
        spots.append(
            (digit, digit / 10 * tau - pi / 2 + 0.035 + (tau / 10 - 0.07) * seats[digit] / max(digits.count(digit), 1))
        )
        seats[digit] += 1
    for (digit, start), (_, end) in pairwise(spots):
        (ax, ay), (bx, by) = polar(800, 500, 400, start), polar(800, 500, 400, end)
        curve = []
        for i in range(25):
            t = i / 24
            pull = 2 * t * (1 - t)
            curve.append(((1 - t) ** 2 * ax + pull * 800 + t * t * bx, (1 - t) ** 2 * ay + pull * 500 + t * t * by))
        p.line(curve, tone(inks[digit], 0, 0.42), 1.1)
    for digit in range(10):
        start = digit / 10 * tau - pi / 2 + 0.025
        p.line([polar(800, 500, 414, start + i / 30 * (tau / 10 - 0.05)) for i in range(31)], tone(inks[digit]), 12)


def pi_digits(count: int) -> int:
    """Return pi with `count` digits as one whole number, by Machin's formula."""
    one = 10 ** (count + 9)

    def arctan(x: int) -> int:
        term = total = one // x
        n = 1
        while term:
            term //= -x * x
            n += 2
            total += term // n
        return total

    return (16 * arctan(5) - 4 * arctan(239)) // 10**10


@picture("mandelbrot.jpg", 1600, 1000, "#000")
def mandelbrot(p: Plate) -> None:
    extent = (-0.7508, 0.1006, -0.7408, 0.10685)
    levels = Image.effect_mandelbrot(p.image.size, extent, 255)
    palette = []
    for i in range(256):
        palette += tone([PAPER, SAND, OCHRE, RUST, PLUM, "#1b1430", INK, TEAL, MIST, INK], (i / 255) ** 0.55)[:3]
    levels = levels.convert("L")
    coloured = Image.new("P", levels.size)
    coloured.putdata(levels.get_flattened_data())
    coloured.putpalette(palette)
    p.image.paste(coloured.convert("RGB"))


@picture("lattice.jpg", 1600, 1000, PAPER, "#efe4cc")
def lattice(p: Plate) -> None:
    (ax, ay), (bx, by) = (92.0, 22.0), (-31.0, 84.0)

    def spot(i: float, j: float) -> Point:
        return 800 + i * ax + j * bx, 520 + i * ay + j * by

    for i in range(-14, 15):
        for j in range(-14, 15):
            if (i + j) % 2 == 0:
                cell = [spot(i + u, j + v) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
                p.shape(cell, tone([TEAL, MIST], hypot(i, j) / 9, max(0.05, 0.3 - hypot(i, j) / 34)))
    for k in range(-30, 31):
        p.line([spot(k, -30), spot(k, 30)], tone(TEAL, 0, 0.28), 1)
        p.line([spot(-30, k), spot(30, k)], tone(TEAL, 0, 0.28), 1)
    for i in range(-16, 17):
        for j in range(-16, 17):
            p.disc(*spot(i, j), 6.5, tone([INK, SLATE, "#9aa7ad"], hypot(i, j) / 11))
    for (i, j), colour in (((5, 3), RUST), ((3, 2), RUST), ((1, 0), TEAL), ((0, 1), TEAL)):
        arrow(p, spot(-3, -2), spot(-3 + i, -2 + j), colour)
    x, y = spot(3.34, -1.71)
    p.ring(x, y, 46, tone(RUST), 2.4)
    p.disc(x, y, 8, tone(RUST))
    p.line([(x, y), spot(3, -2)], tone(RUST), 2.4)


def arrow(p: Plate, start: Point, end: Point, colour: str) -> None:
    length = hypot(end[0] - start[0], end[1] - start[1])
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    neck = end[0] - 26 * ux, end[1] - 26 * uy
    p.line([start, neck], tone(colour), 5)
    tip = end[0] - 7 * ux, end[1] - 7 * uy
    p.shape([tip, (neck[0] - 10 * uy, neck[1] + 10 * ux), (neck[0] + 10 * uy, neck[1] - 10 * ux)], tone(colour))


@picture("e8.jpg", 1600, 1000, "#181028", "#2b1c40", "#181028")
def e8(p: Plate) -> None:
    def dot(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    roots = [
        [s * 2.0 * (n == i) + t * 2.0 * (n == j) for n in range(8)]
        for i in range(8)
        for j in range(i)
        for s in (1, -1)
        for t in (1, -1)
    ]
    roots += [[1.0 - 2 * (n >> bit & 1) for bit in range(8)] for n in range(256) if n.bit_count() % 2 == 0]
    simple = [[2.0 * (n == i) - 2.0 * (n == i + 1) for n in range(8)] for i in range(6)]
    simple += [[0, 0, 0, 0, 0, 2.0, 2.0, 0], [-1.0] * 8]
    walker, u, v = [p.random.gauss(0, 1) for _ in range(8)], [0.0] * 8, [0.0] * 8
    for k in range(30):  # thirty turns of the Coxeter element leave its plane's part of the walker
        u = [a + cos(k * tau / 30) * b for a, b in zip(u, walker, strict=True)]
        v = [a + sin(k * tau / 30) * b for a, b in zip(v, walker, strict=True)]
        for root in simple:
            walker = [a - dot(walker, root) / 4 * b for a, b in zip(walker, root, strict=True)]
    v = [b - dot(u, v) / dot(u, u) * a for a, b in zip(u, v, strict=True)]
    flat = [(dot(r, u) / sqrt(dot(u, u)), dot(r, v) / sqrt(dot(v, v))) for r in roots]
    scale = 465 / max(sqrt(x * x + y * y) for x, y in flat)
    spots = [(800 + x * scale, 500 + y * scale) for x, y in flat]
    edges = [(spots[i], spots[j]) for i in range(240) for j in range(i) if dot(roots[i], roots[j]) == 4]
    edges.sort(key=lambda edge: -((edge[0][0] - edge[1][0]) ** 2 + (edge[0][1] - edge[1][1]) ** 2))
    for (ax, ay), (bx, by) in edges:
        length = sqrt((ax - bx) ** 2 + (ay - by) ** 2)
        p.line([(ax, ay), (bx, by)], tone(["#ffe2a8", OCHRE, RUST, "#8a4fa0", "#4e6fb5"], length / 540, 0.3), 0.8)
    for x, y in spots:
        p.disc(x, y, 4.2, tone(CREAM))
