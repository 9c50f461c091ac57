"""The join: what the library answers beyond its parts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from generator.base.config import read_settings
from generator.base.records import Card, ImageHole, Outlet, PageData
from generator.library.relate import NEWS_AGE, Library, Readings
from library.cards import NOON, card, days_ago, image, mentions, picture, provider, topic


def library(*cards: Card, now: datetime = NOON, toml: str = "", drafts: bool = False, **readings: object) -> Library:
    """Relate articles and what else was read."""
    ordered = tuple(sorted(cards, key=lambda each: each.path))
    return Library(Readings(cards=ordered, **readings), read_settings(toml), now, drafts)  # type: ignore[arg-type]


def said(of: Library) -> list[str]:
    """Return the problems as they are printed."""
    return sorted(f"{problem.severity}: {problem}" for problem in of.problems)


# -- sources -----------------------------------------------------------------------------------------------------------


def test_one_source_in_two_articles_is_a_warning() -> None:
    """Both are kept; each later path is told the first."""
    found = library(*(card(stem, key="source.example/x") for stem in ("b", "a", "c")))
    assert len(found.shown) == 3
    assert said(found) == [
        f"warning: content/news/{stem}.md: webUrl: content/news/a.md has the same source; "
        "keep one of them: `removed: true` takes the other out"
        for stem in ("b", "c")
    ]


def test_only_shown_articles_compete_for_a_source() -> None:
    """Drafts, removed and scheduled articles may have the source of a shown one, and articles of our own have none."""
    held = ({"draft": True}, {"removed": True}, {"published": NOON + timedelta(days=1)})
    cards = [card(f"held{at}", key="source.example/x", **fields) for at, fields in enumerate(held)]
    assert said(library(card("a", key="source.example/x"), *cards, card("b", key=""), card("c", key=""))) == []


def test_a_source_leads_to_the_article_that_is_shown() -> None:
    """A report's source is our own page where we have one; of a folded article it is its lead's."""
    lead = card("lead", mentions=mentions("folded"))
    found = library(lead, card("folded", heat=-1), card("draft", draft=True))
    assert {key: each.stem for key, each in found.pages_of_keys.items()} == {
        "source.example/lead": "lead",
        "source.example/folded": "lead",
    }


# -- addresses ---------------------------------------------------------------------------------------------------------


def test_an_article_stands_in_its_section_under_its_stem() -> None:
    """The address is section and stem, as they are."""
    assert library(card("2024-01-01_x", section="opinion")).addresses["content/news/2024-01-01_x.md"] == (
        "opinion/2024-01-01_x/"
    )


def test_an_article_at_the_address_of_another_is_left_out() -> None:
    """It is in no list and no count, and an error names both."""
    found = library(card("x", path="content/_news/x.md", topics=("T",)), card("x", topics=("T",)))
    assert [each.path for each in found.shown] == ["content/_news/x.md"]
    assert found.standing.states == {"content/_news/x.md": "shown"}
    assert said(found) == [
        "error: content/news/x.md: has the address /news/x/, as has content/_news/x.md; rename one of them"
    ]


def test_sections_are_those_of_the_settings_and_of_the_articles() -> None:
    """The settings' sections come first, also empty ones; then those that articles name, by name."""
    found = library(
        card("new", section="zoo"),
        card("a", section="news"),
        card("b", section="news", published=days_ago(9)),
        card("c", section="art"),
        card("draft", section="nowhere", draft=True),
        toml='sections = ["news", "empty"]',
    )
    assert list(found.sections) == ["news", "empty", "art", "zoo"]
    assert [each.stem for each in found.sections["news"]] == ["a", "b"]
    assert found.sections["empty"] == ()


def test_shelves_are_sections_topics_and_outlets_with_a_page() -> None:
    """Every list of the site is one shelf; outlets with one appearance, and a family that is off, have none."""
    twice = Outlet("Twice", "twice.example")
    cards = (
        card("a", topics=("東京",), outlet=twice),
        card("b", outlet=twice),
        card("c", outlet=Outlet("Once", "once.example")),
    )
    found = [(shelf.kind, shelf.address, len(shelf.cards)) for shelf in library(*cards).shelves()]
    assert found == [("section", "news/", 3), ("topic", "topics/東京/", 1), ("provider", "providers/twice.example/", 2)]
    without = library(*cards, toml="[outputs]\nproviders = false")
    assert [shelf.kind for shelf in without.shelves()] == ["section", "topic"]


