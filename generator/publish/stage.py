"""The stage: where a build's new bytes wait beside the output for the commit."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from generator.base.files import survey

STAGING = ".staging-"


class Stage:
    """A folder beside the output, on the same file system, where a build's new bytes wait for the commit."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._made: set[str] = set()

    def put(self, output: str, data: bytes) -> None:
        """Write an output's bytes once."""
        path = f"{self.folder}/{output}"
        self._make_folder(path.rpartition("/")[0])
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)

    def _make_folder(self, folder: str) -> None:
        if folder in self._made:
            return
        try:
            os.mkdir(folder)
        except FileExistsError:
            pass
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)  # another worker may make it at the same time
        self._made.add(folder)

    def outputs(self) -> set[str]:
        """Return all that is here."""
        return {path for path, _ in survey(str(self.folder))}

    def remove(self) -> None:
        """Take the folder away with all that is left in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def open_stage(output: Path, cache: Path) -> Stage:
    """Make a new stage in the cache, or inside of the output (hidden) where that is on another file system.

    Stages that killed builds left are removed; each build's has a name of its own, for a dying worker of a killed
    build may still write into the old one.
    """
    output.mkdir(parents=True, exist_ok=True)
    for place in (cache, output):
        for left in place.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
    place = cache if os.stat(cache).st_dev == os.stat(output).st_dev else output
    folder = place / f"{STAGING}{os.getpid()}-{time.time_ns():x}"
    folder.mkdir()
    return Stage(folder)
