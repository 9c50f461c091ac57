"""A newsroom: a small site, every kind of edit that a desk and its disks do to it, and a comparison with a clean build.

It is played in two ways: hypothesis picks edits freely (`Newsroom` is its machine), and a round does each kind once.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import wraps
from itertools import count, permutations
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from site_kit import LISTING, NOON, build, full_site, plain_article, report, run_here, tree

from generator.base.digest import digest_record
from generator.base.imaging import Image
from generator.base.problems import OutputRefused, Problem
from generator.builder.unchanged import look_at_inputs
from generator.images.fetch.collection import Collection as Pictures
from generator.images.fetch.ledger import Entry, Kept
from generator.images.probe import probe
from generator.links.ledger import Entry as LinkEntry
from generator.links.ledger import LinkLedger

HOUR = timedelta(hours=1)
MEMORY = Path("/dev/shm")  # a disk in memory, where there is one: here are ten thousands of files written
TEMPLATES = "themes/default/templates"
ALL_OF_A_CARD = "<p hidden>{{ card.pinned }} {{ card.updated }} {{ card.indexable }} {{ card.source_url }}</p>\n"
ALL_OF_AN_ARTICLE = "<p hidden>{{ extra }} {{ section }} {{ report_count }}</p>\n"

# -- what edits choose from; a round takes one of each, and hypothesis shrinks towards the first -----------------------


def instant(at: int) -> str:
    """Return an instant some hours from noon, as a file writes it."""
    return (NOON + at * HOUR).isoformat()


PICKS = range(100)  # which of what is there
WORDS = ("One", "Two & <three>", "日本 «x»", "&amp; entities&nbsp;", "a — b", "4" * 130)
TOPICS = (["Chips"], [], ["Science", "Computing"], ["Silicon"], ["New", "Chips"], ["東京", "C++"], ["Computing", "New"])
HOURS = (-9000, -2000, -700, -100, -48, -47, -1, 0, 1, 100)
COLOURS = ("#000000", "#ffffff", "#123456")
DOMAINS = ("outlet.example", "other.example", "outlet0.example", "outlet1.example", "bücher.example")
PICTURES = ("/images/lead.png", "/assets/outlet.png", "/images/gone.png", "https://a.example/b", "https://a.example/c")
PICTURE_FILES = ("images/lead.png", "images/body.png", "assets/outlet.png")
BODIES = (
    "Our *view*.\n",
    "",
    "See [that](2026-02-20-plain.md), [chips](/topics/chips/) and [nothing](/nowhere/).\n",
    "![A box](/images/body.png) ![Gone](/images/gone.png)\n",
)
LOGOS = tuple([{"url": url}] for url in PICTURES)
EARLIER = (["/old/one/"], ["/x.html"], ["/old/page/", "/old/topic/"], ["/about/"], ["/topics/silicon/"])
INSTANTS = tuple(map(instant, HOURS))
ACCENTS = ("red", "blue", "green")

# Fields that an edit changes alone, with values that they may take; None takes a field away.
Fields = dict[str, Sequence[Any]]
TEXT: Fields = {
    "title": WORDS,
    "excerpt": WORDS,
    "type": ("video", "article"),
    "locale": ("de", "ar", None),
    "note": WORDS,  # not known: given to themes
    "images": (*LOGOS, None),
    "focus": ([0, 0], [1, 1], None),
    "featuredContent": ('<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>', None),
}
PLACE: Fields = {
    "topics": TOPICS,
    "webUrl": ("https://outlet.example/elsewhere", "https://other.example/folded", "https://other.example/elsewhere"),
    "redirect_from": EARLIER,
    "provider": tuple({"name": name, "domain": domain} for name in ("A name", "B") for domain in (*DOMAINS, "no one")),
    "heat": (900, -1, 0, 70),
    "quality": (1, 99),
}
STANDING: Fields = {
    "publishedDateTime": INSTANTS,
    "updatedDateTime": (*INSTANTS, None),
    "published": (False, True),
    "removed": (True, False),
    "pin": (True, False),
    "pinUntil": (*INSTANTS, None),
}
NOT_GIVEN = {"type": "article", "published": True, "removed": False, "pin": False}
TOPIC: Fields = {
    "name": ("Engines", "東京", "Computing"),
    "shortname": ("Short", "S & T"),
    "description": WORDS,
    "parent": ("Science", "Computing", "Chips", "Nowhere", None),
    "aliases": (*TOPICS, None),
    "redirect_from": EARLIER,
    "images": LOGOS,
}
PROVIDER: Fields = {
    "name": ("One", "Of news & <more>", "O «ü»"),  # all with the letter that stands for an outlet without a logo
    "description": WORDS,
    "images": (*LOGOS, None),
    "rehost": (False, True),
}
PAGE: Fields = {"title": WORDS, "description": WORDS, "redirect_from": EARLIER}
SETTINGS: Fields = {  # the last of each is what the site begins with
    "title": ("Other & news", "Small news"),
    "description": (*WORDS, ""),
    "base_url": ("https://other.example/", "https://another.example/", "https://news.example/"),
    "language": ("de", "ar", "en"),
    "timezone": ("Asia/Tokyo", "America/St_Johns", "UTC"),
    "logo": ("/assets/outlet.png", "/images/gone.png", ""),
    "feed_link": ("page", "source"),
    "feed_hub": ("https://hub.example/", ""),
    "feed_authority": ("desk.example,2026", ""),
    "index_excerpts": (True, False),
    "nav": ({"Chips": "/topics/chips/", "Away": "https://away.example/"}, {"Dead": "/nowhere/"}, {}),
    "options": (*({"accent": accent, "show_excerpts": False} for accent in ACCENTS), {}),
    "ranking": ({"half_life": 1}, {"half_life": 100_000}, {}),
    "outputs": (
        {"archive": False, "topic_feeds": False},
        {"providers": False, "feeds": False},
        {"sitemaps": False, "api": False, "provider_feeds": False},
        {},
    ),
    "links": ({"archive": False}, {"archive": True}),
    "images": (
        {"fetch": False, "formats": []},
        {"fetch": False, "quality": 50},
        {"fetch": False, "no_rehost": ["a.example"]},
        {"fetch": False},
    ),
}
REMOTE = "https://a.example/b"


class Kind(NamedTuple):
    """A kind of edit: what its arguments choose from; a round does it with every choice of the one named `every`."""

    every: str
    choices: dict[str, Sequence[Any]]

    def cases(self) -> list[dict[str, Any]]:
        """Return what a round gives."""
        return [{self.every: value} for value in self.choices[self.every]] if self.every else [{}]


KINDS: dict[str, Kind] = {}


def edit(every: str = "", **choices: Sequence[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a method a kind of edit, and a rule: it edits, the site is built, and may be compared with a clean one."""

    def to_rule(method: Callable[..., None]) -> Callable[..., None]:
        @wraps(method)
        def step(self: Newsroom, compare: bool, **drawn: Any) -> None:
            method(self, **drawn)
            self.build()
            if compare:
                self.compare()

        KINDS[method.__name__] = Kind(every, choices)
        drawn = {name: st.sampled_from(values) for name, values in choices.items()}
        return rule(compare=st.sampled_from((True, False, False, False)), **drawn)(step)

    return to_rule


