"""fetch: the whole wave against a server that is as bad as the network."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import PIL.Image
import pytest
import trustme
from msgspec.structs import replace
from picture_server import ETAG, PICTURE, Asked, PictureServer, says, served
from tiny_pictures import flat

from generator.base.image_settings import ImageSettings
from generator.base.imaging import Box, Wanted
from generator.images.fetch import wave
from generator.images.fetch.account import Fetched, State, rows
from generator.images.fetch.collection import Collection
from generator.images.fetch.ledger import Entry
from generator.images.fetch.pictures import fetch
from generator.network.client import Resolve, system_addresses

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BOX = Box(40, 30)
LOCAL = ("127.0.0.1",)
PATIENT = 5  # s, for machines on which more than this test runs
QUICK = ImageSettings(allow_hosts=LOCAL, fetch_budget=30, timeout=PATIENT, max_bytes=300_000)


@pytest.fixture
def server() -> Iterator[PictureServer]:
    """Give a server of its own."""
    with served() as server:
        yield server


@pytest.fixture(autouse=True, scope="module")
def impatient() -> Iterator[None]:
    """Wait less between two tries than a build does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.images.fetch.schedule.FIRST_PAUSE", 0.05)
        yield


def wanted(*urls: str) -> list[Wanted]:
    """Return a want for each address, each of another article."""
    return [Wanted(url, f"content/news/{number}.md", ("images", 0, "url")) for number, url in enumerate(urls)]


def fetched(
    folder: Path,
    *urls: str,
    settings: ImageSettings = QUICK,
    now: datetime = NOW,
    resolve: Resolve | None = None,
    box: Box = BOX,
) -> Fetched:
    """Fetch into a collection, as a build does."""
    found = fetch(wanted(*urls), Collection(folder), settings, now, _no_progress, box=box, resolve=resolve)
    _nothing_half_done(folder)
    return found


def _no_progress(done: int, total: int) -> None:
    assert done <= total


def _nothing_half_done(folder: Path) -> None:
    assert not list(folder.rglob("*.new"))
    assert not (folder / "ledger.journal").exists()


def entry_of(folder: Path, url: str) -> Entry:
    """Return what the ledger says of an address."""
    return Collection(folder).entries[url]


def counted(found: Fetched) -> dict[State, int]:
    """Return the counts that are not 0."""
    return {state: count for state, count in found.counts.items() if count}


# -- every behaviour, in one wave --------------------------------------------------------------------------------------

GOOD = ["good.png", "wrong-type", "packed", "chain-1", "once-429", "once-500", "slow-start", "etag", "script.svg"]
GOOD += ["too-short-but-picture", "informs"]
BAD = {
    "loop-1": "its redirects go round in a circle",
    "long-1": "it is redirected more than 5 times",
    "to-private": "the host 127.0.0.2 is not in the public network (127.0.0.2)",
    "to-metadata": "the host 169.254.169.254 is not in the public network (169.254.169.254)",
    "to-decimal": "the host 2130706433 is not in the public network (127.0.0.1)",
    "to-mapped": "the host ::ffff:127.0.0.1 is not in the public network (::ffff:7f00:1)",
    "to-name": "the host localhost is not in the public network (",
    "to-file": "only http and https addresses are fetched",
    "to-nowhere": "a redirect leads to no web address",
    "404": "the server answers 404 Not Found",
    "410": "the server answers 410 Gone",
    "429": "the server answers 429 Too Many Requests",
    "500": "the server answers 500 Internal Server Error",
    "expired": "the server answers 403 Forbidden",
    "304": "the server answers 304 Not Modified",
    "999": "the server answers 999",
    "slow-drip": f"it takes more than {PATIENT} s",
    "stall": f"it takes more than {PATIENT} s",
    "silence": f"it takes more than {PATIENT} s",
    "cut": "the picture is damaged or cut short",
    "too-long": "the answer breaks off, or is no HTTP",
    "too-short": "the picture is damaged or cut short",
    "huge": "the file has more than 300,000 bytes",
    "gzip-bomb": "the file has more than 300,000 bytes",
    "gzip-twice": "the file is packed in a way that nobody asked for",
    "gzip-broken": "the file is packed wrongly",
    "gzip-cut": "the answer breaks off, or is no HTTP",
    "endless": "the file has more than 300,000 bytes",
    "endless-head": "the answer breaks off, or is no HTTP",
    "html": "the file is an HTML page, not a JPEG, PNG, GIF, WebP or AVIF picture",
    "empty": "the file is empty",
    "bomb.png": "the picture has more than 25,000,000 pixels, the most that this kind may have",
    "entity.svg": "the SVG drawing is damaged, or asks for too much",
    "no-http": "the answer breaks off, or is no HTTP",
}
REFUSED = {"to-private", "to-metadata", "to-decimal", "to-mapped", "to-name", "to-file"}
REFUSED |= {"304", "cut", "too-short", "huge", "gzip-bomb", "gzip-twice", "gzip-broken", "endless", "html", "empty"}
REFUSED |= {"bomb.png", "entity.svg"}


