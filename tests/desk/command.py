"""Run `broadsheet` in this process, as a shell would: arguments in; exit code and what is printed out."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from generator.cli.main import main


class Answer(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that it printed."""
        return self.out + self.err


def broadsheet(*arguments: str | Path, at: Path | None = None) -> Answer:
    """Run the command in the folder `at`; a traceback of ours fails the test that runs it."""
    out, err, here, old = StringIO(), StringIO(), os.getcwd(), sys.argv
    code = 0
    try:
        os.chdir(at or here)
        sys.argv = ["broadsheet", *map(str, arguments)]
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    finally:
        sys.argv = old
        os.chdir(here)
        gc.enable()  # a build switches it off, for its process ends with it
    answer = Answer(code, out.getvalue(), err.getvalue())
    assert "Traceback" not in answer.text, answer.text
    assert code in (0, 1, 2), answer.text
    return answer
