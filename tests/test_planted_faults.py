"""A fault in the keys is found: each test leaves one thing out of one of them, and the newsroom sees stale bytes."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pytest
from newsroom import ROUND, difference_in_a_round
from site_kit import LISTING

import generator
from generator.base.digest import digest_record
from generator.base.files import Look, is_settled, look
from generator.base.imaging import SocialCard
from generator.base.looking import Looks
from generator.base.record import Record
from generator.builder import unchanged
from generator.builder.memo import Memo
from generator.builder.task import Action, key_head, task_key
from generator.content.article import card_of
from generator.library.relate import Library
from generator.pages.copies import make_static
from generator.pages.feed_view import FeedCover, FeedView
from generator.pages.lists import Sign
from generator.pages.machines import ApiInputs
from generator.pages.neighbours import Neighbours
from generator.pages.press import Story
from generator.pages.sitemap import SitemapUrl
from generator.pages.stories import ArticleInputs
from generator.publish.output import Output
from generator.reading import Reader
from generator.theme.load import _said
from generator.theme.parts import CardView, Digested, PictureView, ProviderView, SiteView, TopicLink
from generator.theme.views import TopicNode

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


class Fault(NamedTuple):
    """What is left out, and a kind of edit that must bring it to light."""

    plant: Plant
    kind: str


# -- how faults are planted --------------------------------------------------------------------------------------------


def everywhere(patch: Patch, ours: Callable[..., Any], planted: Callable[..., Any]) -> None:
    """Put a function in the place of one of ours, under every name that any module has for it."""
    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)  # one that is imported later would keep what is planted now
    for name, module in list(sys.modules.items()):
        if name.startswith("generator."):
            for attribute in [attribute for attribute, value in vars(module).items() if value is ours]:
                patch.setattr(module, attribute, planted)


def without(field: str, kind: type[Record]) -> Plant:
    """Leave a field of a kind of record out of all digests: it is there when pages are made, and in no key."""

    def plant(patch: Patch) -> None:
        everywhere(patch, digest_record, lambda record: digest_record(blanked(record, kind, field)))
        patch.setattr(Digested, "later", classmethod(lambda cls, digest, make: cls(make())))  # by that function, too

    return plant


def blanked(value: Any, kind: type[Record], field: str) -> Any:
    """Return a value in which no record of a kind says anything in a field."""
    if isinstance(value, kind):
        value = msgspec.structs.replace(value, **{field: None})
    if isinstance(value, msgspec.Struct):
        fields = {name: blanked(getattr(value, name), kind, field) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(blanked(part, kind, field) for part in value)
    if isinstance(value, dict):
        return {name: blanked(part, kind, field) for name, part in value.items()}
    return value


def no_template(patch: Patch) -> None:
    """A task's key knows of no template."""
    everywhere(patch, key_head, lambda action: key_head(action._replace(template=b"")))


def no_words(patch: Patch) -> None:
    """A template's digest knows of no translation."""
    everywhere(patch, _said, lambda words, uses: {})


def no_face(patch: Patch) -> None:
    """A card's digest is made without that of what the article itself says on it."""
    everywhere(patch, card_of, lambda article: msgspec.structs.replace(card_of(article), face=b""))


def no_static_digest(patch: Patch) -> None:
    """The key of a file of static/ is its name."""

    def key(action: Action[Any], inputs: Any) -> bytes:
        return task_key(action, inputs[0] if action.make is make_static else inputs)

    everywhere(patch, task_key, key)


def memo_of_names(patch: Patch) -> None:
    """A template's digest is remembered by its name, whatever the theme has become."""
    remember = Memo.get

    def by_name(self: Memo, name: str, depends_on: bytes, find: Callable[[], bytes]) -> bytes:
        return remember(self, name, b"" if name.startswith("template ") else depends_on, find)

    patch.setattr(Memo, "get", by_name)


def no_settings_of_readings(patch: Patch) -> None:
    """A file that was read is known by its bytes, though time zone and address of the site are others now."""
    patch.setattr(Reader, "key", lambda self, source: source.section.encode())


def young_files_trusted(patch: Patch) -> None:
    """A file that looks as before is not read again, though its disk's clock stands still and it was just written."""

    def standing(stat: Any) -> Look:
        return look(SimpleNamespace(st_size=stat.st_size, st_mtime_ns=0, st_ctime_ns=0, st_ino=stat.st_ino))

    everywhere(patch, look, standing)
    everywhere(patch, is_settled, lambda seen, at: True)


def outputs_not_looked_at(patch: Patch) -> None:
    """An output that is there is taken for what was made."""
    patch.setattr(Output, "holds", lambda self, artifact: (self.folder / artifact.output).exists())


def outputs_not_recalled(patch: Patch) -> None:
    """The shortcut does not look at the output."""

    def remembered(looks: Looks) -> str:
        found = next(looks._parts).decode()
        record = looks.folder.parent / LISTING / unchanged.RECORD
        return str(json.loads(record.read_bytes())["outputs"]) if record.is_file() else found

    digest = cached_property(remembered)
    digest.__set_name__(Looks, "digest")
    patch.setattr(Looks, "digest", digest)


