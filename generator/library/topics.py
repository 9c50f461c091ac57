"""Topics: a tree out of data files and of what articles name."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain

from generator.base.paths import topic_slug
from generator.base.problems import Problem, field_problem
from generator.base.record import Record
from generator.base.records import Card, TopicData

ROOT_SHARE = 0.9  # a topic on more of the shown articles than this is the site's own subject


class Topic(Record, frozen=True):
    """A topic of the site. `children` in order; `cards` newest first: its own and its sub-topics', each once."""

    slug: str
    name: str
    short_name: str
    parent: str  # slug, "" for none
    children: tuple[str, ...]
    cards: tuple[Card, ...]
    own: tuple[Card, ...]  # that name the topic itself
    data: TopicData | None  # None: only articles name it


class Topics(Record, frozen=True):
    """All topics by slug, in order; `names` leads from any folded name or alias to a slug."""

    by_slug: dict[str, Topic]
    names: dict[str, str]
    root: str  # the slug of the site's own subject, "" for none
    main: tuple[str, ...]  # the slugs of the main topics, in order
    problems: tuple[Problem, ...]

    def of(self, card: Card) -> list[Topic]:
        """Return the topics that an article names, each once, the weightiest first."""
        return [self.by_slug[slug] for slug in dict.fromkeys(self.names[fold(name)] for name in card.topics)]


def relate_topics(data: tuple[TopicData, ...], shown: tuple[Card, ...]) -> Topics:
    """Build the tree and give every topic its articles."""
    data = tuple(sorted(data, key=lambda topic: (topic.order is None, topic.order or 0, topic.name, topic.path)))
    problems: list[Problem] = []
    kept = _without_clashes(data, problems)
    names = _names(kept, problems)
    undescribed = _undescribed(shown, kept, names, problems)
    parents = _parents(kept, names, problems)
    own: dict[str, list[Card]] = defaultdict(list)
    every: dict[str, list[Card]] = defaultdict(list)
    combinations: dict[tuple[str, ...], tuple[set[str], set[str]]] = {}
    for card in shown:  # newest first, so the lists are, too
        if card.topics not in combinations:
            named = {names[fold(name)] for name in card.topics}
            combinations[card.topics] = named, named | _above(named, parents)
        named, met = combinations[card.topics]
        for slug in named:
            own[slug].append(card)
        for slug in met:
            every[slug].append(card)
    order = [topic.slug for topic in kept] + undescribed
    described = {topic.slug: topic for topic in kept}
    children: dict[str, list[str]] = defaultdict(list)
    for child in order:
        children[parents.get(child, "")].append(child)
    display = _display_names(shown, names)
    by_slug = {
        slug: Topic(
            slug=slug,
            name=described[slug].name if slug in described else display[slug],
            short_name=(described[slug].short_name or described[slug].name) if slug in described else display[slug],
            parent=parents.get(slug, ""),
            children=tuple(children[slug]),
            cards=tuple(every[slug]),
            own=tuple(own[slug]),
            data=described.get(slug),
        )
        for slug in order
    }
    root = next((s for s, t in by_slug.items() if not t.parent and len(t.cards) > ROOT_SHARE * len(shown)), "")
    root = root if len(by_slug) > 1 and len(shown) > 1 else ""
    tops = tuple(slug for slug in children[""] if slug != root)
    main = by_slug[root].children if root and by_slug[root].children else tops
    return Topics(by_slug, names, root, main, tuple(problems))


