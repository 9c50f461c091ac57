"""The articles that are measured: made by the shared script, edited and added to between builds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

TITLE = re.compile(r"^title: (.*)$", re.MULTILINE)
PUBLISHED = re.compile(r"^publishedDateTime: (\S+)$", re.MULTILINE)
DRAFT = re.compile(r"^published: false$", re.MULTILINE)
ADDRESS = re.compile(r'^(webUrl|originalUrl): "(.*)"$', re.MULTILINE)


class BenchmarkError(Exception):
    """The comparison cannot be made, or a build did not write what it had to."""


@dataclass(frozen=True, slots=True, order=True)
class Article:
    """An article file as the checks need it; sorts as lists of the site do, oldest first."""

    published: str  # ISO 8601, UTC, so text sorts as time
    name: str  # of the file
    title: str
    text: str

    @property
    def stem(self) -> str:
        """The last part of the article's address."""
        return self.name.removesuffix(".md")


def make_corpus(script: Path, count: int, long: bool, folder: Path) -> list[Article]:
    """Write and read `count` articles, always the same for the same count, all of them published; oldest first."""
    if not script.is_file():
        raise BenchmarkError(f"{script} is missing: the comparison needs its corpus and its Hugo site (--bench FOLDER)")
    subprocess.run([sys.executable, str(script), str(count), str(folder), *(["long"] if long else [])], check=True)
    return sorted(read_article(path.name, path.read_text("utf-8")) for path in folder.glob("*.md"))


def read_article(name: str, text: str) -> Article:
    """Read what the comparison must know of an article."""
    title, published = TITLE.search(text), PUBLISHED.search(text)
    if not title or not published:
        raise BenchmarkError(f"{name} has no title or no date")
    return Article(published[1], name, json.loads(title[1]), DRAFT.sub("published: true", text))


def retitled(article: Article, title: str) -> Article:
    """Return the article under another title."""
    text = TITLE.sub(lambda _: f"title: {json.dumps(title)}", article.text, count=1)
    return replace(article, title=title, text=text)


def newer(latest: Article, title: str, hours: int) -> Article:
    """Return a new article, like the latest one but some hours newer and about another story."""
    at = datetime.fromisoformat(latest.published) + timedelta(hours=hours)
    published = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = f"{published[:10]}-{re.sub('[^a-z0-9]+', '-', title.lower())}.md"
    text = PUBLISHED.sub(f"publishedDateTime: {published}", latest.text, count=1)
    text = ADDRESS.sub(lambda match: f'{match[1]}: "{match[2]}&added={hours}"', text)
    return retitled(replace(latest, published=published, name=name, text=text), title)
