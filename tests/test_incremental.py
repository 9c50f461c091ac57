"""Incremental equals clean, byte for byte, whatever a desk and its disks do to a site between two builds."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from site_kit import LISTING, NOON, build, full_site, plain_article, report, run_here, tree

from generator.base.problems import Problem
from generator.builder.unchanged import look_at_inputs

HOUR = timedelta(hours=1)
picks = st.integers(0, 99)  # which of what is there
words = st.sampled_from(["One", "Two & <three>", "日本 «x»", "&amp; entities&nbsp;", "a — b", "4" * 130])
topics = st.lists(st.sampled_from(["Computing", "Chips", "Silicon", "Science", "New", "東京", "C++"]), max_size=3)
hours = st.sampled_from([-9000, -2000, -700, -100, -48, -47, -1, 0, 1, 100])
colours = st.sampled_from(["#000000", "#ffffff", "#123456"])
domains = st.sampled_from(["outlet.example", "other.example", "outlet0.example", "outlet1.example", "bücher.example"])
pictures = st.sampled_from(["/images/lead.png", "/assets/outlet.png", "/images/gone.png", "https://a.example/b"])
statics = st.sampled_from(["CNAME", "a/b.txt", "a", "feed.xml", "robots.txt"])
bodies = st.sampled_from(
    [
        "",
        "Our *view*.\n",
        "See [that](2026-02-20-plain.md), [chips](/topics/chips/) and [nothing](/nowhere/).\n",
        "![A box](/images/body.png) ![Gone](/images/gone.png)\n",
    ]
)
plans = {
    "title": st.sampled_from(["Small news", "Other & news"]),
    "description": words,
    "base_url": st.sampled_from(["https://news.example/", "https://other.example/", "https://news.example/sub/path/"]),
    "language": st.sampled_from(["en", "de", "ar"]),
    "timezone": st.sampled_from(["UTC", "Asia/Tokyo", "America/St_Johns"]),
    "logo": st.sampled_from(["", "/assets/outlet.png", "/images/gone.png"]),
    "feed_link": st.sampled_from(["source", "page"]),
    "index_excerpts": st.booleans(),
    "nav": st.sampled_from([{}, {"Chips": "/topics/chips/", "Away": "https://away.example/"}, {"Dead": "/nowhere/"}]),
    "options": st.fixed_dictionaries({"accent": st.sampled_from(["red", "blue"]), "show_excerpts": st.booleans()}),
    "ranking": st.fixed_dictionaries({"half_life": st.sampled_from([1, 24, 100_000])}),
    "outputs": st.dictionaries(
        st.sampled_from(["api", "feeds", "topic_feeds", "provider_feeds", "providers", "archive", "sitemaps"]),
        st.booleans(),
        max_size=3,
    ),
}


def edit(**given: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a method a rule: it edits, then the site is built, and now and then compared with a clean build."""

    def to_rule(method: Callable[..., None]) -> Callable[..., None]:
        @wraps(method)
        def step(self: Newsroom, compare: int, **drawn: Any) -> None:
            method(self, **drawn)
            self.build()
            if compare == 0:
                self.compare()

        return rule(compare=st.integers(0, 3), **given)(step)

    return to_rule


