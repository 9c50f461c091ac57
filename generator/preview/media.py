"""Media types: what a file is, by the end of its name, the same on every machine."""

from __future__ import annotations

from mimetypes import MimeTypes

_TYPES = {
    "atom": "application/atom+xml",
    "avif": "image/avif",
    "css": "text/css",
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "map": "application/json",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "mp4": "video/mp4",
    "opml": "text/x-opml",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "rss": "application/rss+xml",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "wasm": "application/wasm",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "xsl": "text/xsl",  # what all browsers take for a style sheet of XML
    "xslt": "text/xsl",
}
_OTHERS = MimeTypes(filenames=())  # Python's own table, without those of this machine
_TEXTS = ("text/", "application/json", "application/manifest+json", "application/geo+json", "application/ld+json")


def media_type(output: str) -> str:
    """Return the type of an output, with its charset where it is text."""
    suffix = output.rpartition("/")[2].rpartition(".")[2].lower()
    kind = _TYPES.get(suffix) or _OTHERS.guess_type(output)[0] or "application/octet-stream"
    is_text = kind.startswith(_TEXTS) or kind.endswith(("xml", "javascript"))
    return f"{kind}; charset=utf-8" if is_text else kind


def is_page(output: str) -> bool:
    """Tell whether an output is HTML."""
    return output.lower().endswith((".html", ".htm"))
