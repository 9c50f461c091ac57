"""Afterwards: those who are to be told learn what changed, and whatever they answer, the site is deployed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from network import free_port
from places import FolderPlace, moto
from release_kit import Desk, site_of

from generator.base.deploy_settings import Afterwards
from generator.deploy import afterwards as afterwards_module
from generator.deploy.target import DeployRefused

FORM = "application/x-www-form-urlencoded"
KEY = "0123456789abcdef"
ONE = site_of({"a": "One", "b": "Two"}) | {f"{KEY}.txt": KEY.encode()}
TWO = site_of({"a": "One!", "ü": "New"}) | {f"{KEY}.txt": KEY.encode()}
CHANGED = [
    "https://news.test/news/%C3%BC/",
    "https://news.test/news/a/",
    "https://news.test/news/",
    "https://news.test/",
    "https://news.test/api/news/index.json",
    "https://news.test/feed.xml",
    "https://news.test/news/b/",
]
PAGES = [url for url in CHANGED if url.endswith("/")]


class Listener:
    """What a service was asked: (path, token, body)."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[tuple[str, str | None, Any]] = []


@contextmanager
def listening(status: int = 200) -> Iterator[Listener]:
    """Run a service that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = parse_qsl(said) if self.headers["Content-Type"] == FORM else json.loads(said)
            listener.asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            listener.asked.append((self.path, self.headers["Authorization"], None))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def two(folder: FolderPlace, desk: Desk) -> Desk:
    """A desk that has deployed once, and told nobody."""
    desk.settings = folder.settings
    desk.deploy(folder.open(), ONE)
    return desk


def telling(desk: Desk, **whom: str) -> None:
    desk.settings = msgspec.structs.replace(desk.settings, afterwards=Afterwards(**whom))


def test_a_webhook(folder: FolderPlace, two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets the addresses that changed, and the token of the environment; where nothing changed it is not asked."""
    monkeypatch.setenv("BROADSHEET_WEBHOOK_TOKEN", "secret-of-this-test")
    with listening() as service:
        telling(two, webhook=f"{service.url}/hook")
        two.deploy(folder.open(), ONE)
        two.deploy(folder.open(), TWO, dry_run=True)
        assert service.asked == []
        assert two.deploy(folder.open(), TWO).complaints == ()
    ((path, token, body),) = service.asked
    assert (path, token) == ("/hook", "Bearer secret-of-this-test")
    assert body == {
        "site": "https://news.test/",
        "version": 2,
        "added": CHANGED[:1],
        "updated": CHANGED[1:6],
        "deleted": CHANGED[6:],
    }


def test_indexnow(folder: FolderPlace, two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Search engines learn of pages, and of those that are gone; the key must be on the site."""
    with listening() as service:
        monkeypatch.setattr(afterwards_module, "INDEXNOW", f"{service.url}/indexnow")
        telling(two, indexnow=KEY)
        with pytest.raises(DeployRefused, match=rf"IndexNow reads the key at {KEY}\.txt"):
            two.deploy(folder.open(), site_of({"a": "Other"}))
        two.deploy(folder.open(), TWO)
    ((_, token, body),) = service.asked
    assert token is None
    assert body == {
        "host": "news.test",
        "key": KEY,
        "keyLocation": f"https://news.test/{KEY}.txt",
        "urlList": PAGES,
    }


def test_cloudflare(folder: FolderPlace, two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone forgets what changed, 30 addresses at a time; without a token nothing is deployed."""
    telling(two, cloudflare="zone1")
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    with pytest.raises(DeployRefused, match="CLOUDFLARE_API_TOKEN is not in the environment"):
        two.deploy(folder.open(), TWO)
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "secret-of-this-test")
    many = site_of({f"n{number:02d}": "x" for number in range(40)})
    with listening() as service:
        monkeypatch.setattr(afterwards_module, "CLOUDFLARE", service.url)
        two.deploy(folder.open(), TWO)
        two.deploy(folder.open(), many)
    assert {(path, token) for path, token, _ in service.asked} == {
        ("/zones/zone1/purge_cache", "Bearer secret-of-this-test")
    }
    sizes = [len(body["files"]) for _, _, body in service.asked]
    assert service.asked[0][2] == {"files": CHANGED}
    assert sizes == [7, 30, len(many) - 3 - 30 + 2 + 1]


