"""Links in a whole site: found wherever pages show them, checked by the command, and told with their places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from picture_server import PictureServer, says, served
from site_kit import NOON, SmallSite, build, full_site, report, run_here, small_site, tree

from generator.base.config import load_site
from generator.drafting import Request
from generator.links import wave
from generator.links.ledger import Entry, LinkLedger
from generator.network.ledger import JOURNAL
from generator.pipeline import check as check_site

DAY = timedelta(days=1)
SECRET = "sealed-secret-0123456789"


@pytest.fixture
def server() -> Iterator[PictureServer]:
    with served() as server:
        server.behaviours["/good"] = says("200 OK", b"<html>")
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wave, "PAUSE", 0.0)


def local_site(root: Path, server: PictureServer, **links: object) -> SmallSite:
    """Make a site whose links may lead to the server."""
    site = small_site(root)
    settle(site, **links)
    return site


def settle(site: SmallSite, **links: object) -> None:
    site.settings(
        title="Small news",
        base_url="https://news.example/",
        images={"fetch": False, "allow_hosts": ["127.0.0.1"]},
        links={"timeout": 6} | links,
    )


def links_of(site: SmallSite) -> set[str]:
    """Return the addresses that a check of links would ask for."""
    done = check_site(load_site(site.root), Request(NOON, jobs=1, links=True, offline=True), lambda *_: None)
    assert done.links
    return {row.url for row in done.links.rows}


def test_every_link_that_a_page_shows_is_found(tmp_path: Path) -> None:
    """Sources, coverage, videos, commentaries, pages and navigation; each once, and nothing that no page shows."""
    site = small_site(tmp_path / "site")
    site.settings(
        title="S",
        base_url="https://news.example/",
        nav={"Home": "/", "Away": "https://nav.example/x", "Us": "https://news.example/news/"},
    )
    site.article(
        "lead",
        "See [this](https://body.example/a?b=1&c=2#part), [us](https://news.example/x), "
        "[mail](mailto:a@b.example), [a page](/about/) and `https://code.example/`.\n",
        webUrl="https://source.example/lead#top",
        ampWebUrl="https://amp.example/lead",
        related=[report("one"), report("two", webUrl="https://body.example/a?b=1&c=2")],
        images=[{"url": "https://picture.example/x.png"}],
    )
    site.article("video", type="video", webUrl="https://source.example/v", originalUrl="https://player.example/v")
    site.article("embed", featuredContent='<iframe src="https://player.vimeo.com/video/123456"></iframe>')
    site.article("old-address", webUrl=None, originalUrl="https://original.example/x")
    site.article("draft", webUrl="https://draft.example/", published=False)
    site.article("scheduled", webUrl="https://scheduled.example/", publishedDateTime="2026-03-09T00:00:00Z")
    site.page("about", "About", "Written [there](https://page.example/).\n")
    assert links_of(site) == {
        "https://nav.example/x",
        "https://page.example/",
        "https://source.example/lead",
        "https://body.example/a?b=1&c=2",
        "https://other.example/one",
        "https://source.example/v",
        "https://player.example/v",
        "https://outlet.example/embed",
        "https://vimeo.com/123456",
        "https://original.example/x",
    }


def test_the_report_of_a_check(tmp_path: Path, server: PictureServer) -> None:
    """Each warning has file, line and column of the field that holds the link; warnings are no errors."""
    site = local_site(tmp_path / "site", server)
    site.page("about", "About", f"A page.\n\nWritten [there]({server.url('/410')}).\n")
    site.article(
        "lead",
        f"\nOur view, and [theirs]({server.url('/404?body')}).\n",
        webUrl=server.url("/chain-3"),
        related=[
            report("own", webUrl=server.url("/chain-3")),  # the article itself: it is not listed
            report("one", webUrl=server.url("/404?coverage")),
            report("two", webUrl=None, originalUrl=server.url("/500")),
        ],
    )
    server.behaviours["/chain-3"] = server.behaviours["/chain-1"]
    server.behaviours["/chain-2"] = says("200 OK")
    said = run_here(site, "check", "--links")
    assert said.code == 0, said.err
    origin, again = (
        server.url(""),
        "it is asked for again from 2026-03-02 08:00 UTC on; see whether the address is right",
    )
    head = (site.root / "content/news/lead.md").read_text().split("\n")
    place = {name: next(n for n, line in enumerate(head, 1) if line.startswith(name)) for name in ("webUrl", "related")}
    column = {
        path: head[place["related"] - 1].index(json.dumps(origin + path)) + 1 for path in ("/404?coverage", "/500")
    }
    body = next(n for n, line in enumerate(head, 1) if "theirs" in line)
    assert said.err.splitlines() == [
        f"warning: content/news/lead.md:{place['webUrl']}:9: webUrl: the link {origin}/chain-3 has moved for good; "
        f"write {origin}/chain-2",
        f"warning: content/news/lead.md:{place['related']}:{column['/404?coverage']}: related[1].webUrl: the link "
        f"{origin}/404?coverage may be dead: the server answers 404 Not Found, since 2026-03-01 (1 try); {again}",
        f"warning: content/news/lead.md:{place['related']}:{column['/500']}: related[2].originalUrl: the link "
        f"{origin}/500 may be dead: the server answers 500 Internal Server Error, since 2026-03-01 (1 try); {again}",
        f"warning: content/news/lead.md:{body}:{head[body - 1].index(origin) + 1}: the link {origin}/404?body "
        f"may be dead: the server answers 404 Not Found, since 2026-03-01 (1 try); {again}",
        f"warning: content/pages/about.md:6:{len('Written [there](') + 1}: the link {origin}/410 "
        f"may be dead: the server answers 410 Gone, since 2026-03-01 (1 try); {again}",
    ]
    assert "links to other sites: 1 moved for good, 4 perhaps dead\n" in said.out
    assert (site.root / "links/ledger.jsonl").read_text().count("\n") == 5
    assert (site.root / "links/.gitattributes").read_text() == "ledger.jsonl merge=union\n"


def test_the_report_as_json(tmp_path: Path, server: PictureServer) -> None:
    """Counts of every state, and a row for each link that is not good; without `--links` there is nothing of it."""
    site = local_site(tmp_path / "site", server)
    site.article("good", webUrl=server.url("/good"))
    site.article("refused", webUrl=server.url("/expired"))
    answer = json.loads(run_here(site, "check", "--links", "--json").out)
    assert answer["links"] == {
        "counts": {"good": 1, "moved": 0, "suspect": 0, "dead": 0, "unknown": 1, "waiting": 0},
        "rows": [
            {
                "url": server.url("/expired"),
                "state": "unknown",
                "why": "the server answers 403 Forbidden",
                "since": "",
                "until": "2026-03-08T08:00:00Z",
                "target": "",
                "files": ["content/news/refused.md"],
            }
        ],
    }
    assert (answer["errors"], answer["warnings"]) == (0, 0)
    assert "links" not in json.loads(run_here(site, "check", "--json").out)


def test_offline_tells_what_is_known(tmp_path: Path, server: PictureServer) -> None:
    """`--offline` and `fetch = false` ask nobody and write nothing, and tell of the dead all the same."""
    site = local_site(tmp_path / "site", server)
    site.article("lost", webUrl=server.url("/404"))
    site.article("new", webUrl=server.url("/good"))
    ledger = LinkLedger(site.root / "links")
    since = NOON - 9 * DAY
    ledger.put(Entry(server.url("/404"), NOON - DAY, NOON - DAY, "dead", since, 4, "missing", "it was so"))
    before = tree(site.root / "links")
    assert [*before] == [JOURNAL]
    for turn in ("--offline", "--links"):
        said = run_here(site, "check", "--links", turn)
        assert "is dead: it was so, since 2026-02-20 (4 tries)" in said.err
        assert "links to other sites: 1 dead, 1 not asked for yet" in said.out
        settle(site, fetch=False)
    assert (tree(site.root / "links"), server.hits.total()) == (before, 0)


def test_a_check_without_links_asks_nobody(tmp_path: Path, server: PictureServer) -> None:
    """Neither it nor a build, which never asks for a link."""
    site = local_site(tmp_path / "site", server, archive=True)
    site.article("x", webUrl=server.url("/404"))
    assert run_here(site, "check").code == 0
    assert run_here(site, "build").code == 0
    assert server.hits.total() == 0
    assert not (site.root / "links").exists()


def test_secured_is_nowhere(tmp_path: Path, server: PictureServer) -> None:
    """What is private to the desk is neither asked for nor told, wherever it stands; nor is an address's password."""
    site = local_site(tmp_path / "site", server)
    secret = server.url(f"/{SECRET}")
    site.article(
        "x",
        webUrl=server.url("/404").replace("127", f"desk:{SECRET}@127", 1),
        secured={"url": secret, "webUrl": secret, "related": [report("x", webUrl=secret)]},
        related=[report("y", webUrl=server.url("/404?y"), secured={"webUrl": secret})],
    )
    said = run_here(site, "check", "--links")
    told = run_here(site, "check", "--links", "--json")
    assert server.url("/404") in said.err
    everything = [said.out, said.err, told.out, told.err, str(server.hits), str(tree(site.root / "links"))]
    assert not [text for text in everything if SECRET in text]
    assert set(server.hits) == {"/404", "/404?y"}


