"""Reply: an answer of the host -> status, headers and bytes of an HTTP response; conditions and ranges included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from html import escape
from typing import NamedTuple

from generator.preview.host import Answer, Missing, Moved, Served, seen
from generator.preview.inject import inject
from generator.preview.media import is_page, media_type

_NOT_HERE = frozenset({"strict-transport-security", "clear-site-data", "etag", "last-modified"})
_EMPTY = (
    "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>{0}</title></head><body><p>{0}</p></body></html>"
)


class Reply(NamedTuple):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


def reply(answer: Answer, asked: Mapping[str, str]) -> Reply:
    """Return the response to a request with the headers `asked`, names in lower case.

    Source: RFC 9110, 13 (conditions) and 14 (ranges).
    """
    if isinstance(answer, Moved):
        return Reply(answer.status, {"location": answer.location, "cache-control": "no-store"}, b"")
    status, kind, body = _content(answer)
    headers = {"content-type": kind, "cache-control": "no-cache", "cross-origin-resource-policy": "same-origin"}
    if isinstance(answer, Served):
        headers |= _allowed(answer)
    tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    headers |= {"etag": tag, "accept-ranges": "bytes"}
    if status != 200:
        return Reply(status, headers, body)
    if _is_known(asked.get("if-none-match", ""), tag):
        del headers["content-type"]
        return Reply(304, headers, b"")
    return _part(asked, tag, Reply(200, headers, body))


def _content(answer: Served | Missing) -> tuple[int, str, bytes]:
    """Return status, type and bytes; a page is given the script of preview."""
    if isinstance(answer, Missing):
        return 404, media_type(".html"), inject(_EMPTY.format(escape(answer.message)).encode(), seen(answer))
    page, output = answer.page, answer.output
    if page.problem and not page.data:
        text = str(page.problem)
        if is_page(output):
            return 500, media_type(".html"), inject(_EMPTY.format(escape(text)).encode(), seen(answer))
        return 500, media_type(".txt"), text.encode()
    body = inject(page.data, seen(answer)) if is_page(output) else page.data
    return answer.status, media_type(output), body


def _allowed(answer: Served) -> dict[str, str]:
    """Return what `_headers` says, but for what would harm here.

    Strict-Transport-Security would lock all servers of this machine's name out of plain HTTP. With
    Access-Control-Allow-Origin any site that is open in the browser could read the drafts. A page is always asked for
    anew, whatever it says of caching.
    """
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in _NOT_HERE and not name.startswith("access-control-")
    }
    if is_page(answer.output):
        headers.pop("cache-control", None)
    if policy := headers.get("content-security-policy"):  # plain HTTP has nothing to be upgraded to
        headers["content-security-policy"] = re.sub(r"\s*upgrade-insecure-requests\s*(;|$)", "", policy)
    return headers


def _is_known(condition: str, tag: str) -> bool:
    tags = (part.strip().removeprefix("W/") for part in condition.split(","))
    return condition.strip() == "*" or tag in tags


def _part(asked: Mapping[str, str], tag: str, whole: Reply) -> Reply:
    """Return the one range that is asked for; the whole where none is, or several, or one of another version."""
    match = re.fullmatch(r"bytes=\s*(\d*)-(\d*)\s*", asked.get("range", ""))
    if not match or match.groups() == ("", "") or asked.get("if-range", tag) != tag:
        return whole
    size = len(whole.body)
    if match[1]:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size, size - 1)
        if match[2] and int(match[2]) < first:
            return whole
    else:
        first, last = max(size - int(match[2]), 0), size - 1
    if first > last:
        return Reply(416, whole.headers | {"content-range": f"bytes */{size}"}, b"")
    headers = whole.headers | {"content-range": f"bytes {first}-{last}/{size}"}
    return Reply(206, headers, whole.body[first : last + 1])
