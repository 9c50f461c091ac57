"""check: the links of a site against a server that is as bad as the network, from one run to the next."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme
from msgspec.structs import replace
from picture_server import Asked, PictureServer, moves, says, served

from generator.base.image_settings import ImageSettings
from generator.base.link_settings import LinkSettings
from generator.base.records import LinkUse
from generator.links import wave
from generator.links.account import Checked, RowState
from generator.links.check import check_links
from generator.links.ledger import Entry, LinkLedger
from generator.links.visit import moved_to
from generator.network.client import Hop, Resolve

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PATIENT = 6.0  # s, for machines on which more than this test runs
SETTINGS = LinkSettings(timeout=PATIENT, fetch_budget=60)
LOCAL = ImageSettings(allow_hosts=("127.0.0.1",))


@pytest.fixture
def server() -> Iterator[PictureServer]:
    """Give a server of its own."""
    with served() as server:
        server.behaviours["/good"] = says("200 OK", b"<html>")
        yield server


@pytest.fixture(autouse=True, scope="module")
def impatient() -> Iterator[None]:
    """Pause less between two questions than a run does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wave, "PAUSE", 0.01)
        yield


def uses(*urls: str) -> list[LinkUse]:
    """Return a use of each address, each of another article."""
    return [LinkUse(url, f"content/news/{number}.md", ("webUrl",)) for number, url in enumerate(urls)]


def checked(
    folder: Path,
    *urls: str,
    now: datetime = NOW,
    settings: LinkSettings = SETTINGS,
    reach: ImageSettings = LOCAL,
    resolve: Resolve | None = None,
) -> Checked:
    """Check into a ledger, as a run does."""
    told: list[tuple[int, int]] = []
    found = check_links(
        uses(*urls), LinkLedger(folder), settings, reach, now, lambda *seen: told.append(seen), resolve=resolve
    )
    assert told == sorted(told)
    assert not (folder / "ledger.journal").exists()
    return found


def state(found: Checked) -> list[RowState]:
    """Return the states by address."""
    return [row.state for row in found.rows]


def entry(folder: Path, url: str) -> Entry:
    """Return what the ledger says of an address."""
    return LinkLedger(folder).entries[url]


# -- every behaviour, in one run ---------------------------------------------------------------------------------------


def _no_head(asked: Asked) -> None:
    """A server that knows GET alone, and says so in one of the ways in which servers do."""
    statuses = {"a": "405 Method Not Allowed", "b": "501 Not Implemented", "c": "403 Forbidden", "d": "404 Not Found"}
    asked.send(statuses[asked.path[-1]] if asked.method == "HEAD" else "200 OK", b"<html>")


def _hangs_up_on_head(asked: Asked) -> None:
    if asked.method == "GET":
        asked.send("200 OK", b"<html>")


def _stalls_on_head(asked: Asked) -> None:
    asked.hold() if asked.method == "HEAD" else asked.send("200 OK", b"<html>")


def _busy_at_first(asked: Asked) -> None:
    asked.send("429 Too Many Requests", b"", "Retry-After: 1") if asked.times == 1 else asked.send("200 OK")


def _temporarily(location: str, status: str = "302 Found"):  # type: ignore[no-untyped-def]
    return lambda asked: asked.send(status, b"", f"Location: {location.replace('{port}', str(asked.server.port))}")