class Newsroom(RuleBasedStateMachine):
    """A site, and everything that may happen to it between two builds."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="broadsheet-newsroom-"))
        self.site = full_site(self.folder / "site", articles=23)
        self.site.write("themes/default/templates/parts/deep.html", "<!-- deep -->")
        for template in ("parts/card.html", "chrome/footer.html", "parts/pager.html"):
            self.append(f"themes/default/templates/{template}", '{% include "parts/deep.html" %}')
        self.settings: dict[str, Any] = {"title": "Small news", "base_url": "https://news.example/"}
        self.now, self.drafts, self.jobs, self.by_command = NOON, False, 1, False
        self.numbers = count()
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
        """Build a copy in another folder from nothing, and compare files, bytes and problems."""
        copy = self.site.copy(self.folder / f"clean {next(self.numbers)}")
        clean = build(copy, self.now, drafts=self.drafts, jobs=self.jobs % 3 + 1)
        ours, theirs = tree(self.site.output), tree(copy.output)
        assert sorted(ours) == sorted(theirs)
        assert [name for name in sorted(ours) if ours[name] != theirs[name]] == []
        if self.problems is not None:
            assert self.problems == clean.problems
        shutil.rmtree(copy.root)
        self.compared = True

    def teardown(self) -> None:
        try:
            if not self.compared:
                self.compare()
        finally:
            shutil.rmtree(self.folder)

    # -- articles -----------------------------------------------------------------------------------------------------

    @edit(number=st.integers(0, 60), heat=st.sampled_from([-1, 0, 70, 900]), topics=topics, at=hours)
    def add_article(self, number: int, heat: int, topics: list[str], at: int) -> None:
        plain_article(self.site, number, heat=heat, topics=topics, publishedDateTime=instant(at))

    @edit(pick=picks)
    def delete_article(self, pick: int) -> None:
        self.article(pick).unlink()

    @edit(pick=picks, stem=st.sampled_from(["2026-01-01-renamed", "Über_uns", "x" * 200, "about"]))
    def rename_article(self, pick: int, stem: str) -> None:
        article = self.article(pick)
        article.rename(article.with_stem(stem))

    @edit(pick=picks, title=words, excerpt=words)
    def retitle(self, pick: int, title: str, excerpt: str) -> None:
        self.site.edit(self.article(pick), title=title, excerpt=excerpt)

    @edit(pick=picks, published=st.booleans(), removed=st.booleans())
    def unpublish(self, pick: int, published: bool, removed: bool) -> None:
        self.site.edit(self.article(pick), published=published, removed=removed)

    @edit(pick=picks, at=hours, updated=st.none() | hours)
    def redate(self, pick: int, at: int, updated: int | None) -> None:
        changed = None if updated is None else instant(updated)
        self.site.edit(self.article(pick), publishedDateTime=instant(at), updatedDateTime=changed)

    @edit(pick=picks, topics=topics)
    def retopic(self, pick: int, topics: list[str]) -> None:
        self.site.edit(self.article(pick), topics=topics)

    @edit(lead=picks, other=picks, heat=st.sampled_from([-1, 70]), more=st.integers(0, 14))
    def cover(self, lead: int, other: int, heat: int, more: int) -> None:
        """List one article in another's coverage: with heat -1 it is folded into that story."""
        stem = self.article(other).stem
        self.site.edit(self.article(other), heat=heat)
        reports = [report(f"more-{n}", provider={"name": f"O{n}", "domain": f"o{n}.example"}) for n in range(more)]
        self.site.edit(self.article(lead), related=[report("x", webUrl=f"https://outlet.example/{stem}"), *reports])

    @edit(pick=picks)
    def uncover(self, pick: int) -> None:
        self.site.edit(self.article(pick), related=None, heat=80)

    @edit(pick=picks, body=bodies)
    def comment(self, pick: int, body: str) -> None:
        self.site.edit(self.article(pick), body)

    @edit(pick=picks, until=st.none() | hours)
    def pin(self, pick: int, until: int | None) -> None:
        self.site.edit(self.article(pick), pin=True, pinUntil=None if until is None else instant(until))

    @edit(pick=picks, path=st.sampled_from(["/old/one/", "/about/", "/x.html", "/topics/silicon/"]))
    def redirect(self, pick: int, path: str) -> None:
        self.site.edit(self.article(pick), redirect_from=[path])

    @edit(
        pick=picks,
        domain=domains,
        picture=st.sampled_from(["/images/lead.png", "/images/gone.png", "https://a.example/b"]),
    )
    def reassign(self, pick: int, domain: str, picture: str) -> None:
        self.site.edit(self.article(pick), provider={"name": "A name", "domain": domain}, images=[{"url": picture}])

    @edit(pick=picks, text=st.sampled_from(["", "---\n", "---\ntitle: [\n---\n", "\ufeff---\ntitle: x\n---\n"]))
    def break_article(self, pick: int, text: str) -> None:
        """Save something that is no article; the next edits of it write it anew."""
        article = self.article(pick)
        whole = article.read_text()
        article.write_text(text)
        self.build()
        article.write_text(whole)

    # -- the site's own data ------------------------------------------------------------------------------------------

    @edit(pick=picks, aliases=topics)
    def alias_topic(self, pick: int, aliases: list[str]) -> None:
        self.site.edit(self.topic(pick), aliases=aliases)

    @edit(pick=picks, parent=st.sampled_from([None, "Computing", "Chips", "Science", "Nowhere"]))
    def move_topic(self, pick: int, parent: str | None) -> None:
        self.site.edit(self.topic(pick), parent=parent)

    @edit(pick=picks, name=st.sampled_from(["Computing", "Engines", "東京"]), description=words)
    def rename_topic(self, pick: int, name: str, description: str) -> None:
        self.site.edit(self.topic(pick), name=name, description=description, redirect_from=["/old/topic/"])

    @edit(name=st.sampled_from(["New", "C++", "Unheard of"]), order=st.integers(0, 9), there=st.booleans())
    def add_topic(self, name: str, order: int, there: bool) -> None:
        file = self.site.topic(name, order)
        if not there:
            file.unlink()

    @edit(domain=domains, name=words, logo=pictures)
    def provider(self, domain: str, name: str, logo: str) -> None:
        self.site.provider(domain, name=name, images=[{"url": logo}])

    @edit(domain=domains)
    def forget_provider(self, domain: str) -> None:
        (self.site.root / f"content/providers/{domain}.yaml").unlink(missing_ok=True)

    @edit(slug=st.sampled_from(["about", "privacy", "news"]), title=words, body=bodies, there=st.booleans())
    def static_page(self, slug: str, title: str, body: str, there: bool) -> None:
        file = self.site.page(slug, title, body, redirect_from=["/old/page/"])
        if not there:
            file.unlink()

    @edit(
        path=statics,
        data=st.binary(max_size=9),
        there=st.booleans(),
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

    @edit(path=st.sampled_from(["images/lead.png", "images/body.png", "assets/outlet.png"]), colour=colours)
    def replace_picture(self, path: str, colour: str) -> None:
        """Another picture of equal size, put there with the times of the old one."""
        file = self.site.root / "content" / path
        before = file.stat() if file.exists() else None
        self.site.picture(path, colour, *((50, 50) if path.startswith("assets") else (64, 48)))
        if before:
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    @edit(path=st.sampled_from(["images/lead.png", "images/body.png", "assets/outlet.png"]), wide=st.booleans())
    def resize_picture(self, path: str, wide: bool) -> None:
        self.site.picture(path, "#445566", 640 if wide else 30, 48)

    @edit(path=st.sampled_from(["images/lead.png", "assets/outlet.png"]), broken=st.booleans())
    def lose_picture(self, path: str, broken: bool) -> None:
        file = self.site.root / "content" / path
        data = file.read_bytes() if file.exists() else b""
        file.unlink(missing_ok=True)
        if broken:
            self.site.write(f"content/{path}", data[: len(data) // 2])

    # -- settings and theme -------------------------------------------------------------------------------------------

    @edit(setting=st.sampled_from(sorted(plans)).flatmap(lambda name: st.tuples(st.just(name), plans[name])))
    def setting(self, setting: tuple[str, Any]) -> None:
        self.settings[setting[0]] = setting[1]
        self.site.settings(**self.settings)

    @edit(text=st.sampled_from(["<!-- deep -->", "<!-- deeper -->", "{% include 'parts/pager.html' ignore missing %}"]))
    def nested_include(self, text: str) -> None:
        """Change what is included by what is included, or by a fragment; or make it wrong (a circle)."""
        self.site.write("themes/default/templates/parts/deep.html", text)

    @edit(template=st.sampled_from(["parts/card.html", "parts/coverage.html", "parts/topic.html", "chrome/head.html"]))
    def template(self, template: str) -> None:
        self.append(f"themes/default/templates/{template}", f"<!-- {next(self.numbers)} -->")

    @edit(colour=colours, used=st.booleans())
    def style_sheet(self, colour: str, used: bool) -> None:
        self.site.write("themes/default/assets/dot.svg", f"<svg fill='{colour}'/>")
        if used:
            self.append("themes/default/assets/style.css", ".dot { background: url(dot.svg) }\n")

    @edit(accents=st.permutations(["red", "blue", "green"]), width=st.sampled_from([30, 60, 320]))
    def theme_settings(self, accents: list[str], width: int) -> None:
        """Another default of an option, other widths of a role."""
        file = self.site.root / "themes/default/theme.toml"
        lines = file.read_text().splitlines()
        lines = [f"accent = {json.dumps(accents)}" if line.startswith("accent") else line for line in lines]
        lines = [f"widths = [{width}, 64]" if line.startswith("widths = [1200]") else line for line in lines]
        file.write_text("\n".join(lines) + "\n")

    # -- what happens to output and cache -----------------------------------------------------------------------------

    @edit(pick=picks, more=st.integers(0, 5), how=st.sampled_from(["flip", "cut", "add", "empty", "link"]))
    def tamper_outputs(self, pick: int, more: int, how: str) -> None:
        for file in self.outputs(pick, more):
            if how == "link":
                away = file.rename(self.folder / f"away {next(self.numbers)}")
                file.symlink_to(away)
            else:
                tamper(file, how)

    @edit(pick=picks, more=st.integers(0, 5))
    def delete_outputs(self, pick: int, more: int) -> None:
        for file in self.outputs(pick, more):
            file.unlink()

    @edit(pick=picks)
    def delete_output_folder(self, pick: int) -> None:
        folders = sorted(path for path in self.site.output.iterdir() if path.is_dir())
        shutil.rmtree(folders[pick % len(folders)])

    @edit(whole=st.booleans())
    def delete_listing(self, whole: bool) -> None:
        """The list of what is ours goes, or all of the output goes."""
        if whole:
            shutil.rmtree(self.site.output)
        else:
            (self.site.output / LISTING).unlink()

    @edit(seed=st.integers(0, 2**16), how=st.sampled_from(["gone", "flip", "cut", "empty"]))
    def damage_cache(self, seed: int, how: str) -> None:
        for file in self.cached(seed):
            file.unlink() if how == "gone" else tamper(file, how)

    @rule()
    def copy_cache(self) -> None:
        shutil.rmtree(self.folder / "earlier", ignore_errors=True)
        shutil.copytree(self.site.cache, self.folder / "earlier")

    @edit(seed=st.integers(0, 2**16), whole=st.booleans())
    def restore_cache(self, seed: int, whole: bool) -> None:
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

    @edit(at=hours)
    def move_clock(self, at: int) -> None:
        self.now = NOON + at * HOUR

    @edit(drafts=st.booleans())
    def show_drafts(self, drafts: bool) -> None:
        self.drafts = drafts

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

    def topic(self, pick: int) -> Path:
        files = sorted((self.site.root / "content/topics").iterdir())
        return files[pick % len(files)]

    def outputs(self, pick: int, more: int) -> list[Path]:
        files = sorted(file for file in self.site.output.rglob("*") if file.is_file() and file.name != LISTING)
        return [files[(pick * 7 + number * 13) % len(files)] for number in range(min(more + 1, len(files) // 13))]

    def cached(self, seed: int) -> list[Path]:
        files = sorted(path for path in self.site.cache.rglob("*") if path.is_file())
        return random.Random(seed).sample(files, len(files) // 2)

    def append(self, path: str, text: str) -> None:
        file = self.site.root / path
        file.write_text(file.read_text() + text)


def instant(at: int) -> str:
    """Return an instant some hours from noon, as a file writes it."""
    return (NOON + at * HOUR).isoformat()


def tamper(file: Path, how: str) -> None:
    """Change a file's bytes behind our back, its times as they were; a flip keeps its size, too."""
    data, seen = file.read_bytes(), file.stat()
    changed = {"cut": data[: len(data) // 2], "add": data + b"x", "empty": b""}.get(how)
    file.write_bytes(bytes(byte ^ 1 for byte in data) if changed is None else changed)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def run_machine(examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    plan = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(Newsroom, settings=plan)


def test_incremental_equals_clean() -> None:
    """After a few dozen of random edits the incremental output is that of a clean build, byte for byte."""
    run_machine(examples=4, steps=12)


@pytest.mark.long
def test_incremental_equals_clean_for_long() -> None:
    """After a thousand edits of every kind, too."""
    run_machine(examples=50, steps=20)
