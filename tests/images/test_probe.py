"""probe: what a file says it is, and what is refused."""

from __future__ import annotations

import subprocess
import sys
import zlib

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_pictures import chunk, encoded, flat, laid, png

from generator.base.digest import digest_bytes
from generator.base.imaging import Image
from generator.images import probe as probe_module
from generator.images.probe import PictureBroken, open_picture, probe

# What the package asks of Python when it is imported, and pytest takes back for each test.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning", "ignore::UserWarning:PIL")
KINDS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_by_its_bytes(kind: str) -> None:
    """The kind and the size come from the file; its name does not matter."""
    data = flat("RGB", (40, 30), (200, 10, 10), kind)
    assert probe("assets/wrong.svg", data) == Image("assets/wrong.svg", digest_bytes(data), 40, 30, kind, False)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_size_is_that_of_the_upright_picture(kind: str, turn: int) -> None:
    """A picture that lies on its side is measured after it was turned."""
    image = probe("x", laid((48, 32), turn, kind))
    assert isinstance(image, Image)
    assert (image.width, image.height) == (48, 32)


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "options", "transparent"),
    [
        ("RGBA", (1, 2, 3, 4), "PNG", {}, True),
        ("RGBA", (1, 2, 3, 4), "WEBP", {}, True),
        ("RGBA", (1, 2, 3, 4), "AVIF", {}, True),
        ("LA", (1, 2), "PNG", {}, True),
        ("P", 1, "PNG", {"transparency": 1}, True),
        ("P", 1, "GIF", {"transparency": 1}, True),
        ("L", 1, "PNG", {"transparency": 1}, True),
        ("P", 1, "PNG", {}, False),
        ("P", 1, "GIF", {}, False),
        ("L", 1, "JPEG", {}, False),
        ("CMYK", (1, 2, 3, 4), "JPEG", {}, False),
        ("I;16", 1000, "PNG", {}, False),
    ],
)
def test_transparency_is_seen_in_the_header(
    mode: str, colour: object, kind: str, options: dict[str, object], transparent: bool
) -> None:
    """Alpha channels and colours that stand for transparent both count."""
    image = probe("x", flat(mode, (8, 8), colour, kind, **options))
    assert isinstance(image, Image)
    assert image.transparent is transparent


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\n<!DOCTYPE html><title>404", "the file is an HTML page, not a JPEG, PNG, GIF, WebP or AVIF picture"),
        (
            b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
            "the file is an SVG drawing, not a JPEG, PNG, GIF, WebP or AVIF picture",
        ),
        (b"\0\0\0\x18ftypheic", "the file is a HEIC picture, not a JPEG, PNG, GIF, WebP or AVIF picture"),
        (b"hello", "the file is something else, not a JPEG, PNG, GIF, WebP or AVIF picture"),
        (flat("RGB", (8, 8), 0, "BMP"), "the file is something else, not a JPEG, PNG, GIF, WebP or AVIF picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "the header of this JPEG file is damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n\0\0", "the header of this PNG file is damaged or cut short"),
        (b"GIF89a\1", "the header of this GIF file is damaged or cut short"),
        (b"RIFF\4\0\0\0WEBPVP8 ", "the header of this WEBP file is damaged or cut short"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "the header of this AVIF file is damaged or cut short"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, message: str) -> None:
    """The answer is a plain sentence that says what the file is instead."""
    assert probe("assets/picture.jpg", data) == message


@pytest.mark.parametrize("size", [(5001, 5000), (10_000, 9_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    """A small file that claims a huge size is not decoded, whatever Pillow's own limits are."""
    message = "the picture has more than 25,000,000 pixels, the most that this kind may have"
    assert probe("x", png(*size, 8, 2, b"")) == message


def test_limit_depends_on_what_a_decoder_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds whose decoders hold more copies have a lower limit; so has CMYK."""
    monkeypatch.setitem(probe_module.MAX_PIXELS, "WEBP", 100)
    monkeypatch.setitem(probe_module.MAX_PIXELS, "CMYK", 100)
    refused = "the picture has more than 100 pixels, the most that this kind may have"
    assert probe("x", flat("RGB", (11, 10), 0, "WEBP")) == refused
    assert probe("x", flat("CMYK", (11, 10), 0, "JPEG")) == refused
    assert isinstance(probe("x", flat("RGB", (11, 10), 0, "JPEG")), Image)
    assert isinstance(probe("x", flat("RGB", (10, 10), 0, "WEBP")), Image)


def test_damaged_exif_is_no_reason_to_lose_a_picture() -> None:
    """Bytes that are no EXIF count as upright."""
    image = probe("x", flat("RGB", (8, 4), 0, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"))
    assert isinstance(image, Image)
    assert (image.width, image.height) == (8, 4)


def test_orientation_that_does_not_exist_is_upright() -> None:
    """Only 1 to 8 turn a picture."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 9
    image = probe("x", flat("RGB", (8, 4), 0, "JPEG", exif=exif))
    assert isinstance(image, Image)
    assert (image.width, image.height) == (8, 4)


def test_only_the_header_is_read() -> None:
    """A picture whose pixels are missing has a size all the same."""
    whole = encoded(PIL.Image.effect_noise((200, 100), 50), "JPEG")
    image = probe("x", whole[: len(whole) // 2])
    assert isinstance(image, Image)
    assert (image.width, image.height) == (200, 100)


def test_text_that_unpacks_to_gigabytes_is_refused() -> None:
    """A compressed comment in a PNG is a bomb, too."""
    text = chunk(b"zTXt", b"x\0\0" + zlib.compress(b"a" * 80_000_000, 1))
    assert probe("x", png(1, 1, 8, 0, b"\0\0", text)) == "the header of this PNG file is damaged or cut short"


@given(st.sampled_from(KINDS), st.data())
def test_no_bytes_make_it_raise_anything_else(kind: str, data: st.DataObject) -> None:
    """Damaged headers give an Image or a sentence."""
    whole = bytearray(flat("RGB", (9, 7), (200, 10, 10), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    answer = probe("x", bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert isinstance(answer, Image) or answer


def test_open_picture_raises_what_probe_says() -> None:
    """There is one exception and it carries the sentence."""
    with pytest.raises(PictureBroken, match="the file is empty"):
        open_picture(b"")


def test_nothing_is_printed_about_hostile_files() -> None:
    """Pillow's warnings would stand in the middle of a build's own messages."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"
    files = [flat("RGB", (8, 4), 0, "JPEG", exif=exif), png(5001, 5000, 8, 2, b""), png(9000, 9000, 8, 2, b"")]
    script = f"from generator.images.probe import probe\nfor data in {files!r}: probe('x', data)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
