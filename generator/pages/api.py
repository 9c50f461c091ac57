"""The static JSON API: items, pages of items, topics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec

from generator.base.paths import quote_path
from generator.base.record import Record
from generator.base.records import Article, Embed, Html, LinkHole, Outlet, Picture, Piece

PAGE_SIZE = 25  # items

_PLAYERS = {
    "youtube": "https://www.youtube-nocookie.com/embed/{}",
    "vimeo": "https://player.vimeo.com/video/{}?dnt=1",
}
_ENCODER = msgspec.json.Encoder()


class ApiTopic(Record, frozen=True):
    """A topic's data as its file gives it."""

    name: str
    shortname: str
    id: str
    parent: str
    images: tuple[Picture, ...]
    services: tuple[tuple[str, str], ...]  # (name, endpoint)


def item(article: Article, zone: str, base_url: str, locale: str = "") -> bytes:
    """Return an article as an item of a page.

    What its file does not give is null, an empty list too, for clients test `images` before they take its first;
    only `isCached` is then false, as the format's clients expect a truth value. Its one category is its section.

    Args:
        zone: the site's time zone, an IANA name.
        base_url: absolute, ends with `/`.
        locale: of articles that name none.
    """
    return item_parts(article, zone, base_url, locale)[0]


def item_parts(article: Article, zone: str, base_url: str, locale: str = "") -> tuple[bytes, bytes]:
    """Return an article as an item of a page, and as its own document, which has no `highlight` and no `content`."""
    encode = _ENCODER.encode
    head = encode(_head(article, base_url))[1:-1]
    middle = encode(_Middle(article.heat, article.tags or None, _pictures(article.pictures)))[1:-1]
    tail = encode(_tail(article, ZoneInfo(zone), locale))[1:-1]
    content = encode(_commentary(article.body)) if article.body else b"null"
    with_content = b'{%b,"highlight":null,%b,"content":%b,%b}' % (head, middle, content, tail)
    return with_content, b"{%b,%b,%b}" % (head, middle, tail)


def item_address(stem: str) -> str:
    """Return the site path of an article's own document."""
    return f"api/news/{stem}/index.json"


def page(items: Iterable[bytes], number: int, *, has_next: bool) -> bytes:
    """Return page `number` (from 1, the newest) of encoded items."""
    following = b"%d" % (number + 1) if has_next else b"null"
    return b'{"page":%d,"value":[%b],"nextPage":%b}' % (number, b",".join(items), following)


def topics(rows: Iterable[ApiTopic]) -> bytes:
    """Return the list of topics, in the order of `rows`."""
    return msgspec.json.encode({"value": [_topic(row) for row in rows]})


# -- the item, in three runs of keys around `highlight` and `content` --------------------------------------------------


class _Json(msgspec.Struct, rename="camel", gc=False):
    """An object whose keys are its fields, in their order."""


class _Image(_Json):
    url: str
    width: int | None
    height: int | None
    title: str | None
    attribution: str | None
    is_cached: bool


class _Head(_Json):
    path: str
    title: str
    excerpt: str
    source_url: str
    web_url: str | None
    original_url: str | None
    featured_content: str | None


class _Middle(_Json):
    heat: int
    tags: tuple[str, ...] | None
    images: list[_Image] | None


class _Provider(_Json):
    name: str | None
    domain: str | None
    images: list[_Image] | None
    publishers: None = None
    authors: None = None


class _Tail(_Json):
    type: str
    amp_web_url: str | None
    cdn_amp_web_url: str | None
    published_date_time: datetime
    updated_date_time: datetime | None
    provider: _Provider
    locale: str | None
    categories: tuple[str, ...]
    topics: tuple[str, ...] | None


def _head(article: Article, base_url: str) -> _Head:
    return _Head(
        f"_news/{article.name}",
        article.title,
        article.excerpt,
        base_url + quote_path(item_address(article.stem)),
        article.web_url or None,
        article.original_url or None,
        _player(article.embed),
    )


def _tail(article: Article, zone: ZoneInfo, locale: str) -> _Tail:
    return _Tail(
        article.type,
        article.amp_url or None,
        article.cdn_amp_url or None,
        article.published.astimezone(zone),
        article.updated.astimezone(zone) if article.updated else None,
        _provider(article.outlet),
        article.locale or locale or None,
        (article.section,),
        article.topics or None,
    )


def _provider(outlet: Outlet) -> _Provider:
    return _Provider(outlet.name or None, outlet.domain or None, _pictures(outlet.pictures))


def _pictures(pictures: tuple[Picture, ...]) -> list[_Image] | None:
    if not pictures:
        return None
    return [_Image(p.url, p.width, p.height, p.title or None, p.attribution or None, bool(p.cached)) for p in pictures]


def _player(embed: Embed | None) -> str | None:
    """Return our own player, built from host and id alone."""
    if embed is None or embed.host not in _PLAYERS:
        return None
    url = _PLAYERS[embed.host].format(quote(embed.id, safe=""))
    return (
        f'<iframe width="800" height="500" src="{escape(url)}" loading="lazy"'
        ' allow="encrypted-media; picture-in-picture" allowfullscreen></iframe>'
    )


def _commentary(body: tuple[Piece, ...]) -> str | None:
    """Return the body as HTML: links as they are written, without its pictures."""
    return "".join(map(_piece, body)).strip() or None


def _piece(piece: Piece) -> str:
    if isinstance(piece, Html):
        return piece.text
    if isinstance(piece, LinkHole):
        title = f' title="{escape(piece.title)}"' if piece.title else ""
        return f'<a href="{escape(piece.target)}"{title}>'
    return ""


# -- topics ------------------------------------------------------------------------------------------------------------


class _Service(_Json):
    name: str
    endpoint: str


class _Topic(_Json):
    name: str
    shortname: str | None
    id: str | None
    parent: str | None
    images: list[_Image] | None
    services: list[_Service] | None


def _topic(row: ApiTopic) -> _Topic:
    return _Topic(
        row.name,
        row.shortname or None,
        row.id or None,
        row.parent or None,
        _pictures(row.images),
        [_Service(name, endpoint) for name, endpoint in row.services] or None,
    )
