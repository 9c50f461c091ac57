"""schedule: when to ask, in which order, and when again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.base.image_settings import ImageSettings
from generator.base.imaging import Box
from generator.images.fetch.ledger import Entry, Kept, Trouble
from generator.images.fetch.schedule import (
    LATEST,
    LONGEST_PAUSE,
    SOONEST,
    TRIES,
    Order,
    again_at,
    holds_until,
    pause_within,
    plan,
    rules_of,
)
from generator.network.dates import LONGEST_WAIT, wish_of
from generator.network.trouble import Kind

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOX = Box(1600, 1000)
KEPT = Kept("ab/" + "ab" * 16 + ".jpg", 9, 1600, 1067, "JPEG", NOW - DAY, cut=BOX)
KINDS: list[Kind] = [
    *("address", "host", "network", "slow", "busy", "server", "denied", "missing", "gone", "moved", "large", "content")
]
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def entry(url: str, due: timedelta = -DAY, **fields: object) -> Entry:
    """Return what is known of an address that is due now, or so much later."""
    return replace(Entry(url, NOW - DAY, NOW + due), **fields)


def asked(entries: list[Entry], *urls: str, box: Box = BOX, rules: str = "") -> list[str]:
    """Return the addresses that are asked for, in order."""
    return [order.url for order in plan(urls, {e.url: e for e in entries}, NOW, box, rules)]


# -- what is asked for -------------------------------------------------------------------------------------------------


def test_what_was_never_asked_for_goes_first() -> None:
    """Then what failed, longest due first, then pictures that may have changed; each once, in the wanted order."""
    failed = [entry("f1", -HOUR, trouble=Trouble("slow", "")), entry("f2", trouble=Trouble("slow", ""))]
    entries = [entry("old", kept=KEPT), entry("older", -2 * DAY, kept=KEPT), *failed]
    urls = ("old", "f1", "new", "f2", "older", "newer", "new")
    assert asked(entries, *urls) == ["new", "newer", "f2", "f1", "older", "old"]


def test_nothing_is_asked_before_it_is_due() -> None:
    """Neither a failure nor a picture that is there; and nothing that nobody wants."""
    entries = [entry("a", MINUTE, kept=KEPT), entry("b", MINUTE, trouble=Trouble("server", "")), entry("c")]
    assert asked(entries, "a", "b") == []
    assert asked(entries, "c") == ["c"]


def test_validators_are_sent_where_a_copy_is_there() -> None:
    """Without a copy "not changed" would help nobody."""
    told = {"etag": '"x"', "modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
    there, gone = entry("a", kept=KEPT, **told), entry("b", trouble=Trouble("slow", ""), **told)
    assert plan(["a", "b"], {"a": there, "b": gone}, NOW, BOX, "") == (Order("b"), Order("a", *told.values()))


def test_a_larger_theme_wants_larger_pictures() -> None:
    """A picture that was scaled down is asked for anew and as a whole; one that was small anyway is not."""
    scaled, whole = entry("a", DAY, kept=KEPT, etag="x"), entry("b", DAY, kept=replace(KEPT, cut=None))
    assert asked([scaled, whole], "a", "b") == []
    assert asked([scaled, whole], "a", "b", box=Box(1000, 900)) == []
    assert plan(["a", "b"], {"a": scaled, "b": whole}, NOW, Box(1600, 1001), "") == (Order("a"),)
    failed = replace(scaled, trouble=Trouble("slow", ""))
    assert asked([failed], "a", box=Box(2000, 1000)) == []  # not in every build


def test_a_refusal_holds_under_its_rules() -> None:
    """Another limit or another host that is allowed makes it due at once; a server's failure does not care."""
    before, after = rules_of(ImageSettings()), rules_of(ImageSettings(allow_hosts=("a.example",)))
    assert before == rules_of(ImageSettings(fetch_budget=1, timeout=1, quality=1)) != after
    refused = entry("a", DAY, trouble=Trouble("address", "", rules=before))
    failed = entry("b", DAY, trouble=Trouble("server", ""))
    assert asked([refused, failed], "a", "b", rules=before) == []
    assert asked([refused, failed], "a", "b", rules=after) == ["a"]


# -- when again --------------------------------------------------------------------------------------------------------


