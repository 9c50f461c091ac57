"""body: the curator's Markdown -> pieces: sanitised HTML with typed holes for pictures and links inside the site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from html import escape, unescape

import markdown
import nh3

from generator.base.problems import Problem
from generator.base.records import Html, ImageHole, LinkHole, Picture, Piece
from generator.content.text import plain
from generator.content.urls import BadUrl, clean_url

MAX_SIZE = 500_000  # characters
MAX_DEPTH = 50  # brackets, quotes or elements in one another; the parsers are quadratic in it
MAX_NOTES = 300  # footnotes, abbreviations; their extensions are quadratic, too
PREFIX = "note-"  # of ids in bodies: they cannot meet the page's own

_EXTENSIONS = ("tables", "fenced_code", "footnotes", "sane_lists", "def_list", "abbr")
_TAGS = set(
    (  # noqa: SIM905
        "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 "
        "h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td "
        "tfoot th thead time tr u ul var"
    ).split()
)
_ATTRIBUTES = {
    "*": {"title", "lang", "dir", "id"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "scope", "align"},
    "time": {"datetime"},
    "code": {"class"},
    "div": {"class"},
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,80}")
_LANGUAGE = re.compile(r"language-[A-Za-z0-9+#_-]{1,30}|footnote")
# nh3 returns well-formed HTML: text holds no `<`, attributes are quoted and hold neither `"` nor `<`. So every tag is
# found as a tag, and nothing that an author writes can pass for one: there are no placeholders to forge.
_ELEMENT = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//|[\\/]\\)")
_DEEP = re.compile(
    rf"^[ \t]*(?:(?:>|[-+*]|\d{{1,9}}[.)])[ \t]*){{{MAX_DEPTH}}}|^[ \t]{{{4 * MAX_DEPTH}}}", re.MULTILINE
)
_OPENING = re.compile(r"<([A-Za-z][A-Za-z0-9]*)|</([A-Za-z][A-Za-z0-9]*)|(\]\(|[\[\])])")
_VOID = frozenset(("area base br col embed hr img input link meta source track wbr p li td tr th dt dd").split())  # noqa: SIM905


def read_body(text: str, path: str, first_line: int) -> tuple[tuple[Piece, ...], tuple[Problem, ...]]:
    """Read a commentary.

    Args:
        first_line: the line of the file on which `text` begins.

    Returns:
        The pieces in order, no two `Html` next to each other; what was left out of them.
    """
    refusal = _refusal(text)
    if refusal:
        return (), (Problem(path, first_line, 1, "", refusal, "the commentary is left out"),)
    try:
        rendered = _markdown().reset().convert(text)
    except Exception as error:  # a third party's parser: no text may show its traceback
        _markdown.cache_clear()  # it keeps the state in which it stopped
        return (), (
            Problem(path, first_line, 1, "", f"no Markdown ({type(error).__name__})", "the commentary is left out"),
        )
    reader = _Reader(_sanitised(rendered))
    pieces = tuple(_joined(reader.pieces()))
    return pieces, tuple(
        Problem(path, first_line + _line(text, address), 1, "", message, hint, "warning")
        for address, message, hint in reader.mistakes
    )


@lru_cache(maxsize=1)
def _markdown() -> markdown.Markdown:
    configs = {"tables": {"use_align_attribute": True}}
    return markdown.Markdown(extensions=_EXTENSIONS, extension_configs=configs)


def _sanitised(rendered: str) -> str:
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """Let a sanitised attribute pass, changed or not at all."""
    if name == "id":
        return PREFIX + value if _ID.fullmatch(value) else None
    if name == "class":
        return value if _LANGUAGE.fullmatch(value) else None
    if name == "align":
        return value if value in ("left", "right", "center") else None
    return value


class _Reader:
    """Sanitised HTML, taken apart at its pictures and links."""

    def __init__(self, text: str):
        self.text = text
        self.shift = 1 if "<h1" in text else 0
        self.mistakes: list[tuple[str, str, str]] = []

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces in order."""
        at = 0
        for element in _ELEMENT.finditer(self.text):
            piece = self.piece(element[1], element[2], element[3])
            if piece is not None:
                yield Html(self.text[at : element.start()])
                yield piece
                at = element.end()
        yield Html(self.text[at:])

    def piece(self, closing: str, name: str, attributes: str) -> Piece | None:
        """Return what stands for a tag, None if the tag stands for itself."""
        if self.shift and len(name) == 2 and name[0] == "h" and name[1] in "12345":
            return Html(f"<{closing}h{int(name[1]) + 1}{attributes}>")
        if closing or name not in ("a", "img", "td", "th"):
            return None
        values = {key: unescape(value) for key, value in _ATTRIBUTE.findall(attributes)}
        if name == "a":
            return self.link(values)
        return self.image(values) if name == "img" else _cell(name, values)

    def link(self, values: dict[str, str]) -> Piece:
        """Return an opening link; `</a>` follows in a later piece."""
        target = values.pop("href", "").strip()
        if target.startswith("#"):
            return _tag("a", values | {"href": f"#{PREFIX}{target[1:]}"})
        if target.lower().startswith("mailto:"):
            return _tag("a", values | {"href": target})
        if _SCHEME.match(target):
            try:
                return _tag("a", values | {"href": clean_url(target), "rel": "noopener"})
            except BadUrl as refusal:
                self.mistakes.append((target, f"a link: {refusal.reason}", refusal.hint))
        elif plain(target):
            return LinkHole(plain(target), values.get("title", ""))
        elif "id" not in values:
            self.mistakes.append(("", "a link leads nowhere", "use http, https, mailto or a path"))
        return _tag("a", values)

    def image(self, values: dict[str, str]) -> Piece:
        """Return a hole for a picture; one that is refused leaves its alternative text."""
        source, alt = values.get("src", "").strip(), plain(values.get("alt", ""))
        try:
            url = clean_url(source) if _SCHEME.match(source) else plain(source)
            if not url:
                raise BadUrl("there is no address", "use http, https or a path")
        except BadUrl as refusal:
            self.mistakes.append((source, f"a picture: {refusal.reason}", refusal.hint))
            return Html(escape(alt))
        width, height = (_pixels(values.get(side, "")) for side in ("width", "height"))
        return ImageHole(Picture(url, width, height, plain(values.get("title", ""))), alt)


