"""The documents say what the code does: modules, settings, fields, commands, views, examples."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

import click
import jinja2
import msgspec
import pytest
from site_kit import NOON, REPOSITORY, SmallSite, build, full_site, run_here

from generator.base.config import Outputs, Ranking, Settings, read_settings
from generator.base.deploy_settings import Afterwards, Caching, DeployTarget, Target
from generator.base.image_settings import ImageSettings
from generator.base.link_settings import LinkSettings
from generator.base.record import Record
from generator.cli import terminal
from generator.cli.main import COMMANDS, load_command
from generator.content import article, desk
from generator.links.account import STATES, Row
from generator.theme import parts, views
from generator.theme.load import load_theme
from generator.theme.render import Renderer

DOCUMENTS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/adr/*.md", "benchmarks/*.md")
    for path in REPOSITORY.glob(pattern)
)
DEFINED = {
    kind.__name__: kind
    for kind in (*vars(parts).values(), *vars(views).values())
    if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
}
PAGES = [kind for kind in DEFINED.values() if issubclass(kind, views.View) and kind is not views.View]


# -- reading documents -------------------------------------------------------------------------------------------------


def text_of(document: str) -> str:
    """Return a document's text."""
    return (REPOSITORY / document).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one of its rank or a higher one."""
    rank = heading.partition(" ")[0]
    after = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(rank)}}} ", after)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row, heads and rules left out."""
    found = []
    lines = text.split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_rule = re.fullmatch(r"\|( ?-+ ?\|)+", line)
        is_head = re.fullmatch(r"\|( ?-+ ?\|)+", following)
        if line.startswith("|") and not is_rule and not is_head:
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


def names(text: str, column: int = 0) -> list[str]:
    """Return what stands in backticks in a column of the tables, in order."""
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[column])]


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def without_code(text: str) -> str:
    """Return a text without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


# -- the house ---------------------------------------------------------------------------------------------------------


def test_each_modules_first_line_stands_in_the_architecture() -> None:
    """ARCHITECTURE.md names every module, with the first line of its docstring, and no other."""
    modules = {}
    for file in (REPOSITORY / "generator").rglob("*.py"):
        doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        if doc or file.name != "__init__.py":
            modules[file.relative_to(REPOSITORY).as_posix()] = (doc or "").split("\n")[0]
    told = {
        row[0].strip("`"): row[1]
        for row in rows(section(text_of("ARCHITECTURE.md"), "## The house"))
        if row[0].startswith("`generator/")
    }
    assert told == modules


def test_the_architecture_draws_the_house_in_the_contracts_order() -> None:
    """The drawing names the rooms from top to bottom as the import contract does."""
    drawing = blocks(section(text_of("ARCHITECTURE.md"), "## The house"), "")[0]
    floors = [line for line in drawing.splitlines() if line.startswith(("├", "└"))]
    drawn = re.findall(r"\b(\w+)(?:/|\.py)(?= )", "\n".join(floors))
    contract = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = [sorted(name.strip().removeprefix("generator.") for name in layer.split("|")) for layer in contract]
    assert drawn == [name for layer in layers for name in layer]


def test_the_architecture_draws_rooms_within_rooms() -> None:
    """Below a room the drawing names the packages in it, and no others."""
    drawing = blocks(section(text_of("ARCHITECTURE.md"), "## The house"), "")[0]
    packages = {
        file.parent.relative_to(REPOSITORY / "generator") for file in REPOSITORY.glob("generator/*/*/__init__.py")
    }
    assert sorted(re.findall(r"^│.*? (\w+)/ ", drawing, re.MULTILINE)) == sorted(path.name for path in packages)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_is_there(document: str) -> None:
    """Files that a document names in backticks exist, and so do the tests."""
    text = without_code(text_of(document))
    wanted = set(re.findall(r"`((?:generator|themes|tests|docs|benchmarks)/[\w./-]+)`", text))
    assert [path for path in sorted(wanted) if not (REPOSITORY / path).exists()] == []
    for file, tests in re.findall(r"`(tests/[\w/]+\.py)`: ((?:`test_\w+`(?:, )?)+)", text):
        there = set(re.findall(r"^def (test_\w+)", text_of(file), re.MULTILINE))
        assert [test for test in re.findall(r"`(\w+)`", tests) if test not in there] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """A relative link leads to a file, and its fragment to a heading there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(document))):
        parts = urlsplit(target)
        if parts.scheme:
            continue
        file = (REPOSITORY / document).parent / parts.path if parts.path else REPOSITORY / document
        assert file.exists() or target.startswith("/"), target
        if parts.fragment:
            assert parts.fragment in _fragments(file.read_text(encoding="utf-8")), target


