"""originals: what is kept of a file from anywhere."""

from __future__ import annotations

import random
from io import BytesIO

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_pictures import BLUE, GPS, GREEN, ORIENTATION, RED, encoded, flat, four_corners, laid, png, swapped_profile

from generator.base.imaging import Box, Image
from generator.images.fetch.originals import (
    LOSSLESS_BYTES,
    MAX_PIXELS,
    Original,
    fitted,
    is_svg,
    make_original,
    svg_shape,
)
from generator.images.probe import probe
from generator.network.trouble import FetchFailed

# What the package asks of Python when it is imported, and pytest takes back for each test.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning", "ignore::UserWarning:PIL")
BOX = Box(400, 300)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><rect width="20" height="10" fill="#00f"/></svg>'


def kept(data: bytes, box: Box = BOX, max_pixels: int = 25_000_000) -> Original:
    """Return the original of a file, after a look at what is said of it."""
    made = make_original(data, box, max_pixels, None)
    assert made.image == probe("", made.data)
    return made


def opened(made: Original) -> PIL.Image.Image:
    """Return an original's pixels."""
    return PIL.Image.open(BytesIO(made.data))


def refusal(data: bytes, max_pixels: int = 25_000_000) -> tuple[str, str]:
    """Return kind and sentence with which a file is refused."""
    with pytest.raises(FetchFailed) as caught:
        make_original(data, BOX, max_pixels, None)
    return caught.value.kind, caught.value.why


sides = st.integers(1, 20_000)


@given(sides, sides, sides, sides)
def test_a_size_covers_the_box(width: int, height: int, wide: int, high: int) -> None:
    """The smallest of its shape that does, never larger than the picture, or than what is kept."""
    fits = fitted(width, height, Box(wide, high))
    assert 1 <= fits[0] <= width
    assert 1 <= fits[1] <= height
    assert fits[0] * fits[1] <= MAX_PIXELS + sum(fits)
    is_whole = fits == (width, height)
    covers = fits[0] >= wide and fits[1] >= high
    assert is_whole or covers or fits[0] * fits[1] > MAX_PIXELS * 0.99 or max(fits) > 16_000
    assert is_whole or fits[0] <= wide + 1 or fits[1] <= high + 1
    assert abs(fits[0] / width - fits[1] / height) <= 1 / min(width, height)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_is_kept_upright(turn: int) -> None:
    """Whichever way the camera was held; scaled down to the box, and the ledger will know to which."""
    made = kept(laid((1000, 600), turn))
    assert (made.image.width, made.image.height, made.cut) == (500, 300, BOX)
    pixels = opened(made).convert("RGB")
    places = ((9, 9), (490, 9), (9, 290))
    for place, colour in zip(places, (RED, GREEN, BLUE), strict=True):
        assert max(abs(a - b) for a, b in zip(pixels.getpixel(place), colour, strict=True)) < 40  # type: ignore[arg-type]


