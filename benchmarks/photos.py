"""Pictures like photographs, always the same for the same number: light and haze, edges, textures, grain."""

from __future__ import annotations

import random
from functools import lru_cache
from io import BytesIO

import PIL.Image
from PIL import ImageDraw, ImageFilter, ImageOps
from PIL.Image import Resampling

SIZE = (1600, 1067)
QUALITY = 90  # of JPEG, as agencies deliver
GRAIN = 0.04  # part of the picture that is noise of the sensor
PLATE = (2000, 1400)  # larger than a picture, which shows some part of it
PLATES = 10

Pixels = PIL.Image.Image
Colour = tuple[int, int, int]


def photo(number: int) -> bytes:
    """Return the JPEG with this number: 300 to 500 KB, as photographs of this size have."""
    dice = random.Random(number)
    picture = _tinted(_part(_plates()[number % 3], dice), dice)
    for depth in range(4, 0, -1):  # from far to near: each surface is sharper than the one behind it
        surface = _tinted(_part(dice.choice(_plates()), dice), dice)
        picture = PIL.Image.composite(surface, picture, _shapes(dice, depth).filter(ImageFilter.BoxBlur(depth / 2)))
    grain = _part(_static(PLATE), dice)
    picture = PIL.Image.blend(picture, PIL.Image.merge("RGB", (grain, grain, grain)), GRAIN)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


@lru_cache(None)
def _plates() -> list[Pixels]:
    """Return surfaces, the coarsest first; their details are the weaker the finer they are, as those of nature."""
    return [_clouds(3 + 4 * number, 0.42 + number / 40) for number in range(PLATES)]


def _clouds(cells: int, fade: float) -> Pixels:
    clouds = PIL.Image.new("L", PLATE, 128)
    share = 1.0
    while cells < PLATE[0]:
        layer = _static((cells, cells * 2 // 3)).resize(PLATE, Resampling.BICUBIC)
        clouds = PIL.Image.blend(clouds, layer, share)
        cells *= 2
        share *= fade
    return ImageOps.autocontrast(clouds, cutoff=1)


@lru_cache(None)
def _static(size: tuple[int, int]) -> Pixels:
    """Return noise in which no two pixels have to do with each other."""
    return PIL.Image.frombytes("L", size, random.Random(size[0]).randbytes(size[0] * size[1]))


def _part(plate: Pixels, dice: random.Random) -> Pixels:
    """Return some part of a surface, as large as a picture."""
    left, top = dice.randrange(PLATE[0] - SIZE[0]), dice.randrange(PLATE[1] - SIZE[1])
    return plate.crop((left, top, left + SIZE[0], top + SIZE[1]))


def _tinted(light: Pixels, dice: random.Random) -> Pixels:
    """Return grey as a range of colours between a dark and a bright one."""
    dark = tuple(dice.randrange(90) for _ in range(3))
    bright = tuple(dice.randrange(140, 256) for _ in range(3))
    return PIL.Image.merge(
        "RGB",
        [
            light.point([low + (high - low) * value // 255 for value in range(256)])
            for low, high in zip(dark, bright, strict=True)
        ],
    )


def _shapes(dice: random.Random, depth: int) -> Pixels:
    """Return a mask of things with hard edges: round, straight and small ones, the more the farther away."""
    mask = PIL.Image.new("L", SIZE)
    draw = ImageDraw.Draw(mask)
    for _ in range(depth * 12):
        left, top = dice.randrange(-100, SIZE[0]), dice.randrange(-100, SIZE[1])
        width, height = dice.randrange(8, 700 // depth), dice.randrange(8, 700 // depth)
        strength = dice.randrange(90, 256)
        if dice.random() < 0.4:
            draw.ellipse((left, top, left + width, top + height), strength)
        else:
            lean = dice.randrange(-60, 60)
            corners = [
                (left, top),
                (left + width, top + lean),
                (left + width, top + height),
                (left, top + height - lean),
            ]
            draw.polygon(corners, strength)
    return mask
