"""Addresses: slugs, the file of an address, and when two addresses are one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from string import ascii_letters, digits
from urllib.parse import quote

from generator.base.digest import digest_bytes, short_name

RESERVED_ROOTS = frozenset(
    {"api", "archive", "assets", "follow", "images", "page", "providers", "ranking", "search", "topics", "trends"}
)
LONGEST_SLUG = 120  # bytes in UTF-8; a file's name has 255 at most
_DEVICES = frozenset({"con", "prn", "aux", "nul"} | {f"{name}{n}" for name in ("com", "lpt") for n in "0123456789¹²³"})
_TAKEN = _DEVICES | {"", ".", "..", "page", "index"}


def slugify(name: str) -> str:
    """Return `name` as NFKC, lower case, letters and digits of any script joined by `-`; `+` and `#` are spelled.

    A slug is the name of a folder: one that no file system would take is cut, and ends with a digest of the whole.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    text = text.replace("+", " plus ").replace("#", " sharp ")
    # Marks belong to the letters that they stand on: without them Hindi or Thai would fall apart.
    slug = "-".join("".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text).split())
    whole = slug.encode()
    if len(whole) <= LONGEST_SLUG:
        return slug
    return f"{whole[:100].decode(errors='ignore').rstrip('-')}-{short_name(digest_bytes(whole))}"


def topic_slug(name: str) -> str:
    """Return the slug of a topic's `_id` or name; names that an address cannot have get the suffix `-topic`.

    >>> [topic_slug(name) for name in ("C", "C++", "C#", "東京", "page", "…")]
    ['c', 'c-plus-plus', 'c-sharp', '東京', 'page-topic', '-topic']
    """
    slug = slugify(name)
    return f"{slug}-topic" if slug in _TAKEN or slug.split(".")[0] in _DEVICES else slug


def quote_path(path: str) -> str:
    """Return a site path ready for a URL: every character that RFC 3986 does not allow in a path is encoded."""
    return _quoted(path) if path.strip(_PLAIN) else path


@lru_cache(maxsize=65536)
def _quoted(path: str) -> str:
    return quote(path, safe=_SAFE)


_SAFE = "/~!$&'()*+,;=:@"
_PLAIN = f"{ascii_letters}{digits}_.-{_SAFE}"


def address(path: str) -> str:
    """Return the output file of a site path: "news/x/" is served from "news/x/index.html"."""
    return path + "index.html" if path.endswith("/") or not path else path


def portable(path: str) -> str:
    """Return what two paths share if some file system or host takes them for one (Source: Unicode, D145)."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())
