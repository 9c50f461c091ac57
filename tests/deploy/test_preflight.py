"""Everything that speaks against a deploy is said before its first byte goes, with what would be right."""

from __future__ import annotations

import pytest
from places import FolderPlace
from release_kit import Desk, release, site_of

from generator.deploy.delta import Goal, plan_deploy
from generator.deploy.manifest import Manifest, Row
from generator.deploy.preflight import MIB, Facts, Permits, objections, obstacles
from generator.deploy.target import DeployRefused, Remote

NOTHING, NO_FACTS = Permits(), Facts()


def goal(files: dict[str, int], site: str = "https://news.test/", authority: str = "news.test") -> Goal:
    return Goal(site, authority, {path: Row(path, size) for path, size in files.items()})


SMALL = goal({"index.html": 10})


def said(goal: Goal = SMALL, facts: Facts = NO_FACTS, limits: str = "", permits: Permits = NOTHING) -> list[str]:
    return list(objections(goal, facts, limits, permits))


def test_a_good_site_has_no_objection() -> None:
    """Nothing is said where nothing is wrong."""
    assert said() == said(limits="github-pages") == said(limits="cloudflare-pages") == []


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            Facts(errors=1),
            "the build has 1 error: something that was written is left out of it; mend it, or say `--allow-errors`",
        ),
        (
            Facts(errors=3),
            "the build has 3 errors: something that was written is left out of it; mend it, or say `--allow-errors`",
        ),
        (Facts(early=2), "the output shows drafts or scheduled articles (2); build it without them"),
        (Facts(traces=True), "the output holds traces of a preview; delete the output folder, and build it"),
    ],
)
def test_a_build_that_must_not_go(facts: Facts, message: str) -> None:
    """Errors, drafts and previews are named."""
    assert said(facts=facts) == [message]


def test_errors_may_be_allowed() -> None:
    """`--allow-errors` is for errors, and for nothing else."""
    assert said(facts=Facts(errors=1), permits=Permits(allow_errors=True)) == []
    assert said(facts=Facts(errors=1), permits=Permits(force=True)) != []
    assert said(facts=Facts(early=1), permits=Permits(force=True, allow_errors=True)) != []


@pytest.mark.parametrize("url", ["https://example.org/", "https://www.example.com/news/"])
def test_the_example_is_no_address(url: str) -> None:
    """A `base_url` that nobody has set would be in every link."""
    message = f"base_url is still the example ({url}): every link and feed would lead there; set it in site.toml"
    assert said(goal({}, url)) == [message]


def test_files_in_our_own_folder() -> None:
    """The site cannot have files where the deploy has its own."""
    assert "take it out of static/" in said(goal({".broadsheet-deploy/manifest.json": 3}))[0]


def test_too_many_files() -> None:
    """The count is said, and which outputs could be turned off, with what each would save."""
    files = {f"news/{n}/index.html": 1 for n in range(12_000)} | {f"api/news/{n}/index.json": 1 for n in range(9_000)}
    files |= {f"topics/{n}/feed.xml": 1 for n in range(500)}
    assert said(goal(files), limits="cloudflare-pages") == [
        "Cloudflare Pages takes 20,000 files: the site has 21,500; turn off what is not needed in [outputs]: "
        "`api = false` (9,000 files), `topic_feeds = false` (500 files)"
    ]
    assert said(goal(files), limits="github-pages") == []


def test_too_large() -> None:
    """A file, or all of them, that the host does not take."""
    assert said(goal({"images/x.png": 26 * MIB}), limits="cloudflare-pages") == [
        "Cloudflare Pages takes files of at most 25 MiB: images/x.png has 26.0 MiB"
    ]
    many = {f"images/cards/{n}.png": 50 * MIB for n in range(20)} | {"index.html": 1}
    assert said(goal(many), limits="github-pages") == [
        "GitHub Pages takes 1 GB: the site has 1.05 GB; turn off what is not needed in [outputs]: "
        "`social_cards = false` (1,049 MB)"
    ]


def test_too_many_redirects() -> None:
    """Cloudflare leaves out what is above its limit, without a word."""
    (message,) = said(facts=Facts(redirects=2_101), limits="cloudflare-pages")
    assert message.startswith("Cloudflare Pages takes 2,100 redirects: the site has 2,101;")


# -- the target --------------------------------------------------------------------------------------------------------


def in_the_way(goal: Goal, remote: Remote, permits: Permits = NOTHING, most: int = 500) -> list[str]:
    return list(obstacles(goal, remote, plan_deploy(goal, remote, 0, 24), (), most, permits))


def holding(site: str, authority: str, files: dict[str, int]) -> Remote:
    return Remote(Manifest(site, authority, 1, dict(goal(files).files)))


def test_another_address_of_the_same_site() -> None:
    """With the ids kept it is a move; without, every reader would see every article again."""
    old = holding("https://old.test/", "old.test", {"index.html": 10})
    (message,) = in_the_way(SMALL, old)
    assert 'set feed_authority = "old.test" to keep them' in message
    (message,) = in_the_way(goal({"index.html": 10}, authority="old.test"), old)
    assert message == (
        "the target holds another site, https://old.test/, and this one is https://news.test/; "
        "say `--force` if it moves"
    )
    assert in_the_way(SMALL, old, Permits(force=True)) == []


def test_other_ids_at_the_same_address() -> None:
    """The authority alone is enough to be asked."""
    (message,) = in_the_way(SMALL, holding("https://news.test/", "old.test", {"index.html": 10}))
    assert message.startswith("the ids in feeds would change from old.test to news.test")


def test_more_deletions_than_allowed() -> None:
    """The number is said, and the first of the files."""
    old = holding("https://news.test/", "news.test", {"index.html": 10, "b.html": 1, "a.html": 1})
    assert in_the_way(SMALL, old, most=1) == [
        "2 files would be deleted (a.html, b.html), more than max_deletes = 1; say `--force` if that is meant"
    ]
    assert in_the_way(SMALL, old, most=2) == []


def test_what_is_refused_touches_nothing(folder: FolderPlace, desk: Desk) -> None:
    """All reasons are said at once, and nothing of the target exists afterwards."""
    with pytest.raises(DeployRefused) as refused:
        desk.deploy(folder.open(), site_of({"a": "x"}), url="https://example.org/", errors=2)
    assert len(refused.value.reasons) == 2
    assert refused.value.of_site
    assert not folder.root.parent.exists()


def test_a_trace_of_a_preview_is_found(desk: Desk) -> None:
    """The script of a preview in the front page gives it away."""
    page = b'<html><head><script src="/_broadsheet/preview.js" defer></script></head>'
    assert release(desk.root / "one", {"index.html": page}).output.has_traces()
    assert not release(desk.root / "two", {"index.html": b"<html>"}).output.has_traces()
