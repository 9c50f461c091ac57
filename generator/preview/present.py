"""Present: a live site as the server asks for it, with all that an editor is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.base.problems import Problem
from generator.preview.about import address_of, badges, file_of, name_of, page_info, problem_line
from generator.preview.current import Page, PageInfo, ProblemLine
from generator.preview.live import Live


class Present:
    """A `Current` of a live site. What it tells of the whole site is found once for each version of it."""

    def __init__(self, live: Live):
        self._live = live
        self._saved: str | None = None
        self._badges: tuple[int, dict[str, str]] = (-1, {})
        self._problems: tuple[tuple[Problem, ...], list[ProblemLine]] = ((), [])

    @property
    def base_path(self) -> str:
        """The path of the site on its host."""
        return self._live.now.drafted.edition.base if self._live.now else "/"

    @property
    def version(self) -> int:
        """A number that grows with every refresh that changed anything."""
        return self._live.version

    def page(self, output: str) -> Page | None:
        """Return an output as it is now."""
        return self._live.page(output)

    def problems(self) -> Sequence[ProblemLine]:
        """Return the problems of the whole site, errors first."""
        found, now = self._live.problems(), self._live.now
        if self._problems[0] != found:
            lines = [problem_line(now, problem) for problem in found]
            self._problems = (found, sorted(lines, key=lambda line: line.severity != "error"))
        return self._problems[1]

    def about(self, output: str) -> PageInfo | None:
        """Return what the bar tells about an output."""
        now = self._live.now
        task = now.tasks.get(output) if now else None
        return page_info(now, task) if now and task else None

    def badges(self) -> Mapping[str, str]:
        """Return root-relative address of an article → why it would not be in the site."""
        version, now = self._live.version, self._live.now
        if self._badges[0] != version and now:
            self._badges = (version, badges(now.drafted))
        return self._badges[1]

    def saved(self) -> str | None:
        """Return the root-relative address of the page of the file that was saved last."""
        return self._saved

    def note_saved(self, changed: frozenset[str] | None) -> None:
        """Note which files were saved; of several pages that of the newest file counts."""
        now = self._live.now
        files = sorted(changed or (), key=_modified)
        names = [name for file in files if now and (name := name_of(now, file))]
        places = [place for name in names if now and (place := address_of(now, name))]
        self._saved = places[-1] if places else self._saved

    def source(self, path: str) -> Path | None:
        """Return a file of the site that may be opened in the editor."""
        return file_of(self._live.now, path) if self._live.now else None


def _modified(file: str) -> float:
    try:
        return Path(file).stat().st_mtime
    except OSError:
        return 0.0
