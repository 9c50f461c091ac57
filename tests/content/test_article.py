"""Articles: every field of the format, every kind of dirt, and what is said about it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.problems import Problem
from generator.base.records import Article, Embed, Html, Mention, Outlet, Picture, SourceFile
from generator.content.article import KNOWN, card_of, read_article

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
SECRET = "q0FKXo8bQm1yZXNlY3JldGNpcGhlcnRleHQ=;BvEHVSV+8WkCyQNAwSCK5g=="
BASE = "title: A title\npublishedDateTime: 2020-02-20T21:55:00Z\n"


def read(
    fields: str, body: str = "", zone: str = "UTC", base: str = BASE
) -> tuple[Article | None, tuple[Problem, ...]]:
    """Read an article with these fields."""
    source = SourceFile("news/2020-02-20-x.md", "article", "2020-02-20-x.md", "news", bytes(32))
    return read_article(source, f"---\n{base}{fields}\n---\n{body}".encode(), zone)


def good(fields: str, body: str = "", zone: str = "UTC", base: str = BASE) -> Article:
    """Read an article that has nothing wrong."""
    article, problems = read(fields, body, zone, base)
    assert problems == ()
    assert article is not None
    return article


def said(fields: str, base: str = BASE) -> list[str]:
    """Return the messages about an article."""
    return [str(problem).removeprefix("news/2020-02-20-x.md:") for problem in read(fields, base=base)[1]]


def test_an_article_says_everything_that_its_file_says() -> None:
    """One file with every field."""
    article = good(
        """excerpt: An excerpt
