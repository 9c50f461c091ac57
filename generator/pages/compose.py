"""The composition: every output of a site, what makes it, and that no two have one address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.base.paths import address, portable
from generator.base.problems import Problem, field_problem, text_problem
from generator.builder.last import Last
from generator.builder.task import Task
from generator.images.cards.plan import CARDS
from generator.pages.edition import Edition
from generator.pages.moves import moves
from generator.pages.press import link_address, link_target
from generator.pages.social import every_card
from generator.pages.stories import body_links
from generator.pages.tasks import Planned, every_task
from generator.search.index import Index
from generator.theme.catalogue import untranslated

LONGEST_NAME = 255  # bytes of a file's name, on nearly every file system


class Composition(NamedTuple):
    """All tasks; where links may lead (site path or article's file -> site path); redirects; problems."""

    tasks: tuple[Task, ...]
    targets: dict[str, str]
    redirects: tuple[tuple[str, str], ...]  # root-relative URLs: earlier, present
    problems: tuple[Problem, ...]
    search: Index = Index()  # that the site is searched by


def compose(edition: Edition, last: Last, index: Index = Index()) -> Composition:  # noqa: B008 (it is frozen)
    """Return every task of a site. Of two with one address the first is kept, and a problem names both sources.

    What follows from the addresses alone is taken from `last` where these are what they were.
    """
    problems: list[Problem] = []
    every = list(every_task(edition, index))
    names = [(planned.source, planned.task.outputs) for planned in every]
    known = last.same("addresses", (names,), lambda: _addresses(names))
    if known is not None:  # as on most sites, there is no clash
        tasks, taken = [planned.task for planned in every], dict(known)
    else:
        tasks, taken = _first_come(edition, every, problems)
    hosting = _hosting_names(edition, taken, problems)
    redirects: list[tuple[str, str]] = []
    for move in moves(edition):
        output = address(move.earlier)
        if any(len(name.encode()) > LONGEST_NAME for name in output.split("/")):
            message = f"/{move.earlier[:40]}… has a name of over {LONGEST_NAME} bytes, more than a file can have"
            problems.append(field_problem(move.source, move.trail, message, "remove it here"))
            continue
        holder = _holder(portable(output), taken)
        if holder is not None:
            if holder != move.source:
                message = f"/{move.earlier} is the address of {holder}"
                problems.append(field_problem(move.source, move.trail, message, "remove it here"))
            continue
        taken[portable(output)] = move.source
        tasks.append(Task((output,), "stub", (move.title, move.target)))
        redirects.append((edition.url(move.earlier), edition.url(move.target)))
    tasks += [Task((name,), "hosting", (name, tuple(redirects) if name == "_redirects" else ())) for name in hosting]
    blocked = last.same("blocked", (list(taken),), lambda: _blocked(taken))
    if blocked:
        tasks = _without_blocked(edition, tasks, blocked, taken, problems)
    outputs = [task.outputs for task in tasks]
    targets = last.same("targets", (outputs, edition.library.frame), lambda: _targets(edition, outputs))
    # Cards are named by what they show; nothing else is named so, and nothing links to them.
    tasks += [Task((output,), "card", drawn) for output, drawn in every_card(edition).items() if output not in taken]
    problems += _dead_links(edition, targets)
    if warning := untranslated(edition.words, edition.settings.language):
        problems.append(warning)
    return Composition(tuple(tasks), targets, tuple(redirects), tuple(problems), index)


def _addresses(names: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str] | None:
    """Return portable output -> source, None where two sources have one; `names` are sources with their outputs."""
    taken = {portable(output): source for source, outputs in names for output in outputs}
    return taken if len(taken) == sum([len(outputs) for _, outputs in names]) else None


def _holder(output: str, taken: dict[str, str]) -> str | None:
    """Return the source that has an output's address, or a file where a folder above it must be."""
    while output:
        if output in taken:
            return taken[output]
        output = output.rpartition("/")[0]
    return None


def _first_come(edition: Edition, every: list[Planned], problems: list[Problem]) -> tuple[list[Task], dict[str, str]]:
    """Return the tasks without those whose address an earlier one has; and portable output -> source."""
    tasks: list[Task] = []
    taken: dict[str, str] = {}
    for planned in every:
        clash = next((taken[key] for output in planned.task.outputs if (key := portable(output)) in taken), None)
        if clash is None:
            tasks.append(planned.task)
            taken.update((portable(output), planned.source) for output in planned.task.outputs)
        elif clash != planned.source or planned.task.action != "resize":
            problems.append(_clash(edition, planned, clash))
    return tasks, taken


def _clash(edition: Edition, planned: Planned, other: str) -> Problem:
    """Return the problem at the one of two sources that is a file of the user's; both are named."""
    output = planned.task.outputs[0].removesuffix("index.html")
    library = edition.library
    files = {record.path for kind in (library.readings.cards, library.readings.pages) for record in kind}
    files |= {source.path for source, _ in library.readings.statics}
    here, there = (planned.source, other) if planned.source in files else (other, planned.source)
    message = f"has the address /{output}, as has {there}"
    if here in files:
        return Problem(here, 0, 0, "", message, "rename one of them")
    return Problem("site.toml", 0, 0, "", f"{here} {message}", "rename one of them")


def _blocked(taken: dict[str, str]) -> set[str]:
    """Return the outputs that stand where a folder of others must be (static/news and /news/)."""
    level = {output.rpartition("/")[0] for output in taken} | {CARDS}
    folders = level.copy()
    while level := {folder.rpartition("/")[0] for folder in level} - folders:
        folders |= level
    return set() if folders.isdisjoint(taken) else folders & taken.keys()


def _without_blocked(
    edition: Edition, tasks: list[Task], blocked: set[str], taken: dict[str, str], problems: list[Problem]
) -> list[Task]:
    """Return the tasks without those whose outputs are blocked."""
    kept = []
    for task in tasks:
        name = next((key for output in task.outputs if (key := portable(output)) in blocked), None)
        if name is None:
            kept.append(task)
        else:
            inside = next(source for output, source in taken.items() if output.startswith(f"{name}/"))
            problems.append(_clash(edition, Planned(task, taken[name]), inside))
    return kept


# -- links -------------------------------------------------------------------------------------------------------------


def _targets(edition: Edition, outputs: list[tuple[str, ...]]) -> dict[str, str]:
    """Return what a link in a body may name, and the site path that it means."""
    paths = [output.removesuffix("index.html") for made in outputs for output in made]
    targets = dict(zip(paths, paths, strict=True))
    library = edition.library
    for card in library.readings.cards:
        place = library.addresses[library.standing.leads.get(card.path, card.path)]
        if place in targets:
            targets.setdefault(card.name, place)
    return targets


def _dead_links(edition: Edition, targets: dict[str, str]) -> Iterator[Problem]:
    """Yield an error for every link inside the site that leads nowhere."""
    library = edition.library
    for card in library.shown:
        for target in card.links:
            if _is_dead(target, library.addresses[card.path], targets):
                yield _dead(card.path, target)
    for page in library.readings.pages:
        for target in body_links(page):
            if _is_dead(target, f"{page.slug}/", targets):
                yield _dead(page.path, target)
    for title, target in edition.settings.nav.items():
        if target.startswith("/") and _is_dead(target, "", targets):
            message = f"`{target}` leads to nothing in this site"
            yield field_problem("site.toml", ("nav", title), message, "name an address that the build writes")


def _is_dead(target: str, here: str, targets: dict[str, str]) -> bool:
    return link_target(link_address(target, here)[0], targets) is None


def _dead(path: str, target: str) -> Problem:
    message = f"the link to `{target}` leads to nothing in this site"
    return text_problem(path, target, message, "correct it, or add what it names")


# -- files for the hosts -----------------------------------------------------------------------------------------------


def _hosting_names(edition: Edition, taken: dict[str, str], problems: list[Problem]) -> list[str]:
    """Return the files for the hosts that nobody else brings."""
    names = []
    for name in ("_headers", "_redirects", "robots.txt", ".nojekyll"):
        own = f"the build's own {name}"
        if taken.setdefault(name, own) == own:
            names.append(name)
        else:
            problems.append(_clash(edition, Planned(Task((name,), "hosting", None), own), taken[name]))
    return names
