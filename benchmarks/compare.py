"""Measure Broadsheet against Hugo on equal sites, in turn, and check what every timed build wrote."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from alone import HEAD, run_alone
from cases import AIMS, AIMS_EQUAL, AIMS_LONG, Bench, run_beside, run_cases
from corpus import BenchmarkError, make_corpus
from sites import REPOSITORY, broadsheet_site, code_digest, eleventy_site, hugo_program, hugo_site
from table import format_table

RAM_DISK = Path("/dev/shm")
SPACE = 150_000  # bytes an article, for all copies of the site and their outputs; four times that with long coverage
WROTE_HEAD = ("a cold build wrote", "files", "pages", "articles' own", "bytes")


def main() -> int:
    """Run the comparison and print its table."""
    options = read_options()
    try:
        place = None if options.disk else workplace(options.articles, long=options.long)
        with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=place) as folder:
            bench = lay_out(options, Path(folder))
            rows, wrote = run_cases(bench)
            describe(bench, options, folder.startswith(str(RAM_DISK)))
            eleventy = eleventy_site(Path(folder) / "eleventy", bench.articles)
            beside = run_beside(bench, eleventy) if eleventy else []
            alone = run_alone(bench, Path(folder) / "small") if not options.equal and not options.long else []
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(format_table(row.cells() for row in rows))
    print()
    print(format_table([(name, *(f"{n:,}" for n in wrote[name].values())) for name in wrote], WROTE_HEAD))
    if alone:
        print()
        print(format_table((row.cells() for row in alone), HEAD))
    if beside:
        print()
        print(format_table((row.cells() for row in beside), ("case, once", "Broadsheet", "Eleventy", "ratio", "", "")))
    if options.json:
        measured = {"rows": [row.record() for row in rows], "wrote": wrote}
        record = {"articles": options.articles, "long": options.long, "equal": options.equal} | measured
        options.json.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="compare.py", description=__doc__)
    parser.add_argument("articles", nargs="?", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each case (default: %(default)s)")
    parser.add_argument("--long", action="store_true", help="articles with long lists of coverage")
    parser.add_argument("--equal", action="store_true", help="only the outputs that the Hugo site has, too")
    parser.add_argument("--disk", action="store_true", help="sites and outputs on the disk of temporary files")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there, too")
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench", metavar="FOLDER",
                        help="holds make_corpus.py and hugo/ (default: ../shared/bench)")  # fmt: skip
    options = parser.parse_args()
    if options.articles < 100 or options.rounds < 1:
        parser.error("at least 100 articles and 1 round")
    return options


def workplace(articles: int, *, long: bool = False) -> str | None:
    """Return the RAM disk if it has room for two sites of so many articles, else None: the usual temporary folder."""
    room = articles * SPACE * (4 if long else 1)
    return str(RAM_DISK) if RAM_DISK.is_dir() and shutil.disk_usage(RAM_DISK).free > room else None


def lay_out(options: argparse.Namespace, folder: Path) -> Bench:
    """Make the corpus and the two sites."""
    articles = make_corpus(options.bench / "make_corpus.py", options.articles, options.long, folder / "corpus")
    return Bench(
        ours=broadsheet_site(folder / "broadsheet", articles, options.equal),
        other=hugo_site(options.bench / "hugo", folder / "hugo", articles),
        articles=articles,
        rounds=options.rounds,
        code=code_digest(),
        equal=options.equal,
        aims=AIMS_LONG if options.long else AIMS_EQUAL if options.equal else AIMS,
    )


def describe(bench: Bench, options: argparse.Namespace, ram_disk: bool) -> None:
    """Print what the numbers below were measured on."""
    hugo = subprocess.run([hugo_program(), "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    size = "articles with long coverage" if options.long else "small articles"
    place = "a RAM disk" if ram_disk else "a disk"
    outputs = "what Hugo makes, too" if options.equal else "all of its outputs"
    print(
        f"{options.articles:,} {size}; median (lowest–highest) of {bench.rounds} rounds in turn, on {place},"
        f" {os.cpu_count()} processors, Python {platform.python_version()}, Hugo {hugo}.\n"
        f"Both show all articles, Broadsheet makes {outputs}; the ratio is our median over Hugo's.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
