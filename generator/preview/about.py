"""About: what an editor wants to know of a page: where it comes from, why it is here, what would hold it back."""

from __future__ import annotations

import os
from pathlib import Path

from generator.base.problems import Problem
from generator.base.records import Card
from generator.builder.task import Task
from generator.content.article import is_secret
from generator.content.scan import content_prefix
from generator.desk.explain import why_here
from generator.drafting import Draft
from generator.library.shelves import Shelf
from generator.pages.lists import ListPage
from generator.preview.current import PageInfo, ProblemLine
from generator.preview.maker import Now
from generator.theme.chain import site_chain

_LONGEST_LINE = 300  # characters of a line that is shown
_TEMPLATES = {
    "front": "front.html",
    "article": "article.html",
    "list": "list.html",
    "topics": "topics.html",
    "providers": "providers.html",
    "archive": "archive.html",
    "month": "month.html",
    "page": "page.html",
    "follow": "follow.html",
    "ranking": "ranking.html",
    "trends": "trends.html",
    "search": "search.html",
    "missing": "404.html",
    "stub": "stub.html",
}


def badges(drafted: Draft) -> dict[str, str]:
    """Return root-relative address of a shown article → why a build would hold it back."""
    edition, found = drafted.edition, {}
    states = edition.library.standing.states
    for card in edition.library.shown:
        if states[card.path] != "shown":
            found[edition.url(edition.article_address(card))] = _held(drafted, card)
    return found


def _held(drafted: Draft, card: Card) -> str:
    edition, standing = drafted.edition, drafted.edition.library.standing
    state = standing.states[card.path]
    if state == "scheduled":
        return f"scheduled for {edition.calendar.moment(card.published, 'medium')}"
    if state == "folded":
        return f"folded into {standing.leads[card.path].rpartition('/')[2]}"
    return "" if state == "shown" else state


def page_info(now: Now, task: Task) -> PageInfo:
    """Return what the bar tells about an output."""
    drafted = now.drafted
    library, theme = drafted.edition.library, drafted.edition.theme
    name = _TEMPLATES.get(task.action, "")
    template = theme.source_of(name) if name else ""
    if task.action == "article" and isinstance(task.argument, int):
        card = library.shown[task.argument]
        return PageInfo(
            kind="article",
            title=card.title,
            path=card.path,
            line=1,
            template=template,
            rank=library.ranked.index(card) + 1,
            heat=card.heat,
            why_here=tuple(line.strip() for line in why_here(drafted, card)),
            held=_held(drafted, card),
        )
    title, path = _source(drafted, task)
    return PageInfo(kind=task.action, title=title, path=path, line=1 if path else 0, template=template)


def _source(drafted: Draft, task: Task) -> tuple[str, str]:
    """Return title and file of a page that is no article's; "" where it is of no one file."""
    library = drafted.edition.library
    if task.action == "page" and isinstance(task.argument, int):
        page = library.readings.pages[task.argument]
        return page.title, page.path
    if task.action == "list":
        shelf = ListPage(*task.argument).shelf  # type: ignore[misc]
        return _of_shelf(drafted, shelf)
    return "", ""


def _of_shelf(drafted: Draft, shelf: Shelf) -> tuple[str, str]:
    library = drafted.edition.library
    if shelf.kind == "topic":
        topic = library.topics.by_slug[shelf.id]
        return topic.name, topic.data.path if topic.data else ""
    if shelf.kind == "provider":
        paths = [data.path for data in library.readings.providers if data.domain == shelf.id]
        return library.providers[shelf.id].name, next(iter(paths), "")
    return shelf.id, ""


def address_of(now: Now, path: str) -> str | None:
    """Return the root-relative address of the page that a source is the most of."""
    edition = now.drafted.edition
    library = edition.library
    places = {card.path: library.addresses[card.path] for card in library.shown if card.path == path}
    places |= {page.path: f"{page.slug}/" for page in library.readings.pages}
    places |= {topic.path: f"topics/{topic.slug}/" for topic in library.readings.topics}
    places |= {data.path: f"providers/{data.domain}/" for data in library.readings.providers}
    place = places.get(path)
    return edition.url(place) if place is not None and f"{place}index.html" in now.tasks else None


# -- files -------------------------------------------------------------------------------------------------------------


def file_of(now: Now, path: str) -> Path | None:
    """Return the file that a message or the bar names, None where it is none of the site's texts."""
    site = now.site
    if path in now.drafted.entries:
        return Path(os.path.normpath(site.root / path))
    if path == "site.toml":
        return site.root / path
    for link in site_chain(site):
        inside = path.removeprefix(f"{link.path}/") if link.path else path
        if inside.startswith(("templates/", "assets/", "locale/", "theme.toml")) and (inside != path or not link.path):
            file = Path(os.path.normpath(link.folder / inside))
            if file.resolve().is_relative_to(link.folder.resolve()) and file.is_file():  # a link may lead away
                return file
    return None


def name_of(now: Now, file: str) -> str | None:
    """Return how messages name a file (absolute); the other way round than `file_of`, for sources."""
    content = os.path.normpath(now.site.content)
    if not file.startswith(content + os.sep):
        return None
    path = content_prefix(now.site) + file[len(content) + 1 :].replace(os.sep, "/")
    return path if path in now.drafted.entries else None


def problem_line(now: Now | None, problem: Problem) -> ProblemLine:
    """Return a problem with the text of its line, but none of a line that holds a secret."""
    file = file_of(now, problem.path) if now and problem.line else None
    text = _line(file, problem.line) if file else ""
    return ProblemLine(
        problem.severity, problem.path, problem.line, problem.column, problem.message, problem.hint, text
    )


def _line(file: Path, number: int) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            text = next((line for at, line in enumerate(lines, 1) if at == number), "")
    except OSError:
        return ""
    name, _, value = text.partition(":")
    secret = is_secret(name.strip(), value.strip()) or is_secret("", text.strip())
    return "" if secret else text.rstrip()[:_LONGEST_LINE]
