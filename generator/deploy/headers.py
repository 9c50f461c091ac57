"""Headers: of what type a file is, to which class it belongs, how long it may be kept; and in which order files go."""

from __future__ import annotations

import re
from functools import lru_cache
from mimetypes import MimeTypes
from typing import Literal, NamedTuple

from generator.base.deploy_settings import Caching
from generator.base.digest import digest_record

FileClass = Literal["fixed", "pages", "feeds", "api", "files"]

_FEEDS = {
    "feed.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
    "opml.xml": "text/x-opml",
}
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".xml": "application/xml",
    ".xsl": "application/xslt+xml",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".svg": "image/svg+xml",
    ".ico": "image/vnd.microsoft.icon",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
_KNOWN = MimeTypes()  # Python's own table: a machine's must not change what readers are told
_PLAIN = frozenset({"CNAME", "LICENSE", "README", "_headers", "_redirects", ".nojekyll"})
_NAMED = _PLAIN | _FEEDS.keys()
_TEXT = re.compile(r"text/|.*[/+](?:json|xml)$|.*javascript$")
_FIXED = re.compile(
    r"(?:assets|images)/(?:.*/)?[^/]*(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])[^/]*$"
    r"|search/pagefind/(?:.*/)?[^/]+_[0-9a-f]{7,}\.pf_\w+$"
)
_SEARCH_ENTRY = "search/pagefind/pagefind-entry.json"  # leads into the search index
_LIST = re.compile(r"(?:topics|providers|archive)/|[^/]+/index\.html$|.*/page/")


class Headers(NamedTuple):
    """What a reader is told with a file."""

    content_type: str
    cache_control: str

    def short(self) -> str:
        """Return a digest to compare them by."""
        return _short(self)


@lru_cache(1024)
def _short(headers: Headers) -> str:
    return digest_record(list(headers))[:4].hex()


def headers_of(path: str, caching: Caching) -> Headers:
    """Return the headers of a file of the site."""
    return Headers(content_type(path), str(getattr(caching, class_of(path))))


def content_type(path: str) -> str:
    """Return the type of a file, with the character set of all that is text: whatever the site writes is UTF-8."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return _type_of(name if name in _NAMED else "", f".{suffix.lower()}" if stem and dot else "")


@lru_cache(1024)
def _type_of(name: str, suffix: str) -> str:
    """Return the type of a file by its name, where that is one that says it, or by its suffix."""
    kind = _FEEDS.get(name) or _TYPES.get(suffix) or _KNOWN.guess_type(f"x{suffix}")[0]
    kind = kind or ("text/plain" if name in _PLAIN else "application/octet-stream")
    return f"{kind}; charset=utf-8" if _TEXT.match(kind) else kind


def class_of(path: str) -> FileClass:
    """Return the class of a file, by which it may be kept by readers and by what stands between."""
    name = path.rpartition("/")[2]
    if _FIXED.match(path):
        return "fixed"
    if name.endswith(".html"):
        return "pages"
    if path.startswith("api/"):
        return "api"
    if name in _FEEDS or re.fullmatch(r"sitemap[\w-]*\.xml", path):
        return "feeds"
    return "files"


def rank_of(path: str, fresh: bool) -> int:
    """Return when a file goes, so that whatever is seen leads to what is there.

    What pages show; new pages, which nothing leads to yet; other pages; lists; the front page; what machines read, and
    what leads into the search index.
    """
    path = re.sub(r"\.(gz|br)$", "", path)  # a copy goes with its text
    file_class = class_of(path)
    if file_class in ("feeds", "api") or path == _SEARCH_ENTRY:
        return 5
    if file_class != "pages":
        return 0
    if path == "index.html":
        return 4
    if fresh:
        return 1
    return 3 if _LIST.match(path) else 2
