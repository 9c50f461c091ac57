"""Physics and life: waves, particle tracks, plasma, symmetry, molecules."""

from __future__ import annotations

from math import cos, exp, pi, sin, sqrt, tau

from .plate import CREAM, INK, MIST, OCHRE, PAPER, PLUM, ROSE, RUST, SLATE, TEAL, Plate, Point, picture, polar, tone


@picture("chirp.jpg", 1600, 1000, PAPER)
def chirp(p: Plate) -> None:
    for row in range(25):
        base, strength = 176 + row * 29, exp(-(((row - 12) / 5) ** 2))
        hums = [(p.random.uniform(0.01, 0.05), p.random.uniform(0, tau), p.random.uniform(0.4, 1.8)) for _ in range(5)]
        points: list[Point] = []
        for x in range(110, 1491, 2):
            left = max(1130 - x, 0) / 1000
            rise = 0.13 / (left + 0.03) ** 0.5 * cos(52 * left**0.625)
            wave = rise if left else 0.75 * exp((1130 - x) / 30) * cos((x - 1130) / 8)
            points.append((x, base - 118 * strength * wave - sum(a * sin(f * x + s) for f, s, a in hums)))
        p.shape([*points, (1490, base + 90), (110, base + 90)], tone(PAPER))
        tint = tone(RUST) if row == 12 else tone([INK, SLATE, "#8d97a3"], abs(row - 12) / 12)
        p.line(points, tint, 3.6 if row == 12 else 1.8)


@picture("collision.jpg", 1600, 1000, "#071019", "#0e2536", "#071019")
def collision(p: Plate) -> None:
    rng, cx, cy = p.random, 930, 500
    for r in (70, 128, 190, 262, 352, 470, 590, 720):
        p.ring(cx, cy, r, tone(MIST, 0, 0.16), 1.4)
    for k in range(128):
        a, b = (k + 0.12) * tau / 128, (k + 0.88) * tau / 128
        tall = 6 + rng.expovariate(1 / 15) + (rng.uniform(60, 130) if k in (13, 14, 15, 75, 76, 77) else 0)
        corners = ((352, a), (352 + tall, a), (352 + tall, b), (352, b))
        p.shape([polar(cx, cy, r, t) for r, t in corners], tone([TEAL, OCHRE, RUST], tall / 120, 0.9))
    for _ in range(130):
        start, bend, reach = rng.uniform(0, tau), rng.gauss(0, 1.1), rng.choice((262, 262, 262, 190, 128))
        track = [polar(cx, cy, r, start + bend * r / 420) for r in range(4, reach, 4)]
        p.line(track, tone(["#f6dfa5", OCHRE, MIST], abs(bend) / 2, rng.uniform(0.35, 0.8)), rng.choice((1.2, 1.6, 2)))
    for start in (0.55, 3.83, 2.5, 5.5):
        muon = [polar(cx, cy, r, start + r / 9000) for r in range(4, 1200, 12)]
        with p.light(6) as layer:
            layer.line(muon, tone("#a83f2b"), 6)
        p.line(muon, tone("#ff9478"), 2.4)
    with p.light(16) as layer:
        layer.disc(cx, cy, 18, tone(CREAM))


@picture("stellarator.jpg", 1600, 1000, "#100b1c", "#24143a", "#100b1c")
def stellarator(p: Plate) -> None:
    def spot(phi: float, theta: float, size: float) -> tuple[float, float, float]:
        a, b, turn = size * 62, size * 132, phi * 2.5
        r = 440 + 34 * cos(5 * phi) + a * cos(theta) * cos(turn) - b * sin(theta) * sin(turn)
        z = 30 * sin(5 * phi) + a * cos(theta) * sin(turn) + b * sin(theta) * cos(turn)
        x, y = r * cos(phi), r * sin(phi)
        return 800 + 1.38 * x, 500 + 0.52 * y - 0.86 * z, y

    rings = [(sin(k / 460 * tau), k / 460 * tau, 0.62) for k in range(460)] + [
        (sin(k / 50 * tau) + 0.02, k / 50 * tau, 1.0) for k in range(50)
    ]
    for depth, phi, size in sorted(rings):
        loop = [spot(phi, t / 60 * tau, size)[:2] for t in range(61)]
        near = (depth + 1) / 2
        if size < 1:
            p.line(loop, tone(["#3c1d55", "#a03a78", "#ff9f8a", "#ffe0b8"], 0.12 + 0.8 * near, 0.5), 1.6)
        else:
            p.line(loop, tone("#100b1c", 0, 0.5), 10)
            p.line(loop, tone(["#5b3a2c", "#b5733a", "#f0c27e"], near), 5)


@picture("attosecond.jpg", 1600, 1000, "#1c0f26", "#43223f", "#1c0f26")
def attosecond(p: Plate) -> None:
    peaks = ((290, 0.36), (545, 0.72), (800, 1), (1055, 0.72), (1310, 0.36))

    def pulse(x: float, k: int) -> float:
        envelope = sum(a * exp(-(((x - at) / 58) ** 2)) for at, a in peaks)
        return 380 * envelope * cos((x - 800) / 12.5 + 0.045 * k) * (1 - k / 44) + 9 * sin(x / 200 + 0.05 * k)

    for blur, ribbons in ((9, 9), (0.3, 40)):
        with p.light(blur) as layer:
            for k in range(ribbons):
                colour = tone(["#ffd9a0", "#e0805f", "#8a3f76", "#37245c"], k / ribbons, 0.75)
                layer.line([(x, 480 + pulse(x, k)) for x in range(-10, 1611, 2)], colour, 1.2 if blur < 1 else 4)
    for at, _ in peaks:
        p.line([(at, 890), (at, 908)], tone(ROSE, 0, 0.8), 1.6)
    p.line([(120, 898), (1480, 898)], tone(ROSE, 0, 0.5), 1.2)


