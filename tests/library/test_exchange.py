"""An exchanged library is the one that the join would make, whatever was edited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from generator.base.config import read_settings
from generator.base.records import Card, Outlet, Picture
from generator.library.exchange import FREE, exchanged
from generator.library.relate import Library, Readings
from tests.library.cards import NOON, card, days_ago, mentions

SETTINGS = read_settings('title = "T"\nbase_url = "https://x.example/"\n')

cards = st.builds(
    card,
    st.sampled_from([f"a{n}" for n in range(8)]),
    title=st.sampled_from(["One", "Two"]),
    excerpt=st.sampled_from(["", "text"]),
    published=st.integers(-3, 60).map(days_ago),
    topics=st.lists(st.sampled_from(["AI", "ai", "Space", "Law"]), max_size=3).map(tuple),
    outlet=st.sampled_from([Outlet("", ""), Outlet("A", "a.example"), Outlet("B", "b.example")]),
    mentions=st.lists(st.sampled_from([f"a{n}" for n in range(8)]), max_size=2, unique=True).map(
        lambda m: mentions(*m)
    ),
    heat=st.sampled_from([-1, 0, 5]),
    draft=st.booleans(),
    pin=st.booleans(),
    picture=st.sampled_from([None, Picture("images/missing.jpg")]),
)


def library_of(found: list[Card], *, everything: bool) -> Library:
    """Join these articles, each stem once."""
    by_stem = {each.stem: each for each in found}
    given_cards = tuple(by_stem[stem] for stem in sorted(by_stem))
    return Library(Readings(cards=given_cards), SETTINGS, NOON, drafts=False, everything=everything)


def edited(old: Card, fields: list[str]) -> Card:
    """Return a card that says something else in these fields."""
    other = {
        "title": old.title + "!",
        "excerpt": old.excerpt + "!",
        "updated": old.published + timedelta(hours=1),
        "type": "video",
        "has_body": not old.has_body,
        "has_embed": not old.has_embed,
        "locale": "de",
        "focus": (0.1, 0.9),
        "face": b"x" * 16,
    }
    return replace(old, **{name: other[name] for name in fields})


def told(library: Library) -> dict[str, object]:
    """Return all that a library tells."""
    return {
        "shown": library.shown,
        "ranked": library.ranked,
        "readings": library.readings,
        "given": library.given,
        "standing": library.standing,
        "topics": library.topics,
        "providers": library.providers,
        "sections": library.sections,
        "months": library.months.days,
        "keys": library.pages_of_keys,
        "addresses": library.addresses,
        "problems": library.problems,
        "lifetime": library.lifetime(),
        "api": [library.api_cards(slug) for slug in ("", *library.topics.by_slug)],
        "shelves": list(library.shelves()),
    }


@given(st.lists(cards, min_size=1, max_size=8), st.lists(st.sampled_from(FREE), min_size=1), st.data(), st.booleans())
def test_an_exchange_is_what_the_join_would_make(
    found: list[Card], fields: list[str], data: st.DataObject, everything: bool
) -> None:
    """Every field that is free may change in every way; all that the library tells is as if it were joined anew."""
    library = library_of(found, everything=everything)
    told(library)  # what it has found so far must not survive
    at = data.draw(st.integers(0, len(library.given.cards) - 1))
    changed = list(library.given.cards)
    changed[at] = edited(changed[at], fields)
    readings = replace(library.given, cards=tuple(changed))
    exchange = exchanged(library, readings)
    assert exchange is not None
    assert told(exchange) == told(Library(readings, SETTINGS, NOON, drafts=False, everything=everything))
    assert exchange.frame is library.frame


@pytest.mark.parametrize("name", sorted(set(asdict(card())) - set(FREE)))
def test_any_other_field_needs_the_join(name: str) -> None:
    """A card whose place may be another is not exchanged."""
    library = library_of([card("a"), card("b")], everything=False)
    old = library.given.cards[0]
    values: dict[type, object] = {str: "other", int: 7, bool: True, tuple: ("x",)}
    value = getattr(old, name)
    other = days_ago(9) if value == old.published else values.get(type(value), Picture("x.jpg"))
    changed = replace(old, **{name: other})
    assert changed != old
    assert exchanged(library, replace(library.given, cards=(changed, library.given.cards[1]))) is None


def test_other_things_that_were_read_need_the_join() -> None:
    """An article more, or another broken picture, is more than an exchange."""
    library = library_of([card("a")], everything=False)
    more = replace(library.given, cards=(card("a"), card("b")))
    assert exchanged(library, more) is None
    assert exchanged(library, replace(library.given, broken={"images/a.jpg": "is broken"})) is None
