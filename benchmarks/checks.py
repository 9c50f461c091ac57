"""Whether a timed build wrote what it had to: a fast build that is wrong counts for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corpus import Article, BenchmarkError
from sites import Contestant

LIST_SIZE, API_SIZE, HUGO_SIZE = 20, 25, 20  # articles on a page of a list, of the API, of Hugo's lists


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article stands among all shown ones."""

    article: Article
    from_oldest: int  # 0 = the oldest
    count: int

    @property
    def from_newest(self) -> int:
        """0 = the newest."""
        return self.count - 1 - self.from_oldest


def check_articles(contestant: Contestant, count: int) -> None:
    """Expect a page of its own for every article that is shown, and no other."""
    if (found := contestant.count_files()["articles"]) != count:
        raise BenchmarkError(f"{contestant.name} wrote {found} articles' pages, expected {count}")


def check_shown(contestant: Contestant, place: Place, newest: bool, equal: bool) -> None:
    """Expect the article's title wherever it has to stand."""
    files = broadsheet_files(place, newest, equal) if contestant.is_ours else hugo_files(place)
    for name in files:
        path = contestant.output / name
        if not path.is_file():
            raise BenchmarkError(f"{contestant.name} did not write {name}")
        if place.article.title not in path.read_text("utf-8"):
            raise BenchmarkError(f"{contestant.name}: “{place.article.title}” is not in {name}")


def check_template(contestant: Contestant, word: str, articles: list[Article]) -> None:
    """Expect the edited word of the template on every article's page."""
    for article in articles:
        if word not in (contestant.output / "news" / article.stem / "index.html").read_text("utf-8"):
            raise BenchmarkError(f"{contestant.name}: {article.stem} was not made with the edited template")


def broadsheet_files(place: Place, newest: bool, equal: bool) -> Iterator[str]:
    """Yield the files in which our output must have the article's title."""
    yield f"news/{place.article.stem}/index.html"
    if not equal:
        yield f"api/news/{place.article.stem}/index.json"
        yield f"api/news/page/{place.from_newest // API_SIZE + 1}/index.json"
    yield f"news/page/{place.from_oldest // LIST_SIZE + 1}/index.html"
    if place.from_newest < LIST_SIZE:
        yield "news/index.html"
    if newest:
        yield from ("index.html", "feed.xml", "atom.xml", "feed.json")


def hugo_files(place: Place) -> Iterator[str]:
    """Yield the files in which Hugo's output, and Eleventy's, must have the article's title."""
    yield f"news/{place.article.stem}/index.html"
    page = place.from_newest // HUGO_SIZE + 1
    yield "index.html" if page == 1 else f"page/{page}/index.html"
    if place.from_newest < HUGO_SIZE:
        yield "index.xml"
