"""plan: which texts a card shows, and what its name depends on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from generator.base.imaging import SocialCard
from generator.images.cards.plan import drawn, site_card, story_card, topic_card

CARD = story_card("A title", "Chips", "The Outlet", "Small news", 3)


def test_a_story_has_all_that_is_known() -> None:
    """Its title, its topic, its outlet and the site."""
    assert SocialCard("A title", label="Chips", outlet="The Outlet", site="Small news", hue=3) == CARD


def test_a_missing_letter_leaves_the_sites_name_and_the_colour() -> None:
    """Two titles that cannot be shown have one card."""
    plain = story_card("日本の話", "Chips", "The Outlet", "Small news", 3)
    assert plain == SocialCard("Small news", hue=3)
    assert story_card("أخبار", "Other", "Another", "Small news", 3) == plain
    assert topic_card("東京", "Words.", "Small news", 3) == plain


def test_what_else_cannot_be_shown_is_left_out() -> None:
    """A topic, an outlet, a description and a site's name are missed one by one."""
    assert story_card("A title", "東京", "日本", "Small news", 3) == SocialCard("A title", site="Small news", hue=3)
    assert topic_card("Chips", "東京", "新聞", 3) == SocialCard("Chips", hue=3)
    assert site_card("新聞", "Words.") == SocialCard("", note="Words.")
    assert story_card("日本の話", "", "", "新聞", None) == SocialCard("")


@pytest.mark.parametrize(
    "change",
    [{"title": "B"}, {"label": "B"}, {"note": "B"}, {"outlet": "B"}, {"site": "B"}, {"hue": 4}, {"hue": None}],
    ids=str,
)
def test_a_name_depends_on_all_that_is_shown(change: dict[str, object]) -> None:
    """Another word or colour, another name; the same card, the same name."""
    assert drawn(replace(CARD, **change)).output != drawn(CARD).output
    assert drawn(replace(CARD)) == drawn(CARD)
    assert drawn(CARD).output.startswith("images/cards/")
