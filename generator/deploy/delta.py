"""The delta: what must be done so that a target has the site, from what is known of both alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from generator.base.imaging import picture_of
from generator.deploy.headers import class_of, rank_of
from generator.deploy.manifest import Kept, Manifest, Row
from generator.deploy.sheaf import needed_sheaves, new_sheaf
from generator.deploy.target import Plan, Put, Remote

HOUR = 3600  # s


class Goal(NamedTuple):
    """The site that is to stand there."""

    site: str
    authority: str
    files: Mapping[str, Row]

    def pictures(self) -> frozenset[str]:
        """Return the pictures of which it has at least one size."""
        return frozenset(map(picture_of, self.files)) - {""}


_UNKNOWN = Row("", -1)


def plan_deploy(
    goal: Goal, remote: Remote, now: int, keep_old: float, suspects: Iterable[str] = (), *, binding: bool = False
) -> Plan:
    """Return what makes the target the goal.

    Args:
        now: s since 1970.
        keep_old: hours for which open pages still find what the site no longer has.
        suspects: paths that were found to be other than the manifest says.
        binding: whether many pages that come are kept in one file, too, for the next deploy to have them.
    """
    old = remote.manifest or Manifest(goal.site, goal.authority, 0, {}, turn=0)
    suspects = set(suspects)
    touched = _touched(remote, old)
    there: dict[str, Row | None] = {**old.files, **{path: each.row for path, each in old.kept.items()}}
    there.update(dict.fromkeys(suspects, _UNKNOWN))
    there.update(touched)
    advances = _differ(old.files, goal.files)
    version = old.version + 1 if advances else old.version
    gone = {path: row for path, row in there.items() if path not in goal.files and row is not None}
    kept = _kept(gone, old, goal, now, version)
    lasting = {path: each for path, each in kept.items() if not _is_over(each, version, now - keep_old * HOUR)}
    puts = _puts(goal.files, there)
    deletes = tuple(sorted(gone.keys() - lasting.keys(), key=_backwards))
    held = {*old.saved, *chain.from_iterable(old.sheaves.values())}
    held.update(remote.pending.aside if remote.pending and touched else ())
    files = goal.files
    changed = [(path, row) for path, row in old.files.items() if files.get(path) != row]
    replaced = {path: row.digest for path, row in changed if _leaves(path, row, goal, lasting)}
    wanted = {digest: path for path, digest in replaced.items() if digest in held or path not in suspects}
    saved = tuple(sorted(wanted)) if advances else old.saved
    saves = tuple(sorted((path, digest) for digest, path in wanted.items() if digest not in held)) if advances else ()
    aside = frozenset({*held, *(digest for _, digest in saves)})
    acted = {put.path for put in puts} | gone.keys()
    sheaf = new_sheaf(puts) if binding and advances else {}
    sheaves = {**(needed_sheaves(old.sheaves, goal.files, puts, saved) if advances else old.sheaves), **sheaf}
    manifest = Manifest(goal.site, goal.authority, version, dict(goal.files), lasting, saved, sheaves, old.turn)
    needed = remote.manifest != manifest or remote.pending is not None or bool(puts or deletes)
    return Plan(
        saves=saves,
        aside=aside,
        settled=tuple((path, row) for path, row in touched.items() if row is not _UNKNOWN and path not in acted),
        puts=puts,
        sheaf=sheaf,
        deletes=deletes,
        manifest=replace(manifest, turn=old.turn + 1) if needed else manifest,
        needed=needed,
        advances=advances,
    )


def _touched(remote: Remote, old: Manifest) -> dict[str, Row | None]:
    """Return what an interrupted deploy may have changed: what is there now, or that it is not known."""
    pending = remote.pending
    if pending is None or (remote.manifest and pending.deploy == old.identity()):
        return {}  # it was only not tidied up after
    held = set(pending.aside)
    found: dict[str, Row | None] = {}
    for at, (path, row) in enumerate(pending.touched):
        before = old.files.get(path)
        if at < remote.done:
            found[path] = row
        elif row and before and row.digest == before.digest and row.digest not in held:
            found[path] = replace(row, headers="?")  # only its headers may be others
        else:
            found[path] = _UNKNOWN
    return found


def _differ(old: Mapping[str, Row], new: Mapping[str, Row]) -> bool:
    """Tell whether two sites differ in more than headers. To compare rows is quick: most are equal."""
    changed = [path for path, row in new.items() if old.get(path) != row]
    return len(old) != len(new) or any(path not in old or old[path].digest != new[path].digest for path in changed)


def _kept(gone: Mapping[str, Row], old: Manifest, goal: Goal, now: int, version: int) -> dict[str, Kept]:
    """Return those of the files that are gone which open pages may still ask for."""
    pictures = goal.pictures() if gone else frozenset()
    kept = {}
    for path, row in gone.items():
        known = old.kept[path].row if path in old.kept else old.files.get(path)
        if known is None or row is _UNKNOWN or class_of(path) != "fixed":
            continue
        if path.startswith(("assets/", "search/")) or picture_of(path) in pictures:
            kept[path] = old.kept.get(path) or Kept(known, now, version)
    return kept


def _is_over(kept: Kept, version: int, before: float) -> bool:
    """Tell whether a file may go: nobody has an open page with it, and the version before has no need of it."""
    return kept.since <= before and kept.version < version


def _puts(files: Mapping[str, Row], there: Mapping[str, Row | None]) -> tuple[Put, ...]:
    """Return the files that must go, in the order in which they do."""
    puts = []
    for path, row in files.items():
        present = there.get(path)
        if present == row:  # as nearly all
            continue
        if present is None or present is _UNKNOWN or (present.digest, present.headers) != (row.digest, row.headers):
            fresh, same = present is None, present is not None and present.digest == row.digest
            puts.append(Put(path, row, fresh, same, rank_of(path, fresh)))
    return tuple(sorted(puts, key=lambda put: (put.rank, put.path)))


def _backwards(path: str) -> tuple[int, str]:
    """Order files that go away: what leads to others before what it leads to."""
    return -rank_of(path, fresh=False), path


def _leaves(path: str, row: Row, goal: Goal, lasting: Mapping[str, Kept]) -> bool:
    """Tell whether a file of the version before will not be in its place any more, and must not be lost.

    A picture that is taken down must be lost; any other one lasts in its place.
    """
    if path in goal.files:
        return goal.files[path].digest != row.digest
    return path not in lasting and not picture_of(path)
