"""Cards and data files as reading makes them, with a default for all that a test does not speak of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from generator.base.imaging import Image
from generator.base.records import Card, Mention, Outlet, Picture, ProviderData, TopicData

NOON = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    """Return an instant before noon."""
    return NOON - timedelta(days=days)


def card(stem: str = "a", **changes: object) -> Card:
    """Return a shown article of yesterday; its source is named after it."""
    fields: dict[str, object] = {
        "path": f"content/news/{stem}.md",
        "name": f"{stem}.md",
        "stem": stem,
        "section": "news",
        "title": stem,
        "excerpt": "",
        "published": days_ago(1),
        "url": f"https://source.example/{stem}",
        "key": f"source.example/{stem}",
        "outlet": Outlet("", ""),
        "updated": None,
        "type": "article",
        "quality": 0,
        "heat": 0,
        "draft": False,
        "removed": False,
        "topics": (),
        "picture": None,
        "body_pictures": (),
        "links": (),
        "mentions": (),
        "has_body": False,
        "has_embed": False,
        "pin": False,
        "pin_until": None,
        "focus": None,
        "redirect_from": (),
        "locale": "",
        "face": stem.encode().ljust(16, b"\0"),
    }
    return Card(**(fields | changes))  # type: ignore[arg-type]


def mentions(*stems: str, domain: str = "other.example", name: str = "Other") -> tuple[Mention, ...]:
    """Return reports of the sources of other cards."""
    return tuple(Mention(f"source.example/{stem}", domain, name) for stem in stems)


def topic(name: str, slug: str = "", order: int | None = None, **changes: object) -> TopicData:
    """Return a topic's data file; its slug is its name in lower case."""
    slug = slug or name.lower().replace(" ", "-")
    fields: dict[str, object] = {"path": f"content/topics/{slug}.yaml", "name": name, "slug": slug, "order": order}
    return TopicData(**(fields | changes))  # type: ignore[arg-type]


def provider(domain: str, **changes: object) -> ProviderData:
    """Return a provider's data file."""
    fields: dict[str, object] = {"path": f"content/providers/{domain}.yaml", "domain": domain, "name": domain}
    return ProviderData(**(fields | changes))  # type: ignore[arg-type]


def picture(url: str) -> Picture:
    """Return a picture as a file names it."""
    return Picture(url)


def image(name: str, width: int = 40, height: int = 30) -> Image:
    """Return a picture file that was looked at; its path inside the content is `name`."""
    return Image(f"content/{name}", name.encode().ljust(16, b"\0")[:16], width, height, "PNG", False)