BEHAVIOURS = {
    "/good": says("200 OK", b"<html>"),
    "/no-head-a": _no_head,
    "/no-head-b": _no_head,
    "/no-head-c": _no_head,
    "/no-head-d": _no_head,
    "/hangs-up-on-head": _hangs_up_on_head,
    "/stalls-on-head": _stalls_on_head,
    "/busy-at-first": _busy_at_first,
    "/302": _temporarily("/good"),
    "/307-then-301": _temporarily("/301", "307 Temporary Redirect"),
    "/301": moves("/good"),
    "/308": _temporarily("/good?new=1", "308 Permanent Redirect"),
    "/301-302": moves("/302"),
    "/301-to-404": moves("/404"),
    "/to-front-page": moves("/"),
    "/slash": moves("/slash/"),
    "/slash/": says("200 OK"),
    "/": says("200 OK"),
    "/302-to-private": _temporarily("http://127.0.0.2:{port}/good"),
    "/401": says("401 Unauthorized"),
    "/403": says("403 Forbidden"),
    "/451": says("451 Unavailable For Legal Reasons"),
    "/503": says("503 Service Unavailable"),
    "/300": says("300 Multiple Choices"),
}
EXPECTED: dict[str, tuple[RowState, str]] = {
    **{path: ("good", "") for path in BEHAVIOURS if "head" in path},
    "/good": ("good", ""),
    "/busy-at-first": ("good", ""),
    "/slash": ("good", ""),
    "/302": ("good", ""),
    "/307-then-301": ("good", ""),
    "/301": ("moved", ""),
    "/308": ("moved", ""),
    "/301-302": ("moved", ""),
    "/to-front-page": ("moved", ""),
    "/endless": ("good", ""),
    "/huge": ("good", ""),
    "/301-to-404": ("suspect", "the server answers 404 Not Found"),
    "/404": ("suspect", "the server answers 404 Not Found"),
    "/410": ("suspect", "the server answers 410 Gone"),
    "/500": ("suspect", "the server answers 500 Internal Server Error"),
    "/silence": ("suspect", f"it takes more than {PATIENT:g} s"),
    "/no-http": ("suspect", "the answer breaks off, or is no HTTP"),
    "/endless-head": ("suspect", "the answer breaks off, or is no HTTP"),
    "/401": ("unknown", "the server answers 401 Unauthorized"),
    "/403": ("unknown", "the server answers 403 Forbidden"),
    "/451": ("unknown", "the server answers 451 Unavailable For Legal Reasons"),
    "/429": ("unknown", "the server answers 429 Too Many Requests"),
    "/503": ("unknown", "the server answers 503 Service Unavailable"),
    "/999": ("unknown", "the server answers 999"),
    "/300": ("unknown", "the server answers 300 Multiple Choices"),
    "/loop-1": ("unknown", "its redirects go round in a circle"),
    "/302-to-private": ("unknown", "the host 127.0.0.2 is not in the public network (127.0.0.2)"),
    "/to-metadata": ("unknown", "the host 169.254.169.254 is not in the public network (169.254.169.254)"),
    "/to-file": ("unknown", "only http and https addresses are fetched"),
}


