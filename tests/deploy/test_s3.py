"""S3: headers, prefixes, a network and a server that fail, and two deploys at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import count
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session
from network import cutting, free_port, front, s3_error
from places import S3Place
from release_kit import CUTS, Desk, assert_consistent, put_paths, site_of, size_of

from generator.base.deploy_settings import Caching
from generator.deploy import lease
from generator.deploy import s3 as s3_module
from generator.deploy.manifest import CONTROL
from generator.deploy.target import DeployFailed, DeployRefused, Target

PICTURES = {"a": b"of a", "b": b"of b"}
ONE = site_of({"a": "One", "b": "Two"}, pictures=PICTURES)
TWO = site_of({"a": "One!", "c": "Three " * 3000}, b"b{}", pictures={"a": b"other", "c": b"of c" * 9000})
EDITED = site_of({"a": "One!", "b": "Two"}, pictures=PICTURES)


def port_of(place: S3Place) -> int:
    return urlsplit(place.settings.endpoint_url).port or 80


@pytest.fixture
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails once fails."""
    monkeypatch.setattr(s3_module, "ATTEMPTS", 1)


# -- what readers are told ---------------------------------------------------------------------------------------------


def test_headers_of_every_class(s3: S3Place, desk: Desk) -> None:
    """Types with their character set; what is named by its bytes is kept for ever, pages are asked for again."""
    desk.settings = s3.settings
    desk.deploy(s3.open(), ONE)
    style = next(path for path in ONE if path.endswith(".css"))
    told = {path: (s3.get(path)["ContentType"], s3.get(path)["CacheControl"]) for path in ONE}
    assert told[style] == ("text/css; charset=utf-8", "public, max-age=31536000, immutable")
    assert told[size_of(b"of a")] == ("image/webp", "public, max-age=31536000, immutable")
    assert told["index.html"] == ("text/html; charset=utf-8", "public, max-age=60, must-revalidate")
    assert told["feed.xml"] == ("application/rss+xml; charset=utf-8", "public, max-age=300, must-revalidate")
    assert told["api/news/index.json"][0] == "application/json; charset=utf-8"
    assert told["robots.txt"] == ("text/plain; charset=utf-8", "public, max-age=3600, must-revalidate")


def test_headers_alone_are_deployed(s3: S3Place, desk: Desk) -> None:
    """Another caching of pages reaches every page, and a rollback keeps the headers of today."""
    desk.settings = s3.settings
    desk.deploy(s3.open(), ONE)
    desk.deploy(s3.open(), EDITED)
    other = s3.but(caching=Caching(pages="no-cache"))
    desk.settings = other.settings
    done = desk.deploy(other.open(), EDITED)
    assert set(put_paths(done)) == {path for path in EDITED if path.endswith(".html")}
    assert s3.get("index.html")["CacheControl"] == "no-cache"
    desk.back(other.open())
    assert other.files() == ONE
    assert s3.get("index.html")["CacheControl"] == s3.get("404.html")["CacheControl"] == "no-cache"


def test_a_bucket_without_prefix_and_sites_side_by_side(s3: S3Place, desk: Desk) -> None:
    """A site stays below its prefix."""
    desk.deploy(s3.open(), ONE)
    other = s3.but(prefix="sites/newsletter")
    desk.deploy(other.open(), EDITED, url="https://letter.test/")
    assert s3.files() == ONE
    assert other.files() == EDITED


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[AWSPreparedRequest]:
    """What goes to a server, whoever sends it."""
    requests: list[AWSPreparedRequest] = []
    send: Callable[[object, AWSPreparedRequest], object] = URLLib3Session.send

    def noted(session: object, request: AWSPreparedRequest) -> object:
        requests.append(request)
        return send(session, request)

    monkeypatch.setattr(URLLib3Session, "send", noted)
    return requests


def by_the_client(target: Target) -> list[str]:
    """Return a list that fills with the names of the objects that the client puts."""
    names: list[str] = []
    client = target._store._client  # type: ignore[attr-defined]
    client.meta.events.register("before-send.s3.PutObject", lambda request, **_: names.append(name_of(request)))
    return names


def name_of(request: AWSPreparedRequest) -> str:
    return unquote(urlsplit(request.url).path).partition("sites/news/")[2]


def test_a_file_is_one_question(s3: S3Place, desk: Desk, sent: list[AWSPreparedRequest]) -> None:
    """No file waits until the server has said that it may come, and each goes once."""
    desk.deploy(s3.open(), ONE)
    puts = [request for request in sent if request.method == "PUT" and CONTROL not in request.url]
    assert sorted(map(name_of, puts)) == sorted(ONE)
    assert not any("Expect" in request.headers for request in sent)


# -- the direct way ----------------------------------------------------------------------------------------------------

ODD = {
    "static/a b+c~d.txt": b"1",
    "static/50%&=?#.txt": b"2",
    "static/日本 é.txt": b"3",
    "static/(a)'!*,;:@$.txt": b"4",
}


