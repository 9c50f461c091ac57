"""Small real sites for tests: written file by file, built in this process or by the command."""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import PIL.Image

from generator.base.config import load_site
from generator.cli.main import main
from generator.drafting import Request
from generator.pipeline import Build
from generator.pipeline import build as build_site

REPOSITORY = Path(__file__).parents[1]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # the clock of these sites
LISTING = ".broadsheet"  # in output/ the list of what is ours, in a site the cache


@dataclass(frozen=True)
class SmallSite:
    """A site's folder, and ways to write what it is made of."""

    root: Path

    @property
    def output(self) -> Path:
        """The folder that builds write."""
        return self.root / "output"

    @property
    def cache(self) -> Path:
        """The deletable folder of builds."""
        return self.root / ".broadsheet"

    def write(self, path: str, data: str | bytes) -> Path:
        """Write any file of the site."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return file

    def remove(self, path: str) -> None:
        """Delete a file of the site."""
        (self.root / path).unlink()

    def settings(self, **settings: object) -> Path:
        """Write `site.toml`; a map becomes a table. Nothing is fetched or indexed unless a test says so."""
        outputs = {"search": False} | settings.pop("outputs", {})  # type: ignore[operator]
        settings = {"images": {"fetch": False}, "outputs": outputs} | settings
        plain = [f"{name} = {_toml(value)}" for name, value in settings.items() if not isinstance(value, dict)]
        for name, table in settings.items():
            if isinstance(table, dict):
                plain += [f"\n[{name}]", *(f"{json.dumps(key)} = {_toml(value)}" for key, value in table.items())]
        return self.write("site.toml", "\n".join(plain) + "\n")

    def article(self, stem: str, body: str = "", **fields: object) -> Path:
        """Write an article; what is not given has a default that can be published."""
        given = {
            "title": stem.replace("-", " ").capitalize(),
            "excerpt": f"What {stem} is about.",
            "publishedDateTime": "2026-02-20T08:00:00Z",
            "webUrl": f"https://outlet.example/{stem}",
            "provider": {"name": "Outlet", "domain": "outlet.example"},
            "quality": 50,
            "heat": 70,
        } | fields
        return self.write(f"content/news/{stem}.md", front_matter(given) + body)

    def articles(self) -> list[Path]:
        """Return the article files, sorted."""
        return sorted((self.root / "content" / "news").glob("*.md"))

    def edit(self, file: Path, body: str | None = None, **changes: object) -> None:
        """Change fields of a file that was written here; None takes a field away."""
        head, _, old = file.read_text().removeprefix("---\n").partition("---\n")
        pairs = (line.split(": ", 1) for line in head.splitlines())
        fields = {name: json.loads(value) for name, value in pairs} | changes
        kept = {name: value for name, value in fields.items() if value is not None}
        is_data = file.suffix == ".yaml"
        file.write_text(_yaml(kept) if is_data else front_matter(kept) + (old if body is None else body))

    def topic(self, name: str, order: int = 1, **fields: object) -> Path:
        """Write a topic's data file."""
        slug = name.lower().replace(" ", "-")
        return self.write(f"content/topics/{order:02d}-{slug}.yaml", _yaml({"name": name} | fields))

    def provider(self, domain: str, **fields: object) -> Path:
        """Write a provider's data file."""
        return self.write(f"content/providers/{domain}.yaml", _yaml({"_id": domain, "domain": domain} | fields))

    def page(self, slug: str, title: str, body: str = "", **fields: object) -> Path:
        """Write a static page."""
        return self.write(f"content/pages/{slug}.md", front_matter({"title": title} | fields) + body)

    def picture(self, path: str, colour: str = "#336699", width: int = 64, height: int = 48) -> Path:
        """Write a PNG below `content/`, not compressed, so that pictures of equal size have files of equal size."""
        out = io.BytesIO()
        PIL.Image.new("RGB", (width, height), colour).save(out, "PNG", compress_level=0)
        return self.write(f"content/{path}", out.getvalue())

    def theme(self) -> Path:
        """Give the site a copy of the default theme of its own."""
        return Path(shutil.copytree(REPOSITORY / "themes" / "default", self.root / "themes" / "default"))

    def copy(self, root: Path) -> SmallSite:
        """Copy all but cache and output to another folder, its files written in another order."""
        for file in sorted(self.root.rglob("*"), reverse=True):
            path = file.relative_to(self.root)
            if path.parts[0] not in (".broadsheet", "output") and file.is_file():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, root / path)
        return SmallSite(root)


def small_site(root: Path, **settings: object) -> SmallSite:
    """Make an empty site that builds: `site.toml` and a theme of its own."""
    site = SmallSite(root)
    site.settings(**({"title": "Small news", "base_url": "https://news.example/"} | settings))
    (root / "content" / "news").mkdir(parents=True)
    site.theme()
    return site


