"""Decide by stats alone that nothing changed, before anything heavy is imported or read."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from generator.base.aside import aside
from generator.base.files import COLLECTION, LINKS, Look, digest_looks, is_settled, look, look_at, survey
from generator.base.listing import NAME, decode_listing, is_long

RECORD = "unchanged"
PACKAGE = Path(__file__).parents[1]

Answer = dict[str, Any]  # what the build said, for the same to be said again


class Inputs(NamedTuple):
    """Everything that a build reads, by stats: a digest, and whether a later change of any file must show in it."""

    folders: tuple[str, ...]
    digest: str
    settled: bool


def look_at_inputs(root: Path, folders: tuple[str, ...]) -> Inputs:
    """Look at settings, collection, ledger of links, code and libraries, and `folders` (absolute or below `root`)."""
    now = time.time_ns()
    looks: list[tuple[str, Look]] = []
    for folder in (*folders, str(PACKAGE)):
        skip = "__pycache__" if folder == str(PACKAGE) else "\0"
        looks += [(f"{folder}/{path}", seen) for path, seen in survey(str(root / folder)) if skip not in path]
    with suppress(OSError):
        looks.append(("site.toml", look(os.stat(root / "site.toml"))))
    looks += look_at_collection(root) + look_at_links(root)
    settled = all(is_settled(seen, now) for _, seen in looks)
    return Inputs(folders, f"{digest_looks(looks)} {_versions()}", settled)


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


def recall(root: Path, request: dict[str, Any], now: float) -> tuple[Answer | None, Inputs | None]:
    """Return what the last build said, if the same request would say it again; and the inputs as they are now.

    Args:
        now: s since 1970.
    """
    try:
        record = json.loads((root / ".broadsheet" / RECORD).read_bytes())
        known, output = record["inputs"], record["output"]
        folders, since, until = tuple(record["folders"]), float(record["since"]), float(record["until"])
        outputs, answer, asked = record["outputs"], record["answer"], record["request"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, None
    with aside(lambda: look_at_output(root / output).encode(), worth=is_long(root / output)) as seen:
        inputs = look_at_inputs(root, folders)
        same = inputs.digest == known and asked == request and since <= now < until
        if same and isinstance(answer, dict) and seen().decode() == outputs:
            return answer, inputs
    return None, inputs


def look_at_output(folder: Path) -> str:
    """Return a digest over the looks of every file that the listing in the output folder names, and of the listing."""
    try:
        data = (folder / NAME).read_bytes()
    except OSError:
        return ""
    return digest_looks(look_at(str(folder), [*decode_listing(data), NAME]))


class Outcome(NamedTuple):
    """What a build left: its output folder, a digest over the looks of the files in it, and how long it holds.

    `lifetime` are the instants (s since 1970) between which the clock does not change the site.
    """

    output: Path
    looks: str
    lifetime: tuple[float, float]


def remember(root: Path, request: dict[str, Any], inputs: Inputs, outcome: Outcome, answer: Answer) -> None:
    """Keep a build's answer for `recall`; `inputs` were looked at before the build read a byte of them."""
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
    beside.write_text(json.dumps(record), encoding="utf-8")
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