class Clean(NamedTuple):
    """What a clean build of some inputs gave."""

    inputs: tuple[object, ...]
    output: dict[str, bytes]
    problems: tuple[Problem, ...]


class Differs(AssertionError):
    """An incremental build wrote what a clean one does not."""


class Newsroom(RuleBasedStateMachine):
    """A site, and everything that may happen to it between two builds."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="broadsheet-newsroom-", dir=MEMORY if MEMORY.is_dir() else None))
        self.site = full_site(self.folder / "site", articles=23)
        for domain, name in (("outlet.example", "Outlet One"), ("outlet0.example", "Outlet Zero")):
            self.site.provider(domain, name=name, images=LOGOS[1])
        for file in self.site_files("topics"):
            slug = file.stem.partition("-")[2]
            self.site.edit(file, _id=slug, shortname=slug)  # else another name is another address, on every page
        self.site.write(f"{TEMPLATES}/parts/deep.html", "<!-- deep -->")
        for template in ("parts/card.html", "chrome/footer.html", "parts/pager.html"):
            self.append(f"{TEMPLATES}/{template}", '{% include "parts/deep.html" %}')
        self.mark("parts/card.html", ALL_OF_A_CARD)
        self.mark("article.html", ALL_OF_AN_ARTICLE)
        self.settings = {name: values[-1] for name, values in SETTINGS.items()}
        self.words: dict[str, str] = {}  # English as the site says it
        self.site.settings(**self.settings)
        self.now, self.drafts, self.jobs, self.by_command = NOON, False, 1, False
        self.numbers = count()
        self.clean: Clean | None = None
        self.problems: tuple[Problem, ...] | None = ()
        self.compared = False

    @initialize(jobs=st.integers(1, 3))
    def first_build(self, jobs: int) -> None:
        self.jobs = jobs
        self.build()

    # -- building and comparing ---------------------------------------------------------------------------------------

    def build(self) -> None:
        """Build incrementally, through the pipeline or through the command with its shortcut."""
        self.compared = False
        if self.by_command:
            options = ["--jobs", str(self.jobs), *(["--drafts"] if self.drafts else [])]
            said = run_here(self.site, "build", *options, now=self.now)
            assert said.code in (0, 1), said.err
            self.problems = None
        else:
            done = build(self.site, self.now, drafts=self.drafts, jobs=self.jobs)
            self.problems = done.problems
            assert {artifact.output for artifact in done.artifacts} | {LISTING} == tree(self.site.output).keys()

    def compare(self) -> None:
        """Build a copy in another folder from nothing, and compare files, bytes and problems.

        Raises:
            Differs: where they are not equal.
        """
        clean, ours = self.build_clean(), tree(self.site.output)
        theirs, self.compared = clean.output, True
        wrong = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        if wrong:
            raise Differs(f"{len(wrong)} files are not those of a clean build: {', '.join(wrong[:5])}")
        if self.problems is not None and self.problems != clean.problems:
            raise Differs(f"problems are not those of a clean build: {set(self.problems) ^ set(clean.problems)}")

    def build_clean(self) -> Clean:
        """Build a copy in another folder from nothing, or remember what that gave where nothing was edited since."""
        folders = (tree(self.site.root / name) for name in ("content", "themes", "pictures", "links"))
        inputs = (self.now, self.drafts, dict(self.settings), *folders)
        if self.clean is None or self.clean.inputs != inputs:
            copy = self.site.copy(self.folder / f"clean {next(self.numbers)}")
            problems = build(copy, self.now, drafts=self.drafts, jobs=self.jobs % 3 + 1).problems
            self.clean = Clean(inputs, tree(copy.output), problems)
            shutil.rmtree(copy.root)
        return self.clean

    def teardown(self) -> None:
        try:
            if not self.compared:
                self.compare()
        finally:
            self.close()

    def close(self) -> None:
        """Take all of it away."""
        shutil.rmtree(self.folder)

    # -- articles -----------------------------------------------------------------------------------------------------

    @edit(number=range(60), heat=(70, -1, 0, 900), topics=TOPICS, at=HOURS)
    def add_article(self, number: int, heat: int, topics: list[str], at: int) -> None:
        plain_article(self.site, number, heat=heat, topics=topics, publishedDateTime=instant(at))

    @edit(pick=PICKS)
    def delete_article(self, pick: int) -> None:
        self.article(pick).unlink()

    @edit(pick=PICKS, stem=("2026-01-01-renamed", "Über_uns", "x" * 200, "about"))
    def rename_article(self, pick: int, stem: str) -> None:
        article = self.article(pick)
        article.rename(article.with_stem(stem))

    @edit(every="field", field=tuple(TEXT), pick=PICKS, value=PICKS)
    def rewrite_article(self, field: str, pick: int, value: int) -> None:
        self.change(self.shown_article(pick), field, TEXT, value)

    @edit(every="field", field=tuple(PLACE), pick=PICKS, value=PICKS)
    def place_article(self, field: str, pick: int, value: int) -> None:
        self.change(self.shown_article(pick), field, PLACE, value)

    @edit(every="field", field=tuple(STANDING), pick=PICKS, value=PICKS)
    def schedule_article(self, field: str, pick: int, value: int) -> None:
        """Change a date or a mark of any article, also of one that was held back."""
        self.change(self.article(pick), field, STANDING, value)

    @edit(pick=PICKS, until=(*INSTANTS, None))
    def pin(self, pick: int, until: str | None) -> None:
        self.site.edit(self.shown_article(pick), pin=True, pinUntil=until)

    @edit(lead=PICKS, other=PICKS, heat=(70, -1), more=range(15))
    def cover(self, lead: int, other: int, heat: int, more: int) -> None:
        """List one article in another's coverage: with heat -1 it is folded into that story."""
        stem = self.article(other).stem
        self.site.edit(self.article(other), heat=heat)
        reports = [report(f"more-{n}", provider={"name": f"O{n}", "domain": f"o{n}.example"}) for n in range(more)]
        self.site.edit(self.article(lead), related=[report("x", webUrl=f"https://outlet.example/{stem}"), *reports])

    @edit(pick=PICKS, names=(["One"], ["Two", "Three", "Four", "Five"], ["The Other", "Six"]))
    def cover_otherwise(self, pick: int, names: list[str]) -> None:
        """Give a story that has coverage that of other outlets."""
        self.site.edit(
            self.covered_article(pick),
            related=[report(name.lower(), provider={"name": name, "domain": ""}) for name in names],
        )

    @edit(pick=PICKS)
    def uncover(self, pick: int) -> None:
        self.site.edit(self.covered_article(pick), related=None, heat=80)

    @edit(every="body", body=BODIES, pick=PICKS)
    def comment(self, body: str, pick: int) -> None:
        self.site.edit(self.shown_article(pick), body)

    @edit(pick=PICKS, body=("What is said now.\n", "Another *word*.\n"))
    def rewrite_comment(self, pick: int, body: str) -> None:
        """Change a commentary's words alone: nothing but the article itself says that it is another one."""
        article = self.shown_article(pick)
        self.site.edit(article, "What was said first.\n")
        self.build()
        self.site.edit(article, body)

    @edit(pick=PICKS, away=range(3, 9))
    def move_linked(self, pick: int, away: int) -> None:
        """Rename an article that another one's commentary leads to, and that is not its neighbour."""
        there = self.shown_article(pick + away)
        self.site.edit(self.shown_article(pick), f"See [that]({there.name}).\n")
        self.build()
        there.rename(there.with_stem(f"{there.stem}-{next(self.numbers)}"))

    @edit(pick=PICKS, text=("", "---\n", "---\ntitle: [\n---\n", "\ufeff---\ntitle: x\n---\n"))
    def break_article(self, pick: int, text: str) -> None:
        """Save something that is no article; the next edits of it write it anew."""
        article = self.article(pick)
        whole = article.read_text()
        article.write_text(text)
        self.build()
        article.write_text(whole)

    @edit(pick=PICKS)
    def save_unseen(self, pick: int) -> None:
        """Save an article of equal size as soon as it was read: on a disk with a coarse clock it looks as before."""
        article = self.shown_article(pick)
        for letter in "ab":
            self.site.edit(article, excerpt=letter)
            self.build()
        self.site.edit(article, excerpt="c")

    # -- the site's own data ------------------------------------------------------------------------------------------

    @edit(every="field", field=tuple(TOPIC), pick=PICKS, value=PICKS)
    def change_topic(self, field: str, pick: int, value: int) -> None:
        self.change(self.topic(pick), field, TOPIC, value)

    @edit(value=PICKS)
    def rename_broader(self, value: int) -> None:
        """Rename a topic that others stand below."""
        broader = [file for file in self.site_files("topics") if file.name.endswith("-computing.yaml")]
        self.change(broader[0] if broader else self.site.topic("Computing"), "name", TOPIC, value)

    @edit(pick=PICKS, order=range(10))
    def order_topic(self, pick: int, order: int) -> None:
        file = self.topic(pick)
        file.rename(file.with_name(f"{order:02d}-{file.name.partition('-')[2]}"))

    @edit(name=("New", "C++", "Unheard of"), order=range(10), there=(True, True, False))
    def add_topic(self, name: str, order: int, there: bool) -> None:
        file = self.site.topic(name, order)
        if not there:
            file.unlink()

    @edit(every="field", field=tuple(PROVIDER), domain=("outlet.example", "outlet0.example"), value=PICKS)
    def change_provider(self, field: str, domain: str, value: int) -> None:
        """Change what an outlet that has shown articles says of itself."""
        file = self.site.root / f"content/providers/{domain}.yaml"
        if not file.exists():
            self.site.provider(domain, name="Back again")
        self.change(file, field, PROVIDER, value)

    @edit(domain=DOMAINS, name=WORDS, logo=LOGOS)
    def provider(self, domain: str, name: str, logo: list[dict[str, str]]) -> None:
        self.site.provider(domain, name=name, images=logo)

    @edit(pick=PICKS)
    def forget_provider(self, pick: int) -> None:
        if files := self.site_files("providers"):
            files[pick % len(files)].unlink()

    @edit(every="field", field=tuple(PAGE), value=PICKS)
    def change_page(self, field: str, value: int) -> None:
        file = self.site.root / "content/pages/about.md"
        if not file.exists():
            self.site.page("about", "About")
        self.change(file, field, PAGE, value)

    @edit(slug=("about", "privacy", "news"), title=WORDS, body=BODIES, there=(True, True, False))
    def static_page(self, slug: str, title: str, body: str, there: bool) -> None:
        file = self.site.page(slug, title, body, redirect_from=["/old/page/"])
        if not there:
            file.unlink()

    @edit(
        path=("CNAME", "a/b.txt", "a", "feed.xml", "robots.txt"),
        data=(b"other.example\n", b"", b"\0"),
        there=(True, True, False),
    )
    def static_file(self, path: str, data: bytes, there: bool) -> None:
        file = self.site.root / "content/static" / path
        if file.is_dir():
            shutil.rmtree(file)
        for parent in file.parents:
            if parent.is_file():
                parent.unlink()
        self.site.write(f"content/static/{path}", data)
        if not there:
            file.unlink()

    @edit()
    def rewrite_static(self) -> None:
        self.site.write("content/static/CNAME", f"{next(self.numbers)}.example\n")

    @edit(every="path", path=PICTURE_FILES, colour=COLOURS)
    def replace_picture(self, path: str, colour: str) -> None:
        """Another picture of equal size, put there with the times of the old one."""
        file = self.site.root / "content" / path
        before = file.stat() if file.exists() else None
        self.site.picture(path, colour, *((50, 50) if path.startswith("assets") else (64, 48)))
        if before:
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    @edit(path=PICTURE_FILES, wide=(True, False))
    def resize_picture(self, path: str, wide: bool) -> None:
        self.site.picture(path, "#445566", 640 if wide else 30, 48)

    @edit(path=("images/lead.png", "assets/outlet.png"), broken=(True, False))
    def lose_picture(self, path: str, broken: bool) -> None:
        file = self.site.root / "content" / path
        data = file.read_bytes() if file.exists() else b""
        file.unlink(missing_ok=True)
        if broken:
            self.site.write(f"content/{path}", data[: len(data) // 2])

    @edit(every="colour", colour=(*COLOURS, ""), wide=(True, False))
    def fetch_picture(self, colour: str, wide: bool) -> None:
        """The collection has another picture of an address, or none any more; an article and an outlet name it."""
        collection = Pictures(self.site.root / "pictures")
        collection.prune([])
        if colour:
            data = self.site.picture("images/away.png", colour, 320 if wide else 64, 48).read_bytes()
            (self.site.root / "content/images/away.png").unlink()
            image = probe("", data)
            assert isinstance(image, Image)
            kept = Kept(collection.keep(data, image), len(data), image.width, image.height, image.format, NOON)
            collection.put(Entry(REMOTE, NOON, NOON, kept))
            collection.settle()
        self.site.edit(self.article(0), images=[{"url": REMOTE}])

    @edit(every="dead", dead=(True, False), pick=PICKS)
    def lose_source(self, dead: bool, pick: int) -> None:
        """A check has found that the sources of two articles are dead, or that those which were are not."""
        if self.settings["links"] != SETTINGS["links"][-1]:
            self.settings["links"] = SETTINGS["links"][-1]
            self.site.settings(**self.settings)
        ledger = LinkLedger(self.site.root / "links")
        for at in (pick, pick + 1):
            url = json.loads(re.findall(r"^webUrl: (.*)$", self.shown_article(at).read_text(), re.MULTILINE)[0])
            known = ledger.entries.get(url)
            state = "dead" if dead and not (known and known.state == "dead") else "good"
            ledger.put(LinkEntry(url, NOON, NOON, state))
        ledger.settle()

    # -- settings and theme -------------------------------------------------------------------------------------------

    @edit(every="name", name=tuple(SETTINGS), value=PICKS)
    def setting(self, name: str, value: int) -> None:
        self.settings[name] = other(SETTINGS[name], value, self.settings.get(name))
        self.site.settings(**self.settings)

    @edit(every="on", on=(True, False))
    def turn_social_cards(self, on: bool) -> None:
        """Turn the cards on or off where all articles have one, those with a picture excepted."""
        self.settings["index_excerpts"] = True
        self.settings["outputs"] = {**(self.settings.get("outputs") or {}), "social_cards": on}
        self.site.settings(**self.settings)

    @edit(path=("sub/path/", "p/"))
    def move_site(self, path: str) -> None:
        """Put the site below another path of its host."""
        self.settings["base_url"] = f"https://news.example/{path}"
        self.site.settings(**self.settings)

    @edit()
    def nested_include(self) -> None:
        """Change what is included by what is included, or by a fragment."""
        self.append(f"{TEMPLATES}/parts/deep.html", f"<!-- {next(self.numbers)} -->")

    @edit(text=("{% include 'parts/pager.html' ignore missing %}", "{% if %}", "{{ nothing.there }}"))
    def break_template(self, text: str) -> None:
        """Save a template that is wrong: pages go, and come back when it is mended."""
        file = self.site.root / TEMPLATES / "parts/deep.html"
        whole = file.read_text()
        file.write_text(text)
        self.build()
        self.compare()
        file.write_text(whole)

    @edit(
        every="template",
        template=(
            "article.html",
            "base.html",
            "list.html",
            "parts/card.html",
            "parts/coverage.html",
            "parts/topic.html",
        ),
    )
    def template(self, template: str) -> None:
        self.mark(template, f"<!-- {next(self.numbers)} -->\n")

    @edit(every="message", message=("Newest", "News", "Topics", "More:"))
    def translate(self, message: str) -> None:
        """Say something in other words: what a template says, the program, or both; English may have a catalogue."""
        self.words[message] = f"Words {next(self.numbers)}"
        pairs = (f'msgid "{text}"\nmsgstr "{own}"\n' for text, own in self.words.items())
        self.site.write("themes/default/locale/en/LC_MESSAGES/messages.po", "\n".join(pairs))

    @edit(colour=COLOURS, used=(True, False))
    def style_sheet(self, colour: str, used: bool) -> None:
        self.site.write("themes/default/assets/dot.svg", f"<svg fill='{colour}'/>")
        if used:
            self.append("themes/default/assets/style.css/50-parts.css", ".dot { background: url(dot.svg) }\n")

    @edit(accents=tuple(permutations(ACCENTS)), width=(30, 60, 320))
    def theme_settings(self, accents: tuple[str, ...], width: int) -> None:
        """Another default of an option, other widths of a role."""
        file = self.site.root / "themes/default/theme.toml"
        lines = file.read_text().splitlines()
        lines = [f"accent = {json.dumps(accents)}" if line.startswith("accent") else line for line in lines]
        lines = [f"widths = [{width}, 64]" if line.startswith("widths = [1200]") else line for line in lines]
        file.write_text("\n".join(lines) + "\n")

    # -- what happens to output and cache -----------------------------------------------------------------------------

    @edit(every="how", how=("flip", "cut", "add", "empty", "link"), pick=PICKS, more=range(6))
    def tamper_outputs(self, how: str, pick: int, more: int) -> None:
        for file in self.outputs(pick, more):
            if how == "link":
                away = file.rename(self.folder / f"away {next(self.numbers)}")
                file.symlink_to(away)
            else:
                tamper(file, how)

    @edit(pick=PICKS, more=range(6))
    def delete_outputs(self, pick: int, more: int) -> None:
        for file in self.outputs(pick, more):
            file.unlink()

    @edit(pick=PICKS)
    def delete_output_folder(self, pick: int) -> None:
        folders = sorted(path for path in self.site.output.iterdir() if path.is_dir())
        shutil.rmtree(folders[pick % len(folders)])

    @edit(every="whole", whole=(True, False))
    def delete_listing(self, whole: bool) -> None:
        """The list of what is ours goes, or all of the output goes."""
        if whole:
            shutil.rmtree(self.site.output)
        else:
            (self.site.output / LISTING).unlink()

    @edit(every="how", how=("flip", "gone", "cut", "empty"), seed=range(2**16))
    def damage_cache(self, how: str, seed: int) -> None:
        for file in self.cached(seed):
            file.unlink() if how == "gone" else tamper(file, how)

    @rule()
    def copy_cache(self) -> None:
        shutil.rmtree(self.folder / "earlier", ignore_errors=True)
        shutil.copytree(self.site.cache, self.folder / "earlier")

    @edit(every="whole", whole=(True, False), seed=range(2**16))
    def restore_cache(self, whole: bool, seed: int) -> None:
        """Put an earlier copy back: all of it, or some of its files into what is there now."""
        earlier = self.folder / "earlier"
        files = sorted(path for path in earlier.rglob("*") if path.is_file())
        if whole and files:
            shutil.rmtree(self.site.cache)
        for file in files if whole else random.Random(seed).sample(files, len(files) // 2):
            place = self.site.cache / file.relative_to(earlier)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            shutil.copy2(file, place)

    @edit()
    def delete_cache(self) -> None:
        shutil.rmtree(self.site.cache)

    # -- the clock, and how builds are asked for ----------------------------------------------------------------------

    @edit(every="at", at=(-100, -47, 47, 100))
    def move_clock(self, at: int) -> None:
        self.now = NOON + at * HOUR

    @edit()
    def show_drafts(self) -> None:
        """Ask for the other of the two kinds of build, with drafts or without."""
        self.drafts = not self.drafts

    @rule(jobs=st.integers(1, 3), by_command=st.booleans())
    def ask_otherwise(self, jobs: int, by_command: bool) -> None:
        self.jobs, self.by_command = jobs, by_command

    @rule()
    def rest(self) -> None:
        """Let the files grow old enough to be trusted; then the command decides by their stats that nothing changed."""
        while not look_at_inputs(self.site.root, ("content", "themes/default")).settled:
            pass
        self.by_command = True
        self.build()
        said = run_here(self.site, "build", *(["--drafts"] if self.drafts else []), now=self.now)
        assert "(nothing changed)" in said.out

    # -- what is there ------------------------------------------------------------------------------------------------

    def article(self, pick: int) -> Path:
        articles = self.site.articles() or [plain_article(self.site, 0)]
        return articles[pick % len(articles)]

    def shown_article(self, pick: int) -> Path:
        """Return an article that has a page, where there is one: an edit of it must show."""
        pages = ((file, self.site.output / "news" / file.stem / "index.html") for file in self.site.articles())
        shown = [file for file, page in pages if page.is_file() and "story-main" in page.read_text()]
        return shown[pick % len(shown)] if shown else self.article(pick)

    def covered_article(self, pick: int) -> Path:
        """Return an article with coverage, where there is one."""
        covered = [article for article in self.site.articles() if "related: " in article.read_text()]
        return covered[pick % len(covered)] if covered else self.shown_article(pick)

    def topic(self, pick: int) -> Path:
        files = self.site_files("topics")
        return files[pick % len(files)]

    def site_files(self, kind: str) -> list[Path]:
        return sorted((self.site.root / "content" / kind).iterdir())

    def outputs(self, pick: int, more: int) -> list[Path]:
        files = sorted(file for file in self.site.output.rglob("*") if file.is_file() and file.name != LISTING)
        return [files[(pick * 7 + number * 13) % len(files)] for number in range(min(more + 1, len(files) // 13))]

    def cached(self, seed: int) -> list[Path]:
        files = sorted(path for path in self.site.cache.rglob("*") if path.is_file())
        return random.Random(seed).sample(files, len(files) // 2)

    # -- how it is changed --------------------------------------------------------------------------------------------

    def change(self, file: Path, field: str, fields: Fields, value: int) -> None:
        """Give one field of a file another value, and leave all else as it is."""
        line = re.search(f"^{field}: (.*)$", file.read_text(), re.MULTILINE)
        now = json.loads(line[1]) if line else NOT_GIVEN.get(field)
        self.site.edit(file, **{field: other(fields[field], value, now)})

    def append(self, path: str, text: str) -> None:
        file = self.site.root / path
        file.write_text(file.read_text() + text)

    def mark(self, template: str, text: str) -> None:
        """Put a text behind a template's first line of markup: there it is rendered, whatever the template is for."""
        file = self.site.root / TEMPLATES / template
        file.write_text(re.sub(r"^ *<.*\n", lambda line: line[0] + text, file.read_text(), count=1, flags=re.MULTILINE))


def other(values: Sequence[Any], number: int, now: Any) -> Any:
    """Return one of the values that is not what is there now."""
    others = [value for value in values if value != now]
    return others[number % len(others)]


def tamper(file: Path, how: str) -> None:
    """Change a file's bytes behind our back, its times as they were; a flip keeps its size, too."""
    data, seen = file.read_bytes(), file.stat()
    changed = {"cut": data[: len(data) // 2], "add": data + b"x", "empty": b""}.get(how)
    file.write_bytes(bytes(byte ^ 1 for byte in data) if changed is None else changed)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


@contextmanager
def templates_compiled_once() -> Iterator[None]:
    """Let Jinja compile equal texts once: that is half of a small build, and here are hundreds of them."""
    with pytest.MonkeyPatch.context() as patch:
        known: dict[object, object] = {}
        compile_text = jinja2.Environment.compile

        def compile_once(environment: jinja2.Environment, *given: Any, **options: Any) -> object:
            words = getattr(environment.code_generator_class, "words", None)
            key = (given, tuple(options.items()), digest_record(words))
            if key not in known:
                known[key] = compile_text(environment, *given, **options)
            return known[key]

        patch.setattr(jinja2.Environment, "compile", compile_once)
        yield


# -- a round -----------------------------------------------------------------------------------------------------------

ROUND = 1  # the seed of the round that `make test` plays
RESTED = ("move_clock", "show_drafts")  # what changes no file: only the command's shortcut can go wrong


def difference_in_a_round(seed: int, kinds: Collection[str] = tuple(KINDS)) -> str:
    """Do each kind of edit once, in an order and with arguments that the seed decides, and compare after each.

    Before every second edit the site rests, so that the command's shortcut must see the edit.

    Returns:
        The first edit after which an incremental build is not a clean one, and how they differ; "" if they never do.
    """
    todo = [(name, case) for name in kinds for case in KINDS[name].cases()]
    random.Random(seed).shuffle(todo)
    room = Newsroom()
    with templates_compiled_once(), closing(room):
        room.first_build(jobs=1)
        room.copy_cache()
        for number, (name, case) in enumerate(todo):
            draw = random.Random(f"{seed} {name} {case}")  # the same, whatever else is done
            given = {argument: draw.choice(values) for argument, values in KINDS[name].choices.items()} | case
            room.ask_otherwise(jobs=3, by_command=False)  # so that the clean build needs no other processes
            if number % 2 or name in RESTED:
                room.rest()
            try:
                getattr(room, name)(compare=True, **given)
            except (Differs, OutputRefused) as error:  # refused: what a clean build does not meet
                return f"after {name}({given}): {error}"
    return ""


def difference_in_free_play(plan: settings) -> str:
    """Let hypothesis pick the edits, and return the least of them after which builds differ; "" if they never do."""
    with templates_compiled_once():
        try:
            run_state_machine_as_test(Newsroom, settings=plan)
        except Differs as error:
            return "\n".join([str(error), *getattr(error, "__notes__", ())])
    return ""
