"""Files that are copied or made of one source: theme assets, static files, pictures, and what hosts read."""

from __future__ import annotations

from typing import cast

from generator.base.digest import digest_bytes
from generator.base.imaging import SocialCard, Variant
from generator.base.problems import Problem
from generator.builder.run import ActionFailed
from generator.pages import hosting
from generator.pages.press import Press


def make_hosting(press: Press, argument: object) -> tuple[bytes]:
    """Return one of the files that hosts read."""
    (name, moves), *_ = cast(tuple[tuple[str, tuple[tuple[str, str], ...]], str, bool, bool], argument)
    settings = press.edition.settings
    if name == "_headers":
        return (hosting.headers(press.edition.base, embeds=True, search=press.edition.searchable),)
    if name == "_redirects":
        return (hosting.redirects(moves),)
    if name == "robots.txt":
        return (hosting.robots(settings.base_url, sitemap=settings.outputs.sitemaps),)
    return (hosting.nojekyll(),)


def hosting_inputs(press: Press, argument: object) -> tuple[object, str, bool, bool]:
    """Return what the files for the hosts depend on."""
    settings = press.edition.settings
    return argument, settings.base_url, settings.outputs.sitemaps, press.edition.searchable


def asset_inputs(press: Press, argument: object) -> tuple[str, bytes]:
    """Return name and digest of a theme's asset."""
    name = cast(str, argument)
    return name, digest_bytes(press.edition.theme.assets[name].body)


def make_asset(press: Press, argument: object) -> tuple[bytes]:
    """Return a theme's asset."""
    return (press.edition.theme.assets[cast(tuple[str, bytes], argument)[0]].body,)


def make_static(press: Press, argument: object) -> tuple[bytes]:
    """Return a file of static/ as it is."""
    return (press.read(*cast(tuple[str, bytes], argument)),)


def make_card(_: Press, argument: object) -> tuple[bytes]:
    """Return a social card."""
    from generator.images.cards.draw import draw_card

    return (draw_card(cast(SocialCard, argument)),)


def make_variants(press: Press, argument: object) -> tuple[bytes, ...]:
    """Return all published sizes of a picture.

    Raises:
        ActionFailed: where its file is broken behind its header.
    """
    from generator.images.probe import PictureBroken  # Pillow: not for a build that makes no picture
    from generator.images.resize import resize

    path, digest, wanted = cast(tuple[str, bytes, tuple[Variant, ...]], argument)
    try:
        return resize(press.read(path, digest), wanted)
    except PictureBroken as error:
        problem = Problem(path, 0, 0, "", f"cannot be used: {error}", "replace the file", "warning")
        raise ActionFailed(problem) from error
