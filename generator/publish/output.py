"""The output folder: what is in it, what is ours, and how it becomes the new site in safe steps."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec

from generator.base.digest import digest_bytes
from generator.base.files import Look, digest_looks, look, size_of, survey, write_file
from generator.base.listing import NAME
from generator.base.looking import Found, look_at_own, parents
from generator.base.problems import OutputRefused
from generator.builder.manifest import Artifact, encode_listing
from generator.publish.stage import Stage

SEARCH_ENTRY = "search/pagefind/pagefind-entry.json"
HARMLESS = frozenset({"CNAME", "LICENSE", "README", "README.md"})


class Output:
    """The output folder as it was when it was looked at: every file that is, or may be, ours."""

    def __init__(self, folder: Path, known: Mapping[str, Artifact], seen: Found):
        """Take what a look at the folder found, and look at what only the last build remembers: `known`, by output.

        Ours is what the listing names, and the very files that were made last. What a build remembers by name alone is
        not ours here: it may have written those names to another folder.
        """
        self.folder = folder
        self._listing, self._files = seen.listing, seen.files
        listed = set(seen.names)
        self._files |= look_at_own(folder, known.keys() - listed)
        self._ours = self._files.keys() & listed
        self._ours |= {path for path in self._files.keys() - listed if self._files[path] == known[path].stat}

    def refuse_foreign(self, outputs: Iterable[str]) -> None:
        """Check that the folder can take `outputs` without touching anybody else's files.

        Raises:
            OutputRefused: where it holds a site that is not ours, or a foreign file where an output must go.
        """
        if not self._listing and not self._ours:
            self._refuse_strangers()
        tops = set(os.listdir(self.folder)) if self.folder.is_dir() else set()
        fresh = {output for output in set(outputs) - self._ours if output.partition("/")[0] in tops}
        for path in sorted({parent for output in fresh for parent in parents(output)} - self._ours):
            place = self.folder / path
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                self._refuse(path)
        for path in sorted(fresh):
            if os.path.lexists(self.folder / path) and not os.path.isdir(self.folder / path):
                self._refuse(path)
        self._refuse_below(fresh)

    def _refuse_strangers(self) -> None:
        """Refuse a folder in which no build of ours has been, unless what is there is harmless."""
        strange = sorted(path for path, _ in survey(str(self.folder)) if path[0] != "." and path not in HARMLESS)
        if strange:
            raise OutputRefused(
                f"{self.folder}: holds {len(strange)} files that no build of ours wrote ({strange[0]}, …); "
                "name another folder with `output` or `--output`, or empty this one"
            )

    def _refuse_below(self, fresh: set[str]) -> None:
        """Refuse to make a file where a folder holds somebody else's."""
        for output in fresh:
            if os.path.isdir(self.folder / output):
                for path, _ in survey(str(self.folder / output)):
                    if f"{output}/{path}" not in self._ours:
                        self._refuse(f"{output}/{path}")

    def _refuse(self, path: str) -> NoReturn:
        raise OutputRefused(
            f"{self.folder / path}: was not written by a build of ours and stands where the site's own file "
            "must go; move it away, or into static/ of the content"
        )

    def stands(self, output: str) -> bool:
        """Tell whether there is a file of that name."""
        return output in self._files

    def holds(self, artifact: Artifact) -> bool:
        """Tell whether the artifact's bytes are in place: by stat, or by digest where the stat is another."""
        seen = self._files.get(artifact.output)
        if seen is None or seen == artifact.stat:
            return seen is not None
        if size_of(seen) != artifact.size:
            return False
        data = _read(self.folder / artifact.output)
        return data is not None and digest_bytes(data) == artifact.digest

    def commit(self, stage: Stage, artifacts: Mapping[str, Artifact]) -> Committed:
        """Make the folder equal to `artifacts`: those without a stat are staged and put in place; what is ours and not
        among them goes.

        New files come first (nothing leads to them yet), assets before pages; then files are replaced, assets, pages,
        lists, feeds; deletions come last. At every instant each file is old or new, and every link that can be reached
        from the front page or from an old page leads somewhere. The listing names every file of ours before it exists,
        so a killed commit leaves nothing that the next build takes for somebody else's.
        """
        staged = {output for output, artifact in artifacts.items() if artifact.stat is None}
        gone = self._ours.difference(artifacts)
        ordered = sorted(artifacts.values(), key=attrgetter("output"))
        listing = encode_listing(ordered)
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = [output for output in staged if output not in self._files]
        if fresh and self._listing != listing:
            new = encode_listing(artifacts[output] for output in fresh) if len(fresh) < len(ordered) else listing
            self._write_listing(self._listing + b"\n" + new)
        cleared = self._clear_way(fresh, gone) if gone else set()
        _move_new(stage.folder, self.folder, top=True)
        left = stage.places(staged)
        for output in sorted(left, key=commit_rank):  # it replaces what is there
            _replace(left[output], f"{self.folder}/{output}")
        for output in sorted(gone - cleared, reverse=True):
            _remove(self.folder, output)
        if _read(self.folder / NAME) != listing:
            self._write_listing(listing)
        folder = str(self.folder)
        placed = {output: look(os.stat(f"{folder}/{output}")) for output in [*sorted(staged), NAME]}
        seen = {**self._files, **placed}
        lasting = tuple(
            [each if each.stat == seen[each.output] else _with_stat(each, seen[each.output]) for each in ordered]
        )
        looks = digest_looks([*((each.output, seen[each.output]) for each in lasting), (NAME, placed[NAME])])
        return Committed(lasting, looks, [placed[output] for output in staged])

    def _clear_way(self, fresh: list[str], gone: set[str]) -> set[str]:
        """Remove, and return, old files of ours that stand where a folder must go, or in a folder where a file must."""
        wanted = set(fresh)
        in_the_way = gone & {parent for output in fresh for parent in parents(output)}
        in_the_way |= {old for old in gone if wanted.intersection(parents(old))}
        for old in sorted(in_the_way, reverse=True):
            _remove(self.folder, old)
        return in_the_way

    def _write_listing(self, data: bytes) -> None:
        beside = self.folder / f"{NAME}.new"
        write_file(str(beside), data)
        os.replace(beside, self.folder / NAME)


