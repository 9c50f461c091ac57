"""Run tasks: skip those whose key is known and whose bytes are in place, make the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast

from generator.base.digest import digest_bytes
from generator.base.problems import BroadsheetError, Problem
from generator.base.record import Record
from generator.builder.manifest import Artifact
from generator.builder.task import Action, Task, key_head, task_key, why
from generator.builder.workers import Team, run_chunks

World = TypeVar("World")

COSTLY = 100  # pages that could be made while a picture is resized


class ActionFailed(Exception):
    """An action met a mistake of the site's (in a template, a picture); the build goes on without its outputs."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


class SourceChanged(BroadsheetError):
    """A source was saved while the build ran; the build starts again, and gives up where that has no end."""

    def __str__(self) -> str:
        return f"{self.args[0]}: is written again and again while it is read; build when it is whole"


class Keyed(NamedTuple):
    """What a task's bytes depend on, and the key that follows."""

    inputs: object
    key: bytes


class Bench(NamedTuple, Generic[World]):
    """What a worker needs: the world, the actions by name, the tasks (workers are sent their numbers), what is there
    already, and the places to put outputs."""

    world: World
    actions: Mapping[str, Action[World]]
    tasks: Sequence[Task]
    old: Mapping[str, Artifact]  # as the last build left them, by output
    stands: Callable[[Artifact], bool]  # whether an old artifact's bytes are in place
    put: Callable[[str, bytes], None]
    kept: Callable[[str], bytes | None]  # what the store keeps of costly outputs, by name
    keep: Callable[[str, bytes], None]
    keyed: Mapping[str, Keyed] = {}  # tasks whose keys are known, by their first output


class Made(Record, frozen=True):
    """A task's answer: artifacts in the order of its outputs, or the problem that kept it from them."""

    artifacts: tuple[Artifact, ...] = ()
    problem: Problem | None = None


class Plan(NamedTuple):
    """The artifacts that stand as they are, and the tasks to do; `keyed` are those whose keys were found on the way."""

    kept: tuple[Artifact, ...]
    tasks: tuple[Task, ...]
    keyed: Mapping[str, Keyed] = {}


def plan(bench: Bench[Any]) -> Plan:
    """Look at every task of the bench: its outputs stand if its key is what it was and its bytes are in place.

    What is new, or made by other code, is to be done anyway: its key is left to the workers.
    """
    kept: list[Artifact] = []
    tasks: list[Task] = []
    keyed: dict[str, Keyed] = {}
    heads = {name: key_head(action) for name, action in bench.actions.items()}
    old, stands, actions, world = bench.old, bench.stands, bench.actions, bench.world
    for task in bench.tasks:
        outputs, name, argument = task
        known = [artifact for output in outputs if (artifact := old.get(output))]
        if len(known) < len(outputs) or not known or not known[0].key.startswith(heads[name]):
            tasks.append(task)
            continue
        action = actions[name]
        inputs = action.inputs(world, argument)
        key = task_key(action, inputs)
        for artifact in known:
            if artifact.key != key or not stands(artifact):
                keyed[outputs[0]] = Keyed(inputs, key)
                tasks.append(task)
                break
        else:
            kept += known
    return Plan(tuple(kept), tuple(tasks), keyed)


def _keyed(bench: Bench[Any], task: Task) -> Keyed:
    action = bench.actions[task.action]
    inputs = action.inputs(bench.world, task.argument)
    return Keyed(inputs, task_key(action, inputs))


def effort(bench: Bench[Any]) -> int:
    """Return about how much there is to do, in pages."""
    return sum(_effort(bench, task) for task in bench.tasks)


def _effort(bench: Bench[Any], task: Task) -> int:
    return COSTLY if bench.actions[task.action].costly else 1


def make(team: Team | None, bench: Bench[Any], progress: Callable[[int], None]) -> list[Made]:
    """Do the tasks of the bench that the team holds; answers come in their order."""
    least, tasks, actions = team.least if team else 1, bench.tasks, bench.actions

    def cost(number: int) -> float:
        return 1 / max(least, actions[tasks[number].action].together)

    return run_chunks(team, make_chunk, range(len(tasks)), 1, progress, Made, cost)


def make_chunk(bench: Bench[Any], numbers: Sequence[int]) -> list[Made]:
    """Do some of the bench's tasks in a worker."""
    return [_make_one(bench, bench.tasks[number]) for number in numbers]


def _make_one(bench: Bench[Any], task: Task) -> Made:
    action = bench.actions[task.action]
    inputs, key = bench.keyed.get(task.outputs[0]) or _keyed(bench, task)
    known = [bench.old.get(output) for output in task.outputs]
    there = [artifact if artifact and bench.stands(artifact) else None for artifact in known]
    kept = _kept(bench, action, task, key)
    try:
        made = kept or action.make(bench.world, inputs)
    except ActionFailed as failure:
        return Made(problem=failure.problem)
    if action.costly and not kept:
        for name, data in zip(kept_names(key, len(made)), made, strict=True):
            bench.keep(name, data)
    reason = why(known[0].key if known[0] else None, key)
    artifacts = []
    for output, data, old in zip(task.outputs, made, there, strict=True):
        digest = digest_bytes(data)
        if old is None or old.digest != digest:
            bench.put(output, data)
            old = None
        artifacts.append(Artifact(output, digest, len(data), key, reason, old.stat if old else None))
    return Made(tuple(artifacts))


def _kept(bench: Bench[Any], action: Action[Any], task: Task, key: bytes) -> tuple[bytes, ...] | None:
    """Return the outputs of a costly task that was done before, though its files are gone."""
    if not action.costly:
        return None
    found = tuple(bench.kept(name) for name in kept_names(key, len(task.outputs)))
    return cast(tuple[bytes, ...], found) if None not in found else None


def kept_names(key: bytes, count: int) -> list[str]:
    """Return the names under which the store keeps a costly task's outputs."""
    return [f"{key.hex()}-{index}" for index in range(count)]
