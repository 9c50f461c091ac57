"""Guard: which addresses may be asked; pure checks of URLs, redirects and resolved addresses."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from generator.network.trouble import FetchFailed

# Not on Python's own lists, or not on those of all its versions: multicast, protocol assignments, 6to4 relays, and
# an address at which one cloud answers its own machines.
_NEVER_V4 = tuple(map(IPv4Network, ("224.0.0.0/4", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_UNICAST = IPv6Network("2000::/3")  # all that is handed out to the public
_NEVER_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
# Networks whose addresses hold an IPv4 address, and how many bits stand right of it (RFC 4291, 6052, 3056).
_HOLDS_V4 = ((IPv6Network("::ffff:0:0/96"), 0), (IPv6Network("64:ff9b::/96"), 0), (IPv6Network("2002::/16"), 80))
_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    """Where an address leads: whom to connect to, and what to ask there."""

    scheme: str
    host: str  # in lower case, ASCII; an IPv6 address without brackets
    port: int
    target: str  # path and query
    authority: str  # what the `Host` field says: the host of the address, also where a map leads elsewhere


def place_of(url: str, host_map: Mapping[str, str]) -> Place:
    """Return where an address leads; `host_map` sends a host ("a.example", "a.example:8080") to another origin.

    Raises:
        FetchFailed: it is no http or https address of a host.
    """
    scheme, host, port, target = _parts(url)
    written = f"[{host}]" if ":" in host else host
    authority = written if port == _PORTS[scheme] else f"{written}:{port}"
    elsewhere = host_map.get(f"{written}:{port}") or host_map.get(written)
    if elsewhere:
        scheme, host, port, _ = _parts(elsewhere)
    return Place(scheme, host, port, target, authority)


def redirected(url: str, location: str) -> str:
    """Return the address that a redirect leads to, without its fragment.

    Raises:
        FetchFailed: there is none, or it is no web address.
    """
    try:
        # Headers are read as Latin-1; what is UTF-8 in one was meant so.
        address = urljoin(url, location.encode("latin-1").decode("utf-8", "replace").strip()).partition("#")[0]
        _parts(address)
    except ValueError:
        raise FetchFailed("moved", "a redirect leads to no web address") from None
    return address


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public network, also one that hides in an IPv6 address."""
    ip = ip_address(address)
    if isinstance(ip, IPv4Address):
        return _is_public_v4(ip)
    for network, shift in _HOLDS_V4:
        if ip in network:
            return _is_public_v4(IPv4Address(int(ip) >> shift & 0xFFFFFFFF))
    return _is_public_v6(ip)


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not any(ip in network for network in _NEVER_V4)


def _is_public_v6(ip: IPv6Address) -> bool:
    return ip in _UNICAST and ip.is_global and not any(ip in network for network in _NEVER_V6)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and target of an address; a name and password before the host are dropped."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise FetchFailed("address", "it is no web address") from None
    if scheme not in _PORTS:
        raise FetchFailed("address", "only http and https addresses are fetched")
    host = _ascii(host).removesuffix(".")
    if not host or port == 0:
        raise FetchFailed("address", "it is no web address")
    target = quote(parts.path or "/", safe="/~!$&'()*+,;=:@%") + (
        "?" + quote(parts.query, safe="/~!$&'()*+,;=:@%?") if parts.query else ""
    )
    return scheme, host, port or _PORTS[scheme], target


def _ascii(host: str) -> str:
    """Return a host in ASCII (UTS 46, as browsers do), "" where it has no such form."""
    if host.isascii():
        return host if host.isprintable() and " " not in host else ""
    import idna  # few addresses need it

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, IndexError):
        return ""
