"""What is measured of Broadsheet beside nobody: its start, one process instead of two, a small site."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cases import Bench
from checks import check_articles
from measure import Command, seconds
from sites import REPOSITORY, Contestant, broadsheet_site, clean_environment

HEAD = ("of Broadsheet alone", "", "beside", "", "aim", "")
SMALL = 20  # articles, for which no process is worth its start: `make bench-check` counts that none does
STARTS = 20  # runs of what takes a twentieth of a second
START_MS, SMALL_S, ONE_PROCESS = 60, 0.5, 1.9  # the aims


@dataclass(frozen=True, slots=True)
class Alone:
    """A figure beside another one, what follows, and the aim; all as text but whether it is met."""

    name: str
    figure: str
    beside: str
    follows: str
    aim: str
    met: bool

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        return self.name, self.figure, self.beside, self.follows, self.aim, "met" if self.met else "MISSED"


def run_alone(bench: Bench, folder: Path) -> list[Alone]:
    """Measure the start, a cold build by one process, and one of a small site; `folder` is for that."""
    small = broadsheet_site(folder, bench.articles[:SMALL])
    return [*(_start(option, folder) for option in ("--version", "--help")), _one_process(bench), _small(bench, small)]


def _start(option: str, folder: Path) -> Alone:
    """Compare the start with that of an interpreter that does nothing, in turn."""
    environment = clean_environment(folder)
    ours = Command("Broadsheet", (sys.executable, "-m", "generator", option), REPOSITORY, environment)
    bare = Command("Python", (sys.executable, "-c", "pass"), REPOSITORY, environment)
    pairs = [(seconds(ours), seconds(bare)) for _ in range(STARTS + 1)][1:]
    ms, bare_ms = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    more = ms - bare_ms
    return Alone(
        option, f"{ms:.0f} ms", f"Python {bare_ms:.0f} ms", f"+{more:.0f} ms", f"≤ +{START_MS} ms", more <= START_MS
    )


def _one_process(bench: Bench) -> Alone:
    """Compare a cold build by one process with one by as many as there are processors, in turn."""
    arguments = (*bench.ours.command.arguments, "--jobs", "1")
    single = replace(bench.ours, command=replace(bench.ours.command, name="one process", arguments=arguments))
    one, many = _cold(bench, single, bench.ours)
    ratio = statistics.median(one) / statistics.median(many)
    return Alone(
        "cold, `--jobs 1`", _span(one), f"all {_span(many)}", f"{ratio:.2f}", f"≤ {ONE_PROCESS}", ratio <= ONE_PROCESS
    )


def _small(bench: Bench, small: Contestant) -> Alone:
    (times,) = _cold(replace(bench, articles=bench.articles[:SMALL]), small)
    median = statistics.median(times)
    return Alone(f"cold, {SMALL} articles", _span(times), "", f"{median:.2f} s", f"≤ {SMALL_S} s", median <= SMALL_S)


def _cold(bench: Bench, *contestants: Contestant) -> list[tuple[float, ...]]:
    """Time cold builds in turn, a first round not; after each, every article has its page."""
    check = partial(check_articles, count=len(bench.articles))
    times: list[list[float]] = [[] for _ in contestants]
    for _ in range(bench.rounds + 1):
        for contestant, runs in zip(contestants, times, strict=True):
            contestant.forget()
            runs.append(seconds(contestant.command))
            check(contestant)
    return [tuple(runs[1:]) for runs in times]


def _span(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} s ({min(values):.2f}–{max(values):.2f})"
