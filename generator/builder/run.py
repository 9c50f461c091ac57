"""Run tasks: skip those whose key is known and whose bytes are in place, make the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Generic, NamedTuple, TypeVar, cast

from generator.base.digest import digest_bytes
from generator.base.problems import BroadsheetError, Problem
from generator.base.record import Record
from generator.builder.manifest import Artifact
from generator.builder.task import Action, Task, task_key, why
from generator.builder.workers import run_chunks

World = TypeVar("World")


class ActionFailed(Exception):
    """An action met a mistake of the site's (in a template, a picture); the build goes on without its outputs."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


class SourceChanged(BroadsheetError):
    """A source was saved while the build ran; the build starts again, and gives up where that has no end."""

    def __str__(self) -> str:
        return f"{self.args[0]}: is written again and again while it is read; build when it is whole"


class Bench(NamedTuple, Generic[World]):
    """What a worker needs: the world, the actions by name and the place to put outputs."""

    world: World
    actions: Mapping[str, Action[World]]
    put: Callable[[str, bytes], None]
    kept: Callable[[str], bytes | None]  # what the store keeps of costly outputs, by name
    keep: Callable[[str, bytes], None]
    orders: Sequence[Order] = ()  # workers hold them, too, and are sent numbers


class Order(NamedTuple):
    """A task with what is known of its outputs: the old artifacts that are in place, in the task's order."""

    task: Task
    old: tuple[Artifact | None, ...]
    key: bytes | None  # computed already, where there was an old one to compare it with
    why: str


class Made(Record, frozen=True):
    """A task's answer: artifacts in the order of its outputs, or the problem that kept it from them."""

    artifacts: tuple[Artifact, ...] = ()
    problem: Problem | None = None


class Plan(NamedTuple):
    """Tasks split into those whose outputs stand and those to make."""

    kept: tuple[Artifact, ...]
    orders: tuple[Order, ...]


def plan(
    tasks: Sequence[Task], bench: Bench[World], old: Mapping[str, Artifact], in_place: Callable[[Artifact], bool]
) -> Plan:
    """Split `tasks` by their keys.

    A key is computed here only where there is an old one to compare it with: in a first build the workers do it.
    """
    kept: list[Artifact] = []
    orders: list[Order] = []
    for task in tasks:
        known = old.get(task.outputs[0]) if task.outputs else None
        if known is None:
            orders.append(Order(task, (None,) * len(task.outputs), None, "new"))
            continue
        action = bench.actions[task.action]
        key = task_key(action, action.inputs(bench.world, task.argument))
        there = tuple(a if (a := old.get(output)) and in_place(a) else None for output in task.outputs)
        if key == known.key and all(artifact and artifact.key == key for artifact in there):
            kept += [artifact for artifact in there if artifact]
        else:
            orders.append(Order(task, there, key, why(known.key, key)))
    return Plan(tuple(kept), tuple(orders))


def make(executor: Executor, count: int, chunk_size: int, progress: Callable[[int], None]) -> list[Made]:
    """Make the `count` orders of the bench that the executor's workers hold; answers come in their order."""
    return run_chunks(executor, make_chunk, range(count), chunk_size, progress)


def make_chunk(bench: Bench[Any], numbers: Sequence[int]) -> list[Made]:
    """Make some of the bench's orders in a worker."""
    return [_make_one(bench, bench.orders[number]) for number in numbers]


def _make_one(bench: Bench[Any], order: Order) -> Made:
    action = bench.actions[order.task.action]
    inputs = action.inputs(bench.world, order.task.argument)
    key = order.key or task_key(action, inputs)
    try:
        made = _kept(bench, action, order, key) or action.make(bench.world, inputs)
    except ActionFailed as failure:
        return Made(problem=failure.problem)
    if action.costly:
        for name, data in zip(kept_names(key, len(made)), made, strict=True):
            bench.keep(name, data)
    artifacts = []
    for output, data, old in zip(order.task.outputs, made, order.old, strict=True):
        digest = digest_bytes(data)
        if old is None or old.digest != digest:
            bench.put(output, data)
            old = None
        artifacts.append(Artifact(output, digest, len(data), key, order.why, old.stat if old else None))
    return Made(tuple(artifacts))


def _kept(bench: Bench[Any], action: Action[Any], order: Order, key: bytes) -> tuple[bytes, ...] | None:
    """Return the outputs of a costly task that was done before, though its files are gone."""
    if not action.costly:
        return None
    found = tuple(bench.kept(name) for name in kept_names(key, len(order.task.outputs)))
    return cast(tuple[bytes, ...], found) if None not in found else None


def kept_names(key: bytes, count: int) -> list[str]:
    """Return the names under which the store keeps a costly task's outputs."""
    return [f"{key.hex()}-{index}" for index in range(count)]
