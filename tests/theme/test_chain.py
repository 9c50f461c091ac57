"""Themes that extend others, and what a site has of its own: which file counts, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_kit import SmallSite, build, run_here, small_site

from generator.base.config import load_site
from generator.base.problems import ConfigError
from generator.theme.chain import chain_places, site_chain
from generator.theme.load import Theme, load_chain, template_digest


def site_of(root: Path, files: dict[str, str], **settings: object) -> SmallSite:
    """Write a site with these files beside its settings."""
    site = small_site(root, **settings)
    for name, text in files.items():
        site.write(name, text)
    return site


def loaded(root: Path) -> Theme:
    """Load the theme of a site."""
    return load_chain(site_chain(load_site(root)))


def mistakes(root: Path) -> list[str]:
    """Return what is said of a site's theme."""
    with pytest.raises(ConfigError) as caught:
        loaded(root)
    return [str(problem) for problem in caught.value.problems]


def test_the_first_of_the_chain_counts(tmp_path: Path) -> None:
    """The site's own file goes before the theme's, the theme's before that of the one that it extends."""
    site_of(
        tmp_path,
        {
            "themes/base/theme.toml": "[roles]\nhero.widths = [100]\nthumb.widths = [10]\n[options]\na = 1\nb = 1\n",
            "themes/base/templates/article.html": "base",
            "themes/base/templates/list.html": "base",
            "themes/base/templates/page.html": "base",
            "themes/base/assets/style.css": "base{}",
            "themes/base/assets/print.css": "base{}",
            "themes/mine/theme.toml": 'extends = "base"\n[roles.hero]\nwidths = [200]\n[options]\nb = 2\nc = 2\n',
            "themes/mine/templates/article.html": "mine",
            "themes/mine/templates/list.html": "mine",
            "themes/mine/assets/style.css": "mine{}",
            "templates/article.html": "site",
            "assets/print.css": "site{}",
        },
        theme="mine",
    )
    theme = loaded(tmp_path)
    plain = {name: text for name, text in theme.templates.items() if not name.startswith("!")}
    assert plain == {"article.html": "site", "list.html": "mine", "page.html": "base"}
    assert theme.templates["!mine/article.html"] == "mine"
    assert theme.templates["!base/article.html"] == "base"
    assert {name: asset.body for name, asset in theme.assets.items()} == {
        "print.css": b"site{}",
        "style.css": b"mine{}",
    }
    assert (theme.name, theme.path) == ("mine", "themes/mine")
    assert {name: role.widths for name, role in theme.roles.items()} == {"hero": (200,), "thumb": (10,)}
    assert {name: option.default for name, option in theme.options.items()} == {"a": 1, "b": 2, "c": 2}
    assert theme.sources["article.html"] == "templates/article.html"
    assert theme.sources["!base/article.html"] == "themes/base/templates/article.html"


def test_a_template_extends_the_one_that_it_replaces(tmp_path: Path) -> None:
    """A site changes a block of the default theme's article and has all else of it."""
    text = '{% extends "!default/article.html" %}{% block main %}<p id="ours">Ours</p>{{ super() }}{% endblock %}'
    site = site_of(tmp_path, {"templates/article.html": text})
    site.article("2026-02-20-plain")
    build(site)
    page = (site.output / "news/2026-02-20-plain/index.html").read_text()
    assert '<p id="ours">Ours</p>' in page
    assert "<h1" in page
    before = loaded(tmp_path)
    default = tmp_path / "themes/default/templates/article.html"
    default.write_text(default.read_text() + "{# changed #}")
    after = loaded(tmp_path)
    assert template_digest(before, "article.html") != template_digest(after, "article.html")
    assert template_digest(before, "list.html") == template_digest(after, "list.html")


def test_a_sites_theme_may_extend_the_bundled_one_of_its_name(tmp_path: Path) -> None:
    """`themes/default` of a site can be a few files over the bundled theme."""
    site = site_of(tmp_path, {})
    for file in sorted((tmp_path / "themes/default").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    site.write("themes/default/theme.toml", 'extends = "default"\n')
    site.write(
        "themes/default/templates/404.html", '{% extends "!default/404.html" %}{% block kind %}lost{% endblock %}'
    )
    build(site)
    assert '<main id="main" class="lost">' in (site.output / "404.html").read_text()


def test_a_new_folder_of_the_sites_is_seen_by_the_next_build(tmp_path: Path) -> None:
    """Nothing-changed looks at the folders that the site does not have yet, too."""
    site = site_of(tmp_path, {})
    site.article("2026-02-20-plain")
    assert run_here(site, "build").code == 0
    site.write("templates/404.html", "{% extends '!default/404.html' %}{% block kind %}lost{% endblock %}")
    assert run_here(site, "build").code == 0
    assert '<main id="main" class="lost">' in (site.output / "404.html").read_text()


def test_every_folder_that_counts_is_looked_at(tmp_path: Path) -> None:
    """The places hold the themes of the whole chain and the site's own folders, there or not."""
    site_of(tmp_path, {"themes/mine/theme.toml": 'extends = "default"\n'}, theme="mine")
    places = chain_places(load_site(tmp_path))
    names = ("templates", "assets", "locale", "themes/mine", "themes/default")
    assert {tmp_path / name for name in names} <= set(places)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"themes/mine/theme.toml": 'name = "Mine"\nextends = "defualt"\n'},
            "themes/mine/theme.toml:2:1: extends: there is no theme `defualt`; did you mean `default`?",
        ),
        (
            {"themes/mine/theme.toml": 'extends = "yours"\n', "themes/yours/theme.toml": 'extends = "mine"\n'},
            "themes/yours/theme.toml:1:1: extends: mine → yours → mine is a circle; a theme cannot extend itself",
        ),
        (
            {"themes/mine/theme.toml": 'extends = "mine"\n'},
            "themes/mine/theme.toml:1:1: extends: mine → mine is a circle; a theme cannot extend itself",
        ),
        (
            {"themes/mine/theme.toml": "api = 2\n"},
            "themes/mine/theme.toml:1:1: api: the theme is made for version 2 of what templates are given; "
            "this program has 1; use a newer program",
        ),
        (
            {"themes/mine/theme.toml": 'extends = "default"\n', "templates/x.html": "\udcff"},
            "templates/x.html: is not UTF-8 (invalid start byte); save it as UTF-8",
        ),
        (
            {"themes/mine/theme.toml": 'extends = "default"\n', "assets/x.css": "a { background: url(ico.svg) }"},
            "assets/x.css:1: the theme has no assets/ico.svg; did you mean `icon.svg`?",
        ),
    ],
)
def test_mistakes_are_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    """A message names the file in which the mistake is, whichever of the chain that is."""
    site = site_of(tmp_path, {}, theme="mine")
    for name, text in files.items():
        site.write(name, text.encode("utf-8", "surrogateescape"))
    assert mistakes(tmp_path) == [message]


def test_a_mistake_in_a_sites_template_names_it(tmp_path: Path) -> None:
    """The message names the site's file, not the theme's."""
    site = site_of(
        tmp_path, {"templates/404.html": '{% extends "!default/404.html" %}\n{% block kind %}{{ nope }}{% endblock %}'}
    )
    problems = build(site).problems
    assert [str(problem).split(";")[0] for problem in problems] == ["templates/404.html:2: `nope` is not there"]
