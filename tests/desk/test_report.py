"""The report: what a build did, in the lines that a person reads."""

from __future__ import annotations

from typing import Any

import pytest

from generator.base.problems import Problem
from generator.desk.report import exit_code, problem_lines, problem_row, summary_lines

NOTHING = {"shown": 0, "removed": 0, "draft": 0, "scheduled": 0, "folded": 0}


def answer(count: int = 0, **changes: Any) -> dict[str, Any]:
    """Return the report of a build that did nothing, with `count` problems."""
    rows = [problem_row(Problem(f"{at:03d}.md", 1, 1, "", "x", severity="warning")) for at in range(count)]
    plain = {
        "articles": NOTHING,
        "next_due": None,
        "ignored_files": 0,
        "outputs": 0,
        "pages": 0,
        "pictures": 0,
        "fetched": {"good": 0, "stale": 0, "failed": 0, "refused": 0, "waiting": 0},
        "search": "off",
        "changes": {"added": 0, "changed": 0, "removed": 0},
        "errors": 0,
        "warnings": count,
        "problems": rows,
    }
    return plain | changes


def lines(output: str = "", **changes: Any) -> list[str]:
    """Return a summary."""
    return list(summary_lines(answer(**changes), output, 1.5))


def test_an_empty_site_is_said_to_be_empty() -> None:
    """Counts of nothing are said once, and what is not there is not spoken of."""
    assert lines() == ["0 articles shown", "0 errors, 0 warnings, 1.50 s"]


def test_what_is_held_back_is_counted() -> None:
    """Each reason has its count, a reason without articles is left out; the next due date follows."""
    articles = {"shown": 12345, "removed": 1, "draft": 2000, "scheduled": 3, "folded": 4}
    found = lines(articles=articles, next_due="2026-03-05T06:00:00Z", ignored_files=2)
    assert found[:3] == [
        "12,345 articles shown; held back: 2,000 drafts, 3 scheduled, 4 folded into stories, 1 removed",
        "next scheduled: 2026-03-05T06:00:00Z",
        "2 files in folders that have no meaning here, not read",
    ]


def test_one_is_one() -> None:
    """One article, one draft, one error: no plural."""
    found = lines(articles=NOTHING | {"shown": 1, "draft": 1}, errors=1, warnings=1, ignored_files=1)
    assert found == [
        "1 article shown; held back: 1 draft",
        "1 file in folders that have no meaning here, not read",
        "1 error, 1 warning, 1.50 s",
    ]


def test_what_was_written_is_said_where_it_was() -> None:
    """A build says how many files are in the output and what changed; a check has no output and says nothing of it."""
    counts = {"outputs": 1200, "pages": 1, "pictures": 30}
    changes = {"added": 2, "changed": 0, "removed": 1}
    assert lines("www", **counts, changes=changes)[1] == (
        "1 page, 30 pictures, 1,200 files in www (2 added, 1 removed)"
    )
    assert lines("www", **counts)[1] == "1 page, 30 pictures, 1,200 files in www (nothing changed)"
    assert len(lines(**counts)) == 2


def test_fifty_problems_are_printed() -> None:
    """With more there is a line with the number of the rest and how to see them; `most=None` prints all."""
    printed = list(problem_lines(answer(60)))
    assert printed[0] == ("warning", "warning: 000.md:1:1: x")
    assert len(printed) == 51
    assert printed[-1] == ("more", "and 10 more: `broadsheet check`")
    assert len(list(problem_lines(answer(60), None))) == 60
    assert len(list(problem_lines(answer(50)))) == 50


@pytest.mark.parametrize(("errors", "warnings", "code"), [(0, 0, 0), (0, 9, 0), (1, 0, 1), (9, 9, 1)])
def test_errors_are_the_exit_code(errors: int, warnings: int, code: int) -> None:
    """Only errors, something of the user's left out, make a command fail."""
    assert exit_code(answer(errors=errors, warnings=warnings)) == code


def test_a_search_that_is_not_there_is_said_once() -> None:
    """Where the extra is missing one line says what brings it; of a search that is there, or not wanted, none does."""
    missing = "no search: `pip install 'broadsheet[search]'` brings it; `search = false` in [outputs] does without"
    assert lines(search="missing") == ["0 articles shown", missing, "0 errors, 0 warnings, 1.50 s"]
    assert lines(search="made") == lines(search="kept") == lines()
