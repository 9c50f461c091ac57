"""Parts: what a page loads under names that stay when the bytes change, so that the page alone does not tell."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from generator.preview.host import Host, Served
from generator.preview.styles import style_addresses

_SOURCE = re.compile(
    rb"<(?:script|img)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*?\bsrc\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE
)
_NAMED_BY_BYTES = ("assets/", "images/")  # a build names these by what is in them


def parts_of(host: Host, page: bytes, path: str) -> frozenset[tuple[str, str]]:
    """Return (address, digest) of the style sheets, scripts and pictures of a page that a site names itself."""
    sources = [match[1].strip(b"\"'").decode("utf-8", "replace") for match in _SOURCE.finditer(page)]
    found = set()
    for written in {*style_addresses(page), *map(unescape, sources)}:
        place = _place(path, written)
        answer = host.answer(place) if place and not host.inside(place).startswith(_NAMED_BY_BYTES) else None
        if isinstance(answer, Served) and answer.status == 200:
            found.add((place, answer.page.digest))
    return frozenset(found)


def _place(path: str, written: str) -> str:
    """Return the path that an address in a page at `path` means, "" where it leaves the site."""
    try:
        parts = urlsplit(written)
        return "" if parts.scheme or parts.netloc else urljoin(path, parts.path)
    except ValueError:
        return ""
