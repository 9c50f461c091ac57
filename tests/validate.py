"""Read what a build wrote as a stranger would: feeds, sitemaps, HTML and links; an empty list means fine."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from links import dead_links
from lxml import etree  # type: ignore[import-untyped]

__all__ = ["dead_links", "feed_problems", "html_problems", "sitemap_problems"]

SCHEMAS = Path(__file__).parent / "schemas"
VNU = Path(__file__).parents[1] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
VnuMessage = dict[str, str | int]
SITEMAP_SIZE, SITEMAP_URLS, NEWS_URLS = 50 * 2**20, 50_000, 1_000  # bytes and counts: sitemaps.org, Google News

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "sm": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "re": "http://exslt.org/regular-expressions",
}
ALTERNATE = "atom:link[not(@rel) or @rel='alternate']"
ABSOLUTE = r"'^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$'"
HTTP = r"'^https?://[!-~]+$'"

# What a schema cannot say: where the nodes in the wrong are, and what is wrong with them.
Rules = tuple[tuple[str, str], ...]
ATOM_RULES: Rules = (
    ("/*[not(atom:author)]/atom:entry[not(atom:author | atom:source/atom:author)]", "entry without an author"),
    ("/*[not(atom:link[@rel='self'])]", "feed without a link to itself"),
    (f"//atom:entry[not({ALTERNATE} | atom:content)]", "entry without an alternate link or content"),
    ("//atom:entry[atom:content/@src and not(atom:summary)]", "entry with remote content and no summary"),
    ("//atom:entry[atom:id = preceding-sibling::*/atom:id]", "two entries with one id"),
    (f"//{ALTERNATE}[not(@hreflang)][@type = preceding-sibling::{ALTERNATE}/@type]", "two alternates of one type"),
    (r"(//atom:updated | //atom:published)[not(re:test(., '(Z|[+-]\d\d:\d\d)$'))]", "date without an offset"),
    (f"//atom:id[not(re:test(., {ABSOLUTE}))]", "id is not an absolute URI"),
    (f"//atom:link[not(re:test(@href, {HTTP}))]", "link is not an absolute http(s) address"),
)
RSS_RULES: Rules = (
    ("/rss/channel[not(atom:link[@rel='self'])]", "channel without an atom:link to itself"),
    ("//item[not(title | description)]", "item with neither title nor description"),
    ("//item[not(guid)]", "item without a guid"),
    ("//item[guid = preceding-sibling::item/guid]", "two items with one guid"),
    (f"//guid[not(@isPermaLink='false') and not(re:test(., {HTTP}))]", "permalink guid is not an address"),
)
OPML_RULES: Rules = (
    ("//outline[@type='rss' and not(@xmlUrl)]", "subscription without an xmlUrl"),
    ("//outline[@xmlUrl = preceding::outline/@xmlUrl]", "two outlines with one xmlUrl"),
)
FEEDS: dict[str, tuple[str, Rules]] = {
    f"{{{NAMESPACES['atom']}}}feed": ("atom.rng", ATOM_RULES),
    "rss": ("rss.rng", RSS_RULES),
    "opml": ("opml.xsd", OPML_RULES),
}
SITEMAPS: dict[str, tuple[str, Rules]] = {
    f"{{{NAMESPACES['sm']}}}urlset": ("sitemap.xsd", ()),
    f"{{{NAMESPACES['sm']}}}sitemapindex": ("siteindex.xsd", ()),
}


# -- feeds and sitemaps ------------------------------------------------------------------------------------------------


def feed_problems(path: Path) -> list[str]:
    """List what is wrong in an RSS 2.0, Atom, JSON Feed or OPML file.

    Source: RFC 4287, RSS 2.0.11, JSON Feed 1.1, OPML 2.0.
    """
    if path.suffix == ".json":
        return _json_feed_problems(path.read_bytes())
    tree, problems = _read_xml(path, FEEDS)
    for date in tree.iter("pubDate", "lastBuildDate", "dateCreated", "dateModified") if tree is not None else ():
        if not _weekday_fits(date.text or ""):
            problems.append(f"line {date.sourceline}: {date.text} is no such day")
    return problems


def sitemap_problems(path: Path) -> list[str]:
    """List what is wrong in a sitemap, a news sitemap or an index of sitemaps.

    Source: sitemaps.org 0.9, Google's limits for news sitemaps.
    """
    tree, problems = _read_xml(path, SITEMAPS)
    if path.stat().st_size > SITEMAP_SIZE:
        problems.append(f"{path.stat().st_size:,} bytes, more than {SITEMAP_SIZE:,}")
    if tree is None:
        return problems
    addresses = Counter(tree.xpath("//sm:loc/text()", namespaces=NAMESPACES, smart_strings=False))
    if (count := addresses.total()) > SITEMAP_URLS:
        problems.append(f"{count:,} addresses, more than {SITEMAP_URLS:,}")
    if (count := int(tree.xpath("count(//news:news)", namespaces=NAMESPACES))) > NEWS_URLS:
        problems.append(f"{count:,} news, more than {NEWS_URLS:,}")
    return problems + [f"{address}: listed {times} times" for address, times in addresses.items() if times > 1]


def _read_xml(path: Path, dialects: dict[str, tuple[str, Rules]]) -> tuple[etree._ElementTree | None, list[str]]:
    """Parse a file and hold it against the schema and the rules of its root element."""
    try:
        tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        return None, [f"not well-formed: {error}"]
    root = tree.getroot()
    if root.tag not in dialects:
        return None, [f"<{root.tag}> is none of {', '.join(dialects)}"]
    name, rules = dialects[root.tag]
    schema = _schema(name)
    schema.validate(tree)
    problems = [f"line {entry.line}: {entry.message}" for entry in schema.error_log]
    for where, wrong in rules:
        for node in root.xpath(where, namespaces=NAMESPACES):
            problems.append(f"line {node.sourceline}: {wrong}")
    return tree, list(dict.fromkeys(problems))


@functools.cache
def _schema(name: str) -> etree.RelaxNG | etree.XMLSchema:
    make = etree.RelaxNG if name.endswith(".rng") else etree.XMLSchema
    return make(etree.parse(SCHEMAS / name))


def _weekday_fits(text: str) -> bool:
    try:
        day = parsedate_to_datetime(text)
    except ValueError:
        return False
    return "," not in text or text.startswith(WEEKDAYS[day.weekday()])


def _json_feed_problems(content: bytes) -> list[str]:
    try:
        feed = json.loads(content, object_pairs_hook=_distinct_keys)
    except ValueError as error:  # also what is not UTF-8, and a key that stands twice
        return [f"not JSON: {error}"]
    schema = Draft202012Validator(json.loads((SCHEMAS / "jsonfeed.json").read_bytes()))
    errors = sorted(schema.iter_errors(feed), key=lambda error: error.json_path)
    problems = [f"{error.json_path}: {error.message[:200]}" for error in errors]
    if not problems:
        ids = Counter(item["id"] for item in feed["items"])
        problems += [f"$.items: {times} with the id {item_id}" for item_id, times in ids.items() if times > 1]
        problems += [] if "feed_url" in feed else ["$: no feed_url"]
    return problems


def _distinct_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if twice := [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]:
        raise ValueError(f"{twice[0]!r} stands twice in one object")
    return dict(pairs)


# -- HTML --------------------------------------------------------------------------------------------------------------


def html_problems(paths: Iterable[Path], jar: Path = VNU) -> list[str]:
    """List the errors and warnings of the Nu HTML checker, which reads all pages in one JVM.

    The pages are served on loopback, for read from a disk they would have no origin, and the checker would say of
    every style sheet that `style-src 'self'` forbids it.

    Raises:
        FileNotFoundError: the checker or a page is not there (a missing check must not look like a good one).
        ValueError: there is nothing to check.
    """
    pages = [path.resolve() for path in paths]
    if not pages:
        raise ValueError("no pages to check")
    if not jar.is_file():
        raise FileNotFoundError(f"{jar} is missing; run `npm install --ignore-scripts`")
    if missing := [str(page) for page in pages if not page.is_file()]:
        raise FileNotFoundError(f"no such page: {', '.join(missing)}")
    root = Path(os.path.commonpath([page.parent for page in pages]))
    with _served(root) as address:
        messages = _run_vnu(jar, [address + quote(page.relative_to(root).as_posix()) for page in pages])
    return [_vnu_text(message, root) for message in messages if not _is_about_a_data_block(message)]


@contextmanager
def _served(root: Path) -> Iterator[str]:
    """Serve a folder on loopback as long as the context lasts; give the address of its root."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(root))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _run_vnu(jar: Path, addresses: list[str]) -> list[VnuMessage]:
    options = ["-Xss8m", "-Dnu.validator.servlet.allow-forbidden-hosts=true", "-Dhttp.nonProxyHosts=127.0.0.1"]
    options += ["-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always"]
    options += ["--skip-info-messages", "--no-langdetect"]
    with tempfile.NamedTemporaryFile("w", suffix=".args", encoding="utf-8") as arguments:
        quoted = (re.sub(r'(["\\])', r"\\\1", argument) for argument in (*options, *addresses))
        arguments.writelines(f'"{argument}"\n' for argument in quoted)  # a command line has no room for all pages
        arguments.flush()
        done = subprocess.run(["java", f"@{arguments.name}"], capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise RuntimeError(f"the HTML checker did not run: {done.stderr.decode(errors='replace')[:2000]}")
    messages: list[VnuMessage] = json.loads(done.stdout)["messages"]
    return messages


def _is_about_a_data_block(message: VnuMessage) -> bool:
    """Whether the checker takes JSON-LD for a script; HTML's "prepare the script element" leaves it before the CSP."""
    inline = str(message["message"]).startswith("Inline script violates Content Security Policy")
    return inline and '<script type="application/ld+json"' in str(message.get("extract"))


def _vnu_text(message: VnuMessage, root: Path) -> str:
    kind = "warning" if message.get("subType") == "warning" else "error"
    page = root / unquote(urlsplit(str(message.get("url", ""))).path).lstrip("/")
    return f"{page}:{message.get('lastLine', 0)}: {kind}: {message['message']}"
