"""Social: what other sites show of a link to a page: its own picture, else a card that is drawn."""

from __future__ import annotations

from collections.abc import Callable

from generator.base.imaging import SocialCard
from generator.base.record import Record
from generator.base.records import Card
from generator.images.cards.plan import HEIGHT, WIDTH, Drawn, drawn, site_card, story_card, topic_card
from generator.library.topics import Topic
from generator.pages.edition import Edition
from generator.theme.parts import PictureView

ROLES = ("social", "hero")  # in which a theme shows pictures elsewhere, the first that it has


class Preview(Record, frozen=True):
    """A picture for other sites: its root-relative URL, \"\" for none, and its size in px."""

    url: str = ""
    width: int = 0
    height: int = 0


def picture_preview(picture: PictureView | None) -> Preview:
    """Return a picture of which we have the file, for other sites."""
    roles = picture.roles if picture else {}
    sized = next((roles[role] for role in ROLES if role in roles), None)
    return Preview(sized.url, sized.width, sized.height) if sized else _NONE


_NONE = Preview()


# -- cards -------------------------------------------------------------------------------------------------------------


def every_card(edition: Edition) -> dict[str, SocialCard]:
    """Return every card of the site by its output; equal ones are one."""
    library = edition.library
    topics = (_topic_drawn(edition, topic) for topic in library.topics.by_slug.values() if topic.cards)
    stories = (_story_drawn(edition, card) for card in library.shown)
    return dict(each for each in (_site_drawn(edition), *topics, *stories) if each)


def story_preview(edition: Edition, card: Card) -> Preview:
    """Return the card that is drawn for an article, none for one that is not indexed or has a picture of its own."""
    return _preview(edition, _story_drawn(edition, card))


def topic_preview(edition: Edition, topic: Topic) -> Preview:
    """Return the card of a topic."""
    return _preview(edition, _topic_drawn(edition, topic))


def site_preview(edition: Edition) -> Preview:
    """Return the card of the site."""
    return _preview(edition, _site_drawn(edition))


def _preview(edition: Edition, card: Drawn | None) -> Preview:
    return Preview(edition.url(card.output), WIDTH, HEIGHT) if card else _NONE


def _site_drawn(edition: Edition) -> Drawn | None:
    settings = edition.settings
    return _once(edition, "", lambda: drawn(site_card(settings.title, settings.description)))


def _topic_drawn(edition: Edition, topic: Topic) -> Drawn | None:
    description, hue = topic.data.description if topic.data else "", edition.topic(topic).hue
    site = edition.settings.title
    return _once(edition, f"topics/{topic.slug}", lambda: drawn(topic_card(topic.name, description, site, hue)))


def _story_drawn(edition: Edition, card: Card) -> Drawn | None:
    return _once(edition, card.path, lambda: _story_card(edition, card))


def _once(edition: Edition, key: str, make: Callable[[], Drawn | None]) -> Drawn | None:
    """Return a card that is made when it is first asked for, none where the site has no cards."""
    if not edition.settings.outputs.social_cards:
        return None
    if key not in edition.drawn:
        edition.drawn[key] = make()
    return edition.drawn[key]


def _story_card(edition: Edition, card: Card) -> Drawn | None:
    if not edition.is_indexable(card) or _has_picture(edition, card):
        return None
    chips = edition.chips(card)
    topic, hue = (chips[0].name, chips[0].hue) if chips else ("", None)
    outlet = edition.provider(card.outlet.domain, card.outlet.name).record.name
    shown = (card.title, topic, outlet, edition.settings.title, hue)
    if shown not in edition.stories_drawn:
        edition.stories_drawn[shown] = drawn(story_card(*shown))
    return edition.stories_drawn[shown]


def _has_picture(edition: Edition, card: Card) -> bool:
    if edition.library.gallery.find(card.picture) is None:
        return False
    return bool(picture_preview(edition.pictures.view(card.picture, card.focus)).url)
