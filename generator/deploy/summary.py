"""The summary of a deploy, as plain data and as the lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.deploy.story import Done

Answer = dict[str, Any]


def summary(done: Done, order_of: dict[str, Any]) -> Answer:
    """Return what a deploy did, or would do, as plain values; `order_of` says what was asked for."""
    plan = done.plan
    fresh = sum(put.fresh for put in plan.puts)
    return order_of | {
        "url": plan.manifest.site,
        "changed": done.changed,
        "version": plan.manifest.version,
        "added": fresh,
        "updated": len(plan.puts) - fresh,
        "uploaded": len(plan.puts),
        "bytes": plan.size(),
        "kept": len(plan.manifest.files) - len(plan.puts),
        "kept_old": len(plan.manifest.kept),
        "deleted": len(plan.deletes),
        "repaired": len(done.repaired),
        "foreign": done.foreign,
        "warnings": list(done.complaints),
    }


def steps(done: Done) -> list[Answer]:
    """Return every file that goes or is deleted, in order."""
    puts = [
        {"step": "add" if put.fresh else "update", "path": put.path, "size": put.row.size} for put in done.plan.puts
    ]
    return [*puts, *({"step": "delete", "path": path, "size": 0} for path in done.plan.deletes)]


def step_lines(done: Done) -> Iterator[str]:
    """Yield a line for every file that goes or is deleted, in order."""
    signs = {"add": "+", "update": "~", "delete": "-"}
    for step in steps(done):
        yield f"{signs[step['step']]} {step['path']}"


def summary_lines(answer: Answer, seconds: float) -> Iterator[str]:
    """Yield the summary of a deploy."""
    would = "would be " if answer["dry_run"] else ""
    if answer["repaired"]:
        yield f"{answer['repaired']:,} files on the target were not as they were deployed; {would or 'were '}put right"
    if answer["foreign"]:
        yield f"{answer['foreign']:,} files on the target are somebody else's, and stay"
    if not answer["changed"]:
        yield "nothing changed"
    else:
        yield (
            f"{answer['uploaded']:,} files {would}uploaded ({answer['bytes'] / 1e6:,.1f} MB; {answer['added']:,} new), "
            f"{answer['kept']:,} kept, {answer['deleted']:,} {would}deleted"
        )
    if answer["kept_old"]:
        yield f"{answer['kept_old']:,} old files stay for a while, for open pages"
    yield f"{answer['url']} ({answer['target']}, {answer['type']}; {seconds:.2f} s)"
