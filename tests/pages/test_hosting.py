"""Files for the hosts."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from generator.pages.hosting import OpmlRow, headers, nojekyll, opml, redirects, robots
from generator.pages.xml_text import allowed
from generator.theme.policy import content_security_policy

SCHEMAS = Path(__file__).parents[1] / "schemas"
HOSTILE = "]]> </script> <b>\"quotes'</b> & \x00\x08 🗞️ עברית \u202e\u2028\n"


def test_headers() -> None:
    """The headers of a site under a sub-path, byte for byte."""
    assert headers("/news site/", embeds=False, search=False).decode() == (
        "/news%20site/*\n"
        "  Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'\n"
        "  X-Content-Type-Options: nosniff\n"
        "  Referrer-Policy: strict-origin-when-cross-origin\n"
        "  Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\n"
        "\n"
        "/news%20site/assets/*\n"
        "  Cache-Control: public, max-age=31536000, immutable\n"
        "\n"
        "/news%20site/images/*\n"
        "  Cache-Control: public, max-age=31536000, immutable\n"
        "\n"
        "/news%20site/api/*\n"
        "  Access-Control-Allow-Origin: *\n"
    )


def test_no_header_is_in_two_rules_for_one_address() -> None:
    """Cloudflare joins the values of all rules that match, so what holds for all is nowhere else."""
    rules = headers("/", embeds=True, search=True).decode().split("\n\n")
    names = [{line.split(":")[0].strip() for line in rule.splitlines()[1:]} for rule in rules]
    assert rules[0].startswith("/*\n")
    assert all(names[0].isdisjoint(others) for others in names[1:])


def test_the_policy_opens_what_is_used_and_no_more() -> None:
    """Players and the search index each need one source; nothing inline and no data URI is ever allowed."""
    plain, full = (content_security_policy(embeds=on, search=on) for on in (False, True))
    assert "frame-src" not in plain
    assert "wasm" not in plain
    assert "frame-src https://www.youtube-nocookie.com https://player.vimeo.com;" in full
    assert "script-src 'self' 'wasm-unsafe-eval';" in full
    assert not any(word in full for word in ("unsafe-inline", " 'unsafe-eval'", "data:", "*", "http:"))


def test_the_policy_for_a_meta_says_nothing_of_framing() -> None:
    """Browsers ignore `frame-ancestors` in a `<meta>` and complain of it."""
    assert "frame-ancestors" not in content_security_policy(embeds=True, search=True)
    assert b"; frame-ancestors 'none'\n" in headers("/", embeds=True, search=True)


def test_redirects_are_sorted_and_encoded() -> None:
    """Sources are paths, never patterns; what is encoded stays as it is; a pair that comes twice is one line."""
    pairs = (
        ("/z/", "/news/x/"),
        ("/old page/*/:id?q#f", "/news/a b/?q=1#top"),
        ("/東京/", "https://example.org/東京/"),
        ("/100%/%20/", "/news/100%/%20/"),
        ("/z/", "/news/x/"),
    )
    assert redirects(pairs).decode() == (
        "/%E6%9D%B1%E4%BA%AC/ https://example.org/%E6%9D%B1%E4%BA%AC/ 301\n"
        "/100%25/%20/ /news/100%25/%20/ 301\n"
        "/old%20page/%2A/%3Aid%3Fq%23f /news/a%20b/?q=1#top 301\n"
        "/z/ /news/x/ 301\n"
    )
    assert redirects(()) == b""


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1))))
def test_any_pair_is_one_line(pairs: list[tuple[str, str]]) -> None:
    """No text breaks out of its place in its line."""
    lines = redirects([("/" + earlier, "/" + present) for earlier, present in pairs]).decode().splitlines()
    assert all(line.isascii() and len(line.split(" ")) == 3 and line.endswith(" 301") for line in lines)
    assert all(":" not in line.split()[0] and "*" not in line.split()[0] for line in lines)


def test_robots() -> None:
    """All is open; the sitemap is named where there is one."""
    assert robots("https://example.org/n/", sitemap=True) == (
        b"User-agent: *\nAllow: /\n\nSitemap: https://example.org/n/sitemap.xml\n"
    )
    assert robots("https://example.org/n/", sitemap=False) == b"User-agent: *\nAllow: /\n"


def test_opml_of_one_feed() -> None:
    """The list of feeds, byte for byte and valid."""
    row = OpmlRow("C++ & more", "https://example.org/feed.xml", "https://example.org/")
    document = opml('The "News"', (row,))
    assert document.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<opml version="2.0"><head><title>The &quot;News&quot;</title></head><body>\n'
        '<outline type="rss" text="C++ &amp; more" title="C++ &amp; more" xmlUrl="https://example.org/feed.xml"'
        ' htmlUrl="https://example.org/"/>\n'
        "</body></opml>\n"
    )
    etree.XMLSchema(etree.parse(SCHEMAS / "opml.xsd")).assertValid(etree.fromstring(document))


@given(st.text() | st.just(HOSTILE))
def test_any_title_survives(title: str) -> None:
    """Whatever the title, the list is well-formed and gives it back."""
    root = etree.fromstring(opml(title, (OpmlRow(title, "https://example.org/feed.xml", "https://example.org/"),)))
    assert (root.findtext("head/title") or "") == root.find("body/outline").get("text") == allowed(title)


def test_nojekyll_is_empty() -> None:
    """The file's name is all that counts."""
    assert nojekyll() == b""
