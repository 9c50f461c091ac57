"""The chain of a theme: the site's own folders, the theme, and what it extends, the first before the others."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from generator.base.config import Site, known_themes, theme_places
from generator.base.problems import ConfigError, Problem
from generator.base.toml import toml_position
from generator.theme.templates import did_you_mean


class Link(NamedTuple):
    """A folder with `templates/` and `assets/`.

    `name` is how templates name it (`!default/base.html`), "" for the site's own; `path` is how messages do.
    """

    folder: Path
    name: str
    path: str

    def place_of(self, file: str) -> str:
        """Return how messages name a file in it."""
        return f"{self.path}/{file}" if self.path else file


def site_chain(site: Site) -> tuple[Link, ...]:
    """Return the chain of a site's theme, its own `templates/` and `assets/` before all others.

    Raises:
        ConfigError: where a theme extends one that is not there, or itself.
    """
    return (Link(site.root, "", ""), *theme_chain(site.theme, site.root))


def theme_chain(folder: Path, root: Path | None = None) -> tuple[Link, ...]:
    """Return a theme and what it extends; `root` is the site's folder, in which themes are looked for first.

    Raises:
        ConfigError: where a theme extends one that is not there, or itself.
    """
    chain = [_link(folder)]
    while wanted := _extended(chain[-1].folder):
        places = [place for place in theme_places(root or folder, wanted) if (place / "theme.toml").is_file()]
        met = [link.folder for link in chain]
        # A site's `default` may extend the bundled one of this name.
        found = next((place.resolve() for place in places if place.resolve() not in met), None)
        if found is None:
            raise ConfigError([_no_base(chain, wanted, root or folder, circle=bool(places))])
        chain.append(_link(found))
    return tuple(chain)


def chain_places(site: Site) -> tuple[Path, ...]:
    """Return every folder that a site's theme is read from, or would be if it were there."""
    names = [link.name for link in _chain_or_theme(site)]
    themes = (place for name in (site.settings.theme, *names) for place in theme_places(site.root, name))
    return tuple(dict.fromkeys((site.root / "templates", site.root / "assets", *themes)))


def _chain_or_theme(site: Site) -> tuple[Link, ...]:
    try:
        return theme_chain(site.theme, site.root)
    except ConfigError:
        return (_link(site.theme),)


def _link(folder: Path) -> Link:
    return Link(folder, folder.name, f"themes/{folder.name}")


def _extended(folder: Path) -> str:
    """Return what a theme says that it extends; what else is wrong with its file is told by who reads it whole."""
    with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        wanted = tomllib.loads((folder / "theme.toml").read_bytes().decode("utf-8-sig")).get("extends", "")
        return wanted if isinstance(wanted, str) else ""
    return ""


def _no_base(chain: list[Link], wanted: str, root: Path, *, circle: bool) -> Problem:
    link = chain[-1]
    text = (link.folder / "theme.toml").read_bytes().decode("utf-8-sig")
    names = " → ".join([*(each.name for each in chain), wanted])
    message = f"{names} is a circle" if circle else f"there is no theme `{wanted}`"
    hint = "a theme cannot extend itself" if circle else did_you_mean(wanted, known_themes(root))
    return Problem(link.place_of("theme.toml"), *toml_position(text, ("extends",)), "extends", message, hint)