class Whole(NamedTuple):
    """One run through everything, and what it left."""

    folder: Path
    found: Checked
    seconds: float
    agents: set[str]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Ask for every behaviour, each at a host of its own that a map sends to the server."""
    folder, agents = tmp_path_factory.mktemp("links"), set[str]()
    with served() as server:

        def noting(behaviour):  # type: ignore[no-untyped-def]
            def answer(asked: Asked) -> None:
                agents.add(asked.headers["user-agent"])
                behaviour(asked)

            return answer

        server.behaviours = {path: noting(each) for path, each in (server.behaviours | BEHAVIOURS).items()}
        hosts = {f"{host_of(path)}.example": f"http://127.0.0.1:{server.port}" for path in EXPECTED}
        started = time.monotonic()
        found = checked(folder, *map(url_of, EXPECTED), reach=replace(LOCAL, host_map=hosts))
        return Whole(folder, found, time.monotonic() - started, agents)


def host_of(path: str) -> str:
    return f"host{path.replace('/', '-')}"


def url_of(path: str) -> str:
    """Return the address of a behaviour."""
    return f"http://{host_of(path)}.example{path}"


@pytest.mark.parametrize("path", EXPECTED)
def test_what_servers_do(whole: Whole, path: str) -> None:
    """Each has one state, and the reason is told in one sentence; a refusal to programs is no death."""
    (row,) = [row for row in whole.found.rows if row.url == url_of(path)]
    assert (row.state, row.why) == EXPECTED[path]
    assert row.files == (f"content/news/{[*EXPECTED].index(path)}.md",)
    noted = entry(whole.folder, url_of(path))
    assert (noted.state, noted.why) == EXPECTED[path]
    assert noted.due > NOW


def test_what_somebody_should_look_at_is_a_warning(whole: Whole) -> None:
    """It names file and field, what is wrong since when, and what would be right; what nobody can know is none."""
    wrong = [path for path, (state, _) in EXPECTED.items() if state in ("moved", "suspect")]
    assert len(whole.found.problems) == len(wrong)
    assert {problem.severity for problem in whole.found.problems} == {"warning"}

    def line(path: str) -> str:
        (found,) = [text for text in map(str, whole.found.problems) if f"the link {url_of(path)} " in text]
        return found.partition("the link ")[2].replace(".example", "").replace("http://", "")

    assert line("/301") == "host-301/301 has moved for good; write host-301/good"
    assert line("/308") == "host-308/308 has moved for good; write host-308/good?new=1"
    assert line("/301-302") == "host-301-302/301-302 has moved for good; write host-301-302/302"
    assert line("/to-front-page") == (
        "host-to-front-page/to-front-page leads to the front page of its host now; see whether the story is still there"
    )
    assert line("/404") == (
        "host-404/404 may be dead: the server answers 404 Not Found, since 2026-03-01 (1 try); "
        "it is asked for again from 2026-03-02 08:00 UTC on; see whether the address is right"
    )


def test_the_run_is_counted_and_names_itself(whole: Whole) -> None:
    """Each address has one state; the user agent names the tool; slow ones wait beside each other."""
    assert whole.found.counts == {
        state: sum(told == state for told, _ in EXPECTED.values())
        for state in ("good", "moved", "suspect", "dead", "unknown", "waiting")
    }
    (agent,) = whole.agents
    assert "Broadsheet/" in agent
    assert whole.seconds < SETTINGS.fetch_budget


def test_the_same_ledger_says_the_same(whole: Whole) -> None:
    """With `fetch = false`, and when nothing is due: the server is gone by now, and not a byte is written."""
    before = {path: path.read_bytes() for path in whole.folder.iterdir()}
    for settings in (replace(SETTINGS, fetch=False), SETTINGS):
        assert checked(whole.folder, *map(url_of, EXPECTED), settings=settings, reach=LOCAL) == whole.found
    assert {path: path.read_bytes() for path in whole.folder.iterdir()} == before
    assert before.keys() == {whole.folder / "ledger.jsonl", whole.folder / ".gitattributes"}


@pytest.mark.parametrize(
    ("statuses", "leads", "told"),
    [
        ([301], ["https://b.example/y"], "https://b.example/y"),
        ([308, 301, 302], ["https://b.example/1", "https://b.example/2", "https://c.example/3"], "https://b.example/2"),
        ([302, 301], ["https://b.example/1", "https://b.example/2"], ""),
        ([301], ["https://a.example/x"], ""),
        ([301, 301], ["https://a.example/x", "https://www.a.example/x/"], ""),
        ([301], ["https://a.example/x?a=1"], "https://a.example/x?a=1"),
        ([301], ["https://b.example/\u202e"], ""),
        ([301], ["https://b.example/" + "x" * 3000], ""),
    ],
)
def test_where_a_link_has_moved(statuses: list[int], leads: list[str], told: str) -> None:
    """As far as redirects are for good; `https`, `www.` and a last slash are no news, and no text is told that lies."""
    assert moved_to("http://a.example/x", [Hop(*hop) for hop in zip(statuses, leads, strict=True)]) == told


# -- one run after another ---------------------------------------------------------------------------------------------


def test_a_page_that_fails_once_lives(tmp_path: Path, server: PictureServer) -> None:
    """404 today and good tomorrow: it was suspect, and then it is not."""
    url = server.url("/x")
    assert state(checked(tmp_path, url)) == ["suspect"]
    server.behaviours["/x"] = says("200 OK")
    assert state(checked(tmp_path, url, now=NOW + timedelta(hours=1))) == ["suspect"]  # not asked again before its time
    found = checked(tmp_path, url, now=NOW + DAY)
    assert (state(found), found.problems) == (["good"], ())


def test_a_page_that_fails_for_days_is_dead(tmp_path: Path, server: PictureServer) -> None:
    """Suspect on three days, dead on the fourth, and asked once a week from then on; a revived one is good again."""
    urls = [server.url("/404"), server.url("/good")]
    states = [state(checked(tmp_path, *urls, now=NOW + day * DAY)) for day in range(4)]
    assert states == [["suspect", "good"]] * 3 + [["dead", "good"]]
    asked = server.hits["/404"]
    (problem,) = checked(tmp_path, *urls, now=NOW + 9 * DAY).problems
    assert server.hits["/404"] == asked
    assert str(problem) == (
        f"content/news/0.md: webUrl: the link {urls[0]} is dead: the server answers 404 Not Found, since 2026-03-01 "
        "(4 tries); link to another report, or let `archive = true` in [links] show an archived copy of dead sources"
    )
    server.behaviours["/404"] = says("200 OK")
    assert state(checked(tmp_path, *urls, now=NOW + 10 * DAY)) == ["good", "good"]


def test_gone_is_believed_the_second_time(tmp_path: Path, server: PictureServer) -> None:
    """410 today is suspect, 410 tomorrow is dead."""
    url = server.url("/410")
    assert [state(checked(tmp_path, url, now=NOW + day * DAY)) for day in range(2)] == [["suspect"], ["dead"]]


@pytest.mark.parametrize("path", ["/expired", "/429", "/999"])
def test_a_refusal_is_never_dead(tmp_path: Path, server: PictureServer, path: str) -> None:
    """403, 429 and 999, day after day."""
    for day in range(0, 60, 10):
        found = checked(tmp_path, server.url(path), now=NOW + day * DAY)
        assert (state(found), found.problems) == (["unknown"], ())
    assert server.hits[path] >= 6


def test_a_wish_to_be_left_alone_is_met(tmp_path: Path, server: PictureServer) -> None:
    """After a 429 with two hours nothing more is asked of that host, in this run and in others within them."""
    urls = [server.url("/429"), *(server.url(f"/429?{number}") for number in range(9))]
    for minutes in (0, 60, 119):
        assert state(checked(tmp_path, *urls, now=NOW + timedelta(minutes=minutes))).count("waiting") == 9
        assert server.hits.total() == 1
    server.behaviours["/429"] = says("200 OK")
    found = checked(tmp_path, *urls, now=NOW + timedelta(hours=2))
    assert state(found) == ["unknown", *["good"] * 9]  # the first is due tomorrow


def test_one_at_a_time_of_a_host_with_a_pause(
    tmp_path: Path, server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never two questions at once, and the pause between two links is kept; other hosts are asked meanwhile."""
    monkeypatch.setattr(wave, "PAUSE", 0.2)
    lock, at_once, most, moments = threading.Lock(), [0], [0], list[float]()

    def answer(asked: Asked) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            moments.append(time.monotonic())
        time.sleep(0.03)
        with lock:
            at_once[0] -= 1
        asked.send("200 OK")

    for number in range(5):
        server.behaviours[f"/{number}"] = answer
    found = checked(tmp_path, *(server.url(f"/{number}") for number in range(5)))
    assert found.counts["good"] == 5
    assert most == [1]
    assert all(later - sooner >= 0.2 for sooner, later in pairwise(moments))