def _fragments(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_has_every_target_that_is_named(document: str) -> None:
    """Each `make x` in a document is a target of the Makefile."""
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([\w-]+)", text_of(document), re.MULTILINE)) <= targets


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("## Settings", Settings),
        ("## `[ranking]`", Ranking),
        ("## `[outputs]`", Outputs),
        ("## `[images]`", ImageSettings),
        ("## `[links]`", LinkSettings),
        ("### `[deploy.NAME.caching]`", Caching),
        ("### `[deploy.NAME.afterwards]`", Afterwards),
    ],
)
def test_every_setting_is_told(heading: str, kind: type[msgspec.Struct]) -> None:
    """docs/site-toml.md has each setting with its type and default, in the code's sense, and nothing else."""
    table = rows(section(text_of("docs/site-toml.md"), heading))
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    assert sorted(row[0].strip("`") for row in table) == sorted(fields)
    for name, kind_told, default, *_ in table:
        field = fields[name.strip("`")]
        value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        if not isinstance(value, msgspec.Struct):
            assert tomllib.loads(f"x = {default.strip('`')}")["x"] == json.loads(json.dumps(value)), name
        assert kind_told == _told_type(value), name


def test_every_setting_of_a_target_is_told() -> None:
    """docs/site-toml.md has the settings that all targets share, and those of each type."""
    text = text_of("docs/site-toml.md")
    shared = set(DeployTarget.__struct_fields__)
    tables = {"## `[deploy.NAME]`": (DeployTarget, {"type"} | shared)}
    for kind in get_args(Target):
        tables[f'### `type = "{kind.__struct_config__.tag}"`'] = (kind, set(kind.__struct_fields__) - shared)
    for heading, (kind, wanted) in tables.items():
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        table = {row[0].strip("`"): row for row in rows(section(text, heading).partition("\n### ")[0])}
        assert table.keys() == wanted
        for name in wanted - {"type", "afterwards", "caching"}:
            field, told = fields[name], table[name][2]
            assert told == ("required" if field.required else f"`{json.dumps(field.default)}`"), name


def _told_type(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", tuple: "list of texts", float: "number", int: "whole number"}
    return kinds.get(type(value), "table")


def test_the_readme_names_every_setting() -> None:
    """README.md lists all of them in one sentence."""
    sentence = re.search(r"All settings: (.*?)\. ", text_of("README.md").replace("\n", " "))
    assert sentence
    told = [name.strip("`[]") for name in sentence[1].split(", ")]
    assert sorted(told) == sorted(Settings.__struct_fields__)


@pytest.mark.parametrize("document", ["README.md", "docs/site-toml.md", "docs/deploy.md"])
def test_examples_of_settings_are_good(document: str) -> None:
    """Each example of a `site.toml` is one that can be read."""
    for example in blocks(text_of(document), "toml"):
        assert read_settings(example).title


# -- content -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("## An article", article.KNOWN | {"secured"}),
        ("## Topics", desk._TOPIC),
        ("## Outlets", desk._PROVIDER),
        ("## Pages", desk._PAGE),
    ],
)
def test_every_field_is_told(heading: str, known: frozenset[str] | list[str]) -> None:
    """docs/content.md has each field that a file may have, and nothing else."""
    assert sorted(names(section(text_of("docs/content.md"), heading))) == sorted(known)


def test_the_readmes_site_builds(tmp_path: Path) -> None:
    """The `site.toml` and the article of README.md make a site without a problem."""
    site = _site_of("README.md", "content/news/2024-01-20-slim-lands.md", tmp_path)
    site.write("site.toml", blocks(text_of("README.md"), "toml")[0])
    done = build(site)
    assert done.problems == ()
    page = (site.output / "news/2024-01-20-slim-lands/index.html").read_text(encoding="utf-8")
    assert "SLIM lands on the Moon, on its nose" in page
    assert "Japan&#39;s Moon lander comes back to life" in page
    assert "<em>your</em> commentary" in page