class Whole(NamedTuple):
    """One wave through everything, and what it left."""

    folder: Path
    found: Fetched
    seconds: float
    hosts: set[str]
    settings: ImageSettings


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Ask for every behaviour at once, each at a host of its own that a map sends to the server."""
    folder = tmp_path_factory.mktemp("pictures")
    with served() as server:
        server.behaviours["/too-short-but-picture"] = lambda asked: asked.send("200 OK", PICTURE + b"more")
        host_map = {f"{name}.example".lower(): f"http://127.0.0.1:{server.port}" for name in (*GOOD, *BAD)}
        settings = replace(QUICK, host_map=host_map)
        started = time.monotonic()
        found = fetched(folder, *map(url_of, (*GOOD, *BAD)), settings=settings)
        return Whole(folder, found, time.monotonic() - started, set(server.hosts), settings)


def url_of(name: str) -> str:
    """Return the address of a behaviour."""
    return f"https://{name}.example/{name}"


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_had_is_there(whole: Whole, name: str) -> None:
    """A picture with a wrong type, packed, behind redirects, after a failure, late: its bytes are kept."""
    image = whole.found.images[url_of(name)]
    size = (60, 30) if name == "script.svg" else (45, 30)
    assert (image.width, image.height, image.format) == (*size, "PNG")
    data = (whole.folder / image.source.removeprefix("pictures/")).read_bytes()
    with PIL.Image.open(BytesIO(data)) as picture:
        assert picture.size == size
    assert entry_of(whole.folder, url_of(name)).trouble is None


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_had_is_a_warning(whole: Whole, name: str) -> None:
    """It names the article, the address and what is wrong, and the ledger says when it is asked for again."""
    (problem,) = [each for each in whole.found.problems if url_of(name) in each.message]
    assert problem.message.startswith(f"the picture {url_of(name)} cannot be fetched: {BAD[name]}")
    assert (problem.severity, problem.trail) == ("warning", ("images", 0, "url"))
    assert problem.path == f"content/news/{[*GOOD, *BAD].index(name)}.md"
    assert url_of(name) not in whole.found.images
    entry = entry_of(whole.folder, url_of(name))
    assert entry.kept is None
    assert entry.due > NOW
    assert problem.hint


def test_the_wave_is_counted(whole: Whole) -> None:
    """Each address has one state."""
    failed = len(BAD) - len(REFUSED)
    assert counted(whole.found) == {"good": len(GOOD), "failed": failed, "refused": len(REFUSED)}


def test_the_wave_keeps_to_its_time(whole: Whole) -> None:
    """Slow ones wait beside each other."""
    assert whole.seconds < QUICK.fetch_budget


def test_a_mapped_server_is_told_the_host_that_was_meant(whole: Whole) -> None:
    """One server can play them all."""
    assert {f"{name}.example" for name in GOOD} <= whole.hosts


def test_states_are_listed(whole: Whole) -> None:
    """`broadsheet images` says of each address what it is, why, and until when."""
    listed = {row.url: row for row in rows(wanted(*map(url_of, (*GOOD, *BAD))), Collection(whole.folder))}
    busy = listed[url_of("429")]
    assert (busy.state, busy.until) == ("failed", "2026-03-01T14:00:00Z")
    assert listed[url_of("404")].until == "2026-03-08T12:00:00Z"
    assert (listed[url_of("html")].state, listed[url_of("etag")].state) == ("refused", "good")
    assert listed[url_of("html")].why == BAD["html"]


def test_the_same_collection_says_the_same(whole: Whole) -> None:
    """Without a network, and when nothing is due: the server is gone by now. Not a byte of the collection changes."""
    before = {path: path.read_bytes() for path in whole.folder.rglob("*") if path.is_file()}
    for settings in (replace(whole.settings, fetch=False), whole.settings):
        for now in (NOW, NOW + timedelta(minutes=5)):
            found = fetched(whole.folder, *map(url_of, (*GOOD, *BAD)), settings=settings, now=now)
            assert found._replace(due=None) == whole.found._replace(due=None)
    assert {path: path.read_bytes() for path in whole.folder.rglob("*") if path.is_file()} == before


def test_the_order_of_completion_does_not_matter(tmp_path: Path, server: PictureServer) -> None:
    """Pictures that come in another order make the same collection, byte for byte."""
    trees = []
    for turn in (0, 1):
        for number in range(4):
            late = 0.1 * (number if turn else 3 - number)
            picture = flat("RGB", (60, 40), (number, 0, 0), "PNG")
            server.behaviours[f"/{number}"] = _late(late, picture)
        folder = tmp_path / str(turn)
        fetched(folder, *(server.url(f"/{number}") for number in range(4)), server.url("/404"))
        trees.append({p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    assert trees[0] == trees[1]
    assert len(trees[0]) == 6


def _late(seconds: float, picture: bytes):  # type: ignore[no-untyped-def]
    def answer(asked: Asked) -> None:
        time.sleep(seconds)
        asked.send("200 OK", picture)

    return answer


# -- one build after another -------------------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path, server: PictureServer) -> None:
    """When its time is over a picture is asked for with its validators; the ledger notes that it still holds."""
    url = server.url("/etag")
    first = fetched(tmp_path, url)
    assert entry_of(tmp_path, url).etag == ETAG
    assert entry_of(tmp_path, url).due == NOW + timedelta(days=1)
    later = NOW + timedelta(days=2)
    second = fetched(tmp_path, url, now=later)
    assert second.images == first.images
    assert (first.due, second.due) == (NOW + timedelta(days=1), later + timedelta(days=1))
    assert server.hits["/etag"] == 2
    known = entry_of(tmp_path, url)
    assert (known.asked, known.due, known.etag) == (later, later + timedelta(days=1), ETAG)


def test_what_has_changed_is_replaced(tmp_path: Path, server: PictureServer) -> None:
    """The new bytes have a new name; the old ones go when the collection is pruned."""
    url = server.url("/x")
    server.behaviours["/x"] = says("200 OK", PICTURE)
    old = fetched(tmp_path, url).images[url]
    server.behaviours["/x"] = says("200 OK", flat("RGB", (60, 40), (0, 0, 9), "PNG"))
    new = fetched(tmp_path, url, now=NOW + timedelta(days=2)).images[url]
    assert old.source != new.source
    assert Collection(tmp_path).prune([url]) == (0, 1)
    assert Collection(tmp_path).image(url) == new


def test_a_stale_copy_beats_none(tmp_path: Path, server: PictureServer) -> None:
    """A picture whose source has died stays, without a warning, and is asked for ever more rarely."""
    url = server.url("/x")
    server.behaviours["/x"] = says("200 OK", PICTURE, f"ETag: {ETAG}")
    first = fetched(tmp_path, url)
    server.behaviours["/x"] = says("410 Gone")
    later = NOW + timedelta(days=2)
    dead = fetched(tmp_path, url, now=later)
    assert (dead.images, dead.problems, counted(dead)) == (first.images, (), {"stale": 1})
    assert entry_of(tmp_path, url).due == later + timedelta(days=30)
    server.behaviours["/x"] = says("200 OK", PICTURE, f"ETag: {ETAG}")
    alive = fetched(tmp_path, url, now=later + timedelta(days=31))
    assert counted(alive) == {"good": 1}


def test_a_failure_is_remembered(tmp_path: Path, server: PictureServer) -> None:
    """It is not asked for before its time, then it is, and each failure makes the time longer."""
    url = server.url("/500")
    fetched(tmp_path, url)
    assert server.hits["/500"] == 3
    fetched(tmp_path, url, now=NOW + timedelta(minutes=9))
    assert server.hits["/500"] == 3
    now = NOW + timedelta(minutes=11)
    fetched(tmp_path, url, now=now)
    assert server.hits["/500"] == 6
    assert entry_of(tmp_path, url).due == now + timedelta(minutes=20)
    assert Collection(tmp_path).ask_again(now, [url]) == 1
    server.behaviours["/500"] = says("200 OK", PICTURE)
    assert counted(fetched(tmp_path, url, now=now)) == {"good": 1}


def test_a_wish_to_be_left_alone_is_met(tmp_path: Path, server: PictureServer) -> None:
    """A busy server is not asked for its other pictures before its time either; these wait and are no problem."""
    urls = [server.url("/429"), *(server.url(f"/429?{number}") for number in range(20))]
    for now in (NOW, NOW + timedelta(minutes=119)):
        found = fetched(tmp_path, *urls, now=now)
        assert server.hits.total() <= wave.PER_HOST
        assert found.counts["waiting"] + found.counts["failed"] == len(urls)
        assert len(found.problems) == found.counts["failed"] <= wave.PER_HOST
        assert found.due == NOW + timedelta(hours=2)
    server.behaviours["/429"] = says("200 OK", PICTURE)
    assert counted(fetched(tmp_path, *urls, now=NOW + timedelta(hours=2))) == {"good": len(urls)}


def test_a_host_that_never_answers_costs_little(tmp_path: Path) -> None:
    """After a few failures all that it has is put off, ever longer; copies that are there stay good."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        urls = [f"http://127.0.0.1:{closed.getsockname()[1]}/{number}" for number in range(200)]
        found = fetched(tmp_path, *urls)
        assert found.counts["failed"] <= wave.UNREACHABLE + wave.PER_HOST
        assert found.counts["waiting"] == len(urls) - found.counts["failed"]
        assert "no connection to 127.0.0.1" in found.problems[0].message
        assert found.due == NOW + timedelta(minutes=10)
        later = NOW + timedelta(minutes=11)
        again = fetched(tmp_path, *urls, now=later)
        assert again.counts == found.counts
        assert again.due == later + timedelta(minutes=20)
    assert Collection(tmp_path).ask_again(NOW, urls) == len(urls)


