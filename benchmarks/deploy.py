"""Deploy a large site to an S3 server on this machine: a title, a newest article and nothing, build included or not."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from compare import workplace
from corpus import Article, BenchmarkError, make_corpus, newer, retitled
from sites import BASE_URL, REPOSITORY, Contestant, broadsheet_site
from table import Row, format_table

AIM_S = 3.0
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
BUCKET = "news"
PAUSE_S = 1.0  # before each run, so that what was edited is not so new that its time may not be trusted
HEAD = ("case", "files sent", "and pages of the API", "seconds", "aim", "")
TARGET = """
[deploy.s3]
type = "s3"
bucket = "{bucket}"
endpoint_url = "{endpoint}"
region = "us-east-1"
"""


@dataclass(slots=True)
class Deployer:
    """A site, its articles, and the bucket that it is deployed to."""

    site: Contestant
    articles: list[Article]
    endpoint: str
    turn: int = 0

    def deploy(self) -> tuple[float, list[str]]:
        """Deploy; return the seconds of the whole process and the paths of the files that went."""
        elapsed, said = self._run("deploy")
        return elapsed, [step["path"] for step in json.loads(said)["steps"] if step["step"] != "delete"]

    def build(self) -> None:
        """Build as a command of its own, which the deploy then does not do again."""
        self._run("build")

    def retitle(self) -> Article:
        """Give an article from the middle another title."""
        self.turn += 1
        at = len(self.articles) // 2 + self.turn
        return self._save(at, retitled(self.articles[at], f"Retitled before deploy {self.turn}"))

    def add(self) -> Article:
        """Add an article that is an hour newer than all."""
        self.turn += 1
        self.articles.append(newer(self.articles[-1], f"Added before deploy {self.turn}", hours=1))
        return self._save(-1, self.articles[-1])

    def expect(self, article: Article) -> None:
        """Check that readers find an article, as it is now, on its page and in the API."""
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1",
                              aws_access_key_id="a", aws_secret_access_key="b")  # fmt: skip
        for key in (f"news/{article.stem}/index.html", f"api/news/{article.stem}/index.json"):
            if article.title not in client.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode():
                raise BenchmarkError(f"{key} in the bucket does not have the title {article.title!r}")

    def _run(self, name: str) -> tuple[float, bytes]:
        """Run a command of ours; return its seconds, from before its start until after its end, and what it says."""
        time.sleep(PAUSE_S)
        command = (sys.executable, "-m", "generator", name, "--json", "--site", str(self.site.root))
        environment = {**self.site.command.environment, **KEYS}
        start = time.perf_counter()
        done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True)
        elapsed = time.perf_counter() - start
        if done.returncode:
            raise BenchmarkError(f"a {name} ended with {done.returncode}:\n{done.stderr.decode()}")
        return elapsed, done.stdout

    def _save(self, at: int, article: Article) -> Article:
        self.articles[at] = article
        self.site.write(article)
        return article


def main() -> int:
    """Run the deploys in turn and print the table."""
    options = read_options()
    if options.serve:
        return serve(options.closing)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=place(options)) as folder,
            s3_server(options.closing) as endpoint,
        ):
            articles = make_corpus(options.bench / "make_corpus.py", options.articles, False, Path(folder) / "corpus")
            site = broadsheet_site(Path(folder) / "broadsheet", articles)
            settings = site.root / "site.toml"
            base = settings.read_text("utf-8").replace(BASE_URL, "https://news.test/")  # an example's is refused
            settings.write_text(base + TARGET.format(bucket=BUCKET, endpoint=endpoint), "utf-8")
            deployer = Deployer(site, articles, endpoint)
            first, sent = deployer.deploy()
            print(f"{options.articles:,} articles; first deploy, with its build: {len(sent):,} files, {first:.1f} s\n")
            print(format_table(run(deployer, options.rounds), HEAD))
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def run(deployer: Deployer, rounds: int) -> list[tuple[str, ...]]:
    """Deploy each case in each round, in turn; return a row for each case."""
    cases: dict[str, tuple[Callable[[], Article] | None, bool]] = {
        "one title, from sources": (deployer.retitle, False),
        "one newest, from sources": (deployer.add, False),
        "one title, built before": (deployer.retitle, True),
        "one newest, built before": (deployer.add, True),
        "nothing changed": (None, False),
    }
    times: dict[str, list[float]] = {case: [] for case in cases}
    files: dict[str, tuple[int, int]] = {}
    for _ in range(rounds):
        for case, (edit, built) in cases.items():
            article = edit() if edit else None
            if built:
                deployer.build()
            elapsed, sent = deployer.deploy()
            if article:
                deployer.expect(article)
            times[case].append(elapsed)
            pages = sum(path.startswith("api/") and "/page/" in path for path in sent)
            files[case] = max(files.get(case, (0, 0)), (len(sent) - pages, pages))
    return [row(case, files[case], times[case]) for case in cases]


def row(case: str, files: tuple[int, int], times: list[float]) -> tuple[str, ...]:
    """Return a case's line: how many went at most, and how long it took."""
    span = Row(case, tuple(times), tuple(times), "s").cells()[1]
    verdict = "met" if max(times) < AIM_S else "missed in some" if min(times) < AIM_S else "MISSED"
    return case, str(files[0]), str(files[1]), span, f"< {AIM_S:.0f} s", verdict


@contextmanager
def s3_server(closing: bool) -> Iterator[str]:
    """Run moto's server for S3 in a process of its own; yield its address."""
    command = [sys.executable, __file__, "--serve", *(["--closing"] if closing else [])]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        endpoint = server.stdout.readline().strip()
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                              aws_access_key_id="a", aws_secret_access_key="b")  # fmt: skip
        client.create_bucket(Bucket=BUCKET)
        yield endpoint
    finally:
        server.kill()
        server.wait()


def serve(closing: bool) -> int:
    """Serve S3 from memory until somebody ends us: moto, which is a WSGI application.

    A connection is kept, as every S3 keeps it. That of moto's own command, a server for development, is `closing`: it
    makes a connection and a thread for each request.
    """
    from moto.moto_server.werkzeug_app import create_backend_app

    application = create_backend_app("s3")
    if closing:
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_request(self, *_: object) -> None:
                """Say nothing."""

        development = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
        print(f"http://127.0.0.1:{development.port}", flush=True)
        development.serve_forever()
        return 0
    from cheroot.wsgi import Server

    server = Server(("127.0.0.1", 0), application, numthreads=16)
    server.prepare()
    print(f"http://127.0.0.1:{server.bind_addr[1]}", flush=True)
    server.serve()
    return 0


def place(options: argparse.Namespace) -> str | None:
    """Return where the site lies: on a disk if that is asked for, else in memory where there is room."""
    return None if options.disk else workplace(options.articles)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="deploy.py", description=__doc__)
    parser.add_argument("articles", nargs="?", type=int, default=10_000, help="of the site (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of all cases in turn (default: %(default)s)")
    parser.add_argument("--disk", action="store_true", help="put the site on a disk, also where a RAM disk has room")
    parser.add_argument(
        "--closing", action="store_true", help="serve as moto's own command: a connection and a thread for each request"
    )
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench", metavar="FOLDER",
                        help="holds make_corpus.py (default: ../shared/bench)")  # fmt: skip
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
