"""The settings of pictures, the table `[images]`, and what is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated

import msgspec

from generator.base.complaints import Complaint, visible
from generator.base.problems import Problem
from generator.base.toml import toml_position

FORMATS = ("webp", "avif")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_AUTHORITY = re.compile(rf"(?:{_HOST.pattern})(?::[0-9]{{1,5}})?")


class ImageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[images]`: where pictures may come from, how much they may cost, and how they are published."""

    fetch: bool = True
    fetch_budget: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 60.0  # s for all of a build's
    timeout: Annotated[float, msgspec.Meta(gt=0, le=3_600)] = 10.0  # s for one
    max_bytes: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] = 20_000_000
    max_pixels: Annotated[int, msgspec.Meta(ge=1, le=25_000_000)] = 25_000_000  # more do not fit into a worker
    formats: tuple[str, ...] = ("webp",)
    quality: Annotated[int, msgspec.Meta(ge=1, le=95)] = 80
    allow_hosts: tuple[str, ...] = ()
    host_map: dict[str, str] = {}
    no_rehost: tuple[str, ...] = ()


def image_problems(text: str, images: ImageSettings) -> Iterator[Problem]:
    """Yield what is wrong with the formats and the hosts of `[images]`."""
    complaints = {
        "formats": _formats_complaint(images),
        "allow_hosts": _hosts_complaint(images.allow_hosts),
        "no_rehost": _hosts_complaint(images.no_rehost),
    }
    for name, complaint in complaints.items():
        if complaint:
            yield Problem("site.toml", *toml_position(text, ("images", name)), f"images.{name}", *complaint)
    for host, origin in images.host_map.items():
        if complaint := _map_complaint(host, origin):
            place = toml_position(text, ("images", "host_map", host))
            yield Problem("site.toml", *place, f"images.host_map.{visible(host)}", *complaint)


def _formats_complaint(images: ImageSettings) -> Complaint:
    for name in images.formats:
        if name not in FORMATS:
            near = get_close_matches(name.lower(), FORMATS, 1)
            hint = f'did you mean "{near[0]}"?' if near else 'use "webp", "avif"; JPEG or PNG is always there, too'
            return f"{name!r} is no format that can be chosen", hint
    return ("a format is named twice", "name each once") if len(set(images.formats)) < len(images.formats) else None


def _hosts_complaint(hosts: tuple[str, ...]) -> Complaint:
    for host in hosts:
        if not _HOST.fullmatch(host):
            return f"{host!r} is no host", 'write a name or an address, without scheme and port: "127.0.0.1", "[::1]"'
    return None


def _map_complaint(host: str, origin: str) -> Complaint:
    if not _AUTHORITY.fullmatch(host):
        return "its left side is no host", 'write it as "cdn.example.com" = "http://127.0.0.1:9000"'
    if not re.fullmatch(rf"https?://{_AUTHORITY.pattern}/?", origin):
        return f"leads to {origin!r}", 'a host is mapped to an origin without a path: "http://127.0.0.1:9000"'
    return None
