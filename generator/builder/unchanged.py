"""Decide by stats alone that nothing changed, before anything heavy is imported or read."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from generator.base.files import COLLECTION, LINKS, Look, digest_looks, is_settled, look, survey, write_file
from generator.base.looking import Looks, looking

RECORD = "unchanged"
PACKAGE = Path(__file__).parents[1]

Answer = dict[str, Any]  # what the build said, for the same to be said again


class Inputs(NamedTuple):
    """Everything that a build reads, by stats: a digest, and whether a later change of any file must show in it.

    `first` are path and look of the files in the first folder, the content, for the build not to look there again.
    """

    folders: tuple[str, ...]
    digest: str
    settled: bool
    first: tuple[tuple[str, Look], ...] = ()


def look_at_inputs(root: Path, folders: tuple[str, ...]) -> Inputs:
    """Look at settings, collection, ledger of links, code and libraries, and `folders` (absolute or below `root`)."""
    now = time.time_ns()
    surveys = [survey(str(root / folder)) for folder in folders]
    looks = [(f"{at}/{path}", seen) for at, files in zip(folders, surveys, strict=True) for path, seen in files]
    looks += [(f"{PACKAGE}/{path}", seen) for path, seen in survey(str(PACKAGE)) if "__pycache__" not in path]
    with suppress(OSError):
        looks.append(("site.toml", look(os.stat(root / "site.toml"))))
    looks += look_at_collection(root) + look_at_links(root)
    settled = all(is_settled(seen, now) for _, seen in looks)
    return Inputs(folders, f"{digest_looks(looks)} {_versions()}", settled, tuple(surveys[0]) if surveys else ())


def look_at_collection(root: Path) -> list[tuple[str, Look]]:
    """Look at the ledger of the picture collection, and at its folders: a picture that comes or goes shows in one."""
    try:
        entries = list(os.scandir(root / COLLECTION))
        return [(f"{COLLECTION}/{entry.name}", look(entry.stat())) for entry in entries]
    except OSError:
        return []


def look_at_links(root: Path) -> list[tuple[str, Look]]:
    """Look at the ledger of links and its journal: pages may show which sources are dead."""
    return [(f"{LINKS}/{path}", seen) for path, seen in survey(str(root / LINKS))]


class Recalled(NamedTuple):
    """What is known before anything is built: what the last build said, if it would be said again; the inputs as they
    are now; and the look at the output, with which a build goes on.
    """

    answer: Answer | None = None
    inputs: Inputs | None = None
    looks: Looks | None = None


@contextmanager
def recalled(root: Path, request: dict[str, Any], now: float) -> Iterator[Recalled]:
    """Give what the last build said, if the same request would say it again.

    Args:
        now: s since 1970.
    """
    try:
        record = json.loads((root / ".broadsheet" / RECORD).read_bytes())
        known, output = record["inputs"], root / record["output"]
        folders, since, until = tuple(record["folders"]), float(record["since"]), float(record["until"])
        outputs, answer, asked = record["outputs"], record["answer"], record["request"]
    except (OSError, ValueError, KeyError, TypeError):
        yield Recalled()
        return
    with looking(output) as looks:
        inputs = look_at_inputs(root, folders)
        same = inputs.digest == known and asked == request and since <= now < until
        stands = same and isinstance(answer, dict) and looks.digest == outputs
        yield Recalled(answer if stands else None, inputs, looks)


class Outcome(NamedTuple):
    """What a build left: its output folder, a digest over the looks of the files in it, and how long it holds.

    `lifetime` are the instants (s since 1970) between which the clock does not change the site.
    """

    output: Path
    looks: str
    lifetime: tuple[float, float]


def remember(root: Path, request: dict[str, Any], inputs: Inputs, outcome: Outcome, answer: Answer) -> None:
    """Keep a build's answer for `recalled`; `inputs` were looked at before the build read a byte of them."""
    file = root / ".broadsheet" / RECORD
    if not inputs.settled:
        file.unlink(missing_ok=True)
        return
    record = {
        "request": request,
        "folders": inputs.folders,
        "inputs": inputs.digest,
        "output": relative_to(outcome.output, root),
        "outputs": outcome.looks,
        "since": outcome.lifetime[0],
        "until": outcome.lifetime[1],
        "answer": answer,
    }
    beside = file.with_name(f".{RECORD}.{os.getpid()}.new")
    write_file(str(beside), json.dumps(record).encode())
    os.replace(beside, file)


def relative_to(path: Path, root: Path) -> str:
    """Return a path below `root` relative to it, so that the site can be moved; another one as it is."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _versions() -> str:
    """Return a digest of Python's version and of the names of all installed distributions."""
    names: list[str] = []
    for folder in sys.path:
        try:
            names += sorted(name for name in os.listdir(folder or ".") if name.endswith(".dist-info"))
        except OSError:
            continue
    return blake2b("\n".join([sys.version, *names]).encode(), digest_size=8).hexdigest()
