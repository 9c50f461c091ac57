"""The site as it should be now: what the last build said, where that would be said again, else another build."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import __version__
from generator.builder.unchanged import Outcome, Recalled, look_at_inputs, recalled, relative_to, remember
from generator.cli.options import request_of
from generator.cli.terminal import say_waiting, show_progress

if TYPE_CHECKING:
    from generator.builder.workers import Gather
    from generator.drafting import Request
    from generator.pipeline import Build

Answer = dict[str, Any]
Helpers = Callable[[], AbstractContextManager["Gather | None"]]


class Wish(NamedTuple):
    """What a build is to be like; two builds of one wish say the same of a site that did not change.

    `output` and `cache` are folders instead of the site's own. What has a cache of its own remembers nothing.
    """

    output: Path | None = None
    drafts: bool = False
    strict: bool = False
    offline: bool = False
    cache: Path | None = None

    def asked(self) -> dict[str, Any]:
        """Return the wish as plain values, by which it is known again."""
        return {
            "output": str(self.output.absolute()) if self.output else None,
            "drafts": self.drafts,
            "strict": self.strict,
            "offline": self.offline,
            "version": __version__,
        }


def make_current(
    root: Path,
    wish: Wish,
    now: datetime,
    jobs: int | None = None,
    helpers: Helpers = nullcontext,
    done: Callable[[Answer], object] = lambda _: None,
) -> Answer:
    """Return the report of the site as it is wished for; nothing heavy is imported before it is known to have changed.

    Args:
        helpers: opens the way to the workers of other machines, where a build is needed.
        done: is given the report as soon as the output is what it should be, before it is remembered for the next time.
    """
    asked = wish.asked()
    with nullcontext(Recalled()) if wish.cache else recalled(root, asked, now.timestamp()) as last:
        answer = last.answer
        if answer is None:
            request = request_of(now, wish.drafts, jobs)._replace(strict=wish.strict, offline=wish.offline)
            with helpers() as gather:
                return _build(root, wish, request._replace(gather=gather), last, done)
    answer["changes"] = {"added": 0, "changed": 0, "removed": 0}
    answer["search"] = "kept" if answer["search"] == "made" else answer["search"]
    done(answer)
    return answer


def _build(root: Path, wish: Wish, request: Request, last: Recalled, done: Callable[[Answer], object]) -> Answer:
    import gc

    from generator.base.config import load_site
    from generator.desk.report import report
    from generator.pipeline import build
    from generator.theme.chain import chain_places

    gc.disable()  # a build makes much, keeps all of it and ends: looking for garbage only takes time
    site = load_site(root, wish.output, wish.cache)
    places = (site.content, *chain_places(site))
    folders = tuple(relative_to(place, root) for place in places)
    inputs = last.inputs
    if inputs is None or inputs.folders != folders:
        inputs = look_at_inputs(root, folders)
    seen = Recalled(None, inputs, last.looks)
    answer: Answer = {}
    with ExitStack() as shown:

        def answered(built: Build) -> None:
            shown.close()  # whoever asked may have something to show now
            answer.update(report(built), output=relative_to(site.output, root))
            done(answer)

        built = build(site, request, shown.enter_context(show_progress()), say_waiting, seen, answered)
    if wish.cache is None:
        remember(root, wish.asked(), inputs, Outcome(site.output, built.looks, built.lifetime()), answer)
    return answer
