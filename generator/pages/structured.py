"""Structured data: JSON-LD that calls our page a page and the outlet's story the outlet's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from generator.base.record import Record

# Inside <script> neither "</script" nor "<!--" may occur; U+2028 and U+2029 end lines in old JavaScript.
_UNSAFE = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}

Node = dict[str, object]


class StoryLd(Record, frozen=True):
    """A story of an outlet; `url` is the outlet's own."""

    title: str
    url: str
    outlet: str
    domain: str  # or ""
    published: datetime | None
    updated: datetime | None = None


class SiteLd(Record, frozen=True):
    """The site that a page is part of; addresses are absolute."""

    title: str
    url: str
    language: str
    description: str = ""
    logo: str = ""


class PageLd(Record, frozen=True):
    """A page of ours; `url` and `image` are absolute, what is "" is left out."""

    url: str
    title: str
    description: str = ""
    language: str = ""
    image: str = ""


def article_ld(site: SiteLd, page: PageLd, story: StoryLd, coverage: Iterable[StoryLd] = ()) -> str:
    """Return an article's page: about the outlet's story, citing the other reports of it.

    Dates stand with the story, for they are the outlet's. Where there is no story elsewhere (`story.url` is ""),
    the story is on this page.
    """
    return _document(
        _node(
            "WebPage",
            **_page(site, page),
            mainEntity=_story(story if story.url else msgspec.structs.replace(story, url=page.url)),
            citation=[_story(report) for report in coverage],
        )
    )


def collection_ld(site: SiteLd, page: PageLd, items: Iterable[tuple[str, str]]) -> str:
    """Return a list's page.

    Args:
        items: (title, absolute address of our page) in the order of the page.
    """
    rows = [
        _node("ListItem", position=position, url=address, name=name)
        for position, (name, address) in enumerate(items, start=1)
    ]
    return _document(_node("CollectionPage", **_page(site, page), mainEntity=_node("ItemList", itemListElement=rows)))


def site_ld(site: SiteLd) -> str:
    """Return the site itself, for its front page."""
    publisher = _node("Organization", name=site.title, url=site.url, logo=site.logo)
    return _document(
        _node(
            "WebSite",
            url=site.url,
            name=site.title,
            description=site.description,
            inLanguage=site.language,
            publisher=publisher,
        )
    )


def script_json(node: object) -> str:
    """Return JSON that can stand in `<script type="application/ld+json">` whatever text is in it."""
    text = msgspec.json.encode(node).decode()
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def _document(node: Node) -> str:
    return script_json({"@context": "https://schema.org", **node})


def _page(site: SiteLd, page: PageLd) -> Node:
    return {
        "url": page.url,
        "name": page.title,
        "description": page.description,
        "inLanguage": page.language or site.language,
        "isPartOf": _node("WebSite", url=site.url, name=site.title),
        "primaryImageOfPage": page.image and _node("ImageObject", url=page.image),
    }


def _story(story: StoryLd) -> Node:
    return _node(
        "NewsArticle",
        headline=story.title,
        url=story.url,
        datePublished=story.published,
        dateModified=story.updated,
        publisher=story.outlet and _outlet(story),
    )


def _outlet(story: StoryLd) -> Node:
    return _node("Organization", name=story.outlet, url=story.domain and f"https://{story.domain}/")


def _node(kind: str, /, **fields: object) -> Node:
    """Return an object of schema.org, without the fields that are empty."""
    return {"@type": kind, **{name: field for name, field in fields.items() if field}}
