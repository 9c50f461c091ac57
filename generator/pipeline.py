"""The story: from a folder of articles to a finished site."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from generator.actions import bench_of, tools
from generator.base.config import Site
from generator.base.files import COLLECTION, LINKS, let_clock_tick
from generator.base.lock import locked
from generator.base.looking import looking
from generator.base.problems import BroadsheetError, CacheDamaged, Problem, StrictStop
from generator.base.toml import toml_position
from generator.builder.manifest import Artifact, Changes, diff
from generator.builder.run import Bench, Made, SourceChanged, effort, kept_names, make, plan
from generator.builder.store import State, Store
from generator.builder.unchanged import Recalled
from generator.builder.workers import Progress, workers
from generator.drafting import Draft, Request, draft
from generator.images.fetch.account import Fetched
from generator.images.fetch.collection import Collection
from generator.indexing import State as SearchState
from generator.library.links import external_links
from generator.library.relate import Library
from generator.links.account import Checked
from generator.links.check import check_links
from generator.links.ledger import LinkLedger
from generator.pages.compose import Composition
from generator.pages.press import ARTICLES, Press
from generator.publish.output import Output
from generator.publish.shared import SharedStage
from generator.publish.stage import open_stage
from generator.reading import Reading
from generator.rereading import Files, locate_all
from generator.search.index import NAME

ATTEMPTS = 4  # a build starts again when a source is saved under its hands, or when the cache is damaged
INLINE = 300  # pages that are faster made here than in processes that must start first


class Build(NamedTuple):
    """What a build did."""

    library: Library
    artifacts: tuple[Artifact, ...]
    changes: Changes
    problems: tuple[Problem, ...]
    looks: str  # a digest over the stats of every file in the output
    fetched: Fetched
    links: Checked | None = None  # where they were checked
    search: SearchState = "off"  # how the search index came

    def lifetime(self) -> tuple[float, float]:
        """Return the instants (s since 1970) between which the clock changes no byte and no picture is asked for."""
        since, until = self.library.lifetime()
        return since, min(until, self.fetched.due.timestamp()) if self.fetched.due else until


def build(
    site: Site,
    request: Request,
    progress: Progress,
    waiting: Callable[[str], None],
    seen: Recalled = Recalled(),  # noqa: B008 (it is frozen)
    done: Callable[[Build], object] = lambda _: None,
) -> Build:
    """Make the site's output equal to its sources. One build at a time writes a site.

    Args:
        seen: looks at sources and output that have just been taken; of no use where another build was waited for.
        done: is called as soon as the output is what it should be; what the next build wants to know is kept then.

    Raises:
        ConfigError: where the site or its theme is set up wrongly.
        OutputRefused: where the output folder holds somebody else's files.
        StrictStop: where the request is strict and anything is wrong; the output is as before.
    """
    first = [seen]

    def wait(holder: str) -> None:
        first.clear()
        waiting(holder)

    with locked(site.cache, wait), closing(Store(site.cache, Reading)) as store:
        mend = Collection(site.root / COLLECTION).discard_damaged

        def attempt() -> Build:
            return _build(site, request, store, progress, first.pop() if first else Recalled(), done)

        return _again(store, attempt, mend)


def check(site: Site, request: Request, progress: Progress) -> Build:
    """Do all the work of a build in a folder of its own; nothing but the ledger of links is written into the site."""
    with TemporaryDirectory(prefix="broadsheet-") as elsewhere, closing(Store(Path(elsewhere), Reading)) as store:
        return _again(store, lambda: _check(site, request, store, progress), _name_damaged)


def glance(site: Site, request: Request) -> Draft:
    """Return the site as it would be built now; nothing is written into it and nothing is fetched."""
    state = Store(site.cache, Reading).load_state()
    with TemporaryDirectory(prefix="broadsheet-") as elsewhere, closing(Store(Path(elsewhere), Reading)) as store:
        return draft(site, request._replace(offline=True, make_index=False), store, state, lambda *_: None)


def _links(site: Site, request: Request, drafted: Draft, store: Store[Reading], progress: Progress) -> Checked:
    """Return what is known of the links that the site shows; where one is due, it is asked for."""
    settings = site.settings.links
    if request.offline:
        settings = replace(settings, fetch=False)
    files = Files(str(site.root), store, drafted.entries)
    uses = external_links(drafted.edition.library, lambda card: ARTICLES.decode(files.filed(card.path).article))
    ledger = LinkLedger(site.root / LINKS)
    return check_links(uses, ledger, settings, site.settings.images, request.now, partial(progress, "Links"))


def _build(
    site: Site,
    request: Request,
    store: Store[Reading],
    progress: Progress,
    seen: Recalled,
    done: Callable[[Build], object],
) -> Build:
    looks, sources = seen.looks, dict(seen.inputs.first) if seen.inputs else {}
    with nullcontext(looks) if looks and looks.folder == site.output else looking(site.output) as there:
        state, begin = store.load_state(), partial(tools, site.settings)
        drafted = draft(site, request, store, state, progress, meanwhile=begin, seen=sources)
        old = {artifact.output: artifact for artifact in state.artifacts}
        output = Output(site.output, old, there.found)
    output.refuse_foreign(out for task in drafted.composition.tasks for out in task.outputs)
    stage = open_stage(site.output, site.cache, output.stands)
    if request.gather:
        stage = SharedStage(stage.folder)
    try:
        bench = bench_of(site, drafted, store)._replace(old=old, stands=output.holds, put=stage.put)
        planned = plan(bench)
        keyed = {} if request.gather else planned.keyed  # inputs do not travel: other machines gather them anew
        made = _make(bench._replace(tasks=planned.tasks, keyed=keyed), request, progress)
        artifacts = (*planned.kept, *(artifact for each in made for artifact in each.artifacts))
        problems, positions = _problems(site, drafted, made, state)
        if request.strict and problems:
            raise StrictStop(problems)
        wanted = {artifact.output: artifact for artifact in artifacts}
        committed = output.commit(stage, wanted)
    finally:
        stage.remove()
    library, fetched, found = drafted.edition.library, drafted.fetched, drafted.searching.state
    changes = diff(old, wanted)
    built = Build(library, committed.artifacts, changes, problems, committed.looks, fetched, search=found)
    done(built)
    store.save_state(State(drafted.entries, committed.artifacts, positions, drafted.memo.used))
    store.prune_kept(_kept(committed.artifacts, drafted.composition))
    if any(each.artifacts for each in made):
        # Who tampers with the new output after this is found out by its stats.
        let_clock_tick(committed.placed)
    return built


def _check(site: Site, request: Request, store: Store[Reading], progress: Progress) -> Build:
    drafted = draft(site, request._replace(offline=True, make_index=False), store, State(), progress)
    made = _make(bench_of(site, drafted, store), request, progress)
    links = _links(site, request, drafted, store, progress) if request.links else None
    problems, _ = _problems(site, drafted, made, State(), links.problems if links else ())
    library, fetched, found = drafted.edition.library, drafted.fetched, drafted.searching.state
    return Build(library, (), Changes((), (), ()), problems, "", fetched, links, search=found)


# -- making ------------------------------------------------------------------------------------------------------------


def _make(bench: Bench[Press], request: Request, progress: Progress) -> list[Made]:
    jobs, gather = (request.jobs, request.gather) if effort(bench) > INLINE else (1, None)
    with workers(jobs, bench, gather) as team:
        return make(team, bench, lambda done: progress("Making", done, len(bench.tasks)))


def _problems(
    site: Site, drafted: Draft, made: Iterable[Made], state: State[Reading], more: Iterable[Problem] = ()
) -> tuple[tuple[Problem, ...], dict[str, tuple[int, int]]]:
    """Return all problems of a build, sorted, each once, with its line; and the positions that were looked up."""
    library, composition = drafted.edition.library, drafted.composition
    failed = (each.problem for each in made if each.problem)
    searching = (drafted.searching.problem,) if drafted.searching.problem else ()
    found = {*library.problems, *drafted.fetched.problems, *composition.problems, *searching, *failed, *more}
    return locate_all(
        (in_settings(site, problem) for problem in found), str(site.root), drafted.entries, state.positions
    )


def in_settings(site: Site, problem: Problem) -> Problem:
    """Return a problem of `site.toml` with its line, any other as it is."""
    if problem.path != "site.toml" or problem.line or not problem.trail:
        return problem
    line, column = toml_position(site.text, problem.trail)
    return replace(problem, line=line, column=column)


def _kept(artifacts: Iterable[Artifact], composition: Composition) -> list[str]:
    """Return the names of what the store keeps: costly outputs, and the search index."""
    by_output = {artifact.output: artifact for artifact in artifacts}
    costly = [task for task in composition.tasks if task.action == "resize" and task.outputs[0] in by_output]
    names = [name for task in costly for name in kept_names(by_output[task.outputs[0]].key, len(task.outputs))]
    return [*names, NAME] if composition.search.files else names


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
