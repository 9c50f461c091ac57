"""The workflow that `init --ci` writes: it keeps what a build leaves, deploys, and runs by the clock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from generator.desk.scaffold import ExistsAlready
from generator.desk.workflow import write_workflow
from tests.desk.command import broadsheet


@pytest.fixture
def workflow(tmp_path: Path) -> dict[str, object]:
    """The workflow as GitHub reads it."""
    file = write_workflow(tmp_path)
    assert file == tmp_path / ".github" / "workflows" / "site.yml"
    found: dict[str, object] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def steps_of(workflow: dict[str, object]) -> list[dict[str, object]]:
    jobs = workflow["jobs"]
    assert isinstance(jobs, dict)
    steps: list[dict[str, object]] = jobs["deploy"]["steps"]
    return steps


def test_it_runs_after_a_push_and_by_the_clock(workflow: dict[str, object]) -> None:
    """A push, the clock, and a person start it; one at a time, and none is cut off."""
    triggers = workflow[True]  # type: ignore[index]  # `on` is a truth in YAML 1.1
    assert set(triggers) == {"push", "schedule", "workflow_dispatch"}  # type: ignore[call-overload]
    assert workflow["concurrency"] == {"group": "site", "cancel-in-progress": False}
    assert workflow["permissions"] == {"contents": "write"}


def test_what_a_build_leaves_is_restored_and_kept(workflow: dict[str, object]) -> None:
    """Cache, output and pictures come back before the deploy, and are kept after it, also if it failed."""
    steps = steps_of(workflow)
    uses = [str(step.get("uses", step.get("run"))).partition("@")[0] for step in steps]
    assert uses == [
        "actions/checkout",
        "actions/setup-python",
        "actions/cache/restore",
        'python -m pip install "broadsheet[all]"',
        "broadsheet deploy",
        "actions/cache/save",
    ]
    restored, kept = (steps[at]["with"]["path"].split() for at in (2, 5))  # type: ignore[index]
    assert restored == kept == [".broadsheet", "output", "pictures"]
    assert steps[5]["if"] == "always()"
    assert steps[2]["with"]["key"].startswith(steps[2]["with"]["restore-keys"])  # type: ignore[index]


def test_no_script_holds_what_others_write(workflow: dict[str, object]) -> None:
    """No expression stands in a script, where a branch's name could become a command; the token is in one step only."""
    steps = steps_of(workflow)
    assert not any(re.search(r"\$\{\{", str(step.get("run"))) for step in steps)
    assert [step.get("run") for step in steps if "secrets" in str(step)] == ["broadsheet deploy"]
    assert steps[0]["with"] == {"persist-credentials": False}


def test_a_workflow_that_is_there_stays(tmp_path: Path) -> None:
    """A file of its name is never replaced."""
    file = write_workflow(tmp_path)
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ExistsAlready, match=r"site\.yml: is there already"):
        write_workflow(tmp_path)
    assert file.read_text(encoding="utf-8") == "mine"


def test_by_the_command(tmp_path: Path) -> None:
    """A new site gets it with the rest; a site that is there gets it alone."""
    made = broadsheet("init", tmp_path / "new", "--ci", "github")
    assert made.code == 0
    assert (tmp_path / "new" / ".github" / "workflows" / "site.yml").is_file()
    (tmp_path / "new" / ".github" / "workflows" / "site.yml").unlink()
    again = broadsheet("init", tmp_path / "new", "--ci", "github")
    assert (again.code, again.out.strip()) == (0, str(tmp_path / "new" / ".github" / "workflows" / "site.yml"))
    assert broadsheet("init").code == 2