def test_no_body_is_downloaded(tmp_path: Path, server: PictureServer) -> None:
    """A server that answers GET alone, and without end, is left after the head of its answer."""
    sent, done = [0], threading.Event()

    def endless(asked: Asked) -> None:
        if asked.method == "HEAD":
            return asked.send("405 Method Not Allowed")
        try:
            asked.connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not asked.server.closing.is_set():
                asked.connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
                sent[0] += 65536
        except OSError:
            done.set()

    server.behaviours["/endless"] = endless
    assert state(checked(tmp_path, server.url("/endless"))) == ["good"]
    assert done.wait(10), "the connection was not closed"
    assert sent[0] < 20_000_000  # what the system's buffers take, and not what a server would send


# -- hosts that are not reached ----------------------------------------------------------------------------------------


def unknown_but(*names: str) -> Resolve:
    """Return a resolver that knows these names as this machine, and no other."""

    def resolve(host: str, port: int) -> list[str]:
        if host in (*names, "127.0.0.1"):
            return ["127.0.0.1"]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    return resolve


def test_a_host_that_is_not_known_dies_with_all_its_links(tmp_path: Path, server: PictureServer) -> None:
    """After two questions the others of that host are not asked one by one; over days all of them are dead."""
    urls = [f"https://gone.example/{number}" for number in range(20)]
    names: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        names.append(host)
        return unknown_but()(host, port)

    for day in range(4):
        found = checked(tmp_path, server.url("/good"), *urls, now=NOW + day * DAY, resolve=resolve)
    assert found.counts["dead"] == 20
    assert entry(tmp_path, urls[7]).why == "the host gone.example is not known"
    assert names.count("gone.example") == 4 * wave.UNREACHABLE


