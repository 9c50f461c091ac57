"""`_redirects`, rule by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.preview.redirects import Hit, read_redirects, redirect


def led(text: str, path: str, query: str = "", *, forced: bool = False) -> Hit | None:
    """Return where the rules of a file lead."""
    rules, problems = read_redirects(text)
    assert problems == ()
    return redirect(rules, path, query, forced=forced)


@pytest.mark.parametrize(
    ("rule", "path", "hit"),
    [
        ("/a /b", "/a", Hit(301, "/b")),
        ("/a /b 302 # why", "/a", Hit(302, "/b")),
        ("/a /b", "/a/", Hit(301, "/b")),
        ("/a/ /b", "/a", Hit(301, "/b")),
        ("/a /a/", "/a", Hit(301, "/a/")),
        ("/a /a/", "/a/", None),
        ("/a /b", "/A", None),
        ("/a /b", "/a/c", None),
        ("/a /b", "/ab", None),
        ("/ /b", "/", Hit(301, "/b")),
        ("/a/* /b/:splat 303", "/a/c/d", Hit(303, "/b/c/d")),
        ("/a/* /b/:splat", "/a", Hit(301, "/b/")),
        ("/a/* /b/:splat", "/a/", Hit(301, "/b/")),
        ("/a/* /b/:splat", "/ab", None),
        ("/a/*/c /b/:splat", "/a/x/y/c", Hit(301, "/b/x/y")),
        ("/* /404.html 404", "/x", Hit(404, "/404.html")),
        ("/* https://new.example/:splat 308", "/x/y", Hit(308, "https://new.example/x/y")),
        ("/news/:year/:title /:title/:year 307", "/news/2026/x", Hit(307, "/x/2026")),
        ("/news/:year /y", "/news/", None),
        ("/news/:year /y", "/news/a/b", None),
        ("/app/* /app/index.html 200", "/app/x", Hit(200, "/app/index.html")),
        ("/gr%C3%B6%C3%9Fe /b", "/größe", Hit(301, "/b")),
        ("/gr%C3%B6%C3%9Fe/* /b/:splat", "/größe/größe", Hit(301, "/b/gr%C3%B6%C3%9Fe")),
        ("/a%3Ab%2Ac /b", "/a:b*c", Hit(301, "/b")),
        ("/a.b /b", "/axb", None),
        ("/a /b#part", "/a", Hit(301, "/b#part")),
    ],
)
def test_a_rule_leads(rule: str, path: str, hit: Hit | None) -> None:
    """Exact addresses, splats and places lead where Netlify leads; a rule never leads to the address that was asked."""
    assert led(rule, path) == hit


def test_the_first_rule_that_fits_wins() -> None:
    """Rules are read from the top; forced ones are asked for on their own."""
    text = "# rules\n\n/a /first\n/a /second\n/a /third 302!\n"
    assert led(text, "/a") == Hit(301, "/first")
    assert led(text, "/a", forced=True) == Hit(302, "/third")


def test_queries() -> None:
    """A query goes on with the address; a rule can ask for parameters and put them into the target."""
    assert led("/a /b#c", "/a", "x=1&y=2") == Hit(301, "/b?x=1&y=2#c")
    assert led("/a /b?z=1", "/a", "x=1") == Hit(301, "/b?z=1")
    rules = "/shop id=:id kind=book /books/:id\n/shop id=:id /things/:id\n"
    assert led(rules, "/shop", "id=7&kind=book") == Hit(301, "/books/7")
    assert led(rules, "/shop", "id=a%2Fb&kind=x") == Hit(301, "/things/a/b")
    assert led(rules, "/shop", "kind=book") is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/a", "leads nowhere"),
        ("/a b", "leads nowhere"),
        ("/a /b 999", "999 is no status of a rule"),
        ("/a /b 301 Country=ch", "preview does not know the condition Country=ch"),
        ("/a /b Language=de", "preview does not know the condition Language=de"),
        ("/a https://b.example/ 200", "preview asks no other server"),
        ("https://a.example/* /b", "the rule is for another host"),
        ("a /b", "'a' is no address of a rule"),
        ("/:x/:x /b", "'/:x/:x' is no address of a rule"),
        ("/a/*/b/* /b", "'/a/*/b/*' is no address of a rule"),
    ],
)
def test_what_is_passed_over_is_said(line: str, message: str) -> None:
    """A line that cannot be followed is a warning with its number, its text and a hint; the others hold."""
    rules, problems = read_redirects(f"/x /y\n{line}\n/z /y\n")
    assert len(rules) == 2
    (problem,) = problems
    assert (problem.severity, problem.path, problem.line, problem.text) == ("warning", "_redirects", 2, line)
    assert problem.message == message
    assert problem.hint


@given(st.text(), st.text(max_size=30), st.text(max_size=20))
def test_any_file_can_be_read(text: str, path: str, query: str) -> None:
    """No file and no address raises."""
    rules, _ = read_redirects(text)
    redirect(rules, f"/{path}", query, forced=False)


@given(st.text(max_size=30))
def test_no_address_leads_to_another_site_or_header(rest: str) -> None:
    """What is taken from an address makes neither another host nor another line."""
    hit = redirect(read_redirects("/old/* /:splat")[0], f"/old/{rest}", "", forced=False)
    if hit:
        assert not hit.location.startswith("//")
        assert hit.location.isascii()
        assert hit.location.isprintable()
