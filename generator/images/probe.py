"""Look at a picture's bytes: what kind it is by its bytes, how large by its header; nothing is decoded."""

from __future__ import annotations

import warnings
from io import BytesIO

import PIL.Image
from PIL.ImageFile import ImageFile

from generator.base.digest import digest_bytes
from generator.base.imaging import Image

# By kind, or by colours. Decoders hold up to 20 bytes a pixel of WebP and AVIF, 12 of CMYK, 10 of others: so all of
# them stay under 300 MB.
MAX_PIXELS = {
    "JPEG": 25_000_000,
    "PNG": 25_000_000,
    "GIF": 25_000_000,
    "CMYK": 20_000_000,
    "WEBP": 12_500_000,
    "AVIF": 12_500_000,
}
_KINDS = "JPEG, PNG, GIF, WebP or AVIF"
_REFUSED = (
    (b"<svg", "an SVG drawing"),
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"ftyphei", "a HEIC picture"),
    (b"%pdf-", "a PDF document"),
)
_TOO_LARGE = "the picture has more than {:,} pixels, the most that this kind may have"
_SNIFF = 1024  # bytes
_ORIENTATION = 0x0112

# Pillow's own guards stand in front of ours: it checks before some decoders set up their memory.
PIL.Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())
warnings.filterwarnings("error", category=PIL.Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # of damaged metadata, which we drop anyway


class PictureBroken(Exception):
    """A file is no picture that we can take; the message says why in plain words."""


def probe(source: str, data: bytes) -> Image | str:
    """Return what the header of a picture says, or what is wrong with the file in one plain sentence.

    Args:
        source: the file's path relative to the site's folder.
    """
    try:
        picture = open_picture(data)
    except PictureBroken as error:
        return str(error)
    width, height = picture.size if orientation(picture) < 5 else picture.size[::-1]
    kind = kind_of(data)
    return Image(source, digest_bytes(data), width, height, kind, picture.has_transparency_data)


def open_picture(data: bytes) -> ImageFile:
    """Return a picture of which only the header is read, with its size checked.

    Raises:
        PictureBroken: it is of a kind that we do not take, its header is damaged, or it has too many pixels.
    """
    kind = kind_of(data)
    if not kind:
        raise PictureBroken(_what_else(data))
    try:
        picture = PIL.Image.open(BytesIO(data), formats=(kind,))
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise PictureBroken(_TOO_LARGE.format(MAX_PIXELS[kind])) from None
    except Exception as error:  # damaged headers make Pillow raise nearly everything
        raise PictureBroken(f"the header of this {kind} file is damaged or cut short") from error
    width, height = picture.size
    limit = MAX_PIXELS.get(picture.mode, MAX_PIXELS[kind])
    if width * height > limit:
        raise PictureBroken(_TOO_LARGE.format(limit))
    if width < 1 or height < 1:
        raise PictureBroken("the picture has no pixels")
    return picture


def orientation(picture: ImageFile) -> int:
    """Return how the camera was held, 1 to 8, as the header says (Source: EXIF 2.3, tag 0x0112).

    Ask before the pixels are loaded: what stands behind them is not looked at, here or elsewhere.
    """
    exif = PIL.Image.Exif()
    try:
        exif.load(picture.info.get("exif") or b"")
        value = exif.get(_ORIENTATION, 1)
    except Exception:  # damaged EXIF is no reason to lose a picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def kind_of(data: bytes) -> str:
    """Return Pillow's name of the kind of picture that these bytes begin, or "" for anything else."""
    head = data[:64]
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return "AVIF" if head[4:8] == b"ftyp" and b"avi" in head[8:] else ""


def _what_else(data: bytes) -> str:
    """Say what a file is that is no picture of ours."""
    if not data:
        return "the file is empty"
    head = data[:_SNIFF].lower()
    what = next((name for mark, name in _REFUSED if mark in head), "something else")
    return f"the file is {what}, not a {_KINDS} picture"
