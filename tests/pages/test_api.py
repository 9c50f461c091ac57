"""The JSON API, as the format's clients read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.base.records import Article, Embed, Html, ImageHole, LinkHole, Outlet, Picture, Report
from generator.pages.api import ApiTopic, item, item_address, item_parts, page, topics

BASE = "https://example.org/news-site/"
HOSTILE = "]]> </script> \"quotes'</b> & \x00\x08 🗞️ עברית \u202e\u2028\r\n"
KEYS = [
    *("path", "title", "excerpt", "sourceUrl", "webUrl", "originalUrl", "featuredContent", "highlight", "heat", "tags"),
    *("images", "content", "type", "ampWebUrl", "cdnAmpWebUrl", "publishedDateTime", "updatedDateTime", "provider"),
    *("locale", "categories", "topics"),
]

BARE = Article(
    path="content/news/2020-02-20-voice.md",
    name="2020-02-20-voice.md",
    stem="2020-02-20-voice",
    section="news",
    title="Pay for voices",
    excerpt="",
    published=datetime(2020, 2, 20, 18, 0, tzinfo=UTC),
    url="",
    key="",
    outlet=Outlet("", ""),
)
FULL = replace(
    BARE,
    excerpt="AT&T pays.",
    url="https://outlet.example/voice",
    key="outlet.example/voice",
    outlet=Outlet("The Outlet", "outlet.example", (Picture("/assets/logo-50x50.png", 50, 50),)),
    updated=datetime(2020, 7, 1, 9, 30, 15, tzinfo=UTC),
    web_url="https://outlet.example/voice",
    original_url="https://outlet.example/original",
    amp_url="https://outlet.example/amp",
    cdn_amp_url="https://cdn.example/amp",
    type="video",
    quality=99,
    heat=139,
    topics=("Facebook", "Privacy"),
    pictures=(Picture("https://outlet.example/a.jpg", 800, None, "A", "B", True),),
    reports=(Report("Other", "", "https://other.example/", "other.example", None, Outlet("O", "other.example")),),
    embed=Embed("youtube", 'x"/><script>'),
    locale="de-de",
    tags=("US",),
    body=(
        Html("<p>See "),
        LinkHole("other.md", 'a "title"'),
        Html("this</a> "),
        ImageHole(Picture("a.png"), "alt"),
        Html("</p>"),
    ),
)


def test_item_of_a_bare_article() -> None:
    """All that a file does not give is an explicit null, byte for byte."""
    assert item(BARE, "UTC", BASE).decode() == (
        '{"path":"_news/2020-02-20-voice.md","title":"Pay for voices","excerpt":"",'
        '"sourceUrl":"https://example.org/news-site/api/news/2020-02-20-voice/index.json","webUrl":null,'
        '"originalUrl":null,"featuredContent":null,"highlight":null,"heat":0,"tags":null,"images":null,"content":null,'
        '"type":"article","ampWebUrl":null,"cdnAmpWebUrl":null,"publishedDateTime":"2020-02-20T18:00:00Z",'
        '"updatedDateTime":null,"provider":{"name":null,"domain":null,"images":null,"publishers":null,"authors":null},'
        '"locale":null,"categories":["news"],"topics":null}'
    )


def test_item_of_a_full_article() -> None:
    """All that a file gives is in its item, pictures and links as they are written."""
    assert json.loads(item(FULL, "UTC", BASE)) == {
        "path": "_news/2020-02-20-voice.md",
        "title": "Pay for voices",
        "excerpt": "AT&T pays.",
        "sourceUrl": "https://example.org/news-site/api/news/2020-02-20-voice/index.json",
        "webUrl": "https://outlet.example/voice",
        "originalUrl": "https://outlet.example/original",
        "featuredContent": '<iframe width="800" height="500"'
        ' src="https://www.youtube-nocookie.com/embed/x%22%2F%3E%3Cscript%3E" loading="lazy"'
        ' allow="encrypted-media; picture-in-picture" allowfullscreen></iframe>',
        "highlight": None,
        "heat": 139,
        "tags": ["US"],
        "images": [
            {
                "url": "https://outlet.example/a.jpg",
                "width": 800,
                "height": None,
                "title": "A",
                "attribution": "B",
                "isCached": True,
            }
        ],
        "content": '<p>See <a href="other.md" title="a &quot;title&quot;">this</a> </p>',
        "type": "video",
        "ampWebUrl": "https://outlet.example/amp",
        "cdnAmpWebUrl": "https://cdn.example/amp",
        "publishedDateTime": "2020-02-20T18:00:00Z",
        "updatedDateTime": "2020-07-01T09:30:15Z",
        "provider": {
            "name": "The Outlet",
            "domain": "outlet.example",
            "images": [
                {
                    "url": "/assets/logo-50x50.png",
                    "width": 50,
                    "height": 50,
                    "title": None,
                    "attribution": None,
                    "isCached": False,
                }
            ],
            "publishers": None,
            "authors": None,
        },
        "locale": "de-de",
        "categories": ["news"],
        "topics": ["Facebook", "Privacy"],
    }


@pytest.mark.parametrize("article", [BARE, FULL])
def test_keys_stand_in_the_contracts_order(article: Article) -> None:
    """An item has all keys of the contract in its order, its own document all but two of them."""
    with_content, without = item_parts(article, "UTC", BASE)
    assert list(json.loads(with_content)) == KEYS
    assert list(json.loads(without)) == [key for key in KEYS if key not in ("highlight", "content")]
    assert json.loads(without).items() <= json.loads(with_content).items()


def test_times_are_in_the_sites_zone() -> None:
    """UTC is written as Z, another zone with the offset of that day."""
    first = json.loads(item(FULL, "America/Los_Angeles", BASE))
    assert first["publishedDateTime"] == "2020-02-20T10:00:00-08:00"
    assert first["updatedDateTime"] == "2020-07-01T02:30:15-07:00"


def test_private_fields_are_not_in_it() -> None:
    """What is the desk's own is in no item."""
    text = item(FULL, "UTC", BASE).decode()
    assert not any(f'"{key}"' in text for key in ("quality", "published", "related", "secured", "reports"))


