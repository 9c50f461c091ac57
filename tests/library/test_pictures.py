"""Pictures: which file of the site an address means, and what is said of those that are missing."""

from __future__ import annotations

import pytest

from generator.library.pictures import Gallery
from library.cards import image, picture

NAMES = ("images/a.png", "images/ü b.png", "assets/logo.png", "assets/assets/deep.png")
GALLERY = Gallery({name: image(name) for name in NAMES}, {"images/bad.png": "the file is empty"})


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("images/a.png", "images/a.png"),
        ("/images/a.png", "images/a.png"),
        ("./images/a.png", "images/a.png"),
        ("../images/a.png", "images/a.png"),
        ("images/../images//a.png", "images/a.png"),
        ("images/a.png?v=2#top", "images/a.png"),
        ("/images/%C3%BC%20b.png", "images/ü b.png"),
        ("images/ü b.png", "images/ü b.png"),
        ("/assets/logo.png", "assets/logo.png"),
    ],
)
def test_a_path_is_a_file_of_the_site(url: str, name: str) -> None:
    """A path is looked up from the content's folder, percent-encoded or not, with dots or without."""
    assert GALLERY.name_of(url) == name
    assert GALLERY.find(picture(url)) == GALLERY.images[name]


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example/site/assets/logo.png",
        "http://old.example/assets/logo.png?size=50",
        "//cdn.example/a/b/assets/logo.png#x",
        "https://cdn.example/assets/v2/assets/logo.png",
    ],
)
def test_an_absolute_assets_address_is_the_sites_file(url: str) -> None:
    """An absolute address whose path ends in an `/assets/…` file of the site is that file, wherever it is served."""
    assert GALLERY.name_of(url) == "assets/logo.png"


def test_the_longest_assets_path_counts_first() -> None:
    """`/assets/` may stand twice in an address: the longest path that is a file is meant."""
    assert GALLERY.name_of("https://cdn.example/assets/assets/deep.png") == "assets/assets/deep.png"


@pytest.mark.parametrize(
    "url",
    ["https://a.example/images/a.png", "https://a.example/assets/other.png", "https://a.example/myassets/logo.png"],
)
def test_any_other_absolute_address_is_remote(url: str) -> None:
    """A picture elsewhere is no file of the site, and none of it is missing."""
    assert GALLERY.name_of(url) == ""
    assert GALLERY.find(picture(url)) is None
    assert GALLERY.problems([("content/news/a.md", (), url)]) == []


def test_no_picture_is_no_file() -> None:
    """An article without a picture has none."""
    assert GALLERY.find(None) is None


def test_the_best_picture_is_the_widest_that_is_there() -> None:
    """Of several logos the widest file counts; missing, broken and remote ones do not."""
    gallery = Gallery({"assets/s.png": image("assets/s.png", 50), "assets/l.png": image("assets/l.png", 400)}, {})
    urls = ("assets/s.png", "assets/l.png", "assets/none.png", "https://a.example/l.png")
    best = gallery.best(tuple(map(picture, urls)))
    assert best == (picture("assets/l.png"), gallery.images["assets/l.png"])
    assert gallery.best((picture("assets/none.png"),)) is None


def test_a_missing_file_is_one_warning_with_its_users() -> None:
    """A file that many use is one problem, at its first user, with the count and the first three."""
    users = [(f"content/news/{name}.md", ("images", 0, "url"), "images/none.png") for name in "dacbe"]
    (problem,) = GALLERY.problems(users)
    assert problem.severity == "warning"
    assert str(problem) == (
        "content/news/a.md: images[0].url: the picture images/none.png is missing "
        "(used by 5 files: content/news/a.md, content/news/b.md, content/news/c.md, …); "
        "add the file, or correct its name"
    )


def test_different_spellings_are_one_missing_file() -> None:
    """Addresses that mean one file are one problem; two uses in one file are one user."""
    urls = ("images/none.png", "/images/none.png", "./images/none.png?2")
    (problem,) = GALLERY.problems([("content/news/a.md", (), url) for url in urls])
    assert str(problem) == (
        "content/news/a.md: the picture images/none.png is missing; add the file, or correct its name"
    )


def test_a_broken_file_says_what_is_wrong() -> None:
    """A file that is no picture is a warning with its reason; nothing is said of a broken file that nobody uses."""
    (problem,) = GALLERY.problems([("content/news/a.md", ("images", 0, "url"), "/images/bad.png")])
    assert str(problem) == (
        "content/news/a.md: images[0].url: the picture images/bad.png cannot be used: the file is empty; "
        "replace the file"
    )
    assert GALLERY.problems([]) == []


def test_three_users_are_all_named() -> None:
    """With three users there is no ellipsis."""
    (problem,) = GALLERY.problems([(f"{name}.md", (), "none.png") for name in "abc"])
    assert problem.message == "the picture none.png is missing (used by 3 files: a.md, b.md, c.md)"