def test_metadata_does_not_enter_the_collection() -> None:
    """It may be committed for all to see: no place, no maker, no comment."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION], exif[0x010F] = 1, "SECRET maker"
    exif.get_ifd(GPS)[1] = "N"
    photo = flat("RGB", (60, 40), RED, "JPEG", comment=b"SECRET", exif=exif, xmp=b"<x>SECRET</x>")
    assert photo.count(b"SECRET") == 3
    made = kept(photo)
    assert b"SECRET" not in made.data
    assert b"Exif" not in made.data


@pytest.mark.parametrize(
    ("data", "kind", "transparent"),
    [
        (flat("RGB", (60, 40), RED, "JPEG"), "JPEG", False),
        (flat("CMYK", (60, 40), (0, 255, 255, 0), "JPEG"), "JPEG", False),
        (flat("L", (60, 40), 99, "JPEG"), "JPEG", False),
        (flat("RGB", (60, 40), RED, "PNG"), "PNG", False),
        (flat("RGBA", (60, 40), (*RED, 90), "PNG"), "PNG", True),
        (flat("P", (60, 40), 1, "GIF", transparency=1), "PNG", True),
        (flat("P", (60, 40), 1, "GIF"), "PNG", False),
        (flat("I;16", (60, 40), 30_000, "PNG"), "PNG", False),
        (png(60, 40, 16, 6, (b"\0" + b"\xff\xff\x80\x00\x00\x00\x80\x00" * 60) * 40), "PNG", True),
        (flat("RGB", (60, 40), RED, "WEBP"), "JPEG", False),
        (flat("RGBA", (60, 40), (*RED, 90), "WEBP"), "WEBP", True),
        (flat("RGB", (60, 40), RED, "AVIF"), "JPEG", False),
        (flat("RGBA", (60, 40), (*RED, 90), "AVIF"), "WEBP", True),
    ],
)
def test_every_kind_is_kept_in_one_that_suits_it(data: bytes, kind: str, transparent: bool) -> None:
    """What was lossless stays so, transparency stays, all else is a JPEG."""
    made = kept(data)
    assert (made.image.format, made.image.transparent) == (kind, transparent)
    assert (made.image.width, made.image.height, made.cut) == (60, 40, None)


def test_a_large_lossless_photograph_is_kept_lossy() -> None:
    """A photograph in a PNG would take ten times the place."""
    noise = random.Random(1).randbytes(900 * 700 * 3)
    data = encoded(PIL.Image.frombytes("RGB", (900, 700), noise), "PNG")
    assert len(data) > LOSSLESS_BYTES
    assert kept(data, Box(900, 700)).image.format == "JPEG"
    assert kept(data, Box(90, 70)).image.format == "PNG"


def test_the_first_picture_of_a_film_is_kept() -> None:
    """A film has no place in a list of news."""
    frames = [PIL.Image.new("RGB", (40, 30), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        made = kept(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
        assert getattr(opened(made), "n_frames", 1) == 1
        red, _, blue = opened(made).convert("RGB").getpixel((9, 9))  # type: ignore[misc]
        assert red > 200 > 50 > blue


def test_colours_are_those_of_the_profile() -> None:
    """A picture that says that its red is green is green."""
    made = kept(flat("RGB", (60, 40), RED, "JPEG", icc_profile=swapped_profile(), quality=95))
    red, green, _ = opened(made).convert("RGB").getpixel((9, 9))  # type: ignore[misc]
    assert green > 200 > red
    assert "icc_profile" not in opened(made).info


def test_an_original_is_made_once() -> None:
    """What was kept is kept as it is by the rules, in size and in kind."""
    made = kept(encoded(four_corners((1000, 600)), "PNG"))
    again = kept(made.data)
    assert (again.image.width, again.image.height, again.image.format) == (500, 300, "PNG")
    assert again.cut is None
    assert again.data == made.data


def test_what_is_no_picture_is_refused() -> None:
    """With a sentence, and the kind of trouble by which it is asked for again."""
    whole = encoded(PIL.Image.effect_noise((200, 100), 50), "JPEG")
    assert refusal(b"") == ("content", "the file is empty")
    assert refusal(b"<!doctype html><p>")[1].startswith("the file is an HTML page, not a JPEG")
    assert refusal(whole[: len(whole) // 2]) == ("content", "the picture is damaged or cut short")
    assert refusal(whole, 19_999) == ("large", "the picture has more than 19,999 pixels")
    assert refusal(png(30_000, 30_000, 8, 2, b""))[0] == "large"
    assert refusal(SVG)[1].endswith("an SVG drawing, and without the extra `svg` none can be drawn")


# -- drawings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "drawing"),
    [
        (SVG, True),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?>\n<!-- a --><!DOCTYPE svg PUBLIC 'x' 'y'>\n<svg>", True),
        (b"<SVG>", True),
        (b'<!DOCTYPE svg [<!ENTITY a "]">\n<!ENTITY b "b">]><svg>', False),
        (b'<!DOCTYPE svg PUBLIC "a" "b" [<!ENTITY a "a">\n<!ENTITY b "b">]><svg>', True),
        (b"<html><svg>", False),
        (b"<svgx>", False),
        (b"", False),
        (b"<!--" * 20_000, False),
    ],
)
def test_a_drawing_is_known_by_its_beginning(data: bytes, drawing: bool) -> None:
    """A page that holds one is none."""
    assert is_svg(data) is drawing


@pytest.mark.parametrize(
    ("head", "shape"),
    [
        (b'viewBox="0 0 20 10" width="9"', (20, 10)),
        (b"viewBox = '0,0, 1.5 .5'", (1.5, 0.5)),
        (b'width="30px" height="20mm"', (30, 20)),
        (b'width="100%" height="50%"', (1, 1)),
        (b'viewBox="0 0 0 0" width="8" height="4"', (8, 4)),
        (b'viewBox="a b c d"', (1, 1)),
        (b'width="1e99" height="nan"', (1, 1)),
        (b'width="-5" height="5"', (1, 1)),
        (b"", (1, 1)),
    ],
)
def test_a_drawing_has_a_shape(head: bytes, shape: tuple[float, float]) -> None:
    """By its view box, else by its own measures; without them it is a square."""
    assert svg_shape(b"<svg " + head + b"><rect width='7' height='7'/></svg>") == shape


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (b'viewBox="0 0 20 10"', (600, 300)),
        (b'width="1" height="1000000"', (1, 16383)),
        (b'viewBox="0 0 1000000 1000000"', (400, 400)),
    ],
)
def test_a_drawing_is_drawn_to_the_box(head: bytes, size: tuple[int, int]) -> None:
    """In the size that is asked for, whatever size it gives itself."""
    sizes = []

    def draw(data: bytes, width: int, height: int) -> bytes:
        sizes.append((width, height))
        return flat("RGBA", (width, height), (0, 0, 0, 0), "PNG")

    made = make_original(b"<svg " + head + b"/>", BOX, 25_000_000, draw)
    assert sizes == [size]
    assert isinstance(made.image, Image)
    assert made.cut == BOX


def test_a_drawing_that_cannot_be_drawn_is_refused() -> None:
    """The library's own exceptions do not come through."""

    def draw(data: bytes, width: int, height: int) -> bytes:
        raise ValueError("anything")

    with pytest.raises(FetchFailed, match="the SVG drawing is damaged, or asks for too much"):
        make_original(SVG, BOX, 25_000_000, draw)
    with pytest.raises(FetchFailed, match="the drawing has more than 2,000,000 bytes"):
        make_original(SVG + b" " * 2_000_000, BOX, 25_000_000, draw)