def test_an_article_without_a_locale_has_the_sites() -> None:
    """The site's locale stands in where the file names none."""
    assert json.loads(item(BARE, "UTC", BASE, "en-us"))["locale"] == "en-us"
    assert json.loads(item(FULL, "UTC", BASE, "en-us"))["locale"] == "de-de"


def test_players_are_ours() -> None:
    """A player is built from host and id; a host that we do not know has none."""
    vimeo = json.loads(item(replace(BARE, embed=Embed("vimeo", "76979871")), "UTC", BASE))["featuredContent"]
    assert 'src="https://player.vimeo.com/video/76979871?dnt=1"' in vimeo
    assert json.loads(item(replace(BARE, embed=Embed("evil", "1")), "UTC", BASE))["featuredContent"] is None


def test_source_url_is_the_address_of_the_document() -> None:
    """The item names its own document, percent-encoded."""
    stem = "2020-02-20-東京_100%"
    url = json.loads(item(replace(BARE, stem=stem), "UTC", BASE))["sourceUrl"]
    assert url == BASE + "api/news/2020-02-20-%E6%9D%B1%E4%BA%AC_100%25/index.json"
    assert item_address(stem) == "api/news/2020-02-20-東京_100%/index.json"


def test_a_page_joins_items() -> None:
    """A page is its items as they are; the last one has no next page, and an empty one is a page too."""
    assert page((b'{"a":1}', b'{"b":2}'), 1, has_next=True) == b'{"page":1,"value":[{"a":1},{"b":2}],"nextPage":2}'
    assert page((b"{}",), 7, has_next=False) == b'{"page":7,"value":[{}],"nextPage":null}'
    assert page((), 1, has_next=False) == b'{"page":1,"value":[],"nextPage":null}'


def test_topics_in_the_files_order() -> None:
    """Topics keep their order; what a file does not give is null."""
    rows = (
        ApiTopic("Canvas apps", "Canvas", "canvas-apps", "Power Apps", (), (("news", "https://example.org/api/"),)),
        ApiTopic("AI", "", "", "", (Picture("/a.png", 1, 2),), ()),
    )
    assert topics(rows).decode() == (
        '{"value":[{"name":"Canvas apps","shortname":"Canvas","id":"canvas-apps","parent":"Power Apps","images":null,'
        '"services":[{"name":"news","endpoint":"https://example.org/api/"}]},'
        '{"name":"AI","shortname":null,"id":null,"parent":null,"images":[{"url":"/a.png","width":1,"height":2,'
        '"title":null,"attribution":null,"isCached":false}],"services":null}]}'
    )


@given(st.text() | st.just(HOSTILE), st.text(), st.text())
def test_any_text_survives(title: str, tag: str, target: str) -> None:
    """Whatever the text, the item is JSON and gives it back."""
    article = replace(BARE, title=title, tags=(tag,), body=(LinkHole(target), Html("x</a>")))
    first = json.loads(item(article, "UTC", BASE))
    assert (first["title"], first["tags"]) == (title, [tag])
    assert first["content"].count("<") == 2
