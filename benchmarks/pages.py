"""Measure pages as a telephone loads them: Lighthouse on front page, topic and story of the sample and of a corpus."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from gzip import compress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

from table import format_table

REPOSITORY = Path(__file__).resolve().parents[1]
LIGHTHOUSE = REPOSITORY / "benchmarks" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PERFORMANCE, SIZE, REQUESTS = 98, 100_000, 40
RUNS = 3  # of which the best counts: other programs slow a browser down, and nothing makes it faster
HEAD = ("", *CATEGORIES, "shift", "bytes, no pictures", "requests", "")
PACKED = (".html", ".css", ".js", ".svg", ".json", ".xml")


@dataclass(frozen=True, slots=True)
class Site:
    """A site, and the pages of it that are measured."""

    name: str
    content: Path
    pages: dict[str, str]  # by kind


@dataclass(frozen=True, slots=True)
class Page:
    """What Lighthouse found. `failed` are the audits that are not passed; scores are of a hundred."""

    scores: dict[str, int]
    failed: tuple[str, ...]
    indexable: bool
    shift: float
    size: int  # bytes that were sent, pictures left out
    requests: int
    strangers: int  # requests to other hosts

    def complaints(self, *, is_front: bool) -> Iterator[str]:
        """Yield what is not as it must be."""
        if self.scores["performance"] < PERFORMANCE:
            yield f"performance below {PERFORMANCE}"
        # A page that is kept out of search engines by rule fails the audit for that, and no other.
        allowed = set() if self.indexable else {"is-crawlable"}
        if wrong := set(self.failed) - allowed:
            yield f"not passed: {', '.join(sorted(wrong))}"
        if self.shift:
            yield "something shifts"
        if self.strangers:
            yield f"{self.strangers} requests to other hosts"
        if is_front and self.size > SIZE:
            yield f"more than {SIZE:,} bytes"
        if is_front and self.requests >= REQUESTS:
            yield f"{REQUESTS} requests or more"


def main() -> int:
    """Measure, print the table, and tell whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=REPOSITORY.parent / "shared" / "corpus" / "stories",
                        help="a content folder, where there is one (default: ../shared/corpus/stories)")  # fmt: skip
    parser.add_argument("--theme", default="default")
    options = parser.parse_args()
    if not LIGHTHOUSE.exists():
        sys.exit("Lighthouse is not installed: `make bench-pages` does that")
    rows: list[tuple[str, ...]] = []
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        for site in sites(options.corpus):
            with served(build(site, options.theme, Path(folder, site.name))) as address:
                for kind, path in site.pages.items():
                    found = measure(address + path)
                    complaints = list(found.complaints(is_front=kind == "front"))
                    is_good = is_good and not complaints
                    rows.append(row(f"{site.name}, {kind}", found, complaints))
    print(format_table(rows, HEAD))
    return 0 if is_good else 1


def sites(corpus: Path) -> Iterator[Site]:
    """Yield the sample and, where there is one, the corpus."""
    yield Site(
        "sample",
        REPOSITORY / "content",
        {"front": "", "topic": "topics/space/", "story": "news/2022-07-12-webb-first-images/"},
    )
    if corpus.is_dir():
        largest = max(corpus.glob("_news/*.md"), key=lambda file: file.stat().st_size)
        yield Site(corpus.name, corpus, {"front": "", "topic": "topics/ai/", "story": f"news/{largest.stem}/"})


def build(site: Site, theme: str, folder: Path) -> Path:
    """Build a site for the address at which it is served; return its output."""
    folder.mkdir()
    settings = (
        f'title = "{site.name.capitalize()}"\ndescription = "News that people chose."\ncontent = "{site.content}"\n'
    )
    (folder / "site.toml").write_text(f'{settings}theme = "{theme}"\nbase_url = "https://news.example/"\n')
    command = [sys.executable, "-m", "generator", "build", "--offline", "--site", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return folder / "output"


class Host(SimpleHTTPRequestHandler):
    """A host as they are: one connection for many files, texts packed, names with a digest kept for ever."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> BytesIO | None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return None
        body = path.read_bytes()
        self.send_response(200)
        charset = "; charset=utf-8" if path.suffix in PACKED else ""
        self.send_header("Content-Type", f"{self.guess_type(path)}{charset}")
        if path.suffix in PACKED:
            body = compress(body, 6, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        is_lasting = path.parts[-2] in ("assets", "fonts", "images")
        self.send_header("Cache-Control", "max-age=31536000, immutable" if is_lasting else "max-age=0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that says nothing of a browser that leaves before a file has come."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(output: Path) -> Iterator[str]:
    """Serve an output on loopback."""
    with Server(("127.0.0.1", 0), partial(Host, directory=str(output))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def measure(address: str) -> Page:
    """Let Lighthouse load a page as on a telephone, some times, and read what it found in the best run."""
    return max((run(address) for _ in range(RUNS)), key=lambda page: page.scores["performance"])


def run(address: str) -> Page:
    """Let Lighthouse load a page once."""
    flags = ["--output=json", "--quiet", f"--only-categories={','.join(CATEGORIES)}"]
    chromium = {"CHROME_PATH": shutil.which("chromium") or ""}
    chrome = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
    done = subprocess.run(
        [LIGHTHOUSE, address, *flags, chrome], env=os.environ | chromium, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    audits, host = found["audits"], "/".join(address.split("/")[:3]) + "/"
    scored = {
        each["id"]
        for name in CATEGORIES[1:]
        for each in found["categories"][name]["auditRefs"]
        if each["weight"] and audits[each["id"]]["score"] not in (None, 1)
    }
    requests = audits["network-requests"]["details"]["items"]
    return Page(
        scores={name: round(100 * found["categories"][name]["score"]) for name in CATEGORIES},
        failed=tuple(sorted(scored)),
        indexable=audits["is-crawlable"]["score"] == 1,
        shift=audits["cumulative-layout-shift"]["numericValue"],
        size=sum(each["transferSize"] for each in requests if each.get("resourceType") != "Image"),
        requests=len(requests),
        strangers=sum(not each["url"].startswith((host, "data:")) for each in requests),
    )


def row(name: str, page: Page, complaints: list[str]) -> tuple[str, ...]:
    """Return a line of the table."""
    scores = (str(page.scores[category]) for category in CATEGORIES)
    return (name, *scores, f"{page.shift:.3f}", f"{page.size:,}", str(page.requests), "; ".join(complaints) or "good")


if __name__ == "__main__":
    sys.exit(main())
