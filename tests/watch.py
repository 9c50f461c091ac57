"""Run a build and note every change that it makes to files, as Python's audit events tell; or kill it before one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from site_kit import LISTING, NOON, SmallSite, environment

_PROGRAM = """
import json, os, signal, sys

log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
output, cache, kill_at, watched = sys.argv[2] + "/", sys.argv[3] + "/", int(sys.argv[4]), os.getpid()
commits = 0

def watch(event, args):
    global commits
    if event not in ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir") or os.getpid() != watched:
        return
    path = os.fspath(args[1] if event == "os.rename" else args[0]) if not isinstance(args[0], int) else ""
    if event == "open" and path != cache + "state":
        return
    if isinstance(path, str) and path.startswith((output, cache)):
        os.write(log, json.dumps([event, path]).encode() + b"\\n")
        if event != "os.mkdir" and path.startswith(output):
            commits += 1
            if commits == kill_at:
                os.kill(watched, signal.SIGKILL)

sys.addaudithook(watch)
sys.argv = ["broadsheet", *sys.argv[5:]]
from generator.cli.main import main
main()
"""


class Event(NamedTuple):
    """A change of a file: `target` inside the output or, with `place` "cache", inside the cache."""

    kind: str
    place: str
    target: str

    @property
    def is_commit(self) -> bool:
        """Whether it changes the published site."""
        return self.place == "output" and self.kind in ("os.rename", "os.remove")


class Watched(NamedTuple):
    """How a build ended, and what it had done."""

    code: int
    events: list[Event]
    phase: str  # start, read, make, commit, settle, save or end: the one that it was in last


class WatchedBuild:
    """A build that runs in a session of its own."""

    def __init__(self, site: SmallSite, *args: str, kill_at: int = 0):
        self._site = site
        self._log = site.root.parent / f"{site.root.name}.log"
        self._log.unlink(missing_ok=True)
        places = [str(self._log), str(site.output), str(site.cache), str(kill_at)]
        command = ["build", "--site", str(site.root), "--as-of", NOON.isoformat(), *args]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *places, *command],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self) -> Watched:
        """Wait for the end."""
        code = self.process.wait()
        lines = self._log.read_bytes().split(b"\n")[:-1] if self._log.exists() else []
        events = [self._event(*json.loads(line)) for line in lines]
        return Watched(code, events, _phase(code, events))

    def kill(self, after_s: float) -> Watched:
        """Kill it after some time, if it has not ended by then."""
        try:
            self.process.wait(after_s)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGKILL)
        return self.end()

    def _event(self, kind: str, path: str) -> Event:
        in_output = path.startswith(f"{self._site.output}/")
        folder = self._site.output if in_output else self._site.cache
        return Event(kind, "output" if in_output else "cache", str(Path(path).relative_to(folder)))


def watched_build(site: SmallSite, *args: str, kill_at: int = 0) -> Watched:
    """Build, and return all that was done; `kill_at` ends it just before that change of the output, from 1."""
    return WatchedBuild(site, *args, kill_at=kill_at).end()


def _phase(code: int, events: list[Event]) -> str:
    """Say how far a build came: the last phase that it had begun."""
    listed = [event for event in events if event.place == "output" and event.target == LISTING]
    if code == 0:
        return "end"
    if any(event.kind == "os.rename" and event.target == "state" for event in events):
        return "save"
    if listed:
        return "settle" if len(listed) > 1 else "commit"
    if any(event.kind == "os.mkdir" and event.target.startswith(".staging-") for event in events):
        return "make"
    return "read" if events else "start"
