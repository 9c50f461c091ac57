"""A task whose key is known and whose bytes are in place is skipped; every other one is made, and says why."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from generator.base.problems import Problem
from generator.builder.manifest import Artifact
from generator.builder.run import ActionFailed, Bench, Made, Plan, kept_names, make, plan
from generator.builder.store import Store
from generator.builder.task import Action, Task, task_key
from generator.builder.workers import workers


class World(NamedTuple):
    """Texts by name, and a note of every call that makes something."""

    texts: dict[str, str]
    calls: list[str]


def inputs(world: World, argument: object) -> object:
    return world.texts[str(argument)]


def upper(world: World, given: object) -> tuple[bytes, ...]:
    world.calls.append(str(given))
    return (str(given).upper().encode(),)


def twice(world: World, given: object) -> tuple[bytes, ...]:
    world.calls.append(str(given))
    return str(given).encode(), str(given).upper().encode()


def fail(world: World, given: object) -> tuple[bytes, ...]:
    raise ActionFailed(Problem("theme/x.html", 3, 0, "", f"cannot show {given}"))


class Site:
    """A world, what its output holds, and the last build's artifacts."""

    def __init__(self, cache: Path, **texts: str):
        self.world = World(texts, [])
        self.output: dict[str, bytes] = {}
        self.old: dict[str, Artifact] = {}
        self.store: Store[str] = Store(cache, str)
        self.code, self.template = b"1st code", b"1st template"

    def bench(self, *tasks: Task) -> Bench[World]:
        actions = {
            "upper": Action(inputs, upper, self.code, self.template),
            "twice": Action(inputs, twice, self.code, self.template),
            "fail": Action(inputs, fail, self.code, self.template),
            "costly": Action(inputs, twice, self.code, costly=True),
        }
        put, kept, keep = self.output.__setitem__, self.store.kept, self.store.keep
        return Bench(self.world, actions, tasks, self.old, self.holds, put, kept, keep)

    def holds(self, artifact: Artifact) -> bool:
        return artifact.output in self.output

    def build(self, *tasks: Task) -> dict[str, str]:
        """Build, and return why each output was made that was."""
        planned = plan(self.bench(*tasks))
        artifacts = [artifact for each in self.make(*planned.tasks) for artifact in each.artifacts]
        self.old = {artifact.output: artifact for artifact in (*planned.kept, *artifacts)}
        return {artifact.output: artifact.why for artifact in artifacts}

    def make(self, *tasks: Task) -> list[Made]:
        bench = self.bench(*tasks)
        with workers(1, bench) as executor:
            return make(executor, bench, lambda done: None)


ONE, TWO = Task(("one",), "upper", "a"), Task(("two",), "upper", "b")
BOTH = Task(("small", "large"), "twice", "a")
COSTLY = Task(("small", "large"), "costly", "a")


def test_first_build_makes_everything(tmp_path: Path) -> None:
    """In a first build every task is new; its key is left to the workers, and is the same as anybody's."""
    site = Site(tmp_path, a="x", b="y")
    assert plan(site.bench(ONE, TWO)) == Plan((), (ONE, TWO))
    assert site.build(ONE, TWO) == {"one": "new", "two": "new"}
    assert site.output == {"one": b"X", "two": b"Y"}
    assert site.old["one"].key == task_key(site.bench().actions["upper"], "x")


def test_second_build_makes_nothing(tmp_path: Path) -> None:
    """What is known and in place is kept as it is."""
    site = Site(tmp_path, a="x", b="y")
    site.build(ONE, TWO)
    before = dict(site.old)
    assert site.build(ONE, TWO) == {}
    assert site.old == before
    assert site.world.calls == ["x", "y"]


def test_changed_data_is_made_again(tmp_path: Path) -> None:
    """Other inputs: that task runs, no other does."""
    site = Site(tmp_path, a="x", b="y")
    site.build(ONE, TWO)
    site.world.texts["a"] = "z"
    assert site.build(ONE, TWO) == {"one": "data"}
    assert site.output == {"one": b"Z", "two": b"Y"}


def test_changed_code_and_template(tmp_path: Path) -> None:
    """Other code or another template: everything made by it runs again, and says which it was."""
    site = Site(tmp_path, a="x")
    site.build(ONE)
    site.template = b"2nd template"
    assert site.build(ONE) == {"one": "template"}
    site.code = b"2nd code"
    assert site.build(ONE) == {"one": "code"}


def test_missing_output_is_forced(tmp_path: Path) -> None:
    """An output that is not in place is made though its key is known."""
    site = Site(tmp_path, a="x")
    site.build(ONE)
    del site.output["one"]
    assert site.build(ONE) == {"one": "forced"}
    assert site.output == {"one": b"X"}


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    """A task that runs and makes what is there already writes nothing, but is known by its new key."""
    site = Site(tmp_path, a="x")
    site.build(ONE)
    site.world.texts["a"] = "X"
    site.output["one"] = b"is not looked at: its artifact is in place"
    assert site.build(ONE) == {"one": "data"}
    assert site.output["one"] == b"is not looked at: its artifact is in place"
    assert site.build(ONE) == {}


def test_task_with_several_outputs(tmp_path: Path) -> None:
    """Where one of a task's outputs is missing, the task runs, and only what is missing is written."""
    site = Site(tmp_path, a="x")
    assert site.build(BOTH) == {"small": "new", "large": "new"}
    del site.output["large"]
    site.output["small"] = b"in place"
    assert site.build(BOTH) == {"small": "forced", "large": "forced"}
    assert site.output == {"small": b"in place", "large": b"X"}


def test_failure_is_a_problem(tmp_path: Path) -> None:
    """A mistake of the site's leaves out its own outputs, names itself every time, and stops nothing else."""
    site = Site(tmp_path, a="x", b="y")
    tasks = ONE, Task(("broken",), "fail", "b"), TWO
    for _ in range(2):
        made = site.make(*tasks)
        assert [len(each.artifacts) for each in made] == [1, 0, 1]
        assert made[1] == Made(problem=Problem("theme/x.html", 3, 0, "", "cannot show y"))
    assert site.output == {"one": b"X", "two": b"Y"}


def test_costly_outputs_are_kept(tmp_path: Path) -> None:
    """Where the output is gone, what was costly comes out of the store."""
    site = Site(tmp_path, a="x")
    site.build(COSTLY)
    site.output.clear()
    assert site.build(COSTLY) == {"small": "forced", "large": "forced"}
    assert site.output == {"small": b"x", "large": b"X"}
    assert site.world.calls == ["x"]


def test_costly_outputs_survive_the_state(tmp_path: Path) -> None:
    """Where even the state is gone, too: what is kept goes by the key, and the key by the inputs."""
    site = Site(tmp_path, a="x")
    site.build(COSTLY)
    site.old.clear()
    site.output.clear()
    assert site.build(COSTLY) == {"small": "new", "large": "new"}
    assert site.world.calls == ["x"]
    site.world.texts["a"] = "z"
    site.build(COSTLY)
    assert site.output == {"small": b"z", "large": b"Z"}


def test_damaged_kept_outputs_are_made_again(tmp_path: Path) -> None:
    """Kept bytes that are damaged, even one of several, are made and kept again."""
    site = Site(tmp_path, a="x")
    site.build(COSTLY)
    name = kept_names(site.old["small"].key, 2)[1]
    (tmp_path / "variants" / name).write_bytes(b"damaged")
    site.output.clear()
    site.build(COSTLY)
    assert site.output == {"small": b"x", "large": b"X"}
    assert site.world.calls == ["x", "x"]
    assert site.store.kept(name) == b"X"
