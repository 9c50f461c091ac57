"""What is measured of a build: its seconds, the memory of all its processes, the bytes that it wrote."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import BenchmarkError

SAMPLE_S = 0.02  # between two looks at the memory


@dataclass(frozen=True, slots=True)
class Command:
    """A build as it is started: whole process, clean environment."""

    name: str
    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]


def seconds(command: Command) -> float:
    """Run a build and return its wall time in seconds, from before its start until after its end."""
    start = time.perf_counter()
    done = subprocess.run(command.arguments, cwd=command.folder, env=command.environment, capture_output=True)
    elapsed = time.perf_counter() - start
    _expect_success(command, done.returncode, done.stdout + done.stderr)
    return elapsed


def peak_memory(command: Command) -> int:
    """Run a build and return the highest sum over its processes, in bytes.

    The sum is of proportional set sizes, so a page that processes share counts once. The build gets a session of its
    own, by which its processes are found, also those whose parent has ended.
    """
    peak = 0
    with tempfile.TemporaryFile() as log:
        build = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=command.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        while build.poll() is None:
            peak = max(peak, sum(_proportional_size(process) for process in _session(build.pid)))
            time.sleep(SAMPLE_S)
        log.seek(0)
        _expect_success(command, build.returncode, log.read())
    return peak


def _session(leader: int) -> list[Path]:
    """Return the /proc folders of a session's processes."""
    members = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text()
        except OSError:  # it has ended since
            continue
        if int(status.rpartition(")")[2].split()[3]) == leader:  # field 6, after the name in brackets
            members.append(process)
    return members


def _proportional_size(process: Path) -> int:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _expect_success(command: Command, code: int, said: bytes) -> None:
    if code:
        raise BenchmarkError(f"{command.name} ended with {code}:\n{said.decode(errors='replace')[-2000:]}")


def tree_digest(folder: Path) -> str:
    """Return a digest of all files below a folder: their paths and their bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for path in all_files(folder):
        content = Path(path).read_bytes()
        digest.update(f"{os.path.relpath(path, folder)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def all_files(folder: Path) -> list[str]:
    """Return the paths of all files below a folder, sorted."""
    return sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)
