"""What a command says: exit codes, problems, reports, and on a terminal what is being done."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from generator.builder.workers import Progress

GOOD, SITE_ERROR, USAGE, BUG = 0, 1, 2, 3

_COLOURS = {"error": "red", "warning": "yellow"}


def say_problem(severity: str, line: str) -> None:
    """Print a line about a problem in the colour of its severity; a line of another kind has none."""
    click.secho(line, fg=_COLOURS.get(severity), err=True)


def say_waiting(holder: str) -> None:
    """Say that another process writes the site."""
    click.echo(f"another build (process {holder}) writes this site; waiting for it", err=True)


def say_notice(line: str) -> None:
    """Say what a person should know while something goes on."""
    click.echo(line, err=True)


def print_json(answer: dict[str, Any]) -> None:
    """Print an answer as JSON for people and programs."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def print_report(answer: dict[str, Any], seconds: float, as_json: bool, most: int | None = 50) -> None:
    """Print the report of a build; at most so many of its problems where it is for people."""
    from generator.desk.report import problem_lines, summary_lines

    if as_json:
        print_json(answer | {"seconds": round(seconds, 3)})
        return
    for severity, line in problem_lines(answer, most):
        say_problem(severity, line)
    for line in summary_lines(answer, answer.get("output", ""), seconds):
        click.echo(line)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show what is being done on a terminal; say nothing into a pipe."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn())
    # No refresh thread: a thread that holds a lock while worker processes are forked would hang them.
    with Bars(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bars:
        tasks: dict[str, Any] = {}

        def show(phase: str, done: int, total: int) -> None:
            name = phase.partition(" ")[0]  # what belongs to it may change: of a deploy, the bytes
            if name not in tasks:
                tasks[name] = bars.add_task(phase, total=total)
            bars.update(tasks[name], description=phase, completed=done, total=total, refresh=True)

        yield show