def test_without_a_network_nothing_is_noted(tmp_path: Path) -> None:
    """Where nobody answers it may be us: no failure counts, however long, and that is said."""
    for day in range(5):
        found = checked(
            tmp_path, "https://a.example/", "https://b.example/", now=NOW + day * DAY, resolve=unknown_but()
        )
        assert state(found) == ["waiting", "waiting"]
        assert [str(problem) for problem in found.problems] == [
            "site.toml: links.fetch: no host of any link answers, so nothing is noted of those that were not reached; "
            "see whether this machine has a network; `--offline` tells what is known without one"
        ]
    assert not (tmp_path / "ledger.jsonl").exists()


def test_a_network_that_goes_kills_nothing(tmp_path: Path, server: PictureServer) -> None:
    """Links that were good stay good while this machine is alone, for a witness does not answer either."""
    url, dead = server.url("/good"), "https://gone.example/"
    checked(tmp_path, url, dead, resolve=unknown_but())
    server.shutdown()
    server.server_close()
    for day in range(1, 6):
        found = checked(tmp_path, url, dead, now=NOW + day * DAY, resolve=unknown_but())
        assert "no host of any link answers" in str(found.problems[0])
    assert (entry(tmp_path, url).state, entry(tmp_path, dead).failures) == ("good", 1)


def test_a_bad_certificate_is_not_death(tmp_path: Path) -> None:
    """An unknown authority is unknown, day after day; when the authority is trusted, it is good."""
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with served(tls) as server:
        server.behaviours["/good"] = says("200 OK")
        for day in (0, 10, 20, 30):
            found = checked(tmp_path / "no", server.url("/good"), now=NOW + day * DAY)
            assert state(found) == ["unknown"]
        assert "the certificate of 127.0.0.1 is not valid" in found.rows[0].why
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
            assert state(checked(tmp_path / "yes", server.url("/good"))) == ["good"]


def test_a_private_host_is_not_asked(tmp_path: Path, server: PictureServer) -> None:
    """Links may not be used to look into a private network: it is unknown, and no question arrives."""
    found = checked(tmp_path, server.url("/good"), "http://169.254.169.254/latest/", reach=ImageSettings())
    assert state(found) == ["waiting", "waiting"]  # nobody was reached, so nothing is noted
    assert server.hits.total() == 0


# -- time, and the end of it -------------------------------------------------------------------------------------------


