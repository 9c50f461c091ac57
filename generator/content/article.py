"""article: bytes of an article file -> Article, and the Card that others see of it."""

from __future__ import annotations

import difflib
import math
import re
from datetime import date, datetime
from functools import lru_cache

from generator.base.digest import digest_record
from generator.base.paths import RESERVED_ROOTS, slugify
from generator.base.problems import Problem
from generator.base.records import Article, Card, ImageHole, LinkHole, Mention, Piece, SourceFile
from generator.content.fields import Fields
from generator.content.front_matter import located, read_front_matter
from generator.content.parts import read_embed, read_excerpt, read_outlet, read_pictures, read_reports
from generator.content.urls import canonical_url

KNOWN = frozenset(
    (  # noqa: SIM905
        "title excerpt publishedDateTime updatedDateTime webUrl originalUrl ampWebUrl cdnAmpWebUrl category "
        "type quality heat published removed deleted provider topics images related featuredContent pin "
        "pinUntil focus redirect_from locale tags"
    ).split()
)
# The shape of `secured`, ciphertext;IV: such a value is dropped whatever its name is.
_SEALED = re.compile(r"\s*[A-Za-z0-9+/\s]{16,}={0,2};[A-Za-z0-9+/]{22}==\s*")
_slug = lru_cache(maxsize=1024)(slugify)  # a site has few sections


def read_article(source: SourceFile, data: bytes, zone: str) -> tuple[Article | None, tuple[Problem, ...]]:
    """Read an article file.

    Args:
        zone: the site's time zone (IANA name), for dates without an offset.

    Returns:
        The article, None where the file cannot become one, and what is wrong in the file.
    """
    read = read_front_matter(source.path, data)
    if isinstance(read, Problem):
        return None, (read,)
    _drop_secret(read.fields)
    fields = Fields(source.path, read.fields, zone)
    body: tuple[Piece, ...] = ()
    if read.body:
        from generator.content.body import read_body  # markdown is 24 ms that most articles need not pay

        body, mistakes = read_body(read.body, source.path, read.body_line)
        fields.problems.extend(mistakes)
    article = _article(source, fields, body)
    return article, located(fields.problems, data) if fields.problems else ()


def card_of(article: Article) -> Card:
    """Return the article as others see it."""
    return Card(
        path=article.path,
        name=article.name,
        stem=article.stem,
        section=article.section,
        title=article.title,
        excerpt=article.excerpt,
        published=article.published,
        url=article.url,
        key=article.key,
        outlet=article.outlet,
        updated=article.updated,
        type=article.type,
        quality=article.quality,
        heat=article.heat,
        draft=article.draft,
        removed=article.removed,
        topics=article.topics,
        picture=article.pictures[0] if article.pictures else None,
        body_pictures=tuple(piece.picture for piece in article.body if isinstance(piece, ImageHole)),
        links=tuple(piece.target for piece in article.body if isinstance(piece, LinkHole)),
        mentions=tuple(Mention(r.key, r.outlet.domain, r.outlet.name, r.published) for r in article.reports),
        has_body=bool(article.body),
        has_embed=article.embed is not None,
        pin=article.pin,
        pin_until=article.pin_until,
        focus=article.focus,
        redirect_from=article.redirect_from,
        locale=article.locale,
        face=_face(article),
    )


def _face(article: Article) -> bytes:
    """Return the digest of what a list shows of an article itself; what its topics and outlets are is known later."""
    picture = article.pictures[0] if article.pictures else None
    indexable = bool(article.body or article.embed or article.reports)
    return digest_record(
        (
            (article.section, article.stem, article.title, article.excerpt, article.url, article.type),
            (article.published, article.updated, picture, article.focus, article.locale, article.topics, indexable),
        )
    )


def _article(source: SourceFile, fields: Fields, body: tuple[Piece, ...]) -> Article | None:
    title, published, section = _title(fields), _published(fields), _section(fields, source.section)
    web_url, original_url = fields.url("webUrl", "error"), fields.url("originalUrl")
    amp_url, cdn_amp_url = fields.url("ampWebUrl"), fields.url("cdnAmpWebUrl")
    url = web_url or original_url
    own = frozenset([canonical_url(address) for address in (web_url, original_url, cdn_amp_url) if address])
    extra = _extra(fields)
    if not title or published is None or not section:
        return None
    return Article(
        path=source.path,
        name=source.name,
        stem=source.name[:-3] if source.name.lower().endswith(".md") else source.name,
        section=section,
        title=title,
        excerpt=read_excerpt(fields),
        published=published,
        url=url,
        key=canonical_url(url) if url else "",
        outlet=read_outlet(fields, url),
        updated=fields.instant("updatedDateTime"),
        web_url=web_url,
        original_url=original_url,
        amp_url=amp_url,
        cdn_amp_url=cdn_amp_url,
        type=fields.text("type").lower() or "article",
        quality=fields.number("quality", 0),
        heat=fields.number("heat", -1),
        draft=not fields.flag("published", True),
        removed=fields.flag("removed", False) | fields.flag("deleted", False),
        topics=fields.texts("topics"),
        pictures=read_pictures(fields),
        reports=read_reports(fields, own),
        embed=read_embed(fields),
        pin=fields.flag("pin", False),
        pin_until=fields.instant("pinUntil"),
        focus=_focus(fields),
        redirect_from=fields.paths("redirect_from"),
        locale=_locale(fields),
        tags=fields.texts("tags"),
        body=body,
        extra=extra,
    )


