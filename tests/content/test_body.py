"""Commentaries: Markdown becomes safe HTML with holes for pictures and links of the site."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.records import Html, ImageHole, LinkHole, Picture, Piece
from generator.content.body import read_body


def pieces(text: str) -> tuple[Piece, ...]:
    """Read a commentary that has nothing wrong."""
    found, problems = read_body(text, "news/x.md", 5)
    assert problems == ()
    return found


def shown(text: str) -> str:
    """Return a commentary's HTML, its holes as ‹picture› and ‹link›."""
    return "".join(
        piece.text
        if isinstance(piece, Html)
        else f"‹{piece.picture.url}›"
        if isinstance(piece, ImageHole)
        else f"‹{piece.target}›"
        for piece in read_body(text, "news/x.md", 5)[0]
    )


def test_markdown_becomes_html() -> None:
    """Paragraphs, emphasis, lists, tables, code and quotes are what editors expect."""
    assert shown("**Hi** *you*") == "<p><strong>Hi</strong> <em>you</em></p>"
    assert shown("- a\n- b") == "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    assert shown("```python\nx < 1\n```") == '<pre><code class="language-python">x &lt; 1\n</code></pre>'
    assert shown("> q") == "<blockquote>\n<p>q</p>\n</blockquote>"
    assert '<th class="align-right">a</th>' in shown("| a | b |\n|--:|---|\n| 1 | 2 |")
    assert shown('"Q&A" -- it\'s') == '<p>"Q&amp;A" -- it\'s</p>'


def test_a_page_has_one_h1_and_it_is_not_in_the_body() -> None:
    """Headings move down by one where the body has an h1, in Markdown and in raw HTML."""
    assert shown("# A\n\n## B") == "<h2>A</h2>\n<h3>B</h3>"
    assert shown("<h1>A</h1><h6>B</h6>") == "<h2>A</h2>\n<h6>B</h6>"
    assert shown("## A") == "<h2>A</h2>"


def test_links_inside_the_site_are_holes() -> None:
    """A relative or root-relative target is resolved later; its `</a>` stays in the HTML."""
    assert pieces('[x](/topics/ai/ "T") y') == (
        Html("<p>"),
        LinkHole("/topics/ai/", "T"),
        Html("x</a> y</p>"),
    )
    assert shown("[x](2020-02-20-x.md)") == "<p>‹2020-02-20-x.md›x</a></p>"


def test_links_out_of_the_site_are_clean() -> None:
    """Their addresses are cleaned and they cannot reach back through the opener."""
    assert shown("[x](<https://x.com/a b>)") == '<p><a href="https://x.com/a%20b" rel="noopener">x</a></p>'
    assert shown("[x](//x.com/)") == '<p><a href="https://x.com/" rel="noopener">x</a></p>'
    assert shown("[x](mailto:a@b.com)") == '<p><a href="mailto:a@b.com">x</a></p>'


def test_pictures_are_holes() -> None:
    """Local and remote ones alike, with text and hints."""
    assert pieces('![alt](images/x.jpg "T")') == (
        Html("<p>"),
        ImageHole(Picture("images/x.jpg", title="T"), "alt"),
        Html("</p>"),
    )
    assert pieces('<img src="https://x.com/é.jpg" width="10" height="x">')[1] == ImageHole(
        Picture("https://x.com/%C3%A9.jpg", 10), ""
    )
    assert shown("[![i](/a.png)](https://x.com/)") == '<p><a href="https://x.com/" rel="noopener">‹/a.png›</a></p>'


