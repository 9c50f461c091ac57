"""Originals: bytes from anywhere -> the picture that is kept: upright, in sRGB, without metadata, not too large."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from generator.base.imaging import Box, Image, Variant
from generator.images.probe import PictureBroken, probe
from generator.images.resize import resize
from generator.images.variants import MAX_SIDE
from generator.network.trouble import FetchFailed

QUALITY = 92  # of pictures that were lossy already; the published sizes are made of these
LOSSLESS_BYTES = 1_000_000  # what is lossless stays so where it has no more, as drawings have and photographs have not
MAX_SVG_BYTES = 2_000_000
MAX_PIXELS = 4_000_000  # of what is kept: to encode more takes too much memory
_LOSSLESS = frozenset({"PNG", "GIF"})
_SVG = re.compile(
    rb"(?:\s++|<\?xml[^>]*+>|<!--.*?-->|<!DOCTYPE\s++svg(?:[^>\[]++|\[[^\]]*+\])*+>)*+<svg[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_SVG_HEAD = 4096  # bytes in which the drawing must begin

Draw = Callable[[bytes, int, int], bytes]  # an SVG, and the width and height in px to draw it in -> PNG


class Original(NamedTuple):
    """A picture as it is kept. `cut` is the box that it was scaled down to cover, None where it has its full size."""

    data: bytes
    image: Image
    cut: Box | None


def make_original(data: bytes, box: Box, max_pixels: int, draw: Draw | None) -> Original:
    """Return the picture that is kept of a file.

    Args:
        box: scaled down as far as it still covers this.
        draw: draws SVGs; None where nothing here can.
    Raises:
        FetchFailed: it is no picture, is damaged, or has more than `max_pixels`.
    """
    drawing = is_svg(data)
    if drawing:
        data = _drawn(data, box, draw)
    found = probe("", data)
    if isinstance(found, str):
        raise FetchFailed("large" if "pixels, the most" in found else "content", found)
    if found.width * found.height > max_pixels:
        raise FetchFailed("large", f"the picture has more than {max_pixels:,} pixels")
    try:
        original = _original(data, found, box)
    except PictureBroken as error:
        raise FetchFailed("content", str(error)) from error
    return original._replace(cut=box) if drawing else original  # a larger box wants it drawn anew


def fitted(width: int, height: int, box: Box) -> tuple[int, int]:
    """Return the smallest size of this shape that covers the box, never larger than it is or than is kept."""
    scale = min(1.0, max(box.width / width, box.height / height), (MAX_PIXELS / (width * height)) ** 0.5)
    scale = min(scale, MAX_SIDE / max(width, height))
    return max(1, min(width, ceil(width * scale))), max(1, min(height, ceil(height * scale)))


def is_svg(data: bytes) -> bool:
    """Tell whether bytes are a drawing, by their beginning."""
    return _SVG.match(data.removeprefix(b"\xef\xbb\xbf")[:_SVG_HEAD]) is not None


def svg_shape(data: bytes) -> tuple[float, float]:
    """Return width and height that a drawing gives itself, in whatever unit; a square where it gives none."""
    start = data.lower().index(b"<svg")
    head = data[start : data.find(b">", start) + 1]
    if found := re.search(rb"\bviewBox\s*=\s*[\"']\s*([^\"']{1,100})", head):
        numbers = [_number(part) for part in re.split(rb"[\s,]+", found[1].strip())]
        if len(numbers) == 4 and numbers[2] and numbers[3]:
            return numbers[2], numbers[3]
    sides = [re.search(rb"\s" + side + rb"\s*=\s*[\"']\s*([^\"']{1,40})", head) for side in (b"width", b"height")]
    width, height = (_number(side[1]) if side else 0.0 for side in sides)
    return (width, height) if width and height else (1.0, 1.0)


def _drawn(data: bytes, box: Box, draw: Draw | None) -> bytes:
    """Return a drawing as a PNG that covers the box."""
    if draw is None:
        raise FetchFailed("content", "the file is an SVG drawing, and without the extra `svg` none can be drawn")
    if len(data) > MAX_SVG_BYTES:
        raise FetchFailed("large", f"the drawing has more than {MAX_SVG_BYTES:,} bytes")
    width, height = svg_shape(data)
    scale = min(
        max(box.width / width, box.height / height),
        (MAX_PIXELS / (width * height)) ** 0.5,
        MAX_SIDE / max(width, height),
    )
    try:
        return draw(data, max(1, int(width * scale)), max(1, int(height * scale)))
    except Exception as error:  # the drawing library has no exception of its own
        raise FetchFailed("content", "the SVG drawing is damaged, or asks for too much") from error


def _original(data: bytes, found: Image, box: Box) -> Original:
    width, height = fitted(found.width, found.height, box)
    kind, quality = "webp" if found.transparent else "jpeg", QUALITY
    if found.format in _LOSSLESS and len(data) * (width * height) / (found.width * found.height) <= LOSSLESS_BYTES:
        kind, quality = "png", 0
    (made,) = resize(data, (Variant("", width, height, kind, quality, None),))
    image = probe("", made)
    assert isinstance(image, Image)
    return Original(made, image, box if width * height < found.width * found.height else None)


def _number(text: bytes) -> float:
    """Return the number that a length begins with, 0 where it begins with none that a drawing can have."""
    found = re.match(rb"\+?(\d{1,9}+(?:\.\d{0,9}+)?+|\.\d{1,9}+)(?!\s*+[%\d])", text.strip())
    return float(found[1]) if found and 0.001 <= float(found[1]) <= 1e6 else 0.0