def _cell(name: str, values: dict[str, str]) -> Html | None:
    """Return a table's cell; `align` is obsolete in HTML 5, so it becomes a class."""
    side = values.pop("align", "")
    return _tag(name, values | {"class": f"align-{side}"}) if side else None


def _tag(name: str, values: dict[str, str]) -> Html:
    return Html(f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in values.items()) + ">")


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the pieces with neighbouring HTML in one."""
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Html):
            texts.append(piece.text)
            continue
        if any(texts):
            yield Html("".join(texts))
        texts = []
        yield piece
    if "".join(texts).strip():
        yield Html("".join(texts))


def _pixels(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and int(text) else None


def _line(text: str, address: str) -> int:
    return text.count("\n", 0, max(text.find(address), 0)) if address else 0


def _refusal(text: str) -> str:
    """Return why a commentary is not given to the parsers, "" if it is."""
    if len(text) > MAX_SIZE:
        return f"the commentary has {len(text):,} characters; {MAX_SIZE:,} are the most"
    if _DEEP.search(text) or _depth(text) > MAX_DEPTH:
        return f"the commentary is nested deeper than {MAX_DEPTH} levels"
    if text.count("[^") > MAX_NOTES or text.count("*[") > MAX_NOTES:
        return f"the commentary has more than {MAX_NOTES} footnotes or abbreviations"
    return ""


def _depth(text: str) -> int:
    """Return how deep brackets and elements are nested, at most."""
    deepest = brackets = 0
    elements: Counter[str] = Counter()
    for found in _OPENING.finditer(text):
        opened, closed, bracket = found[1], found[2], found[3]
        if bracket:
            brackets = brackets + 1 if bracket in ("[", "](") else max(brackets - 1, 0)
        elif closed:
            elements[closed.lower()] -= elements[closed.lower()] > 0
        elif opened.lower() not in _VOID:
            elements[opened.lower()] += 1
        deepest = max(deepest, brackets, elements[(opened or "").lower()])
    return max(deepest, elements.total())
