"""Incremental equals clean, byte for byte, whatever a desk and its disks do to a site between two builds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from newsroom import ROUND, difference_in_a_round, difference_in_free_play


def free_play(examples: int, steps: int, *, derandomize: bool) -> settings:
    """Return how often hypothesis picks how many edits."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=derandomize,
        suppress_health_check=checks,
    )


def test_a_round_of_edits() -> None:
    """After each of a hundred edits, one of each kind, the incremental output is that of a clean build.

    `test_planted_faults.py` shows what this round finds.
    """
    assert difference_in_a_round(ROUND) == ""


def test_incremental_equals_clean() -> None:
    """After some edits in a row, too; always the same ones, so that two runs of the tests say the same."""
    assert difference_in_free_play(free_play(examples=4, steps=8, derandomize=True)) == ""


@pytest.mark.long
@pytest.mark.parametrize("seed", range(ROUND + 1, ROUND + 5))
def test_rounds_of_edits(seed: int) -> None:
    """In other orders and with other arguments, too."""
    assert difference_in_a_round(seed) == ""


@pytest.mark.long
def test_incremental_equals_clean_for_long() -> None:
    """After a thousand edits of every kind, other ones in every run."""
    assert difference_in_free_play(free_play(examples=50, steps=20, derandomize=False)) == ""