updatedDateTime: 2020-02-21T00:00:00+01:00
webUrl: https://www.example.com/story
originalUrl: https://www.youtube.com/watch?v=x
ampWebUrl: https://www.example.com/story/amp
cdnAmpWebUrl: https://www-example-com.cdn.ampproject.org/c/s/www.example.com/story/amp
category: Local News
type: Video
quality: 189
heat: -1
published: false
removed: true
provider: {name: Example, domain: Example.com, images: [{url: /assets/x.png, width: 50, height: 50}]}
topics: [AI, C++]
images: [{url: "https://example.com/a b.jpg", width: 10, height: 20, title: T, attribution: A, isCached: true}]
featuredContent: <iframe src="https://www.youtube.com/embed/6NPtZSMH0h4" allow="x"></iframe>
pin: true
pinUntil: 2020-03-01
focus: [0.5, 1]
redirect_from: [/old/, "older/caf%C3%A9/"]
locale: en-US
tags: [x]
author: Ada
""",
        "Hello",
    )
    assert article == Article(
        path="news/2020-02-20-x.md",
        name="2020-02-20-x.md",
        stem="2020-02-20-x",
        section="local-news",
        title="A title",
        excerpt="An excerpt",
        published=datetime(2020, 2, 20, 21, 55, tzinfo=UTC),
        url="https://www.example.com/story",
        key="example.com/story",
        outlet=Outlet("Example", "example.com", (Picture("/assets/x.png", 50, 50),)),
        updated=datetime(2020, 2, 20, 23, tzinfo=UTC),
        web_url="https://www.example.com/story",
        original_url="https://www.youtube.com/watch?v=x",
        amp_url="https://www.example.com/story/amp",
        cdn_amp_url="https://www-example-com.cdn.ampproject.org/c/s/www.example.com/story/amp",
        type="video",
        quality=189,
        heat=-1,
        draft=True,
        removed=True,
        topics=("AI", "C++"),
        pictures=(Picture("https://example.com/a%20b.jpg", 10, 20, "T", "A", cached=True),),
        embed=Embed("youtube", "6NPtZSMH0h4"),
        pin=True,
        pin_until=datetime(2020, 3, 1, tzinfo=UTC),
        focus=(0.5, 1.0),
        redirect_from=("/old/", "/older/café/"),
        locale="en-US",
        tags=("x",),
        body=(Html("<p>Hello</p>"),),
        extra={"author": "Ada"},
    )


def test_a_title_and_a_date_are_enough() -> None:
    """Everything else has a default; without any address the article lives on our own page only."""
    article = good("")
    assert (article.section, article.type, article.url, article.key) == ("news", "article", "", "")
    assert (article.draft, article.removed, article.quality, article.heat) == (False, False, 0, 0)
    assert article.outlet == Outlet("", "")


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        (
            "webUrl: javascript:alert(1)",
            ["4:9: webUrl: the scheme javascript: is refused; write an http or https address"],
        ),
        ("webUrl: www.example.com", ["4:9: webUrl: not a web address; write it with https://"]),
        ("updatedDateTime: soon", ["4:18: updatedDateTime: not a date; write it like 2020-02-20T21:55:00Z"]),
        ("category: API", ["4:11: category: api is the address of something else; choose another section"]),
        ("published: maybe", ["4:12: published: neither true nor false, taken as true; write true or false"]),
        ("quality: high", ["4:10: quality: not a number, taken as 0; write a whole number"]),
        ("quality: -3", ["4:10: quality: out of range, taken as 0; write a whole number from 0 on"]),
        ("heat: -5", ["4:7: heat: out of range, taken as -1; write a whole number from -1 on"]),
        ("excerpt: [x]", ["4:10: excerpt: not a text; put the text in quotes"]),
        ("excerpt: yes", ["4:10: excerpt: the value true; put the text in quotes"]),
        ("topics: [{a: b}]", ["4:9: topics: item 1 is no text; write one text for each item"]),
        ("provider: [x]", ["4:11: provider: not a map; write its fields below it, indented"]),
        ("images: [7]", ["4:9: images: item 1 is not a map; write its fields after `-`, indented"]),
        ("images: [{width: 7}]", ["4:10: images[0].url: there is no address; write the picture's address or path"]),
        ("images: ['data:x']", ["4:10: images[0].url: the scheme data: is refused; write an http or https address"]),
        (
            "related:\n  - title: x",
            ["5:5: related[0].webUrl: the report has no address and is left out; write the report's address"],
        ),
        (
            "related:\n  - webUrl: https://x.com/",
            ["5:5: related[0].title: the report has no title and is left out; write the report's title"],
        ),
        ("focus: [2, 0]", ["4:8: focus: not a point of the picture; write [x, y], each from 0 to 1"]),
        (
            "redirect_from: https://x.com/a",
            ["4:16: redirect_from: an address of another site; write the path alone: /news/old-name/"],
        ),
        (
            "redirect_from: /a/../b",
            ["4:16: redirect_from: a path may not have `..`; write the path alone: /news/old-name/"],
        ),
        (
            "redirect_from: /a?b",
            ["4:16: redirect_from: a path has no ? and no #; write the path alone: /news/old-name/"],
        ),
        (
            "featuredContent: <script>",
            ["4:18: featuredContent: no video that may be embedded; YouTube and Vimeo can be"],
        ),
        ("titel: x", ["4:8: titel: unknown field; did you mean `title`?"]),
        ("Excerpt: x", ["4:10: Excerpt: unknown field; did you mean `excerpt`?"]),
        ("author: x\nlayout: y", []),
    ],
)
def test_a_wrong_field_has_a_located_message(fields: str, messages: list[str]) -> None:
    """Each mistake has its line and column and what would be right."""
    assert said(fields) == messages


@pytest.mark.parametrize(
    ("base", "messages"),
    [
        ("publishedDateTime: 2020-01-01", ["2:1: title: the article has no title; write one in quotes"]),
        (
            "title: <b> </b>\npublishedDateTime: 2020-01-01",
            ["2:8: title: the article has no title; write one in quotes"],
        ),
        ("title: x", ["2:1: publishedDateTime: the article has no date; write it like 2020-02-20T21:55:00Z"]),
        (
            "title: x\npublishedDateTime:",
            ["3:19: publishedDateTime: the article has no date; write it like 2020-02-20T21:55:00Z"],
        ),
        (
            "title: x\npublishedDateTime: 2020-02-30",
            ["3:20: publishedDateTime: not a date; write it like 2020-02-20T21:55:00Z"],
        ),
        (
            "title: x\npublishedDateTime: 0202-02-20",
            ["3:20: publishedDateTime: the year 202 is out of range; write it like 2020-02-20T21:55:00Z"],
        ),
        (
            "title: x\npublishedDateTime: 0001-01-01T00:00:00+14:00",
            ["3:20: publishedDateTime: a date out of range; write it like 2020-02-20T21:55:00Z"],
        ),
        ("a: 1\na: 2", ["3:1: a: written twice, first in line 2; keep one of them"]),
    ],
)
def test_what_keeps_an_article_out_is_an_error(base: str, messages: list[str]) -> None:
    """Without a title or a date there is no article."""
    article, problems = read("", base=base)
    assert article is None
    assert [str(problem).removeprefix("news/2020-02-20-x.md:") for problem in problems] == messages
    assert {problem.severity for problem in problems} == {"error"}


def test_all_problems_come_at_once() -> None:
    """One run shows everything; only what is left out of the site is an error."""
    _, problems = read("webUrl: ftp://x\nquality: x\nheat: x\ntitel: x")
    assert [(problem.line, problem.severity) for problem in problems] == [
        (4, "error"),
        (7, "warning"),
        (5, "warning"),
        (6, "warning"),
    ]


@pytest.mark.parametrize(
    ("written", "zone", "utc"),
    [
        ("2020-02-20T21:55:00Z", "Europe/Berlin", "2020-02-20T21:55:00+00:00"),
        ("2020-02-20T21:55:00+02:00", "Europe/Berlin", "2020-02-20T19:55:00+00:00"),
        ("2020-02-20T21:55:00", "Europe/Berlin", "2020-02-20T20:55:00+00:00"),
        ("2020-07-20 21:55:00", "Europe/Berlin", "2020-07-20T19:55:00+00:00"),
        ("2020-02-20", "Asia/Tokyo", "2020-02-19T15:00:00+00:00"),
        ("'2020-02-20'", "Asia/Tokyo", "2020-02-19T15:00:00+00:00"),
        ("'2020-02-20T21:55'", "America/New_York", "2020-02-21T02:55:00+00:00"),
        ("2020-02-20T21:55:00.250Z", "UTC", "2020-02-20T21:55:00.250000+00:00"),
    ],
)
def test_dates_are_instants_in_utc(written: str, zone: str, utc: str) -> None:
    """An offset is honoured; without one the date is in the site's time zone."""
    article = good("", zone=zone, base=f"title: x\npublishedDateTime: {written}\n")
    assert article.published.isoformat() == utc
    assert article.published.tzinfo is UTC


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ("quality: '44'", "quality", 44),
        ("quality: 44.0", "quality", 44),
        ("quality:", "quality", 0),
        ("excerpt: 2020-01-01", "excerpt", "2020-01-01"),
        ("excerpt: 1984", "excerpt", "1984"),
        ("excerpt:", "excerpt", ""),
        ("excerpt: na", "excerpt", ""),
        ("excerpt: …", "excerpt", ""),
        ("excerpt: so ...", "excerpt", "so ..."),
        ('excerpt: "a\\r\\n\\r\\nb"', "excerpt", "a b"),
        ("topics: AI", "topics", ("AI",)),
        ("topics: [AI, AI, 5G, 2020]", "topics", ("AI", "5G", "2020")),
        ("topics: []", "topics", ()),
        ("published: 'false'", "draft", True),
        ("published: no", "draft", True),
        ("published:", "draft", False),
        ("deleted: true", "removed", True),
        ("category: '!'", "section", "news"),
        ("images: /assets/x.png", "pictures", (Picture("/assets/x.png"),)),
        (
            "images: [{url: //x.com/a.png, width: 100px, height: -1}]",
            "pictures",
            (Picture("https://x.com/a.png", 100),),
        ),
        ("provider: crn.com", "outlet", Outlet("crn.com", "crn.com")),
        ("provider: {name: The Post, domain: post}", "outlet", Outlet("The Post", "")),
        ("provider: {domain: x.com}", "outlet", Outlet("x.com", "x.com")),
        ("webUrl: https://www.x.com/a", "outlet", Outlet("x.com", "x.com")),
        ("originalUrl: https://x.com/a", "url", "https://x.com/a"),
        ("webUrl: 'https://x.com/a ’™'", "url", "https://x.com/a%20%E2%80%99%E2%84%A2"),
        ("redirect_from: old", "redirect_from", ("/old",)),
    ],
)
def test_what_is_meant_is_read(fields: str, name: str, value: object) -> None:
    """A harmless slip of type costs nothing, not even a message."""
    assert getattr(good(fields), name) == value


