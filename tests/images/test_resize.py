"""resize: what comes out of every kind of picture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageCms
from tiny_pictures import (
    BLUE,
    CORNERS,
    GPS,
    GREEN,
    ORIENTATION,
    RED,
    WHITE,
    chunk,
    encoded,
    flat,
    four_corners,
    laid,
    png,
    swapped_profile,
)

from generator.base.imaging import Image, Role, Variant
from generator.images.probe import PictureBroken, probe
from generator.images.resize import resize
from generator.images.variants import variants

# What the package asks of Python when it is imported, and pytest takes back for each test.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning", "ignore::UserWarning:PIL")
SMALL = Role("small", (20, 40))
SQUARE = Role("square", (10, 20), 1.0)


def made(data: bytes, role: Role = SMALL, focus: tuple[float, float] | None = None) -> list[PIL.Image.Image]:
    """Return the variants of a picture, decoded, after a look at their sizes and kinds."""
    image = probe("x", data)
    assert isinstance(image, Image), image
    wanted = variants(image, role, focus)
    pictures = [PIL.Image.open(BytesIO(output)) for output in resize(data, wanted)]
    assert [(picture.width, picture.height) for picture in pictures] == [(v.width, v.height) for v in wanted]
    assert [str(picture.format).lower() for picture in pictures] == [variant.format for variant in wanted]
    return pictures


def near(picture: PIL.Image.Image, place: tuple[float, float], colour: tuple[int, ...], tolerance: int = 12) -> bool:
    """Return whether a place of a picture, as parts of its sides, has about this colour."""
    pixels = picture.convert("RGBA" if len(colour) == 4 else "RGB")
    found = pixels.getpixel((int(place[0] * picture.width), int(place[1] * picture.height)))
    assert isinstance(found, tuple)
    close = all(abs(one - other) <= tolerance for one, other in zip(found, colour, strict=True))
    if not close:
        print(picture.format, picture.size, place, found, colour)
    return close


def all_near(pictures: list[PIL.Image.Image], colour: tuple[int, ...], tolerance: int = 12) -> bool:
    """Return whether every picture has about this colour in its middle."""
    return all(near(picture, (0.5, 0.5), colour, tolerance) for picture in pictures)


@pytest.mark.parametrize("size", [(60, 40), (301, 203)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_all_eight_orientations_come_out_upright(turn: int, kind: str, size: tuple[int, int]) -> None:
    """Each corner is where it was when the picture was taken, also when the JPEG decoder scaled it down."""
    places = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))
    for picture in made(laid(size, turn, kind)):
        assert all(near(picture, place, colour, 40) for place, colour in zip(places, CORNERS, strict=True))


@pytest.mark.parametrize("turn", range(1, 9))
def test_crops_of_turned_pictures_are_those_of_the_upright_one(turn: int) -> None:
    """A focus in the lower right shows the lower right, however the file lies."""
    data = laid((480, 160), turn)
    assert all(near(picture, (0.5, 0.8), WHITE, 40) for picture in made(data, SQUARE, (1.0, 0.5)))
    assert all(near(picture, (0.5, 0.2), RED, 40) for picture in made(data, SQUARE, (0.0, 0.5)))


def test_scaling_in_the_decoder_does_not_shift_the_picture() -> None:
    """A width that the decoder's halving does not divide gives the same picture as slow scaling does."""
    noise = PIL.Image.effect_noise((41, 27), 60).resize((1001, 667), PIL.Image.Resampling.BICUBIC)
    data = encoded(noise.convert("RGB"), "JPEG", quality=95)
    image = probe("x", data)
    assert isinstance(image, Image)
    with PIL.Image.open(BytesIO(resize(data, variants(image, Role("x", (100,)), None, quality=95))[1])) as ours:
        best = noise.resize(ours.size, PIL.Image.Resampling.LANCZOS)
        pairs = zip(ours.convert("L").tobytes(), best.tobytes(), strict=True)
    assert sum(abs(one - other) for one, other in pairs) / (best.width * best.height) < 2


def test_place_and_every_other_metadata_are_stripped() -> None:
    """GPS, XMP, ICC, comments and texts do not leave the house."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 1
    exif[0x010F] = "SECRET maker"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (48.0, 8.0, 0.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    extra: dict[str, object] = {"exif": exif, "icc_profile": profile, "xmp": b"<x:xmpmeta>SECRET</x:xmpmeta>"}
    photo = flat("RGB", (60, 40), RED, "JPEG", comment=b"SECRET", dpi=(300, 300), **extra)
    assert photo.count(b"SECRET") == 3
    text = chunk(b"tEXt", b"Comment\0SECRET") + chunk(b"tIME", b"\x07\xe8\1\1\1\1\1")
    drawing = png(60, 40, 8, 6, (b"\0" + b"\xff\0\0\x80" * 60) * 40, text)
    for data in (photo, flat("RGB", (60, 40), RED, "WEBP", **extra), drawing):
        for picture in made(data):
            picture.load()
            assert not {"exif", "xmp", "icc_profile", "comment", "dpi", "Comment"} & set(picture.info)
            assert not dict(picture.getexif())
        image = probe("x", data)
        assert isinstance(image, Image)
        assert not any(
            b"SECRET" in output or b"tIME" in output for output in resize(data, variants(image, SMALL, None))
        )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_flat_colour_stays(kind: str) -> None:
    """A colour comes out as it went in, but for what the formats round."""
    assert all_near(made(flat("RGB", (60, 40), (40, 120, 200), kind, quality=95)), (40, 120, 200), 5)


def test_cmyk_comes_out_right() -> None:
    """Printers' colours are not inverted: no ink is white, cyan takes the red away."""
    assert all_near(made(flat("CMYK", (60, 40), (0, 0, 0, 0), "JPEG", quality=95)), WHITE)
    assert all_near(made(flat("CMYK", (60, 40), (255, 0, 0, 0), "JPEG", quality=95)), (0, 255, 255))


