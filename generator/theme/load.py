"""A theme: its picture roles, options, templates and assets, and what each template depends on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from generator.base.digest import digest_record
from generator.base.imaging import Role
from generator.base.problems import ConfigError, Problem
from generator.base.record import Record
from generator.base.toml import toml_position
from generator.theme.assets import Asset, Assets, Minify, Part, as_it_is, publish_assets
from generator.theme.catalogue import Remember, read_words
from generator.theme.chain import Link, theme_chain
from generator.theme.declared import Declared, Option, Value, option_mistakes, read_declared, read_text
from generator.theme.templates import TemplateProblem, TemplateUses, did_you_mean, template_uses
from generator.theme.words import Forms, Words

T = TypeVar("T")


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
    words: Words
    digest: bytes  # of everything above but `path` and `sources`

    def source_of(self, template: str) -> str:
        """Return how messages name a template, also one that is not there."""
        return self.sources.get(template, f"{self.path}/templates/{template}")


def load_theme(folder: Path, language: str = "en") -> Theme:
    """Read the theme in `folder` with what it extends, for no site.

    Raises:
        ConfigError: as `load_chain` does.
    """
    return load_chain(theme_chain(folder), language)


def load_chain(
    chain: Sequence[Link],
    language: str = "en",
    remember: Remember = lambda _, answer: answer(),
    minify: Minify = as_it_is,
) -> Theme:
    """Read a theme: `theme.toml`, `templates/`, `assets/` and the words of each folder of its chain, the first first.

    Args:
        remember: keeps what takes long from one build to the next: parsed catalogues, minified assets.

    Raises:
        ConfigError: with every mistake in a `theme.toml`, each unreadable template, each dead `url()` of a style sheet,
            what `minify` finds wrong, every mistake in a catalogue of the language.
    """
    found = _Gathered(chain)

    def small(asset: str, part: Part) -> bytes:
        return remember(digest_record((asset, part.body)), lambda: minify(asset, part))

    nothing: dict[str, Asset] = {}
    assets = found.collect(lambda: publish_assets(found.assets.parts(), small), nothing)
    words = found.collect(lambda: read_words(chain, language, remember), Words())
    if found.problems:
        raise ConfigError(sorted(found.problems))
    name, roles, options, templates = found.name, found.roles, found.options, dict(sorted(found.templates.items()))
    digest = digest_record((name, roles, options, templates, assets, words))
    place = next(link.path for link in chain if link.name)
    return Theme(name, place, found.sources, roles, options, templates, assets, words, digest)


class _Gathered:
    """What the folders of a chain hold, the first going before the others, and what is wrong in them."""

    def __init__(self, chain: Sequence[Link]):
        self.problems: list[Problem] = []
        self.name = ""
        self.roles: dict[str, Role] = {}
        self.options: dict[str, Option] = {}
        self.templates: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        self.assets = Assets()
        for link in reversed(chain):
            if link.name:
                self._read_settings(link)
            self._read_templates(link, is_alone=len(chain) == 1)
            for file, path in _files(link.folder / "assets"):
                self.assets.add(file, Part(link.place_of(f"assets/{file}"), path.read_bytes()))

    def collect(self, read: Callable[[], T], default: T) -> T:
        """Return what `read` gives; where it finds mistakes, these are kept."""
        try:
            return read()
        except ConfigError as error:
            self.problems.extend(error.problems)
            return default

    def _read_settings(self, link: Link) -> None:
        toml = partial(read_declared, link.folder / "theme.toml", link.place_of("theme.toml"))
        read = self.collect(toml, Declared())
        self.name = read.name or link.name
        self.roles |= read.roles
        self.options |= read.options

    def _read_templates(self, link: Link, *, is_alone: bool) -> None:
        for file, path in _files(link.folder / "templates"):
            source = link.place_of(f"templates/{file}")
            text = self.collect(partial(read_text, path, source), "")
            self.templates[file], self.sources[file] = text, source
            if link.name and not is_alone:  # of two themes with one name the extended one is meant
                self.sources.setdefault(f"!{link.name}/{file}", source)
                self.templates.setdefault(f"!{link.name}/{file}", text)


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
        for message, hint in option_mistakes(theme.name, theme.options, name, value)
    ]
    if problems:
        raise ConfigError(sorted(problems))
    return {name: option.default for name, option in theme.options.items()} | given


def template_digest(theme: Theme, name: str) -> bytes:
    """Return the digest of all that shapes what a template makes of its view.

    That is the template, what it extends, includes, imports or renders as a fragment, the published names of the
    assets it links, the words it says, and the theme's picture roles. A name that is computed makes the whole theme the
    dependency, a computed message all words.

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
    return digest_record((name, theme.roles, texts, _linked_assets(theme, seen), _said(theme.words, seen)))


def _said(words: Words, uses: dict[str, TemplateUses]) -> dict[str, Forms]:
    """Return the words that templates say, as far as they are not English."""
    if any(one.any_message for one in uses.values()):
        return words.messages
    said = sorted({message for one in uses.values() for message in one.messages} & words.messages.keys())
    return {message: words.messages[message] for message in said}


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


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name inside `folder`, path), sorted; hidden files, editors' backups and links are no part of a theme."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in "._")
        for name in sorted(names):
            file = Path(place, name)
            if name[0] != "." and name[-1] != "~" and not file.is_symlink():
                yield file.relative_to(folder).as_posix(), file