def test_the_budget_ends_a_run_and_the_next_goes_on(tmp_path: Path, server: PictureServer) -> None:
    """What was not asked for comes first the next time; nothing is asked for twice."""

    def late(asked: Asked) -> None:
        time.sleep(0.2)
        asked.send("200 OK")

    urls = []
    for number in range(12):
        server.behaviours[f"/{number:02d}"] = late
        urls.append(server.url(f"/{number:02d}"))
    first = checked(tmp_path, *urls, settings=replace(SETTINGS, fetch_budget=1.5))
    assert 0 < first.counts["good"] < 12
    assert state(first) == ["good"] * first.counts["good"] + ["waiting"] * first.counts["waiting"]
    asked = {path for path in server.hits if entry_or_none(tmp_path, server.url(path))}
    assert checked(tmp_path, *urls).counts["good"] == 12
    assert all(server.hits[path] == 1 for path in asked)


def entry_or_none(folder: Path, url: str) -> Entry | None:
    return LinkLedger(folder).entries.get(url)


def test_a_kill_loses_nothing_that_was_finished(tmp_path: Path, server: PictureServer) -> None:
    """A run that is ended in the middle leaves what it learnt to the next one, which asks for the others only."""
    for number in range(8):
        server.behaviours[f"/{number}"] = says("200 OK") if number < 4 else (lambda asked: asked.hold())
    urls = [server.url(f"/{number}") for number in range(8)]
    script = f"""
from datetime import UTC, datetime
from pathlib import Path
from generator.base.image_settings import ImageSettings
from generator.base.link_settings import LinkSettings
from generator.base.records import LinkUse
from generator.links.check import check_links
from generator.links.ledger import LinkLedger
check_links([LinkUse(url, "a.md", ("webUrl",)) for url in {urls!r}], LinkLedger(Path({str(tmp_path / "links")!r})),
            LinkSettings(), ImageSettings(allow_hosts=("127.0.0.1",)), datetime(2026, 3, 1, 12, tzinfo=UTC),
            lambda done, total: print(done, flush=True))
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        for line in run.stdout:
            if int(line) == 4:
                run.send_signal(signal.SIGKILL)
                break
        run.wait(10)
    assert set(LinkLedger(tmp_path / "links").entries) == set(urls[:4])
    for number in range(4, 8):
        server.behaviours[f"/{number}"] = says("200 OK")
    before = server.hits.copy()
    assert checked(tmp_path / "links", *urls).counts["good"] == 8
    assert all(server.hits[f"/{number}"] == before[f"/{number}"] for number in range(4))


def test_what_no_page_names_is_forgotten(tmp_path: Path, server: PictureServer) -> None:
    """A ledger does not grow for ever; with `fetch = false` nothing is forgotten."""
    urls = [server.url("/good"), server.url("/404")]
    checked(tmp_path, *urls)
    checked(tmp_path, urls[0], settings=replace(SETTINGS, fetch=False))
    assert entry(tmp_path, urls[1])
    checked(tmp_path, urls[0])
    assert list(LinkLedger(tmp_path).entries) == [urls[0]]


def test_one_address_is_asked_for_once(tmp_path: Path, server: PictureServer) -> None:
    """Its warning names the first file and how many there are."""
    url = server.url("/404")
    several = [LinkUse(url, f"content/news/{name}.md", ("webUrl",)) for name in "cabd"]
    found = check_links(several, LinkLedger(tmp_path), SETTINGS, LOCAL, NOW, lambda *_: None)
    assert server.hits["/404"] == 2  # HEAD, then GET
    assert str(found.problems[0]).startswith("content/news/a.md: webUrl: ")
    assert "(used by 4 files: content/news/a.md, content/news/b.md, content/news/c.md, …)" in str(found.problems[0])


def test_offline_touches_nothing(tmp_path: Path) -> None:
    """With `fetch = false` no library of the network is imported, and no folder is made."""
    found = checked(tmp_path / "links", "https://a.example/", settings=replace(SETTINGS, fetch=False))
    assert (state(found), found.problems) == (["waiting"], ())
    assert not (tmp_path / "links").exists()
    script = (
        "import sys\nfrom generator.links.check import check_links\n"
        "print({'asyncio', 'httpcore2', 'ssl', 'anyio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "set()\n"