@picture("helix.jpg", 1600, 1000, "#0b2229", "#12444a", "#0b2229")
def helix(p: Plate) -> None:
    pairs = ((OCHRE, ROSE), (ROSE, OCHRE), (MIST, RUST), (RUST, MIST))
    beads: list[tuple[float, Point, bool]] = []
    for i in range(-40, 1200):
        t, x, y = i / 1200 * 3.2 * tau, -60 + 1720 * i / 1200, 830 - 660 * i / 1200
        swing = 185 * sin(t) * 0.36, 185 * sin(t) * 0.93
        ends = (x + swing[0], y + swing[1]), (x - swing[0], y - swing[1])
        beads += [(cos(t), ends[0], True), (-cos(t), ends[1], False)]
        if i % 24 == 0:
            for end, colour in zip(ends, pairs[p.random.randrange(4)], strict=True):
                p.line([(x, y), end], tone(colour, 0, 0.85), 8)
    for depth, (x, y), first in sorted(beads):
        r = 18 + 8 * depth
        p.disc(x, y, r + 2, tone("#0b2229", 0, 0.05))
        p.disc(
            x,
            y,
            r,
            tone(["#1d4d53", "#5fa6a2", "#e6f0e4"] if first else ["#5d4126", "#c68f3c", "#f6dc9d"], (depth + 1) / 2),
        )


@picture("protein.jpg", 1600, 1000, "#f6f0e3", PAPER, "#e8dcc2")
def protein(p: Plate) -> None:
    waves = [wander(p, 7) for _ in range(3)]
    chain = []
    for i in range(3400):
        t = i / 3400
        x, y, z = (sum(a * sin(k * t * tau * 0.93 + s) for k, a, s in axis) for axis in waves)
        coil, turn = 0.24 * max(0, sin(t * 7 * pi)) ** 0.5, t * 300  # stretches wind into a helix
        chain.append((z + coil * sin(turn), x + coil * cos(turn), y + coil * sin(turn + 0.9), t))
    depths, xs, ys, _ = zip(*chain, strict=True)
    wide, tall, deep = (max(axis) - min(axis) for axis in (xs, ys, depths))
    links = [
        ((z - min(depths)) / deep, 170 + 1260 * (x - min(xs)) / wide, 130 + 730 * (y - min(ys)) / tall, t)
        for z, x, y, t in chain
    ]
    with p.sheet(24, 0.18) as (layer, white):
        for _, x, y, _ in links:
            layer.disc(x + 14, y + 34, 18, white)
    for near, x, y, t in sorted(links):
        r = 11 + 13 * near
        colour = tone([PLUM, "#2d5b80", TEAL, "#8fb58f", OCHRE, RUST], t)
        p.disc(x, y, r + 1.5, tone(INK, 0, 0.07))
        p.disc(x, y, r, tuple(round(c * (0.66 + 0.34 * near)) for c in colour[:3]))
        p.disc(x - r * 0.3, y - r * 0.34, r * 0.36, (255, 255, 255, 22))


def wander(p: Plate, harmonics: int) -> list[tuple[int, float, float]]:
    """Return (number, amplitude, phase) of the harmonics of a smooth random curve."""
    return [(k, p.random.gauss(0, 1) / k**0.8, p.random.uniform(0, tau)) for k in range(1, harmonics + 1)]


@picture("nanoparticles.jpg", 1600, 1000, "#0c1b30", "#17364f", "#0c1b30")
def nanoparticles(p: Plate) -> None:
    rng = p.random
    for _ in range(26):
        p.disc(rng.uniform(0, 1600), rng.uniform(0, 1000), rng.uniform(14, 60), tone("#2d5876", 0, 0.2))
    for x, y, r in ((610, 520, 350), (1310, 250, 150), (1230, 800, 190), (120, 130, 120)):
        p.disc(x, y, r * 1.02, tone("#0a1526", 0, 0.7))
        for ring, facing, count in ((0.96, -1, 74), (0.7, 1, 54)):
            for t in (k * tau / count for k in range(count)):
                for side in (-0.014, 0.014):
                    tail = [
                        polar(x, y, r * (ring + facing * 0.012 * s), t + side + 0.006 * sin(s * 1.7)) for s in range(11)
                    ]
                    p.line(tail, tone("#b98f63"), max(1, r / 120))
                p.disc(*polar(x, y, r * ring, t), r * 0.034, tone([RUST, ROSE, CREAM], (1 - sin(t + 0.6)) / 2))
        waves = wander(p, 9), wander(p, 9)
        bends = [[sum(a * sin(k * t / 600 * tau + s) for k, a, s in axis) for axis in waves] for t in range(601)]
        reach = max(sqrt(a * a + b * b) for a, b in bends)
        strand = [(x + r * 0.54 * a / reach, y + r * 0.54 * b / reach) for a, b in bends]
        p.line(strand, tone(TEAL), max(2, r / 40))
        p.line(strand, tone("#8fd0c4"), max(1, r / 90))