def test_pictures_that_fail_hold_the_others_of_their_host_up_for_a_build_only(
    tmp_path: Path, server: PictureServer
) -> None:
    """A server with errors of its own is left alone for now; the next build goes on with those not asked for yet."""
    urls = [*(server.url(f"/500?{number}") for number in range(8)), server.url("/good.png")]
    counts = [fetched(tmp_path, *urls, now=NOW + timedelta(minutes=minute)).counts for minute in range(3)]
    assert counts[0]["waiting"] > 0
    assert (counts[-1]["good"], counts[-1]["failed"]) == (1, 8)


def test_the_budget_ends_the_wave(tmp_path: Path, server: PictureServer) -> None:
    """What is there is kept, what is not is waiting, and the next build takes it up."""
    pictures = {f"/{number}": flat("RGB", (60, 40), (number, 0, 0), "PNG") for number in range(30)}
    server.behaviours.update((path, _late(1.0, picture)) for path, picture in pictures.items())
    urls = [server.url(path) for path in pictures]
    started = time.monotonic()
    found = fetched(tmp_path, *urls, settings=replace(QUICK, fetch_budget=5.0))
    assert time.monotonic() - started < 9
    assert found.problems == ()
    assert 0 < found.counts["good"] < 30
    assert found.counts["waiting"] == 30 - found.counts["good"]
    assert found.due == NOW
    server.behaviours.update((path, says("200 OK", picture)) for path, picture in pictures.items())
    assert counted(fetched(tmp_path, *urls)) == {"good": 30}


