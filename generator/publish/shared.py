"""Shared: a stage that several machines write to: a file is whole from its first instant, however often it is put."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4

from generator.publish.stage import Stage


class SharedStage(Stage):
    """A stage whose files are written in a folder beside it and renamed: what a dying worker leaves is never a file."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._parts = folder.with_name(f"{folder.name}-parts")  # begins as a stage does: the next build removes it

    def put(self, output: str, data: bytes) -> None:
        """Put an output's bytes in place at once; the same bytes may be put again, also by another machine."""
        part, path = f"{self._parts}/{uuid4().hex}", f"{self.folder}/{output}"
        self._make_folder(str(self._parts))
        with open(part, "wb") as file:
            file.write(data)
        self._make_folder(path.rpartition("/")[0])
        os.replace(part, path)

    def remove(self) -> None:
        """Take the folders away with all that is left in them."""
        super().remove()
        shutil.rmtree(self._parts, ignore_errors=True)
