"""variants: the laws of the arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.base.imaging import Image, Role, Variant
from generator.images.variants import MAX_SIDE, variants

PHOTO = Image("assets/photo.jpg", b"0123456789abcdef", 1600, 1067, "JPEG", False)
HERO = Role("hero", (320, 640, 960, 1280))
CARD = Role("card", (320, 640), 16 / 9)

sides = st.one_of(st.integers(1, 40), st.integers(1, 5000), st.integers(1, 25_000_000))
images = st.tuples(sides, sides, st.booleans()).map(lambda t: Image("x", b"d" * 16, t[0], t[1], "PNG", t[2]))
roles = st.builds(
    Role,
    st.just("role"),
    st.lists(st.integers(1, 4000), min_size=1, max_size=6).map(tuple),
    st.one_of(st.just(0.0), st.floats(0.05, 20)),
)
points = st.one_of(st.none(), st.tuples(st.floats(0, 1), st.floats(0, 1)))


def sizes(made: tuple[Variant, ...]) -> list[tuple[int, int]]:
    """Return the sizes of the WebP variants."""
    return [(variant.width, variant.height) for variant in made if variant.format == "webp"]


def box(image: Image, variant: Variant) -> tuple[int, int, int, int]:
    """Return the part of the picture that a variant shows."""
    return variant.crop or (0, 0, image.width, image.height)


@given(images, roles, points)
def test_widths_increase_and_are_never_above_the_original(
    image: Image, role: Role, focus: tuple[float, float] | None
) -> None:
    """Nothing is upscaled, no width is made twice, and there is always one."""
    made = variants(image, role, focus)
    widths = [width for width, _ in sizes(made)]
    left, top, right, bottom = box(image, made[0])
    assert widths
    assert widths == sorted(set(widths))
    assert all(1 <= width <= min(right - left, MAX_SIDE) for width in widths)
    assert all(1 <= variant.height <= min(bottom - top, MAX_SIDE) for variant in made)


@given(images, roles, points)
def test_crop_lies_in_the_picture_and_holds_the_focus(
    image: Image, role: Role, focus: tuple[float, float] | None
) -> None:
    """The point to keep is kept, and the crop is as large as the picture allows."""
    left, top, right, bottom = box(image, variants(image, role, focus)[0])
    x, y = focus or (0.5, 0.5)
    assert 0 <= left < right <= image.width
    assert 0 <= top < bottom <= image.height
    assert left <= x * image.width <= right
    assert top <= y * image.height <= bottom
    assert (right - left, bottom - top)[0] == image.width or bottom - top == image.height


@given(images, roles, points)
def test_shape_is_within_a_pixel_of_the_roles(image: Image, role: Role, focus: tuple[float, float] | None) -> None:
    """A role's shape is kept, but for pictures that are one pixel thin or too long for any format."""
    for variant in variants(image, role, focus):
        left, top, right, bottom = box(image, variant)
        if 1 in (right - left, bottom - top) or MAX_SIDE in (variant.width, variant.height):
            continue
        shape = role.aspect or image.width / image.height
        assert abs(variant.height - variant.width / shape) <= 1 or variant.height == 1


@given(images, roles, points)
def test_each_size_has_a_webp_and_a_fallback(image: Image, role: Role, focus: tuple[float, float] | None) -> None:
    """The fallback of a transparent picture is PNG, of any other JPEG; all names differ."""
    made = variants(image, role, focus)
    assert [variant.format for variant in made] == ["webp", "png" if image.transparent else "jpeg"] * (len(made) // 2)
    assert len({variant.output for variant in made}) == len(made)
    assert made == variants(image, role, focus)


def test_photo_to_four_widths() -> None:
    """Heights are rounded, names end with the width and the suffix that servers know."""
    made = variants(PHOTO, HERO, None)
    assert sizes(made) == [(320, 213), (640, 427), (960, 640), (1280, 854)]
    assert [variant.output.rsplit("-", 1)[1] for variant in made[:2]] == ["320.webp", "320.jpg"]
    assert {variant.crop for variant in made} == {None}


def test_crop_keeps_the_focus() -> None:
    """A crop is around the middle, or around the focus as far as the picture goes."""
    tall = replace(PHOTO, width=900, height=1600)
    assert variants(tall, CARD, None)[0].crop == (0, 547, 900, 1053)
    assert variants(tall, CARD, (0.5, 0.0))[0].crop == (0, 0, 900, 506)
    assert variants(tall, CARD, (0.1, 1.0))[0].crop == (0, 1094, 900, 1600)


def test_picture_of_the_roles_shape_is_not_cropped() -> None:
    """16 ÷ 9 is not exact in floats; a picture of 1600×900 is whole all the same, and equal without an aspect."""
    wide = replace(PHOTO, width=1600, height=900)
    assert variants(wide, CARD, (0.2, 0.9)) == variants(wide, Role("other", (640, 320, 640)), None)


def test_roles_share_equal_variants() -> None:
    """What two roles want alike is one file, whatever they are called."""
    assert set(variants(PHOTO, HERO, None)) > set(variants(PHOTO, Role("thumb", (320,)), (0.1, 0.1)))


def test_names_depend_on_what_changes_the_bytes_and_on_nothing_else() -> None:
    """Content, crop, size and quality are in a name; path, kind and (for PNG) quality are not."""
    names = {variant.output for variant in variants(PHOTO, CARD, None)}
    assert names == {variant.output for variant in variants(replace(PHOTO, source="y", format="PNG"), CARD, None)}
    for others in (
        variants(replace(PHOTO, digest=b"z" * 16), CARD, None),
        variants(PHOTO, CARD, (0.0, 0.0)),
        variants(PHOTO, CARD, None, quality=60),
        variants(PHOTO, Role("card", (320, 640), 2.0), None),
    ):
        assert names.isdisjoint(variant.output for variant in others)
    clear = replace(PHOTO, transparent=True)
    shared = {v.output for v in variants(clear, CARD, None)} & {
        v.output for v in variants(clear, CARD, None, quality=60)
    }
    assert {name.rsplit(".", 1)[1] for name in shared} == {"png"}


def test_small_extreme_and_huge_pictures() -> None:
    """One pixel, a panorama and a strip that is too tall for WebP each have at least one variant."""
    assert sizes(variants(replace(PHOTO, width=1, height=1), CARD, None)) == [(1, 1)]
    assert sizes(variants(replace(PHOTO, width=3000, height=10), HERO, None))[-1] == (1280, 4)
    assert sizes(variants(replace(PHOTO, width=3000, height=1), HERO, None))[0] == (320, 1)
    assert sizes(variants(replace(PHOTO, width=300, height=200), HERO, None)) == [(300, 200)]
    assert sizes(variants(replace(PHOTO, width=500, height=30_000), Role("x", (320,)), None)) == [(273, 16380)]