def test_a_larger_theme_fetches_again(tmp_path: Path, server: PictureServer) -> None:
    """A picture that was scaled down is fetched anew when a larger one is shown."""
    url = server.url("/good.png")
    assert fetched(tmp_path, url).images[url].width == 45
    assert fetched(tmp_path, url, box=Box(50, 10)).images[url].width == 50
    assert fetched(tmp_path, url, box=Box(500, 100)).images[url].width == 60
    assert fetched(tmp_path, url, box=Box(900, 900)).images[url].width == 60
    assert server.hits["/good.png"] == 3


def test_one_address_is_asked_for_once(tmp_path: Path, server: PictureServer) -> None:
    """Its warning names the first article and how many there are."""
    url = server.url("/404")
    wants = [Wanted(url, f"content/news/{name}.md", ("images", 0, "url")) for name in "cabd"]
    found = fetch([*wants, wants[0]], Collection(tmp_path), QUICK, NOW, _no_progress, box=BOX)
    assert server.hits["/404"] == 1
    assert [str(problem) for problem in found.problems] == [
        f"content/news/a.md: images[0].url: the picture {url} cannot be fetched: the server answers 404 Not Found "
        "(used by 4 files: content/news/a.md, content/news/b.md, content/news/c.md, …); use another picture"
    ]