def test_files_go_the_direct_way(s3: S3Place, desk: Desk) -> None:
    """The client sends our own objects alone, from which the way is learned; any name is what it is that way, too."""
    target = s3.open()
    names = by_the_client(target)
    desk.deploy(target, ONE | ODD)
    assert names
    assert all(name.startswith(f"{CONTROL}/") for name in names)
    assert s3.files() == ONE | ODD


def test_both_ways_say_the_same(s3: S3Place, desk: Desk, sent: list[AWSPreparedRequest]) -> None:
    """What a server is told of a file does not depend on who sends it."""
    desk.deploy(s3.open(), ONE | ODD)
    directly = told_by(sent)
    sent.clear()
    other = s3.but(prefix="other/sites/news").open()
    other._store._direct._send = None  # type: ignore[attr-defined]
    desk.deploy(other, ONE | ODD)
    assert told_by(sent) == directly
    assert directly.keys() == (ONE | ODD).keys()


def told_by(sent: list[AWSPreparedRequest]) -> dict[str, dict[str, str]]:
    """Return what the requests that put files say of each, but for what is another each time and the client's own."""
    files = {name_of(each): each for each in sent if each.method == "PUT" and CONTROL not in each.url}
    return {name: {key: said(each, key) for key in TOLD} for name, each in files.items()}


TOLD = ("Content-Type", "Cache-Control", "Content-MD5", "User-Agent", "X-Amz-Content-SHA256", "Content-Length")


def said(request: AWSPreparedRequest, header: str) -> str:
    value = request.headers.get(header, "")
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("answer", [s3_error(503, "SlowDown"), (301, b"<Error/>"), (200, b"")])
def test_what_is_not_taken_directly_is_the_clients(s3: S3Place, desk: Desk, answer: tuple[int, bytes]) -> None:
    """The client sends it again, and all that comes after; what is plainly taken is sent no more."""
    puts = count()

    def decide(method: str, path: str) -> tuple[int, bytes] | None:
        return answer if method == "PUT" and path.endswith(".css") and next(puts) == 0 else None

    with front(port_of(s3), decide) as port:
        target = s3.through(port).open()
        names = by_the_client(target)
        desk.deploy(target, ONE)
    left = {name for name in names if not name.startswith(f"{CONTROL}/")}
    if answer[0] == 200:
        assert not left
    else:
        assert s3.files() == ONE
        assert {"index.html", *(path for path in ONE if path.endswith(".css"))} <= left


@pytest.mark.parametrize(
    "signed",
    [
        "AWS4-ECDSA-P256-SHA256 Credential=key/20260101/s3/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3express/aws4_request, SignedHeaders=host, Signature=0",
        "AWS key:signature",
        "",
    ],
)
def test_another_signature_is_the_clients(s3: S3Place, desk: Desk, signed: str) -> None:
    """A way that we do not know is not gone."""
    target = s3.open()
    names = by_the_client(target)
    direct = target._store._direct  # type: ignore[attr-defined]
    learn = direct._learn

    def otherwise(request: AWSPreparedRequest, **_: object) -> None:
        learn(SimpleNamespace(url=request.url, headers={**request.headers, "Authorization": signed}))

    events = target._store._client.meta.events  # type: ignore[attr-defined]
    events.unregister("before-send.s3.PutObject", learn)
    events.register("before-send.s3.PutObject", otherwise)
    desk.deploy(target, ONE)
    assert names
    assert set(names) >= ONE.keys()
    assert s3.files() == ONE


# -- failures ----------------------------------------------------------------------------------------------------------


