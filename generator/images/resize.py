"""Make the published sizes of a picture: upright, in sRGB, without metadata."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import PIL.Image
from PIL import ImageChops, ImageCms
from PIL.Image import Resampling, Transpose
from PIL.JpegImagePlugin import JpegImageFile

from generator.base.imaging import Variant
from generator.images.probe import PictureBroken, open_picture, orientation

GAP = 1.5  # cheap scaling by boxes stops above this many times a size, LANCZOS does the rest
DECODER_GAP = 1.2  # the same for scaling in the JPEG decoder, which is better than boxes
WEBP_METHOD = 2  # 4 is twice as slow for 4 % fewer bytes
AVIF_SPEED = 9  # 8 is three times as slow
PNG_LEVEL = 6  # 9 is three times as slow for 1 % fewer bytes
_HALVINGS = (2, 1)  # a JPEG decoder can 8 and 4, too, which costs as much as 2: one more decoding would save nothing
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}  # an ICC profile must be of its picture's kind of colours
_STEPS = range(0, 256, 51)
_ALL_COLOURS = bytes(value for red in _STEPS for green in _STEPS for blue in _STEPS for value in (red, green, blue))
_INVISIBLE = 2  # of 255: profiles that move no colour further are sRGB by another maker

Pixels = PIL.Image.Image
Box = tuple[int, int, int, int]
Cut = tuple[Box | None, int, int]


def resize(data: bytes, wanted: tuple[Variant, ...]) -> tuple[bytes, ...]:
    """Return the bytes of each variant in the order wanted; they depend on `data` and that variant alone.

    Raises:
        PictureBroken: the file is cut short, damaged, or too large.
    """
    header = _header(data)
    by_scale: dict[int, list[Variant]] = {}
    for variant in wanted:
        by_scale.setdefault(_scale(header, variant), []).append(variant)
    made: dict[Variant, bytes] = {}
    for scale, group in sorted(by_scale.items()):
        made.update(_resize_at(data, header, scale, group))
    return tuple(made[variant] for variant in wanted)


class _Header(NamedTuple):
    """How a picture lies in its file, kept apart from Pillow's object, which holds the decoder and its memory."""

    width: int
    height: int
    turn: int
    profile: bytes | None
    scales: tuple[int, ...]  # by which the decoder can scale down, largest first


def _header(data: bytes) -> _Header:
    """Read what the file says before its pixels."""
    picture = open_picture(data)
    scales = _HALVINGS if isinstance(picture, JpegImageFile) else (1,)
    return _Header(*picture.size, orientation(picture), picture.info.get("icc_profile"), scales)


def _scale(header: _Header, variant: Variant) -> int:
    """Return by how much the decoder may scale the picture down for a variant."""
    left, top, right, bottom = _lying_box(variant.crop, header)
    width, height = _lying_size(variant, header.turn)
    room = min((right - left) / width, (bottom - top) / height) / DECODER_GAP
    return next((scale for scale in header.scales if scale <= room), 1)


def _resize_at(data: bytes, header: _Header, scale: int, group: list[Variant]) -> Iterator[tuple[Variant, bytes]]:
    """Decode once, then cut each size once for all its formats."""
    pixels = _decoded(data, scale)
    to_srgb = _to_srgb(header.profile, pixels.mode.rstrip("a"))
    cuts: dict[Cut, list[Variant]] = {}
    for variant in group:
        cuts.setdefault((variant.crop, variant.width, variant.height), []).append(variant)
    for alike in cuts.values():
        cut = _finished(_cut(pixels, header, scale, alike[0]), to_srgb)
        yield from ((variant, _encoded(cut, variant)) for variant in alike)


