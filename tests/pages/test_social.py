"""social: which page shows which picture elsewhere, and that drawn cards come and go with what they say."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest
from site_kit import SmallSite, build, clean_tree, report, small_site, tree

HOME = "https://news.example/"


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """Return a site with a story that has commentary, one that has nothing, and one that has a picture."""
    site = small_site(tmp_path / "site", description="Words about it.")
    site.topic("Chips", 1, description="Small things.")
    site.picture("images/own.png", "#00cc00", 1300, 700)
    site.article("2026-02-03-ours", "Our view.\n", title="A title", topics=["Chips"])
    site.article("2026-02-02-bare", topics=["Chips"])
    site.article("2026-02-01-picture", "Our view.\n", images=[{"url": "/images/own.png"}])
    site.page("about", "About", "Who we are.\n")
    return site


def head(site: SmallSite, page: str) -> dict[str, str]:
    """Return what a page tells other sites of its picture."""
    text = (site.output / page / "index.html").read_text()
    return dict(re.findall(r'<meta (?:property|name)="((?:og:image|twitter:card)[\w:]*)" content="([^"]*)">', text))


def cards(site: SmallSite) -> set[str]:
    """Return the cards of the output."""
    return {f"images/cards/{file.name}" for file in site.output.glob("images/cards/*")}


def card(site: SmallSite, page: str) -> str:
    """Return the output of a page's card, which is there and as large as the page says."""
    told = head(site, page)
    assert told["twitter:card"] == "summary_large_image"
    output = told["og:image"].removeprefix(HOME)
    drawn = PIL.Image.open(BytesIO((site.output / output).read_bytes()))
    assert (str(drawn.width), str(drawn.height)) == (told["og:image:width"], told["og:image:height"])
    return output


def test_pages_have_the_card_that_is_theirs(site: SmallSite) -> None:
    """An article and a topic have their own; the front page's is the site's, and stands for all other pages."""
    build(site)
    ours, topic, front = card(site, "news/2026-02-03-ours"), card(site, "topics/chips"), card(site, "")
    assert {ours, topic, front} == cards(site)
    assert len({ours, topic, front}) == 3
    assert {card(site, page) for page in ("about", "news", "topics", "archive", "archive/2026/02")} == {front}


def test_a_page_that_is_not_indexed_has_none(site: SmallSite) -> None:
    """Neither an article that only repeats its source, nor a partial page of a list, nor a stub."""
    site.article("2026-02-04-more", redirect_from=["/earlier/"])
    build(site)
    for page in ("news/2026-02-02-bare", "news/page/1", "earlier"):
        assert "og:image" not in head(site, page)
    site.settings(title="Small news", base_url=HOME, index_excerpts=True)
    build(site)
    assert card(site, "news/2026-02-02-bare") in cards(site)


def test_an_article_with_a_picture_shows_it(site: SmallSite) -> None:
    """Its picture in the role `social`, cut to 1200 × 630; where the file is gone, a card."""
    build(site)
    own = card(site, "news/2026-02-01-picture")
    assert own not in cards(site)
    assert PIL.Image.open(site.output / own).size == (1200, 630)
    (site.root / "content" / "images" / "own.png").unlink()
    build(site)
    assert card(site, "news/2026-02-01-picture") in cards(site)


def test_a_card_is_not_the_articles_picture(site: SmallSite) -> None:
    """Feeds, structured data and the API speak of pictures that articles have, never of cards."""
    build(site)
    others = [file for file in site.output.rglob("*") if file.suffix in (".xml", ".json")]
    assert others
    assert not [file for file in others if b"images/cards/" in file.read_bytes()]
    page = (site.output / "news/2026-02-03-ours/index.html").read_text()
    assert "images/cards/" not in page.split("ld+json", 1)[1]


def test_turned_off_there_are_none(site: SmallSite, tmp_path: Path) -> None:
    """`social_cards = false` leaves only the pictures that articles have."""
    build(site)
    site.settings(title="Small news", base_url=HOME, outputs={"social_cards": False})
    build(site)
    assert cards(site) == set()
    for page in ("", "topics/chips", "news/2026-02-03-ours"):
        assert head(site, page) == {"twitter:card": "summary"}
    assert head(site, "news/2026-02-01-picture")["og:image"].startswith(f"{HOME}images/")
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_a_card_goes_with_what_it_said(site: SmallSite, tmp_path: Path) -> None:
    """A retitled article has another card and the old one is gone; the others stay as they are."""
    build(site)
    before, old = cards(site), card(site, "news/2026-02-03-ours")
    site.edit(site.root / "content/news/2026-02-03-ours.md", title="Another title")
    made = build(site)
    new = card(site, "news/2026-02-03-ours")
    assert cards(site) == before - {old} | {new}
    assert made.changes.removed == (old,)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")
    build(site)
    assert cards(site) == before - {old} | {new}


@pytest.mark.parametrize(
    ("change", "pages"),
    [
        ({"title": "Other"}, ("", "topics/chips", "news/2026-02-03-ours")),
        ({"description": "Other"}, ("",)),
    ],
    ids=str,
)
def test_cards_follow_the_settings(
    site: SmallSite, tmp_path: Path, change: dict[str, object], pages: tuple[str, ...]
) -> None:
    """The site's name is on every card, its description on its own."""
    every = ("", "topics/chips", "news/2026-02-03-ours")
    build(site)
    before = {page: card(site, page) for page in every}
    site.settings(**({"title": "Small news", "base_url": HOME, "description": "Words about it."} | change))
    build(site)
    assert {page for page in every if card(site, page) != before[page]} == set(pages)
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


def test_titles_that_no_font_has_share_a_card(site: SmallSite) -> None:
    """There is one card with the site's name for each colour, however many titles cannot be shown."""
    for day, title in enumerate(("日本の話", "أخبار", "समाचार"), 1):
        site.article(f"2026-01-0{day}-other", "Our view.\n", title=title, topics=["Chips"])
    build(site)
    assert len({card(site, f"news/2026-01-0{day}-other") for day in (1, 2, 3)}) == 1
    assert card(site, "news/2026-01-01-other") != card(site, "")


def test_coverage_is_enough_for_a_card(site: SmallSite) -> None:
    """A story that other outlets report is indexed, hence has one."""
    site.article("2026-02-02-bare", topics=["Chips"], related=[report("elsewhere")])
    build(site)
    assert card(site, "news/2026-02-02-bare") in cards(site)
