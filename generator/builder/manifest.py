"""The manifest: every output of a build with its digest, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from generator.base.files import Look
from generator.base.record import Record


class Artifact(Record, frozen=True):
    """An output as it was made: `digest` of its bytes, `size` in bytes, `key` of its task, `why` it was made last."""

    output: str
    digest: bytes
    size: int
    key: bytes
    why: str
    stat: Look | None = None  # of the file in output/, known after the commit


class Changes(Record, frozen=True):
    """What differs between two manifests: sorted outputs."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def diff(old: Mapping[str, Artifact], new: Mapping[str, Artifact]) -> Changes:
    """Return what must happen to make the outputs of `old` those of `new`."""
    added, changed = [], []
    for name, artifact in new.items():
        before = old.get(name)
        if before is None:
            added.append(name)
        elif before is not artifact and before.digest != artifact.digest:
            changed.append(name)
    return Changes(tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(old.keys() - new.keys())))


def encode_listing(artifacts: Iterable[Artifact]) -> bytes:
    """Return the text that stands in output/: a line for each output, `digest size path`, sorted by path."""
    ordered = sorted(artifacts, key=attrgetter("output"))
    return "".join([f"{each.digest.hex()} {each.size} {each.output}\n" for each in ordered]).encode()
