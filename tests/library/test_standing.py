"""Standing: every article is counted once, in the order removed > draft > scheduled > folded > shown."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.base.records import Card
from generator.library.standing import Standing, one_per_address, stand
from library.cards import NOON, card, days_ago, mentions

TOMORROW = NOON + timedelta(days=1)


def states(*cards: Card, drafts: bool = False) -> dict[str, str]:
    """Return stem -> state."""
    standing = stand(cards, NOON, drafts)
    return {each.stem: standing.states[each.path] for each in cards}


def test_an_article_is_shown_unless_something_holds_it_back() -> None:
    """A published article of yesterday is shown."""
    assert states(card("a")) == {"a": "shown"}


def test_the_first_reason_counts() -> None:
    """An article that is removed, a draft, scheduled and folded at once is counted under the first of these."""
    lead = card("lead", mentions=mentions("x"))
    everything = {"removed": True, "draft": True, "published": TOMORROW, "heat": -1}
    assert states(lead, card("x", **everything))["x"] == "removed"
    assert states(lead, card("x", **(everything | {"removed": False})))["x"] == "draft"
    assert states(lead, card("x", published=TOMORROW, heat=-1))["x"] == "scheduled"
    assert states(lead, card("x", heat=-1))["x"] == "folded"


def test_drafts_are_shown_when_asked_for() -> None:
    """With `drafts` a draft stands as if it were published: it may be scheduled, folded or lead."""
    cards = (
        card("draft", draft=True, mentions=mentions("folded")),
        card("folded", draft=True, heat=-1),
        card("later", draft=True, published=TOMORROW),
        card("gone", draft=True, removed=True),
    )
    assert states(*cards) == {"draft": "draft", "folded": "draft", "later": "draft", "gone": "removed"}
    with_drafts = {"draft": "shown", "folded": "folded", "later": "scheduled", "gone": "removed"}
    assert states(*cards, drafts=True) == with_drafts


def test_the_clock_decides_to_the_instant() -> None:
    """An article is scheduled until the instant of its date and shown from it on; `due` is the next one's."""
    cards = (
        card("now", published=NOON),
        card("soon", published=NOON + timedelta(microseconds=1)),
        card("later", published=TOMORROW),
        card("draft", published=NOON + timedelta(seconds=1), draft=True),
    )
    standing = stand(cards, NOON, drafts=False)
    assert states(*cards) == {"now": "shown", "soon": "scheduled", "later": "scheduled", "draft": "draft"}
    assert standing.due == NOON + timedelta(microseconds=1)
    assert stand((card("now"),), NOON, drafts=False).due is None


def test_an_article_is_folded_by_a_shown_one_only() -> None:
    """`heat: -1` alone folds nothing, nor does a lead that is held back, nor being listed without `heat: -1`."""
    assert states(card("x", heat=-1)) == {"x": "shown"}
    for held in ({"removed": True}, {"draft": True}, {"published": TOMORROW}):
        assert states(card("lead", mentions=mentions("x"), **held), card("x", heat=-1))["x"] == "shown"
    assert states(card("lead", mentions=mentions("x")), card("x", heat=0))["x"] == "shown"


def test_an_article_without_a_source_is_never_folded() -> None:
    """Two articles of our own have no source, so neither lists the other."""
    assert states(card("lead", key="", mentions=mentions("x")), card("x", key="", heat=-1))["x"] == "shown"


def test_an_article_does_not_fold_its_twin_of_the_same_source() -> None:
    """An article with the same source in its own list says nothing of another one of that source."""
    lead = card("lead", key="source.example/x", mentions=mentions("x"))
    assert states(lead, card("x", heat=-1))["x"] == "shown"


def test_the_lead_is_the_hottest_of_those_that_list_it() -> None:
    """Of several leads the hottest has it; then the best, the newest, the first by path."""
    x = card("x", heat=-1)
    lists = {"mentions": mentions("x")}

    def lead(*cards: Card) -> str:
        return stand((x, *cards), NOON, drafts=False).leads[x.path]

    assert lead(card("a", heat=1, **lists), card("b", heat=9, **lists)) == "content/news/b.md"
    assert lead(card("a", quality=1, **lists), card("b", quality=9, **lists)) == "content/news/b.md"
    assert lead(card("a", heat=1, quality=9, **lists), card("b", heat=9, quality=1, **lists)) == "content/news/b.md"
    newer = card("b", published=days_ago(0.5), **lists)
    assert lead(card("a", **lists), newer) == "content/news/b.md"
    assert lead(card("b", **lists), card("a", **lists)) == "content/news/a.md"


def test_what_only_a_folded_article_lists_stands_by_itself() -> None:
    """In a chain a > b > c the middle is folded, so it leads nobody: c has no lead that is shown."""
    chain = (card("a", heat=50, mentions=mentions("b")), card("b", heat=-1, mentions=mentions("c")), card("c", heat=-1))
    assert states(*chain) == {"a": "shown", "b": "folded", "c": "shown"}


def test_a_chain_alternates() -> None:
    """In a > b > c > d, c stands by itself and so leads d."""
    chain = (
        card("a", heat=50, mentions=mentions("b")),
        card("b", heat=-1, mentions=mentions("c")),
        card("c", heat=-1, mentions=mentions("d")),
        card("d", heat=-1),
    )
    assert states(*chain) == {"a": "shown", "b": "folded", "c": "shown", "d": "folded"}
    assert stand(chain, NOON, drafts=False).leads == {
        "content/news/b.md": "content/news/a.md",
        "content/news/d.md": "content/news/c.md",
    }


