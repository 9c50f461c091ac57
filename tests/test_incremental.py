"""Incremental equals clean, byte for byte, whatever a desk and its disks do to a site between two builds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from newsroom import ROUND, Newsroom, play_round, templates_compiled_once


def run_machine(examples: int, steps: int, *, derandomize: bool) -> None:
    """Let hypothesis pick the edits."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    plan = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=derandomize,
        suppress_health_check=checks,
    )
    with templates_compiled_once():
        run_state_machine_as_test(Newsroom, settings=plan)


def test_a_round_of_edits() -> None:
    """After each of a hundred edits, one of each kind, the incremental output is that of a clean build.

    `test_planted_faults.py` shows what this round finds.
    """
    play_round(ROUND)


def test_incremental_equals_clean() -> None:
    """After some edits in a row, too; always the same ones, so that two runs of the tests say the same."""
    run_machine(examples=4, steps=8, derandomize=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(ROUND + 1, ROUND + 5))
def test_rounds_of_edits(seed: int) -> None:
    """In other orders and with other arguments, too."""
    play_round(seed)


@pytest.mark.long
def test_incremental_equals_clean_for_long() -> None:
    """After a thousand edits of every kind, other ones in every run."""
    run_machine(examples=50, steps=20, derandomize=False)
