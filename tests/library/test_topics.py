"""Topics: a tree out of data files and of what articles name."""

from __future__ import annotations

import pytest

from generator.base.paths import topic_slug
from generator.base.records import Card, TopicData
from generator.library.topics import Topics, relate_topics
from library.cards import card, days_ago, topic

TREE = (
    topic("Computing", order=1),
    topic("Chips", order=2, parent="Computing", aliases=("Silicon", "半導体")),
    topic("Memory", order=3, parent="Chips", id="ram", short_name="RAM"),
    topic("Science", order=4),
)


def named(*names: str) -> tuple[Card, ...]:
    """Return one article for each of the names, newest first, `s0` naming the first."""
    return tuple(card(f"s{at}", topics=(name,), published=days_ago(at)) for at, name in enumerate(names))


def said(topics: Topics) -> list[str]:
    """Return the problems as they are printed."""
    return [f"{problem.severity}: {problem}" for problem in topics.problems]


def stems(topics: Topics, slug: str) -> list[str]:
    """Return a topic's articles."""
    return [each.stem for each in topics.by_slug[slug].cards]


# -- the tree ----------------------------------------------------------------------------------------------------------


def test_a_topic_has_the_articles_of_its_sub_topics() -> None:
    """What names a sub-topic stands in all of its ancestors, and in the ancestors only as theirs by descent."""
    topics = relate_topics(TREE, named("Memory", "Chips", "Computing", "Science"))
    assert stems(topics, "computing") == ["s0", "s1", "s2"]
    assert stems(topics, "chips") == ["s0", "s1"]
    assert stems(topics, "science") == ["s3"]
    assert [each.stem for each in topics.by_slug["computing"].own] == ["s2"]
    assert said(topics) == []


def test_an_article_is_once_in_an_ancestor() -> None:
    """An article that names a topic, its alias, its sub-topics and its ancestors stands once in each of them."""
    article = card("a", topics=("Silicon", "Chips", "Memory", "Computing"))
    topics = relate_topics(TREE, (article, card("b")))
    for slug in ("computing", "chips", "memory"):
        assert stems(topics, slug) == ["a"]


def test_topics_keep_the_order_of_their_files() -> None:
    """Topics come by the number of their file, those without one after them by name, those without a file last."""
    data = (topic("Zebra"), topic("Apple"), topic("Second", order=2), topic("First", order=0))
    topics = relate_topics(data, named("Beta", "Alpha"))
    assert list(topics.by_slug) == ["first", "second", "apple", "zebra", "alpha", "beta"]
    assert topics.main == tuple(topics.by_slug)


def test_children_are_in_order() -> None:
    """A topic's children come in the order of their files."""
    data = (topic("Top", order=9), topic("B", order=2, parent="Top"), topic("A", order=3, parent="Top"))
    topics = relate_topics(data, ())
    assert topics.by_slug["top"].children == ("b", "a")
    assert topics.by_slug["a"].parent == "top"


def test_a_parent_is_found_by_any_of_its_names() -> None:
    """A parent may be named by name, alias, `_id` or short name, in any case and spacing."""
    for name in ("memory", "  MEMORY ", "ram", "RAM"):
        topics = relate_topics((*TREE, topic("Flash", parent=name)), ())
        assert topics.by_slug["flash"].parent == "memory"
    assert relate_topics((*TREE, topic("Flash", parent="silicon")), ()).by_slug["flash"].parent == "chips"


def test_a_missing_parent_is_a_warning() -> None:
    """A parent that no file describes is left out, with the nearest name; that only articles name it is not enough."""
    topics = relate_topics((*TREE, topic("Flash", parent="Memori")), named("Memori"))
    assert topics.by_slug["flash"].parent == ""
    assert said(topics)[-1] == (
        "warning: content/topics/flash.yaml: parent: there is no topic `Memori`; did you mean `Memory`?"
    )


@pytest.mark.parametrize("circle", [("A",), ("A", "B"), ("A", "B", "C", "D")])
def test_circular_parents_are_cut(circle: tuple[str, ...]) -> None:
    """A circle of parents is cut at the last of its topics, with one warning; all of them are in the tree."""
    data = tuple(topic(name, order=at, parent=circle[at - 1]) for at, name in enumerate(circle))
    topics = relate_topics(data, named(*circle))
    warnings = said(topics)
    assert len(warnings) == 1
    assert "lies below" in warnings[0]
    tops = [slug for slug, each in topics.by_slug.items() if not each.parent]
    assert len(tops) == 1
    assert len(stems(topics, tops[0])) == len(circle)


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Chips", "chips", "CHIPS", " Silicon", "silicon", "半導体", "Ｃｈｉｐｓ"])
def test_articles_name_a_topic_in_any_spelling(name: str) -> None:
    """A topic is found by name or alias, whatever the case, the white space or the width of the letters."""
    topics = relate_topics(TREE, named(name))
    assert stems(topics, "chips") == ["s0"]
    assert said(topics) == []


def test_the_topics_of_an_article_come_once_and_in_its_order() -> None:
    """An article's topics are the weightiest first, each once."""
    article = card("a", topics=("Science", "Silicon", "Chips", "Unheard of"))
    topics = relate_topics(TREE, (article, card("b")))
    assert [each.slug for each in topics.of(article)] == ["science", "chips", "unheard-of"]


