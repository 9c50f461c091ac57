"""Catalogues: the words of a theme by language, from the `.po` files of its chain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from generator.base.config import bundled_places
from generator.base.digest import digest_record
from generator.base.problems import ConfigError, Problem, field_problem
from generator.theme.chain import Link
from generator.theme.words import Forms, Words, key, plural_index

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

FOLDER = "locale"
FILE = "LC_MESSAGES/messages.po"
Remember = Callable[[bytes, Callable[[], bytes]], bytes]  # a digest of what an answer is made of, and what makes it


class Source(NamedTuple):
    """A `.po` file: how messages name it, the language that its folder is named by, and its text."""

    path: str
    language: str
    text: str


def read_words(chain: Sequence[Link], language: str, remember: Remember) -> Words:
    """Return a theme's words in a language (BCP 47): its own before those of what it extends, `de-AT` before `de`.

    Behind every theme stand the catalogues of the bundled default: they have the words of the program, too.

    Args:
        remember: keeps what was parsed from one build to the next: that takes a tenth of a second.

    Raises:
        ConfigError: with what is wrong in each `.po` file of this language.
    """
    places = _places(chain)
    languages = _languages(places)
    sources = [source for place in places for source in _sources(place, nearest(language))]
    if not sources:
        return Words({}, languages)
    parsed = remember(digest_record(tuple(sources)), lambda: msgspec.msgpack.encode(_read(sources)))
    return Words(msgspec.msgpack.decode(parsed, type=dict[str, Forms]), languages)


def untranslated(words: Words, language: str) -> Problem | None:
    """Return the warning that a theme has no words in the site's language."""
    if {name.replace("-", "_").lower() for name in words.languages} & set(nearest(language)):
        return None
    message = f"the theme has no words in `{language}`, so its pages say theirs in English"
    hint = f"there are: {', '.join(words.languages)}; others go into {FOLDER}/{nearest(language)[-1]}/{FILE}"
    return field_problem("site.toml", ("language",), message, hint, "warning")


def nearest(language: str) -> list[str]:
    """Return the names of catalogues that serve a language, the nearest first.

    >>> nearest("zh-Hant-TW")
    ['zh_hant_tw', 'zh_hant', 'zh']
    """
    parts = language.replace("-", "_").lower().split("_")
    return ["_".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _places(chain: Sequence[Link]) -> list[Link]:
    """Return the folders that may have catalogues, the bundled default theme last."""
    met = {link.folder for link in chain}
    bundled = (place for place in bundled_places("default") if (place / FOLDER).is_dir())
    return [*chain, *(Link(place, "default", "themes/default") for place in bundled if place not in met)]


def _languages(places: Sequence[Link]) -> tuple[str, ...]:
    files = (file for place in places for file in place.folder.glob(f"{FOLDER}/*/{FILE}"))
    return tuple(sorted({"en", *(file.parents[1].name.replace("_", "-") for file in files)}))


def _sources(place: Link, names: Sequence[str]) -> Iterator[Source]:
    folders = {folder.name.replace("-", "_").lower(): folder for folder in (place.folder / FOLDER).glob("*")}
    for folder in (folders[name] for name in names if name in folders):
        path = place.place_of(f"{FOLDER}/{folder.name}/{FILE}")
        try:
            yield Source(path, folder.name.replace("_", "-"), (folder / FILE).read_bytes().decode("utf-8-sig"))
        except FileNotFoundError:
            continue
        except UnicodeDecodeError as error:
            hint = "save it as UTF-8"
            raise ConfigError([Problem(path, 0, 0, "", f"is not UTF-8 ({error.reason})", hint)]) from None


# -- reading -----------------------------------------------------------------------------------------------------------


def _read(sources: Sequence[Source]) -> dict[str, Forms]:
    """Return the messages of all files, of those with one key that of the first file."""
    messages: dict[str, Forms] = {}
    problems: list[Problem] = []
    for source in reversed(sources):
        try:
            messages |= _read_one(source)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(sorted(problems))
    return messages


def _read_one(source: Source) -> dict[str, Forms]:
    catalog = _parse(source)
    told = [message for message in catalog if message.id and not message.fuzzy and any(_texts(message))]
    problems = [
        Problem(source.path, message.lineno or 0, 0, "", *mistake)
        for message in told
        if (mistake := _mistake(message, catalog.num_plurals))
    ]
    if complaint := _formula_mistake(source, catalog, told):
        problems.append(Problem(source.path, _line_of(source, "Plural-Forms"), 0, "Plural-Forms", complaint, _FORMULA))
    if problems:
        raise ConfigError(sorted(problems))
    return {
        key(_ids(message)[0], message.context or ""): Forms(
            _texts(message), catalog.plural_expr if message.pluralizable else ""
        )
        for message in told
    }


def _parse(source: Source) -> Catalog:
    for at, line in enumerate(source.text.split("\n"), start=1):
        if not _LINE.match(line):  # Babel overlooks a quotation mark that is not there
            raise ConfigError([Problem(source.path, at, 0, "", f"{line.strip()!r} is no line of a catalogue", _SYNTAX)])
    from babel.messages.pofile import PoFileError, read_po  # costs 40 ms: not for a build whose words are remembered

    try:
        return read_po(StringIO(source.text), ignore_obsolete=True, abort_invalid=True)
    except PoFileError as error:
        raise ConfigError([Problem(source.path, error.lineno + 1, 0, "", str(error), _SYNTAX)]) from None
    except (ValueError, LookupError) as error:
        raise ConfigError([Problem(source.path, 0, 0, "", f"is no catalogue: {error}", _SYNTAX)]) from None


def _formula_mistake(source: Source, catalog: Catalog, told: Sequence[Message]) -> str:
    """Return what is wrong with the formula for plurals; Babel's own, where there is none, are not all right."""
    if "Plural-Forms" not in source.text:
        return "is not in the head of the file" if any(message.pluralizable for message in told) else ""
    try:
        plural_index(catalog.plural_expr)
    except ValueError as error:
        return str(error)
    return ""


_LINE = re.compile(r"""\s*(?:\#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s*)?"(?:[^"\\]|\\.)*"\s*)?$""")
_FORMULA = "such as: nplurals=2; plural=(n != 1);"
_SYNTAX = 'a message is: msgid "English", and below it: msgstr "the other language"'


def _mistake(message: Message, plurals: int) -> tuple[str, str] | None:
    """Return what is wrong with a translated message, and what would be right."""
    ids, texts = _ids(message), _texts(message)
    if message.pluralizable and (len(texts) != plurals or not all(texts)):
        return f"{ids[0]!r} has {sum(map(bool, texts))} plural forms", f"the head of the file says nplurals={plurals}"
    wanted = {name for text in ids for name in _PLACEHOLDER.findall(text)}
    if not wanted and not message.pluralizable:
        return None
    for text in texts:
        for name in _PLACEHOLDER.findall(text):
            if name not in wanted:
                return f"{ids[0]!r} has no %({name})s", f"it has: {', '.join(sorted(wanted)) or 'none'}"
        if "%" in _PLACEHOLDER.sub("", text).replace("%%", ""):
            return f"{text!r} has a `%` that begins no placeholder", "a percent sign is written %%"
    return None


_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else (str(message.id),)


def _texts(message: Message) -> tuple[str, ...]:
    given = message.string
    return tuple(text or "" for text in given) if isinstance(given, list | tuple) else (str(given or ""),)


def _line_of(source: Source, text: str) -> int:
    before, found, _ = source.text.partition(text)
    return before.count("\n") + 1 if found else 0
