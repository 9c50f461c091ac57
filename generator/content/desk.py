"""desk: the files of the site's own data -> topics, providers and pages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from generator.base.paths import RESERVED_ROOTS, slugify, topic_slug
from generator.base.problems import Problem
from generator.base.records import PageData, ProviderData, SourceFile, TopicData
from generator.content.fields import Fields
from generator.content.front_matter import FrontMatter, located, read_data, read_front_matter
from generator.content.parts import read_pictures
from generator.content.urls import valid_domain

_ORDER = re.compile(r"[0-9]{1,9}(?![0-9])")
_TOPIC = frozenset(
    ("_id name shortname parent aliases keywords hashtags images description redirect_from services taxonomy").split()  # noqa: SIM905
)
_PROVIDER = ["_id", "domain", "name", "description", "images", "rehost", "taxonomy", "otherNames"]
_PAGE = ["title", "description", "redirect_from", "locale", "tags"]


def read_topic(source: SourceFile, data: bytes) -> tuple[TopicData | None, tuple[Problem, ...]]:
    """Read a topic's data file; its name's leading number is the topic's place in lists."""
    read = _read(source, data)
    if isinstance(read, Problem):
        return None, (read,)
    fields = Fields(source.path, read.fields)
    _check_names(fields, _TOPIC)
    id_, name = fields.text("_id"), fields.text("name")
    if not name and not id_:
        fields.note("name", "the topic has no name", "write one", "error")
        return None, located(fields.problems, data)
    order = _ORDER.match(source.name)
    topic = TopicData(
        path=source.path,
        name=name or id_,
        slug=topic_slug(id_ or name),
        order=int(order[0]) if order else None,
        id=id_,
        short_name=fields.text("shortname"),
        parent=fields.text("parent"),
        aliases=fields.texts("aliases"),
        keywords=fields.texts("keywords"),
        hashtags=tuple(dict.fromkeys(tag for text in fields.texts("hashtags") for tag in text.split())),
        pictures=read_pictures(fields),
        description=fields.text("description"),
        redirect_from=fields.paths("redirect_from"),
        services=_services(fields),
    )
    return topic, located(fields.problems, data)


def read_provider(source: SourceFile, data: bytes) -> tuple[ProviderData | None, tuple[Problem, ...]]:
    """Read a provider's data file, YAML or Markdown with front matter."""
    read = _read(source, data)
    if isinstance(read, Problem):
        return None, (read,)
    fields = Fields(source.path, read.fields)
    _check_names(fields, _PROVIDER)
    named = "domain" if fields.values.get("domain") else "_id"
    domain = valid_domain(fields.text(named))
    if not domain:
        fields.note(named, "the provider has no valid domain", "write it like example.com", "error")
        return None, located(fields.problems, data)
    provider = ProviderData(
        path=source.path,
        domain=domain,
        name=fields.text("name") or domain,
        description=fields.text("description"),
        pictures=read_pictures(fields),
        rehost=fields.flag("rehost", True),
    )
    return provider, located(fields.problems, data)


def read_page(source: SourceFile, data: bytes) -> tuple[PageData | None, tuple[Problem, ...]]:
    """Read a static page; its file's name gives its address."""
    read = read_front_matter(source.path, data)
    if isinstance(read, Problem):
        return None, (read,)
    fields = Fields(source.path, read.fields)
    _check_names(fields, _PAGE)
    slug, title = slugify(source.name.rpartition(".")[0]), fields.text("title")
    if not title:
        fields.note("title", "the page has no title", "write one in quotes", "error")
    if not slug or slug in RESERVED_ROOTS:
        message = f"/{slug}/ is the address of something else" if slug else "the file's name gives no address"
        fields.problems.append(Problem(source.path, 1, 1, "", message, "rename the file"))
    if not title or not slug or slug in RESERVED_ROOTS:
        return None, located(fields.problems, data)
    from generator.content.body import read_body  # markdown is 24 ms that a site without pages need not pay

    body, mistakes = read_body(read.body, source.path, read.body_line) if read.body else ((), ())
    fields.problems.extend(mistakes)
    description, redirect_from = fields.text("description"), fields.paths("redirect_from")
    page = PageData(source.path, slug, title, body, description, redirect_from)
    return page, located(fields.problems, data)


def _read(source: SourceFile, data: bytes) -> FrontMatter | Problem:
    if source.name.lower().endswith(".md"):
        return read_front_matter(source.path, data)
    fields = read_data(source.path, data)
    return fields if isinstance(fields, Problem) else FrontMatter(fields, "", 0)


def _services(fields: Fields) -> tuple[tuple[str, str], ...]:
    services = fields.map("services")
    if services is None:
        return ()
    return tuple((str(name), url) for name in services.values if (url := services.url(name)))


def _check_names(fields: Fields, known: Collection[str]) -> None:
    """Warn of a field whose name is close to a known one."""
    for name in fields.values:
        close = difflib.get_close_matches(str(name)[:100], known, 1, 0.8) if name not in known else []
        if close:
            fields.note(name, "unknown field", f"did you mean `{close[0]}`?")
