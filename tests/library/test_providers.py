"""Providers: how often an outlet leads, how often it is present, and what it is called."""

from __future__ import annotations

from generator.base.records import Card, Mention, Outlet
from generator.library.providers import Provider, relate_providers
from library.cards import card, days_ago, mentions, picture, provider


def by(domain: str, stem: str, name: str = "", **changes: object) -> Card:
    """Return an outlet's article."""
    return card(stem, outlet=Outlet(name or domain, domain), **changes)


def only(*cards: Card, **data: object) -> Provider:
    """Return the one outlet of these articles."""
    (found,) = relate_providers((provider("a.example", **data),) if data else (), cards).values()
    return found


def test_an_outlet_leads_its_own_articles() -> None:
    """Its articles are those that name its domain, newest first as the shown ones are."""
    cards = (by("a.example", "new"), by("a.example", "old", published=days_ago(9)))
    found = only(*cards)
    assert (found.own, found.covered, found.leads, found.present) == (cards, (), 2, 2)


def test_an_outlet_is_present_where_it_reports() -> None:
    """A story counts once for an outlet, however many reports it has; its own story not a second time."""
    reports = mentions("x", "y", domain="b.example")
    cards = (
        by("a.example", "one", mentions=(*reports, *mentions("z", domain="a.example"))),
        by("b.example", "two", mentions=reports),
    )
    found = relate_providers((), cards)
    assert (found["b.example"].leads, found["b.example"].present) == (1, 2)
    assert found["b.example"].covered == (cards[0],)
    assert (found["a.example"].leads, found["a.example"].present) == (1, 1)


def test_the_leaderboard_has_an_order() -> None:
    """Outlets that lead most come first, then those that are present most, then by domain."""
    cards = (
        by("two.example", "a", mentions=mentions("x", domain="z.example")),
        by("two.example", "b", mentions=mentions("x", domain="z.example") + mentions("y", domain="k.example")),
        by("one.example", "c", mentions=mentions("y", domain="b.example")),
    )
    names = ["two.example", "one.example", "z.example", "b.example", "k.example"]
    assert list(relate_providers((), cards)) == names
    assert [found.leads for found in relate_providers((), cards).values()] == [2, 1, 0, 0, 0]


def test_an_outlet_has_a_page_from_two_appearances_on() -> None:
    """One appearance is a row of the list; two, leading or not, are a page."""
    reports = mentions("x", domain="b.example")
    assert not only(by("a.example", "one")).has_page
    assert only(by("a.example", "one"), by("a.example", "two")).has_page
    found = relate_providers((), (card("one", mentions=reports), card("two", mentions=reports)))
    assert found["b.example"].has_page
    assert found["b.example"].own == ()


def test_a_name_without_a_valid_domain_has_no_place() -> None:
    """Without a domain an outlet cannot be told from others: it is a name at its articles only."""
    assert relate_providers((), (by("", "one", name="Somebody", mentions=(Mention("k", "", "Another"),)),)) == {}


def test_the_data_file_names_the_outlet() -> None:
    """Name, description and logos of the data file win over those of articles."""
    article = card("one", outlet=Outlet("A by itself", "a.example", (picture("https://a.example/own.png"),)))
    logo = picture("assets/a.png")
    found = only(article, name="The A", description="What it is.", pictures=(logo,))
    assert (found.name, found.description, found.pictures, found.named_by) == ("The A", "What it is.", (logo,), "")


def test_without_a_data_file_the_newest_article_names_it() -> None:
    """Name and logos are those of the newest article that has some; a lead's spelling goes before a report's."""
    logo = picture("https://a.example/own.png")
    cards = (
        card("x", mentions=(Mention("k", "a.example", "a (report)"),)),
        by("a.example", "new", name="A now"),
        card("old", outlet=Outlet("A then", "a.example", (logo,)), published=days_ago(9)),
    )
    found = relate_providers((), cards)["a.example"]
    assert (found.name, found.pictures, found.named_by) == ("A now", (logo,), "content/news/old.md")


def test_an_outlet_that_only_reports_has_the_newest_reports_name() -> None:
    """Without articles of its own an outlet is called as the newest report calls it, else by its domain."""
    cards = (
        card("new", mentions=(Mention("k", "a.example", "A now"),)),
        card("old", mentions=(Mention("k", "a.example", "A then"), Mention("l", "b.example", ""))),
    )
    found = relate_providers((), cards)
    assert (found["a.example"].name, found["b.example"].name) == ("A now", "b.example")


def test_data_without_appearances_is_no_row() -> None:
    """An outlet that a file describes and no article names is not listed."""
    assert relate_providers((provider("never.example"),), (card("a"),)) == {}


def test_a_data_files_domain_must_be_the_same() -> None:
    """`www.a.example` is not `a.example`: the lookup is exact."""
    found = relate_providers((provider("www.a.example", name="W"),), (by("a.example", "one"),))
    assert found["a.example"].name == "a.example"