def test_footnotes_cannot_meet_the_ids_of_the_page() -> None:
    """Ids and the links to them carry a prefix."""
    html = shown("a[^1]\n\n[^1]: foot")
    assert 'id="note-fnref:1"' in html
    assert 'href="#note-fn:1"' in html
    assert 'id="note-fn:1"' in html
    assert shown('<p id="main">x</p>') == '<p id="note-main">x</p>'


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1) style=x>a</p>",
        "<iframe src=https://x.com></iframe><object></object><embed>",
        "<svg onload=alert(1)><a href=x>k</a></svg>",
        "<style>p{}</style><link rel=stylesheet href=x><meta http-equiv=refresh><base href=//evil.com>",
        "<form action=x><input><button>b</button></form>",
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        "<a href='java&#10;script:alert(1)'>x</a>",
        "<img src='javascript:alert(1)'>",
        "[x](data:text/html;base64,eA==)",
        "<!-- <img src=x onerror=y> -->",
        "<div title='\"><img src=x onerror=alert(1)>'>a</div>",
        "`<script>`",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_that_runs_gets_through(text: str) -> None:
    """Raw HTML goes through the sanitiser."""
    html = shown(text)
    tags = re.findall(r'<(?:/?[a-z0-9]+)(?: [a-z]+="[^"<>]*")*>', html)
    assert html.count("<") == len(tags)
    assert not re.search(r"<(?:script|style|iframe|svg|math|form|input|link|meta|base|object|embed|noscript)", html)
    attributes = re.findall(r' ([a-z]+)="([^"]*)"', "".join(tags))
    assert not any(name.startswith("on") or name == "style" or ":" in value for name, value in attributes)


def test_a_hole_cannot_be_forged() -> None:
    """A tag inside an attribute or a code span is text."""
    assert (
        shown("<div title='<img src=x><a href=y>'>a</div>") == '<div title="&lt;img src=x&gt;&lt;a href=y&gt;">a</div>'
    )
    assert shown("`<img src=x>`") == "<p><code>&lt;img src=x&gt;</code></p>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\n![alt](ftp://x.com/a.png)", "news/x.md:5:1: a picture: there is no address; use http, https or a path"),
        ("a\n\n[x](https://x.com:99999/)", "news/x.md:5:1: a link leads nowhere; use http, https, mailto or a path"),
        ("[x](javascript:alert(1))", "news/x.md:5:1: a link leads nowhere; use http, https, mailto or a path"),
        ("> " * 500 + "x", "news/x.md:5:1: the commentary is nested deeper than 50 levels; the commentary is left out"),
        (
            "a " * 300_000,
            "news/x.md:5:1: the commentary has 600,000 characters; 500,000 are the most; the commentary is left out",
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_left_out_is_said(text: str, message: str | None) -> None:
    """A refused address or a body that would overwhelm the parsers has its line."""
    _, problems = read_body(text, "news/x.md", 5)
    assert [str(problem) for problem in problems] == ([message] if message else [])


@pytest.mark.parametrize(
    "text",
    [
        "> " * 5000,
        "- " * 5000,
        "[" * 20_000,
        "*a **b " * 5000,
        "<div>" * 20_000,
        "[a](" * 20_000,
        "`" * 20_000,
        "![" * 20_000,
        "1. " * 3000,
        "[^a]" * 5000 + "\n\n[^a]: x",
        "<b></i>" * 20_000,
        "<" * 20_000,
        "a\n: b\n" * 2000,
        "\n".join("  " * depth + "- x" for depth in range(300)),
        "<b>" * 20_000 + "</b>" * 20_000,
    ],
    ids=lambda value: value[:10],
)
def test_hostile_bodies_cost_little(text: str) -> None:
    """The parsers are quadratic in depth, so depth is limited; nothing overflows a stack."""
    start = time.process_time()
    read_body(text, "news/x.md", 5)
    assert time.process_time() - start < 5


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(list("<>\"'=/ab#![]()`*_-|:\n &;xhref\u0002")) | st.characters(codec="utf-8"),
        max_size=80,
    )
)
def test_any_text_becomes_well_formed_pieces(text: str) -> None:
    """Nothing raises; no two pieces of HTML stand next to each other; every `<` begins a tag."""
    found, _ = read_body(text, "news/x.md", 1)
    for piece, following in pairwise(found):
        assert not (isinstance(piece, Html) and isinstance(following, Html))
    html = "".join(piece.text for piece in found if isinstance(piece, Html))
    assert html.count("<") == len(re.findall(r'</?[a-z][a-z0-9]*(?: [a-z]+="[^"<>]*")*>', html))
