"""Plan the published sizes of a picture: pure arithmetic, so every name and size is known before a pixel is."""

from __future__ import annotations

from math import floor

from generator.base.digest import digest_record
from generator.base.imaging import Image, Role, Variant, variant_output

QUALITY = 80  # of JPEG; WebP looks the same (SSIM) two steps below
WEBP_BELOW = 2
AVIF_BELOW = 15
ENCODER = 2  # part of every name: raise it when resize.py makes other bytes of the same variant
MAX_SIDE = 16383  # px, the most that WebP can hold
_SUFFIXES = {"avif": "avif", "webp": "webp", "jpeg": "jpg", "png": "png"}
_EPSILON = 1e-6  # px: 16 / 9 × 900 is 1600, whatever floats make of it

Box = tuple[int, int, int, int]


def variants(
    image: Image,
    role: Role,
    focus: tuple[float, float] | None,
    formats: tuple[str, ...] = ("webp",),
    quality: int = QUALITY,
) -> tuple[Variant, ...]:
    """Return the sizes in which a role shows a picture, never larger than the original.

    Args:
        focus: the point that a crop keeps, as parts of width and height from the upper left; None is the centre.
        formats: the better ones: "webp", "avif".
        quality: JPEG's scale, 1 to 95.
    Returns:
        by width, smallest first, one of each format, the best first, and one fallback: PNG for transparent pictures,
        else JPEG.
    """
    box = _crop(image, role.aspect, focus or (0.5, 0.5))
    crop = None if box == (0, 0, image.width, image.height) else box
    fallback = "png" if image.transparent else "jpeg"
    return tuple(
        _variant(image, crop, width, height, kind, quality)
        for width, height in _sizes(box, role)
        for kind in (*sorted(formats), fallback)
    )


def _crop(image: Image, aspect: float, focus: tuple[float, float]) -> Box:
    """Return the largest box of the role's shape that lies in the picture, its middle as near to `focus` as can be."""
    width, height = image.width, image.height
    if aspect > 0:
        width = max(1, min(width, floor(height * aspect + _EPSILON)))
        height = max(1, min(height, floor(image.width / aspect + _EPSILON)))
    left, top = _start(image.width, width, focus[0]), _start(image.height, height, focus[1])
    return left, top, left + width, top + height


def _start(whole: int, part: int, focus: float) -> int:
    """Return where a part of a side begins that has `focus` in its middle, or as near as can be."""
    return max(0, min(whole - part, round(whole * focus - part / 2)))


def _sizes(box: Box, role: Role) -> list[tuple[int, int]]:
    """Return the widths of a role that the box can fill, with their heights; its own width if it fills none."""
    width, height = box[2] - box[0], box[3] - box[1]
    shape = role.aspect if role.aspect > 0 else width / height
    largest = max(1, min(width, MAX_SIDE, MAX_SIDE * width // height))
    widths = sorted({wanted for wanted in role.widths if wanted <= largest}) or [largest]
    return [(wanted, max(1, min(height, MAX_SIDE, floor(wanted / shape + 0.5)))) for wanted in widths]


def _variant(image: Image, crop: Box | None, width: int, height: int, kind: str, quality: int) -> Variant:
    """Return a variant, named by all that shapes its bytes and by nothing else."""
    quality = {"webp": max(1, quality - WEBP_BELOW), "avif": max(1, quality - AVIF_BELOW), "jpeg": quality}.get(kind, 0)
    recipe = digest_record((ENCODER, image.digest, crop, width, height, kind, quality))
    return Variant(variant_output(image, recipe, width, _SUFFIXES[kind]), width, height, kind, quality, crop)
