"""Measure the preview against `hugo server` on equal sites: from a saved file to its new page, save by save in turn."""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from compare import workplace
from corpus import Article, BenchmarkError, make_corpus, retitled
from measure import Command
from sites import REPOSITORY, Contestant, broadsheet_site, hugo_site
from table import format_table

AIMS = {"body": (0.15, 0.3), "title": (0.4, None), "template": (2.0, None)}  # s: median, 95th percentile
ASK_S = 0.005  # between two questions whether the page is new
PATIENCE_S = 120.0
HEAD = ("saved", "", "median", "p95", "lowest–highest", "aim", "")
TEMPLATES = {"Broadsheet": "themes/default/templates/base.html", "Hugo": "layouts/baseof.html"}


@dataclass(slots=True)
class Server:
    """A contestant that serves; what it looks at is one article's page, over one connection."""

    site: Contestant
    connection: http.client.HTTPConnection
    articles: list[Article]

    def page(self, stem: str) -> bytes:
        """Return an article's page as it is served now; b"" where it breaks off, as Hugo's does while it is made."""
        try:
            self.connection.request("GET", f"/news/{stem}/")
            return self.connection.getresponse().read()
        except http.client.HTTPException:
            self.connection.close()  # and opened again by the next request
            return b""

    def seconds(self, stem: str, save: Callable[[], None], mark: str) -> float:
        """Save, then ask for a page until it has the mark; return the seconds from before the save."""
        self.page(stem)  # it is looked at
        start = time.perf_counter()
        save()
        while mark.encode() not in self.page(stem):
            if time.perf_counter() > start + PATIENCE_S:
                raise BenchmarkError(f"{self.site.name} has not shown {mark!r} for {PATIENCE_S:.0f} s")
            time.sleep(ASK_S)
        return time.perf_counter() - start


def main() -> int:
    """Run the comparison and print its table."""
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left
    try:
        with ExitStack() as stack:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=workplace(options.articles))
            )
            servers = [stack.enter_context(server) for server in lay_out(options, Path(folder))]
            times = {case: run_case(case, servers, options.saves) for case in options.case}
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.articles:,} articles, {options.saves} saves in turn, {os.cpu_count()} processors\n")
    print(format_table(itertools.chain.from_iterable(map(rows, times, times.values())), HEAD))
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="preview.py", description=__doc__)
    parser.add_argument("articles", nargs="?", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--saves", type=int, default=30, help="of each case and contestant (default: %(default)s)")
    parser.add_argument("--case", action="append", choices=AIMS, help="only this one (default: all)")
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench", metavar="FOLDER",
                        help="holds make_corpus.py and hugo/ (default: ../shared/bench)")  # fmt: skip
    options = parser.parse_args()
    options.case = options.case or list(AIMS)
    if options.articles < 100 or options.saves < 2:
        parser.error("at least 100 articles and 2 saves")
    return options


def lay_out(options: argparse.Namespace, folder: Path) -> list[AbstractContextManager[Server]]:
    """Make the corpus and the two sites; return what starts their servers."""
    corpus = make_corpus(options.bench / "make_corpus.py", options.articles, False, folder / "corpus")
    articles = [replace(article, text=f"{article.text}\nA *view* of it.\n") for article in corpus]
    ours = broadsheet_site(folder / "broadsheet", articles)
    subprocess.run(["cp", "-r", str(REPOSITORY / "themes"), str(ours.root)], check=True)
    hugo = hugo_site(options.bench / "hugo", folder / "hugo", articles)
    page = hugo.root / "layouts" / "page.html"
    _write(page, page.read_text("utf-8").replace("</article>", "{{ .Content }}</article>"))  # else it shows no bodies
    here = ("--site", str(ours.root), "--port", "0")
    program = (hugo.command.arguments[0], "server", "--source", str(hugo.root), "--port", str(_free_port()))
    return [
        serving(ours, (sys.executable, "-m", "generator", "preview", *here), r"preview: http://[^/]*:(\d+)/", articles),
        serving(hugo, program, r"http://localhost:(\d+)/", articles),
    ]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def serving(site: Contestant, arguments: tuple[str, ...], says: str, articles: list[Article]) -> Iterator[Server]:
    """Start a contestant's server, and wait until it says where it is."""
    command = Command(site.name, arguments, site.command.folder, site.command.environment)
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command.arguments, cwd=command.folder, env={**command.environment, "PYTHONUNBUFFERED": "1"},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            port = _port(site.name, process, log.fileno(), says)
            yield Server(site, http.client.HTTPConnection("localhost", port, timeout=PATIENCE_S), list(articles))
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _port(name: str, process: subprocess.Popen[bytes], log: int, says: str) -> int:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(says, os.pread(log, 100_000, 0).decode(errors="replace")):
            return int(found[1])
        time.sleep(0.05)
    raise BenchmarkError(f"{name} does not serve:\n{os.pread(log, 2000, 0).decode(errors='replace')}")