def full_site(root: Path, articles: int = 6, **settings: object) -> SmallSite:
    """Make a site that has something of everything, and as many articles as wanted on top of it."""
    site = small_site(root, **settings)
    site.topic("Computing", 1, description="Machines and what they do.")
    site.topic("Chips", 2, parent="Computing", aliases=["Silicon"])
    site.topic("Science", 3)
    site.provider("outlet.example", name="The Outlet", images=[{"url": "/assets/outlet.png"}])
    site.picture("assets/outlet.png", "#cc0000", 50, 50)
    site.picture("images/lead.png", "#00cc00")
    site.picture("images/body.png", "#0000cc")
    site.page("about", "About", "Who we are, and a [topic](/topics/chips/). ![A box](/images/body.png)\n")
    site.write("content/static/CNAME", "news.example\n")
    site.write("content/static/.well-known/security.txt", "Contact: mailto:desk@news.example\n")
    site.article(
        "2026-02-28-lead",
        "Our *view*, and [what came before](2026-02-20-plain.md).\n",
        title="The lead of a story",
        publishedDateTime="2026-02-28T09:00:00Z",
        topics=["Chips", "Science"],
        images=[{"url": "/images/lead.png", "width": 64, "height": 48, "attribution": "Ours"}],
        heat=150,
        related=[report("folded"), report("elsewhere")],
    )
    site.article("2026-02-27-folded", webUrl="https://other.example/folded", heat=-1, topics=["Science"])
    site.article("2026-02-20-plain", topics=["Silicon"], redirect_from=["/old/plain/"])
    site.article("2026-03-05-scheduled", publishedDateTime="2026-03-05T06:00:00Z", topics=["Unheard of"])
    site.article("2026-02-10-draft", published=False)
    site.article("2026-02-09-removed", removed=True)
    for number in range(articles):
        plain_article(site, number)
    return site


def plain_article(site: SmallSite, number: int, **fields: object) -> Path:
    """Write the article with this number: older than all others of a full site, and spread over months and topics."""
    published = f"{2025 - number // 300}-{12 - number // 25 % 12:02d}-{28 - number % 25:02d}T07:30:00Z"
    given = {
        "publishedDateTime": published,
        "topics": [["Computing"], ["Chips"], ["Science"]][number % 3],
        "provider": {"name": f"Outlet {number % 2}", "domain": f"outlet{number % 2}.example"},
        "heat": 70 + number % 5 * 100,
    }
    return site.article(f"plain-{number:04d}", **(given | fields))


def report(name: str, **fields: object) -> dict[str, object]:
    """Return another outlet's report, as `related` lists it."""
    return {
        "title": f"Report: {name}",
        "excerpt": "",
        "publishedDateTime": "2026-02-27T08:00:00Z",
        "webUrl": f"https://other.example/{name}",
        "provider": {"name": "The Other", "domain": "other.example"},
        "quality": 10,
    } | fields


def front_matter(fields: dict[str, object]) -> str:
    """Return a file's head."""
    return f"---\n{_yaml(fields)}---\n"


def build(
    site: SmallSite,
    now: datetime = NOON,
    *,
    drafts: bool = False,
    strict: bool = False,
    jobs: int = 1,
    output: Path | None = None,
) -> Build:
    """Build the site in this process."""
    request = Request(now, drafts, strict, jobs)
    return build_site(load_site(site.root, output), request, lambda *_: None, lambda _: None)


def run(
    site: SmallSite, *args: str, now: datetime | None = NOON, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command on the site, at noon unless told otherwise; `before` is called in its process first."""
    clock = ("--as-of", now.isoformat()) if now and args[0] in ("build", "check", "deploy", "explain") else ()
    command = [sys.executable, "-m", "generator", args[0], "--site", str(site.root), *clock, *args[1:]]
    return subprocess.run(
        command, cwd=site.root, env=environment(), preexec_fn=before, capture_output=True, text=True, check=False
    )


class Said(NamedTuple):
    """How the command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


def run_here(site: SmallSite, *args: str, now: datetime = NOON) -> Said:
    """Run the command in this process: the same code without the time to start one."""
    out, err, before, code = io.StringIO(), io.StringIO(), sys.argv, 0
    sys.argv = ["broadsheet", args[0], "--site", str(site.root), "--as-of", now.isoformat(), *args[1:]]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
        gc.enable()  # a command turns it off, for it ends soon
    return Said(code, out.getvalue(), err.getvalue())


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which any folder can run the command."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **more}


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes; a link is its target's name."""
    return {
        file.relative_to(folder).as_posix(): os.fsencode(os.readlink(file)) if file.is_symlink() else file.read_bytes()
        for file in folder.rglob("*")
        if file.is_symlink() or file.is_file()
    }


def clean_tree(site: SmallSite, elsewhere: Path, now: datetime = NOON, **how: bool | int) -> dict[str, bytes]:
    """Return what a clean build of a copy of the site in another folder writes."""
    copy = site.copy(elsewhere)
    build(copy, now, **how)  # type: ignore[arg-type]
    return tree(copy.output)


def _yaml(fields: dict[str, object]) -> str:
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(part)}" for name, part in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
