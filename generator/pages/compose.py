"""The composition: every output of a site, what makes it, and that no two have one address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.base.paths import address, portable, topic_slug
from generator.base.problems import Problem, field_problem, text_problem
from generator.builder.last import Last
from generator.builder.task import Task
from generator.images.cards.plan import CARDS
from generator.library.shelves import Shelf
from generator.library.topics import fold
from generator.pages import api
from generator.pages.edition import FEEDS, Edition
from generator.pages.lists import has_feeds, month_address
from generator.pages.machines import NEWS_SITEMAP, recent_cards, sitemap_parts, sitemap_rows
from generator.pages.press import link_address, link_target
from generator.pages.social import every_card
from generator.pages.stories import body_links, has_document

LONGEST_NAME = 255  # bytes of a file's name, on nearly every file system


class Planned(NamedTuple):
    """A task and the source that it is made for, as a message names it."""

    task: Task
    source: str


class Composition(NamedTuple):
    """All tasks; where links may lead (site path or article's file -> site path); redirects; problems."""

    tasks: tuple[Task, ...]
    targets: dict[str, str]
    redirects: tuple[tuple[str, str], ...]  # root-relative URLs: earlier, present
    problems: tuple[Problem, ...]


def compose(edition: Edition, last: Last) -> Composition:
    """Return every task of a site. Of two with one address the first is kept, and a problem names both sources.

    What follows from the addresses alone is taken from `last` where these are what they were.
    """
    problems: list[Problem] = []
    every = list(_every(edition))
    names = [(planned.source, planned.task.outputs) for planned in every]
    known = last.same("addresses", (names,), lambda: _addresses(names))
    if known is not None:  # as on most sites, there is no clash
        tasks, taken = [planned.task for planned in every], dict(known)
    else:
        tasks, taken = _first_come(edition, every, problems)
    hosting = _hosting_names(edition, taken, problems)
    redirects: list[tuple[str, str]] = []
    for move in _moves(edition):
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
    return Composition(tuple(tasks), targets, tuple(redirects), tuple(problems))


def _addresses(names: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str] | None:
    """Return portable output -> source, None where two sources have one; `names` are sources with their outputs."""
    taken = {portable(output): source for source, outputs in names for output in outputs}
    return taken if len(taken) == sum([len(outputs) for _, outputs in names]) else None


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


def _every(edition: Edition) -> Iterator[Planned]:
    """Yield every task but stubs, hosting files and social cards; what stands first keeps its address."""
    library, outputs = edition.library, edition.settings.outputs
    for asset in sorted(edition.theme.assets):
        yield Planned(Task((edition.theme.assets[asset].output,), "asset", asset), f"the theme's {asset}")
    for image, variants in edition.pictures.uses():
        made = tuple(variant.output for variant in variants)
        yield Planned(Task(made, "resize", (image.source, image.digest, variants)), image.source)
    yield Planned(Task(("index.html",), "front", None), "the front page")
    for at, card in enumerate(library.shown):
        document = (api.item_address(card.stem),) if has_document(edition, card) else ()
        yield Planned(Task((f"{card.section}/{card.stem}/index.html", *document), "article", at), card.path)
    yield from _lists(edition)
    for at, page in enumerate(library.readings.pages):
        yield Planned(Task((f"{page.slug}/index.html",), "page", at), page.path)
    yield Planned(Task(("404.html",), "missing", None), "the page for addresses that are not there")
    if outputs.api:
        yield from _api(edition)
    if outputs.sitemaps:
        yield from _sitemaps(edition)
    for source, digest in library.readings.statics:
        yield Planned(Task((source.name,), "static", (source.path, digest)), source.path)


def _lists(edition: Edition) -> Iterator[Planned]:
    library, outputs = edition.library, edition.settings.outputs
    if outputs.feeds:
        yield Planned(_feed("", None), "the site's feeds")
    if outputs.feeds or outputs.topic_feeds or outputs.provider_feeds:
        yield Planned(Task(("opml.xml",), "opml", None), "the list of feeds")
    yield Planned(Task(("topics/index.html",), "topics", None), "the list of topics")
    if outputs.providers:
        yield Planned(Task(("providers/index.html",), "providers", None), "the list of outlets")
    for shelf in library.shelves():
        source = f"the {shelf.kind} `{shelf.id}`"
        yield Planned(Task((f"{shelf.address}index.html",), "list", (shelf, None)), source)
        for number in range(1, shelf.pages + 1):
            output = f"{shelf.page_address(number)}index.html"
            yield Planned(Task((output,), "list", (shelf, number)), source)
        if has_feeds(edition, shelf):
            yield Planned(_feed(shelf.address, shelf), source)
    if outputs.archive:
        yield from _archive(edition)


def _feed(address: str, shelf: Shelf | None) -> Task:
    return Task(tuple(address + name for name, _, _ in FEEDS), "feed", shelf)


def _archive(edition: Edition) -> Iterator[Planned]:
    months = edition.library.months
    yield Planned(Task(("archive/index.html",), "archive", None), "the archive")
    for month, days in months.days.items():
        for stamp in (month, *(days if months.is_split(month) else ())):
            yield Planned(Task((f"{month_address(stamp)}index.html",), "month", stamp), "the archive")


def _api(edition: Edition) -> Iterator[Planned]:
    library = edition.library
    yield Planned(Task(("api/topics/index.json",), "api_topics", None), "the API's topics")
    for slug in ("", *library.topics.by_slug):
        root = f"api/news/{slug}/" if slug else "api/news/"
        source = f"the API of the topic `{slug}`" if slug else "the API"
        pages = max(1, -(-len(library.api_cards(slug)) // api.PAGE_SIZE))
        yield Planned(Task((f"{root}index.json",), "api", (slug, 1)), source)
        for number in range(1, pages + 1):
            yield Planned(Task((f"{root}page/{number}/index.json",), "api", (slug, number)), source)


def _sitemaps(edition: Edition) -> Iterator[Planned]:
    source, parts = "the sitemaps", sitemap_parts(edition)
    for output, urls in parts.items():
        yield Planned(Task((output,), "sitemap", urls), source)
    yield Planned(Task(("sitemap.xml",), "sitemap_index", sitemap_rows(edition, parts)), source)
    if recent_cards(edition):
        yield Planned(Task((NEWS_SITEMAP,), "news_sitemap", None), source)


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
    folders: set[str] = set()
    level = {output.rpartition("/")[0] for output in taken} | {CARDS}
    while level := level - folders - {""}:
        folders |= level
        level = {folder.rpartition("/")[0] for folder in level}
    return folders & taken.keys()


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


# -- earlier addresses -------------------------------------------------------------------------------------------------


class Move(NamedTuple):
    """An earlier site path, and the title and site path of where it leads."""

    earlier: str
    title: str
    target: str
    source: str
    trail: tuple[str | int, ...]


def _moves(edition: Edition) -> Iterator[Move]:
    library = edition.library
    by_path = {card.path: card for card in library.readings.cards} if library.standing.leads else {}
    for path, lead in sorted(library.standing.leads.items()):
        lead_card = by_path[lead]
        yield Move(library.addresses[path], lead_card.title, library.addresses[lead], path, ())
        yield from _earlier(by_path[path].redirect_from, lead_card.title, library.addresses[lead], path)
    for card in sorted([card for card in library.shown if card.redirect_from], key=lambda card: card.path):
        yield from _earlier(card.redirect_from, card.title, library.addresses[card.path], card.path)
    for slug, topic in library.topics.by_slug.items():
        if topic.data:
            target = f"topics/{slug}/"
            yield from _earlier(topic.data.redirect_from, topic.name, target, topic.data.path)
            for index, alias in enumerate(topic.data.aliases):
                other = topic_slug(alias)
                if other not in library.topics.by_slug and library.topics.names[fold(alias)] == slug:
                    yield Move(f"topics/{other}/", topic.name, target, topic.data.path, ("aliases", index))
    for page in library.readings.pages:
        yield from _earlier(page.redirect_from, page.title, f"{page.slug}/", page.path)


def _earlier(paths: tuple[str, ...], title: str, target: str, source: str) -> Iterator[Move]:
    for index, path in enumerate(paths):
        earlier = path.strip("/")
        is_file = earlier.rpartition("/")[2].endswith((".html", ".htm"))
        yield Move(earlier if is_file else f"{earlier}/", title, target, source, ("redirect_from", index))


def _holder(output: str, taken: dict[str, str]) -> str | None:
    """Return the source that has an output's address, or a file where a folder above it must be."""
    while output:
        if output in taken:
            return taken[output]
        output = output.rpartition("/")[0]
    return None


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
