"""Complaints about settings that a type cannot say: None, or what is wrong and what would be right."""

from __future__ import annotations

import re
from difflib import get_close_matches
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from generator.base.paths import RESERVED_ROOTS, quote_path, slugify

Complaint = tuple[str, str] | None

_UNSAFE = re.compile(r"[\s\"'<>\\\x00-\x1f]")
# Control characters, and those that turn the direction of what follows.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def text_complaint(text: str) -> Complaint:
    """Text that stands on every page holds no control characters and none that turn the direction."""
    found = _INVISIBLE.search(text)
    return (f"holds the character U+{ord(found[0]):04X}", "take it out") if found else None


def visible(text: str) -> str:
    """Return a text without the characters that a message must not hold."""
    return _INVISIBLE.sub("", text)


def base_url_complaint(url: str) -> Complaint:
    """A site has an address that stands in every link as it is."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or _UNSAFE.search(url) or parts.query or parts.fragment or parts.username:
        return f"{url!r} is no address of a site", 'write it as "https://example.org/" or "https://example.org/news/"'
    if not url.isascii():
        return f"{url!r} has letters that an address must encode", _encoded_hint(url)
    return None


def _encoded_hint(url: str) -> str:
    import idna  # 4 ms that nearly no site need pay

    parts = urlsplit(url)
    try:
        host = idna.encode(parts.hostname or "", uts46=True).decode()
    except idna.IDNAError:
        return "write the host in punycode, and the path percent-encoded"
    port = f":{parts.port}" if parts.port else ""
    return f'write it as "{parts.scheme}://{host}{port}{quote_path(unquote(parts.path))}"'


def nav_complaint(title: str, target: str) -> Complaint:
    """The navigation leads into this site or to a web address."""
    if found := _INVISIBLE.search(title):
        return f"its title holds the character U+{ord(found[0]):04X}", "take it out"
    if not re.match(r"/(?!/)|https?://", target) or _UNSAFE.search(target):
        return f"leads to {target!r}", 'an address starts with "/" (in this site) or with "https://"'
    return None


def timezone_complaint(name: str) -> Complaint:
    """A time zone is one that this machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"did you mean {near[0]!r}?" if near else 'use a name such as "Europe/Zurich"'
        return f"{name!r} is no time zone", hint
    return None


def language_complaint(tag: str) -> Complaint:
    """A language is named by a tag (BCP 47)."""
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", tag):
        return f"{tag!r} is no language tag", 'use a tag such as "en" or "pt-BR"'
    return None


def feed_link_complaint(target: str) -> Complaint:
    """A feed's entries lead to the source or to our page."""
    if target not in ("source", "page"):
        return f"{target!r} is not known", 'use "source" or "page"'
    return None


def feed_hub_complaint(url: str) -> Complaint:
    """A hub has an address, and what stands in it is for all to read."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isascii()
    except ValueError:
        good = False
    if not good or _UNSAFE.search(url) or parts.fragment or parts.username is not None:
        return f"{_without_user(url)!r} is no address of a hub", 'write it as "https://hub.example.org/"'
    return None


def _without_user(url: str) -> str:
    """Return an address that a message may show."""
    return re.sub(r"//[^/]*@", "//", url)


def feed_authority_complaint(authority: str) -> Complaint:
    """An authority is a domain or an address, with a date or without (RFC 4151); none is the site's own."""
    if authority and not re.fullmatch(r"[\w.@-]+(,\d{4}(-\d\d){0,2})?", authority):
        return f"{authority!r} is no authority of a tag: URI", 'use a domain that is yours: "example.org"'
    return None


def sections_complaint(sections: tuple[str, ...]) -> Complaint:
    """A section's name is its address."""
    for section in sections:
        if slugify(section) != section or section in RESERVED_ROOTS:
            hint = f"use lower-case letters, digits and `-`, and not {', '.join(sorted(RESERVED_ROOTS))}"
            return f"{section!r} cannot be a section's address", hint
    return ("a section is named twice", "name each once") if len(set(sections)) < len(sections) else None


def folder_complaint(path: str) -> Complaint:
    """A folder of the site is not the site's own."""
    if "\0" in path or path.strip() in (".", "/"):
        return f"{path!r} cannot be this folder", "name a folder of its own, relative to site.toml"
    return None
