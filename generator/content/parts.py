"""parts: pictures, outlets, reports and embeds, the maps inside an article's front matter."""

from __future__ import annotations

import marshal
import re
from functools import lru_cache

from generator.base.records import Embed, Outlet, Picture, Report
from generator.content.fields import Fields
from generator.content.text import plain
from generator.content.urls import BadUrl, canonical_url, clean_url, host_of, valid_domain

MOST_SAID = 2000  # bytes of an outlet's map that is kept in memory
_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_EMPTY_EXCERPT = frozenset({"na", "n/a", "none", "null", "-", "…", "..."})
# The address must be the whole value or a src: a path that only contains one is somebody else's page.
_EMBED = re.compile(
    r"""(?:\A\s*|\bsrc\s*=\s*["']?\s*)(?:https?:)?//(?:"""
    r"(?:(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed/|watch\?v=)|youtu\.be/)(?P<youtube>[A-Za-z0-9_-]{11})"
    r"|(?:player\.vimeo\.com/video/|(?:www\.)?vimeo\.com/)(?P<vimeo>[0-9]{1,12})"
    r""")(?=[?&#"'\s>/]|\Z)""",
    re.IGNORECASE,
)


def read_excerpt(fields: Fields) -> str:
    """Return the outlet's summary, "" where it says nothing."""
    text = fields.text("excerpt")
    return "" if len(text) <= 4 and text.lower() in _EMPTY_EXCERPT else text


def read_pictures(fields: Fields, name: str = "images") -> tuple[Picture, ...]:
    """Return the pictures of a list of maps or of addresses, in the order of the file."""
    if name not in fields.values:
        return ()
    return tuple([picture for image in fields.maps(name, only="url") if (picture := _picture(image))])


def picture_url(text: str) -> str:
    """Return a picture's web address, or its path as written.

    Raises:
        BadUrl: another scheme, no address.
    """
    if text.startswith("https://") or _SCHEME.match(text):
        return clean_url(text)
    path = plain(text)
    if not path:
        raise BadUrl("there is no address", "write the picture's address or path")
    return path


def read_outlet(fields: Fields, url: str) -> Outlet:
    """Return who published the story; where the file does not say it, the host of its address."""
    provider = fields.values.get("provider")
    if isinstance(provider, str):
        return Outlet(plain(provider), valid_domain(provider))
    if isinstance(provider, dict):
        try:
            said = marshal.dumps(provider, 2)
        except ValueError:  # a date among its fields
            said = b""
        if 0 < len(said) <= MOST_SAID and (known := _known_outlet(said)):
            return known
    named = fields.map("provider")
    return _outlet(named, url) if named else Outlet(host_of(url), host_of(url))


def _outlet(named: Fields, url: str) -> Outlet:
    domain = named.text("domain")
    return Outlet(named.text("name") or domain or host_of(url), valid_domain(domain), read_pictures(named))


@lru_cache(maxsize=4096)
def _known_outlet(provider: bytes) -> Outlet | None:
    """Return the outlet that a map of fields names: a site names few, each very often.

    None where there is a problem to be noted in its place, or where the address has a part in it.
    """
    named = Fields("", marshal.loads(provider))  # noqa: S302 (written by us just now)
    found = _outlet(named, "")
    return found if found.name and not named.problems else None


def read_reports(fields: Fields, own: frozenset[str]) -> tuple[Report, ...]:
    """Return the coverage: one report per canonical URL (the one of higher quality, in the first one's place).

    Args:
        own: the canonical URLs of the article itself, which desks often list, too.
    """
    if "related" not in fields.values:
        return ()
    found: dict[str, Report] = {}
    for related in fields.maps("related"):
        report = _report(related, own)
        if report and (report.key not in found or report.quality > found[report.key].quality):
            found[report.key] = report
    return tuple(found.values())


def read_embed(fields: Fields) -> Embed | None:
    """Return the video of `featuredContent`; nothing else of that string is ever used."""
    value = fields.values.get("featuredContent")
    if value is None or value == "":
        return None
    found = _EMBED.search(value) if isinstance(value, str) else None
    if found is None:
        fields.note("featuredContent", "no video that may be embedded", "YouTube and Vimeo can be")
        return None
    return Embed("youtube", found["youtube"]) if found["youtube"] else Embed("vimeo", found["vimeo"])


def _picture(image: Fields) -> Picture | None:
    url = image.values.get("url")
    try:
        address = picture_url(url if isinstance(url, str) else "")
    except BadUrl as refusal:
        image.note("url", refusal.reason, refusal.hint)
        return None
    cached = image.values.get("isCached")
    return Picture(
        address,
        _pixels(image.values.get("width")),
        _pixels(image.values.get("height")),
        image.text("title"),
        image.text("attribution"),
        cached if isinstance(cached, bool) else None,
    )


def _pixels(value: object) -> int | None:
    """Return a size in px; a wrong hint is no mistake worth a message."""
    if type(value) is int and 0 < value <= 100_000:
        return value
    if isinstance(value, str) and value.strip().removesuffix("px").isdecimal():
        value = int(value.strip().removesuffix("px")[:6])
    return int(value) if isinstance(value, int | float) and 0 < value <= 100_000 else None


def _report(related: Fields, own: frozenset[str]) -> Report | None:
    field, url = "webUrl", related.url("webUrl")
    if not url and "originalUrl" in related.values:
        field, url = "originalUrl", related.url("originalUrl")
    if not url:
        if not related.values.get("webUrl"):
            related.note("webUrl", "the report has no address and is left out", "write the report's address")
        return None
    key = canonical_url(url)
    if key in own:
        return None
    title = related.text("title")
    if not title:
        related.note("title", "the report has no title and is left out", "write the report's title")
        return None
    return Report(
        title,
        read_excerpt(related),
        url,
        key,
        related.instant("publishedDateTime"),
        read_outlet(related, url),
        related.text("type") or "article",
        related.number("quality", 0),
        read_pictures(related),
        (*related.trail, field),
    )