@pytest.fixture
def cdn(no_account: None) -> Iterator[str]:
    """A server of CloudFront."""
    with moto("cloudfront") as endpoint:
        yield endpoint


def test_cloudfront(folder: FolderPlace, two: Desk, cdn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The distribution forgets the paths that changed."""
    import boto3

    monkeypatch.setenv("AWS_ENDPOINT_URL", cdn)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.Session().client("cloudfront")
    origin = {"Id": "o", "DomainName": "news.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behaviour = {
        "TargetOriginId": "o",
        "ViewerProtocolPolicy": "allow-all",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    made = client.create_distribution(
        DistributionConfig={
            "CallerReference": "x",
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behaviour,
            "Comment": "",
            "Enabled": True,
        }
    )["Distribution"]["Id"]
    telling(two, cloudfront=made)
    assert two.deploy(folder.open(), TWO).complaints == ()
    (listed,) = client.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]
    batch = client.get_invalidation(DistributionId=made, Id=listed["Id"])["Invalidation"]["InvalidationBatch"]
    assert batch["Paths"]["Items"] == sorted(url.removeprefix("https://news.test") for url in CHANGED)
    telling(two, cloudfront="ENONE")
    (complaint,) = two.deploy(folder.open(), ONE).complaints
    assert complaint == "CloudFront answered NoSuchDistribution; the site is deployed all the same"


def test_websub(folder: FolderPlace, two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub learns of feeds that changed and of pages beside them, after the caches; not of what is as it was."""
    feeds = {"topics/x/index.html": b"1", "topics/x/feed.xml": b"1", "topics/x/atom.xml": b"1", "old/feed.json": b"1"}
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "secret-of-this-test")
    with listening(204) as service:
        monkeypatch.setattr(afterwards_module, "CLOUDFLARE", service.url)
        two.hub = f"{service.url}/hub?a&b"
        two.deploy(folder.open(), ONE | feeds)
        service.asked.clear()
        telling(two, cloudflare="zone1")
        two.deploy(folder.open(), ONE | feeds)
        assert service.asked == []
        two.deploy(folder.open(), TWO | feeds | {"topics/x/atom.xml": b"2", "opml.xml": b"2"})
    assert [path for path, _, _ in service.asked] == ["/zones/zone1/purge_cache", "/hub?a&b"]
    _, token, body = service.asked[-1]
    assert token is None
    assert body == [
        ("hub.mode", "publish"),
        ("hub.url", "https://news.test/"),
        ("hub.url", "https://news.test/feed.xml"),
        ("hub.url", "https://news.test/topics/x/atom.xml"),
    ]


@pytest.mark.parametrize("status", [500, 403, 302])
def test_a_service_that_fails(folder: FolderPlace, two: Desk, status: int) -> None:
    """The site is deployed; the complaint names the service, and not its address."""
    with listening(status) as service:
        telling(two, webhook=f"{service.url}/secret-address")
        done = two.deploy(folder.open(), TWO)
    assert done.complaints == (f"the webhook answered {status}; the site is deployed all the same",)
    assert [path for path, _, _ in service.asked] == ["/secret-address"]  # and no token goes where it leads
    assert folder.files().items() >= TWO.items()


def test_a_service_that_is_not_there(folder: FolderPlace, two: Desk) -> None:
    """Nor does one that cannot be reached undo a deploy, or one that speaks of something else."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=lambda: other.accept()[0].send(b"220 mail.test ready\r\n"), daemon=True).start()
        for port, site in ((free_port(), ONE | {"x.txt": b"x"}), (other.getsockname()[1], TWO)):
            telling(two, webhook=f"http://127.0.0.1:{port}/hook")
            done = two.deploy(folder.open(), site)
            assert done.complaints == ("the webhook cannot be reached; the site is deployed all the same",)
    assert folder.files().items() >= TWO.items()