# -- archived copies ---------------------------------------------------------------------------------------------------


def page_of(site: SmallSite, stem: str) -> str:
    return (site.output / f"news/{stem}/index.html").read_text()


def note(site: SmallSite, url: str, state: str) -> None:
    """Let the ledger say something of an address, as a check does."""
    ledger = LinkLedger(site.root / "links")
    ledger.put(Entry(url, NOON, NOON + DAY, state))  # type: ignore[arg-type]
    ledger.settle()


def test_a_dead_source_has_an_archived_copy(tmp_path: Path) -> None:
    """Where `archive = true`: a second link on its page and nowhere else, which goes when the source is alive again."""
    site = full_site(tmp_path / "site")
    urls = {stem: f"https://outlet.example/{stem}" for stem in ("2026-02-28-lead", "plain-0001", "plain-0002")}
    before = tree(site.output) if build(site) else {}
    note(site, urls["2026-02-28-lead"], "dead")
    note(site, urls["plain-0001"], "suspect")
    note(site, urls["plain-0002"], "unknown")
    assert not changed(site), "the ledger is no input where archived copies are off"
    assert tree(site.output) == before
    site.settings(title="Small news", base_url="https://news.example/", links={"archive": True})
    assert changed(site) == {"news/2026-02-28-lead/index.html"}
    copy = "https://web.archive.org/web/20260228090000/https://outlet.example/2026-02-28-lead"
    assert f'<a class="archived" href="{copy}" rel="noopener">Archived copy</a>' in page_of(site, "2026-02-28-lead")
    assert f'href="{urls["2026-02-28-lead"]}"' in page_of(site, "2026-02-28-lead")
    note(site, urls["plain-0001"], "dead")
    assert changed(site) == {"news/plain-0001/index.html"}
    note(site, urls["2026-02-28-lead"], "good")
    assert changed(site) == {"news/2026-02-28-lead/index.html"}
    assert "archive.org" not in page_of(site, "2026-02-28-lead")


def changed(site: SmallSite) -> set[str]:
    """Build, and return what got other bytes."""
    changes = build(site).changes
    return {*changes.added, *changes.changed, *changes.removed}


def test_from_check_to_page(tmp_path: Path, server: PictureServer) -> None:
    """The command finds it dead over days; the next build, by its shortcut, sees that, and a clean one is the same."""
    site = local_site(tmp_path / "site", server, archive=True)
    url = server.url("/404#part")
    site.article("lost", webUrl=url)
    for day in range(4):
        now = NOON + day * DAY
        assert run_here(site, "build", now=now).code == 0
        assert "archive.org" not in page_of(site, "lost")
        assert run_here(site, "check", "--links", now=now).code == 0
    said = run_here(site, "build", "--verify", now=now)
    assert (said.code, said.err) == (0, "verify: equal to a clean build\n")
    assert f'href="https://web.archive.org/web/20260220080000/{url}"' in page_of(site, "lost")
    assert json.loads((site.root / "links/ledger.jsonl").read_text())["state"] == "dead"
