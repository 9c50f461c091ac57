"""What is known of pictures: files that were looked at, sizes to publish, roles of a theme."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import ceil

from generator.base.problems import Trail
from generator.base.record import Record


class Image(Record, frozen=True):
    """A picture file that was looked at: its size in px is measured, upright (after EXIF orientation)."""

    source: str  # path relative to the site's folder
    digest: bytes  # of the file's bytes
    width: int
    height: int
    format: str  # Pillow's name: JPEG, PNG, GIF, WEBP …
    transparent: bool


class Variant(Record, frozen=True):
    """One published size of an image; `output` is named by all that shapes its bytes."""

    output: str
    width: int
    height: int
    format: str  # webp, jpeg, png
    quality: int
    crop: tuple[int, int, int, int] | None  # left, top, right, bottom in px of the upright original


def variant_output(image: Image, recipe: bytes, width: int, suffix: str) -> str:
    """Return the name of a published size: which picture it is of, and the digest of all that shapes its bytes."""
    return f"images/{image.digest[:4].hex()}{recipe[:4].hex()}-{width}.{suffix}"


def picture_of(output: str) -> str:
    """Return which picture an output is a size of, by a name that its sizes share; "" for all else."""
    found = _VARIANT.fullmatch(output)
    return found[1] if found else ""


_VARIANT = re.compile(r"images/([0-9a-f]{8})[0-9a-f]{8}-[0-9]+\.[a-z]+")


class Role(Record, frozen=True):
    """A named size of pictures in a theme (`theme.toml`): widths in px, smallest first.

    `aspect` is width ÷ height to which a picture is cropped (`fit = "cover"`); 0 keeps the picture's own shape.
    `sizes` is the HTML attribute: how wide the picture stands in the page.
    """

    name: str
    widths: tuple[int, ...]
    aspect: float = 0.0
    sizes: str = "100vw"


class SocialCard(Record, frozen=True):
    """A picture that is drawn from words, for a page that has none; what is "" is not on it."""

    title: str
    label: str = ""  # above the title: a topic
    note: str = ""  # below it: a description
    outlet: str = ""  # in the foot, beside the site's name
    site: str = ""  # without it there is no foot
    hue: int | None = None  # 0..11, a colour of the palette; None is the site's own


class Box(Record, frozen=True):
    """The smallest size that a kept picture must still cover, in px: the largest that any role of the theme shows."""

    width: int
    height: int

    @classmethod
    def of(cls, roles: Iterable[Role]) -> Box:
        """Return the box that covers every role."""
        shown = [(max(role.widths), role.aspect) for role in roles]
        widths = (width for width, _ in shown)
        heights = (ceil(width / aspect) for width, aspect in shown if aspect > 0)
        return cls(max(widths, default=1), max(heights, default=1))


class Wanted(Record, frozen=True):
    """A remote picture that the site shows, and who names it; the most important ones are asked for first."""

    url: str
    path: str  # of the file that names it, relative to the site's folder
    trail: Trail  # to the address in that file
