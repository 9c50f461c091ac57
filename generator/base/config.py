"""The site's settings: `site.toml`, read at once with every mistake in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from generator.base.complaints import (
    Complaint,
    base_url_complaint,
    feed_authority_complaint,
    feed_hub_complaint,
    feed_link_complaint,
    folder_complaint,
    language_complaint,
    nav_complaint,
    sections_complaint,
    text_complaint,
    timezone_complaint,
    visible,
)
from generator.base.deploy_complaints import deploy_problems
from generator.base.deploy_settings import Target
from generator.base.editors import editor_complaint
from generator.base.files import COLLECTION, LINKS
from generator.base.image_settings import ImageSettings, image_problems
from generator.base.link_settings import LinkSettings
from generator.base.problems import ConfigError, Problem
from generator.base.toml import fit_toml, toml_position

Text = Annotated[str, msgspec.Meta(min_length=1)]
CACHE = ".broadsheet"


class Ranking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[ranking]`: the front page's order is log2(max(heat, 1)) + time of publication in half-lives."""

    half_life: Annotated[float, msgspec.Meta(gt=0)] = 24.0  # hours


class Outputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[outputs]`: families of outputs that can be turned off."""

    api: bool = True
    feeds: bool = True
    topic_feeds: bool = True
    provider_feeds: bool = True
    providers: bool = True
    archive: bool = True
    sitemaps: bool = True
    search: bool = True
    social_cards: bool = True


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`site.toml`. Every field has a default, so an empty file is a site."""

    title: Text = "News"
    description: str = ""
    base_url: str = "https://example.org/"
    language: str = "en"
    timezone: str = "UTC"
    logo: str = ""
    content: Text = "content"
    sections: tuple[Text, ...] = ("news",)
    theme: Text = "default"
    output: Text = "output"
    feed_authority: str = ""
    feed_link: str = "source"  # or "page"
    feed_hub: str = ""
    index_excerpts: bool = False
    editor: str | tuple[str, ...] = ""  # of preview; no output knows it
    nav: dict[str, str] = {}
    options: dict[str, str | int | float | bool] = {}
    ranking: Ranking = Ranking()
    outputs: Outputs = Outputs()
    images: ImageSettings = ImageSettings()
    links: LinkSettings = LinkSettings()
    deploy: dict[str, Target] = {}


class Site(msgspec.Struct, frozen=True):
    """A site on this machine. `root` is absolute and never part of a key."""

    root: Path
    settings: Settings
    content: Path
    theme: Path
    output: Path
    cache: Path  # deletable
    text: str = ""  # of site.toml, for the lines of mistakes that are found later


def load_site(root: Path, output: Path | None = None, cache: Path | None = None) -> Site:
    """Read `site.toml` in `root`; `output` overrides the setting, `cache` the folder `.broadsheet`.

    Raises:
        ConfigError: with every mistake in the file, each with its line.
    """
    root = root.resolve()
    file = root / "site.toml"
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = f"`broadsheet init {root.name}` makes a site; `--site DIR` names another folder"
        raise ConfigError([Problem("site.toml", 0, 0, "", "there is no such file here", hint)]) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            [Problem("site.toml", 0, 0, "", f"is not UTF-8 ({error.reason})", "save it as UTF-8")]
        ) from None
    settings, problems = _read(text)
    theme = _theme_folder(root, settings.theme)
    if theme is None:
        problems.append(_no_theme(root, settings.theme, text))
    if output and (complaint := _output_complaint(root, output.absolute(), settings.content)):
        problems.append(Problem("--output", 0, 0, "", *complaint))
    if problems or theme is None:
        raise ConfigError(sorted(problems))
    return Site(
        root=root,
        settings=settings,
        content=root / settings.content,
        theme=theme,
        output=(output or root / settings.output).absolute(),
        cache=cache or root / CACHE,
        text=text,
    )


def read_settings(text: str) -> Settings:
    """Return the settings that `site.toml` holds, `base_url` ending with a slash.

    Raises:
        ConfigError: with every mistake in it.
    """
    settings, problems = _read(text)
    if problems:
        raise ConfigError(sorted(problems))
    return settings


def base_path(settings: Settings) -> str:
    """Return the path part of `base_url`: "/" or "/news-site/"."""
    return urlsplit(settings.base_url).path or "/"


def _read(text: str) -> tuple[Settings, list[Problem]]:
    """Return the settings as far as they fit, and a problem for each that does not."""
    settings, problems = fit_toml(text, Settings, "site.toml")
    found = {problem.field.split(".")[0] for problem in problems}
    for field, complaint in _complaints(settings).items():
        if complaint and field not in found:
            problems.append(Problem("site.toml", *toml_position(text, (field,)), field, *complaint))
    for title, target in settings.nav.items():
        if complaint := nav_complaint(title, target):
            place = toml_position(text, ("nav", title))
            problems.append(Problem("site.toml", *place, f"nav.{visible(title)}", *complaint))
    problems += image_problems(text, settings.images)
    problems += deploy_problems(text, settings.deploy, (settings.content, settings.output, COLLECTION, CACHE))
    if problems:
        return settings, problems
    authority = settings.feed_authority or urlsplit(settings.base_url).hostname or ""
    base_url = settings.base_url.rstrip("/") + "/"
    return msgspec.structs.replace(settings, base_url=base_url, feed_authority=authority), []


def _theme_folder(root: Path, theme: str) -> Path | None:
    """Return the theme's folder: a path in the site, or the name of one in `themes/` or of a bundled one."""
    found = (place for place in theme_places(root, theme) if (place / "theme.toml").is_file())
    return next((place.resolve() for place in found), None)


def theme_places(root: Path, theme: str) -> tuple[Path, ...]:
    """Return the folders in which a theme is looked for, the first before the others."""
    return root / theme, *_themes(root, theme)


def bundled_places(theme: str) -> tuple[Path, ...]:
    """Return the folders in which a theme that comes with the program is: installed, or in its repository."""
    package = Path(__file__).parents[1]
    return tuple(home / "themes" / theme for home in (package, package.parent))


def _themes(root: Path, theme: str) -> list[Path]:
    return [root / "themes" / theme, *bundled_places(theme)]


def known_themes(root: Path) -> list[str]:
    """Return the names of all themes that a site in `root` can have."""
    return sorted({file.parent.name for home in _themes(root, "") for file in home.glob("*/theme.toml")})


def _no_theme(root: Path, theme: str, text: str) -> Problem:
    known = known_themes(root)
    message = f"there is no theme `{theme}`"
    hint = f"use a folder with a theme.toml, or one of: {', '.join(known) or 'none is installed'}"
    return Problem("site.toml", *toml_position(text, ("theme",)), "theme", message, hint)


# -- checks that a type cannot say -------------------------------------------------------------------------------------


def _complaints(settings: Settings) -> dict[str, Complaint]:
    """Return what is wrong with each setting."""
    return {
        "title": text_complaint(settings.title),
        "description": text_complaint(settings.description),
        "base_url": base_url_complaint(settings.base_url),
        "timezone": timezone_complaint(settings.timezone),
        "language": language_complaint(settings.language),
        "feed_link": feed_link_complaint(settings.feed_link),
        "feed_hub": feed_hub_complaint(settings.feed_hub),
        "feed_authority": feed_authority_complaint(settings.feed_authority),
        "sections": sections_complaint(settings.sections),
        "content": folder_complaint(settings.content),
        "output": _output_complaint(Path("/site"), settings.output, settings.content)
        or folder_complaint(settings.output),
        "editor": editor_complaint(settings.editor),
    }


def _output_complaint(root: Path, output: str | Path, content: str) -> Complaint:
    """The output may be anywhere but in, or around, what a build reads."""
    for name, folder in (("content folder", content), ("picture collection", COLLECTION), ("ledger of links", LINKS)):
        there, here = (Path(os.path.normpath(root / place)) for place in (output, folder))
        if there == here or there in here.parents or here in there.parents:
            return f"{str(output)!r} and the {name} {folder!r} lie in each other", "keep them apart"
    return None
