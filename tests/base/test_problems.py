"""Problems: how they are printed and sorted, and the errors that carry them."""

from __future__ import annotations

import pickle

import pytest

from generator.base.problems import BroadsheetError, ConfigError, Problem, StrictStop, field_problem


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.md", 3, 20, "title", "is wrong", "mend it"), "a.md:3:20: title: is wrong; mend it"),
        (Problem("a.md", 3, 0, "title", "is wrong", "mend it"), "a.md:3: title: is wrong; mend it"),
        (Problem("a.md", 0, 0, "title", "is wrong"), "a.md: title: is wrong"),
        (Problem("a.md", 1, 1, "", "is wrong", "mend it"), "a.md:1:1: is wrong; mend it"),
        (Problem("a.md", 0, 0, "", "is wrong"), "a.md: is wrong"),
    ],
)
def test_a_problem_is_one_line(problem: Problem, text: str) -> None:
    """The form is `path:line:column: field: what is wrong; what would be right`, without what is not known."""
    assert str(problem) == text


def test_problems_sort_by_place() -> None:
    """By file, then by line as a number, then by column."""
    lines = [("b.md", 1, 1), ("a.md", 10, 1), ("a.md", 9, 5), ("a.md", 9, 4), ("a.md", 0, 0)]
    problems = [Problem(*place, "", "x") for place in lines]
    assert [(p.path, p.line, p.column) for p in sorted(problems)] == sorted(lines)


@pytest.mark.parametrize(
    ("trail", "field"),
    [
        (("title",), "title"),
        (("images", 0, "url"), "images[0].url"),
        (("related", 12, "provider", "images", 3), "related[12].provider.images[3]"),
        ((), ""),
    ],
)
def test_a_field_is_named_by_its_way(trail: tuple[str | int, ...], field: str) -> None:
    """A value inside lists and maps is named as a programmer would write it."""
    problem = field_problem("a.md", trail, "x", severity="warning")
    assert (problem.field, problem.trail, problem.severity) == (field, trail, "warning")


@pytest.mark.parametrize("kind", [ConfigError, StrictStop])
def test_an_error_carries_its_problems(kind: type[ConfigError | StrictStop]) -> None:
    """An error of several problems is printed as their lines, and keeps the records."""
    problems = [Problem("a.md", 1, 1, "", "one"), Problem("b.md", 2, 2, "", "two")]
    error = kind(problems)  # type: ignore[arg-type]
    assert isinstance(error, BroadsheetError)
    assert str(error) == "a.md:1:1: one\nb.md:2:2: two"
    assert error.problems == problems


def test_problems_go_between_processes() -> None:
    """A worker's problem is the same in the process that prints it."""
    problem = field_problem("a.md", ("images", 0), "x", "y", "warning")
    assert pickle.loads(pickle.dumps(problem)) == problem
