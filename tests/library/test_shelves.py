"""Shelves: the laws of archive pages, which are counted from the oldest."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.records import Card
from generator.library.shelves import PAGE_SIZE, Shelf
from library.cards import NOON, card


def shelf(count: int) -> Shelf:
    """Return a list of articles, newest first; the oldest is `s0`."""
    cards = [card(f"s{number}", published=NOON + timedelta(hours=number)) for number in range(count)]
    return Shelf("news/", "section", "news", tuple(reversed(cards)))


def pages(of: Shelf) -> list[tuple[Card, ...]]:
    """Return its numbered pages, from number 1."""
    return [of.page(number) for number in range(1, of.pages + 1)]


counts = st.integers(0, 5 * PAGE_SIZE)


@given(counts)
@settings(deadline=None, max_examples=30)
def test_each_article_is_on_exactly_one_page(count: int) -> None:
    """The pages from the last to the first, one after the other, are the list itself: newest first, each once."""
    one = shelf(count)
    assert [each for page in reversed(pages(one)) for each in page] == list(one.cards)
    assert all(page for page in pages(one))


@given(counts)
@settings(deadline=None, max_examples=30)
def test_all_pages_but_the_last_are_full(count: int) -> None:
    """Page k holds the articles 20(k-1)+1 to 20k from the oldest; only the newest page may be partial."""
    one = shelf(count)
    for number, page in enumerate(pages(one), 1):
        stems = [f"s{at}" for at in range(PAGE_SIZE * (number - 1), min(PAGE_SIZE * number, count))]
        assert [each.stem for each in reversed(page)] == stems
        assert one.is_full(number) == (len(page) == PAGE_SIZE)
        assert one.is_full(number) or number == one.pages


@given(counts)
@settings(deadline=None, max_examples=30)
def test_a_newer_article_changes_the_newest_page_only(count: int) -> None:
    """After one newer article all full pages are as they were."""
    before, after = pages(shelf(count)), pages(shelf(count + 1))
    full = count // PAGE_SIZE
    assert after[:full] == before[:full]
    assert len(after) == full + 1


@given(counts, st.data())
@settings(deadline=None, max_examples=30)
def test_a_removal_changes_the_pages_from_its_place_on(count: int, data: st.DataObject) -> None:
    """The pages of older articles than the one that was taken out are as they were."""
    one = shelf(count + 1)
    at = data.draw(st.integers(0, count))  # from the oldest
    left = tuple(each for each in one.cards if each.stem != f"s{at}")
    other = Shelf(one.address, one.kind, one.id, left)
    assert pages(other)[: at // PAGE_SIZE] == pages(one)[: at // PAGE_SIZE]


@given(counts)
@settings(deadline=None, max_examples=30)
def test_the_list_itself_shows_the_newest(count: int) -> None:
    """The list's own address shows a full page of the newest, however few the newest page has."""
    one = shelf(count)
    assert one.newest() == one.cards[:PAGE_SIZE]


def test_a_page_has_its_number_in_its_address() -> None:
    """Pages lie below the list."""
    assert shelf(50).page_address(2) == "news/page/2/"


def test_an_empty_list_has_no_pages() -> None:
    """A list without articles has its own address and nothing below it."""
    assert (shelf(0).pages, shelf(0).newest()) == (0, ())
