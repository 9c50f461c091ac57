"""Verify: build clean in a separate process, with an empty cache, in another folder, and compare byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.base.config import Site
from generator.base.files import survey
from generator.base.listing import NAME, decode_listing
from generator.builder.store import Store
from generator.drafting import Request
from generator.reading import Reading
from generator.search.index import keep_index, kept_index


def verify(site: Site, request: Request) -> list[str]:
    """Return what in the output differs from a clean build's: a line per file, empty where all is equal."""
    with TemporaryDirectory(prefix="broadsheet-verify-") as elsewhere:
        clean, cache = Path(elsewhere, "output"), Store(Path(elsewhere, "cache"), Reading)
        keep_index(cache, kept_index(Store(site.cache, Reading)))  # made of the same texts another one has other bytes
        command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--output", str(clean)]
        command += [
            "--cache",
            str(cache.folder),
            "--as-of",
            request.now.isoformat(),
            "--quiet",
            "--offline",
        ]
        command += ["--drafts"] if request.drafts else []
        package = Path(__file__).parents[2]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), *sys.path])}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode not in (0, 1):
            return [f"the clean build failed: {done.stderr.strip()[-2000:]}"]
        return sorted(differences(site.output, clean))


def differences(output: Path, clean: Path) -> list[str]:
    """Compare what builds of ours wrote in `output` with everything in `clean`."""
    ours = set(decode_listing(_bytes(output / NAME)))
    wanted = {path for path, _ in survey(str(clean))} - {NAME}
    there = {path for path, _ in survey(str(output))} & (ours | wanted)
    return [
        *(f"{path}: is in the output, and not in a clean build's" for path in there - wanted),
        *(f"{path}: is missing" for path in wanted - there),
        *(f"{path}: has other bytes" for path in wanted & there if _bytes(output / path) != _bytes(clean / path)),
    ]


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