@CUTS
def test_the_connection_is_cut_anywhere(cuts: Sequence[int], s3: S3Place, desk: Desk, one_attempt: None) -> None:
    """Cut after N bytes, at values of N spread over the transfer: all that is seen is whole, and the next deploy
    leaves the site as it should be; a rollback leaves the one before.
    """
    with cutting(port_of(s3)) as proxy:
        desk.deploy(s3.open(), ONE)
        desk.deploy(s3.through(proxy.port).open(), TWO)
        whole = proxy.sent
    stopped = 0
    for at in cuts:
        place = s3.but(prefix=f"cut-{at}")
        desk.deploy(place.open(), ONE)
        with cutting(port_of(s3), whole * (2 * at + 1) // 40) as proxy:
            try:
                desk.deploy(place.through(proxy.port).open(), TWO)
            except (DeployFailed, DeployRefused):
                stopped += 1
        place.remove(f"{CONTROL}/lease")  # of the one that was cut off; how long it holds is another test's
        assert_consistent(place.files(), [ONE, TWO])
        desk.deploy(place.open(), TWO)
        kept = {path: data for path, data in ONE.items() if path.startswith("assets/")}
        assert place.files() == TWO | kept
        desk.back(place.open())
        missing = {size_of(picture) for picture in PICTURES.values()}
        assert {path: data for path, data in place.files().items() if path not in TWO or path in ONE} == {
            path: data for path, data in ONE.items() if path not in missing
        }
    assert stopped == len(cuts)


def test_a_server_that_stumbles(s3: S3Place, desk: Desk) -> None:
    """Errors and throttling are met with patience: each is tried again, and the deploy is whole."""
    requests = count()
    failures = {2: s3_error(503, "SlowDown"), 5: s3_error(500, "InternalError"), 9: s3_error(503, "SlowDown")}
    with front(port_of(s3), lambda *_: failures.get(next(requests))) as port:
        desk.deploy(s3.through(port).open(), ONE)
    assert s3.files() == ONE


def test_a_server_that_throttles_without_end(s3: S3Place, desk: Desk, one_attempt: None) -> None:
    """Who is throttled for ever is told so; what stood there stands."""
    desk.deploy(s3.open(), ONE)

    def throttled(method: str, path: str) -> tuple[int, bytes] | None:
        return s3_error(503, "SlowDown") if method == "PUT" and "/news/" in path and CONTROL not in path else None

    with (
        front(port_of(s3), throttled) as port,
        pytest.raises(DeployFailed, match=r"SlowDown \(503\); deploy again"),
    ):
        desk.deploy(s3.through(port).open(), TWO)
    assert_consistent(s3.files(), [ONE, TWO])
    desk.deploy(s3.open(), TWO)
    assert s3.files().items() >= TWO.items()


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, "ExpiredToken", "the credentials have expired"),
        (403, "SignatureDoesNotMatch", r"access is denied \(SignatureDoesNotMatch\)"),
        (507, "XMinioStorageFull", r"XMinioStorageFull \(507\)"),
    ],
)
def test_what_ends_in_the_midst(s3: S3Place, desk: Desk, one_attempt: None, status: int, code: str, told: str) -> None:
    """Credentials that expire under a deploy, and a disk that is full: told, consistent, and gone on with later."""
    desk.deploy(s3.open(), ONE)
    puts = count()

    def decide(method: str, path: str) -> tuple[int, bytes] | None:
        return s3_error(status, code) if method == "PUT" and "lease" not in path and next(puts) >= 12 else None

    with front(port_of(s3), decide) as port, pytest.raises(DeployFailed, match=told) as raised:
        desk.deploy(s3.through(port).open(), TWO)
    assert "testing-secret-key" not in str(raised.value)
    assert_consistent(s3.files(), [ONE, TWO])
    desk.deploy(s3.open(), TWO)
    assert s3.files().items() >= TWO.items()


def test_no_credentials(s3: S3Place, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named before anything goes."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(DeployRefused, match="AWS_ACCESS_KEY_ID"):
        desk.deploy(s3.open(), ONE)


def test_no_bucket(s3: S3Place, desk: Desk) -> None:
    """A bucket that is not there is named."""
    with pytest.raises(DeployRefused, match="there is no such bucket"):
        desk.deploy(s3.but(bucket="none-such").open(), ONE)


def test_nobody_answers(s3: S3Place, desk: Desk, one_attempt: None) -> None:
    """A service that cannot be reached is named."""
    with pytest.raises(DeployFailed, match="cannot be reached"):
        desk.deploy(s3.through(free_port()).open(), ONE)


# -- two deploys at once -----------------------------------------------------------------------------------------------


def test_two_deploys_at_once(s3: S3Place, desk: Desk) -> None:
    """The second waits, says so, and then deploys on top of the first."""
    first = s3.open()
    with first.held(lambda _: None):
        second = threading.Thread(target=desk.deploy, args=(s3.open(), EDITED))
        second.start()
        while not desk.waits and second.is_alive():
            second.join(0.05)
        assert "another deploy is at work" in desk.waits[0]
        assert s3.files() == {}
    second.join(20)
    assert s3.files() == EDITED


def test_a_killed_deploy_does_not_hold_for_ever(s3: S3Place, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that nobody renews is taken over when its term is over."""
    s3.write(f"{CONTROL}/lease", b"0123456789abcdef")
    monkeypatch.setattr(lease, "TERM", 1.0)
    desk.deploy(s3.open(), ONE)
    assert desk.waits
    assert s3.files() == ONE
    assert f"{CONTROL}/lease" not in s3.all_files()


def test_a_deploy_that_lost_its_lease_stops(s3: S3Place, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was taken for dead, and is not, changes nothing more."""
    monkeypatch.setattr(lease, "RENEW", 0.05)
    target = s3.open()
    with target.held(lambda _: None):
        s3.write(f"{CONTROL}/lease", b"another's")
        held = target._store._lease  # type: ignore[attr-defined]
        held._thread.join(10)
        with pytest.raises(DeployFailed, match="another deploy has taken over"):
            held.check()
    assert s3.get(f"{CONTROL}/lease")["Body"].read() == b"another's"


def test_a_lease_is_one_holders(s3: S3Place) -> None:
    """Of many that want it at once one has it."""
    store = s3.open()._store  # type: ignore[attr-defined]
    place = s3_module._LeaseObject(store)
    answers: list[bool] = []
    ready = threading.Barrier(8)

    def claim(token: str) -> None:
        ready.wait()
        answers.append(place.claim(token, None))

    threads = [threading.Thread(target=claim, args=(f"token-{at}",)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]