def _decoded(data: bytes, scale: int) -> Pixels:
    """Return the pixels as they lie in the file, the first frame, in a mode that can be scaled."""
    picture = open_picture(data)
    try:
        if scale > 1:
            picture.draft(None, (picture.width // scale, picture.height // scale))
        picture.load()
        return _scalable(picture)
    except Exception as error:  # damaged files make Pillow raise nearly everything
        raise PictureBroken("the picture is damaged or cut short") from error


def _scalable(picture: Pixels) -> Pixels:
    """Return a picture as L, La, RGB, RGBa or CMYK (a = colours multiplied by alpha, so hidden ones do not shine)."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode == "LA":
        return picture.convert("La")
    if picture.has_transparency_data:
        return (picture if picture.mode == "RGBA" else picture.convert("RGBA")).convert("RGBa")
    if picture.mode in ("L", "1"):
        return picture.convert("L")
    return picture if picture.mode in ("RGB", "CMYK") else picture.convert("RGB")


def _cut(pixels: Pixels, header: _Header, scale: int, variant: Variant) -> Pixels:
    """Return the variant's part of the picture at its size, upright."""
    left, top, right, bottom = _lying_box(variant.crop, header)
    # Not rounded: a decoder that halves 477 rows makes 239, and to be half a row off can be seen.
    box = left / scale, top / scale, right / scale, bottom / scale
    cut = pixels.resize(_lying_size(variant, header.turn), Resampling.LANCZOS, box, reducing_gap=GAP)
    return cut.transpose(_TURNS[header.turn]) if header.turn in _TURNS else cut


def _lying_box(crop: Box | None, header: _Header) -> Box:
    """Return where a crop of the upright picture is in the picture as it lies (Source: EXIF 2.3, orientation)."""
    if crop is None:
        return 0, 0, header.width, header.height
    width, height = (header.width, header.height) if header.turn < 5 else (header.height, header.width)
    left, top, right, bottom = crop
    if header.turn in (2, 3, 6, 7):
        left, right = width - right, width - left
    if header.turn in (3, 4, 7, 8):
        top, bottom = height - bottom, height - top
    return (left, top, right, bottom) if header.turn < 5 else (top, left, bottom, right)


def _lying_size(variant: Variant, turn: int) -> tuple[int, int]:
    """Return the variant's size before it is turned upright."""
    return (variant.width, variant.height) if turn < 5 else (variant.height, variant.width)


def _to_srgb(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what turns a picture's colours into sRGB, or None where they are sRGB or the profile is unusable."""
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES.get(mode):
            return None
        target = ImageCms.createProfile("sRGB")
        intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
        transform = ImageCms.buildTransform(source, target, mode, "RGB", intent, flags)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return None if mode == "RGB" and _moves_nothing(transform) else transform


def _moves_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Return whether a profile is sRGB in all but name, as most are."""
    colours = PIL.Image.frombytes("RGB", (len(_ALL_COLOURS) // 3, 1), _ALL_COLOURS)
    moved = ImageChops.difference(colours, transform.apply(colours))
    return max(moved.tobytes()) <= _INVISIBLE


def _finished(cut: Pixels, to_srgb: ImageCms.ImageCmsTransform | None) -> Pixels:
    """Return the pixels in sRGB without metadata; transparency stays where there is any."""
    alpha = None
    if cut.mode.endswith("a"):
        cut = cut.convert(cut.mode.upper())
        alpha = cut.getchannel("A")
    colours = _converted(cut, cut.mode.removesuffix("A"))
    colours = to_srgb.apply(colours) if to_srgb else _converted(colours, "RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    colours.info.clear()
    return colours


def _converted(pixels: Pixels, mode: str) -> Pixels:
    """Return pixels in a mode; those that have it are not copied."""
    return pixels if pixels.mode == mode else pixels.convert(mode)


def _encoded(pixels: Pixels, variant: Variant) -> bytes:
    """Return the bytes of a finished variant."""
    out = BytesIO()
    if variant.format == "avif":
        pixels.save(out, "AVIF", quality=variant.quality, speed=AVIF_SPEED, max_threads=1)
    elif variant.format == "webp":
        pixels.save(out, "WEBP", quality=variant.quality, method=WEBP_METHOD)
    elif variant.format == "jpeg":
        # Optimised tables or progressive would be two or five times as slow, for 1 or 5 % fewer bytes of what hardly
        # any browser asks for.
        _converted(pixels, "RGB").save(out, "JPEG", quality=variant.quality)
    else:
        pixels.save(out, "PNG", compress_level=PNG_LEVEL)
    return out.getvalue()
