"""The report of a build: counts and problems as plain data, and as the lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a build in which nothing changed reports without any of it
    from generator.base.problems import Problem
    from generator.links.account import Checked
    from generator.pipeline import Build

MOST_PROBLEMS = 50
Answer = dict[str, Any]


def report(build: Build) -> Answer:
    """Return what a build did, as plain values that can be kept and printed as JSON."""
    library, standing = build.library, build.library.standing
    outputs = [artifact.output for artifact in build.artifacts]
    return {
        "articles": {
            "shown": len(library.shown),
            "early": sum(card.draft or card.published > library.now for card in library.shown),
            **{state: standing.count(state) for state in ("removed", "draft", "scheduled", "folded")},
        },
        "next_due": standing.due.isoformat().replace("+00:00", "Z") if standing.due else None,
        "ignored_files": library.readings.ignored,
        "outputs": len(outputs),
        "pages": sum(output.endswith(".html") for output in outputs),
        "pictures": sum(output.startswith("images/") for output in outputs),
        "fetched": dict(build.fetched.counts),
        **({"links": _links(build.links)} if build.links else {}),
        "search": build.search,
        "changes": {
            "added": len(build.changes.added),
            "changed": len(build.changes.changed),
            "removed": len(build.changes.removed),
        },
        "errors": sum(problem.severity == "error" for problem in build.problems),
        "warnings": sum(problem.severity == "warning" for problem in build.problems),
        "problems": [problem_row(problem) for problem in build.problems],
    }


def problem_row(problem: Problem) -> Answer:
    """Return a problem as plain values; `text` is the line that a person reads."""
    fields = ("severity", "path", "line", "column", "field", "message", "hint")
    return {name: getattr(problem, name) for name in fields} | {"text": str(problem)}


def _links(links: Checked) -> Answer:
    """Return the links to other sites as plain values: how many there are of each state, and what is not good."""
    rows = [row._asdict() | {"files": list(row.files)} for row in links.rows if row.state != "good"]
    return {"counts": dict(links.counts), "rows": rows}


def exit_code(answer: Answer) -> int:
    """Return 1 where something that the user wrote is left out of the site."""
    return 1 if answer["errors"] else 0


def problem_lines(answer: Answer, most: int | None = MOST_PROBLEMS) -> Iterator[tuple[str, str]]:
    """Yield (severity, line): all problems, or the first ones and how many more there are."""
    rows = answer["problems"]
    for row in rows[:most]:
        yield row["severity"], f"{row['severity']}: {row['text']}"
    if most is not None and len(rows) > most:
        yield "more", f"and {len(rows) - most} more: `broadsheet check`"


def summary_lines(answer: Answer, output: str, seconds: float) -> Iterator[str]:
    """Yield the summary of a build."""
    articles, changes = answer["articles"], answer["changes"]
    held = [f"{articles[state]:,} {word}" for state, word in _HELD.items() if articles[state]]
    if articles["draft"] == 1:
        held[0] = "1 draft"
    yield _count(articles["shown"], "article") + " shown" + (f"; held back: {', '.join(held)}" if held else "")
    if answer["next_due"]:
        yield f"next scheduled: {answer['next_due']}"
    if answer["ignored_files"]:
        yield f"{_count(answer['ignored_files'], 'file')} in folders that have no meaning here, not read"
    if any(answer["fetched"].values()):
        counts = [
            f"{answer['fetched'][state]:,} {word}" for state, word in _FETCHED.items() if answer["fetched"][state]
        ]
        yield f"remote pictures: {', '.join(counts)}"
    if "links" in answer:
        said = [f"{count:,} {_LINKS.get(state, state)}" for state, count in answer["links"]["counts"].items() if count]
        yield f"links to other sites: {', '.join(said) or 'none'}"
    if answer["search"] == "missing":
        yield "no search: `pip install 'broadsheet[search]'` brings it; `search = false` in [outputs] does without"
    if "output" in answer or output:
        made = ", ".join(f"{changes[kind]} {kind}" for kind in changes if changes[kind]) or "nothing changed"
        yield (
            f"{_count(answer['pages'], 'page')}, {_count(answer['pictures'], 'picture')}, "
            f"{_count(answer['outputs'], 'file')} in {output} ({made})"
        )
    yield f"{_count(answer['errors'], 'error')}, {_count(answer['warnings'], 'warning')}, {seconds:.2f} s"


_FETCHED = {
    "good": "good",
    "stale": "stale (shown as they were)",
    "failed": "failed",
    "refused": "refused",
    "waiting": "waiting",
}
_LINKS = {
    "moved": "moved for good",
    "suspect": "perhaps dead",
    "unknown": "unknown (refused to a program, busy, or not to be asked)",
    "waiting": "not asked for yet",
}
_HELD = {"draft": "drafts", "scheduled": "scheduled", "folded": "folded into stories", "removed": "removed"}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
