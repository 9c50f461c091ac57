"""Themes: what is read of them, which mistakes are named, and what each template depends on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.base.imaging import Role
from generator.base.problems import ConfigError
from generator.theme.load import Theme, asset_outputs, check_options, load_theme, template_digest
from generator.theme.templates import TemplateProblem

DEFAULT = Path(__file__).parents[2] / "themes" / "default"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write a theme named `paper` into `folder`."""
    for name, body in ({"theme.toml": ""} | files).items():
        file = folder / "paper" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body if isinstance(body, bytes) else body.encode())
    return folder / "paper"


def theme(folder: Path, **templates: str) -> Theme:
    """Return a theme with these templates and one asset."""
    files: dict[str, str | bytes] = {f"templates/{name}.html": text for name, text in templates.items()}
    return load_theme(write(folder, files | {"assets/a.css": "a{}", "assets/b.css": "b{}"}))


def mistakes(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    """Return the messages that a theme of these files gives."""
    with pytest.raises(ConfigError) as caught:
        load_theme(write(folder, files))
    return [str(problem) for problem in caught.value.problems]


# -- theme.toml ----------------------------------------------------------------------------------------------------


def test_roles_and_options(tmp_path: Path) -> None:
    """Widths are sorted, an aspect is a shape or a number, a list of texts is an option with choices."""
    toml = """
        name = "Paper"
        [roles.hero]
        widths = [800, 400, 800]
        aspect = "16:9"
        sizes = "50vw"
        [roles.logo]
        widths = [48]
        aspect = 1
        [options]
        accent = ["red", "blue"]
        dense = false
    """
    loaded = load_theme(write(tmp_path, {"theme.toml": toml}))
    assert loaded.name == "Paper"
    assert loaded.path == "themes/paper"
    assert loaded.roles == {"hero": Role("hero", (400, 800), 16 / 9, "50vw"), "logo": Role("logo", (48,), 1.0, "100vw")}
    assert check_options(loaded, {}) == {"accent": "red", "dense": False}
    assert check_options(loaded, {"accent": "blue"}) == {"accent": "blue", "dense": False}


def test_every_mistake_in_the_theme_is_named_at_once(tmp_path: Path) -> None:
    """Roles' mistakes, an unreadable template and a dead reference of a style sheet come in one list, with lines."""
    toml = '[roles.hero]\nwidths = [0, 800]\naspect = "wide"\nsize = "1"\n[roles.card]\nsizes = 3\n'
    files: dict[str, str | bytes] = {
        "theme.toml": toml,
        "templates/a.html": b"\xff",
        "assets/style.css": "p{}\nq{background:url(img/bog.svg)}",
        "assets/img/bg.svg": "",
    }
    assert mistakes(tmp_path, files) == [
        "themes/paper/assets/style.css:2: the theme has no assets/img/bog.svg; did you mean `img/bg.svg`?",
        "themes/paper/templates/a.html: is not UTF-8 (invalid start byte); save it as UTF-8",
        "themes/paper/theme.toml:2:1: roles.hero.widths: has to be a list of widths in pixels; widths = [480, 960]",
        "themes/paper/theme.toml:3:1: roles.hero.aspect: 'wide' is no shape; "
        'aspect = "16:9", or width ÷ height, or 0 for its own',
        "themes/paper/theme.toml:4:1: roles.hero.size: is not known; did you mean `sizes`?",
        "themes/paper/theme.toml:5:1: roles.card.widths: has to be a list of widths in pixels; widths = [480, 960]",
        'themes/paper/theme.toml:6:1: roles.card.sizes: has to be text; sizes = "(min-width: 60rem) 50vw, 100vw"',
    ]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("name = x\n", "themes/paper/theme.toml:1:8: is not TOML: Invalid value; see https://toml.io"),
        ("[role]\n", "themes/paper/theme.toml:1:1: role: is not a setting; did you mean `roles`?"),
    ],
)
def test_theme_toml_itself(tmp_path: Path, toml: str, message: str) -> None:
    """Wrong syntax and unknown keys are named with their place."""
    assert mistakes(tmp_path, {"theme.toml": toml}) == [message]


def test_a_folder_without_theme_toml(tmp_path: Path) -> None:
    """A folder that is no theme is a problem, not a traceback."""
    with pytest.raises(ConfigError, match=r"themes/paper/theme.toml: there is no such file"):
        load_theme(tmp_path / "paper")


