"""A folder on this machine: every version of the site stands whole beside the others, and a link is switched."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from generator.base.deploy_settings import FolderTarget
from generator.base.files import size_of, survey
from generator.base.lock import locked
from generator.deploy.manifest import CONTROL, Manifest, decode_manifest, encode_manifest
from generator.deploy.target import Count, DeployFailed, DeployRefused, Plan, Remote, Say, Source, no_place

_MANIFEST = f"{CONTROL}/manifest.json"
_HARMLESS = frozenset({".gitkeep", ".DS_Store"})
_EXCHANGE = 2  # RENAME_EXCHANGE (Source: renameat2(2))
_HERE = -100  # AT_FDCWD


class WebRoot:
    """A web root: a link to the version that is shown. Versions lie in a hidden folder beside it."""

    keeps_headers = False
    binding = False

    def __init__(self, target: FolderTarget, root: Path):
        self.place = Path(os.path.normpath(root / target.path))
        self._versions = self.place.parent / f".{self.place.name}.broadsheet"

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        """Hold the folder by a lock that goes with this process; a folder that is refused is left as it was found."""
        told = f"{self.place}: another deploy is at work; waiting for it"
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self._versions, lambda _: waiting(told)))
            except OSError as error:
                place = error.filename or self._versions
                raise DeployRefused([f"{place}: cannot be made ({error.strerror})"]) from None
            try:
                yield
            except DeployRefused:
                self._leave()
                raise

    def _leave(self) -> None:
        """Take the lock away where nothing else lies beside the web root."""
        with suppress(OSError):  # somebody who waited has made it anew
            if os.listdir(self._versions) == ["lock"]:
                (self._versions / "lock").unlink()
                self._versions.rmdir()

    def prepare(self) -> None:
        """Nothing here takes time before the target is held."""

    def look(self) -> Remote:
        """Return what is there; nothing is written."""
        if self.place.is_symlink() and self._shown() is None:
            raise DeployRefused(
                [f"{self.place}: is a link to {os.readlink(self.place)}, not one of ours; name another path"]
            )
        if self.place.exists() and not self.place.is_dir():
            raise DeployRefused([f"{self.place}: is a file; name a folder"])
        own = self.place / CONTROL
        if own.is_symlink() or (own.exists() and not own.is_dir()):
            raise no_place(str(self.place), CONTROL, "folder")
        manifest = self._manifest(self.place)
        if manifest:
            return Remote(manifest)
        return Remote(strangers=tuple(sorted(path for path in self.listing() if path not in _HARMLESS)))

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that are there."""
        places = {path: self.place / path for path in paths}
        return {path for path, place in places.items() if os.path.lexists(place) and not place.is_dir()}

    def listing(self) -> dict[str, int]:
        """Return the size of every file that is there."""
        found = survey(f"{self.place}/")
        return {path: size_of(seen) for path, seen in found if not path.startswith(f"{CONTROL}/")}

    def previous(self) -> Manifest | None:
        """Return the manifest of the version before."""
        before = self._before()
        return self._manifest(before) if before else None

    def carry_out(self, plan: Plan, source: Source, count: Count) -> None:
        """Make the new version beside the old one, and switch the link to it.

        Whatever stops this before the switch leaves the old version as it was.
        """
        shown = self._shown()
        self._forget_all_but(shown, self._before())
        version = self._versions / f"{max(self._numbers(), default=0) + 1:06d}"
        try:
            self._fill(version, plan, source, count)
            self._switch(version)
        except BaseException:
            if self._shown() != version:
                shutil.rmtree(version, ignore_errors=True)
            raise
        # A version that is only tidied up takes the place of the one that it came from.
        self._forget_all_but(version, shown if plan.advances else self._older(shown))

    def _fill(self, version: Path, plan: Plan, source: Source, count: Count) -> None:
        """Make a version: what stays is linked from the old one, files of others included; the rest is written."""
        version.mkdir()
        made = {""}
        new = {put.path for put in plan.puts}
        gone = new | set(plan.deletes)
        before = self._before() if source.saved else None
        try:
            for path, _ in survey(f"{self.place}/"):
                if path not in gone and not path.startswith(f"{CONTROL}/"):
                    _make_folders(version, path, made)
                    _link(self.place / path, version / path)
            for put in plan.puts:
                _make_folders(version, put.path, made)
                if before:
                    _link(before / put.path, version / put.path)
                else:
                    (version / put.path).write_bytes(source.read(put.path, put.row))
                count(1, put.row.size)
            (version / CONTROL).mkdir()
            (version / _MANIFEST).write_bytes(encode_manifest(plan.manifest))
        except OSError as error:
            raise DeployFailed(f"{self.place}: {error.strerror}; the site is as it was") from error

    def _switch(self, version: Path) -> None:
        """Let the web root be a link to a version, in one step."""
        link = self._versions / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(version, self.place.parent))
        try:
            if self.place.is_dir() and not self.place.is_symlink():
                _exchange(link, self.place)
                shutil.rmtree(link)  # all of it is linked in the new version
            else:
                os.replace(link, self.place)
        except OSError as error:
            raise DeployFailed(
                f"{self.place}: cannot be switched ({error.strerror}); let `path` be a name in a folder that you may "
                "write, not the root of a file system: the server then serves the link of that name"
            ) from error

    def _shown(self) -> Path | None:
        """Return the version that the web root leads to."""
        if not self.place.is_symlink():
            return None
        target = Path(os.path.normpath(self.place.parent / os.readlink(self.place)))
        return target if target.parent == self._versions else None

    def _before(self) -> Path | None:
        return self._older(self._shown())

    def _older(self, version: Path | None) -> Path | None:
        """Return the version before one."""
        numbers = [number for number in self._numbers() if version and number < int(version.name)]
        return self._versions / f"{max(numbers):06d}" if numbers else None

    def _numbers(self) -> list[int]:
        if not self._versions.is_dir():
            return []
        return [int(place.name) for place in self._versions.iterdir() if place.name.isdigit()]

    def _forget_all_but(self, *kept: Path | None) -> None:
        for number in self._numbers():
            version = self._versions / f"{number:06d}"
            if version not in kept:
                shutil.rmtree(version, ignore_errors=True)

    def _manifest(self, version: Path) -> Manifest | None:
        try:
            data = (version / _MANIFEST).read_bytes()
        except OSError:
            return None
        return decode_manifest(data, str(version / _MANIFEST))


def _make_folders(root: Path, path: str, made: set[str]) -> None:
    folder = path.rpartition("/")[0]
    if folder not in made:
        (root / folder).mkdir(parents=True, exist_ok=True)
        made.add(folder)


def _link(source: Path, target: Path) -> None:
    """Let a file stand at another place, too; where a file system has no links, or no more of them, as a copy."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _exchange(one: Path, other: Path) -> None:
    """Exchange two names in one step, where the system can; else in two."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return
    beside = other.with_name(f".{other.name}.before")
    os.rename(other, beside)
    os.rename(one, other)
    os.rename(beside, one)
