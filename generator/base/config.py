"""The site's settings: `site.toml`, read at once with every mistake in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from generator.base.files import COLLECTION
from generator.base.paths import RESERVED_ROOTS, quote_path, slugify
from generator.base.problems import ConfigError, Problem
from generator.base.toml import fit_toml, toml_position

Text = Annotated[str, msgspec.Meta(min_length=1)]


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


class ImageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[images]`: where pictures may come from, how much they may cost, and how they are published."""

    fetch: bool = True
    fetch_budget: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 60.0  # s for all of a build's
    timeout: Annotated[float, msgspec.Meta(gt=0, le=3_600)] = 10.0  # s for one
    max_bytes: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] = 20_000_000
    max_pixels: Annotated[int, msgspec.Meta(ge=1, le=25_000_000)] = 25_000_000  # more do not fit into a worker
    formats: tuple[str, ...] = ("webp",)
    quality: Annotated[int, msgspec.Meta(ge=1, le=95)] = 80
    allow_hosts: tuple[str, ...] = ()
    host_map: dict[str, str] = {}
    no_rehost: tuple[str, ...] = ()


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
    index_excerpts: bool = False
    nav: dict[str, str] = {}
    options: dict[str, str | int | float | bool] = {}
    ranking: Ranking = Ranking()
    outputs: Outputs = Outputs()
    images: ImageSettings = ImageSettings()


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
    if output and (complaint := _entangled(root, output.absolute(), settings.content)):
        problems.append(Problem("--output", 0, 0, "", *complaint))
    if problems or theme is None:
        raise ConfigError(sorted(problems))
    return Site(
        root=root,
        settings=settings,
        content=root / settings.content,
        theme=theme,
        output=(output or root / settings.output).absolute(),
        cache=cache or root / ".broadsheet",
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
    for field, check in _CHECKS.items():
        complaint = None if field in found else check(settings)
        if complaint:
            problems.append(Problem("site.toml", *toml_position(text, (field,)), field, *complaint))
    for title, target in settings.nav.items():
        if complaint := _nav_complaint(title, target):
            place = toml_position(text, ("nav", title))
            problems.append(Problem("site.toml", *place, f"nav.{_INVISIBLE.sub('', title)}", *complaint))
    problems += _image_problems(text, settings.images)
    if problems:
        return settings, problems
    authority = settings.feed_authority or urlsplit(settings.base_url).hostname or ""
    base_url = settings.base_url.rstrip("/") + "/"
    return msgspec.structs.replace(settings, base_url=base_url, feed_authority=authority), []


def _nav_complaint(title: str, target: str) -> Complaint:
    if found := _INVISIBLE.search(title):
        return f"its title holds the character U+{ord(found[0]):04X}", "take it out"
    if not re.match(r"/(?!/)|https?://", target) or _UNSAFE.search(target):
        return f"leads to {target!r}", 'an address starts with "/" (in this site) or with "https://"'
    return None


def _image_problems(text: str, images: ImageSettings) -> Iterator[Problem]:
    """Yield what is wrong with the formats and the hosts of `[images]`."""
    complaints = {
        "formats": _formats_complaint(images),
        "allow_hosts": _hosts_complaint(images.allow_hosts),
        "no_rehost": _hosts_complaint(images.no_rehost),
    }
    for name, complaint in complaints.items():
        if complaint:
            yield Problem("site.toml", *toml_position(text, ("images", name)), f"images.{name}", *complaint)
    for host, origin in images.host_map.items():
        if complaint := _map_complaint(host, origin):
            place = toml_position(text, ("images", "host_map", host))
            yield Problem("site.toml", *place, f"images.host_map.{_INVISIBLE.sub('', host)}", *complaint)


def _formats_complaint(images: ImageSettings) -> Complaint:
    for name in images.formats:
        if name not in FORMATS:
            near = get_close_matches(name.lower(), FORMATS, 1)
            hint = f'did you mean "{near[0]}"?' if near else 'use "webp", "avif"; JPEG or PNG is always there, too'
            return f"{name!r} is no format that can be chosen", hint
    return ("a format is named twice", "name each once") if len(set(images.formats)) < len(images.formats) else None


def _hosts_complaint(hosts: tuple[str, ...]) -> Complaint:
    for host in hosts:
        if not _HOST.fullmatch(host):
            return f"{host!r} is no host", 'write a name or an address, without scheme and port: "127.0.0.1", "[::1]"'
    return None


def _map_complaint(host: str, origin: str) -> Complaint:
    if not _AUTHORITY.fullmatch(host):
        return "its left side is no host", 'write it as "cdn.example.com" = "http://127.0.0.1:9000"'
    if not re.fullmatch(rf"https?://{_AUTHORITY.pattern}/?", origin):
        return f"leads to {origin!r}", 'a host is mapped to an origin without a path: "http://127.0.0.1:9000"'
    return None


def _theme_folder(root: Path, theme: str) -> Path | None:
    """Return the theme's folder: a path in the site, or the name of one in `themes/` or of a bundled one."""
    found = (place for place in theme_places(root, theme) if (place / "theme.toml").is_file())
    return next((place.resolve() for place in found), None)


def theme_places(root: Path, theme: str) -> tuple[Path, ...]:
    """Return the folders in which a theme is looked for, the first before the others."""
    return root / theme, *_themes(root, theme)


def _themes(root: Path, theme: str) -> list[Path]:
    package = Path(__file__).parents[1]
    return [home / "themes" / theme for home in (root, package, package.parent)]


def _no_theme(root: Path, theme: str, text: str) -> Problem:
    known = sorted({file.parent.name for home in _themes(root, "") for file in home.glob("*/theme.toml")})
    message = f"there is no theme `{theme}`"
    hint = f"use a folder with a theme.toml, or one of: {', '.join(known) or 'none is installed'}"
    return Problem("site.toml", *toml_position(text, ("theme",)), "theme", message, hint)


# -- checks that a type cannot say: each returns None, or (what is wrong, what would be right) -------------------------

Complaint = tuple[str, str] | None


def _check_base_url(settings: Settings) -> Complaint:
    try:
        parts = urlsplit(settings.base_url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or _UNSAFE.search(settings.base_url) or parts.query or parts.fragment or parts.username:
        return (
            f"{settings.base_url!r} is no address of a site",
            'write it as "https://example.org/" or "https://example.org/news/"',
        )
    if not settings.base_url.isascii():
        return f"{settings.base_url!r} has letters that an address must encode", _encoded_hint(settings.base_url)
    return None


def _encoded_hint(url: str) -> str:
    import idna  # 4 ms that nearly no site need pay

    parts = urlsplit(url)
    try:
        host = idna.encode(parts.hostname or "", uts46=True).decode()
    except idna.IDNAError:
        return "write the host in punycode, and the path percent-encoded"
    port = f":{parts.port}" if parts.port else ""
    return f'write it as "{parts.scheme}://{host}{port}{quote_path(unquote(parts.path))}"'


def _check_timezone(settings: Settings) -> Complaint:
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        near = get_close_matches(settings.timezone, available_timezones(), 1)
        return (
            f"{settings.timezone!r} is no time zone",
            f"did you mean {near[0]!r}?" if near else 'use a name such as "Europe/Zurich"',
        )
    return None


def _check_language(settings: Settings) -> Complaint:
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", settings.language):
        return f"{settings.language!r} is no language tag", 'use a tag such as "en" or "pt-BR"'
    return None


def _check_feed_link(settings: Settings) -> Complaint:
    if settings.feed_link not in ("source", "page"):
        return f"{settings.feed_link!r} is not known", 'use "source" or "page"'
    return None


def _check_feed_authority(settings: Settings) -> Complaint:
    if settings.feed_authority and not re.fullmatch(r"[\w.@-]+(,\d{4}(-\d\d){0,2})?", settings.feed_authority):
        return f"{settings.feed_authority!r} is no authority of a tag: URI", 'use a domain that is yours: "example.org"'
    return None


def _check_sections(settings: Settings) -> Complaint:
    for section in settings.sections:
        if slugify(section) != section or section in RESERVED_ROOTS:
            return (
                f"{section!r} cannot be a section's address",
                f"use lower-case letters, digits and `-`, and not {', '.join(sorted(RESERVED_ROOTS))}",
            )
    return (
        None
        if len(set(settings.sections)) == len(settings.sections)
        else ("a section is named twice", "name each once")
    )


def _inside(field: str) -> Callable[[Settings], Complaint]:
    def check(settings: Settings) -> Complaint:
        path = str(getattr(settings, field))
        if "\0" in path or path.strip() in (".", "/"):
            return f"{path!r} cannot be this folder", "name a folder of its own, relative to site.toml"
        return None

    return check


def _check_output(settings: Settings) -> Complaint:
    """The output may be anywhere but in, or around, what a build reads."""
    complaint = _entangled(Path("/site"), settings.output, settings.content)
    return complaint or _inside("output")(settings)


def _entangled(root: Path, output: str | Path, content: str) -> Complaint:
    for name, folder in (("content folder", content), ("picture collection", COLLECTION)):
        there, here = (Path(os.path.normpath(root / place)) for place in (output, folder))
        if there == here or there in here.parents or here in there.parents:
            return f"{str(output)!r} and the {name} {folder!r} lie in each other", "keep them apart"
    return None


FORMATS = ("webp", "avif")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_AUTHORITY = re.compile(rf"(?:{_HOST.pattern})(?::[0-9]{{1,5}})?")
_UNSAFE = re.compile(r"[\s\"'<>\\\x00-\x1f]")


def _plain(field: str) -> Callable[[Settings], Complaint]:
    """Text that stands on every page holds no control characters and none that turn the direction of what follows."""

    def check(settings: Settings) -> Complaint:
        found = _INVISIBLE.search(str(getattr(settings, field)))
        return (f"holds the character U+{ord(found[0]):04X}", "take it out") if found else None

    return check


_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CHECKS: dict[str, Callable[[Settings], Complaint]] = {
    "title": _plain("title"),
    "description": _plain("description"),
    "base_url": _check_base_url,
    "timezone": _check_timezone,
    "language": _check_language,
    "feed_link": _check_feed_link,
    "feed_authority": _check_feed_authority,
    "sections": _check_sections,
    "content": _inside("content"),
    "output": _check_output,
}