def test_a_site_names_options_that_the_theme_does_not_have(tmp_path: Path) -> None:
    """Unknown names, wrong types and values out of the choice are named with their line in site.toml."""
    toml = '[options]\naccent = ["red", "blue"]\ndense = false\ncolumns = 3\nratio = 1.5\n'
    loaded = load_theme(write(tmp_path, {"theme.toml": toml}))
    given = {"acent": "red", "accent": "pink", "dense": 1, "columns": True, "ratio": 2}
    text = "[options]\n" + "".join(f"{name} = 0\n" for name in given)
    with pytest.raises(ConfigError) as caught:
        check_options(loaded, given, text)
    assert [str(problem) for problem in caught.value.problems] == [
        "site.toml:2:1: options.acent: the theme paper has no such option; did you mean `accent`?",
        "site.toml:3:1: options.accent: 'pink' is not one of the theme's; choose one of: red, blue",
        "site.toml:4:1: options.dense: 1 is not true or false; the theme's own is False",
        "site.toml:5:1: options.columns: True is not a whole number; the theme's own is 3",
    ]


# -- assets --------------------------------------------------------------------------------------------------------


def published(folder: Path, files: dict[str, str | bytes]) -> dict[str, tuple[str, bytes]]:
    """Return what is published of these assets."""
    return asset_outputs(load_theme(write(folder, {f"assets/{name}": body for name, body in files.items()})))


def test_a_changed_font_renames_the_style_sheet(tmp_path: Path) -> None:
    """A style sheet names what it refers to by digest, so its own name follows their bytes."""
    sheet = "@font-face{src:url('../fonts/a.woff2?x#y')}"
    files: dict[str, str | bytes] = {"css/style.css": sheet, "fonts/a.woff2": "1"}
    before = published(tmp_path / "1", files)
    after = published(tmp_path / "2", files | {"fonts/a.woff2": b"2"})
    assert re.fullmatch(r"assets/fonts/a-[0-9a-f]{16}\.woff2", before["fonts/a.woff2"][0])
    font = before["fonts/a.woff2"][0].removeprefix("assets/")
    assert before["css/style.css"][1].decode() == f"@font-face{{src:url('../{font}?x#y')}}"
    assert before["css/style.css"][0] != after["css/style.css"][0]


def test_references_that_are_none(tmp_path: Path) -> None:
    """Comments, texts, addresses elsewhere and data stay as they are; imports are followed."""
    sheet = (
        '/* url(gone.png) */ a{content:"url(gone.png)";b:url(https://x.example/a.png);c:url(#d);'
        "e:url(data:image/png;base64,AA);f:url(/images/x.png)}"
    )
    outputs = published(tmp_path, {"a.css": sheet, "b.css": '@import "a.css"; @import url(a.css);'})
    assert outputs["a.css"][1].decode() == sheet
    name = outputs["a.css"][0].removeprefix("assets/")
    assert outputs["b.css"][1].decode() == f'@import "{name}"; @import url({name});'


def test_style_sheets_in_a_circle(tmp_path: Path) -> None:
    """A circle of imports is named once a sheet, not followed for ever."""
    files: dict[str, str | bytes] = {"assets/a.css": "@import 'b.css';", "assets/b.css": "\n@import 'a.css';"}
    assert mistakes(tmp_path, files) == [
        "themes/paper/assets/b.css:2: a.css → b.css → a.css is a circle; a style sheet cannot import itself"
    ]


def test_files_that_are_no_part_of_a_theme(tmp_path: Path) -> None:
    """Hidden files, editors' backups and links are passed over."""
    folder = write(tmp_path, {"assets/a.css": "", "assets/.a.css.swp": "", "assets/a.css~": "", "assets/.git/x": ""})
    (folder / "assets" / "leak").symlink_to("/etc/hosts")
    assert list(load_theme(folder).assets) == ["a.css"]


# -- what a template depends on ------------------------------------------------------------------------------------

CHAIN = {
    "page": '{% extends "base.html" %}{{ fragment("card.html", card, style="row") }}',
    "base": '{% include "head.html" %}{% from "macros.html" import chip %}{{ asset("a.css") }}',
    "head": "head",
    "macros": "{% macro chip() %}{{ fragment('deep.html', x) }}{% endmacro %}",
    "card": "card",
    "deep": "deep",
    "other": "other",
}


