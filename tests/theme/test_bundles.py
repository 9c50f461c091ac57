"""Style sheets and scripts in parts, and as small as they can be: what is put together of a chain, and from what."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from site_kit import SmallSite, build, small_site

from generator.base.config import load_site
from generator.base.problems import ConfigError
from generator.theme.assets import Part, bundle_of
from generator.theme.chain import site_chain
from generator.theme.load import load_chain
from generator.theme.minify import minified


def bodies(root: Path, files: dict[str, str]) -> dict[str, str]:
    """Return what is published for a site with these files whose theme `mine` extends `base`, by asset."""
    site = small_site(root, theme="mine")
    themes = {"themes/base/theme.toml": "", "themes/mine/theme.toml": 'extends = "base"\n'}
    for name, text in (themes | files).items():
        site.write(name, text)
    theme = load_chain(site_chain(load_site(root)))
    return {name: asset.body.decode() for name, asset in theme.assets.items()}


BASE = {"themes/base/assets/style.css/10-text.css": "p{}", "themes/base/assets/style.css/20-cards.css": "q{}"}


@pytest.mark.parametrize(
    ("files", "whole"),
    [
        ({}, "p{}\nq{}"),
        ({"assets/style.css/20-cards.css": "own{}"}, "p{}\nown{}"),
        ({"themes/mine/assets/style.css/15-mine.css": "mine{}"}, "p{}\nmine{}\nq{}"),
        ({"themes/mine/assets/style.css": "mine{}", "assets/style.css/own.css": "own{}"}, "mine{}\nown{}"),
        ({"assets/style.css": "own{}"}, "own{}"),
        ({"themes/mine/assets/style.css/deep/a.css": "d{}", "assets/style.css/README.md": "?"}, "p{}\nq{}\nd{}"),
    ],
    ids=["as it is", "a part replaced", "a part added", "a part added to a file", "a file for all", "other files"],
)
def test_a_folder_is_one_style_sheet(tmp_path: Path, files: dict[str, str], whole: str) -> None:
    """A folder with a style sheet's name is that sheet: its files in the order of their names, through the chain."""
    found = bodies(tmp_path, BASE | files)
    assert found["style.css"] == whole
    assert set(found) - {"style.css"} == ({"style.css/README.md"} if "assets/style.css/README.md" in files else set())


def test_a_folder_is_one_script(tmp_path: Path) -> None:
    """Parts of a script are kept apart, whatever the last line of one is."""
    parts = {"assets/site.js/a.js": "f() // the first", "assets/site.js/b.js": "(() => g())()"}
    assert bodies(tmp_path, parts)["site.js"] == "f() // the first\n;\n(() => g())()"
    assert bundle_of("site.js/a.css") == "site.js/a.css"


def test_what_a_part_refers_to(tmp_path: Path) -> None:
    """Addresses in a part mean what they would in the whole; a mistake is named in the part that has it."""
    dot = {"assets/dot.svg": "<svg/>", "assets/style.css/30.css": "b{background:url(dot.svg)}"}
    assert "url(dot-" in bodies(tmp_path / "1", BASE | dot)["style.css"]
    wrong = {"assets/style.css/30.css": '\n@import "x.css";\nb{background:url(bog.svg)}', "assets/x.css": ""}
    with pytest.raises(ConfigError) as caught:
        bodies(tmp_path / "2", BASE | wrong)
    assert [str(problem) for problem in caught.value.problems] == [
        "assets/style.css/30.css:2: an @import in a later part of a style sheet is ignored by browsers; make it a part",
        "assets/style.css/30.css:3: the theme has no assets/bog.svg; there are: style.css, x.css",
    ]


# -- small -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "small"),
    [
        ("a.css", "/* why */\n.a {\n  .b :hover { color: red; }\n}\n", ".a{.b :hover{color:red}}"),
        ("a.css", "a{b:c", "a{b:c"),
        ("a.js", "{\n  // why\n  const longer = `a\n  b`\n  f(longer)\n}\n", "{const e=`a\n  b`;f(e)}"),
    ],
)
def test_what_only_people_read_is_left_out(name: str, text: str, small: str) -> None:
    """Comments and white space go; what a browser makes of it stays, in nested rules, too."""
    assert minified(name, Part(name, text.encode())).decode() == small


def test_without_the_library_an_asset_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra `minify` is not needed to build."""
    monkeypatch.setitem(sys.modules, "minify", None)
    assert minified("a.css", Part("a.css", b"a { b: c }")) == b"a { b: c }"


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("a.js", b"f();\nf(;", "a.js:2:3: is not application/javascript: unexpected ; in expression; correct it"),
        ("a.css", b"a { b: \xff }", "a.css: is not UTF-8 (invalid start byte); save it as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named(name: str, body: bytes, message: str) -> None:
    """A script or style sheet that cannot be read is a problem with its place."""
    with pytest.raises(ConfigError) as caught:
        minified(name, Part(name, body))
    assert [str(problem) for problem in caught.value.problems] == [message]


def test_a_part_is_made_smaller_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build in which no asset changed does not ask the library; an edit of a part asks for that part alone."""
    asked: list[str] = []

    def counted(name: str, part: Part) -> bytes:
        asked.append(part.source)
        return minified(name, part)

    monkeypatch.setattr("generator.drafting.minified", counted)
    site = small_site(tmp_path)
    site.write("assets/own.css/1.css", "p { color: red }")
    site.write("assets/own.css/2.css", "q { color: red }")
    site.write("templates/404.html", '<link rel="stylesheet" href="{{ asset("own.css") }}">')
    build(site)
    assert {"assets/own.css/1.css", "assets/own.css/2.css"} <= set(asked)
    asked.clear()
    site.article("2026-02-20-new")
    build(site)
    assert asked == []
    before = sheet(site)
    site.write("assets/own.css/2.css", "q { color: blue }")
    build(site)
    assert asked == ["assets/own.css/2.css"]
    assert (before, sheet(site)) == ("p{color:red}\nq{color:red}", "p{color:red}\nq{color:blue}")


def sheet(site: SmallSite) -> str:
    """Return what the site's 404 page links."""
    page = (site.output / "404.html").read_text()
    return (site.output / page.split('href="/')[1].split('"')[0]).read_text()
