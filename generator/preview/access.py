"""Access: who may ask the preview, and who may make it open a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

_PORT = re.compile(r":\d*$")


class Door:
    """Lets requests in by the name that they ask for.

    A site of somebody else can lead its own name to this machine (DNS rebinding) and would then read the drafts: such a
    request asks for a name that is not ours. One that asks for an address cannot come about so.

    Args:
        host: that is listened on: an address, or a name of this machine.
        names: other names of this machine.
    """

    def __init__(self, host: str, names: tuple[str, ...] = ()):
        self._open = not is_loopback(host)
        self._names = {"localhost", *((_name(name) for name in (host, *names)) if self._open else ())}

    def admits(self, host: str) -> bool:
        """Tell whether a `Host` header names us."""
        name = _name(_PORT.sub("", host.strip()))
        if name in self._names or name.endswith(".localhost"):
            return True
        return is_loopback(name) or (self._open and _is_address(name))


def is_loopback(host: str) -> bool:
    """Tell whether an address or a name means this machine alone."""
    try:
        found = ip_address(_name(host))
    except ValueError:
        return _name(host) == "localhost"
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def is_own_page(headers: Mapping[str, str]) -> bool:
    """Tell whether a request that does something was made by a page of ours: its origin is the host that it asks."""
    site = headers.get("sec-fetch-site", "same-origin")
    return site == "same-origin" and headers.get("origin") == f"http://{headers.get('host')}"


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser says that a request was made by a page of somebody else."""
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]").rstrip(".")
