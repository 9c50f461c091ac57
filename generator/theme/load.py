"""A theme: its picture roles, options, templates and assets, and what each template depends on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from generator.base.digest import digest_record
from generator.base.imaging import Role
from generator.base.problems import ConfigError, Problem
from generator.base.record import Record
from generator.base.toml import read_toml, toml_position
from generator.theme.assets import Asset, publish_assets
from generator.theme.chain import Link, theme_chain
from generator.theme.templates import TemplateProblem, TemplateUses, did_you_mean, template_uses

API = 1  # the version of what templates are given: raised when a view loses a field, or a field its meaning
T = TypeVar("T")
Value = str | int | float | bool


class Option(Record, frozen=True):
    """A theme's option: a site may give another value of the default's type, one of `choices` where there are any."""

    default: Value
    choices: tuple[str, ...] = ()


class Theme(Record, frozen=True):
    """A theme, read whole, with what it extends and what a site has of its own.

    `path` is how messages name its folder, `sources` how they name each template; neither is where the theme lies.
    A template of one theme of the chain alone is there as `!name/article.html`, too.
    """

    name: str
    path: str
    sources: dict[str, str]
    roles: dict[str, Role]
    options: dict[str, Option]
    templates: dict[str, str]
    assets: dict[str, Asset]
    digest: bytes  # of everything above but `path` and `sources`

    def source_of(self, template: str) -> str:
        """Return how messages name a template, also one that is not there."""
        return self.sources.get(template, f"{self.path}/templates/{template}")


def load_theme(folder: Path) -> Theme:
    """Read the theme in `folder` with what it extends, for no site.

    Raises:
        ConfigError: as `load_chain` does.
    """
    return load_chain(theme_chain(folder))


def load_chain(chain: Sequence[Link]) -> Theme:
    """Read a theme: `theme.toml`, `templates/` and `assets/` of each folder of its chain, the first over the others.

    Raises:
        ConfigError: with every mistake in a `theme.toml`, each unreadable template, each dead `url()` of a style sheet.
    """
    problems: list[Problem] = []

    def collect(read: Callable[[str], T], default: T, name: str) -> T:
        try:
            return read(name)
        except ConfigError as error:
            problems.extend(error.problems)
            return default

    roles: dict[str, Role] = {}
    options: dict[str, Option] = {}
    templates: dict[str, str] = {}
    sources: dict[str, str] = {}
    bodies: dict[str, bytes] = {}
    places: dict[str, str] = {}
    name = ""
    for link in reversed(chain):
        if link.name:
            read = collect(partial(_read_settings, link.folder / "theme.toml"), _NOTHING, link.place_of("theme.toml"))
            name, roles, options = read.name or link.name, roles | read.roles, options | read.options
        for file, path in _files(link.folder / "templates"):
            source = link.place_of(f"templates/{file}")
            text = collect(partial(_read_text, path), "", source)
            templates[file], sources[file] = text, source
            if link.name and len(chain) > 1:  # of two themes with one name the extended one is meant
                sources.setdefault(f"!{link.name}/{file}", source)
                templates.setdefault(f"!{link.name}/{file}", text)
        for file, path in _files(link.folder / "assets"):
            bodies[file], places[file] = path.read_bytes(), link.place_of(f"assets/{file}")
    nothing: dict[str, Asset] = {}
    assets = collect(lambda _: publish_assets(bodies, places), nothing, "")
    if problems:
        raise ConfigError(sorted(problems))
    templates, bodies = dict(sorted(templates.items())), dict(sorted(bodies.items()))
    digest = digest_record((name, roles, options, templates, assets))
    return Theme(
        name, next(link.path for link in chain if link.name), sources, roles, options, templates, assets, digest
    )


def asset_outputs(theme: Theme) -> dict[str, tuple[str, bytes]]:
    """Return the output and the bytes of each asset, by its name in the theme."""
    return {name: (asset.output, asset.body) for name, asset in theme.assets.items()}


def check_options(theme: Theme, given: dict[str, Value], text: str = "") -> dict[str, Value]:
    """Return the theme's options with a site's own values in them; `text` is `site.toml`, for the lines of mistakes.

    Raises:
        ConfigError: with every name that the theme does not have and every value of a wrong type.
    """
    problems = [
        Problem("site.toml", *toml_position(text, ("options", name)), f"options.{name}", message, hint)
        for name, value in given.items()
        for message, hint in _option_mistakes(theme, name, value)
    ]
    if problems:
        raise ConfigError(sorted(problems))
    return {name: option.default for name, option in theme.options.items()} | given


def template_digest(theme: Theme, name: str) -> bytes:
    """Return the digest of all that shapes what a template makes of its view.

    That is the template, what it extends, includes, imports or renders as a fragment, the published names of the
    assets it links, and the theme's picture roles. A name that is computed makes the whole theme the dependency.

    Raises:
        TemplateProblem: where one of them has a syntax error or names a file that the theme does not have.
    """
    seen: dict[str, TemplateUses] = {}
    todo = [(name, "", 0)]
    while todo:
        wanted, user, line = todo.pop()
        if wanted not in theme.templates:
            raise TemplateProblem(_missing_file(theme, "templates", wanted, user, line))
        if wanted not in seen:
            uses = seen[wanted] = template_uses(theme.sources[wanted], theme.templates[wanted])
            todo += [(other, wanted, line) for other, line in uses.templates]
            todo += [(other, wanted, 0) for other in uses.maybe if other in theme.templates]
            todo += [(other, wanted, 0) for other in theme.templates if uses.any_template]
    texts = {wanted: theme.templates[wanted] for wanted in seen}
    return digest_record((name, theme.roles, texts, _linked_assets(theme, seen)))


def _linked_assets(theme: Theme, uses: dict[str, TemplateUses]) -> dict[str, str]:
    if any(one.any_asset for one in uses.values()):
        return {name: asset.output for name, asset in theme.assets.items()}
    outputs = {}
    for user, one in uses.items():
        for name, line in one.assets:
            if name not in theme.assets:
                raise TemplateProblem(_missing_file(theme, "assets", name, user, line))
            outputs[name] = theme.assets[name].output
    return outputs


def _missing_file(theme: Theme, kind: str, name: str, user: str, line: int) -> Problem:
    known = theme.templates if kind == "templates" else theme.assets
    where = theme.source_of(user) if user else f"{theme.path}/{kind}/{name}"
    message = f"the theme has no {kind}/{name}" if user else "the theme does not have this file"
    return Problem(where, line, 0, "", message, did_you_mean(name, known))


# -- theme.toml --------------------------------------------------------------------------------------------------------


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    extends: str = ""  # followed by `chain`
    api: int = API
    roles: dict[str, dict[str, object]] = {}
    options: dict[str, Value | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]] = {}


class _RoleTable(msgspec.Struct, forbid_unknown_fields=True):
    widths: Annotated[tuple[Annotated[int, msgspec.Meta(gt=0)], ...], msgspec.Meta(min_length=1)]
    aspect: str | float = 0.0
    sizes: str = "100vw"


class _Settings(NamedTuple):
    """What `theme.toml` says."""

    name: str
    roles: dict[str, Role]
    options: dict[str, Option]


_NOTHING = _Settings("", {}, {})


def _read_settings(toml: Path, path: str) -> _Settings:
    text = _read_text(toml, path)
    file = read_toml(text, _File, path)
    if file.api != API:
        message = f"the theme is made for version {file.api} of what templates are given; this program has {API}"
        hint = "use a newer program" if file.api > API else "see docs/themes.md for what changed"
        raise ConfigError([Problem(path, *toml_position(text, ("api",)), "api", message, hint)])
    problems = [
        Problem(path, *toml_position(text, ("roles", name, field)), f"roles.{name}.{field}".rstrip("."), message, hint)
        for name, table in file.roles.items()
        for field, message, hint in _role_mistakes(table)
    ]
    if problems:
        raise ConfigError(sorted(problems))
    options = {
        name: Option(value[0], value) if isinstance(value, tuple) else Option(value)
        for name, value in file.options.items()
    }
    return _Settings(file.name, {name: _role(name, table) for name, table in file.roles.items()}, options)


def _role(name: str, table: dict[str, object]) -> Role:
    role = msgspec.convert(table, _RoleTable)
    return Role(name, tuple(sorted(set(role.widths))), _aspect(role.aspect) or 0.0, role.sizes)


def _role_mistakes(table: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield (field, message, hint)."""
    known = _RoleTable.__struct_fields__
    yield from ((key, "is not known", did_you_mean(key, known)) for key in table if key not in known)
    try:
        msgspec.convert({"widths": table.get("widths")}, _RoleTable)
    except msgspec.ValidationError:
        yield "widths", "has to be a list of widths in pixels", "widths = [480, 960]"
    if _aspect(table.get("aspect", 0.0)) is None:
        yield "aspect", f"{table['aspect']!r} is no shape", 'aspect = "16:9", or width ÷ height, or 0 for its own'
    if not isinstance(table.get("sizes", ""), str):
        yield "sizes", "has to be text", 'sizes = "(min-width: 60rem) 50vw, 100vw"'


