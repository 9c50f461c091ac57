"""`python -m generator` is `broadsheet`."""

import os
import sys

from generator.cli.main import main


def run() -> None:
    """Run the command and end at once: to take a hundred thousand records apart takes longer than to let them go."""
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # who read our output has gone: Python's own end knows what to do
        sys.exit(code)  # type: ignore[arg-type]
    os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    run()
