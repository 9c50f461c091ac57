"""The three that make pictures: the same photographs in the same sizes and formats, looking equally good."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus import BenchmarkError
from measure import Command
from sites import BASE_URL, REPOSITORY, SETTINGS, clean_environment, hugo_program

WIDTHS = (320, 640, 960, 1280)
FORMATS = ("webp", "jpg")
ELEVENTY = Path(__file__).parent / "eleventy-img"
LINK = re.compile(r"(/[^\s\"]+\.(webp|jpe?g)) (\d+)w")
PICTURE = re.compile(r"<picture.*?</picture>", re.DOTALL)
NEWEST = datetime(2026, 3, 1, tzinfo=UTC)
ROLES = re.compile(r"^\[roles\..*?(?=^# Options)", re.DOTALL | re.MULTILINE)
STYLES = '{"lead": "hero", "tile": "card", "row": "thumb"}[style]'
# Lanczos as the other two have it; Hugo's own default, "box", is faster and worse.
HUGO_PAGE = """<!doctype html>
<title>{{ .Title }}</title>
<h1>{{ .Title }}</h1>
{{ $photo := resources.Get .Params.photo }}
{{ define "srcset" }}{{ $photo := .photo }}{{ $how := .how }}{{ range $at, $width := slice WIDTHS -}}
{{ if $at }}, {{ end -}}
{{ with $photo.Resize (printf "%dx %s lanczos" $width $how) }}{{ .RelPermalink }} {{ .Width }}w{{ end -}}
{{ end }}{{ end -}}
<picture><source type="image/webp" srcset="{{ template "srcset" (dict "photo" $photo "how" "WEBP") }}">
<img srcset="{{ template "srcset" (dict "photo" $photo "how" "JPEG") }}" alt=""></picture>
{{ .Content }}
"""

Files = dict[tuple[str, int], Path]  # of one photograph, by format and width


@dataclass(frozen=True, slots=True)
class Quality:
    """What a tool is told, so that what it makes looks as good as what the others make."""

    webp: int
    jpg: int


OURS = Quality(webp=78, jpg=80)  # what a site has that sets nothing
ELEVENTY_QUALITY = Quality(webp=76, jpg=80)
HUGO_QUALITY = Quality(webp=78, jpg=80)


@dataclass(frozen=True, slots=True)
class Resizer:
    """A tool with its copy of the photographs. `forgotten` is all that a run leaves behind."""

    output: Path
    forgotten: tuple[Path, ...]
    command: Command
    quality: Quality
    listing: Callable[[Path, str], str]  # output, photograph's name without suffix -> text with its links

    @property
    def name(self) -> str:
        """The tool's name in the table."""
        return self.command.name

    def forget(self) -> None:
        """Delete everything that runs left behind, so the next one is cold."""
        for folder in self.forgotten:
            shutil.rmtree(folder, ignore_errors=True)
        self.output.mkdir(parents=True)

    def files(self, stem: str) -> Files:
        """Return the files that the last run made of a photograph.

        Raises:
            BenchmarkError: where one is missing.
        """
        links = LINK.findall(self.listing(self.output, stem))
        found = {(kind.replace("jpeg", "jpg"), int(width)): self.output / link[1:] for link, kind, width in links}
        if set(found) != {(kind, width) for kind in FORMATS for width in WIDTHS}:
            raise BenchmarkError(f"{self.name} made {sorted(found)} of {stem}")
        return found


def broadsheet(root: Path, photos: Path) -> Resizer:
    """Lay out a Broadsheet site: an article for each photograph, and the usual theme with one role."""
    shutil.copytree(photos, root / "content" / "images")
    theme = Path(shutil.copytree(REPOSITORY / "themes" / "default", root / "themes" / "one-role"))
    _change(theme / "theme.toml", lambda text: ROLES.sub(f"[roles.hero]\nwidths = {list(WIDTHS)}\n\n", text))
    _change(theme / "templates" / "parts" / "card.html", lambda text: text.replace(STYLES, '"hero"'))
    (root / "site.toml").write_text(f'theme = "one-role"\n{SETTINGS}quality = {OURS.jpg}\n', "utf-8")
    for number, photo in enumerate(sorted(photos.iterdir())):
        picture = {"url": f"/images/{photo.name}", "title": f"Photograph {number}"}
        _write_article(root, photo.stem, number, {"images": [picture], "provider": {"domain": "outlet.example"}})
    output = root / "output"
    arguments = (sys.executable, "-m", "generator", "build", "--site", str(root), "--output", str(output))
    command = Command("Broadsheet", arguments, REPOSITORY, clean_environment(root.parent))
    return Resizer(output, (output, root / ".broadsheet"), command, OURS, _first_picture)


