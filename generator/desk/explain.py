"""Explain: where an article ends up, why it is missing, held, folded or ranked there; why an output was made again."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from math import log2
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.base.config import Site, base_path
from generator.base.paths import address
from generator.base.records import Card
from generator.builder.manifest import Artifact
from generator.builder.store import State, Store
from generator.drafting import Draft, Request
from generator.library.ranking import is_pinned, rank
from generator.library.shelves import Shelf
from generator.pipeline import glance
from generator.reading import Reading

_WHY = {
    "new": "it was made for the first time",
    "code": "the program or one of its libraries changed",
    "template": "its template changed, or one that it extends, includes or imports",
    "data": "what it shows changed",
    "forced": "its file was missing or other than it was made",
}


def explain(site: Site, request: Request, subject: str) -> list[str]:
    """Return lines about an article's file, any other output, or a URL of the site; nothing is written."""
    state = Store(site.cache, Reading).load_state()
    drafted = glance(site, request)
    card = _find_card(site, drafted, subject)
    if card:
        return list(_about_article(drafted, state, card))
    return list(_about_output(site, drafted, state, subject))


def _find_card(site: Site, drafted: Draft, subject: str) -> Card | None:
    """Return the article that a file's path or name, or a URL of its page, names."""
    library = drafted.edition.library
    file = Path(subject)
    full = file if file.is_absolute() else Path.cwd() / file
    path = _site_path(site, subject).removesuffix("index.html")
    for card in library.readings.cards:
        if subject in (card.path, card.name, card.stem) or full == site.root / card.path:
            return card
        if path.rstrip("/") == library.addresses[card.path].rstrip("/"):
            return card
    return None


def _about_article(drafted: Draft, state: State[Reading], card: Card) -> Iterator[str]:
    edition = drafted.edition
    library = edition.library
    standing = library.standing
    yield f"{card.path}: {card.title}"
    yield f"state: {state_of(drafted, card)}"
    if standing.states[card.path] != "shown":
        return
    yield f"page: {edition.absolute(library.addresses[card.path])}"
    if not edition.is_indexable(card):
        yield "search engines: noindex: it has no commentary, coverage or video (`index_excerpts = true` changes that)"
    yield from why_here(drafted, card)
    yield from _made(state, address(library.addresses[card.path]))


def why_here(drafted: Draft, card: Card) -> Iterator[str]:
    """Yield where a shown article stands, on the front page and in every list, and why."""
    edition = drafted.edition
    yield from _ranking(drafted, card)
    for shelf in edition.library.shelves():
        if card in shelf.cards:
            yield f"list: {_place(edition.absolute(shelf.address), shelf, card)}"


def state_of(drafted: Draft, card: Card) -> str:
    """Say whether an article is shown, or what holds it back."""
    edition, library = drafted.edition, drafted.edition.library
    state = library.standing.states[card.path]
    if state == "folded":
        lead = library.standing.leads[card.path]
        return f"folded, for `heat` is -1 and {lead} lists its source in `related`; its address leads there"
    return {
        "shown": "shown",
        "removed": "removed, for `removed` or `deleted` is true: it is never in the site",
        "draft": "a draft, for `published` is false: `--drafts` shows it",
        "scheduled": f"scheduled for {edition.calendar.iso(card.published)}: `--as-of` shows the site then",
    }[state]


def _ranking(drafted: Draft, card: Card) -> Iterator[str]:
    library = drafted.edition.library
    half_life = library.settings.ranking.half_life
    position = library.ranked.index(card) + 1
    hot = log2(max(card.heat, 1))
    value = rank(card, half_life)
    pinned = "pinned on top, then " if is_pinned(card, library.now) else ""
    yield (
        f"rank: {pinned}{position} of {len(library.ranked)} on the front page: {value:.2f} = "
        f"log2(heat {card.heat}) {hot:.2f} + published in half-lives of {half_life:g} h {value - hot:.2f}"
    )
    if position > 1:
        above = library.ranked[position - 2]
        pin = ", pinned" if is_pinned(above, library.now) else ""
        yield f"  above it: {above.path} ({rank(above, half_life):.2f}{pin})"


def _place(url: str, shelf: Shelf, card: Card) -> str:
    at = shelf.cards.index(card)
    number = next(n for n in range(1, shelf.pages + 1) if card in shelf.page(n))
    return f"{url}, {at + 1} of {len(shelf.cards)} from the newest; archive page {number}"


def _about_output(site: Site, drafted: Draft, state: State[Reading], subject: str) -> Iterator[str]:
    path = _site_path(site, subject)
    output = address(path)
    tasks = {out: task for task in drafted.composition.tasks for out in task.outputs}
    if output not in tasks and f"{path}/index.html" in tasks:
        output = f"{path}/index.html"
    if output not in tasks:
        yield from _unknown(site, drafted, subject, output)
        return
    task = tasks[output]
    yield f"/{output}: made as `{task.action}`"
    if task.action == "stub":
        yield f"an earlier address: it leads to /{task.argument[1]}"  # type: ignore[index]
    yield from _made(state, output)


def _unknown(site: Site, drafted: Draft, subject: str, output: str) -> Iterator[str]:
    file = Path(subject).absolute()
    found = (*drafted.edition.library.problems, *drafted.composition.problems)
    problems = [p for p in found if p.severity == "error" and _names(subject, p.path, site.root / p.path == file)]
    if problems:
        yield f"{subject}: is left out of the site"
        yield from (str(problem) for problem in problems)
        return
    yield f"{subject}: is no article and no address of this site"
    names = {f"/{out.removesuffix('index.html')}" for task in drafted.composition.tasks for out in task.outputs}
    names |= {card.path for card in drafted.edition.library.readings.cards}
    wanted = subject if subject.endswith(".md") else f"/{output.removesuffix('index.html')}"
    if near := get_close_matches(wanted, sorted(names), 3, 0.6):
        yield f"near it: {', '.join(near)}"


def _names(subject: str, path: str, is_file: bool) -> bool:
    """Tell whether a file is meant: by its path in the site, by its name, or from where we are."""
    return is_file or subject in (path, path.rpartition("/")[2])


def _made(state: State[Reading], output: str) -> Iterator[str]:
    artifacts: dict[str, Artifact] = {artifact.output: artifact for artifact in state.artifacts}
    if output in artifacts:
        why = artifacts[output].why
        yield f"made last: {why}: {_WHY[why]}"
    else:
        yield "made last: not yet; the next build makes it"


def _site_path(site: Site, subject: str) -> str:
    """Return the site path of a URL, of a root-relative address, or of a file in the output."""
    file = Path(subject).absolute()
    if file.is_relative_to(site.output):
        return file.relative_to(site.output).as_posix()
    path = unquote(urlsplit(subject).path)
    base = unquote(base_path(site.settings))
    return path.removeprefix(base) if path.startswith(base) else "" if f"{path}/" == base else path.lstrip("/")
