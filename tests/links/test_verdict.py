"""verdict: what an answer makes of a link, and which are asked for next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.links.ledger import FORM, Entry
from generator.links.verdict import DEAD_AFTER, DEAD_FAILURES, Outcome, judge, plan
from generator.network.ledger import encode_entry
from generator.network.trouble import Kind

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://a.example/x"
FAILING: tuple[Kind, ...] = ("missing", "gone", "host", "network", "slow", "server")
OTHERS: tuple[Kind, ...] = ("denied", "busy", "unsafe", "address", "moved", "content")


def judged(*answers: tuple[timedelta, Outcome]) -> Entry:
    """Return what a row of answers, each so long after noon, makes of a link."""
    entry: Entry | None = None
    for after, outcome in answers:
        entry = judge(URL, outcome, entry, NOW + after)
    assert entry
    return entry


def every(pause: timedelta, *kinds: Kind | None) -> Entry:
    """Return what answers at equal distances make of a link."""
    return judged(*((number * pause, Outcome(kind, "it is so")) for number, kind in enumerate(kinds)))


@pytest.mark.parametrize("kind", FAILING)
def test_dead_only_after_several_failures_over_days(kind: Kind) -> None:
    """Three failures in a row and three days: neither alone is enough, and `since` is the first of them."""
    quick = every(HOUR, *["missing"] * 9)
    assert (quick.state, quick.failures) == ("suspect", 9)
    assert every(9 * DAY, kind).state == "suspect"
    if kind != "gone":
        assert every(9 * DAY, kind, kind).state == "suspect"
        assert every(DAY, kind, kind, kind).state == "suspect"
    dead = every(1.5 * DAY, kind, kind, kind)
    assert (dead.state, dead.since, dead.failures, dead.why) == ("dead", NOW, 3, "it is so")


def test_what_says_that_it_is_gone_is_believed_the_second_time() -> None:
    """410 once may be a slip, twice in a row it is not; a 404 before it confirms nothing."""
    assert every(DAY, "gone").state == "suspect"
    assert every(DAY, "missing", "gone").state == "suspect"
    assert every(DAY, "gone", "gone").state == "dead"


@given(st.lists(st.sampled_from(OTHERS), min_size=1, max_size=30))
def test_a_refusal_never_kills(kinds: list[Kind]) -> None:
    """However often, however long: whoever refuses a program, is busy or unsafe has not said that a page is gone."""
    entry = every(9 * DAY, *kinds)
    assert (entry.state, entry.failures, entry.since) == ("unknown", 0, None)


@given(st.lists(st.tuples(st.timedeltas(HOUR, 3 * DAY), st.sampled_from((*FAILING, *OTHERS, None))), max_size=30))
def test_the_dead_have_failed_for_days(steps: list[tuple[timedelta, Kind | None]]) -> None:
    """In any history a link that is called dead has its failures and its days behind it, or said twice it is gone."""
    entry: Entry | None = None
    now = NOW
    for step, kind in steps:
        now += step
        before, entry = entry, judge(URL, Outcome(kind, "so"), entry, now)
        assert now < entry.due
        assert (entry.failures > 0) == (entry.state in ("suspect", "dead")) == (entry.since is not None)
        assert FORM.decode(encode_entry(entry)) == {URL: entry}
        if entry.state == "dead" and not (before and before.state == "dead"):
            assert before
            assert entry.since
            long = entry.failures >= DEAD_FAILURES and now - entry.since >= DEAD_AFTER
            assert long or before.kind == entry.kind == "gone"


def test_one_good_answer_is_life() -> None:
    """Whatever was before: failures begin to count anew, and the dead rise."""
    assert every(DAY, "missing", "missing", None) == Entry(URL, NOW + 2 * DAY, NOW + 9 * DAY - 4 * HOUR, "good")
    assert every(2 * DAY, "missing", "missing", "missing", None).state == "good"
    again = every(2 * DAY, "missing", "missing", None, "missing")
    assert (again.state, again.failures, again.since) == ("suspect", 1, NOW + 6 * DAY)


def test_who_is_busy_changes_nothing_that_was_known_of_a_failing_page() -> None:
    """A 429 among 404s does not end their row; it asks for the host to be left alone."""
    entry = judged(
        (0 * DAY, Outcome("missing", "404")),
        (2 * DAY, Outcome("busy", "429", 3600 * 30)),
        (4 * DAY, Outcome("missing", "404")),
        (5 * DAY, Outcome("missing", "404")),
    )
    assert (entry.state, entry.failures, entry.since) == ("dead", 3, NOW)
    busy = judged((0 * DAY, Outcome("missing", "404")), (DAY, Outcome("busy", "429", 3600 * 30)))
    assert (busy.state, busy.why, busy.quiet, busy.due) == ("suspect", "404", NOW + DAY + 30 * HOUR, busy.quiet)


def test_a_move_is_dated() -> None:
    """`since` is when the new address was first seen."""
    moved = judged((0 * DAY, Outcome(target="https://b.example/")), (7 * DAY, Outcome(target="https://b.example/")))
    assert (moved.state, moved.since, moved.target) == ("moved", NOW, "https://b.example/")


# -- which are asked for -----------------------------------------------------------------------------------------------


def known(url: str, asked: timedelta, **fields: object) -> Entry:
    """Return a good link that was asked so long before now, and is due."""
    return replace(Entry(url, NOW - asked, NOW, "good"), **fields)


def planned(*entries: Entry, urls: tuple[str, ...] = ()) -> list[str]:
    return list(plan((*(entry.url for entry in entries), *urls), {entry.url: entry for entry in entries}, NOW))


def test_the_longest_unasked_come_first() -> None:
    """Never is longer than anything; each once, and only what is due."""
    a, b, c = (
        known("https://a.example/", DAY),
        known("https://b.example/", 3 * DAY),
        known("https://c.example/", 9 * DAY, due=NOW + HOUR),
    )
    new = ("https://new.example/2", "https://new.example/1", "https://new.example/2")
    assert planned(a, b, c, urls=new) == ["https://new.example/2", "https://new.example/1", b.url, a.url]


def test_a_host_that_wants_to_be_left_alone_is() -> None:
    """All that it has waits until then, what was never asked for included; `www.` is the same host."""
    busy = known(URL, DAY, state="unknown", due=NOW + 2 * HOUR, quiet=NOW + HOUR)
    assert planned(busy, urls=("https://a.example/new", "https://www.a.example/", "https://b.example/")) == [
        "https://b.example/"
    ]
    assert planned(replace(busy, quiet=NOW - HOUR), urls=("https://a.example/new",)) == ["https://a.example/new"]


def test_a_witness_is_asked_where_all_others_have_failed() -> None:
    """Else nobody could tell dead hosts from a dead network; it is the good one that was asked the longest ago."""
    failed = known("https://dead.example/", DAY, state="suspect", failures=1, since=NOW - DAY, kind="host")
    good = [known(f"https://{name}.example/", age * DAY, due=NOW + DAY) for name, age in (("a", 1), ("b", 2))]
    assert planned(failed, *good) == ["https://b.example/", failed.url]
    assert planned(*good) == []
