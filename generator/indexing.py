"""Indexing: the search index of a site, made where a text that is in it changed, else taken as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from generator.base.digest import digest_record
from generator.base.problems import Problem, field_problem
from generator.builder.fingerprint import Code
from generator.builder.store import Store
from generator.pages.edition import Edition
from generator.pages.press import ARTICLES
from generator.pages.search import commentary, documents
from generator.reading import Reading
from generator.rereading import Files
from generator.search.document import Document
from generator.search.index import Index, keep_index, kept_index
from generator.search.tool import ToolFailed, installed, make_index, primary

State = Literal["off", "missing", "kept", "made", "failed"]


class Searching(NamedTuple):
    """The index that a site is published with, and how it came."""

    state: State
    found: Index = Index()
    problem: Problem | None = None


def is_searchable(*, wanted: bool) -> bool:
    """Tell whether a site has a search page: where it is wanted and the tool for it is there."""
    return wanted and installed()


def last_index(edition: Edition, shelf: Store[Reading]) -> Searching:
    """Return the index of the last build, whatever changed since."""
    return Searching("kept", kept_index(shelf)) if edition.searchable else _without(edition)


def index_site(
    edition: Edition, files: Files, shelf: Store[Reading], code: Code, progress: Callable[[int, int], None]
) -> Searching:
    """Return the index of a site; where a text in it changed, it is made anew and kept."""
    if not edition.searchable:
        return _without(edition)
    wanted = tuple(documents(edition, files.body))
    language = primary(edition.settings.language)
    key = digest_record((code.fingerprint("generator.search.tool"), language, wanted))
    known = kept_index(shelf)
    if known.key == key:
        return Searching("kept", known)
    progress(0, len(wanted))
    try:
        index = Index.of(key, make_index(_read(edition, wanted, files), language))
    except ToolFailed as error:
        hint = "the last index stands; `search = false` does without any"
        problem = field_problem("site.toml", ("outputs", "search"), str(error), hint, "warning")
        return Searching("failed", known, problem)
    keep_index(shelf, index)
    progress(len(wanted), len(wanted))
    return Searching("made", index)


def _without(edition: Edition) -> Searching:
    return Searching("missing" if edition.settings.outputs.search else "off")


def _read(edition: Edition, wanted: tuple[Document, ...], files: Files) -> Iterator[tuple[Document, str]]:
    """Yield each document with its commentary."""
    for card, document in zip(edition.library.shown, wanted, strict=True):
        yield document, commentary(ARTICLES.decode(files.filed(card.path).article)) if card.has_body else ""
