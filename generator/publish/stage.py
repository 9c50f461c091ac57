"""The stage: where a build's new bytes wait beside the output for the commit."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from generator.base.digest import digest_bytes
from generator.base.files import survey, write_file

STAGING = ".staging-"


def _never(_: str) -> bool:
    return False


class Stage:
    """A folder beside the output, on the same file system, where a build's new bytes wait for the commit.

    What is new lies as it will stand, so that new folders are moved whole. What replaces a file that `stands` lies in
    one flat folder: on a disk a folder takes as long to make as a file, and here it would only be removed again.
    """

    def __init__(self, folder: Path, stands: Callable[[str], bool] = _never):
        self.folder = folder
        self._over = folder.with_name(f"{folder.name}-over")  # begins as a stage does: the next build removes it
        self._stands = stands
        self._made: set[str] = set()

    def put(self, output: str, data: bytes) -> None:
        """Write an output's bytes once."""
        path = self._flat(output) if self._stands(output) else f"{self.folder}/{output}"
        self._make_folder(path.rpartition("/")[0])
        write_file(path, data)

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
        """Return what is here and lies as it will stand."""
        return {path for path, _ in survey(str(self.folder))}

    def places(self, staged: Iterable[str]) -> dict[str, str]:
        """Return where everything that is here lies, by output; `staged` are all that were put."""
        over = {output: self._flat(output) for output in staged if self._stands(output)}
        return over | {output: f"{self.folder}/{output}" for output in self.outputs()}

    def remove(self) -> None:
        """Take the folders away with all that is left in them."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._over, ignore_errors=True)

    def _flat(self, output: str) -> str:
        return f"{self._over}/{digest_bytes(output.encode()).hex()}"


def open_stage(output: Path, cache: Path, stands: Callable[[str], bool] = _never) -> Stage:
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
    return Stage(folder, stands)
