"""Find the links in an output folder that lead nowhere."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]


def _xpath(expression: str) -> Callable[[object], list[str]]:
    find: Callable[[object], list[str]] = etree.XPath(expression, smart_strings=False)
    return find


SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
URL_TEXT = re.compile(r"(?:[!#$&-;=?-Z^-~\[\]]|%[0-9A-Fa-f]{2})+")
SRCSET = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:\s+[\d.]+[wxh])?\s*(?:,|$)")
REFRESH = re.compile(r"""^\s*[\d.]+\s*[;,]\s*url\s*=\s*['"]?([^'"]*)""", re.IGNORECASE)
CSS_URL = re.compile(r"""url\(\s*['"]?([^'")]*?)['"]?\s*\)""")
API_KEYS = {"sourceUrl"}
FEED_KEYS = {"home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image", "banner_image"}

HTML_PARSER = etree.HTMLParser(encoding="utf-8", huge_tree=True)
HTML_URLS = _xpath(
    "//@href | //@src | //@poster | //@action | //@formaction | //object/@data | //use/@*[contains(name(), 'href')]"
)
HTML_SRCSETS = _xpath("//@srcset | //@imagesrcset")
HTML_REFRESHES = _xpath("//meta[@http-equiv][contains('REFRESH Refresh refresh', @http-equiv)]/@content")
HTML_ABSOLUTE = _xpath(
    "//link[@rel='canonical']/@href | //meta[@property='og:url' or @property='og:image' or @property='og:image:url'"
    " or @property='og:image:secure_url' or @name='twitter:image']/@content"
)
HTML_IDS = _xpath("//@id | //a/@name")
HTML_BASES = _xpath("//base/@href")
XML_HREFS = _xpath("//@*[local-name()='href']")
XML_URLS = _xpath(
    "//@href | //@url | //@xmlUrl | //@htmlUrl | //*[local-name()='loc' or local-name()='icon' or local-name()='logo'"
    " or local-name()='url' or local-name()='docs' or local-name()='comments' or local-name()='link'"
    " or local-name()='guid' and not(@isPermaLink='false')]/text()"
)
XML_HTML = _xpath("//description/text() | //*[local-name()='encoded' or @type='html']/text()")


class Target(NamedTuple):
    """Where an address leads: a file of the output ("" = another site), or why it leads nowhere."""

    file: str
    fragment: str
    reason: str


class Contents(NamedTuple):
    """The addresses in a file, those that must be absolute (what reads them does not know the page), and its ids."""

    urls: list[str]
    absolute: list[str] = []
    ids: frozenset[str] = frozenset()
    base: str = ""  # the page's `<base href>`


def dead_links(output: Path, base_url: str) -> list[str]:
    """List the links in an output folder that lead nowhere, as "page: url: reason".

    Reads pages, feeds, sitemaps, OPML, the JSON API and style sheets. A link into the site must resolve to a file
    under `base_url` and its fragment to an id; any other must be http(s). Nothing is fetched.
    """
    files = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    resolve = _resolver(files, base_url)
    problems, ids, named = [], {}, []
    for name in sorted(files):
        try:
            contents = READERS.get(Path(name).suffix, _read_nothing)(output / name)
        except (etree.XMLSyntaxError, ValueError) as error:
            problems.append(f"{name}: : cannot be read: {error}")
            continue
        ids[name] = contents.ids
        page_url = urljoin(base_url + quote(name.removesuffix("index.html")), contents.base)
        for url in dict.fromkeys(contents.urls + contents.absolute):
            relative = not (SCHEME.match(url) or url.startswith("/"))
            target = resolve(page_url if relative else base_url, url)
            reason = target.reason
            if url in contents.absolute and not SCHEME.match(url):
                reason = "not absolute"
            elif relative and name.endswith("404.html") and not url.startswith("#"):
                reason = "relative, on a page that is served at every address"
            if reason:
                problems.append(f"{name}: {url}: {reason}")
            elif target.fragment:
                named.append((name, url, target))
    for name, url, target in named:  # only now every page's ids are known
        if target.file and target.fragment not in ids.get(target.file, ()):
            problems.append(f"{name}: {url}: no id {target.fragment!r} there")
    return sorted(problems)


