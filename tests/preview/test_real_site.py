"""A real build, previewed: what a browser is given is what was built, and the policies of a real theme hold."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect
from preview_kit import ERROR, PATIENCE, MemorySite, Running, running
from site_kit import REPOSITORY, SmallSite, build, full_site, tree
from test_client import browser

from generator.preview.inject import inject
from generator.preview.media import is_page

__all__ = ["browser"]  # the fixture


@pytest.fixture(scope="module", params=["/", "/blog/"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Build a site that has something of everything with the bundled theme, and preview the output."""
    root = tmp_path_factory.mktemp("real") / "site"
    site = full_site(root, base_url=f"https://news.example{request.param}", theme=str(REPOSITORY / "themes/default"))
    build(site)
    with running(MemorySite(built(site), request.param)) as started:
        yield started


def built(site: SmallSite) -> dict[str, bytes]:
    """Return what a build wrote."""
    return {path: data for path, data in tree(site.output).items() if not path.startswith(".broadsheet")}


def test_every_output_is_served_as_built(server: Running) -> None:
    """Each output is at its address with the bytes of the build, pages with one script more; rules are not shown."""
    connection = http.client.HTTPConnection("127.0.0.1", server.preview.port, timeout=PATIENCE)
    for output, page in server.site.outputs.items():
        connection.request("GET", server.site.base_path + quote(output.removesuffix("index.html")))
        response = connection.getresponse()
        got = response.read()
        if output in ("_headers", "_redirects"):
            assert (response.status, got) == (404, inject_of(server, "404.html")), output
        else:
            assert response.status == 200, output
            assert got == (inject_of(server, output) if is_page(output) else page.data), output
    connection.close()


def inject_of(server: Running, output: str) -> bytes:
    """Return a page with the script in it."""
    page = server.site.outputs[output]
    return inject(page.data, page.digest)


def test_the_builds_own_rules_are_understood(server: Running) -> None:
    """What a build writes into `_headers` and `_redirects` is followed, and nothing in it is passed over."""
    base = server.site.base_path
    assert b'"_redirects"' not in server.ask("/_broadsheet/state.json").body
    assert b'"_headers"' not in server.ask("/_broadsheet/state.json").body
    assert server.site.outputs["_redirects"].data
    asset = next(output for output in server.site.outputs if output.startswith("assets/"))
    assert "immutable" in server.ask(base + asset).headers["cache-control"]
    page = server.ask(base).headers
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert page["cache-control"] == "no-cache"


def test_policies_hold(server: Running, browser: Browser, tmp_path: Path) -> None:
    """On each kind of page preview shows all that it has; the theme's policy, sent and written, refuses none of it."""
    server.site.found = (ERROR,)
    server.site.held = {f"{server.site.base_path}news/2026-02-28-lead/": "draft"}
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("", "news/", "news/2026-02-28-lead/", "topics/", "providers/", "archive/", "about/", "404.html"):
        page.goto(server.url + path)
        expect(page.get_by_role("alert")).to_contain_text(ERROR.message)
        page.keyboard.press("Escape")
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(page.get_by_role("region", name="Preview")).to_have_css("position", "fixed")
        page.evaluate("sessionStorage.clear()")
    page.goto(server.url)
    expect(page.locator("broadsheet-preview .badge").first).to_have_text("draft")
    assert said == []
    context.close()
    server.site.found, server.site.held = (), {}
