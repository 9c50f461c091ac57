"""The story of a deploy: hold the target, look, plan, check, and only then bring the first byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from generator.base.deploy_settings import Caching, S3Target, WebRootTarget
from generator.base.deploy_settings import Target as TargetSettings
from generator.base.imaging import picture_of
from generator.deploy.afterwards import objections_afterwards, tell
from generator.deploy.copies import WithCopies, objections_to_copies
from generator.deploy.delta import Goal, plan_deploy
from generator.deploy.headers import headers_of
from generator.deploy.local import KeptAside, OutputFolder
from generator.deploy.manifest import Manifest, Row
from generator.deploy.preflight import Facts, Permits, objections, obstacles
from generator.deploy.target import DeployRefused, Plan, Progress, Remote, Say, Source, Target


class Order(NamedTuple):
    """What is asked for. `now` in s since 1970."""

    now: int
    dry_run: bool = False
    check: bool = False
    rollback: bool = False
    permits: Permits = Permits()


class Release(NamedTuple):
    """The site that goes: what it is called by, and what its build left.

    `hub`: where subscribers of its feeds are told by, or "".
    """

    url: str
    authority: str
    output: OutputFolder
    facts: Facts
    hub: str = ""


class Done(NamedTuple):
    """What a deploy did, or would do; `foreign` files are counted where the target was listed."""

    plan: Plan
    changed: bool
    repaired: tuple[str, ...]
    foreign: int | None
    complaints: tuple[str, ...] = ()  # of those who were to be told afterwards


def deploy(
    target: Target, settings: TargetSettings, release: Release, order: Order, waiting: Say, progress: Progress
) -> Done:
    """Make the target hold the site, or the site that it held before.

    Raises:
        DeployRefused: where something speaks against it; nothing was changed.
        DeployFailed: where the target did not take it; the next deploy goes on.
    """
    built = None if order.rollback else Goal(release.url, release.authority, release.output.rows())
    if built:
        early = list(objections(built, release.facts, limits_of(settings), order.permits))
        early += [*objections_to_copies(codings_of(settings)), *objections_afterwards(settings.afterwards, built)]
        if early:
            raise DeployRefused(early, of_site=bool(release.facts.errors))
    with nullcontext() if order.dry_run else target.held(waiting), TemporaryDirectory(prefix="broadsheet-") as folder:
        remote = target.look()
        suspects, foreign = _checked(target, remote) if order.check else ((), None)
        source: Source = KeptAside()
        if built:
            source = copies = WithCopies(release.output, codings_of(settings), Path(folder))
            files = copies.rows(built.files, _known(remote, suspects), progress)
            goal = built._replace(files=files)
        else:
            goal = _earlier(target, settings, remote)
        binding = target.binding and not order.rollback
        plan = plan_deploy(goal, remote, order.now, settings.keep_old, suspects, binding=binding)
        in_the_way = target.existing(put.path for put in plan.puts if put.fresh) if remote.manifest else set()
        found = list(obstacles(goal, remote, plan, in_the_way, settings.max_deletes, order.permits))
        if found:
            raise DeployRefused(found)
        if plan.needed and not order.dry_run:
            target.carry_out(plan, source, _counted(plan, progress))
    told = tell(settings.afterwards, release.hub, plan) if (plan.puts or plan.deletes) and not order.dry_run else []
    return Done(plan, plan.needed, suspects, foreign, tuple(told))


def limits_of(settings: TargetSettings) -> str:
    """Return which host's limits count: those that are named, else those of a host that shows in the address."""
    remote = getattr(settings, "remote", "")
    return settings.limits or ("github-pages" if "github.com" in remote else "")


def codings_of(settings: TargetSettings) -> tuple[str, ...]:
    """Return in which codings texts have copies on a target."""
    return settings.precompress if isinstance(settings, WebRootTarget) else ()


def caching_of(settings: TargetSettings) -> Caching | None:
    """Return how long readers may keep what is on a target, None where it keeps no headers."""
    return settings.caching if isinstance(settings, S3Target) else None


def _earlier(target: Target, settings: TargetSettings, remote: Remote) -> Goal:
    """Return the site that stood there before; after a deploy that was cut off, the last whole one.

    A picture that was taken down since is not put there again.
    """
    current = remote.manifest
    if current is None:
        raise DeployRefused(["no deploy of ours is complete on this target: there is nothing to go back to"])
    cut_off = remote.pending is not None and remote.pending.deploy != current.identity()
    earlier = current if cut_off else target.previous()
    if earlier is None:
        raise DeployRefused(["this target has had one deploy only: there is nothing to go back to"])
    files = {path: row for path, row in earlier.files.items() if not picture_of(path) or _stands(path, current)}
    if caching := caching_of(settings):
        files = {path: replace(row, headers=headers_of(path, caching).short()) for path, row in files.items()}
    return Goal(earlier.site, earlier.authority, files)


def _stands(path: str, manifest: Manifest) -> bool:
    return path in manifest.files or path in manifest.kept


def _checked(target: Target, remote: Remote) -> tuple[tuple[str, ...], int]:
    """Compare the manifest with what is there: files that are missing or of another size, and the number of others."""
    sizes = target.listing()
    manifest, pending = remote.manifest, remote.pending
    rows = {} if manifest is None else {**manifest.files, **{path: each.row for path, each in manifest.kept.items()}}
    ours = rows.keys() | {path for path, _ in (pending.touched if pending else ())}
    suspects = sorted(path for path, row in rows.items() if sizes.get(path) != row.size)
    return tuple(suspects), len(sizes.keys() - ours)


def _known(remote: Remote, suspects: Iterable[str]) -> dict[str, Row]:
    """Return the files of which it is certain that the target has them so."""
    known = dict(remote.manifest.files) if remote.manifest else {}
    for path in (*suspects, *(path for path, _ in (remote.pending.touched if remote.pending else ()))):
        known.pop(path, None)
    return known


def _counted(plan: Plan, progress: Progress) -> Callable[[int, int], None]:
    """Return what turns single counts into a progress of files."""
    done = [0, 0]

    def count(files: int, size: int) -> None:
        done[0] += files
        done[1] += size
        progress(f"Deploying {done[1] / 1e6:,.1f} MB", done[0], len(plan.puts))

    return count
