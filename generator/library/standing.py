"""Standing: which articles are shown, and which are held back and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Literal

import msgspec

from generator.base.paths import portable
from generator.base.problems import Problem
from generator.base.record import Record
from generator.base.records import Card

State = Literal["removed", "draft", "scheduled", "folded", "shown"]


class Standing(Record, frozen=True):
    """Every article once: `shown` newest first (ties by path), the others with what holds them back.

    `leads` gives the lead of a folded article's story, both by path. `due` is when the next scheduled one is.
    """

    shown: tuple[Card, ...]
    states: dict[str, State]
    leads: dict[str, str]
    due: datetime | None

    def count(self, state: State) -> int:
        """Return how many articles are in a state."""
        return sum(1 for value in self.states.values() if value == state)


def with_held(standing: Standing, cards: tuple[Card, ...], addresses: dict[str, str]) -> Standing:
    """Return the standing in which what is held back is shown, too, as a preview does; states and leads stay true.

    One that would have another's address is still not shown.
    """
    taken = {portable(addresses[card.path]) for card in standing.shown}
    held = []
    for card in cards:
        if standing.states[card.path] != "shown" and (place := portable(addresses[card.path])) not in taken:
            taken.add(place)
            held.append(card)
    return msgspec.structs.replace(standing, shown=_newest_first([*standing.shown, *held]))


def stand(cards: tuple[Card, ...], now: datetime, drafts: bool) -> Standing:
    """Sort every article into one state: removed > draft > scheduled > folded > shown."""
    states: dict[str, State] = {card.path: _held(card, now, drafts) for card in cards}
    visible = [card for card in cards if states[card.path] == "shown"]
    leads = _fold(visible)
    states |= dict.fromkeys(leads, "folded")
    shown = _newest_first(card for card in visible if card.path not in leads)
    due = min((card.published for card in cards if states[card.path] == "scheduled"), default=None)
    return Standing(shown, states, leads, due)


def one_per_address(
    cards: tuple[Card, ...], addresses: dict[str, str], now: datetime, drafts: bool
) -> tuple[tuple[Card, ...], list[Problem]]:
    """Return the cards without those that would be shown at another's address; `cards` and what is kept go by path."""
    first: dict[str, str] = {}
    twins: dict[str, str] = {}
    for card in cards:
        if _held(card, now, drafts) == "shown":
            other = first.setdefault(portable(addresses[card.path]), card.path)
            if other != card.path:
                twins[card.path] = other
    problems = [
        Problem(path, 0, 0, "", f"has the address /{addresses[path]}, as has {other}", "rename one of them")
        for path, other in twins.items()
    ]
    return tuple(card for card in cards if card.path not in twins) if twins else cards, problems


def _newest_first(cards: Iterable[Card]) -> tuple[Card, ...]:
    return tuple(sorted(sorted(cards, key=_path), key=_published, reverse=True))


_path, _published = attrgetter("path"), attrgetter("published")


def _held(card: Card, now: datetime, drafts: bool) -> State:
    if card.removed:
        return "removed"
    if card.draft and not drafts:
        return "draft"
    return "scheduled" if card.published > now else "shown"


def _fold(cards: list[Card]) -> dict[str, str]:
    """Return folded path → lead's path: `heat: -1` articles that a shown article lists.

    Where such articles list each other in a circle, the heaviest of them is shown and leads.
    """
    folders = {card.key: card for card in cards if card.heat == -1 and card.key}
    mentioners: dict[str, list[Card]] = defaultdict(list)
    if folders:
        for card in cards:
            for mention in card.mentions:
                if mention.key in folders and mention.key != card.key:
                    mentioners[mention.key].append(card)
    undecided = {card.path: card for card in cards if card.heat == -1 and mentioners.get(card.key)}
    leads: dict[str, str] = {}
    while undecided:
        decided = [
            card
            for card in undecided.values()
            if not any(by.path in undecided for by in mentioners[card.key])
            or any(by.path not in undecided and by.path not in leads for by in mentioners[card.key])
        ]
        for card in decided or [min(undecided.values(), key=_weight)]:
            shown = [by for by in mentioners[card.key] if by.path not in undecided and by.path not in leads]
            if shown:
                leads[card.path] = min(shown, key=_weight).path
        for card in decided or [min(undecided.values(), key=_weight)]:
            del undecided[card.path]
    return leads


def _weight(card: Card) -> tuple[int, int, float, str]:
    """Order leads: the hottest, the best, the newest, then by path."""
    return -card.heat, -card.quality, -card.published.timestamp(), card.path
