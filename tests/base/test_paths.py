"""Paths: the laws of slugs and addresses."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base.paths import LONGEST_SLUG, address, portable, quote_path, slugify, topic_slug

names = st.text(max_size=60) | st.text("aA-+# .İßǅ́한東é\u200d", max_size=20)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Machine Learning", "machine-learning"),
        ("AT&T", "at-t"),
        ("  two   spaces ", "two-spaces"),
        ("under_score", "under-score"),
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("C++ 20", "c-plus-plus-20"),
        ("東京", "東京"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full-width"),
        ("Crème Brûlée", "crème-brûlée"),
        ("Cre\u0300me", "crème"),
        ("T\u0308", "\u1e97"),  # a letter that only its lower case has in one piece
        ("हिन्दी", "हिन्दी"),
        ("ไทย", "ไทย"),
        ("ﬁne Ⅷ", "fine-viii"),
        ("a/b\\c..d", "a-b-c-d"),
        ("<script>", "script"),
        ("…", ""),
    ],
)
def test_a_slug_spells_the_name(name: str, slug: str) -> None:
    """Letters, digits and their marks of any script stay, in lower case; what stands between them becomes one `-`."""
    assert slugify(name) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        *(("", "-topic"), ("..", "-topic"), ("Page", "page-topic"), ("index", "index-topic"), ("CON", "con-topic")),
        *(("Lpt1", "lpt1-topic"), ("console", "console"), ("pages", "pages")),
    ],
)
def test_a_topic_has_an_address_that_every_host_takes(name: str, slug: str) -> None:
    """Names that are empty, the word of archive pages or a device of Windows get the suffix `-topic`."""
    assert topic_slug(name) == slug


def test_long_names_are_cut_and_stay_different() -> None:
    """A name that no file could have is cut between characters, and its digest keeps it apart from its like."""
    first, second = slugify("東京" * 100), slugify("東京" * 100 + "都")
    assert first != second
    assert first.startswith("東京東京")
    assert max(len(first.encode()), len(second.encode())) <= LONGEST_SLUG


@given(names)
@settings(deadline=None)
def test_a_slug_is_one_safe_name(name: str) -> None:
    """A slug holds letters, digits, marks and single hyphens inside; it is NFC, short and without upper case."""
    slug = slugify(name)
    assert all(character == "-" or unicodedata.category(character)[0] in "LNM" for character in slug)
    assert slug == slug.strip("-")
    assert "--" not in slug
    assert slug == slug.lower()
    assert unicodedata.is_normalized("NFC", slug)
    assert len(slug.encode()) <= LONGEST_SLUG


@given(names)
@settings(deadline=None)
def test_a_slug_is_its_own_slug(name: str) -> None:
    """A slug of a slug is the same, so an `_id` may be given as a slug."""
    assert slugify(slugify(name)) == slugify(name)
    assert topic_slug(topic_slug(name)) in (topic_slug(name), topic_slug(name).lstrip("-"))


@given(names)
@settings(deadline=None)
def test_spellings_of_one_name_share_a_slug(name: str) -> None:
    """Case of ASCII letters, normal form and white space around a name decide nothing."""
    spelled = "".join(character.upper() if character.isascii() else character for character in name)
    assert slugify(spelled) == slugify(name)
    assert slugify(unicodedata.normalize("NFD", name)) == slugify(name)
    assert slugify(f"  {name}\n") == slugify(name)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(deadline=None)
def test_a_quoted_path_is_an_rfc_3986_path(path: str) -> None:
    """A path is encoded into the characters that a URL may have, and comes back whole."""
    quoted = quote_path(path)
    assert set(quoted) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%")
    assert unquote(quoted) == path


@pytest.mark.parametrize(
    ("path", "output"),
    [
        ("", "index.html"),
        ("news/", "news/index.html"),
        ("feed.xml", "feed.xml"),
        ("news/2020-01-01-v1.0/", "news/2020-01-01-v1.0/index.html"),
    ],
)
def test_an_address_is_served_from_a_file(path: str, output: str) -> None:
    """An address that ends with a slash, and the site's own, is a folder's index."""
    assert address(path) == output


@given(names)
@settings(deadline=None)
def test_paths_that_some_disk_takes_for_one_are_one(path: str) -> None:
    """Case and normal form make no two paths, in whatever order they are folded."""
    apart = unicodedata.normalize("NFD", path)
    for other in (apart, unicodedata.normalize("NFC", path), apart.casefold()):
        assert portable(other) == portable(path)
    assert portable(portable(path)) == portable(path)


def test_different_paths_stay_different() -> None:
    """Paths that differ by more than case and normal form are two."""
    assert portable("news/a/") != portable("news/a")
    assert portable("news/cafe/") != portable("news/café/")
    assert portable("News/A") == portable("news/a")