def test_the_article_of_the_content_document_builds(tmp_path: Path) -> None:
    """The article of docs/content.md makes a page without a problem, at the address that the document says."""
    site = _site_of("docs/content.md", "content/news/2025-06-23-first-light.md", tmp_path)
    site.write("site.toml", "")
    assert build(site).problems == ()
    assert (site.output / "news/2025-06-23-first-light/index.html").is_file()


def _site_of(document: str, path: str, root: Path) -> SmallSite:
    site = SmallSite(root)
    site.write(path, blocks(text_of(document), "markdown")[0])
    return site


# -- commands ----------------------------------------------------------------------------------------------------------


def test_every_command_is_told() -> None:
    """README.md and docs/commands.md have each command, and no other."""
    commands = sorted(COMMANDS)
    assert sorted(re.findall(r"^## `broadsheet (\w+)`$", text_of("docs/commands.md"), re.MULTILINE)) == commands
    told = section(text_of("README.md"), "## The command")
    assert sorted(name.split()[1] for name in names(told)) == commands


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_told(command: str) -> None:
    """docs/commands.md has each option and argument of a command as its help names it, and no other."""
    told = names(section(text_of("docs/commands.md"), f"## `broadsheet {command}`"))
    assert sorted(name.split()[0].replace("\\", "") for name in told) == sorted(_parameters(load_command(command)))


