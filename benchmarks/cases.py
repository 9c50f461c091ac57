"""The cases: what is done to both sites before each build, and what is expected of it after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from checks import Place, check_articles, check_shown, check_template
from corpus import Article, BenchmarkError, newer, retitled
from measure import peak_memory, seconds, tree_digest
from sites import Contestant, code_digest
from table import Row

TITLE = "one title changed"
AIMS = {
    "cold": 0.6,
    "nothing changed": 1 / 30,
    TITLE: 1 / 10,
    "one newest added": 3 / 20,
    "one template changed": 0.5,
    "memory, cold": 0.5,
}
AIMS_EQUAL = AIMS | {"cold": 0.4}
AIMS_LONG = AIMS | {"cold": 0.25, "memory, cold": 0.25}

Check = Callable[[Contestant], None]
Prepare = Callable[[int], dict[str, Check]]  # round -> what is expected of each contestant, by name


@dataclass(slots=True)
class Bench:
    """The contestants and the articles, oldest first, as the edits so far have left them."""

    ours: Contestant
    other: Contestant
    articles: list[Article]
    rounds: int
    code: str  # its digest at the start
    equal: bool  # ours makes only what Hugo makes
    aims: Mapping[str, float]  # by case


def run_cases(bench: Bench) -> tuple[list[Row], dict[str, dict[str, int]]]:
    """Measure every case; return the rows and what the cold builds wrote."""
    cases: dict[str, Prepare] = {
        "cold": prepare_cold(bench),
        "nothing changed": prepare_nothing(bench),
        TITLE: prepare_title(bench),
        "one newest added": prepare_newest(bench),
        "one template changed": prepare_template(bench),
    }
    rows: list[Row] = []
    wrote: dict[str, dict[str, int]] = {}
    for case, prepare in cases.items():
        times = run_case(bench, prepare)
        wrote = wrote or {each.name: each.count_files() for each in (bench.ours, bench.other)}
        rows.append(Row(case, times[bench.ours.name], times[bench.other.name], "s", bench.aims[case]))
        if case == TITLE and not bench.equal:
            rows.append(Row(f"{case}, with search", searched(bench, prepare), times[bench.other.name], "s"))
    memory = [cold_memory(contestant) / 2**20 for contestant in (bench.ours, bench.other)]
    rows.append(Row("memory, cold", (memory[0],), (memory[1],), "MB", bench.aims["memory, cold"]))
    return rows, wrote


def run_beside(bench: Bench, other: Contestant) -> list[Row]:
    """Measure, once each, what another contestant takes for some of the cases, in turn with us; there are no aims."""
    beside = replace(bench, other=other, rounds=1)
    cases = {"cold": prepare_cold, "nothing changed": prepare_nothing, TITLE: prepare_title}
    rows = []
    for case, prepare in cases.items():
        times = run_case(beside, prepare(beside))
        rows.append(Row(case, times[beside.ours.name], times[other.name], "s"))
    memory = [cold_memory(contestant) / 2**20 for contestant in (beside.ours, other)]
    return [*rows, Row("memory, cold", (memory[0],), (memory[1],), "MB")]


def run_case(bench: Bench, prepare: Prepare) -> dict[str, tuple[float, ...]]:
    """Run one case in turn (A B A B …), first a round that does not count; return each one's seconds by name."""
    contestants = (bench.ours, bench.other)
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for turn in range(bench.rounds + 1):
        expected = prepare(turn)
        for contestant in contestants:
            times[contestant.name].append(seconds(contestant.command))
            expected[contestant.name](contestant)
        if code_digest() != bench.code:  # an edit makes every page again, whatever the case
            raise BenchmarkError("generator/ or themes/ was edited during the comparison")
    return {name: tuple(runs[1:]) for name, runs in times.items()}


def searched(bench: Bench, prepare: Prepare) -> tuple[float, ...]:
    """Run a case on our site with its search index, which Hugo's site has none of; return the seconds."""
    times: list[float] = []
    with bench.ours.searching():
        seconds(bench.ours.command)  # every page leads to the search page now
        for turn in range(bench.rounds + 1):
            expected = prepare(turn)
            times.append(seconds(bench.ours.command))
            expected[bench.ours.name](bench.ours)
    seconds(bench.ours.command)
    return tuple(times[1:])


def cold_memory(contestant: Contestant) -> int:
    """Return the peak memory of a cold build, in a run of its own that is not timed."""
    contestant.forget()
    return peak_memory(contestant.command)


# -- cases -------------------------------------------------------------------------------------------------------------


def prepare_cold(bench: Bench) -> Prepare:
    """Before each run everything that builds left is deleted; after it, every article has its page."""

    def prepare(_turn: int) -> dict[str, Check]:
        for contestant in (bench.ours, bench.other):
            contestant.forget()
        return {each.name: partial(check_articles, count=len(bench.articles)) for each in (bench.ours, bench.other)}

    return prepare


def prepare_nothing(bench: Bench) -> Prepare:
    """Nothing is touched; after the run every file is what it was before."""

    def expect(contestant: Contestant) -> Check:
        before = tree_digest(contestant.output)

        def check(built: Contestant) -> None:
            if tree_digest(built.output) != before:
                raise BenchmarkError(f"{built.name} changed its output though nothing had changed")

        return check

    return lambda _turn: {contestant.name: expect(contestant) for contestant in (bench.ours, bench.other)}


def prepare_title(bench: Bench) -> Prepare:
    """Before each run one article gets a new title, another article each time, spread over the years."""

    def prepare(turn: int) -> dict[str, Check]:
        position = len(bench.articles) * (turn + 1) // (bench.rounds + 2)
        article = retitled(bench.articles[position], f"Retitled in round {turn} of the comparison")
        bench.articles[position] = article
        return _write(bench, Place(article, position, len(bench.articles)), newest=False)

    return prepare


def prepare_newest(bench: Bench) -> Prepare:
    """Before each run one article is added, newer than all."""

    def prepare(turn: int) -> dict[str, Check]:
        article = newer(bench.articles[-1], f"Added in round {turn} of the comparison", hours=1)
        bench.articles.append(article)
        return _write(bench, Place(article, len(bench.articles) - 1, len(bench.articles)), newest=True)

    return prepare


def prepare_template(bench: Bench) -> Prepare:
    """Before each run the template of all articles' pages is edited."""

    def prepare(turn: int) -> dict[str, Check]:
        word = f"edit-{turn + 1}"
        for contestant in (bench.ours, bench.other):
            contestant.edit_template(word)
        check = partial(check_template, word=word, articles=bench.articles)
        return {each.name: check for each in (bench.ours, bench.other)}

    return prepare


def _write(bench: Bench, place: Place, newest: bool) -> dict[str, Check]:
    def check(contestant: Contestant) -> None:
        check_shown(contestant, place, newest, bench.equal)
        check_articles(contestant, place.count)

    for contestant in (bench.ours, bench.other):
        contestant.write(place.article)
    return {bench.ours.name: check, bench.other.name: check}
