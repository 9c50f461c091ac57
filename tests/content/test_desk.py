"""The site's own data: topics, providers and pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.records import Html, PageData, Picture, ProviderData, SourceFile, TopicData
from generator.content.desk import read_page, read_provider, read_topic

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def source(name: str, folder: str = "topics") -> SourceFile:
    """Return a source of this name."""
    return SourceFile(f"{folder}/{name}", folder[:-1], name, "", bytes(32))


def test_a_topic_says_what_its_file_says() -> None:
    """Every field of the format; pictures are texts or maps."""
    data = b"""taxonomy: topic
_id: canvas-apps
name: Canvas apps
shortname: Canvas
parent: Power Apps
aliases: [canvas app]
keywords: [canvas]
hashtags: ["#A #B"]
images: [https://x.com/a.jpg, {url: /assets/b.jpg, width: 5}]
description: About
redirect_from: /old/
services: {news: https://x.com/api/}
"""
    assert read_topic(source("01-canvas.yaml"), data) == (
        TopicData(
            path="topics/01-canvas.yaml",
            name="Canvas apps",
            slug="canvas-apps",
            order=1,
            id="canvas-apps",
            short_name="Canvas",
            parent="Power Apps",
            aliases=("canvas app",),
            keywords=("canvas",),
            hashtags=("#A", "#B"),
            pictures=(Picture("https://x.com/a.jpg"), Picture("/assets/b.jpg", 5)),
            description="About",
            redirect_from=("/old/",),
            services=(("news", "https://x.com/api/"),),
        ),
        (),
    )


def test_a_topic_needs_a_name_or_an_id() -> None:
    """Its slug comes from `_id`, else from the name."""
    topic, problems = read_topic(source("x.yaml"), b"name: C++\n")
    assert topic is not None
    assert (topic.slug, topic.order, problems) == ("c-plus-plus", None, ())
    topic, problems = read_topic(source("x.yaml"), b"# nothing\nparent: x\n")
    assert topic is None
    assert [str(problem) for problem in problems] == ["topics/x.yaml:2:1: name: the topic has no name; write one"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.com.yaml", b"_id: X.com\nname: X\nimages: [/a-50x50.jpg]\nrehost: no\n"),
        ("x.com.md", b"---\n_id: x\ndomain: x.com\nname: X\nimages: [/a-50x50.jpg]\nrehost: false\n---\n"),
    ],
)
def test_a_provider_is_yaml_or_markdown(name: str, data: bytes) -> None:
    """`domain` wins over `_id`."""
    assert read_provider(source(name, "providers"), data) == (
        ProviderData(f"providers/{name}", "x.com", "X", "", (Picture("/a-50x50.jpg"),), rehost=False),
        (),
    )


def test_a_provider_needs_a_domain() -> None:
    """Without one no article could find it."""
    provider, problems = read_provider(source("x.yaml", "providers"), b"name: X\ndomain: not one\n")
    assert provider is None
    assert [str(problem) for problem in problems] == [
        "providers/x.yaml:2:9: domain: the provider has no valid domain; write it like example.com"
    ]


def test_a_page_is_a_title_and_a_body() -> None:
    """Its file's name is its address."""
    assert read_page(source("About us.md", "pages"), b"---\ntitle: About\nredirect_from: /who/\n---\nHello\n") == (
        PageData("pages/About us.md", "about-us", "About", (Html("<p>Hello</p>"),), "", ("/who/",)),
        (),
    )


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.md", b"---\ndescription: x\n---\n", "pages/x.md:2:1: title: the page has no title; write one in quotes"),
        (
            "api.md",
            b"---\ntitle: x\n---\n",
            "pages/api.md:1:1: /api/ is the address of something else; rename the file",
        ),
        ("!.md", b"---\ntitle: x\n---\n", "pages/!.md:1:1: the file's name gives no address; rename the file"),
        (
            "x.md",
            b"title: x",
            "pages/x.md:1:1: no front matter; begin the file with a line `---`, the fields and `---`",
        ),
        (
            "x.md",
            b"---\ntitle: x\nbodi: y\ntitel: z\n---\n",
            "pages/x.md:4:8: titel: unknown field; did you mean `title`?",
        ),
    ],
)
def test_a_wrong_page_has_a_located_message(name: str, data: bytes, message: str) -> None:
    """Every mistake says where it is."""
    assert [str(problem) for problem in read_page(source(name, "pages"), data)[1]] == [message]


def test_real_topics_and_providers_have_no_problem() -> None:
    """Everything that desks hold is read."""
    if not CORPUS.exists():
        pytest.skip("the corpus is not on this machine")
    topics = [read_topic(source(path.name), path.read_bytes()) for path in sorted(CORPUS.glob("*/_data/topics/*.yaml"))]
    files = sorted(CORPUS.glob("powerapps/_data/organizations/*.md"))
    providers = [read_provider(source(path.name, "providers"), path.read_bytes()) for path in files]
    assert [len(topics), len(providers)] == [27, 70]
    assert all(record is not None and problems == () for record, problems in [*topics, *providers])


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: f"---\ntitle: x\n---\n{text}".encode("utf-8", "replace"))
)
def test_no_bytes_raise(data: bytes) -> None:
    """No data file shows a traceback."""
    for read, name in ((read_topic, "x.yaml"), (read_provider, "x.md"), (read_page, "x.md")):
        record, problems = read(source(name), data)
        assert record is not None or problems