def test_a_circle_has_one_lead() -> None:
    """Articles with `heat: -1` that list each other do not vanish together: the best of them leads."""
    circle = (
        card("a", heat=-1, quality=1, mentions=mentions("b", "c")),
        card("b", heat=-1, quality=9, mentions=mentions("a", "c")),
        card("c", heat=-1, quality=5, mentions=mentions("a", "b")),
    )
    assert states(*circle) == {"a": "folded", "b": "shown", "c": "folded"}


def test_a_circle_under_a_lead_is_folded() -> None:
    """A shown article that lists all of a circle leads all of it."""
    cards = (
        card("lead", heat=70, mentions=mentions("a", "b")),
        card("a", heat=-1, mentions=mentions("b")),
        card("b", heat=-1, mentions=mentions("a")),
    )
    assert states(*cards) == {"lead": "shown", "a": "folded", "b": "folded"}


def test_shown_articles_come_newest_first() -> None:
    """The order is by date, ties by path, whatever order the files come in."""
    cards = (card("c"), card("a"), card("b"), card("old", published=days_ago(9)), card("new", published=days_ago(0)))
    for order in (cards, cards[::-1]):
        assert [each.stem for each in stand(order, NOON, drafts=False).shown] == ["new", "a", "b", "c", "old"]


# -- addresses ---------------------------------------------------------------------------------------------------------


def kept(*cards: Card, drafts: bool = False) -> tuple[list[str], list[str]]:
    """Return what is kept and what is said of the rest."""
    addresses = {each.path: f"{each.section}/{each.stem}/" for each in cards}
    left, problems = one_per_address(cards, addresses, NOON, drafts)
    return [each.path for each in left], [str(problem) for problem in problems]


def test_two_shown_articles_with_one_address_are_one() -> None:
    """The second by path is left out of every list, with an error that names both; also where only case differs."""
    twin = card("A", path="content/_news/A.md")
    paths, said = kept(twin, card("a"))
    assert paths == ["content/_news/A.md"]
    assert said == ["content/news/a.md: has the address /news/a/, as has content/_news/A.md; rename one of them"]


def test_an_article_that_is_held_back_takes_no_address() -> None:
    """A removed, scheduled or draft file may have the name of a shown one."""
    for held in ({"removed": True}, {"draft": True}, {"published": TOMORROW}):
        assert kept(card("a", path="content/_news/a.md", **held), card("a"))[1] == []
    assert len(kept(card("a", path="content/_news/a.md", draft=True), card("a"), drafts=True)[1]) == 1


# -- laws --------------------------------------------------------------------------------------------------------------

STEMS = [f"s{number}" for number in range(7)]
cards_of_a_desk = st.lists(
    st.builds(
        lambda stem, listed, **fields: card(stem, mentions=mentions(*listed), **fields),
        st.sampled_from(STEMS),
        st.lists(st.sampled_from(STEMS), max_size=4, unique=True),
        removed=st.sampled_from([False, False, False, True]),
        draft=st.sampled_from([False, False, False, True]),
        heat=st.sampled_from([-1, -1, 0, 80]),
        quality=st.integers(0, 3),
        published=st.integers(-20, 3).map(lambda hours: NOON + timedelta(hours=hours)),
    ),
    max_size=7,
    unique_by=lambda each: each.path,
).map(tuple)


@given(cards_of_a_desk, st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_states_partition_the_articles(cards: tuple[Card, ...], drafts: bool) -> None:
    """Every article has exactly one state, the counts add up, and what is shown is what has the state `shown`."""
    standing = stand(cards, NOON, drafts)
    assert standing.states.keys() == {each.path for each in cards}
    counts = [standing.count(state) for state in ("removed", "draft", "scheduled", "folded", "shown")]
    assert sum(counts) == len(cards)
    assert {each.path for each in standing.shown} == {p for p, state in standing.states.items() if state == "shown"}
    assert len(standing.shown) == len({each.path for each in standing.shown})
    dates = [each.published for each in standing.shown]
    assert dates == sorted(dates, reverse=True)


@given(cards_of_a_desk, st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_folded_article_has_a_shown_lead_that_lists_it(cards: tuple[Card, ...], drafts: bool) -> None:
    """The lead of a folded article is shown, is another one, and has its source among its reports."""
    standing = stand(cards, NOON, drafts)
    by_path = {each.path: each for each in cards}
    folded = {path for path, state in standing.states.items() if state == "folded"}
    assert standing.leads.keys() == folded
    for path, lead in standing.leads.items():
        assert by_path[path].heat == -1
        assert standing.states[lead] == "shown"
        assert by_path[path].key in {mention.key for mention in by_path[lead].mentions}


@given(cards_of_a_desk, st.randoms(use_true_random=False))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_files_decides_nothing(cards: tuple[Card, ...], random) -> None:  # type: ignore[no-untyped-def]
    """The same articles in another order have the same standing."""

    def plain(standing: Standing) -> object:
        return [each.path for each in standing.shown], sorted(standing.states.items()), sorted(standing.leads.items())

    shuffled = list(cards)
    random.shuffle(shuffled)
    assert plain(stand(tuple(shuffled), NOON, drafts=False)) == plain(stand(cards, NOON, drafts=False))
