"""The measures of the comparisons: photographs that are always the same, and a likeness that sees what eyes see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType

import PIL.Image
import pytest
from PIL import ImageFilter
from site_kit import REPOSITORY


@pytest.fixture(scope="module")
def measures() -> Iterator[tuple[ModuleType, ModuleType]]:
    """Give the modules `photos` and `likeness`, which are in no package: the comparisons are scripts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY / "benchmarks"))
        yield import_module("photos"), import_module("likeness")


def test_photographs_are_always_the_same(measures: tuple[ModuleType, ModuleType]) -> None:
    """A number is a photograph, in whatever order they are made, and it has the size of one."""
    photos, _ = measures
    first, second = photos.photo(1), photos.photo(2)
    assert (photos.photo(2), photos.photo(1)) == (second, first)
    assert first != second
    assert all(250_000 < len(data) < 550_000 for data in (first, second))
    with PIL.Image.open(BytesIO(first)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1600, 1067))


def test_likeness_falls_with_what_is_lost(measures: tuple[ModuleType, ModuleType]) -> None:
    """A picture is wholly like itself, less like its JPEG the lower the quality, and hardly like another one."""
    photos, likeness = measures
    with PIL.Image.open(BytesIO(photos.photo(1))) as photo, PIL.Image.open(BytesIO(photos.photo(2))) as other:
        best = likeness.reference(photo, (320, 213))
        stranger = likeness.reference(other, (320, 213))

    def saved(quality: int) -> PIL.Image.Image:
        best.save(out := BytesIO(), "JPEG", quality=quality)
        return PIL.Image.open(out)

    blurred = best.filter(ImageFilter.GaussianBlur(3))
    values = [likeness.likeness(best, one) for one in (best, saved(90), saved(70), blurred, stranger)]
    assert values[0] == pytest.approx(1)
    assert values == sorted(values, reverse=True)
    assert values[1] > 0.97
    assert values[-1] < 0.3
    with pytest.raises(ValueError, match="sizes differ"):
        likeness.likeness(best, photo)


def test_no_count_of_work_has_grown(tmp_path: Path) -> None:
    """Builds read, render, hash, write, import and start no more than what is kept in `work.json`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY / "benchmarks"))
        work = import_module("work")
    counts, kept = work.count_all(tmp_path), json.loads((REPOSITORY / "benchmarks" / "work.json").read_text())
    assert work.grown(counts, kept) == []
    assert {each["started"] for each in counts.values()} == {0}
    assert counts["one title changed"]["read"] == 1
    kept["one title changed"]["rendered"] -= 1
    assert work.grown(counts, kept)[0].startswith("one title changed: `rendered` has grown from ")
