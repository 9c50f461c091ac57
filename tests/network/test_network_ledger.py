"""ledger: what two machines learnt at the same time is merged by Git, with nobody's help."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from generator.links.ledger import Entry, LinkLedger

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHARED, OURS, THEIRS = (f"https://{name}.example/" for name in ("shared", "ours", "theirs"))


def git(folder: Path, *args: str) -> None:
    """Run Git as nobody in particular."""
    who = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True, timeout=30)


def learn(folder: Path, *entries: Entry) -> None:
    """Put entries into the ledger in a folder, and commit it."""
    ledger = LinkLedger(folder / "links")
    for entry in entries:
        ledger.put(entry)
    ledger.settle()
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "learn")


def test_git_merges_what_two_machines_learnt(tmp_path: Path) -> None:
    """Both sides' addresses are there, and of one that both asked for, what was learnt later."""
    git(tmp_path, "init", "-q")
    first = Entry(SHARED, NOON, NOON, "good")
    learn(tmp_path, first)
    git(tmp_path, "branch", "other")
    later = Entry(SHARED, NOON + timedelta(hours=2), NOON, "suspect", NOON, 1, "missing", "it is so")
    learn(tmp_path, later, Entry(OURS, NOON, NOON, "good"))
    git(tmp_path, "checkout", "-q", "other")
    sooner = Entry(SHARED, NOON + timedelta(hours=1), NOON, "unknown", kind="denied", why="it is not so")
    learn(tmp_path, sooner, Entry(THEIRS, NOON, NOON, "good"))
    git(tmp_path, "merge", "-q", "main")
    merged = LinkLedger(tmp_path / "links").entries
    assert merged.keys() == {SHARED, OURS, THEIRS}
    assert merged[SHARED] == later