@lru_cache(maxsize=65536)
def fold(name: str) -> str:
    """Return what two spellings of one topic's name share."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _above(slugs: set[str], parents: dict[str, str]) -> set[str]:
    """Return the topics that lie above some."""
    found: set[str] = set()
    for slug in slugs:
        above = parents.get(slug, "")
        while above and above not in found:
            found.add(above)
            above = parents.get(above, "")
    return found


def _without_clashes(data: tuple[TopicData, ...], problems: list[Problem]) -> list[TopicData]:
    """Return the topics whose slug no earlier one has."""
    kept: dict[str, TopicData] = {}
    for topic in data:
        if topic.slug in kept:
            message = f"has the address of `{kept[topic.slug].name}` ({kept[topic.slug].path}): topics/{topic.slug}/"
            problems.append(field_problem(topic.path, ("_id",), message, "give one of them another `_id`"))
        else:
            kept[topic.slug] = topic
    return list(kept.values())


def _names(kept: list[TopicData], problems: list[Problem]) -> dict[str, str]:
    names: dict[str, str] = {}
    for topic in kept:
        if names.setdefault(fold(topic.name), topic.slug) != topic.slug:
            message = f"`{topic.name}` is the name of another topic already"
            problems.append(field_problem(topic.path, ("name",), message, "give it another name", "warning"))
    for topic in kept:
        for index, alias in enumerate(topic.aliases):
            if names.setdefault(fold(alias), topic.slug) != topic.slug:
                message = f"`{alias}` is the name of another topic already"
                problems.append(field_problem(topic.path, ("aliases", index), message, "remove it here", "warning"))
    for topic in kept:
        for other in filter(None, (topic.id, topic.short_name)):
            names.setdefault(fold(other), topic.slug)
    return names


def _undescribed(
    shown: tuple[Card, ...], kept: list[TopicData], names: dict[str, str], problems: list[Problem]
) -> list[str]:
    """Give a slug to every topic that only articles name, sorted by slug; one problem each, at its oldest article."""
    known = {fold(name): name for topic in kept for name in (*topic.aliases, topic.name)}
    described = {topic.slug for topic in kept}
    slugs: dict[str, None] = {}
    seen: set[tuple[str, ...]] = set()
    for card in reversed(shown):
        if card.topics in seen:
            continue
        seen.add(card.topics)
        for index, name in enumerate(card.topics):
            if fold(name) in names:
                continue
            slug = names[fold(name)] = topic_slug(name)
            if kept and slug not in slugs and slug not in described:
                near = get_close_matches(fold(name), known, 1, 0.75)
                hint = f"did you mean `{known[near[0]]}`?" if near else "add a file for it in topics/"
                message = f"no data file names the topic `{name}`"
                problems.append(field_problem(card.path, ("topics", index), message, hint, "warning"))
            slugs[slug] = None
    return sorted(slugs.keys() - described)


def _display_names(shown: tuple[Card, ...], names: dict[str, str]) -> dict[str, str]:
    """Return the spelling that most articles use for each topic."""
    spellings: dict[str, dict[str, int]] = defaultdict(dict)
    for name, count in Counter(chain.from_iterable([card.topics for card in shown])).items():
        spellings[names[fold(name)]][name] = count
    return {slug: min(counts, key=lambda name: (-counts[name], name)) for slug, counts in spellings.items()}


def _parents(kept: list[TopicData], names: dict[str, str], problems: list[Problem]) -> dict[str, str]:
    """Return slug → parent's slug; a parent that is not there, or that would close a circle, is left out."""
    parents: dict[str, str] = {}
    known = {fold(topic.name): topic.name for topic in kept}
    described = {topic.slug for topic in kept}
    for topic in kept:
        if not topic.parent:
            continue
        slug = names.get(fold(topic.parent), "")
        if slug not in described:
            near = get_close_matches(fold(topic.parent), known, 1)
            hint = f"did you mean `{known[near[0]]}`?" if near else "name a topic that has a file here"
            message = f"there is no topic `{topic.parent}`"
            problems.append(field_problem(topic.path, ("parent",), message, hint, "warning"))
            continue
        above = slug
        while above and above != topic.slug:
            above = parents.get(above, "")
        if above:
            message = f"`{topic.parent}` lies below `{topic.name}` itself"
            problems.append(field_problem(topic.path, ("parent",), message, "break the circle", "warning"))
        else:
            parents[topic.slug] = slug
    return parents