def test_titles_are_plain_text() -> None:
    """Entities, tags and white space of a title are taken off; a number is a title, too."""
    assert good("", base='title: "We&#8217;ve  <b>won</b>\\n"\npublishedDateTime: 2020-01-01\n').title == "We’ve won"
    assert good("", base="title: 1984\npublishedDateTime: 2020-01-01\n").title == "1984"


def test_coverage_is_collapsed() -> None:
    """The article itself and second reports of one address go; the better one of two stays in the first one's place."""
    article = good(
        """webUrl: https://www.example.com/story
related:
  - {title: Itself, webUrl: "http://example.com/story/?utm_source=x"}
  - {title: First, webUrl: "https://a.com/1", quality: 1, publishedDateTime: 2020-02-20, provider: A}
  - {title: Other, webUrl: "https://b.com/1", excerpt: na}
  - {title: Better, webUrl: "https://www.a.com/1#x", quality: 2, provider: {name: A, domain: a.com}}
"""
    )
    assert [(report.title, report.key) for report in article.reports] == [("Better", "a.com/1"), ("Other", "b.com/1")]
    assert article.reports[1].outlet == Outlet("b.com", "b.com")
    assert article.reports[1].excerpt == ""


@pytest.mark.parametrize(
    ("content", "embed"),
    [
        ('<iframe src="https://www.youtube.com/embed/6NPtZSMH0h4?rel=0"></iframe>', Embed("youtube", "6NPtZSMH0h4")),
        ("<iframe src='//www.youtube-nocookie.com/embed/m8_wjf1PkAc'>", Embed("youtube", "m8_wjf1PkAc")),
        ("https://youtu.be/m8_wjf1PkAc", Embed("youtube", "m8_wjf1PkAc")),
        ("https://www.youtube.com/watch?v=m8_wjf1PkAc", Embed("youtube", "m8_wjf1PkAc")),
        ('<iframe src="https://player.vimeo.com/video/12345"></iframe>', Embed("vimeo", "12345")),
        ("https://vimeo.com/12345", Embed("vimeo", "12345")),
        ("", None),
        ('<iframe src="https://evil.com/https://www.youtube.com/embed/6NPtZSMH0h4">', None),
        ('<iframe src="https://www.youtube.com.evil.com/embed/6NPtZSMH0h4">', None),
        ('<iframe src="https://evil.com/?x=//www.youtube.com/embed/6NPtZSMH0h4">', None),
        ('<iframe src="https://www.youtube.com/embed/6NPtZSMH0h4<script>">', None),
        ('<iframe src="https://www.youtube.com/embed/short">', None),
        ("<script>alert(1)</script>", None),
    ],
)
def test_only_host_and_id_of_an_embed_are_taken(content: str, embed: Embed | None) -> None:
    """The allow-list is strict; nothing else of the string gets any further."""
    article, _ = read(f"featuredContent: {msgspec.json.encode(content).decode()}")
    assert article is not None
    assert article.embed == embed