def hugo(root: Path, photos: Path) -> Resizer:
    """Lay out a Hugo site: a page for each photograph, and a list of them."""
    shutil.copytree(photos, root / "assets" / "images")
    for number, photo in enumerate(sorted(photos.iterdir())):
        _write_article(root, photo.stem, number, {"date": _date(number), "photo": f"images/{photo.name}"})
    (root / "layouts").mkdir()
    (root / "hugo.toml").write_text(f'baseURL = "{BASE_URL}"\ntitle = "News"\n', "utf-8")
    links = "{{ range site.RegularPages }}<li><a href='{{ .RelPermalink }}'>{{ .Title }}</a></li>{{ end }}"
    (root / "layouts" / "home.html").write_text(f"<!doctype html><title>News</title><ul>{links}</ul>", "utf-8")
    (root / "layouts" / "page.html").write_text(_hugo_page(), "utf-8")
    arguments = (hugo_program(), "--source", str(root), "--destination", str(root / "public"))
    command = Command("Hugo", arguments, root, clean_environment(root.parent))
    return Resizer(root / "public", (root / "public", root / "resources"), command, HUGO_QUALITY, _first_picture)


def eleventy(root: Path, photos: Path) -> Resizer:
    """Set up eleventy-img alone: no pages, no site."""
    node = shutil.which("node")
    if not node or not (ELEVENTY / "node_modules").is_dir():
        raise BenchmarkError("eleventy-img is missing: `make bench-pictures` installs it, with Node")
    output, quality = root / "output", ELEVENTY_QUALITY
    widths = ",".join(map(str, WIDTHS))
    script = str(ELEVENTY / "resize.mjs")
    arguments = (node, script, str(photos), str(output), widths, str(quality.webp), str(quality.jpg))
    command = Command("eleventy-img", arguments, ELEVENTY, clean_environment(root.parent))
    return Resizer(output, (output,), command, quality, _listed)


def versions() -> dict[str, str]:
    """Return what the other two are, by name."""
    hugo_version = subprocess.run([hugo_program(), "version"], capture_output=True, text=True, check=True).stdout
    installed = {
        name: json.loads((ELEVENTY / "node_modules" / name / "package.json").read_text("utf-8"))["version"]
        for name in ("@11ty/eleventy-img", "sharp")
    }
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "eleventy-img": f"{installed['@11ty/eleventy-img']} (sharp {installed['sharp']}, Node {node})",
        "Hugo": hugo_version.split()[1],
    }


def _change(file: Path, change: Callable[[str], str]) -> None:
    """Change a file's text.

    Raises:
        BenchmarkError: where that changes nothing; the theme is another one than this was written for.
    """
    before = file.read_text("utf-8")
    after = change(before)
    if after == before:
        raise BenchmarkError(f"{file.name} of the default theme is not as the comparison expects it")
    file.write_text(after, "utf-8")


def _write_article(root: Path, stem: str, number: int, fields: dict[str, object]) -> None:
    given = {
        "title": f"What photograph {number} shows",
        "excerpt": f"The story of photograph {number}, in one sentence.",
        "publishedDateTime": _date(number),
        "webUrl": f"https://outlet.example/{stem}",
        "topics": [f"Topic {number % 5}"],
    } | fields
    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in given.items())
    file = root / "content" / "news" / f"{stem}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\n{text}---\nOur view of it.\n", "utf-8")


def _date(number: int) -> str:
    return (NEWEST - timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hugo_page() -> str:
    """Return the layout of a page that shows a photograph as ours does."""
    values = {
        "WIDTHS": " ".join(map(str, WIDTHS)),
        "WEBP": f"webp q{HUGO_QUALITY.webp}",
        "JPEG": f"jpg q{HUGO_QUALITY.jpg}",
    }
    return re.sub("|".join(values), lambda match: values[match[0]], HUGO_PAGE)


def _first_picture(output: Path, stem: str) -> str:
    """Return the picture of an article's page."""
    page = output / "news" / stem / "index.html"
    found = PICTURE.search(page.read_text("utf-8")) if page.is_file() else None
    return found[0] if found else ""


def _listed(output: Path, stem: str) -> str:
    """Return what the list that eleventy-img's script wrote says of a photograph."""
    return str(json.loads((output / "index.json").read_text("utf-8"))[f"{stem}.jpg"])