def theme_not_recalled(patch: Patch) -> None:
    """The shortcut does not look at the theme."""
    look_at = unchanged.look_at_inputs
    everywhere(
        patch,
        look_at,
        lambda root, folders: look_at(root, tuple(name for name in folders if "theme" not in name))._replace(
            folders=folders
        ),
    )


def links_not_recalled(patch: Patch) -> None:
    """The shortcut does not look at the ledger of links."""
    everywhere(patch, unchanged.look_at_links, lambda root: [])


def drafts_not_recalled(patch: Patch) -> None:
    """The shortcut does not ask whether drafts are wanted."""
    recalled, remember = unchanged.recalled, unchanged.remember
    everywhere(patch, recalled, lambda root, asked, now: recalled(root, asked | {"drafts": None}, now))
    everywhere(patch, remember, lambda root, asked, *rest: remember(root, asked | {"drafts": None}, *rest))


def no_lifetime(patch: Patch) -> None:
    """The shortcut does not ask whether the clock has turned the site (`now` is left out)."""
    patch.setattr(Library, "lifetime", lambda self: (float("-inf"), float("inf")))


FAULTS = {
    "a template's digest": Fault(no_template, "template"),
    "a template's words": Fault(no_words, "translate"),
    "an outlet's name": Fault(without("name", ProviderView), "change_provider"),
    "a card's title": Fault(without("title", CardView), "rewrite_article"),
    "what was tampered with": Fault(outputs_not_looked_at, "tamper_outputs"),
    "a card's face": Fault(no_face, "rewrite_article"),
    "a card's excerpt": Fault(without("excerpt", CardView), "rewrite_article"),
    "a card's pin": Fault(without("pinned", CardView), "pin"),
    "a card's other outlets": Fault(without("outlets", CardView), "cover_otherwise"),
    "a picture's published sizes": Fault(without("roles", PictureView), "replace_picture"),
    "an outlet's logo": Fault(without("logo", ProviderView), "change_provider"),
    "the site's description": Fault(without("description", SiteView), "setting"),
    "the site's time zone": Fault(without("timezone", SiteView), "setting"),
    "the navigation": Fault(without("nav", SiteView), "setting"),
    "the theme's options": Fault(without("options", SiteView), "setting"),
    "the static pages": Fault(without("pages", SiteView), "change_page"),
    "a topic's name": Fault(without("name", TopicLink), "change_topic"),
    "a topic's broader topics": Fault(without("trail", Sign), "rename_broader"),
    "a topic's description": Fault(without("description", TopicNode), "change_topic"),
    "an article's own digest": Fault(without("article", Story), "rewrite_comment"),
    "where a commentary's links lead": Fault(without("links", Story), "move_linked"),
    "an article's neighbour": Fault(without("newer", Neighbours), "rewrite_article"),
    "an article's archived copy": Fault(without("archived", ArticleInputs), "lose_source"),
    "an article's social card": Fault(without("drawn", ArticleInputs), "turn_social_cards"),
    "a social card's title": Fault(without("title", SocialCard), "setting"),
    "where a feed's entries lead": Fault(without("link", FeedView), "setting"),
    "how a browser shows a feed": Fault(without("sheet", FeedCover), "style_sheet"),
    "the articles of the API": Fault(without("digests", ApiInputs), "rewrite_article"),
    "the dates of a sitemap": Fault(without("lastmod", SitemapUrl), "schedule_article"),
    "a static file's digest": Fault(no_static_digest, "rewrite_static"),
    "what a memo depends on": Fault(memo_of_names, "template"),
    "the settings of a reading": Fault(no_settings_of_readings, "setting"),
    "that a source is young": Fault(young_files_trusted, "save_unseen"),
    "the output, in the shortcut": Fault(outputs_not_recalled, "tamper_outputs"),
    "the theme, in the shortcut": Fault(theme_not_recalled, "template"),
    "the ledger of links, in the shortcut": Fault(links_not_recalled, "lose_source"),
    "drafts, in the shortcut": Fault(drafts_not_recalled, "show_drafts"),
    "the clock, in the shortcut": Fault(no_lifetime, "move_clock"),
}
QUICK = ("a template's digest", "a template's words", "an outlet's name", "a card's title", "what was tampered with")
BY_THE_ROUND = (*QUICK, "where a commentary's links lead", "that a source is young", "the clock, in the shortcut")


# -- what finds them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in FAULTS]
)
def test_fault_is_found(name: str, monkeypatch: Patch) -> None:
    """The edits of one kind, as the round of `make test` does them, bring a fault to light."""
    FAULTS[name].plant(monkeypatch)
    assert difference_in_a_round(ROUND, [FAULTS[name].kind]).startswith(f"after {FAULTS[name].kind}(")


@pytest.mark.long
@pytest.mark.parametrize("name", BY_THE_ROUND)
def test_fault_is_found_among_all_edits(name: str, monkeypatch: Patch) -> None:
    """A whole round, too: what comes before hides it in some orders, and not in all three."""
    FAULTS[name].plant(monkeypatch)
    assert any(difference_in_a_round(seed).startswith("after ") for seed in (ROUND, ROUND + 1, ROUND + 2))
