"""The story: from a folder of articles to a finished site."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from generator.base.config import Settings, Site
from generator.base.digest import digest_record
from generator.base.files import COLLECTION, LINKS, let_clock_tick
from generator.base.imaging import Box
from generator.base.lock import locked
from generator.base.problems import BroadsheetError, CacheDamaged, Problem, StrictStop
from generator.base.toml import toml_position
from generator.builder.fingerprint import Code
from generator.builder.last import Last
from generator.builder.manifest import Artifact, Changes, diff
from generator.builder.memo import Memo
from generator.builder.run import Bench, Made, SourceChanged, effort, kept_names, make, plan
from generator.builder.store import State, Store
from generator.builder.task import Action
from generator.builder.unchanged import look_at_collection, look_at_links
from generator.builder.workers import Progress, workers
from generator.content.scan import Scan, scan, scan_again
from generator.images.fetch.account import Fetched
from generator.images.fetch.collection import Collection
from generator.images.fetch.pictures import fetch
from generator.library.exchange import exchanged
from generator.library.links import external_links
from generator.library.relate import Library, Readings
from generator.library.wanted import wanted_pictures
from generator.links.account import Checked
from generator.links.check import check_links
from generator.links.ledger import LinkLedger, dead_links
from generator.pages import copies, feeds, lists, machines, stories
from generator.pages.compose import Composition, compose
from generator.pages.edition import Edition, StoriesDrawn
from generator.pages.press import ARTICLES, Press, render_view
from generator.publish.output import Output, open_stage
from generator.reading import Files, Known, Reader, Reading, gather, locate_all, read_sources
from generator.theme.chain import chain_places, site_chain
from generator.theme.load import Theme, check_options, load_chain, template_digest
from generator.theme.render import Renderer
from generator.theme.templates import TemplateProblem

ATTEMPTS = 4  # a build starts again when a source is saved under its hands, or when the cache is damaged
CHUNK = 100  # pages that go to a worker at once; a picture goes alone, for it takes as long (`COSTLY`)
INLINE = 300  # pages that are faster made here than in processes that must start first


class Request(NamedTuple):
    """What a build is asked for, besides what the site says."""

    now: datetime
    drafts: bool = False
    strict: bool = False
    jobs: int = os.cpu_count() or 1
    offline: bool = False  # the picture collection is taken as it is
    everything: bool = False  # what is held back is shown, too: for a preview
    links: bool = False  # a check asks for links to other sites, too


class Build(NamedTuple):
    """What a build did."""

    library: Library
    artifacts: tuple[Artifact, ...]
    changes: Changes
    problems: tuple[Problem, ...]
    looks: str  # a digest over the stats of every file in the output
    fetched: Fetched
    links: Checked | None = None  # where they were checked
    pictures: dict[str, str] = {}  # output of a size of a picture -> a name for the picture

    def lifetime(self) -> tuple[float, float]:
        """Return the instants (s since 1970) between which the clock changes no byte and no picture is asked for."""
        since, until = self.library.lifetime()
        return since, min(until, self.fetched.due.timestamp()) if self.fetched.due else until


class Draft(NamedTuple):
    """A site that is related and composed, and not made yet."""

    entries: Known
    fetched: Fetched
    edition: Edition
    composition: Composition
    code: Code
    memo: Memo
    last: Last


def build(site: Site, request: Request, progress: Progress, waiting: Callable[[str], None]) -> Build:
    """Make the site's output equal to its sources. One build at a time writes a site.

    Raises:
        ConfigError: where the site or its theme is set up wrongly.
        OutputRefused: where the output folder holds somebody else's files.
        StrictStop: where the request is strict and anything is wrong; the output is as before.
    """
    with locked(site.cache, waiting), closing(Store(site.cache, Reading)) as store:
        mend = Collection(site.root / COLLECTION).discard_damaged
        return _again(store, lambda: _build(site, request, store, progress), mend)


def check(site: Site, request: Request, progress: Progress) -> Build:
    """Do all the work of a build in a folder of its own; nothing but the ledger of links is written into the site."""
    with TemporaryDirectory(prefix="broadsheet-") as elsewhere, closing(Store(Path(elsewhere), Reading)) as store:
        return _again(store, lambda: _check(site, request, store, progress), _name_damaged)


def glance(site: Site, request: Request) -> Draft:
    """Return the site as it would be built now; nothing is written into it and nothing is fetched."""
    state = Store(site.cache, Reading).load_state()
    with TemporaryDirectory(prefix="broadsheet-") as elsewhere, closing(Store(Path(elsewhere), Reading)) as store:
        return draft(site, request._replace(offline=True), store, state, lambda *_: None)


def draft(
    site: Site,
    request: Request,
    store: Store[Reading],
    state: State[Reading],
    progress: Progress,
    last: Last | None = None,
) -> Draft:
    """Read, relate and compose: all that is known of a site before a page of it exists.

    A preview drafts again and again with one `last`: what is made of the same things as before is not made again.
    """
    last = last or Last()
    memo = last.same("memo", (id(state.memo),), lambda: Memo(state.memo))
    code = last.same("code", (memo,), lambda: Code(memo=memo))
    theme = last.equal("theme", _theme(site, last, code, memo))
    options = check_options(theme, site.settings.options, site.text)
    scanned = last.equal("scan", _scan(site, last))
    root, settings = str(site.root), site.settings
    reader = last.same("reader", (settings, store, code), lambda: Reader(root, settings, store, code))
    entries = read_sources(scanned.sources, state.entries, reader, request.jobs, partial(progress, "Reading"))
    readings = last.equal("readings", gather(scanned.sources, entries, scanned.ignored, scanned.problems))
    asked = (settings, request.now, request.drafts, request.everything)
    known: Library | None = last.get("library")
    library = last.same("library", (readings, *asked), lambda: _relate(readings, asked, known))
    fetched = last.same(
        "fetched",
        (library.frame, theme.roles, request, look_at_collection(site.root)),
        lambda: fetch_pictures(site, request, library, theme, partial(progress, "Fetching")),
    )
    cards: StoriesDrawn = last.same("cards", (), dict)
    dead = last.same("dead", (settings.links.archive, look_at_links(site.root)), lambda: _dead(site))
    dress = (theme, options, fetched.images, cards, dead)
    edition = last.same("edition", (library, *dress), lambda: Edition(library, *dress))
    composition = last.same("composition", (edition,), lambda: compose(edition, last))
    return Draft(entries, fetched, edition, composition, code, memo, last)


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
        return memo.get("words", texts + code.digest, read)

    return load_chain(site_chain(site), site.settings.language, remember)


def _scan(site: Site, last: Last) -> Scan:
    known = last.get("scan")
    found = scan_again(site, known, last.changed) if known and last.changed is not None else None
    return found or scan(site)


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


def _links(site: Site, request: Request, drafted: Draft, store: Store[Reading], progress: Progress) -> Checked:
    """Return what is known of the links that the site shows; where one is due, it is asked for."""
    settings = site.settings.links
    if request.offline:
        settings = replace(settings, fetch=False)
    files = Files(str(site.root), store, drafted.entries)
    uses = external_links(drafted.edition.library, lambda card: ARTICLES.decode(files.filed(card.path).article))
    ledger = LinkLedger(site.root / LINKS)
    return check_links(uses, ledger, settings, site.settings.images, request.now, partial(progress, "Links"))


def _build(site: Site, request: Request, store: Store[Reading], progress: Progress) -> Build:
    state = store.load_state()
    drafted = draft(site, request, store, state, progress)
    output = Output(site.output, state.artifacts)
    output.refuse_foreign(out for task in drafted.composition.tasks for out in task.outputs)
    stage = open_stage(site.output, site.cache)
    old = {artifact.output: artifact for artifact in state.artifacts}
    try:
        bench = bench_of(site, drafted, store)._replace(old=old, stands=output.holds, put=stage.put)
        planned = plan(bench)
        made = _make(bench._replace(tasks=planned.tasks), request.jobs, progress)
        artifacts = (*planned.kept, *(artifact for each in made for artifact in each.artifacts))
        problems, positions = _problems(site, drafted, made, state)
        if request.strict and problems:
            raise StrictStop(problems)
        wanted = {artifact.output: artifact for artifact in artifacts}
        committed = output.commit(stage, wanted)
    finally:
        stage.remove()
    changes = diff(old, wanted)
    store.save_state(State(drafted.entries, committed.artifacts, positions, drafted.memo.used))
    store.prune_kept(_kept(committed.artifacts, drafted.composition))
    if any(each.artifacts for each in made):
        # Who tampers with the new output after this is found out by its stats.
        let_clock_tick(artifact.stat for artifact in committed.artifacts if artifact.stat)
    pictures = _pictures(drafted.composition)
    library, fetched = drafted.edition.library, drafted.fetched
    return Build(library, committed.artifacts, changes, problems, committed.looks, fetched, pictures=pictures)


def _check(site: Site, request: Request, store: Store[Reading], progress: Progress) -> Build:
    drafted = draft(site, request._replace(offline=True), store, State(), progress)
    made = _make(bench_of(site, drafted, store), request.jobs, progress)
    links = _links(site, request, drafted, store, progress) if request.links else None
    problems, _ = _problems(site, drafted, made, State(), links.problems if links else ())
    return Build(drafted.edition.library, (), Changes((), (), ()), problems, "", drafted.fetched, links=links)


# -- making ------------------------------------------------------------------------------------------------------------


def actions(theme: Theme, code: Code, memo: Memo) -> dict[str, Action[Press]]:
    """Return every way in which an output is made, by the name that tasks use."""
    pages = code.fingerprint("generator.pages.stories")
    feed = code.fingerprint("generator.pages.feeds")
    machine = code.fingerprint("generator.pages.machines")
    copying = code.fingerprint("generator.pages.copies")

    def page(template: str, inputs: Callable, render: Callable = render_view) -> Action[Press]:  # type: ignore[type-arg]
        return Action(
            inputs,
            render,
            pages,
            memo.get(f"template {template}", theme.digest + code.digest, lambda: _template_digest(theme, template)),
        )

    def data(inputs: Callable, write: Callable) -> Action[Press]:  # type: ignore[type-arg]
        return Action(inputs, write, machine)

    return {
        "front": page("front.html", lists.front_view, lists.render_front),
        "article": page("article.html", stories.article_inputs, stories.render_article),
        "list": page("list.html", lists.list_view, lists.render_list),
        "topics": page("topics.html", lists.topics_view),
        "providers": page("providers.html", lists.providers_view),
        "archive": page("archive.html", lists.archive_view),
        "month": page("month.html", lists.month_view),
        "page": page("page.html", stories.static_inputs, stories.render_static),
        "missing": page("404.html", stories.missing_view),
        "stub": page("stub.html", stories.stub_view),
        "feed": Action(feeds.feed_inputs, feeds.make_feed, feed),
        "opml": Action(feeds.opml_inputs, feeds.make_opml, feed),
        "api": data(machines.api_inputs, machines.make_api),
        "api_topics": data(machines.api_topics_inputs, machines.make_api_topics),
        "sitemap": data(machines.given, machines.make_sitemap),
        "sitemap_index": data(machines.given, machines.make_sitemap_index),
        "news_sitemap": data(machines.news_sitemap_inputs, machines.make_news_sitemap),
        "hosting": Action(copies.hosting_inputs, copies.make_hosting, copying),
        "asset": Action(copies.asset_inputs, copies.make_asset, copying),
        "static": Action(machines.given, copies.make_static, copying),
        "card": Action(machines.given, copies.make_card, code.fingerprint("generator.images.cards.draw")),
        "resize": Action(
            machines.given, copies.make_variants, code.fingerprint("generator.images.resize"), costly=True
        ),
    }


def bench_of(site: Site, drafted: Draft, store: Store[Reading]) -> Bench[Press]:
    """Set up the bench of a first build that writes nothing."""
    edition, composition, last = drafted.edition, drafted.composition, drafted.last
    theme, settings = edition.theme, edition.settings
    dress = (theme, settings.language, settings.timezone, edition.base)
    renderer = last.same("renderer", dress, lambda: Renderer(*dress))
    press = Press.of(edition, Files(str(site.root), store, drafted.entries), composition.targets, renderer)
    done = last.same("actions", (theme, drafted.code), lambda: actions(theme, drafted.code, drafted.memo))
    return Bench(press, done, composition.tasks, {}, _nothing_stands, _nowhere, store.kept, store.keep)


def _make(bench: Bench[Press], jobs: int, progress: Progress) -> list[Made]:
    with workers(jobs if effort(bench) > INLINE else 1, bench) as executor:
        return make(executor, bench, CHUNK, lambda done: progress("Making", done, len(bench.tasks)))


def _template_digest(theme: Theme, name: str) -> bytes:
    """A broken template has a digest, too: its page fails with a message, and is made when the template is mended."""
    try:
        return template_digest(theme, name)
    except TemplateProblem as error:
        return str(error.problem).encode().ljust(16, b"\0")[-16:]


def _problems(
    site: Site, drafted: Draft, made: Iterable[Made], state: State[Reading], more: Iterable[Problem] = ()
) -> tuple[tuple[Problem, ...], dict[str, tuple[int, int]]]:
    """Return all problems of a build, sorted, each once, with its line; and the positions that were looked up."""
    library, composition = drafted.edition.library, drafted.composition
    failed = (each.problem for each in made if each.problem)
    found = {*library.problems, *drafted.fetched.problems, *composition.problems, *failed, *more}
    return locate_all(
        (in_settings(site, problem) for problem in found), str(site.root), drafted.entries, state.positions
    )


def in_settings(site: Site, problem: Problem) -> Problem:
    """Return a problem of `site.toml` with its line, any other as it is."""
    if problem.path != "site.toml" or problem.line or not problem.trail:
        return problem
    line, column = toml_position(site.text, problem.trail)
    return replace(problem, line=line, column=column)


def _pictures(composition: Composition) -> dict[str, str]:
    """Return for every size of a picture which picture it is of, by a name that does not tell where that came from."""
    sizes = [task for task in composition.tasks if task.action == "resize"]
    return {output: digest_record(task.argument[1])[:4].hex() for task in sizes for output in task.outputs}  # type: ignore[index]


def _kept(artifacts: Iterable[Artifact], composition: Composition) -> list[str]:
    """Return the names of the costly outputs that the store keeps."""
    by_output = {artifact.output: artifact for artifact in artifacts}
    costly = [task for task in composition.tasks if task.action == "resize" and task.outputs[0] in by_output]
    return [name for task in costly for name in kept_names(by_output[task.outputs[0]].key, len(task.outputs))]


def _again(store: Store[Reading], attempt: Callable[[], Build], mend: Callable[[str], object]) -> Build:
    """Try until no source is saved in the midst of it; forget a cache that contradicts itself.

    `mend` is given the path of the source that changed: a picture of the collection that did is damaged.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except SourceChanged as changed:
            mend(str(changed.args[0]))
        except CacheDamaged:
            store.clear()
    return attempt()


def _name_damaged(path: str) -> None:
    if path.startswith(f"{COLLECTION}/"):
        raise BroadsheetError(f"{path}: is damaged: not the bytes that were kept; a build asks for the picture again")


def _nothing_stands(_: Artifact) -> bool:
    return False


def _nowhere(output: str, data: bytes) -> None:
    """Put an output that is only checked nowhere."""
