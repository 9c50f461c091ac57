"""A real server on loopback: what it answers, whom it refuses, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from preview_kit import ERROR, PATIENCE, Answer, MemorySite, Running, html, page_of, running, until
from site_kit import environment

from generator.base.problems import Problem
from generator.preview.hub import Hub
from generator.preview.serve import NoPlace, Preview, start_lines
from generator.preview.server import Wishes

PICTURE = bytes(range(256)) * 40
HEADERS = b"""/*
  Strict-Transport-Security: max-age=1
  Referrer-Policy: no-referrer
  Content-Security-Policy: default-src 'self'; upgrade-insecure-requests
  Cache-Control: max-age=9
/api/*
  Access-Control-Allow-Origin: *
"""


def small() -> MemorySite:
    """Return a site that has something of everything."""
    return MemorySite(
        {
            "index.html": html("<h1>Front</h1>"),
            "404.html": html("<h1>Nothing here</h1>"),
            "news/x/index.html": html("<h1>X</h1>"),
            "news/größe/index.html": html("<h1>Size</h1>"),
            "feed.xml": b"<rss/>",
            "feed.json": b"{}",
            "site.webmanifest": b"{}",
            "api/news/index.json": b"{}",
            "images/a.avif": PICTURE,
            "assets/site.1.css": b"h1 { color: red }",
            "_headers": HEADERS,
            "_redirects": b"/old/* /news/:splat 301\n/index.html /news/x/ 302!\n/same /news/x/ 200\n",
        }
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """Serve a site that no test changes."""
    with running(small()) as started:
        yield started


# -- pages -------------------------------------------------------------------------------------------------------------


def test_a_page_has_one_script_and_is_else_as_built(server: Running) -> None:
    """A page is served with the script of preview before </head>; without it, it is what a build writes."""
    answer = server.ask("/news/x/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = server.site.outputs["news/x/index.html"]
    script = f'<script src="/_broadsheet/preview.js" data-digest="{page.digest}" defer></script>'.encode()
    assert script + b"</head>" in answer.body
    assert answer.body.replace(script, b"") == page.data


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/feed.xml", "application/xml; charset=utf-8"),
        ("/feed.json", "application/json; charset=utf-8"),
        ("/site.webmanifest", "application/manifest+json; charset=utf-8"),
        ("/images/a.avif", "image/avif"),
        ("/assets/site.1.css", "text/css; charset=utf-8"),
    ],
)
def test_what_is_no_page_is_served_as_built(server: Running, path: str, kind: str) -> None:
    """Feeds, data and pictures are served byte for byte, each with its type."""
    answer = server.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.body == server.site.outputs[path[1:]].data


def test_a_page_that_is_known_is_not_sent_again(server: Running) -> None:
    """The ETag is of the bytes that are sent, and with it a page is answered by 304."""
    tag = server.ask("/").headers["etag"]
    assert tag != server.ask("/news/x/").headers["etag"]
    for condition in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = server.ask("/", If_None_Match=condition)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert server.ask("/", If_None_Match='"other"').status == 200


def test_one_range_is_served(server: Running) -> None:
    """One range is answered by 206; several, a reversed one or one of another version by the whole; none there, 416."""
    tag = server.ask("/images/a.avif").headers["etag"]
    size = len(PICTURE)
    for asked, first, last in [("0-9", 0, 9), ("10200-", 10200, size - 1), ("-10", size - 10, size - 1)]:
        answer = server.ask("/images/a.avif", Range=f"bytes={asked}", If_Range=tag)
        assert (answer.status, answer.body) == (206, PICTURE[first : last + 1])
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
    answer = server.ask("/images/a.avif", Range=f"bytes={size}-")
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{size}")
    for asked in ("bytes=0-1,3-4", "bytes=5-2", "bytes=-", "lines=0-1", "bytes=a-b"):
        assert server.ask("/images/a.avif", Range=asked).status == 200
    assert server.ask("/images/a.avif", Range="bytes=0-9", If_Range='"other"').status == 200


def test_head_has_the_same_headers_and_no_body(server: Running) -> None:
    """HEAD is GET without the bytes."""
    got, head = server.ask("/news/x/"), server.ask("/news/x/", "HEAD")
    assert head.body == b""
    assert {**got.headers, "date": ""} == {**head.headers, "date": ""}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_pages_are_only_read(server: Running, method: str) -> None:
    """What is no reading is refused."""
    assert server.ask("/", method).status == 405


def test_folders_and_letters(server: Running) -> None:
    """A folder without its slash leads to it with its query; any script of letters is found percent-encoded."""
    moved = server.ask("/news/x?a=1")
    assert (moved.status, moved.headers["location"]) == (301, "/news/x/?a=1")
    assert moved.headers["cache-control"] == "no-store"
    assert server.ask("/news/gr%C3%B6%C3%9Fe/").status == 200
    assert server.ask("/news/gr%C3%B6%C3%9Fe").headers["location"] == "/news/gr%C3%B6%C3%9Fe/"
    assert server.ask("/News/x/").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/news/../index.html",
        "/news/%2e%2e/feed.xml",
        "/..%2ffeed.xml",
        "/news%2fx/",
        "//feed.xml",
        "//evil.example/",
        "/news//x/",
        "/feed.xml%00",
        "/./feed.xml",
        "/news\\x",
        "/news%5cx/",
        "/%ff",
        "/_headers",
        "/_redirects",
    ],
)
def test_no_path_leads_astray(server: Running, path: str) -> None:
    """A path that is no output's shows the 404 page of the site and leads nowhere."""
    answer = server.ask(path)
    assert answer.status == 404
    assert b"Nothing here" in answer.body
    assert b"_broadsheet" in answer.body
    assert "location" not in answer.headers


def test_the_sites_own_rules(server: Running) -> None:
    """`_redirects` and `_headers` hold as on a host, but for what would harm: HSTS, and drafts readable by others."""
    assert server.ask("/old/x/").headers["location"] == "/news/x/"
    assert server.ask("/index.html").status == 302
    assert b"<h1>X</h1>" in server.ask("/same").body
    page = server.ask("/news/x/").headers
    assert page["referrer-policy"] == "no-referrer"
    assert page["content-security-policy"] == "default-src 'self';"
    assert page["cache-control"] == "no-cache"
    assert "strict-transport-security" not in page
    data = server.ask("/api/news/index.json").headers
    assert data["cache-control"] == "max-age=9"
    assert "access-control-allow-origin" not in data
    assert data["cross-origin-resource-policy"] == "same-origin"


def test_a_page_that_cannot_be_made() -> None:
    """Without a last good page, one that says why stands in its place, with the script; a picture says it as text."""
    site = small()
    problem = Problem("themes/x/templates/<b>.html", 3, 1, "", "is <i>broken</i>", "mend it")
    site.outputs["news/x/index.html"] = page_of(b"")._replace(problem=problem)
    site.outputs["images/a.avif"] = page_of(b"")._replace(problem=problem)
    site.outputs["index.html"] = page_of(html("last good"))._replace(problem=problem)
    with running(site) as server:
        page = server.ask("/news/x/")
        assert page.status == 500
        assert b"is &lt;i&gt;broken&lt;/i&gt;" in page.body
        assert b'data-digest="broken"' in page.body
        assert server.ask("/images/a.avif").headers["content-type"] == "text/plain; charset=utf-8"
        assert b"last good" in server.ask("/").body


def test_a_site_below_a_path() -> None:
    """With a base path the site stands below it, as on its host, and the root leads there."""
    outputs = {"index.html": html("Front"), "news/x/index.html": html("X"), "_redirects": b"/blog/old/ /blog/news/x/\n"}
    with running(MemorySite(outputs, "/blog/")) as server:
        assert server.url.endswith("/blog/")
        for path, location in [("/", "/blog/"), ("/blog", "/blog/"), ("/blog/news/x", "/blog/news/x/")]:
            assert server.ask(path).headers["location"] == location
        assert server.ask("/blog/old/").headers["location"] == "/blog/news/x/"
        assert server.ask("/blog/news/x/").status == 200
        missing = server.ask("/news/x/")
        assert (missing.status, b"the site stands below /blog/" in missing.body) == (404, True)


def test_a_mistake_of_ours_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that raises is 500 with a sentence for the browser, and a traceback in the log."""
    site = small()

    def fail(output: str) -> None:
        raise RuntimeError("planted")

    with running(site) as server:
        site.before_page = fail
        answer = server.ask("/")
    assert (answer.status, b"mistake in Broadsheet" in answer.body) == (500, True)
    assert "planted" in caplog.text


# -- who may ask -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "8.8.8.8", "", "["]
)
def test_another_name_is_refused(server: Running, host: str) -> None:
    """A request for a name which is not ours may come from a rebound name: it is refused, with the way out."""
    answer = server.ask("/", Host=host)
    assert (answer.status, b"http://localhost" in answer.body) == (403, True)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "127.9.9.9", "[::1]:80", "a.localhost"])
def test_our_names_are_answered(server: Running, host: str) -> None:
    """Loopback names and addresses are answered, with whatever port."""
    assert server.ask("/", Host=host).status == 200


def test_no_other_site_reads_what_preview_knows(server: Running) -> None:
    """Preview's own addresses are for pages of the preview."""
    for site in ("cross-site", "same-site"):
        assert server.ask("/_broadsheet/state.json", Sec_Fetch_Site=site).status == 403
    assert server.ask("/_broadsheet/state.json", Sec_Fetch_Site="same-origin").status == 200


def test_state_tells_problems_and_badges() -> None:
    """All problems, those of the site's own rules among them, and all badges can be read by programs."""
    site = small()
    site.found = (ERROR,)
    site.held = {"/news/x/": "draft"}
    site.set({"_redirects": b"/a\n"})
    with running(site) as server:
        state = json.loads(server.ask("/_broadsheet/state.json").body)
    assert state["badges"] == {"/news/x/": "draft"}
    assert [(problem["path"], problem["line"], problem["severity"]) for problem in state["problems"]] == [
        ("content/news/a.md", 3, "error"),
        ("_redirects", 1, "warning"),
    ]


# -- opening the editor ------------------------------------------------------------------------------------------------


def fake_editor(folder: Path) -> tuple[Path, Path]:
    """Write an editor that writes its arguments into a file, one a line; return it and that file."""
    program, told = folder / "fake-editor", folder / "told"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}.new"\nmv "{told}.new" "{told}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, told


def order(server: Running, wish: object, **headers: str) -> Answer:
    """Ask for a file to be opened as a page of the preview does."""
    host = f"127.0.0.1:{server.preview.port}"
    given = {"Origin": f"http://{host}", "Content_Type": "application/json", "Sec_Fetch_Site": "same-origin"} | headers
    body = wish if isinstance(wish, bytes) else json.dumps(wish).encode()
    return server.ask("/_broadsheet/open", "POST", body, **{name: text for name, text in given.items() if text})


def test_a_click_opens_the_editor(tmp_path: Path) -> None:
    """The editor is started with the file, line and column as arguments of their own, whatever the file is called."""
    program, told = fake_editor(tmp_path)
    site = small()
    site.files["content/a.md"] = tmp_path / "-x; touch {line} $(id).md"
    with running(site, Wishes(port=0, editor=(str(program), "--at", "{file}:{line}:{column}"))) as server:
        assert order(server, {"path": "content/a.md", "line": 7, "column": 0}).status == 204
        until(told.exists)
        assert told.read_text().splitlines() == ["--at", f"{tmp_path}/-x; touch {{line}} $(id).md:7:1"]


GOOD = {"path": "content/a.md", "line": 1, "column": 1}


@pytest.mark.parametrize(
    ("wish", "headers", "status"),
    [
        (GOOD, {"Origin": "http://evil.example"}, 403),
        (GOOD, {"Origin": ""}, 403),
        (GOOD, {"Origin": "null"}, 403),
        (GOOD, {"Origin": "http://localhost:1"}, 403),
        (GOOD, {"Sec_Fetch_Site": "cross-site"}, 403),
        (GOOD, {"Sec_Fetch_Site": "same-site"}, 403),
        (GOOD, {"Content_Type": "text/plain"}, 415),
        (GOOD, {"Content_Type": ""}, 415),
        ({"path": "../../etc/passwd"}, {}, 404),
        ({"path": "/etc/passwd"}, {}, 404),
        ({"path": "content/a.md\0"}, {}, 400),
        ({"path": 1}, {}, 400),
        ({"path": "content/a.md", "line": "1; x"}, {}, 400),
        ({"path": "content/a.md", "line": -1}, {}, 400),
        ({"path": "content/a.md", "line": True}, {}, 400),
        ([], {}, 400),
        (b"{", {}, 400),
        (b"[" * 9000, {}, 400),
        (b'"' + b"x" * 20_000 + b'"', {}, 400),
    ],
)
def test_who_else_asks_for_the_editor_gets_none(
    tmp_path: Path, wish: object, headers: dict[str, str], status: int
) -> None:
    """Nothing is started for pages of others, for what is no file of the site, or for what is no wish."""
    program, told = fake_editor(tmp_path)
    site = small()
    site.files["content/a.md"] = tmp_path / "a.md"
    with running(site, Wishes(port=0, editor=(str(program), "{file}"))) as server:
        assert order(server, wish, **headers).status == status
        assert server.ask("/_broadsheet/open").status == 404
        # The good one comes last: had another started the editor, it would have been before it.
        assert order(server, GOOD).status == 204
        until(told.exists)
    assert told.read_text() == f"{tmp_path}/a.md\n"


def test_an_editor_that_is_not_there(tmp_path: Path) -> None:
    """The answer says what is wrong and what would be right."""
    site = small()
    site.files["content/a.md"] = tmp_path / "a.md"
    for editor, message in [
        (("no-such-editor", "{file}"), "no-such-editor cannot be started: No such file or directory; is it installed"),
        ((), "no editor is set; write `editor ="),
    ]:
        with running(site, Wishes(port=0, editor=editor)) as server:
            answer = order(server, GOOD)
            assert answer.status == 501
            assert json.loads(answer.body)["message"].startswith(message)


# -- the stream of events ----------------------------------------------------------------------------------------------


class Stream:
    """A stream of events as a browser reads it."""

    def __init__(self, server: Running, path: str, digest: str, more: str = ""):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.preview.port, timeout=PATIENCE)
        self.connection.request("GET", f"/_broadsheet/events?path={path}&digest={digest}{more}")
        self.response = self.connection.getresponse()

    def next(self) -> tuple[str, object]:
        """Return the next event; comments are passed over."""
        event = ""
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                return event, json.loads(line[6:])

    def start(self) -> None:
        """Read what every tab is told at first."""
        assert [self.next()[0] for _ in range(3)] == ["about", "problems", "badges"]

    def close(self) -> None:
        """Leave."""
        self.connection.close()


def digest_of(server: Running, output: str) -> str:
    """Return the digest of an output as it is now."""
    return server.site.outputs[output].digest


def test_only_the_tab_whose_page_changed_reloads() -> None:
    """A tab on a changed page is told once, one on another page only what concerns it, too."""
    with running(small()) as server:
        changed = Stream(server, "/news/x/", digest_of(server, "news/x/index.html"))
        other = Stream(server, "/", digest_of(server, "index.html"))
        changed.start()
        other.start()
        server.change({"news/x/index.html": html("new")})
        assert changed.next() == ("reload", {"digest": digest_of(server, "news/x/index.html")})
        server.site.held = {"/news/x/": "draft"}
        server.site.found = (ERROR,)
        server.refresh()
        assert other.next()[0] == "problems"  # and no reload before it
        changed.close()
        other.close()


def test_a_tab_that_comes_late_reloads_at_once() -> None:
    """A tab that shows an older page than the server's, as after a restart, is told when it connects."""
    with running(small()) as server:
        stream = Stream(server, "/news/x/", "0123")
        assert stream.next()[0] == "reload"
        stream.close()


def test_a_page_that_was_missing_reloads_when_it_is_there() -> None:
    """A tab on the 404 page is told when the address has a page, and one whose page is removed is told, too."""
    with running(small()) as server:
        stream = Stream(server, "/news/new/", digest_of(server, "404.html"))
        stream.start()
        server.change({"news/new/index.html": html("new")})
        assert stream.next()[0] == "reload"
        del server.site.outputs["news/new/index.html"]
        server.refresh()
        assert stream.next()[0] == "reload"
        stream.close()


def test_style_sheets_alone_are_swapped() -> None:
    """Where only addresses of style sheets differ a tab is told which; where more does, to reload."""
    with running(small()) as server:
        server.ask("/news/x/")
        stream = Stream(server, "/news/x/", digest_of(server, "news/x/index.html"))
        stream.start()
        server.change({"news/x/index.html": html("<h1>X</h1>", style="/assets/site.2.css")})
        event, told = stream.next()
        links = [["/assets/site.1.css", "/assets/site.2.css"]]
        assert (event, told) == ("css", {"links": links, "digest": digest_of(server, "news/x/index.html")})
        server.change({"news/x/index.html": html("<h1>Y</h1>", style="/assets/site.3.css")})
        assert stream.next()[0] == "reload"
        stream.close()


def test_what_a_page_loads_under_a_fixed_name() -> None:
    """A style sheet, script or picture whose name does not tell its bytes makes its page reload when it changes."""
    site = small()
    head = "<script src=own.js></script><link rel=alternate href=/feed.xml>"
    body = '<img src="/p%20q.png"><img src="/images/a.avif"><img src="https://other.example/x.png">'
    site.set({"news/x/index.html": html(body, style="/own.css", head=head), "own.css": b"1", "p q.png": b"1"})
    site.set({"news/x/own.js": b"1"})
    with running(site) as server:
        stream = Stream(server, "/news/x/", digest_of(server, "news/x/index.html"))
        stream.start()
        for output in ("own.css", "news/x/own.js", "p q.png"):
            server.change({output: b"2"})
            assert stream.next() == ("reload", {"digest": digest_of(server, "news/x/index.html")})
        server.change({"feed.xml": b"2", "images/a.avif": b"2"})
        site.found = (ERROR,)
        server.refresh()
        assert stream.next()[0] == "problems"
        stream.close()


def test_a_burst_gives_the_newest() -> None:
    """Refreshes that come while a tab is being looked at give it one look more, at the newest."""
    with running(small()) as server:
        stream = Stream(server, "/news/x/", digest_of(server, "news/x/index.html"))
        stream.start()
        began, go = threading.Event(), threading.Event()

        def hold(output: str) -> None:
            if output == "news/x/index.html":
                began.set()
                assert go.wait(PATIENCE)

        server.site.before_page = hold
        server.refresh()
        assert began.wait(PATIENCE)
        for number in range(50):
            server.change({"news/x/index.html": html(str(number))})
        go.set()
        assert stream.next() == ("reload", {"digest": page_of(html("49")).digest})
        server.site.found = (ERROR,)
        server.refresh()
        assert stream.next()[0] == "problems"
        stream.close()


def test_follow_leads_to_what_was_saved() -> None:
    """With --follow a tab is told of a page that was saved after it opened; what was saved before is no news."""
    site = small()
    site.last = "/"
    with running(site, Wishes(port=0, follow=True)) as server:
        stream = Stream(server, "/", digest_of(server, "index.html"))
        assert stream.next() == ("follow", {"url": "/", "go": False})
        stream.start()
        site.last = "/news/x/"
        server.refresh()
        assert stream.next() == ("follow", {"url": "/news/x/", "go": True})
        again = Stream(server, "/", digest_of(server, "index.html"), "&saved=/")
        assert again.next() == ("follow", {"url": "/news/x/", "go": True})
        stream.close()
        again.close()


def test_badges_are_told_where_they_are_linked() -> None:
    """A tab is told of the badges of the articles that its page links, however the address is written."""
    site = small()
    site.set({"index.html": html('<a href="/news/gr%C3%B6%C3%9Fe/?a&amp;b">x</a>')})
    site.held = {"/news/größe/": "draft", "/news/x/": "draft"}
    with running(site) as server:
        stream = Stream(server, "/", digest_of(server, "index.html"))
        events = dict(stream.next() for _ in range(3))
        assert events["badges"] == {"/news/größe/": "draft"}
        stream.close()


# -- listening and ending ----------------------------------------------------------------------------------------------


def test_a_port_in_use_gives_the_next_one() -> None:
    """The next free port is taken, and said; an address that is not ours is refused with a sentence."""
    with running(small()) as first:
        wishes = Wishes(port=first.preview.port)
        preview = Preview(small(), Hub(), wishes)
        preview.socket.close()
        assert preview.port > first.preview.port
        assert next(iter(start_lines(preview, wishes))) == f"port {wishes.port} is in use; this is port {preview.port}"
    for wishes, message in [
        (Wishes("192.0.2.1", 0), "this machine does not have this address"),
        (Wishes("no-such-name.invalid", 0), "there is no such name"),
        (Wishes(port=70_000), "from 1 to 65535"),
    ]:
        with pytest.raises(NoPlace, match=message):
            Preview(small(), Hub(), wishes)


PROGRAM = """
import sys
sys.path[:0] = {paths!r}
from preview_kit import MemorySite, html
from generator.preview.hub import Hub
from generator.preview.serve import serve
from generator.preview.server import Wishes
import threading, time
site = MemorySite({{"index.html": html("Front"), "slow.png": b"x"}})
site.before_page = lambda output: time.sleep(60) if output == "slow.png" else None
serve(site, Hub(), Wishes({wishes}), lambda line: print(line, flush=True))
print("ended", sum(thread.name != "broadsheet answer" for thread in threading.enumerate()), flush=True)
"""


def start(wishes: str, **env: str) -> subprocess.Popen[str]:
    """Start a program that previews a small site."""
    paths = [str(Path(__file__).parent), *sys.path]
    program = PROGRAM.format(paths=[path for path in paths if path], wishes=wishes)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True, env=environment(**env)
    )


def said_port(process: subprocess.Popen[str]) -> int:
    """Read up to the line that says where the preview is; return its port."""
    assert process.stdout
    for line in process.stdout:
        if match := re.search(r"preview: http://[^/]*:(\d+)/", line):
            return int(match[1])
    raise AssertionError("it did not start")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once(sign: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it at once with streams open and a picture in the making; no thread stays."""
    process = start("port=0")
    port = said_port(process)
    streams = []
    for path in ("/_broadsheet/events?path=/&digest=", "/_broadsheet/events?path=/&digest=", "/slow.png"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path)
        streams.append(connection)
    for connection in streams[:2]:
        assert connection.getresponse().readline() == b": preview\n"
    began = time.monotonic()
    process.send_signal(sign)
    assert process.communicate(timeout=PATIENCE)[0].endswith("ended 1\n")
    took = time.monotonic() - began
    for connection in streams:
        connection.close()
    assert process.returncode == 0
    assert took < 5.0  # 0.15 on a quiet machine; the picture would take a minute


def test_the_browser_is_opened_once(tmp_path: Path) -> None:
    """--open opens the address in the person's browser."""
    program, told = fake_editor(tmp_path)
    process = start("port=0, open_browser=True", BROWSER=str(program))
    port = said_port(process)
    until(told.exists)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert told.read_text().strip() == f"http://127.0.0.1:{port}/"


def test_a_network_is_warned_of() -> None:
    """On an address that others reach, the address for a phone and what they can read is said; its name is answered."""
    process = start("host='0.0.0.0', port=0")
    port = said_port(process)
    assert process.stdout
    phone, warning = process.stdout.readline(), process.stdout.readline()
    address = re.fullmatch(r"on a phone in the same network: http://(.*):(\d+)/\n", phone)
    assert address
    assert "drafts" in warning
    for host, status in [(address[1], 200), ("10.1.2.3", 200), (socket.gethostname(), 200), ("evil.example", 403)]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/", headers={"Host": host})
        assert connection.getresponse().status == status
        connection.close()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert os.WIFEXITED(process.returncode)
