"""Drafting: read, relate and compose: all that is known of a site before a page of it exists."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from generator.base.config import Settings, Site
from generator.base.files import COLLECTION, LINKS, Look
from generator.base.imaging import Box
from generator.builder.fingerprint import Code
from generator.builder.last import Last
from generator.builder.memo import Memo
from generator.builder.store import State, Store
from generator.builder.unchanged import look_at_collection, look_at_links
from generator.builder.workers import Gather, Progress
from generator.content.scan import Scan, scan, scan_again
from generator.images.fetch.account import Fetched
from generator.images.fetch.collection import Collection
from generator.images.fetch.pictures import fetch
from generator.indexing import Searching, index_site, is_searchable, last_index
from generator.library.exchange import exchanged
from generator.library.relate import Library, Readings
from generator.library.wanted import wanted_pictures
from generator.links.ledger import dead_links
from generator.pages.compose import Composition, compose
from generator.pages.edition import Edition, StoriesDrawn
from generator.reading import Known, Reader, Reading, gather, read_sources
from generator.rereading import Files
from generator.search.index import NAME
from generator.theme.chain import chain_places, site_chain
from generator.theme.load import Theme, check_options, load_chain
from generator.theme.minify import minified


class Request(NamedTuple):
    """What a build is asked for, besides what the site says."""

    now: datetime
    drafts: bool = False
    strict: bool = False
    jobs: int = os.cpu_count() or 1
    offline: bool = False  # the picture collection is taken as it is
    everything: bool = False  # what is held back is shown, too: for a preview
    gather: Gather | None = None  # who works on other machines
    links: bool = False  # a check asks for links to other sites, too
    make_index: bool = True  # where a text changed, the search index is made; else the last one is taken


class Draft(NamedTuple):
    """A site that is related and composed, and not made yet."""

    entries: Known
    fetched: Fetched
    edition: Edition
    searching: Searching
    composition: Composition
    code: Code
    memo: Memo
    last: Last


def draft(
    site: Site,
    request: Request,
    store: Store[Reading],
    state: State[Reading],
    progress: Progress,
    last: Last | None = None,
    shelf: Store[Reading] | None = None,
    meanwhile: Callable[[Theme, Code, Memo, Last], object] = lambda *_: None,
    seen: Mapping[str, Look] = {},
) -> Draft:
    """Read, relate and compose: all that is known of a site before a page of it exists.

    A preview drafts again and again with one `last`: what is made of the same things as before is not made again.
    `shelf` is where builds keep what is costly; a preview has a store of its own.
    While other processes read, this one does `meanwhile`. `seen` are looks at files of the content, taken just before.
    """
    last = last or Last()
    memo = last.same("memo", (state.memo,), lambda: Memo(state.memo))
    code = last.same("code", (memo,), lambda: Code(memo=memo))
    root, settings = str(site.root), site.settings
    theme = last.equal("theme", _theme(site, last, code, memo))
    options = check_options(theme, settings.options, site.text)
    scanned = last.equal("scan", _scan(site, last, seen))
    reader = last.same("reader", (settings, store, code), lambda: Reader(root, settings, store, code))
    idle = partial(meanwhile, theme, code, memo, last)
    reading = partial(progress, "Reading")
    entries = read_sources(scanned.sources, state.entries, reader, request.jobs, reading, idle, request.gather)
    readings = last.equal("readings", gather(scanned.sources, entries, scanned.ignored, scanned.problems))
    library = _library(readings, (settings, request.now, request.drafts, request.everything), last)
    fetched = last.same(
        "fetched",
        (library.frame, theme.roles, request, look_at_collection(site.root)),
        lambda: fetch_pictures(site, request, library, theme, partial(progress, "Fetching")),
    )
    cards: StoriesDrawn = last.same("cards", (), dict)
    dead = last.same("dead", (settings.links.archive, look_at_links(site.root)), lambda: _dead(site))
    dress = (theme, options, fetched.images, cards, dead, is_searchable(wanted=settings.outputs.search))
    edition = last.same("edition", (library, *dress), lambda: Edition(library, *dress))
    shelf = shelf or store
    if request.make_index:
        searching = index_site(edition, Files(root, store, entries), shelf, code, partial(progress, "Indexing"))
    else:
        searching = _last_search(edition, shelf, last)
    index = searching.found
    composition = last.same("composition", (edition, index), lambda: compose(edition, last, index))
    return Draft(entries, fetched, edition, searching, composition, code, memo, last)


def _last_search(edition: Edition, shelf: Store[Reading], last: Last) -> Searching:
    seen = (edition.settings, edition.searchable, shelf.look_at_kept(NAME))
    return last.same("search", seen, lambda: last_index(edition, shelf))


def _library(readings: Readings, asked: tuple[Settings, datetime, bool, bool], last: Last) -> Library:
    known: Library | None = last.get("library")
    return last.same("library", (readings, *asked), lambda: _relate(readings, asked, known))


def _relate(readings: Readings, asked: tuple[Settings, datetime, bool, bool], known: Library | None) -> Library:
    if known and asked == (known.settings, known.now, known.drafts, known.everything):
        found = exchanged(known, readings)
        if found:
            return found
    return Library(readings, *asked)


def _theme(site: Site, last: Last, code: Code, memo: Memo) -> Theme:
    known: Theme | None = last.get("theme")
    if known and last.changed is not None:
        # Which theme it is, and in which language, the settings say.
        places = (str(site.root / "site.toml"), *(f"{place}{os.sep}" for place in chain_places(site)))
        if not any(path.startswith(places) for path in last.changed):
            return known

    def remember(texts: bytes, read: Callable[[], bytes]) -> bytes:
        return memo.get("theme", texts + code.digest, read)

    return load_chain(site_chain(site), site.settings.language, remember, minified)


def _scan(site: Site, last: Last, seen: Mapping[str, Look]) -> Scan:
    known = last.get("scan")
    found = scan_again(site, known, last.changed) if known and last.changed is not None else None
    return found or scan(site, seen)


def fetch_pictures(
    site: Site, request: Request, library: Library, theme: Theme, progress: Callable[[int, int], None]
) -> Fetched:
    """Return the remote pictures that the site shows; where one is due, it is asked for."""
    settings = site.settings.images
    if request.offline:
        settings = replace(settings, fetch=False)
    collection = Collection(site.root / COLLECTION)
    box = Box.of(theme.roles.values())
    return fetch(wanted_pictures(library), collection, settings, request.now, progress, box=box, jobs=request.jobs)


def _dead(site: Site) -> frozenset[str]:
    """Return the addresses that are known to be dead, where pages are to show it: else the ledger is no input."""
    return dead_links(site.root / LINKS) if site.settings.links.archive else frozenset()
