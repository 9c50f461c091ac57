"""Run one command of Broadsheet in this process and count its work; the counts are written as JSON when it has ended.

Used by `work.py`: `counted.py FILE build --site DIR …`. Counting takes time, so nothing here is timed.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

PACKAGE = str(Path(__file__).resolve().parents[1] / "generator")
COUNTS: Counter[str] = Counter()
EVENTS = {
    "open": "opened",
    "os.scandir": "listed",
    "os.listdir": "listed",
    "os.fork": "started",
    "os.exec": "started",
    "os.posix_spawn": "started",
    "subprocess.Popen": "started",
}
# Functions of the package by name: how their calls are counted, and the argument whose bytes are, and how.
WATCHED = {
    "read_source": ("read", None, ""),
    "Renderer._text": ("rendered", None, ""),
    "Stage.put": ("files", "data", "written"),
    "digest_bytes": ("digests", "parts", "hashed"),
}


def main() -> None:
    """Count what the command in the arguments does."""
    file, *arguments = sys.argv[1:]
    sys.addaudithook(_heard)
    sys.argv = ["broadsheet", *arguments]
    from generator.cli.main import main as broadsheet

    code: object = 0
    sys.setprofile(_called)
    try:
        broadsheet()
    except SystemExit as stop:
        code = stop.code
    sys.setprofile(None)
    COUNTS["modules"] = len(sys.modules)
    Path(file).write_text(json.dumps({"code": code, "started": 0, **COUNTS}), "utf-8")


def _heard(event: str, _: object) -> None:
    if event in EVENTS:
        COUNTS[EVENTS[event]] += 1


def _called(frame: FrameType, event: str, _: object) -> None:
    if event not in ("call", "c_call"):
        return
    COUNTS["calls"] += 1
    code = frame.f_code
    if event == "call" and code.co_qualname in WATCHED and code.co_filename.startswith(PACKAGE):
        what, argument, how = WATCHED[code.co_qualname]
        COUNTS[what] += 1
        if argument:
            given = frame.f_locals[argument]
            COUNTS[how] += sum(map(len, given)) if isinstance(given, tuple) else len(given)


if __name__ == "__main__":
    main()
    os._exit(0)