def _aspect(value: object) -> float | None:
    """Return width ÷ height, 0.0 for a picture's own shape, None for what is no shape."""
    if isinstance(value, str) and (match := re.fullmatch(r"([1-9]\d{0,3}):([1-9]\d{0,3})", value)):
        return int(match[1]) / int(match[2])
    if isinstance(value, int | float) and not isinstance(value, bool) and (value == 0 or 0.01 <= value <= 100):
        return float(value)
    return None


def _option_mistakes(theme: Theme, name: str, value: Value) -> Iterator[tuple[str, str]]:
    """Yield (message, hint)."""
    option = theme.options.get(name)
    if option is None:
        yield f"the theme {theme.name} has no such option", did_you_mean(name, theme.options)
    elif option.choices and value not in option.choices:
        yield f"{value!r} is not one of the theme's", f"choose one of: {', '.join(option.choices)}"
    elif type(value) is not type(option.default) and (type(option.default), type(value)) != (float, int):
        yield f"{value!r} is not {_KINDS[type(option.default)]}", f"the theme's own is {option.default!r}"


_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


# -- files and names ---------------------------------------------------------------------------------------------------


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name inside `folder`, path), sorted; hidden files, editors' backups and links are no part of a theme."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in "._")
        for name in sorted(names):
            file = Path(place, name)
            if name[0] != "." and name[-1] != "~" and not file.is_symlink():
                yield file.relative_to(folder).as_posix(), file


def _read_text(file: Path, path: str) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        problem = Problem(path, 0, 0, "", "there is no such file", "a theme has one; it may be empty")
    except UnicodeDecodeError as error:
        problem = Problem(path, 0, 0, "", f"is not UTF-8 ({error.reason})", "save it as UTF-8")
    raise ConfigError([problem])
