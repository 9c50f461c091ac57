"""Patterns: which addresses a rule of `_headers` or `_redirects` speaks of."""

from __future__ import annotations

import re
from urllib.parse import unquote

Pattern = re.Pattern[str]
_PART = re.compile(r"(\*|:[A-Za-z]\w*)")


def address_pattern(text: str, *, slash_is_free: bool) -> Pattern | None:
    """Compile an address with `*` (anything, named `splat`) and `:name` (one folder's name); None where it is no such.

    It is to be matched in full against a decoded path.

    Args:
        slash_is_free: whether a last slash makes no difference, as in `_redirects`.
    """
    if not text.startswith("/"):
        return None
    if slash_is_free and text.endswith("/*"):
        ending, text = r"(?:/(?P<splat>.*))?", text[:-2]
    elif slash_is_free:
        ending, text = "/?", text.rstrip("/")
    else:
        ending = ""
    parts = _PART.split(text)
    names = [part[1:] or "splat" for part in parts[1::2]] + ["splat"] * ("splat" in ending)
    if len(set(names)) < len(names):
        return None
    return re.compile("".join(_one(part) for part in parts) + ending, re.DOTALL)


def _one(part: str) -> str:
    if part == "*":
        return "(?P<splat>.*)"
    return f"(?P<{part[1:]}>[^/]+)" if _PART.fullmatch(part) else re.escape(unquote(part))