def _parameters(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            if not parameter.hidden:
                yield parameter.opts[0]
        else:
            yield parameter.metavar or str(parameter.name).upper()


def test_every_exit_code_is_told() -> None:
    """docs/commands.md has the exit codes that the command ends with."""
    told = [int(row[0]) for row in rows(section(text_of("docs/commands.md"), "## Exit codes"))]
    assert told == [terminal.GOOD, terminal.SITE_ERROR, terminal.USAGE, terminal.BUG, 130]


def test_every_key_of_the_report_is_told(tmp_path: Path) -> None:
    """docs/commands.md has each key of the JSON report, and no other."""
    site = full_site(tmp_path)
    site.article("2026-02-20-odd", titel="no field")
    report = json.loads(run_here(site, "build", "--json", now=NOON).out)
    told = names(section(text_of("docs/commands.md"), "## The JSON report"))
    assert sorted(told) == sorted(_keys(report))
    without_output = json.loads(run_here(site, "check", "--json", now=NOON).out)
    assert sorted(_keys(without_output)) == sorted(set(told) - {"output"})
    assert without_output["outputs"] == without_output["pages"] == without_output["pictures"] == 0


def test_every_state_of_a_link_is_told() -> None:
    """docs/links.md has each state, and each key of a row of the report."""
    text = text_of("docs/links.md")
    assert names(section(text, "## What is said of a link")) == list(STATES)
    told = names(section(text, "## The report as JSON"))
    assert told == ["links.counts", *(f"links.rows[].{name}" for name in Row._fields)]


def test_every_key_of_the_report_of_a_deploy_is_told(tmp_path: Path) -> None:
    """docs/commands.md has each key of what a deploy prints as JSON, and no other."""
    target = {"live": {"type": "folder", "path": str(tmp_path / "www")}}
    site = full_site(tmp_path / "site", base_url="https://news.test/", deploy=target)
    report = json.loads(run_here(site, "deploy", "--json", now=NOON).out)
    told = names(section(text_of("docs/commands.md"), "## The JSON report of a deploy"))
    assert report["warnings"] == []
    assert sorted(told) == sorted(_keys(report) | {"warnings"})


def _keys(report: dict[str, Any]) -> set[str]:
    keys = set()
    for name, value in report.items():
        if isinstance(value, dict):
            keys |= {f"{name}.{inner}" for inner in value}
        elif isinstance(value, list):
            keys |= {f"{name}[].{inner}" for row in value for inner in row}
        else:
            keys.add(name)
    return keys


# -- themes ------------------------------------------------------------------------------------------------------------


def test_every_view_is_told() -> None:
    """docs/themes.md has each record that templates see, and no other."""
    told = re.findall(r"^#### `(\w+)`$", text_of("docs/themes.md"), re.MULTILINE)
    assert sorted(told) == sorted(DEFINED)


@pytest.mark.parametrize("kind", DEFINED.values(), ids=lambda kind: kind.__name__)
def test_every_field_of_a_view_is_told(kind: type[Record]) -> None:
    """docs/themes.md has each field of a record in its order, and names the records that it holds."""
    inherited = views.View.__struct_fields__ if kind in PAGES else ()
    fields = [name for name in kind.__struct_fields__ if name not in inherited]
    table = rows(section(text_of("docs/themes.md"), f"#### `{kind.__name__}`"))
    assert sorted(row[0].strip("`") for row in table) == sorted(fields)
    hints = get_type_hints(kind, vars(parts) | vars(views))
    for name, told, _ in table:
        assert set(re.findall(r"[A-Z]\w+", told)) == _records(hints[name.strip("`")]), name
        assert told.endswith("?") == (type(None) in getattr(hints[name.strip("`")], "__args__", ())), name


def _records(hint: object) -> set[str]:
    """Return the names of the records in a type."""
    if isinstance(hint, type) and hint.__name__ in DEFINED and not getattr(hint, "__args__", ()):
        return {hint.__name__}
    return {name for inner in getattr(hint, "__args__", ()) for name in _records(inner)}


def test_every_template_is_told() -> None:
    """docs/themes.md has the template of each kind of page, and the default theme has it."""
    told = [(row[0].strip("`"), row[1].strip("`")) for row in rows(section(text_of("docs/themes.md"), "## Templates"))]
    defaults = {kind.__name__: _default(kind, "template") for kind in PAGES}
    assert sorted(told) == sorted((template, name) for name, template in defaults.items())
    assert {template for template, _ in told} <= load_theme(REPOSITORY / "themes" / "default").templates.keys()


def _default(kind: type[msgspec.Struct], name: str) -> object:
    return next(field.default for field in msgspec.structs.fields(kind) if field.name == name)


def test_every_function_and_filter_is_told() -> None:
    """docs/themes.md has what templates can call besides Jinja's own, and nothing else."""
    environment = Renderer(load_theme(REPOSITORY / "themes" / "default"))._environment
    plain = jinja2.Environment(autoescape=True)
    ours = (environment.globals.keys() - plain.globals.keys()) | (environment.filters.keys() - plain.filters.keys())
    told = section(text_of("docs/themes.md"), "## Functions and filters")
    assert sorted(re.match(r"\w+", row[0].strip("`"))[0] for row in rows(told)) == sorted(ours)  # type: ignore[index]


def test_the_example_of_a_theme_is_good(tmp_path: Path) -> None:
    """The `theme.toml` of docs/themes.md can be read."""
    (tmp_path / "theme.toml").write_text(blocks(text_of("docs/themes.md"), "toml")[0], encoding="utf-8")
    theme = load_theme(tmp_path)
    assert (theme.name, sorted(theme.roles), sorted(theme.options)) == ("mine", ["hero"], ["accent", "show_excerpts"])


# -- outputs -----------------------------------------------------------------------------------------------------------


def test_the_api_item_has_the_keys_that_are_told(tmp_path: Path) -> None:
    """docs/outputs.md has the keys of an item in their order."""
    site = full_site(tmp_path)
    build(site)
    page = json.loads((site.output / "api/news/index.json").read_bytes())
    text = section(text_of("docs/outputs.md"), "## The JSON API").replace("\n", " ")
    sentence = re.search(r"in this order: (.*?)\. What a file does not say", text)
    assert sentence
    told = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", sentence[1]))
    assert told == list(page["value"][0])
    assert set(page) == {"page", "value", "nextPage"}


def test_every_file_at_the_root_is_told(tmp_path: Path) -> None:
    """docs/outputs.md has an address for everything that stands at the root of a site's output."""
    site = full_site(tmp_path)
    build(site)
    told = section(text_of("docs/outputs.md"), "## Addresses").replace("-<n>", "-1")
    own = {"CNAME", ".well-known", "news", "about", "old", ".broadsheet", "index.html"}
    for name in {path.name for path in site.output.iterdir()} - own:
        assert re.search(rf"`/{re.escape(name)}[/`]", told), name


# -- screenshots -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", sorted((REPOSITORY / "docs" / "screenshots").glob("*.png")), ids=lambda p: p.name)
def test_a_screenshot_is_small_and_used(picture: Path) -> None:
    """A screenshot is under 400 KB, and README.md shows it."""
    assert picture.stat().st_size < 400_000
    assert f"docs/screenshots/{picture.name}" in text_of("README.md")