class Committed(NamedTuple):
    """What stands in the output now: the artifacts with their stats, and a digest over the looks of every file.

    `placed` are the looks of the files that this commit put there.
    """

    artifacts: tuple[Artifact, ...]
    looks: str
    placed: list[Look]


def _with_stat(artifact: Artifact, seen: Look) -> Artifact:
    return msgspec.structs.replace(artifact, stat=seen)


def commit_rank(output: str) -> tuple[int, str]:
    """Return an output's place in the order of the commit: assets, pages, lists, feeds and the like, the front page.

    What leads into the search index goes when all of the index is there.
    """
    if output.startswith(("assets/", "images/", "search/pagefind/")) and output != SEARCH_ENTRY:
        return 0, output
    if output == "index.html":
        return 4, output
    if not output.endswith(".html"):
        return 3, output
    is_list = output.count("/") == 1 or output.startswith(("topics/", "providers/", "archive/")) or "/page/" in output
    return (2 if is_list else 1), output


def _move_new(source: Path, target: Path, top: bool = False) -> None:
    """Move what `target` does not have yet; a folder that is all new moves in one step."""
    for entry in sorted(os.scandir(source), key=lambda entry: (_top_rank(entry.name) if top else 0, entry.name)):
        place = target / entry.name
        if not os.path.lexists(place):
            os.rename(entry.path, place)
        elif entry.is_dir():
            _move_new(Path(entry.path), place)
        elif place.is_dir() and not place.is_symlink():
            _remove_empty(place)
            os.rename(entry.path, place)


def _replace(source: str, target: str) -> None:
    try:
        os.replace(source, target)
    except FileNotFoundError:  # its folder was taken away since it was looked at
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(source, target)


def _top_rank(name: str) -> int:
    return 0 if name in ("assets", "images") else 2 if name == "index.html" else 1


def _remove(folder: Path, output: str) -> None:
    """Remove a file of ours, and the folders that it leaves empty."""
    path = folder / output
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder:
            return
        try:
            parent.rmdir()
        except OSError:
            return


def _remove_empty(folder: Path) -> None:
    """Remove a folder that stands where a file must go; all that it holds is empty folders, or it is left alone."""
    for place, _, _ in os.walk(folder, topdown=False):
        os.rmdir(place)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