def test_a_topic_without_a_file_is_a_topic() -> None:
    """It has a page under its own spelling, and one warning at its oldest article with the nearest known name."""
    topics = relate_topics(TREE, named("Sciense", "Sciense", "sciense", "Gardening"))
    assert topics.by_slug["sciense"].name == "Sciense"
    assert topics.by_slug["sciense"].data is None
    assert stems(topics, "sciense") == ["s0", "s1", "s2"]
    assert said(topics) == [
        "warning: content/news/s3.md: topics[0]: no data file names the topic `Gardening`; "
        "add a file for it in topics/",
        "warning: content/news/s2.md: topics[0]: no data file names the topic `sciense`; did you mean `Science`?",
    ]


def test_a_desk_without_topic_files_is_not_told_of_each_topic() -> None:
    """Where no topic has a file, having none is no problem."""
    assert said(relate_topics((), named("One", "Two"))) == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [("C", "c"), ("C++", "c-plus-plus"), ("C#", "c-sharp"), ("東京", "東京"), ("page", "page-topic"), ("…", "-topic")],
)
def test_topics_that_look_alike_are_different(name: str, slug: str) -> None:
    """C, C++, C# and 東京 are four topics, each with an address of its own."""
    topics = relate_topics((), named("C", "C++", "C#", "東京", "page", "…"))
    assert len(topics.by_slug) == 6
    assert topics.by_slug[slug].name == name


def test_a_topic_by_its_slug_is_the_topic() -> None:
    """A name that no file has, but whose address a file's topic has, means that topic, without a warning."""
    data = (topic("The language C++", slug="c-plus-plus", id="c-plus-plus"),)
    topics = relate_topics(data, named("C++"))
    assert list(topics.by_slug) == ["c-plus-plus"]
    assert stems(topics, "c-plus-plus") == ["s0"]
    assert said(topics) == []


def test_two_files_with_one_slug_are_an_error() -> None:
    """The first file keeps the address, the second is left out; the error names both."""
    data = (
        TopicData("content/topics/01-ai.yaml", "AI", topic_slug("AI"), 1),
        TopicData("content/topics/02-ai.yaml", "Artificial intelligence", topic_slug("ai"), 2, id="ai"),
    )
    topics = relate_topics(data, named("AI"))
    assert [each.name for each in topics.by_slug.values()] == ["AI"]
    assert said(topics) == [
        "error: content/topics/02-ai.yaml: _id: has the address of `AI` (content/topics/01-ai.yaml): topics/ai/; "
        "give one of them another `_id`"
    ]


def test_an_alias_belongs_to_one_topic() -> None:
    """An alias that is the name or an earlier alias of another topic is a warning, and stays with that one."""
    data = (topic("One", order=1, aliases=("Uno", "Two")), topic("Two", order=2, aliases=("uno",)))
    topics = relate_topics(data, named("Uno", "Two"))
    assert stems(topics, "one") == ["s0"]
    assert stems(topics, "two") == ["s1"]
    assert said(topics) == [
        "warning: content/topics/one.yaml: aliases[1]: `Two` is the name of another topic already; remove it here",
        "warning: content/topics/two.yaml: aliases[0]: `uno` is the name of another topic already; remove it here",
    ]


def test_two_topics_of_one_name_are_a_warning() -> None:
    """Of two files with one name articles mean the first; it is said, for the second would stay empty silently."""
    data = (topic("Same", slug="one", order=1), topic("same", slug="two", order=2))
    topics = relate_topics(data, named("Same"))
    assert stems(topics, "one") == ["s0"]
    assert said(topics) == [
        "warning: content/topics/two.yaml: name: `same` is the name of another topic already; give it another name"
    ]


# -- the root topic ----------------------------------------------------------------------------------------------------


def test_a_topic_on_nearly_all_articles_is_the_root() -> None:
    """A top topic on over 90 % of the shown articles is the site's own subject; the main topics are its children."""
    data = (topic("Power Apps", order=0), topic("Portals", order=1, parent="Power Apps"), topic("Other", order=2))
    cards = tuple(card(f"s{at}", topics=("Power Apps",) if at else ("Other",)) for at in range(20))
    topics = relate_topics(data, cards)
    assert topics.root == "power-apps"
    assert topics.main == ("portals",)


def test_a_root_without_children_leaves_the_others() -> None:
    """Where the root has no sub-topics, the main topics are all other tops."""
    cards = tuple(card(f"s{at}", topics=("All", "Some") if at % 2 else ("All",)) for at in range(10))
    topics = relate_topics((topic("All"), topic("Some")), cards)
    assert (topics.root, topics.main) == ("all", ("some",))


def test_90_percent_are_not_enough() -> None:
    """A topic on nine of ten articles is a topic like others."""
    cards = tuple(card(f"s{at}", topics=("Most",) if at else ("One",)) for at in range(10))
    assert relate_topics((topic("Most"), topic("One")), cards).root == ""


def test_sub_topics_count_for_the_root() -> None:
    """An article that names only a sub-topic is one of the root's."""
    data = (topic("All"), topic("Part", parent="All"))
    cards = tuple(card(f"s{at}", topics=("Part",) if at % 2 else ("All",)) for at in range(10))
    assert relate_topics(data, cards).root == "all"


def test_one_article_makes_no_root() -> None:
    """A site with one article or one topic has no root, for it would have no topics left."""
    assert relate_topics((), (card("a", topics=("A", "B")),)).root == ""
    assert relate_topics((topic("A"),), named("A", "A")).root == ""