def _locale(fields: Fields) -> str:
    """Return a language tag (BCP 47), "" where there is none; YAML reads Norwegian, `no`, as false."""
    if fields.values.get("locale") is False:
        return "no"
    tag = fields.text("locale").replace("_", "-")
    if tag and not _LANGUAGE_TAG.fullmatch(tag):
        fields.note("locale", f"{tag!r} is no language tag", 'write it like "en" or "pt-BR"')
        return ""
    return tag


_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def _title(fields: Fields) -> str:
    before = len(fields.problems)
    title = fields.text("title")
    if not title:
        del fields.problems[before:]  # the error says it all
        fields.note("title", "the article has no title", "write one in quotes", "error")
    return title


def _published(fields: Fields) -> datetime | None:
    published = fields.instant("publishedDateTime", "error")
    if published is None and fields.values.get("publishedDateTime") in (None, "", [], {}):
        fields.note("publishedDateTime", "the article has no date", "write it like 2020-02-20T21:55:00Z", "error")
    return published


def _section(fields: Fields, default: str) -> str:
    section = _slug(fields.text("category")) or default
    if section in RESERVED_ROOTS:
        fields.note("category", f"{section} is the address of something else", "choose another section", "error")
        return ""
    return section


def _focus(fields: Fields) -> tuple[float, float] | None:
    value = fields.values.get("focus")
    if value is None:
        return None
    numbers = [part for part in value if type(part) in (int, float)] if isinstance(value, list) else []
    if len(numbers) == 2 and all(0 <= part <= 1 for part in numbers) and len(value) == 2:  # type: ignore[arg-type]
        return float(numbers[0]), float(numbers[1])
    fields.note("focus", "not a point of the picture", "write [x, y], each from 0 to 1")
    return None


def _drop_secret(values: dict[str, object]) -> None:
    """Drop `secured` before anything else sees the fields: it is private to the desk."""
    for name in values.keys() - KNOWN:
        if is_secret(name, values[name]):
            del values[name]


def is_secret(name: object, value: object) -> bool:
    """Tell whether a field is `secured`, or is by its name (`Secured`, `secured_2`, `securd`) or its shape."""
    return _names_secret(str(name)[:100]) or any(
        isinstance(text, str) and _SEALED.fullmatch(text) for text in (name, value)
    )


@lru_cache(maxsize=1024)
def _names_secret(name: str) -> bool:
    letters = re.sub("[^a-z]", "", name.lower())
    return "secured" in letters or difflib.SequenceMatcher(None, letters, "secured").ratio() > 0.8


def _extra(fields: Fields) -> dict[str, object]:
    """Return the fields that we do not know, for themes; a name close to a known one is a slip."""
    if fields.values.keys() <= KNOWN:
        return {}
    extra: dict[str, object] = {}
    for name, value in fields.values.items():
        if name in KNOWN:
            continue
        meant = _meant(str(name)[:100])
        if meant:
            fields.note(name, "unknown field", f"did you mean `{meant}`?")
        extra[str(name)] = _json_able(value)
    return extra


@lru_cache(maxsize=1024)
def _meant(name: str) -> str:
    by_case = {known.lower(): known for known in KNOWN}
    close = difflib.get_close_matches(name.lower(), by_case, 1, 0.8)
    return by_case[close[0]] if close else ""


def _json_able(value: object) -> object:
    """Return what JSON can say of a value; a secret inside it is dropped, too."""
    if isinstance(value, dict):
        return {str(name): _json_able(part) for name, part in value.items() if not is_secret(name, part)}
    if isinstance(value, list | tuple):
        return [_json_able(part) for part in value if not is_secret("", part)]
    if isinstance(value, set):
        return sorted(str(part) for part in value if not is_secret("", part))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return value if -(2**53) <= value <= 2**53 else str(value)
    return value if value is None or isinstance(value, str) else None
