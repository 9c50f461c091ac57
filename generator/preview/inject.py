"""Inject: a page as a build writes it -> the page with the script of preview in it."""

from __future__ import annotations

import re
from html import escape

SCRIPT = "/_broadsheet/preview.js"
# What can hold a text that only looks like a tag; a comment or an element that is never closed goes to the end.
_PASSED = rb"<!--.*?(?:-->|\Z)|<(script|style|title|textarea|noscript|template|svg|math)\b[^>]*>.*?(?:</\1\s*>|\Z)"
_HEAD = re.compile(rb"(?P<end></head\s*>)|<body\b|" + _PASSED.replace(rb"\1", rb"\2"), re.IGNORECASE | re.DOTALL)
_BODY = re.compile(rb"(?P<end></body\s*>)|" + _PASSED.replace(rb"\1", rb"\2"), re.IGNORECASE | re.DOTALL)


def inject(page: bytes, digest: str) -> bytes:
    """Return a page with one script before `</head>`, else before the last `</body>`, else at the end.

    Nothing stands inline, so that a page's Content-Security-Policy holds.
    """
    script = f'<script src="{SCRIPT}" data-digest="{escape(digest)}" defer></script>'.encode()
    at = _end_of_head(page)
    if at is None:
        at = _end_of_body(page)
    return page[:at] + script + page[at:]


def _end_of_head(page: bytes) -> int | None:
    for match in _HEAD.finditer(page):
        if match["end"]:
            return match.start()
        if match[0].lower() == b"<body":
            break
    return None


def _end_of_body(page: bytes) -> int:
    ends = [match.start() for match in _BODY.finditer(page) if match["end"]]
    return ends[-1] if ends else len(page)
