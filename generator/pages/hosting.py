"""Files for the hosts: headers, redirects, robots, the list of feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from generator.base.record import Record
from generator.pages.xml_text import DECLARATION, element, xml_attribute
from generator.theme.policy import content_security_policy

_IMMUTABLE = "Cache-Control: public, max-age=31536000, immutable"
_INDEX = ("search/pagefind/fragment/*", "search/pagefind/index/*")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


class OpmlRow(Record, frozen=True):
    """A feed of the site: its absolute address and that of the page it belongs to."""

    title: str
    feed: str
    home: str


def headers(base_path: str, *, embeds: bool, search: bool) -> bytes:
    """Return `_headers` for Netlify and Cloudflare Pages.

    Cloudflare joins the values of all rules that match, so no header stands in two rules that can match one address.
    Hence nothing is said of the caching of pages and feeds: both hosts revalidate what no rule speaks of
    (`public, max-age=0, must-revalidate`, with an ETag).

    Args:
        base_path: of the site on its host; begins and ends with `/`.
    """
    base = _rule(base_path)
    # A policy in a <meta> cannot say who may frame the page; a header can.
    policy = content_security_policy(embeds=embeds, search=search) + "; frame-ancestors 'none'"
    fixed = ("assets/*", "images/*", *_INDEX * search)
    caching = "".join(f"{base}{pattern}\n  {_IMMUTABLE}\n\n" for pattern in fixed)
    return f"""\
{base}*
  Content-Security-Policy: {policy}
  X-Content-Type-Options: nosniff
  Referrer-Policy: strict-origin-when-cross-origin
  Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()

{caching}{base}api/*
  Access-Control-Allow-Origin: *
""".encode()


def redirects(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return `_redirects` from (earlier, present) addresses.

    Args:
        pairs: root-relative addresses, the site's base path included, percent-encoded or not.
    """
    lines = sorted(f"{_rule(earlier)} {_target(present)} 301\n" for earlier, present in set(pairs))
    return "".join(lines).encode()


def robots(base_url: str, *, sitemap: bool) -> bytes:
    """Return `robots.txt`: all is open, and where the sitemap is."""
    line = f"\nSitemap: {base_url}sitemap.xml\n" if sitemap else ""
    return f"User-agent: *\nAllow: /\n{line}".encode()


def opml(title: str, rows: Iterable[OpmlRow]) -> bytes:
    """Return the list of the site's feeds as OPML 2.0, without dates.

    Source: http://opml.org/spec2.opml
    """
    outlines = "".join(map(_outline, rows))
    head = element("title", title)
    return f'{DECLARATION}<opml version="2.0"><head>{head}</head><body>\n{outlines}</body></opml>\n'.encode()


def nojekyll() -> bytes:
    """Return `.nojekyll`: GitHub Pages is to serve the files as they are."""
    return b""


def _rule(address: str) -> str:
    """Return an address as the left side of a rule, where `*` and `:` would be patterns."""
    return _encoded(address, safe="/~!$&'()+,;=@%")


def _target(address: str) -> str:
    return _encoded(address, safe="/~!$&'()*+,;=:@?#%")


def _encoded(address: str, safe: str) -> str:
    """Return an address with all but `safe` encoded, and what is encoded already left as it is."""
    return quote(_STRAY_PERCENT.sub("%25", address), safe=safe)


def _outline(row: OpmlRow) -> str:
    title, feed, home = xml_attribute(row.title), xml_attribute(row.feed), xml_attribute(row.home)
    return f'<outline type="rss" text="{title}" title="{title}" xmlUrl="{feed}" htmlUrl="{home}"/>\n'
