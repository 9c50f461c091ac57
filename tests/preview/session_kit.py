"""A real site under a real preview: watched, drafted and served on loopback, in this process or in one of its own."""

from __future__ import annotations

import gc
import http.client
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from preview_kit import PATIENCE, Answer, until
from site_kit import NOON, SmallSite, environment

from generator.base.config import load_site
from generator.base.paths import quote_path
from generator.builder.store import Store
from generator.drafting import Request
from generator.pipeline import build as build_site
from generator.preview.live import Live
from generator.preview.serve import Preview
from generator.preview.server import Wishes
from generator.preview.session import FOLDER, Session
from generator.reading import Reading

QUIETLY = lambda *_: None  # noqa: E731
SCRIPT = re.compile(rb'<script src="/_broadsheet/preview\.js"[^>]*></script>')


def make_live(site: SmallSite, clock: Callable[[], datetime] = lambda: NOON) -> Live:
    """Return a live site, drafted once; nothing watches it."""
    store = Store[Reading](site.cache / FOLDER, Reading)
    live = Live(site.root, store, Store(site.cache, Reading), clock, 1, lambda: None)
    live.refresh(None)
    return live


class Shown(NamedTuple):
    """A site under a preview, and all that it told the person."""

    site: SmallSite
    session: Session
    port: int
    said: list[str]

    def ask(self, path: str, **headers: str) -> Answer:
        """Ask the server."""
        return ask(self.port, path, **headers)

    def page(self, path: str) -> bytes:
        """Return what the server answers, without preview's script."""
        return SCRIPT.sub(b"", self.ask(path).body)

    def shows(self, path: str, text: str) -> None:
        """Wait until a page has a text."""
        until(lambda: text.encode() in self.page(path), f"{path} never had {text}")

    def problems(self) -> list[str]:
        """Return the messages of all problems."""
        return [problem.message for problem in self.session.present.problems()]


@contextmanager
def previewing(site: SmallSite, clock: Callable[[], datetime] = lambda: NOON) -> Iterator[Shown]:
    """Preview a site in this process until the block ends; all of it but the command itself."""
    said: list[str] = []
    collecting = gc.isenabled()
    folder = site.cache / FOLDER
    try:
        with closing(Store[Reading](folder, Reading)) as store:
            session = Session(load_site(site.root), store, clock, said.append, lambda _, line: said.append(line))
            with session.running(lambda: nullcontext(QUIETLY)):
                preview = Preview(session.present, session.hub, Wishes(port=0))
                thread = Thread(target=preview.run)
                thread.start()
                try:
                    yield Shown(site, session, preview.port, said)
                finally:
                    preview.stop()
                    thread.join(PATIENCE)
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()


class Running(NamedTuple):
    """The command in a process of its own."""

    site: SmallSite
    process: subprocess.Popen[str]
    port: int
    said: list[str]

    def ask(self, path: str, **headers: str) -> Answer:
        """Ask the server."""
        return ask(self.port, path, **headers)

    def shows(self, path: str, text: str) -> None:
        """Wait until a page has a text."""
        until(lambda: text.encode() in self.ask(path).body, f"{path} never had {text}")

    def end(self) -> float:
        """End it as Ctrl-C does; return the seconds that it took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        return time.monotonic() - start


@contextmanager
def command(site: SmallSite, *options: str, now: datetime | None = NOON, **environ: str) -> Iterator[Running]:
    """Run `broadsheet preview` in a session of its own."""
    clock = ("--as-of", now.isoformat()) if now else ()
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "preview", "--site", str(site.root), "--port", "0", *clock, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(**environ),
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    said: list[str] = []
    listening = threading.Thread(target=lambda: said.extend(_lines(process)), daemon=True)
    try:
        port = 0
        for line in process.stdout:
            said.append(line.rstrip())
            if match := re.search(r"preview: http://[^/]*:(\d+)/", line):
                port = int(match[1])
                break
        assert port, said
        listening.start()
        yield Running(site, process, port, said)
    finally:
        process.kill()
        process.wait()
        if listening.is_alive():
            listening.join()


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        yield line.rstrip()


def ask(port: int, path: str, **headers: str) -> Answer:
    """Send one request; underscores in names of headers stand for `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


_BUILD_ALL = """
import sys
from datetime import datetime
from pathlib import Path
from generator.base.config import load_site
from generator.drafting import Request
from generator.pipeline import build

request = Request(datetime.fromisoformat(sys.argv[2]), jobs=1, everything=True)
for artifact in build(load_site(Path(sys.argv[1])), request, lambda *_: None, lambda _: None).artifacts:
    print(artifact.output)
"""


def build_all(site: SmallSite, elsewhere: Path, now: datetime = NOON) -> dict[str, bytes]:
    """Return every output of a clean build that shows all that a preview shows; it has a process of its own."""
    copy = site.copy(elsewhere)
    program = [sys.executable, "-c", _BUILD_ALL, str(copy.root), now.isoformat()]
    done = subprocess.run(program, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {output: (copy.output / output).read_bytes() for output in done.stdout.splitlines()}


def build_here(site: SmallSite, elsewhere: Path, now: datetime = NOON) -> dict[str, bytes]:
    """Do the same in this process, in which nothing may be drafted meanwhile."""
    copy = site.copy(elsewhere)
    done = build_site(load_site(copy.root), Request(now, jobs=1, everything=True), QUIETLY, QUIETLY)
    return {artifact.output: (copy.output / artifact.output).read_bytes() for artifact in done.artifacts}


def differences(shown: Shown, wanted: dict[str, bytes]) -> list[str]:
    """Return what differs between the server's answers and the outputs that it should have.

    What a build cannot make, a page with a mistake in its template or a broken picture, preview says so of.
    """
    now = shown.session.live.now
    assert now
    more = [name for name in now.tasks.keys() - wanted.keys() if not _has_problem(shown, name)]
    names = sorted([*more, *(wanted.keys() - now.tasks.keys())])
    base = shown.session.present.base_path
    hidden = {"_headers", "_redirects"}
    wrong = []
    with closing(http.client.HTTPConnection("127.0.0.1", shown.port, timeout=PATIENCE)) as connection:
        for output, data in wanted.items():
            if output in hidden:
                page = shown.session.live.page(output)
                served = page.data if page else None
            else:
                connection.request("GET", base + quote_path(output))
                answer = connection.getresponse()
                served = SCRIPT.sub(b"", answer.read())
                wrong += [f"{output}: {answer.status}"] if answer.status != 200 else []
            if served != data:
                wrong.append(output)
    return [*(f"only one has {name}" for name in names), *wrong]


def _has_problem(shown: Shown, output: str) -> bool:
    page = shown.session.live.page(output)
    return page is not None and page.problem is not None
