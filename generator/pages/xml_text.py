"""Text in XML: what XML 1.0 forbids is dropped, what would be markup is escaped."""

from __future__ import annotations

import re
from html import escape

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

# Source: XML 1.0, fifth edition, production 2.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def allowed(text: str) -> str:
    """Return `text` without the characters that no XML 1.0 document can hold, not even as references."""
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def xml_text(text: str) -> str:
    """Return `text` ready to stand between two tags; a parser gives back the same characters."""
    # isprintable() is false wherever the two slower steps could find anything.
    return escape(text) if text.isprintable() else escape(allowed(text)).replace("\r", "&#13;")


def xml_attribute(text: str) -> str:
    """Return `text` ready to stand between an attribute's quotes."""
    return escape(text) if text.isprintable() else xml_text(text).replace("\n", "&#10;").replace("\t", "&#9;")


def element(tag: str, text: str) -> str:
    """Return an element that holds `text`, or nothing where the text is empty."""
    return f"<{tag}>{xml_text(text)}</{tag}>" if text else ""
