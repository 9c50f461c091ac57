"""urls: web addresses as people paste them -> addresses that are safe to publish, and keys to compare them by."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote

MAX_LENGTH = 8000  # characters; signed picture addresses have up to 2,000

_HOST = r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?"
_SAFE = r"[A-Za-z0-9._~!$()*+,;=:@/-]"
_CLEAN = re.compile(
    rf"https?://(?![^/?#]*\.\.)[a-z0-9.-]+\.[a-z]{{2,20}}(?:/(?:{_SAFE}++|%[0-9A-Fa-f]{{2}})*+"
    rf"(?:\?(?:[A-Za-z0-9._~!$()*+,;=:@/?&-]++|%[0-9A-Fa-f]{{2}})*+)?(?:\#(?:[A-Za-z0-9._~!$()*+,;=:@/?&-]++|%[0-9A-Fa-f]{{2}})*+)?)?"
)
_PARTS = re.compile(r"(https?):/*([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL | re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Controls, U+2028/9, bidi and surrogates never belong to an address; browsers drop tabs and newlines, too.
_DROPPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LOOSE_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_TRACKER = re.compile(
    r"(?:utm_[^=]*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|"
    r"_hsenc|_hsmi|mkt_tok|oly_anon_id|oly_enc_id|vero_id|wickedid|guccounter|guce_referrer(?:_sig)?|amp(?:_[^=]*)?)",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AMP_CACHE = re.compile(r"https?://[a-z0-9-]+\.cdn\.ampproject\.org/(?:wp/)?[a-z]/(s/)?(.+)")


class BadUrl(ValueError):
    """An address that cannot be published; `hint` says what would be right."""

    def __init__(self, reason: str, hint: str):
        super().__init__(reason)
        self.reason, self.hint = reason, hint


def clean_url(text: str) -> str:
    """Return `text` as an http(s) address of RFC 3986 characters only; idempotent.

    Raises:
        BadUrl: another scheme, no or no valid host.
    """
    if len(text) <= MAX_LENGTH and _CLEAN.fullmatch(text):
        return text
    return _cleaned(text)


@lru_cache(maxsize=32768)
def canonical_url(url: str) -> str:
    """Return the key that two addresses of one story share, "" for what is no address.

    Scheme, `www.`, default port, fragment, trackers, order of the query, trailing slash and AMP caches are folded.
    """
    try:
        url = clean_url(url)
        if "ampproject" in url:
            url = _unwrapped(url)
    except BadUrl:
        return ""
    scheme, _, rest = url.partition("#")[0].partition("://")
    rest, _, query = rest.partition("?")
    host, slash, path = rest.removeprefix("www.").partition("/")
    if ":" in host:
        host = host.removesuffix(":443" if scheme == "https" else ":80")
    return host + (slash + _same_case(path)).rstrip("/") + (_sorted(query) if query else "")


@lru_cache(maxsize=16384)
def valid_domain(text: str) -> str:
    """Return the domain in lower case and punycode, "" where `text` is no domain name (RFC 1123, with a dot)."""
    host = _ascii_host(text.strip().lower().removesuffix("."))
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        return ""
    return host


def host_of(url: str) -> str:
    """Return the domain of a clean address without `www.`, "" where it is no domain name."""
    return valid_domain(
        url.partition("://")[2].partition("/")[0].partition("?")[0].partition(":")[0].removeprefix("www.")
    )


def _cleaned(text: str) -> str:
    text = _DROPPED.sub("", text).strip(" ")
    if len(text) > MAX_LENGTH:
        raise BadUrl(f"the address has {len(text):,} characters", f"at most {MAX_LENGTH:,}")
    text = "https:" + text if text.startswith("//") else text
    found = _PARTS.fullmatch(text)
    if found is None:
        raise _refusal(text)
    authority, slash, path = (found[2] + found[3]).replace("\\", "/").partition("/")
    path = slash + path
    query, fragment = found[4] or "", found[5] or ""
    cleaned = f"{found[1].lower()}://{_host(authority)}{_quoted(path, '')}"
    cleaned += _quoted(query, "?&") + ("#" + _quoted(fragment[1:], "?&") if fragment else "")
    if len(cleaned) > MAX_LENGTH:
        raise BadUrl(f"the address has {len(cleaned):,} characters", f"at most {MAX_LENGTH:,}")
    return cleaned


def _refusal(text: str) -> BadUrl:
    scheme = _SCHEME.match(text)
    if scheme and not text[scheme.end() :].isdigit():
        return BadUrl(f"the scheme {scheme[1][:20].lower()}: is refused", "write an http or https address")
    return BadUrl("not a web address" if text else "the address is empty", "write it with https://")


def _host(authority: str) -> str:
    """Return the checked host with its port; a name and password before `@` are nobody's business and dropped."""
    host, port = authority.rpartition("@")[2].strip(), ""
    if not host.endswith("]"):
        host, colon, port = host.rpartition(":")
        host = host if colon else port
        port = port if colon else ""
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise BadUrl("the port is no number from 1 to 65535", "leave it out")
    name = _ascii_host(host.lower().removesuffix("."))
    if not _is_host(name):
        raise BadUrl("the address has no valid host", "write it like https://example.com/story")
    return f"{name}:{int(port)}" if port else name


def _is_host(name: str) -> bool:
    if name.startswith("["):
        try:
            return name.endswith("]") and bool(ipaddress.IPv6Address(name[1:-1])) and "%" not in name
        except ValueError:
            return False
    return len(name) <= 253 and all(map(_LOOSE_LABEL.fullmatch, name.split(".")))


@lru_cache(maxsize=4096)
def _ascii_host(host: str) -> str:
    """Return an international host in punycode (UTS 46, as browsers do), "" where it has none."""
    if host.isascii():
        return host
    import idna  # 4 ms that most runs need not pay

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, IndexError):
        return ""


def _quoted(part: str, allowed: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", part), safe="/~!$()*+,;=:@%" + allowed)


def _unwrapped(url: str) -> str:
    for _ in range(3):
        wrapped = _AMP_CACHE.fullmatch(url)
        if wrapped is None:
            break
        url = clean_url(("https://" if wrapped[1] else "http://") + wrapped[2])
    return url


def _sorted(query: str) -> str:
    kept = [part for part in _same_case(query).split("&") if part and not _is_tracker(part.partition("=")[0])]
    return "?" + "&".join(sorted(kept)) if kept else ""


@lru_cache(maxsize=1024)
def _is_tracker(name: str) -> bool:
    return _TRACKER.fullmatch(name) is not None


def _same_case(part: str) -> str:
    return _ENCODED.sub(_decoded, part) if "%" in part else part


def _decoded(encoded: re.Match[str]) -> str:
    character = chr(int(encoded[0][1:], 16))
    return character if character in _UNRESERVED else encoded[0].upper()