def test_progress_is_told(tmp_path: Path, server: PictureServer) -> None:
    """How many are done, of how many."""
    told: list[tuple[int, int]] = []
    urls = [server.url(path) for path in ("/good.png", "/404", "/html")]
    fetch(wanted(*urls), Collection(tmp_path), QUICK, NOW, lambda *seen: told.append(seen), box=BOX)
    assert told == [(1, 3), (2, 3), (3, 3)]


# -- addresses ---------------------------------------------------------------------------------------------------------


def test_a_name_is_resolved_once_for_check_and_connection(tmp_path: Path, server: PictureServer) -> None:
    """A name that is public when it is checked and private when it is connected leads nowhere private."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.114.1"] if len(asked) == 1 else ["127.0.0.1"]

    url = f"http://rebind.example:{server.port}/good.png"
    settings = replace(QUICK, timeout=1.0, fetch_budget=4)  # nobody answers at the first address, or the net says so
    found = fetched(tmp_path, url, settings=settings, resolve=rebinding)
    assert server.hits.total() == 0
    assert counted(found) in ({"failed": 1}, {"refused": 1})
    later = fetched(tmp_path, url, settings=settings, resolve=rebinding, now=NOW + timedelta(days=1))
    assert "the host rebind.example is not in the public network (127.0.0.1)" in later.problems[0].message
    assert server.hits.total() == 0


def test_the_checked_address_is_the_one_that_is_connected(tmp_path: Path, server: PictureServer) -> None:
    """Private addresses among a name's are left out; a name that is allowed may be anywhere."""
    url = f"http://mixed.example:{server.port}/good.png"

    def mixed(host: str, port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1", "::1"]  # nobody listens at the first

    assert counted(fetched(tmp_path / "no", url, resolve=mixed)) == {"refused": 1}
    allowed = replace(QUICK, allow_hosts=("mixed.example",))
    assert counted(fetched(tmp_path / "yes", url, resolve=mixed, settings=allowed)) == {"good": 1}
    assert counted(fetched(tmp_path / "no", url, resolve=mixed, settings=allowed)) == {
        "good": 1
    }  # other rules: at once


def test_what_a_map_leads_to_is_guarded_too(tmp_path: Path, server: PictureServer) -> None:
    """A map to a private address needs the permission as well."""
    settings = ImageSettings(host_map={"cdn.example": f"http://127.0.0.1:{server.port}"}, fetch_budget=5)
    found = fetched(tmp_path, "https://cdn.example/good.png", settings=settings)
    assert counted(found) == {"refused": 1}
    assert server.hits.total() == 0


def test_no_proxy_is_taken_from_the_environment(
    tmp_path: Path, server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would connect where we may not."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, server.url(""))
    monkeypatch.delenv("NO_PROXY", raising=False)

    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no")

    found = fetched(tmp_path, "http://a.example/good.png", resolve=nowhere)
    assert "the host a.example is not known" in found.problems[0].message
    assert server.hits.total() == 0


def test_a_resolver_that_hangs_holds_nothing_up(tmp_path: Path, server: PictureServer) -> None:
    """It is left behind; other hosts' pictures come, and the build goes on in its time."""
    release = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        if host == "hangs.example":
            release.wait(10)
        return system_addresses(host, port)

    started = time.monotonic()
    found = fetched(
        tmp_path,
        "http://hangs.example/",
        server.url("/good.png"),
        settings=replace(QUICK, timeout=0.5),
        resolve=hanging,
    )
    assert time.monotonic() - started < 3
    release.set()
    assert counted(found) == {"good": 1, "failed": 1}
    assert "it takes more than 0.5 s" in found.problems[0].message


def test_a_bad_certificate_is_refused(tmp_path: Path) -> None:
    """One of an unknown authority, also where the host is allowed; when the authority is trusted, it is good."""
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with served(tls) as server:
        found = fetched(tmp_path / "no", server.url("/good.png"))
        assert "the certificate of 127.0.0.1 is not valid: unable to get local issuer" in found.problems[0].message
        assert server.hits.total() == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
            assert counted(fetched(tmp_path / "yes", server.url("/good.png"))) == {"good": 1}


# -- without a network, and in the middle of it ------------------------------------------------------------------------


def test_offline_touches_nothing(tmp_path: Path, server: PictureServer) -> None:
    """With `fetch = false` nobody is asked, no library of the network is imported, and no folder is made."""
    url = server.url("/good.png")
    found = fetched(tmp_path / "pictures", url, settings=replace(QUICK, fetch=False))
    assert (counted(found), found.problems, found.images) == ({"waiting": 1}, (), {})
    assert server.hits.total() == 0
    assert not (tmp_path / "pictures").exists()
    script = (
        "import sys\nfrom generator.images.fetch.pictures import fetch\n"
        "print({'asyncio', 'httpcore2', 'ssl', 'PIL.Image', 'anyio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "set()\n"


def test_a_missing_library_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site is built with what is there; the message says what to install, or how to do without."""
    monkeypatch.setitem(sys.modules, "httpcore2", None)
    monkeypatch.delitem(sys.modules, "generator.network.client", raising=False)
    for name in ("download", "wave"):
        monkeypatch.delitem(sys.modules, f"generator.images.fetch.{name}", raising=False)
    found = fetched(tmp_path, "http://a.example/")
    assert [str(problem) for problem in found.problems] == [
        "site.toml: images.fetch: no picture can be fetched: the library httpcore2 is not installed; "
        "install it, or set `fetch = false` in [images]"
    ]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, server: PictureServer) -> None:
    """As the system says it, not as a mistake of ours."""
    (tmp_path / "pictures").write_text("in the way")
    with pytest.raises(OSError, match="pictures"):
        fetched(tmp_path / "pictures", server.url("/good.png"))


def test_a_kill_loses_nothing_that_was_finished(tmp_path: Path, server: PictureServer) -> None:
    """A build that is ended in the middle leaves its pictures to the next one, which asks for the others only."""
    for number in range(8):
        server.behaviours[f"/{number}"] = _late(
            0.1 if number < 4 else 8.0, flat("RGB", (60, 40), (number, 0, 0), "PNG")
        )
    urls = [server.url(f"/{number}") for number in range(8)]
    script = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from generator.base.image_settings import ImageSettings
from generator.base.imaging import Box, Wanted
from generator.images.fetch.collection import Collection
from generator.images.fetch.pictures import fetch
settings = ImageSettings(allow_hosts=("127.0.0.1",))
wanted = [Wanted(url, "a.md", ()) for url in {urls!r}]
tell = lambda done, total: print(done, flush=True)
fetch(wanted, Collection(Path({str(tmp_path / "pictures")!r})), settings, datetime(2026, 3, 1, 12, tzinfo=UTC), tell,
      box=Box(40, 30))
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as build:
        assert build.stdout
        for line in build.stdout:
            if int(line) == 4:
                build.send_signal(signal.SIGKILL)
                break
        build.wait(10)
    folder = tmp_path / "pictures"
    assert {url for url in urls if Collection(folder).image(url)} == set(urls[:4])
    before = server.hits.copy()
    for number in range(4, 8):
        server.behaviours[f"/{number}"] = says("200 OK", flat("RGB", (60, 40), (number, 0, 0), "PNG"))
    assert counted(fetched(folder, *urls)) == {"good": 8}
    assert all(server.hits[f"/{number}"] == before[f"/{number}"] for number in range(4))


def test_a_finished_picture_is_kept_when_the_user_stops(tmp_path: Path, server: PictureServer) -> None:
    """Ctrl-C ends the wave; what came is in the ledger."""
    server.behaviours["/slow"] = _late(3.0, PICTURE)

    def stop(done: int, total: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    urls = [server.url("/good.png"), server.url("/slow")]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            fetch(wanted(*urls), Collection(tmp_path), QUICK, NOW, stop, box=BOX)
    finally:
        signal.signal(signal.SIGINT, before)
    _nothing_half_done(tmp_path)
    assert Collection(tmp_path).image(urls[0])
