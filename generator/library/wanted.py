"""Wanted: the remote pictures that a site shows, the most important first, without those that must not be copied."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.base.imaging import Wanted
from generator.base.problems import IN_BODY, Trail
from generator.base.records import Picture
from generator.library.relate import Library, body_pictures

FIRST = 30  # by rank: what the front page shows goes before what is only new


def wanted_pictures(library: Library) -> tuple[Wanted, ...]:
    """Return every remote picture that a page shows, each use of it: time may run out before all have come."""
    refused = _refused_addresses(library)
    hosts = tuple(library.settings.images.no_rehost)
    return tuple(
        Wanted(picture.url, path, trail)
        for path, trail, picture in _uses(library)
        if library.gallery.is_remote(picture.url) and picture.url not in refused and not _is_of(picture.url, hosts)
    )


def logo_of(pictures: tuple[Picture, ...]) -> tuple[int, Picture] | None:
    """Return the logo that is asked for, and its place in the list: the widest by what the file says."""
    return max(enumerate(pictures), key=lambda pair: (pair[1].width or 0, -pair[0]), default=None)


def _uses(library: Library) -> Iterator[tuple[str, Trail, Picture]]:
    """Yield (path of the file that names it, trail, picture)."""
    if library.settings.logo:
        yield "site.toml", ("logo",), Picture(library.settings.logo)
    for card in (*library.ranked[:FIRST], *library.shown):
        if card.picture:
            yield card.path, ("images", 0, "url"), card.picture
    for card in library.shown:
        yield from ((card.path, (IN_BODY, picture.url), picture) for picture in card.body_pictures)
    for page in library.readings.pages:
        yield from ((page.path, (IN_BODY, picture.url), picture) for picture in body_pictures(page.body))
    files = {data.domain: data.path for data in library.readings.providers}
    for domain, provider in library.providers.items():
        if (logo := logo_of(provider.pictures)) and library.gallery.best(provider.pictures) is None:
            trail = ("images", logo[0], "url")
            if provider.named_by:
                yield provider.named_by, ("provider", *trail), logo[1]
            else:
                yield files[domain], trail, logo[1]


def _refused_addresses(library: Library) -> frozenset[str]:
    """Return the pictures of outlets whose data file says `rehost: false`; whoever else names one has none of it."""
    refused = {data.domain for data in library.readings.providers if not data.rehost}
    pictures = [card.picture for card in library.shown if card.outlet.domain in refused and card.picture]
    logos = (picture for domain in refused & library.providers.keys() for picture in library.providers[domain].pictures)
    return frozenset(picture.url for picture in (*pictures, *logos))


def _is_of(url: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether an address is of one of the hosts, or of a host below one."""
    if not hosts:
        return False
    host = f".{urlsplit(url).hostname or ''}"
    return any(host.endswith(f".{name.lower()}") for name in hosts)