@pytest.mark.parametrize(
    "fields",
    [
        f'secured: "{SECRET}"',
        f'Secured: "{SECRET}"',
        f'SECURED: "{SECRET}"',
        f'secured_2: "{SECRET}"',
        f'securd: "{SECRET}"',
        f'other: "{SECRET}"',
        f'other: {{secured: "{SECRET}", list: ["{SECRET}"]}}',
        f'related: [{{title: x, webUrl: "https://x.com", secured: "{SECRET}"}}]',
        f'provider: {{name: x, secured: "{SECRET}"}}',
        f'secured: "{SECRET}"\nwebUrl: x\nquality: x',
        f'secured: "{SECRET}"\na: [',
        f'a: 1\na: 2\nsecured: "{SECRET}"',
        f"secured: {SECRET}: x",
        f'secured: "{SECRET}',
        f'secured: !x "{SECRET}"',
        f"? {SECRET}\n: x",
    ],
)
def test_secured_is_nowhere(fields: str) -> None:
    """The desk's secret is in no record and in no message, whatever is wrong around it."""
    article, problems = read(fields)
    result = msgspec.json.encode((article, problems)).decode() + str(problems)
    assert "BvEHVSV" not in result
    assert "q0FKX" not in result
    assert not any(problem.field.lower().startswith("secur") for problem in problems)


def test_other_fields_are_kept_for_themes() -> None:
    """They are plain JSON values, whatever YAML made of them."""
    article = good(
        "author: {name: Ada, born: 1815-12-10, nan: .nan}\nnumbers: [1, 1.5, 99999999999999999999]\nset: !!set {b, a}"
    )
    assert article.extra == {
        "author": {"name": "Ada", "born": "1815-12-10", "nan": "nan"},
        "numbers": [1, 1.5, "99999999999999999999"],
        "set": ["a", "b"],
    }


def test_a_card_is_the_article_as_others_see_it() -> None:
    """It names the lead picture, what the body needs, and who else reports."""
    article = good(
        "images: [/a.jpg, /b.jpg]\nrelated:\n"
        '  - {title: x, webUrl: "https://x.com/1", provider: {name: X, domain: x.com}}',
        "![alt](c.jpg) [more](/topics/ai/)",
    )
    card = card_of(article)
    assert card.picture == Picture("/a.jpg")
    assert card.body_pictures == (Picture("c.jpg"),)
    assert card.links == ("/topics/ai/",)
    assert card.mentions == (Mention("x.com/1", "x.com", "X"),)
    assert (card.has_body, card.has_embed, card.published) == (True, False, article.published)