def test_the_api_lists_the_section_news() -> None:
    """Articles of other sections are not in it; a topic's own are those that name it, not its sub-topics'."""
    cards = (card("a", topics=("Part",)), card("b", topics=("All",), section="opinion"), card("c", topics=("All",)))
    found = library(*cards, topics=(topic("All"), topic("Part", parent="All")))
    assert [each.stem for each in found.api_cards("")] == ["a", "c"]
    assert [each.stem for each in found.api_cards("all")] == ["c"]


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_missing_pictures_are_named_where_they_are_used() -> None:
    """Lead pictures, those of bodies, topics, providers, pages and of articles that name an outlet's logo count."""
    gone = picture("images/gone.png")
    logo = Outlet("A", "a.example", (picture("/assets/a.png"),))
    found = library(
        card("a", picture=gone, body_pictures=(picture("images/body.png"),), outlet=logo),
        card("draft", picture=picture("images/of-a-draft.png"), draft=True),
        topics=(topic("T", pictures=(gone, picture("/images/there.png"))),),
        providers=(provider("b.example", pictures=(gone,)),),
        pages=(PageData("content/pages/p.md", "p", "P", (ImageHole(gone, ""),)),),
        images={"images/there.png": image("images/there.png")},
    )
    assert said(found) == [
        "warning: content/news/a.md: images[0].url: the picture images/gone.png is missing (used by 4 files: "
        "content/news/a.md, content/pages/p.md, content/providers/b.example.yaml, …); "
        "add the file, or correct its name",
        "warning: content/news/a.md: provider.images[0].url: the picture assets/a.png is missing; "
        "add the file, or correct its name",
        "warning: content/news/a.md: the picture images/body.png is missing; add the file, or correct its name",
    ]


# -- the clock ---------------------------------------------------------------------------------------------------------


def test_the_lifetime_ends_where_the_clock_changes_something() -> None:
    """It reaches from the last instant that changed the site to the next: a date, its 48th hour, a `pinUntil`."""
    cards = (
        card("past", published=NOON - timedelta(hours=50)),
        card("young", published=NOON - timedelta(hours=47)),
        card("pinned", published=days_ago(90), pin=True, pin_until=NOON + timedelta(minutes=30)),
        card("soon", published=NOON + timedelta(days=2)),
    )
    since, until = library(*cards).lifetime()
    assert since == (NOON - timedelta(hours=2)).timestamp()  # `past` left the news
    assert until == (NOON + timedelta(minutes=30)).timestamp()
    assert library(*cards, now=NOON + timedelta(minutes=30)).lifetime()[1] == (NOON + timedelta(hours=1)).timestamp()


def test_what_is_held_back_by_hand_has_no_clock() -> None:
    """Drafts and removed articles do not limit the lifetime; a site without articles never changes by itself."""
    soon = NOON + timedelta(hours=1)
    held = (card("draft", draft=True, published=soon), card("gone", removed=True, published=soon))
    assert library(*held).lifetime() == (float("-inf"), float("inf"))
    assert library(*held, drafts=True).lifetime()[1] == soon.timestamp()


@pytest.mark.parametrize("moment", ["published", "pin_until"])
def test_now_lies_in_the_lifetime(moment: str) -> None:
    """At the very instant of a change the new lifetime has begun."""
    fields = {"published": days_ago(90), "pin": True, moment: NOON}
    since, until = library(card("a", **fields)).lifetime()
    assert since <= NOON.timestamp() < until


moments = st.integers(-72, 72).map(lambda hours: NOON + timedelta(hours=hours))
clocked = st.lists(
    st.builds(
        lambda number, published, until, heat: card(
            f"s{number}", published=published, pin=True, pin_until=until, heat=heat, mentions=mentions("s0", "s1")
        ),
        st.integers(0, 5),
        moments,
        st.none() | moments,
        st.sampled_from([-1, 5]),
    ),
    unique_by=lambda each: each.path,
    max_size=6,
)


@given(clocked, moments, st.floats(0, 1))
@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_changes_within_a_lifetime(cards: list[Card], now: datetime, share: float) -> None:
    """At any other instant of its lifetime a library answers the same: states, order, what is young enough for news."""
    here = library(*cards, now=now)
    since, until = here.lifetime()
    first, last = max(since, NOON.timestamp() - 1e6), min(until - 1, NOON.timestamp() + 1e6)
    there = library(*cards, now=NOON + timedelta(seconds=first + (last - first) * share - NOON.timestamp()))

    def answers(of: Library) -> object:
        young = {each.path for each in of.shown if each.published > of.now - NEWS_AGE}
        return of.standing.states, of.standing.due, [each.path for each in of.ranked], young

    assert answers(there) == answers(here)