# -- cases -------------------------------------------------------------------------------------------------------------


def run_case(case: str, servers: list[Server], saves: int) -> dict[str, list[float]]:
    """Save in turn (A B A B …), first a round that does not count; between two saves is a while as a person needs."""
    times: dict[str, list[float]] = {server.site.name: [] for server in servers}
    chance = random.Random(case)  # the same for every run
    for turn in range(saves + 1):
        for server in servers:
            mark = f"Mark {case} {turn} of this comparison"
            stem, save = CASES[case](server, turn, saves, mark)
            time.sleep(chance.uniform(0.2, 1.2))
            times[server.site.name].append(server.seconds(stem, save, mark))
            print(f"{case} {turn} {server.site.name}: {_ms(times[server.site.name][-1])}", file=sys.stderr)
    return {name: measured[1:] for name, measured in times.items()}


def save_body(server: Server, turn: int, saves: int, mark: str) -> tuple[str, Callable[[], None]]:
    """Add a paragraph to an article, another one each time."""
    article = _article(server, turn, saves)
    text = f"{article.text}\n{mark}\n"
    return article.stem, lambda: server.site.write(replace(article, text=text))


def save_title(server: Server, turn: int, saves: int, mark: str) -> tuple[str, Callable[[], None]]:
    """Give an article another title."""
    article = retitled(_article(server, turn, saves), mark)
    return article.stem, lambda: server.site.write(article)


def save_template(server: Server, turn: int, saves: int, mark: str) -> tuple[str, Callable[[], None]]:
    """Change the template that all pages extend, while an article is looked at."""
    file = server.site.root / TEMPLATES[server.site.name]
    text = re.sub(r"<body>(<i>.*</i>)?", f"<body><i>{mark}</i>", file.read_text("utf-8"), count=1)
    return _article(server, turn, saves).stem, lambda: _write(file, text)


def _article(server: Server, turn: int, saves: int) -> Article:
    return server.articles[len(server.articles) * (turn + 1) // (saves + 2)]


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


CASES = {"body": save_body, "title": save_title, "template": save_template}


# -- the table ---------------------------------------------------------------------------------------------------------


def rows(case: str, times: dict[str, list[float]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each contestant; ours with the aim, and whether it is met and ahead."""
    median, tail = AIMS[case]
    (_, ours), (_, theirs) = times.items()
    met = statistics.median(ours) <= median and (tail is None or p95(ours) <= tail)
    ahead = statistics.median(ours) < statistics.median(theirs)
    aim = f"≤ {_ms(median)}" + (f", p95 ≤ {_ms(tail)}" if tail else "")
    for name, measured in times.items():
        span = f"{_ms(min(measured))}–{_ms(max(measured))}"
        verdict = (aim, "met" if met and ahead else "MISSED") if measured is ours else ("", "")
        yield case, name, _ms(statistics.median(measured)), _ms(p95(measured)), span, *verdict


def p95(measured: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(measured, n=20, method="inclusive")[-1]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