def _resolver(files: set[str], base_url: str) -> Callable[[str, str], Target]:
    """Make the function that finds where an address leads, seen from the page at the first address."""
    site = urlsplit(base_url)

    @functools.cache
    def resolve(page_url: str, url: str) -> Target:
        if not url or not URL_TEXT.fullmatch(url):
            return Target("", "", "not percent-encoded" if url else "empty")
        try:
            parts = urlsplit(url if urlsplit(url).scheme else urljoin(page_url, url))
            path, fragment = unquote(parts.path, errors="strict"), unquote(parts.fragment, errors="strict")
        except ValueError:
            return Target("", "", "not a URL")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Target("", "", "neither of this site nor http(s)")
        if parts.netloc.lower() != site.netloc.lower():
            return Target("", "", "")
        if not f"{path}/".startswith(site.path):
            outside = "" if SCHEME.match(url) else f"outside of {site.path}"
            return Target("", "", outside)
        if parts.scheme != site.scheme:
            return Target("", "", f"{parts.scheme} on a site of {site.scheme}")
        path = path or "/"
        name = (f"{path}index.html" if path.endswith("/") else path).removeprefix(site.path)
        if name in files:
            return Target(name, fragment.partition(":~:")[0], "")
        slash = f"{path}/index.html".removeprefix(site.path) in files
        return Target("", "", "a page without its slash" if slash else "no such file")

    return resolve


def _read_html(path: Path) -> Contents:
    """Read a page; what a `<meta>`, a canonical link and an alternate name is read far from the page."""
    page = etree.parse(path, HTML_PARSER)
    urls = HTML_URLS(page)
    for srcset in HTML_SRCSETS(page):
        urls += SRCSET.findall(srcset) or [""]
    for refresh in HTML_REFRESHES(page):
        urls += REFRESH.findall(refresh) or [""]
    return Contents(urls, HTML_ABSOLUTE(page), frozenset((*HTML_IDS(page), "top")), "".join(HTML_BASES(page)[:1]))


def _read_svg(path: Path) -> Contents:
    """Read a drawing, to which a page may link part by part."""
    drawing = etree.parse(path)
    return Contents(XML_HREFS(drawing), ids=frozenset(HTML_IDS(drawing)))


def _read_xml_links(path: Path) -> Contents:
    """Read a feed, a sitemap or an OPML file, and the HTML that a feed carries."""
    document = etree.parse(path)
    absolute = [text.strip() for text in XML_URLS(document)]
    for text in XML_HTML(document):
        absolute += _fragment_urls(text)
    return Contents([], absolute)


def _fragment_urls(text: str) -> list[str]:
    page = etree.HTML(text) if "<" in text else None
    return [] if page is None else HTML_URLS(page)


def _read_json(path: Path) -> Contents:
    """Read a page of the JSON API or a JSON Feed."""
    document = json.loads(path.read_bytes())
    feed = isinstance(document, dict) and str(document.get("version", "")).startswith("https://jsonfeed.org/")
    absolute = list(_values(document, FEED_KEYS if feed else API_KEYS))
    for text in _values(document, {"content_html"} if feed else set()):
        absolute += _fragment_urls(text)
    return Contents([], absolute)


def _values(document: object, keys: set[str]) -> Iterator[str]:
    """Yield the texts that stand under one of the keys, at any depth."""
    for value in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        if isinstance(value, dict | list):
            yield from _values(value, keys)
    if isinstance(document, dict):
        yield from (value for key, value in document.items() if key in keys and isinstance(value, str))


def _read_css(path: Path) -> Contents:
    """Read a style sheet; its drawings may stand in it."""
    return Contents([url for url in CSS_URL.findall(path.read_text("utf-8")) if not url.startswith("data:")])


def _read_nothing(_path: Path) -> Contents:
    return Contents([])


READERS: dict[str, Callable[[Path], Contents]] = {
    ".html": _read_html,
    ".svg": _read_svg,
    ".xml": _read_xml_links,
    ".json": _read_json,
    ".css": _read_css,
}
