"""Pictures: which file of the site a picture's address means, and which are missing."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from generator.base.imaging import Image
from generator.base.problems import IN_BODY, Problem, Trail, field_problem, text_problem
from generator.base.records import Picture


class Gallery:
    """The picture files of a site by their path inside the content ("images/a.jpg"); broken ones with what is wrong."""

    def __init__(self, images: dict[str, Image], broken: dict[str, str]):
        self.images = images
        self.broken = broken
        self.fetched: Mapping[str, Image] = {}  # remote ones that are here, by address
        self._found: dict[str, str] = {}

    def with_fetched(self, fetched: Mapping[str, Image]) -> Gallery:
        """Return a gallery that has these remote pictures, too."""
        gallery = Gallery(self.images, self.broken)
        gallery.fetched, gallery._found = fetched, self._found
        return gallery

    def find(self, picture: Picture | None) -> Image | None:
        """Return the file that a picture's address means; None for one that is missing, broken or not fetched."""
        if picture is None:
            return None
        name = self.name_of(picture.url)
        return self.images.get(name) if name else self.fetched.get(picture.url)

    def is_remote(self, url: str) -> bool:
        """Tell whether an address means a file of somebody else's."""
        return not self.name_of(url)

    def best(self, pictures: tuple[Picture, ...]) -> tuple[Picture, Image] | None:
        """Return the widest of the pictures that are there."""
        there = [(picture, image) for picture in pictures if (image := self.find(picture))]
        return max(there, key=lambda pair: (pair[1].width, pair[0].url), default=None)

    def name_of(self, url: str) -> str:
        """Return the path inside the content that an address means, "" for a remote picture.

        An absolute address whose path ends in an `/assets/…` file that the site has is that file.
        """
        if url not in self._found:
            self._found[url] = self._name_of(url)
        return self._found[url]

    def _name_of(self, url: str) -> str:
        if "://" not in url and not url.startswith("//"):
            return posixpath.normpath(unquote(url.split("?")[0].split("#")[0])).lstrip("/.")
        if "/assets/" not in url:
            return ""
        path = unquote(urlsplit(url).path)
        at = path.find("/assets/")
        while at >= 0:
            name = path[at + 1 :]
            if name in self.images or name in self.broken:
                return name
            at = path.find("/assets/", at + 1)
        return ""

    def problems(self, uses: list[tuple[str, Trail, str]]) -> list[Problem]:
        """Return a warning for each missing or broken file that is used: (path of the user, trail, address)."""
        users: dict[str, list[tuple[str, Trail]]] = defaultdict(list)
        for path, trail, url in uses:
            name = self.name_of(url)
            if name and name not in self.images:
                users[name].append((path, trail))
        return [self._problem(name, sorted(users[name])) for name in sorted(users)]

    def _problem(self, name: str, users: list[tuple[str, Trail]]) -> Problem:
        (path, trail), files = users[0], list(dict.fromkeys(path for path, _ in users))
        what = f"the picture {name} " + (
            f"cannot be used: {self.broken[name]}" if name in self.broken else "is missing"
        )
        others = (
            f" (used by {len(files)} files: {', '.join(files[:3])}{', …' if len(files) > 3 else ''})"
            if files[1:]
            else ""
        )
        hint = "replace the file" if name in self.broken else "add the file, or correct its name"
        if trail[:1] == (IN_BODY,):
            return text_problem(path, str(trail[1]), what + others, hint, "warning")
        return field_problem(path, trail, what + others, hint, "warning")
