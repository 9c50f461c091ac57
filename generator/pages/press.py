"""The press: what a worker needs to turn an edition into pages, and how a view becomes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from struct import Struct
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote

import msgspec
from markupsafe import Markup, escape

from generator.base.digest import digest_bytes, digest_record
from generator.base.record import Record
from generator.base.records import Article, Card, ImageHole, LinkHole, Piece
from generator.builder.run import ActionFailed
from generator.pages.edition import Edition
from generator.theme.markup import picture_markup
from generator.theme.parts import CardView, Digested, PictureView
from generator.theme.render import Renderer
from generator.theme.templates import TemplateProblem
from generator.theme.views import View

BODY_ROLES = ("body", "hero")  # in which role a theme shows a commentary's pictures, the first that it has


class Filed(NamedTuple):
    """What the store holds of an article: its item in the JSON API, the record, and its own document there, encoded."""

    item: bytes
    article: bytes
    document: bytes

    def encode(self) -> tuple[bytes, bytes]:
        """Return the three as one record of the store; the item can be read alone, as for the API's pages."""
        return self.item, _LENGTH.pack(len(self.article)) + self.article + self.document

    @classmethod
    def decode(cls, item: bytes, rest: bytes) -> Filed:
        """Return what `encode` made one."""
        at = _LENGTH.size + _LENGTH.unpack_from(rest)[0]
        return cls(item, rest[_LENGTH.size : at], rest[at:])


class FileReader(Protocol):
    """Where articles and sources come from: the store of a build, or a test's own."""

    def filed(self, path: str) -> Filed:
        """Return what is held of the article at `path`."""

    def item(self, path: str) -> bytes:
        """Return its item in the JSON API, no more."""

    def digest(self, path: str) -> bytes:
        """Return the digest of that."""

    def source(self, path: str, digest: bytes) -> bytes:
        """Return a source's bytes, which must have `digest`."""


class Press(NamedTuple):
    """The world of all actions that make pages: read-only, and the same in every worker."""

    edition: Edition
    renderer: Renderer
    file: Callable[[str], Filed]  # by the article's path
    item: Callable[[str], bytes]  # of that
    digest: Callable[[str], bytes]  # of all of it
    read: Callable[[str, bytes], bytes]  # the bytes of a source, by its path and the digest that they must have
    targets: dict[str, str]  # what a link in a body may name -> site path
    stories: dict[str, Digested[Story]]  # by the article's path, each made when it is first asked for
    search: dict[str, bytes]  # the files of the search index, by name
    signs: dict[str, Digested[Any]]  # of lists, by their addresses, as `pages.lists` made them

    @classmethod
    def of(
        cls,
        edition: Edition,
        files: FileReader,
        targets: dict[str, str],
        renderer: Renderer,
        search: dict[str, bytes],
    ) -> Press:
        """Set up the press of an edition."""
        return cls(edition, renderer, files.filed, files.item, files.digest, files.source, targets, {}, search, {})


class Story(Record, frozen=True):
    """An article as its page and the feeds show it: the digest of the record, and what the library adds to it."""

    article: bytes
    card: Digested[CardView]
    path: str
    has_body: bool
    links: tuple[str, ...]  # where the links in its commentary lead: URLs, "" for nowhere
    pictures: tuple[PictureView, ...]  # in its commentary


_LENGTH = Struct("<I")
ARTICLES = msgspec.msgpack.Decoder(Article)


def story(press: Press, card: Card) -> Digested[Story]:
    """Return what an article's page is made of, without loading the article; its page and its feeds share it."""
    known = press.stories.get(card.path)
    if known is None:
        article, own = press.digest(card.path), press.edition.card(card)
        within = _within(press, card) if card.links or card.body_pictures else ((), ())
        body = digest_record(within) if any(within) else b"body" if card.has_body else b""
        make = partial(Story, article, own, card.path, card.has_body, *within)
        known = press.stories[card.path] = Digested.later(digest_bytes(article, own.digest, body), make)
    return known


def _within(press: Press, card: Card) -> tuple[tuple[str, ...], tuple[PictureView, ...]]:
    """Return where the links in a commentary lead, and its pictures."""
    here, pictures = press.edition.article_address(card), press.edition.pictures
    links = tuple([resolve(press, target, here) for target in card.links])
    views = [pictures.view(picture, use="body") for picture in card.body_pictures]
    return links, tuple([view for view in views if view])


def load_article(press: Press, path: str) -> Article:
    """Return the article whose file lies at `path`."""
    return ARTICLES.decode(press.file(path).article)


def render_view(press: Press, view: object) -> tuple[bytes]:
    """Return the page that a view's template makes of it.

    Raises:
        ActionFailed: where the template is wrong.
    """
    assert isinstance(view, View)
    try:
        return (press.renderer.render(view),)
    except TemplateProblem as error:
        raise ActionFailed(error.problem) from error


def resolve(press: Press, target: str, here: str) -> str:
    """Return the URL that a link in a body means, "" where it leads nowhere.

    A body may link to a site path ("/topics/ai/"), to an article's file ("2024-01-01-x.md") or from its own page on.
    """
    path, rest = link_address(target, here)
    found = link_target(path, press.targets)
    return "" if found is None else press.edition.url(found) + rest


def link_target(path: str, targets: dict[str, str]) -> str | None:
    """Return the site path of what a link names, percent-encoded or not, with or without its last slash."""
    for spelling in (path, f"{path}/", unquote(path), f"{unquote(path)}/"):
        if spelling in targets:
            return targets[spelling]
    return None


def link_address(target: str, here: str) -> tuple[str, str]:
    """Return the site path that a link means on the page at `here` ("news/x/"), and its query and fragment."""
    at = next((index for index, char in enumerate(target) if char in "?#"), len(target))
    path, rest = target[:at], target[at:]
    if path.endswith(".md"):
        return path.rpartition("/")[2], rest
    if path.startswith("/"):
        return path[1:], rest
    if not path:
        return here, rest
    parts = here.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts), rest


def fill_body(
    press: Press,
    body: tuple[Piece, ...],
    links: Iterable[str],
    pictures: Iterable[PictureView],
    *,
    outside: bool = False,
) -> str:
    """Return a body's HTML with its holes filled in their order; `outside` for feeds: absolute URLs, plain images."""
    link, picture = iter(links), iter(pictures)
    parts = []
    for piece in body:
        if isinstance(piece, LinkHole):
            url = next(link)
            parts.append(_anchor(press.edition.outside(url) if outside else url, piece.title))
        elif isinstance(piece, ImageHole):
            view = next(picture)
            parts.append(_plain_image(press, view, piece.alt) if outside else _image(press, view, piece.alt))
        else:
            parts.append(piece.text)
    return "".join(parts)


def _anchor(url: str, title: str) -> str:
    label = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(url)}"{label}>' if url else "<a>"


def _image(press: Press, view: PictureView, alt: str) -> Markup:
    roles = press.edition.theme.roles
    role = next((roles[name] for name in BODY_ROLES if name in roles), next(iter(roles.values())))
    return picture_markup(view, role, alt=alt)


def _plain_image(press: Press, view: PictureView, alt: str) -> str:
    if not view.roles:
        return ""
    sized = next((view.roles[name] for name in BODY_ROLES if name in view.roles), next(iter(view.roles.values())))
    url = escape(press.edition.outside(sized.url))
    return f'<img src="{url}" width="{sized.width}" height="{sized.height}" alt="{escape(alt)}">'
