"""A Dask cluster of real processes on loopback, for tests: a scheduler and workers that can be killed and started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from site_kit import environment

DASK = (sys.executable, "-m", "dask")
PATIENCE = 60  # s


@dataclass
class RealCluster:
    """Processes as a person would start them."""

    folder: Path
    port: int = 0
    protocol: str = "tcp"
    settings: dict[str, str] = field(default_factory=dict)  # of Dask's, as its environment has them
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the scheduler listens."""
        return f"{self.protocol}://127.0.0.1:{self.port}"

    def start(self, workers: int = 1, threads: int = 1) -> RealCluster:
        """Start a scheduler, and workers that find it."""
        self.start_scheduler()
        for _ in range(workers):
            self.start_worker(threads)
        return self

    def start_scheduler(self) -> None:
        """Start a scheduler, on the port of the one before; it is there when this returns."""
        self.port = self.port or free_port()
        self.scheduler = self._run("scheduler", "--host", "127.0.0.1", "--port", str(self.port), *self._plain)
        wait_until(self._answers)

    def start_worker(self, threads: int = 1, **more: str) -> None:
        """Start a worker of one process."""
        args = ("--host", "127.0.0.1", "--nthreads", str(threads), "--no-nanny", *self._plain, "--death-timeout")
        folder = ("--local-directory", str(self.folder))
        self.workers.append(self._run("worker", self.address, *args, "60", *folder, **more))

    def kill_worker(self) -> None:
        """Kill the worker that was started first."""
        kill(self.workers.pop(0))

    def kill_scheduler(self) -> None:
        """Kill the scheduler."""
        assert self.scheduler
        kill(self.scheduler)
        self.scheduler = None

    def end(self) -> None:
        """End all processes."""
        for process in (*self.workers, *([self.scheduler] if self.scheduler else [])):
            kill(process)

    def _answers(self) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    @property
    def _plain(self) -> tuple[str, ...]:
        return "--no-dashboard", "--protocol", self.protocol

    def _run(self, *args: str, **more: str) -> subprocess.Popen[bytes]:
        quiet, more = subprocess.DEVNULL, self.settings | more
        return subprocess.Popen([*DASK, *args], env=environment(**more), cwd=self.folder, stdout=quiet, stderr=quiet)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process at once, and wait until it is gone."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(holds: object, patience: float = PATIENCE) -> None:
    """Wait until `holds()` is true."""
    end = time.monotonic() + patience
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.02)