@pytest.mark.parametrize("changed", ["page", "base", "head", "macros", "card", "deep"])
def test_a_change_anywhere_below_a_template_changes_its_digest(tmp_path: Path, changed: str) -> None:
    """What is extended, included, imported or rendered as a fragment counts, however deep."""
    before = template_digest(theme(tmp_path / "1", **CHAIN), "page.html")
    after = template_digest(theme(tmp_path / "2", **(CHAIN | {changed: CHAIN[changed] + "!"})), "page.html")
    assert before != after


def test_an_unrelated_change_does_not(tmp_path: Path) -> None:
    """Templates and assets that a template does not use do not count; nor does the theme's folder."""
    before = theme(tmp_path / "1", **CHAIN)
    after = theme(tmp_path / "2", **(CHAIN | {"other": "changed", "new": "new"}))
    assert template_digest(before, "page.html") == template_digest(after, "page.html")
    assert before.digest != after.digest


def test_an_asset_that_a_template_links_counts(tmp_path: Path) -> None:
    """A page holds the digest names of its assets, so they are part of its digest, and others are not."""
    folder = write(tmp_path, {f"templates/{name}.html": text for name, text in CHAIN.items()})
    write(tmp_path, {"assets/a.css": "a{}", "assets/b.css": "b{}"})
    one = template_digest(load_theme(folder), "page.html")
    (folder / "assets" / "b.css").write_text("b{c:d}")
    assert template_digest(load_theme(folder), "page.html") == one
    (folder / "assets" / "a.css").write_text("a{b:c}")
    assert template_digest(load_theme(folder), "page.html") != one


@pytest.mark.parametrize(
    "dynamic",
    [
        "{% include name %}",
        "{% extends base %}",
        '{% include ["head.html", name] %}',
        "{{ fragment(name, card) }}",
        "{% set draw = fragment %}{{ draw('x.html', card) }}",
    ],
)
def test_a_computed_name_makes_the_whole_theme_the_dependency(tmp_path: Path, dynamic: str) -> None:
    """What cannot be known is taken to be everything."""
    templates = {"page": dynamic, "head": "head", "other": "other"}
    before = template_digest(theme(tmp_path / "1", **templates), "page.html")
    after = template_digest(theme(tmp_path / "2", **(templates | {"other": "changed"})), "page.html")
    assert before != after


def test_an_include_that_may_be_missing_counts_once_it_is_there(tmp_path: Path) -> None:
    """`ignore missing` is a dependency on a file that may come."""
    page = {"page": '{% include "maybe.html" ignore missing %}'}
    before = template_digest(theme(tmp_path / "1", **page), "page.html")
    after = template_digest(theme(tmp_path / "2", **page, maybe="here"), "page.html")
    assert before != after


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n{% if x %}", "themes/paper/templates/page.html:2: Unexpected end of template."),
        ('\n{% include "hed.html" %}', "themes/paper/templates/page.html:2: the theme has no templates/hed.html; "),
        ('\n\n{{ asset("c.css") }}', "themes/paper/templates/page.html:3: the theme has no assets/c.css; "),
        ('{{ fragment("hed.html", x) }}', ":1: the theme has no templates/hed.html; did you mean `head.html`?"),
    ],
)
def test_a_template_that_cannot_work_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """Syntax errors and names of files that are not there are found before anything is rendered."""
    with pytest.raises(TemplateProblem) as caught:
        template_digest(theme(tmp_path, page=text, head="head"), "page.html")
    assert message in str(caught.value)


def test_a_view_without_a_template(tmp_path: Path) -> None:
    """A template that the theme lacks is a problem too."""
    with pytest.raises(TemplateProblem, match=r"templates/front.html: the theme does not have this file"):
        template_digest(theme(tmp_path, page=""), "front.html")


def test_the_default_theme_is_exact_about_its_dependencies() -> None:
    """No name in the default theme is computed, so an edit makes no more pages again than it has to."""
    loaded = load_theme(DEFAULT)
    before = {name: template_digest(loaded, name) for name in loaded.templates}
    texts = loaded.templates | {"parts/timeline.html": "changed"}
    changed = Theme(loaded.name, loaded.path, loaded.sources, loaded.roles, loaded.options, texts, loaded.assets, b"")
    after = {name: template_digest(changed, name) for name in loaded.templates}
    assert {name for name in before if before[name] != after[name]} == {"article.html", "parts/timeline.html"}