def test_retries_become_rarer_up_to_a_day() -> None:
    """10 minutes, 20, 40 … 24 hours."""
    waits = [again_at("server", failures, NOW) - NOW for failures in range(1, 12)]
    assert waits[:4] == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 80 * MINUTE]
    assert waits[-3:] == [DAY] * 3
    assert again_at("server", 10**6, NOW) == NOW + DAY


def test_what_is_not_there_is_rarely_asked_for() -> None:
    """A week for 404, a month for 410."""
    assert (again_at("missing", 1, NOW), again_at("gone", 1, NOW)) == (NOW + 7 * DAY, NOW + 30 * DAY)


@given(st.sampled_from(KINDS), st.integers(1, 100), st.floats(0, 1e12), moments)
def test_a_servers_wish_is_met(kind: Kind, failures: int, wait: float, now: datetime) -> None:
    """Never sooner than it asks, up to a week; without a wish never sooner than ten minutes; more failures, later."""
    at = again_at(kind, failures, now, wait)
    assert at >= now + min(timedelta(seconds=min(wait, 1e9)), LONGEST_WAIT) - timedelta(seconds=1)
    assert now + 10 * MINUTE - timedelta(seconds=1) <= at <= now + max(LONGEST_WAIT, 30 * DAY)
    assert at <= again_at(kind, failures + 1, now, wait)
    assert at.microsecond == 0


@given(st.sampled_from(KINDS), st.integers(1, 10), st.none() | st.floats(0, 1e9))
def test_tries_in_one_build_are_few_and_soon(kind: Kind, tries: int, wait: float | None) -> None:
    """Only what may mend itself in seconds is tried again, three times in all, and not before the server wants it."""
    pause = pause_within(kind, tries, wait)
    if pause is not None:
        assert kind in ("host", "busy", "server", "network")
        assert tries < TRIES
        assert (wait or 0) <= pause <= LONGEST_PAUSE


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999", LONGEST_WAIT.total_seconds()),
        (format_datetime(NOW + HOUR, usegmt=True), 3600),
        (format_datetime(NOW - HOUR, usegmt=True), 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """As RFC 9110 has it; anything else says nothing."""
    assert wish_of(text, NOW) == seconds


# -- how long a picture holds ------------------------------------------------------------------------------------------


def date(after: timedelta) -> str:
    """Return an HTTP date."""
    return format_datetime(NOW + after, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "held"),
    [
        ({}, DAY),
        ({"cache-control": "public, max-age=604800"}, 7 * DAY),
        ({"cache-control": "Max-Age=604800, immutable", "age": "86400"}, 6 * DAY),
        ({"cache-control": "max-age=604800, no-cache"}, DAY),
        ({"cache-control": "max-age=60"}, DAY),
        ({"cache-control": 'max-age="172800"', "expires": date(9 * DAY)}, 2 * DAY),
        ({"cache-control": "max-age=99999999999999999"}, 60 * DAY),
        ({"expires": date(3 * DAY), "date": date(timedelta(0))}, 3 * DAY),
        ({"expires": "0"}, DAY),
        ({"last-modified": date(-50 * DAY), "date": date(timedelta(0))}, 5 * DAY),
        ({"last-modified": date(-5000 * DAY)}, 60 * DAY),
    ],
)
def test_a_picture_holds_as_long_as_the_server_says(headers: dict[str, str], held: timedelta) -> None:
    """Cache-Control before Expires before a tenth of its age; between a day and sixty."""
    assert holds_until(headers, NOW, NOW) == NOW + held


def test_a_picture_that_never_changes_is_asked_for_ever_more_rarely() -> None:
    """It holds half as long again as it has held."""
    assert holds_until({}, NOW - 20 * DAY, NOW) == NOW + 10 * DAY


HEADERS = st.dictionaries(
    st.sampled_from(["cache-control", "expires", "date", "age", "last-modified"]),
    st.text(max_size=30) | moments.map(format_datetime) | st.integers(0, 10**30).map(lambda n: f"max-age={n}"),
)


@given(HEADERS, moments, moments)
def test_no_headers_break_it(headers: dict[str, str], since: datetime, now: datetime) -> None:
    """Whatever a server says, it is between a day and sixty."""
    assert now + SOONEST - timedelta(seconds=1) <= holds_until(headers, since, now) <= now + LATEST
