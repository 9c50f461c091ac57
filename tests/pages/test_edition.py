"""A card's digest is made of parts, before its view is: whatever changes the view must change the digest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from site_kit import NOON, SmallSite, full_site

from generator.base.config import load_site
from generator.base.digest import digest_record
from generator.builder.store import State, Store
from generator.drafting import Request, draft
from generator.reading import Reading
from generator.theme.parts import CardView

LEAD = "content/news/2026-02-28-lead.md"
Edit = Callable[[SmallSite], object]


def lead(**changes: object) -> Edit:
    return lambda site: site.edit(site.root / LEAD, **changes)


def toml(**settings: object) -> Edit:
    return lambda site: site.settings(**({"title": "Small news", "base_url": "https://news.example/"} | settings))


EDITS: dict[str, Edit] = {
    "title": lead(title="Another title"),
    "excerpt": lead(excerpt="Another excerpt"),
    "address": lead(webUrl="https://outlet.example/another"),
    "source removed": lead(webUrl="", originalUrl="https://outlet.example/other"),
    "date": lead(publishedDateTime="2026-02-28T10:00:00Z"),
    "update": lead(updatedDateTime="2026-02-28T11:00:00Z"),
    "type": lead(type="video"),
    "outlet": lead(provider={"name": "Other", "domain": "other.example"}),
    "outlet without a domain": lead(provider={"name": "Other"}),
    "topics": lead(topics=["Science", "Chips"]),
    "no topics": lead(topics=[]),
    "picture": lead(images=[{"url": "/images/body.png"}]),
    "no picture": lead(images=[]),
    "remote picture": lead(images=[{"url": "https://pictures.example/a", "width": 640, "height": 480}]),
    "other shape": lead(images=[{"url": "https://pictures.example/a", "width": 480, "height": 640}]),
    "other credit": lead(images=[{"url": "https://pictures.example/a", "attribution": "Theirs"}]),
    "focus": lead(focus=[0.1, 0.9]),
    "no coverage": lead(related=[]),
    "pinned": lead(pin=True),
    "pinned until then": lead(pin=True, pinUntil="2026-03-01T11:00:00Z"),
    "language": lead(locale="de"),
    "moved": lambda site: (site.root / LEAD).rename(site.root / "content/news/2026-02-28-moved.md"),
    "section": lead(category="reviews"),
    "outlet's name": lambda site: site.provider("outlet.example", name="Renamed"),
    "outlet's logo": lambda site: site.picture("assets/outlet.png", "#00cccc", 50, 50),
    "other outlet's name": lambda site: site.provider("other.example", name="The Renamed"),
    "topic's name": lambda site: site.topic("Chips", 2, parent="Computing", aliases=["Silicon"], _id="chips-2"),
    "topic's parent": lambda site: site.topic("Chips", 2),
    "topic is the root": lambda site: [site.edit(file, topics=["Science"]) for file in site.articles()],
    "picture's pixels": lambda site: site.picture("images/lead.png", "#0000ff"),
    "picture's size": lambda site: site.picture("images/lead.png", "#0000ff", 640, 480),
    "picture gone": lambda site: site.remove("content/images/lead.png"),
    "base path": toml(base_url="https://news.example/sub/"),
    "site's language": toml(language="fr"),
    "excerpts are indexed": toml(index_excerpts=True),
    "outlets have no pages": toml(outputs={"providers": False}),
    "role": lambda site: site.write(
        "themes/default/theme.toml",
        (site.root / "themes/default/theme.toml").read_text().replace("widths = [", "widths = [24, ", 1),
    ),
}


def cards(site: SmallSite) -> dict[bytes, CardView]:
    """Return the view of every shown article by its digest."""
    site.cache.mkdir(exist_ok=True)
    with closing(Store(site.cache, Reading)) as store:
        drafted = draft(load_site(site.root), Request(NOON, jobs=1), store, State(), lambda *_: None)
    digested = [drafted.edition.card(card) for card in drafted.edition.library.shown]
    return {each.digest: each.record for each in digested}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[bytes, CardView]]:
    """Return the cards after each edit of the same site; "" = before any."""
    views = {}
    for name, edit in {"": toml(), **EDITS}.items():
        site = full_site(tmp_path_factory.mktemp("site"))
        edit(site)
        views[name] = cards(site)
    return views


def test_equal_digests_mean_equal_views(views: dict[str, dict[bytes, CardView]]) -> None:
    """No two different views have one digest."""
    seen: dict[bytes, bytes] = {}
    for name, found in views.items():
        for digest, view in found.items():
            assert seen.setdefault(digest, digest_record(view)) == digest_record(view), name


def test_every_edit_is_seen(views: dict[str, dict[bytes, CardView]]) -> None:
    """The edits above do what they say: each changes a card, but for a pin that is over."""
    assert [name for name, found in views.items() if found.keys() == views[""].keys()] == ["", "pinned until then"]


@pytest.mark.parametrize("field", CardView.__struct_fields__)
def test_every_field_of_a_card_is_edited(field: str, views: dict[str, dict[bytes, CardView]]) -> None:
    """No field of a card is left out by the edits."""
    shown = [{digest_record(getattr(view, field)) for view in found.values()} for found in views.values()]
    assert any(values != shown[0] for values in shown)
