"""Preflight: all that speaks against a deploy, said before its first byte goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from generator.deploy.delta import Goal
from generator.deploy.manifest import CONTROL, Row
from generator.deploy.target import Plan, Remote

MIB = 1024 * 1024
_EXAMPLES = frozenset({"example.org", "example.com", "example.net"})
_NAMED = 3  # files that a message names of many


class Limit(NamedTuple):
    """What a host takes; sizes in bytes."""

    host: str
    files: int = 0  # 0: as many as there are
    each: int = 0
    whole: int = 0
    redirects: int = 0


LIMITS = {
    # Source: https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits
    "github-pages": Limit("GitHub Pages", each=100 * MIB, whole=1000**3),
    # Source: https://developers.cloudflare.com/pages/platform/limits/
    "cloudflare-pages": Limit("Cloudflare Pages", files=20_000, each=25 * MIB, redirects=2_100),
}


class Permits(NamedTuple):
    """What the one who deploys has agreed to."""

    force: bool = False
    allow_errors: bool = False


class Facts(NamedTuple):
    """What is known of what goes: the build's errors, whether it shows what is held back, its redirects."""

    errors: int = 0
    early: int = 0  # articles that are shown, and would not be on a site that readers see
    redirects: int = 0
    traces: bool = False  # of a preview's script


def objections(goal: Goal, facts: Facts, limits: str, permits: Permits) -> Iterator[str]:
    """Yield what speaks against the site itself; each says what would be right."""
    if facts.errors and not permits.allow_errors:
        noun = "1 error" if facts.errors == 1 else f"{facts.errors} errors"
        yield f"the build has {noun}: something that was written is left out of it; mend it, or say `--allow-errors`"
    if facts.early:
        yield f"the output shows drafts or scheduled articles ({facts.early}); build it without them"
    if facts.traces or any(path.startswith("_broadsheet/") for path in goal.files):
        yield "the output holds traces of a preview; delete the output folder, and build it"
    host = urlsplit(goal.site).hostname or ""
    if host in _EXAMPLES or host.endswith(tuple(f".{name}" for name in _EXAMPLES)):
        yield f"base_url is still the example ({goal.site}): every link and feed would lead there; set it in site.toml"
    ours = sorted([path for path in goal.files if path == CONTROL or path.startswith(f"{CONTROL}/")])
    if ours:
        yield f"the site has a file {ours[0]}: that folder is the deploy's own; take it out of static/"
    if limits in LIMITS:
        yield from _over(LIMITS[limits], goal.files, facts)


def _over(limit: Limit, files: Mapping[str, Row], facts: Facts) -> Iterator[str]:
    """Yield where a site is too large for its host."""
    large = {path: row.size for path, row in files.items() if limit.each and row.size > limit.each}
    if large:
        path = max(large, key=lambda each: large[each])
        yield f"{limit.host} takes files of at most {limit.each // MIB} MiB: {path} has {large[path] / MIB:.1f} MiB"
    whole = sum(row.size for row in files.values())
    if limit.whole and whole > limit.whole:
        sizes: Counter[str] = Counter()
        for path, row in files.items():
            sizes[_family(path)] += row.size
        told = _families(sizes, lambda size: f"{size / 1000**2:,.0f} MB")
        yield f"{limit.host} takes {limit.whole / 1000**3:.0f} GB: the site has {whole / 1000**3:.2f} GB; {told}"
    if limit.files and len(files) > limit.files:
        told = _families(Counter(map(_family, files)), lambda count: f"{count:,} files")
        yield f"{limit.host} takes {limit.files:,} files: the site has {len(files):,}; {told}"
    if limit.redirects and facts.redirects > limit.redirects:
        yield (
            f"{limit.host} takes {limit.redirects:,} redirects: the site has {facts.redirects:,}; "
            "take earlier addresses out of `redirect_from`"
        )


_FAMILIES = {
    "api": re.compile("api/"),
    "search": re.compile("search/"),
    "archive": re.compile("archive/"),
    "provider_feeds": re.compile(r"providers/.*(feed\.xml|atom\.xml|feed\.json)$"),
    "topic_feeds": re.compile(r"topics/.*(feed\.xml|atom\.xml|feed\.json)$"),
    "providers": re.compile("providers/"),
    "social_cards": re.compile("images/cards/"),
}


def _family(path: str) -> str:
    return next((name for name, pattern in _FAMILIES.items() if pattern.match(path)), "")


def _families(counts: Counter[str], told: object) -> str:
    """Return which families of outputs could be turned off, the largest first, with what each would save."""
    large = [(name, count) for name, count in counts.most_common() if name and count][:3]
    if not large:
        return "split it, or choose another host"
    parts = ", ".join(f"`{name} = false` ({told(count)})" for name, count in large)  # type: ignore[operator]
    return f"turn off what is not needed in [outputs]: {parts}"


def obstacles(
    goal: Goal, remote: Remote, plan: Plan, in_the_way: Collection[str], max_deletes: int, permits: Permits
) -> Iterator[str]:
    """Yield what speaks against bringing the site to this target.

    Args:
        in_the_way: files of somebody else's where files of the site must go.
    """
    if permits.force:
        return
    if remote.strangers:
        yield (
            f"the target holds {_some(remote.strangers)}, and no deploy of ours wrote there: somebody else's site; "
            "name another place, or empty it (`--force` takes it over: other files stay, those of our names go)"
        )
    old = remote.manifest
    if old and old.site != goal.site:
        ids = "" if old.authority == goal.authority else _new_ids(old.authority, goal.authority)
        yield f"the target holds another site, {old.site}, and this one is {goal.site}; {ids}say `--force` if it moves"
    elif old and old.authority != goal.authority:
        yield f"{_new_ids(old.authority, goal.authority)}say `--force` if that is meant"
    if in_the_way and not remote.strangers:
        yield (
            f"{_some(in_the_way)} on the target was not deployed by us and stands where the site's own must go; "
            "move it away, or into static/ of the content"
        )
    if len(plan.deletes) > max_deletes:
        yield (
            f"{len(plan.deletes):,} files would be deleted ({_some(plan.deletes)}), more than max_deletes = "
            f"{max_deletes:,}; say `--force` if that is meant"
        )


def _new_ids(old: str, new: str) -> str:
    return (
        f"the ids in feeds would change from {old} to {new}, and readers would see every article again; "
        f'set feed_authority = "{old}" to keep them, or '
    )


def _some(paths: Collection[str]) -> str:
    few = sorted(paths)[:_NAMED]
    return f"{', '.join(few)}{f' and {len(paths) - _NAMED:,} more' if len(paths) > _NAMED else ''}"
