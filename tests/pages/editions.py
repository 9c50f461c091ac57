"""Editions of libraries that no file was read for, in the bundled theme."""

from __future__ import annotations

from functools import cache

from library.test_relate import library
from site_kit import REPOSITORY

from generator.base.records import Card
from generator.pages.edition import Edition
from generator.theme.load import Theme, load_theme


@cache
def default_theme() -> Theme:
    """Return the default theme, read once."""
    return load_theme(REPOSITORY / "themes" / "default")


def edition(*cards: Card, toml: str = "", **readings: object) -> Edition:
    """Return the edition of articles and what else was read."""
    return Edition(library(*cards, toml=toml, **readings), default_theme(), {}, {}, {})