@pytest.mark.parametrize("desk", ["powerapps", "stories", "seed"])
def test_real_files_are_read_without_a_problem(desk: str) -> None:
    """Every real article is read, none has a problem, and no secret gets through."""
    files = sorted((CORPUS / desk / "_news").glob("*.md"))
    if not files:
        pytest.skip("the corpus is not on this machine")
    encoder = msgspec.msgpack.Encoder()
    for path in files:
        data = path.read_bytes()
        source = SourceFile(f"_news/{path.name}", "article", path.name, "news", bytes(32))
        article, problems = read_article(source, data, "UTC")
        assert article is not None
        assert problems == ()
        secret = data.partition(b'\nsecured: "')[2].partition(b'"')[0]
        encoded = encoder.encode(article)
        assert len(secret) > 50
        assert secret[:24] not in encoded
        assert msgspec.msgpack.decode(encoded, type=Article) == article


def test_powerapps_has_428_articles_that_are_no_drafts() -> None:
    """The number that the desk itself publishes."""
    files = sorted((CORPUS / "powerapps/_news").glob("*.md"))
    if not files:
        pytest.skip("the corpus is not on this machine")
    source = SourceFile("_news/x.md", "article", "x.md", "news", bytes(32))
    articles = [read_article(source, path.read_bytes(), "UTC")[0] for path in files]
    assert sum(article is not None and not article.draft for article in articles) == 428


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=5)
    | st.dates()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.sampled_from(["https://x.com/a", "javascript:x", "2020-01-01", "true", "//", "/../x", SECRET, "&lt;b&gt;"])
    | st.just(date(1, 1, 1))
    | st.just(datetime.max)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*sorted(KNOWN), "url", "name", "domain", "width", "secured"]) | scalars, inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(KNOWN)) | st.text(max_size=10), values, max_size=8))
def test_no_value_of_any_field_raises(fields: dict[str, object]) -> None:
    """Whatever YAML can say in any field becomes an article or located problems, and can be stored."""
    text = yaml.safe_dump({"title": "x", "publishedDateTime": "2020-01-01", **fields}, allow_unicode=True)
    article, problems = read(text, base="")
    assert all(problem.line and problem.message for problem in problems)
    assert article is not None or any(problem.severity == "error" for problem in problems)
    encoded = msgspec.msgpack.encode(article)
    assert msgspec.msgpack.decode(encoded, type=Article | None) == article
    assert b"BvEHVSV+8WkCyQNAwSCK5g" not in encoded or SECRET in str(
        {name: fields[name] for name in fields if name in KNOWN}
    )


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: f"---\n{BASE}{text}\n---\n{text}".encode("utf-8", "replace"))
)
def test_no_bytes_raise(data: bytes) -> None:
    """No file content shows a traceback."""
    source = SourceFile("news/x.md", "article", "x.md", "news", bytes(32))
    article, problems = read_article(source, data, "UTC")
    assert article is not None or problems


def test_an_outlet_that_was_named_before_is_read_as_the_first_time() -> None:
    """Whoever names it again gets the same, and is told the same problem in its own place."""
    named = "provider: {name: A, domain: a.example, images: [{url: 'javascript:x'}, {url: 'https://a.example/a.png'}]}"
    again = f"related:\n- webUrl: https://b.example/b\n  title: B\n  {named}"
    for _ in range(2):
        article, problems = read(f"{named}\n{again}")
        assert article is not None
        outlets = [article.outlet, *(one.outlet for one in article.reports)]
        assert outlets == [Outlet("A", "a.example", (Picture("https://a.example/a.png"),))] * 2
        fields = [problem.field for problem in problems]
        assert fields == ["provider.images[0].url", "related[0].provider.images[0].url"]
        assert [problem.line for problem in problems] == [4, 8]


def test_an_outlet_without_a_name_has_that_of_its_address() -> None:
    """That is another one each time, though the map is the same; a date in it changes nothing."""
    for host in ("one.example", "two.example"):
        article = good(f"webUrl: https://{host}/x\nprovider: {{images: []}}")
        assert article.outlet.name == host
        dated = good(f"webUrl: https://{host}/x\nprovider: {{name: N, domain: n.example, since: 2020-02-20}}")
        assert dated.outlet == Outlet("N", "n.example")