def test_sixteen_bits_come_out_right() -> None:
    """Deep grey is not clipped to white, deep colours keep their upper half."""
    grey = png(60, 40, 16, 0, (b"\0" + b"\x80\x00" * 60) * 40)
    colour = png(60, 40, 16, 2, (b"\0" + b"\xff\xff\x80\x00\x00\x00" * 60) * 40)
    clear = png(60, 40, 16, 6, (b"\0" + b"\xff\xff\x80\x00\x00\x00\x80\x00" * 60) * 40)
    grey_clear = png(60, 40, 16, 4, (b"\0" + b"\x40\x00\x80\x00" * 60) * 40)
    assert all_near(made(grey), (128, 128, 128))
    assert all_near(made(colour), (255, 128, 0))
    assert all_near(made(clear), (255, 128, 0, 128))
    assert all_near(made(grey_clear), (64, 64, 64, 128))


def test_sixteen_bit_grey_with_a_transparent_value_comes_out_whole() -> None:
    """A kind that nearly nobody writes is still a picture."""
    rows = (b"\0" + b"\x80\x00" * 60) * 40
    assert all_near(made(png(60, 40, 16, 0, rows, chunk(b"tRNS", b"\0\0"))), (128, 128, 128))


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_palette_with_transparency_comes_out_right(kind: str) -> None:
    """The transparent colour is see-through and the others are not."""
    picture = PIL.Image.new("P", (60, 40), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255, 0, 255, 0])
    picture.paste(2, (30, 0, 60, 40))
    for output in made(encoded(picture, kind, transparency=1)):
        assert near(output, (0.8, 0.5), (*GREEN, 255))
        found = output.convert("RGBA").getpixel((int(0.2 * output.width), output.height // 2))
        assert isinstance(found, tuple)
        assert found[3] == 0


def test_palette_bits_and_grey_come_out_right() -> None:
    """Modes with fewer colours are scaled as colours, not as numbers."""
    palette = four_corners((60, 40)).quantize(4)
    for output in made(encoded(palette, "PNG")):
        assert near(output, (0.2, 0.2), RED, 40)
        assert near(output, (0.2, 0.8), BLUE, 40)
    assert all_near(made(flat("1", (60, 40), 1, "PNG")), WHITE)
    assert all_near(made(flat("L", (60, 40), 77, "PNG")), (77, 77, 77))
    assert all_near(made(flat("L", (60, 40), 77, "JPEG")), (77, 77, 77))
    assert all_near(made(flat("LA", (60, 40), (77, 128), "PNG")), (77, 77, 77, 128))


def test_colours_of_clear_pixels_do_not_shine_into_their_neighbours() -> None:
    """A red hidden under full transparency is not seen at the edge of a blue shape."""
    picture = PIL.Image.new("RGBA", (90, 60), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (31, 0, 90, 60))
    for output in made(encoded(picture, "PNG")):
        pixels = output.convert("RGBA")
        row = [pixels.getpixel((x, output.height // 2)) for x in range(output.width)]
        assert all(red < 30 for red, _, _, alpha in row if alpha > 40)  # type: ignore[misc, union-attr]


def test_alpha_that_is_opaque_is_dropped() -> None:
    """A screenshot with a useless alpha channel costs no more than one without."""
    assert {picture.mode for picture in made(flat("RGBA", (60, 40), (*RED, 255), "PNG"))} == {"RGB"}


def test_first_frame_of_an_animation() -> None:
    """A GIF, a WebP and a PNG that move stand still."""
    frames = [PIL.Image.new("RGB", (60, 40), colour) for colour in (RED, GREEN, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        pictures = made(data)
        assert all_near(pictures, RED)
        assert all(getattr(picture, "n_frames", 1) == 1 for picture in pictures)


def test_picture_of_several_pictures() -> None:
    """The file of a phone that holds a second picture (MPO) is a JPEG, scaled in its decoder."""
    data = encoded(PIL.Image.new("RGB", (600, 400), RED), "MPO", save_all=True, append_images=[four_corners((9, 9))])
    image = probe("x", data)
    assert isinstance(image, Image)
    assert image.format == "JPEG"
    assert all_near(made(data), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colour_profile_is_applied(kind: str) -> None:
    """A picture in whose profile red is green comes out green, and without a profile."""
    data = flat("RGB", (60, 40), RED, kind, icc_profile=swapped_profile(), quality=95)
    assert all_near(made(data), GREEN, 20)


def test_colour_profile_of_a_clear_picture_is_applied() -> None:
    """Alpha is no colour."""
    data = flat("RGBA", (60, 40), (*RED, 128), "PNG", icc_profile=swapped_profile())
    assert all_near(made(data), (*GREEN, 128), 20)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_colour_profile_that_is_unusable_is_ignored(mode: str) -> None:
    """Rubbish, or a profile of another kind of colours, leaves the colours as they are."""
    colour = {"RGB": RED, "L": 77, "CMYK": (0, 255, 255, 0)}[mode]
    shown = {"RGB": RED, "L": (77, 77, 77), "CMYK": RED}[mode]
    profiles = [b"rubbish"] if mode == "RGB" else [b"rubbish", swapped_profile()]
    for profile in profiles:
        assert all_near(made(flat(mode, (60, 40), colour, "JPEG", icc_profile=profile, quality=95)), shown)


def test_smallest_and_thinnest_pictures() -> None:
    """One pixel and a panorama come out."""
    assert all_near(made(flat("RGB", (1, 1), (40, 120, 200), "PNG")), (40, 120, 200), 5)
    assert [picture.size for picture in made(flat("RGB", (3000, 10), RED, "JPEG"))] == [
        (20, 1),
        (20, 1),
        (40, 1),
        (40, 1),
    ]
    assert made(flat("RGB", (3000, 10), RED, "JPEG"), SQUARE)[0].size == (10, 10)
    assert made(flat("RGB", (10, 3000), RED, "PNG"), SQUARE)[0].size == (10, 10)


def test_a_small_picture_is_not_made_larger() -> None:
    """Its own width is the only one."""
    assert [picture.size for picture in made(flat("RGB", (12, 8), RED, "JPEG"))] == [(12, 8), (12, 8)]


def noise(kind: str, **options: object) -> bytes:
    """Return a picture that is hard to pack."""
    return encoded(PIL.Image.effect_noise((300, 200), 80).convert("RGB"), kind, **options)


def wanted_of(data: bytes) -> tuple[Variant, ...]:
    """Return many variants of a picture."""
    image = probe("x", data)
    assert isinstance(image, Image)
    roles = (Role("a", (20, 60, 130, 300)), Role("b", (25, 60), 1.0), Role("c", (60,)))
    return tuple(variant for role in roles for variant in variants(image, role, (0.3, 0.3)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_bytes_depend_on_the_original_and_the_variant_alone(kind: str) -> None:
    """Made again, alone, in another order or in a thread, a variant is the same byte for byte: its name says so."""
    data = noise(kind)
    wanted = wanted_of(data)
    together = resize(data, wanted)
    assert together == resize(data, wanted)
    assert together == tuple(reversed(resize(data, wanted[::-1])))
    with ThreadPoolExecutor(4) as threads:
        assert together == tuple(threads.map(lambda variant: resize(data, (variant,))[0], wanted))
    by_name = dict(zip((variant.output for variant in wanted), together, strict=True))
    assert all(by_name[v.output] == output for v, output in zip(wanted, together, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_truncated_picture_is_broken(kind: str) -> None:
    """A picture that ends too early is refused with one kind of exception."""
    data = noise(kind)
    wanted = wanted_of(data)
    for part in (0.9, 0.5, 0.2):
        with pytest.raises(PictureBroken, match="damaged or cut short"):
            resize(data[: int(len(data) * part)], wanted)


def test_what_probe_refuses_is_refused_again() -> None:
    """Bombs and pages are stopped also where nobody probed."""
    wanted = wanted_of(noise("PNG"))
    with pytest.raises(PictureBroken, match="25,000,000 pixels"):
        resize(png(30_000, 30_000, 8, 2, b""), wanted)
    with pytest.raises(PictureBroken, match="25,000,000 pixels"):
        resize(png(6_000, 5_000, 8, 2, b""), wanted)
    with pytest.raises(PictureBroken, match="HTML page"):
        resize(b"<!doctype html>", wanted)
    with pytest.raises(PictureBroken, match="empty"):
        resize(b"", wanted)


@settings(deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "AVIF"]), st.data())
def test_no_bytes_make_it_raise_anything_else(kind: str, data: st.DataObject) -> None:
    """What probe takes either comes out in the planned sizes or is a PictureBroken."""
    picture = four_corners((30, 20)) if data.draw(st.booleans()) else four_corners((30, 20)).quantize(4)
    whole = bytearray(encoded(picture.convert("RGB") if kind != "PNG" else picture, kind))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    image = probe("x", bytes(whole))
    if isinstance(image, Image) and image.width * image.height < 1_000_000:
        wanted = variants(image, SQUARE, None)
        try:
            made = resize(bytes(whole), wanted)
        except PictureBroken:
            return
        sizes = [PIL.Image.open(BytesIO(one)).size for one in made]
        assert sizes == [(variant.width, variant.height) for variant in wanted]
