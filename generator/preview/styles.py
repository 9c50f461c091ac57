"""Styles: whether two versions of a page differ in the addresses of their style sheets alone."""

from __future__ import annotations

import re
from html import unescape

_LINK = re.compile(rb"<link\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_STYLE = re.compile(
    rb"\brel\s*=\s*(\"[^\"]*\bstylesheet\b[^\"]*\"|'[^']*\bstylesheet\b[^']*'|stylesheet\b)", re.IGNORECASE
)
_HREF = re.compile(rb"(\bhref\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)


def changed_styles(old: bytes, new: bytes) -> list[tuple[str, str]] | None:
    """Return (earlier, present) addresses of the style sheets that changed; None where anything else did."""
    old_rest, old_styles = _apart(old)
    new_rest, new_styles = _apart(new)
    if old_rest != new_rest or len(old_styles) != len(new_styles):
        return None
    changed = [(before, after) for before, after in zip(old_styles, new_styles, strict=True) if before != after]
    return changed or None


def style_addresses(page: bytes) -> list[str]:
    """Return the addresses of a page's style sheets."""
    return _apart(page)[1]


def _apart(page: bytes) -> tuple[list[bytes], list[str]]:
    """Return what stands around the addresses of style sheets, and the addresses."""
    rest: list[bytes] = []
    styles: list[str] = []
    at = 0
    for link in _LINK.finditer(page):
        href = _HREF.search(link[0])
        if _STYLE.search(link[0]) and href:
            start, end = link.start() + href.start(2), link.start() + href.end(2)
            rest.append(page[at:start])
            styles.append(unescape(page[start:end].strip(b"\"'").decode("utf-8", "replace")))
            at = end
    return [*rest, page[at:]], styles
