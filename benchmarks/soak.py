"""Build a site a thousand times, with an article added, one edited and one removed before each build.

After that the output must be a clean build's; the table shows whether cache, memory and time stay what they were.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from compare import workplace
from corpus import Article, BenchmarkError, make_corpus, newer, retitled
from measure import Command, all_files, tree_digest
from sites import REPOSITORY, Contestant, broadsheet_site
from table import format_table

HEAD = ("builds", "processor time, median", "memory, highest", "cache, largest", "files in it", "output")
TENTH = 10


@dataclass(frozen=True, slots=True)
class Built:
    """What a build took, and what it left in the cache."""

    seconds: float  # of processor time
    memory: int  # bytes, resident, of its largest process
    cache: int  # bytes
    files: int  # in the cache
    output: int  # bytes


def main() -> int:
    """Soak, print a row for each tenth of the builds, and compare the end with a clean build."""
    parser = argparse.ArgumentParser(prog="soak.py", description=__doc__)
    parser.add_argument("builds", nargs="?", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--articles", type=int, default=500, help="of the site (default: %(default)s)")
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench", metavar="FOLDER",
                        help="holds make_corpus.py (default: ../shared/bench)")  # fmt: skip
    options = parser.parse_args()
    if options.builds < TENTH:
        parser.error(f"at least {TENTH} builds")
    try:
        with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=workplace(options.articles)) as folder:
            script = options.bench / "make_corpus.py"
            articles = make_corpus(script, options.articles, False, Path(folder) / "corpus")
            site = broadsheet_site(Path(folder) / "broadsheet", articles)
            built = soak(site, articles, options.builds)
            print(format_table([row(built, tenth) for tenth in range(TENTH)], HEAD))
            soaked = tree_digest(site.output)
            site.forget()
            build(site)
            if tree_digest(site.output) != soaked:
                raise BenchmarkError("the output is not that of a clean build")
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\nThe output is a clean build's.")
    return 0


def soak(site: Contestant, articles: list[Article], builds: int) -> list[Built]:
    """Edit and build; the site stays as large as it is. Every tenth build is of another template, too."""
    chance, first = random.Random(builds), articles[-1]
    build(site)
    found = []
    for turn in range(builds):
        oldest = articles.pop(0)
        (site.root / "content" / "news" / oldest.name).unlink()
        articles.append(newer(first, f"Added before build {turn}", hours=turn + 1))
        site.write(articles[-1])
        at = chance.randrange(len(articles) - 1)
        articles[at] = retitled(articles[at], f"Edited before build {turn}")
        site.write(articles[at])
        if turn % TENTH == 0:
            site.edit_template(f"edit-{turn + 1}")
        found.append(build(site))
    return found


def build(site: Contestant) -> Built:
    """Build once, and look at what that took and left."""
    command: Command = site.command
    process = subprocess.Popen(
        command.arguments, cwd=command.folder, env=command.environment, stdout=subprocess.DEVNULL
    )  # what it complains of is seen
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchmarkError(f"a build ended with {process.returncode}")
    cache = all_files(site.root / ".broadsheet")
    size = sum(map(os.path.getsize, cache))
    output = sum(map(os.path.getsize, all_files(site.output)))
    return Built(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, size, len(cache), output)


def row(built: list[Built], tenth: int) -> tuple[str, ...]:
    """Return what a tenth of the builds took."""
    first, last = len(built) * tenth // TENTH, len(built) * (tenth + 1) // TENTH
    part = built[first:last]
    return (
        f"{first + 1:,}–{last:,}",
        f"{statistics.median(each.seconds for each in part) * 1000:,.0f} ms",
        f"{max(each.memory for each in part) / 2**20:,.0f} MB",
        f"{max(each.cache for each in part) / 2**20:,.2f} MB",
        f"{max(each.files for each in part)}",
        f"{part[-1].output / 2**20:,.1f} MB",
    )


if __name__ == "__main__":
    sys.exit(main())
