"""Measure what a build with a Dask cluster costs: a task's overhead, a world's size, pictures by 1, 2 and 4 workers."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from measure import Command, seconds, tree_digest
from photos import photo
from table import format_table

from generator.actions import bench_of
from generator.base.config import load_site
from generator.builder.afar import call_afar, parcel_of
from generator.builder.cluster import Cluster
from generator.builder.store import State, Store
from generator.drafting import Request, draft
from generator.reading import Reading

TASKS = 2000
NOW = "2026-03-01T12:00:00Z"
SETTINGS = """
title = "News"
base_url = "https://news.example/"
[images]
fetch = false
[outputs]
social_cards = false
search = false  # Pagefind makes other bytes each time
"""


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="cluster.py", description=__doc__)
    parser.add_argument("photos", nargs="?", type=int, default=48, help="how many (default: %(default)s)")
    parser.add_argument("--articles", type=int, default=4000, help="of the world (default: %(default)s)")
    options = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} processors, load before {load}; Python {platform.python_version()}.\n")
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        print(format_table(overhead(Path(folder)), ("a task of nothing", "", "")))
        print()
        print(format_table(world(Path(folder), options.articles), ("the world of the pages", "", "an article")))
        print()
        print(format_table(curve(Path(folder), options.photos), ("pictures", "time", "of one process's")))


def nothing(_world: object, items: Sequence[int]) -> list[int]:
    """Do nothing with each item."""
    return list(items)


def overhead(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Time tasks that do nothing, all of them sent before the first answer is awaited."""
    with cluster_of(folder, 1) as address:
        cluster = Cluster(address, folder, "generator.actions", False, print)
        with closing(cluster):
            started = time.perf_counter()
            with cluster.gather(None) as team:
                team.submit(nothing, range(1)).result()
                began = time.perf_counter()
                for future in [team.submit(nothing, range(number, number + 4)) for number in range(TASKS)]:
                    future.result()
                took = time.perf_counter() - began
    yield "to connect, compare versions and open the first parcel", f"{began - started:.2f} s", ""
    yield f"{TASKS} tasks, one worker", f"{took:.2f} s", f"{took / TASKS * 1000:.2f} ms a task"


def world(folder: Path, count: int) -> Iterator[tuple[str, str, str]]:
    """Measure the parcel of a cold build: its bytes, and the time to write and to open it."""
    root = folder / "articles"
    lay_out(root)
    for number in range(count):
        write_article(root, number)
    site = load_site(root)
    site.cache.mkdir()
    with closing(Store(site.cache, Reading)) as store:
        drafted = draft(site, Request(datetime.fromisoformat(NOW).astimezone(UTC)), store, State(), lambda *_: None)
        began = time.perf_counter()
        with parcel_of(bench_of(site, drafted, store), site.cache, "generator.actions") as parcel:
            written = time.perf_counter() - began
            size = os.stat(parcel.file).st_size
            began = time.perf_counter()
            call_afar(parcel, nothing, range(1))
            opened = time.perf_counter() - began
    shutil.rmtree(root)
    yield f"{count} articles, bytes", f"{size / 1e6:.1f} MB", f"{size / count:.0f} B"
    yield "to write it", f"{written:.2f} s", f"{written / count * 1e6:.0f} µs"
    yield "to open it, with relating anew", f"{opened:.2f} s", f"{opened / count * 1e6:.0f} µs"


def curve(folder: Path, count: int) -> Iterator[tuple[str, str, str]]:
    """Time cold builds of a site of pictures: here alone, and with workers; all must write the same bytes."""
    root = folder / "pictures"
    lay_out(root)
    (root / "content/images").mkdir()
    with ProcessPoolExecutor() as processes:
        for number, data in enumerate(processes.map(photo, range(count), chunksize=4)):
            (root / f"content/images/photo-{number}.jpg").write_bytes(data)
            write_article(root, number, f"images: [{{url: /images/photo-{number}.jpg, width: 1600, height: 1067}}]\n")
    alone = cold(root, "--jobs", "1")
    digest = tree_digest(root / "output")
    yield f"{count} pictures, `--jobs 1`", f"{alone:.1f} s", "1.00"
    both = cold(root, "--jobs", "2")
    yield "`--jobs 2`", f"{both:.1f} s", f"{both / alone:.2f}"
    for workers in (1, 2, 4):
        with cluster_of(folder, workers) as address:
            took = cold(root, "--scheduler", address)
        if tree_digest(root / "output") != digest:
            sys.exit("the cluster wrote other bytes")
        yield f"`--scheduler`, {workers} workers and this process", f"{took:.1f} s", f"{took / alone:.2f}"


def lay_out(root: Path) -> None:
    """Begin a site."""
    (root / "content/news").mkdir(parents=True)
    (root / "site.toml").write_text(SETTINGS)


def write_article(root: Path, number: int, more: str = "") -> None:
    """Write a small article of a month, a topic and an outlet that others share."""
    outlet = f"outlet{number % 50}.example"
    (root / f"content/news/article-{number:06d}.md").write_text(
        f"---\ntitle: Article {number} about something of interest\n"
        "excerpt: What it is about, in a sentence or two, so that a card has something to show.\n"
        f"publishedDateTime: 2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}T08:{number % 60:02d}:00Z\n"
        f"webUrl: https://{outlet}/{number}\nprovider: {{name: {outlet}, domain: {outlet}}}\n"
        f"topics: [Topic {number % 40}, Topic {number % 7}]\nquality: 50\nheat: 70\n{more}---\n"
    )


def cold(root: Path, *how: str) -> float:
    """Return the seconds of a build from nothing."""
    for left in ("output", ".broadsheet"):
        shutil.rmtree(root / left, ignore_errors=True)
    command = (sys.executable, "-m", "generator", "build", "--site", str(root), "--as-of", NOW, *how)
    return seconds(Command("build", command, Path(__file__).parents[1], os.environ))


@contextmanager
def cluster_of(folder: Path, workers: int) -> Iterator[str]:
    """Give the address of a scheduler with so many workers, of one process and one thread each."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address, environment = f"tcp://127.0.0.1:{port}", os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    plain = ("--host", "127.0.0.1", "--no-dashboard")
    commands: list[tuple[str, ...]] = [("scheduler", "--port", str(port), *plain)]
    commands += [
        ("worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder), *plain)
    ] * workers
    running = [
        subprocess.Popen([sys.executable, "-m", "dask", *command], env=environment, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        from distributed import Client

        with Client(address, timeout="30s", set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(workers, timeout=60)
        yield address
    finally:
        for process in running:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
