"""Pictures: which a site shows, in which sizes, and how templates see each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal

from generator.base.config import base_path
from generator.base.imaging import Image, Role, Variant
from generator.base.paths import quote_path
from generator.base.records import Picture
from generator.images.variants import variants
from generator.library.relate import Library, body_pictures
from generator.theme.load import Theme
from generator.theme.parts import PictureView, Sized, Source

PictureUse = Literal["story", "body", "logo"]  # what a picture is to the site; roles `body…` and `logo…` are for theirs
Focus = tuple[float, float] | None
MEDIA_TYPES = {"webp": "image/webp", "jpeg": "image/jpeg", "png": "image/png", "avif": "image/avif"}


class Pictures:
    """Answers in which sizes a picture is published and how it is shown; `fetched` are remote ones by address."""

    def __init__(self, library: Library, theme: Theme, fetched: Mapping[str, Image]):
        self._library = library
        self._gallery = library.gallery.with_fetched(fetched)
        self._settings = library.settings
        self._theme = theme
        self._base = base_path(library.settings)
        self._views: dict[tuple[Picture, Focus, PictureUse], PictureView | None] = {}

    def view(self, picture: Picture | None, focus: Focus = None, use: PictureUse = "story") -> PictureView | None:
        """Return a picture in all roles of its use; a box of its declared shape where we have no file."""
        if picture is None:
            return None
        key = (picture, focus, use)
        if key not in self._views:
            self._views[key] = self._make(picture, focus, use)
        return self._views[key]

    def logo(self, pictures: tuple[Picture, ...]) -> PictureView | None:
        """Return the best logo that is there."""
        best = self._gallery.best(pictures)
        return self.view(best[0], use="logo") if best else None

    def has(self, picture: Picture | None) -> bool:
        """Tell whether the picture's file is there."""
        return self._gallery.find(picture) is not None

    def uses(self) -> list[tuple[Image, tuple[Variant, ...]]]:
        """Return every picture file that the site shows, sorted by path, with all variants of it; equal files once."""
        images: dict[bytes, Image] = {}
        uses: dict[bytes, set[Variant]] = defaultdict(set)
        for picture, focus, use in self._shown():
            if image := self._gallery.find(picture):
                other = images.setdefault(image.digest, image)
                images[image.digest] = min(other, image, key=lambda one: one.source)
                for role in self._roles(use):
                    uses[image.digest].update(self._variants(image, role, focus))
        found = sorted(images.values(), key=lambda image: image.source)
        return [(image, tuple(sorted(uses[image.digest], key=lambda v: v.output))) for image in found]

    def _shown(self) -> Iterator[tuple[Picture, Focus, PictureUse]]:
        library = self._library
        for card in library.shown:
            if card.picture:
                yield card.picture, card.focus, "story"
            for picture in card.body_pictures:
                yield picture, None, "body"
        for page in library.readings.pages:
            for picture in body_pictures(page.body):
                yield picture, None, "body"
        for provider in library.providers.values():
            if best := self._gallery.best(provider.pictures):
                yield best[0], None, "logo"
        if self._settings.logo:
            yield Picture(self._settings.logo), None, "logo"

    def _make(self, picture: Picture, focus: Focus, use: PictureUse) -> PictureView | None:
        image = self._gallery.find(picture)
        if image is None:
            width, height = picture.width or 16, picture.height or 9
            return PictureView({}, max(1, width), max(1, height), picture.title, picture.attribution)
        roles = {role.name: self._sized(image, role, focus) for role in self._roles(use)}
        return PictureView(roles, image.width, image.height, picture.title, picture.attribution)

    def _sized(self, image: Image, role: Role, focus: Focus) -> Sized:
        by_format: dict[str, list[Variant]] = {}
        for variant in self._variants(image, role, focus):
            by_format.setdefault(variant.format, []).append(variant)
        *better, fallback = by_format
        largest = by_format[fallback][-1]
        return Sized(
            url=self._url(largest.output),
            width=largest.width,
            height=largest.height,
            srcset=self._srcset(by_format[fallback]),
            sources=tuple(Source(MEDIA_TYPES[name], self._srcset(by_format[name])) for name in better),
            sizes=role.sizes,
        )

    def _srcset(self, sizes: list[Variant]) -> str:
        return ", ".join(f"{self._url(variant.output)} {variant.width}w" for variant in sizes)

    def _variants(self, image: Image, role: Role, focus: Focus) -> tuple[Variant, ...]:
        wanted = self._settings.images
        return variants(image, role, focus, wanted.formats, wanted.quality)

    def _roles(self, use: PictureUse) -> list[Role]:
        """Return the theme's roles for a use; without any for commentaries, these are shown as stories are."""
        found = [role for name, role in self._theme.roles.items() if _use_of(name) == use]
        return self._roles("story") if use == "body" and not found else found

    def _url(self, output: str) -> str:
        return self._base + quote_path(output)


def _use_of(role: str) -> PictureUse:
    family = role.partition("-")[0]
    return "body" if family == "body" else "logo" if family == "logo" else "story"
