"""Tiny pictures for the tests of images/, made when they are needed."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import PIL.Image
from PIL import ImageCms

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
CORNERS = (RED, GREEN, BLUE, WHITE)  # upper left, upper right, lower left, lower right
ORIENTATION, GPS = 0x0112, 0x8825
# How a camera lays an upright picture into its file, so that the orientation's turn makes it upright again.
LAID = {
    1: None,
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_90,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_270,
}


def encoded(picture: PIL.Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file of this kind."""
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def flat(mode: str, size: tuple[int, int], colour: object, kind: str, **options: object) -> bytes:
    """Return a file with one colour."""
    return encoded(PIL.Image.new(mode, size, colour), kind, **options)


def four_corners(size: tuple[int, int]) -> PIL.Image.Image:
    """Return a picture with another colour in each quarter."""
    picture = PIL.Image.new("RGB", (2, 2))
    picture.putdata(CORNERS)
    return picture.resize(size, PIL.Image.Resampling.NEAREST)


def laid(size: tuple[int, int], turn: int, kind: str = "JPEG") -> bytes:
    """Return the four corners as a camera that was held this way writes them."""
    picture = four_corners(size)
    method = LAID[turn]
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = turn
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    return encoded(picture.transpose(method) if method is not None else picture, kind, exif=exif, **options)


def swapped_profile() -> bytes:
    """Return an ICC profile in which the red channel is shown green and the green one red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return _swap(profile, b"rXYZ", b"gXYZ")


def _swap(profile: bytes, one: bytes, other: bytes) -> bytes:
    """Swap two tags in a profile's table, which begins after the header of 128 bytes."""
    count = struct.unpack(">I", profile[128:132])[0]
    table = profile[132 : 132 + 12 * count]
    entries = [table[start : start + 12] for start in range(0, len(table), 12)]
    names = {one: other, other: one}
    swapped = b"".join(names.get(entry[:4], entry[:4]) + entry[4:] for entry in entries)
    return profile[:132] + swapped + profile[132 + 12 * count :]


def png(width: int, height: int, depth: int, colours: int, rows: bytes, *extra: bytes) -> bytes:
    """Return a PNG from its rows, or one that only claims its size; for what Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
