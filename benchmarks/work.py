"""Count the work of builds, which no slow machine changes, and fail where it is more than it was: `make bench-check`.

Files read, pages and parts rendered, files and bytes written, bytes hashed, processes started, modules imported, files
opened, folders listed, calls of functions; and, where valgrind is installed, the instructions of a build of nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from table import format_table

HERE = Path(__file__).resolve().parent
KEPT = HERE / "work.json"
ARTICLES = 60
NOW = "2024-06-01T00:00:00Z"
EXACT = ("read", "rendered", "files", "started")
ROOM = 1.05  # for all else: other Pythons, libraries and a line more in a template differ a little
SETTINGS = """title = "News"
base_url = "https://news.example.org/"
theme = "own"

[outputs]
search = false
social_cards = false

[images]
fetch = false
"""
TEMPLATE = '{% extends "!default/article.html" %}\n'

Counts = dict[str, dict[str, int]]  # case -> what -> how many


def main() -> int:
    """Count, compare, print."""
    parser = argparse.ArgumentParser(prog="work.py", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="keep today's counts: the change is worth its work")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="broadsheet-work-") as folder:
        counts = count_all(Path(folder))
        if shutil.which("valgrind"):
            counts["nothing changed"]["instructions"] = instructions(Path(folder) / "site")
    known: Counts = json.loads(KEPT.read_text("utf-8"))
    print(format_table(rows(counts, known), ("case", "what", "kept", "counted", "")))
    if options.accept:
        KEPT.write_text(json.dumps(counts, indent=2) + "\n", "utf-8")
        return 0
    lines = grown(counts, known)
    print("".join(f"error: {line}\n" for line in lines), end="", file=sys.stderr)
    return 1 if lines else 0


def count_all(folder: Path) -> Counts:
    """Build a small site again and again, and count what each build does."""
    site = folder / "site"
    news, template = lay_out(site, ARTICLES)
    counts = {"cold": count(site), "nothing changed": count(site)}
    write_article(news, ARTICLES // 2, title="Another title")
    counts["one title changed"] = count(site)
    write_article(news, ARTICLES)
    counts["one newest added"] = count(site)
    template.write_text(TEMPLATE + "{% block kind %}changed page{% endblock %}\n", "utf-8")
    counts["one template changed"] = count(site)
    return counts


def count(site: Path) -> dict[str, int]:
    """Return the counts of one build, which for a site of this size must start no other process."""
    file = site.parent / "counts.json"
    command = [sys.executable, str(HERE / "counted.py"), str(file), *build_of(site)]
    subprocess.run(command, check=True, env=environment(), stdout=subprocess.DEVNULL)
    counts: dict[str, int] = json.loads(file.read_text("utf-8"))
    if counts.pop("code"):
        raise SystemExit(f"error: the build of {site} failed")
    return dict(sorted(counts.items()))


def instructions(site: Path) -> int:
    """Return the instructions that a build executes, as callgrind counts them."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m", "generator"]
    done = subprocess.run([*command, *build_of(site)], check=True, env=environment(), capture_output=True, text=True)
    return int(done.stderr.rpartition("Collected : ")[2].split()[0])


def build_of(site: Path) -> list[str]:
    """Return the arguments of a build."""
    return ["build", "--site", str(site), "--as-of", NOW, "--jobs", "2"]


def environment() -> dict[str, str]:
    """Return an environment in which a build does the same each time."""
    return {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "PYTHONPATH": str(HERE.parent), "LC_ALL": "C.UTF-8"}


def grown(counts: Mapping[str, Mapping[str, int]], known: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return a sentence for each count that is more than was kept, or that is not kept yet."""
    lines = []
    for case, now in counts.items():
        for what, many in now.items():
            kept = known.get(case, {}).get(what)
            if kept is None and what != "instructions":
                lines.append(f"{case}: `{what}` is not in work.json yet; `work.py --accept` keeps it")
            elif kept is not None and many > kept * (1 if what in EXACT else ROOM):
                lines.append(f"{case}: `{what}` has grown from {kept:,} to {many:,}")
    return lines


def rows(counts: Counts, known: Counts) -> list[tuple[str, ...]]:
    """Return the counts as rows of a table."""
    found: list[tuple[str, ...]] = []
    for case, now in counts.items():
        for what, many in now.items():
            kept = known.get(case, {}).get(what)
            found.append((case, what, f"{kept or 0:,}", f"{many:,}", "" if many == kept else "changed"))
    return found


# -- the site ----------------------------------------------------------------------------------------------------------


def lay_out(site: Path, articles: int) -> tuple[Path, Path]:
    """Write a site with a theme of its own; return the folder of its articles and one of its templates."""
    news, template = site / "content" / "news", site / "themes" / "own" / "templates" / "article.html"
    news.mkdir(parents=True)
    template.parent.mkdir(parents=True)
    (site / "site.toml").write_text(SETTINGS, "utf-8")
    (template.parents[1] / "theme.toml").write_text('extends = "default"\n', "utf-8")
    template.write_text(TEMPLATE, "utf-8")
    for number in range(articles):
        write_article(news, number)
    return news, template


def write_article(folder: Path, number: int, title: str = "") -> None:
    """Write an article: of one of ten outlets, on a topic or two of twelve, every third without coverage."""
    day, outlet = f"2024-{1 + number // 60:02}-{1 + number % 28:02}", number % 10
    reports = "".join(
        f"  - title: Report {at} of story {number}\n"
        f"    webUrl: https://outlet{at}.example/{number}\n"
        f"    provider: {{name: Outlet {at}, domain: outlet{at}.example}}\n"
        for at in range(number % 3 * 2)
    )
    text = (
        f"title: {title or f'Story {number} of many'}\n"
        f"excerpt: What happened in story {number}, in a sentence or two.\n"
        f"publishedDateTime: {day}T{number % 24:02}:00:00Z\n"
        f"webUrl: https://outlet{outlet}.example/{number}\n"
        f"provider: {{name: Outlet {outlet}, domain: outlet{outlet}.example}}\n"
        f"topics: [Topic {number % 12}, Topic {number % 7}]\n"
        f"published: true\n" + (f"related:\n{reports}" if reports else "")
    )
    body = "" if number % 4 else f"A word of ours on **story {number}**.\n"
    (folder / f"{day}-story-{number}.md").write_text(f"---\n{text}---\n{body}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
