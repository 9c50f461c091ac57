"""Measure how time and memory grow with the number of articles, in turn with Hugo on equal sites; draw the curves."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cases import Bench, cold_memory, prepare_cold, prepare_nothing, prepare_title, run_case
from compare import workplace
from corpus import BenchmarkError, make_corpus
from sites import REPOSITORY, broadsheet_site, code_digest, hugo_site
from table import format_table

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
CASES = {"cold": prepare_cold, "nothing changed": prepare_nothing, "one title changed": prepare_title}
MEMORY = "memory, cold"
HEAD = ("articles", "", *CASES, MEMORY)
Measured = dict[str, dict[int, dict[str, float]]]  # case -> articles -> contestant -> s or MB


def main() -> int:
    """Measure every size, print the table as it grows, and draw it where that is asked for."""
    parser = argparse.ArgumentParser(prog="growth.py", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of articles (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=1, help="timed runs of each case (default: %(default)s)")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the curves into this file")
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench", metavar="FOLDER",
                        help="holds make_corpus.py and hugo/ (default: ../shared/bench)")  # fmt: skip
    options = parser.parse_args()
    measured: Measured = {case: {} for case in (*CASES, MEMORY)}
    try:
        for size in options.sizes:
            for case, values in measure(size, options.rounds, options.bench).items():
                measured[case][size] = values
            print(f"{size:,} articles are measured", file=sys.stderr)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(format_table(rows(measured, options.sizes), HEAD))
    print()
    print(per_article(measured, options.sizes))
    if options.plot:
        draw(measured, options.plot)
    return 0


def measure(size: int, rounds: int, bench: Path) -> dict[str, dict[str, float]]:
    """Return, by case and contestant, the median of the seconds, and the peak memory in MB."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=workplace(size)) as folder:
        place = Path(folder)
        articles = make_corpus(bench / "make_corpus.py", size, False, place / "corpus")
        ours = broadsheet_site(place / "broadsheet", articles)
        hugo = hugo_site(bench / "hugo", place / "hugo", articles)
        both = Bench(ours, hugo, articles, rounds, code_digest(), equal=False, aims={})
        found: dict[str, dict[str, float]] = {}
        for case, prepare in CASES.items():
            times = run_case(both, prepare(both))
            found[case] = {name: statistics.median(runs) for name, runs in times.items()}
        found[MEMORY] = {each.name: cold_memory(each) / 2**20 for each in (ours, hugo)}
        return found


def rows(measured: Measured, sizes: list[int]) -> Iterator[tuple[str, ...]]:
    """Yield two rows a size, ours and Hugo's."""
    for size in sizes:
        for name in measured[MEMORY][size]:
            times = (f"{measured[case][size][name]:.2f} s" for case in CASES)
            yield f"{size:,}", name, *times, f"{measured[MEMORY][size][name]:,.0f} MB"


def per_article(measured: Measured, sizes: list[int]) -> str:
    """Say what each article more costs us, from the smallest site measured to the largest."""
    small, large = min(sizes), max(sizes)
    if small == large:
        return ""
    more = {
        case: (by[large]["Broadsheet"] - by[small]["Broadsheet"]) / (large - small) for case, by in measured.items()
    }
    times = ", ".join(f"{case} {more[case] * 1000:.2f} ms" for case in CASES)
    return f"Each article more, from {small:,} to {large:,}: {times}, {more[MEMORY] * 1024:.1f} KB of memory."


def draw(measured: Measured, file: Path) -> None:
    """Draw a curve for each contestant in each case, both axes logarithmic: a straight line at 45° is linear growth."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rc("svg", hashsalt="broadsheet", fonttype="none")  # equal numbers give equal bytes
    matplotlib.rc("font", size=9)
    from matplotlib import pyplot

    figure, places = pyplot.subplots(1, len(measured), figsize=(3.2 * len(measured), 3.2), layout="constrained")
    for place, (case, by_size) in zip(places, measured.items(), strict=True):
        for name, colour in (("Broadsheet", "#1b5e9c"), ("Hugo", "#b04a7d")):
            place.loglog(list(by_size), [values[name] for values in by_size.values()], "o-", color=colour, label=name)
        place.set(title=case, xlabel="articles", ylabel="MB" if case == MEMORY else "seconds")
        place.grid(alpha=0.3)
    places[0].legend()
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
