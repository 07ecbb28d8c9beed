"""The world moves as its own rules say: checked against the world itself, in this process, by brute force."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import truth
from simulator.cast import PK_OF
from simulator.churn import DAY
from simulator.clock import Clock, Moment
from simulator.follows import ORDERS, ListShape, NaturalList, window_for
from simulator.instagram import rows
from simulator.overlay import EdgeState
from simulator.population import SIZE, STYLES, Population
from simulator.words import GIVEN_WORDS, SECOND_WORDS
from simulator.world import World

WORLD = World(7)
STATES: list[EdgeState] = ["following", "none", "requested"]
CLOCK = Clock(datetime(2026, 11, 1, tzinfo=UTC), rate=0)


def day(number: float) -> Moment:
    return CLOCK.moment(number * DAY)


def username(pk: int, moment: Moment) -> str | None:
    account = WORLD.account(pk, moment)
    return account.username if account is not None else None


def test_names_fill_the_population_without_a_clash() -> None:
    assert len(set(GIVEN_WORDS)) == 128
    assert len(set(SECOND_WORDS)) == 256
    assert SIZE == 128 * 256 * 2048


@given(index=st.integers(0, SIZE - 1), style=st.integers(0, len(STYLES) - 1))
def test_pk_and_username_lead_back_to_the_person(index: int, style: int) -> None:
    population = WORLD.population
    assert population.index_of(population.pk_of(index)) == index
    assert population.index_and_style(population.username_of(index, style)) == (index, style)
    if style < 5:
        assert population.predecessor_of(population.successor_pk(index, style)) == (index, style)


@given(text=st.text(max_size=30))
def test_any_text_is_somebody_or_nobody(text: str) -> None:
    account = WORLD.by_username(text, day(0))
    assert account is None or account.username == text.lower()


@given(
    size=st.integers(1, 9_000),
    per_day=st.floats(0, 60),
    hidden=st.sampled_from([0.0, 0.03]),
    days=st.floats(0, 900),
    key=st.integers(1, 1 << 40),
)
@settings(max_examples=40, deadline=None)
def test_counts_orders_and_membership_agree_with_walking_the_list(
    size: int, per_day: float, hidden: float, days: float, key: int
) -> None:
    shape = ListShape(key, 8192, window_for(size), size, per_day, hidden=hidden)
    frozen = NaturalList(shape, WORLD.population).at(int(days * DAY))
    walks = [[slot for _, slot in frozen.walk(order, 0)] for order in ORDERS]
    assert len(walks[0]) == len(set(walks[0])) == frozen.listed_count <= frozen.count
    assert all(sorted(walk) == sorted(walks[0]) for walk in walks)
    pks = [frozen.pk_at(slot) for slot in walks[0]]
    assert len(set(pks)) == len(pks)
    assert all(frozen.slot_holding(pk) == slot for pk, slot in zip(pks[:200], walks[0][:200], strict=True))
    absent = (slot for slot in range(frozen.slots) if not frozen.is_listed(slot))
    assert all(frozen.slot_holding(WORLD.population.pk_of(frozen.natural.index_at(slot))) is None for slot in absent)


@given(earlier=st.integers(0, 300), weeks=st.integers(0, 30), direction=st.sampled_from(["followers", "following"]))
@settings(max_examples=20, deadline=None)
def test_diff_explains_every_change(earlier: int, weeks: int, direction: str) -> None:
    pk = PK_OF["northwind_run"]
    first, second = day(earlier), day(earlier + 7 * weeks)
    old, new = (truth.listed_pks(WORLD, pk, direction, moment) for moment in (first, second))
    found = truth.diff(WORLD, pk, direction, first, second)
    assert set(found["new"]) | set(found["returned"]) == new - old
    assert set(found["lost"]) == old - new == set(found["unfollowed"]) | set(found["deactivated"])
    assert (found["counts"]["earlier_listed"], found["counts"]["later_listed"]) == (len(old), len(new))
    renamed = {person for person in old & new if username(person, first) != username(person, second)}
    assert {entry["pk"] for entry in found["renamed"]} == renamed
    assert all(WORLD.account(person, second) is None for person in found["deactivated"])
    for entry in found["renamed"]:
        then, now = WORLD.account(entry["pk"], first), WORLD.account(entry["pk"], second)
        assert then is not None
        assert now is not None
        assert (then.username, now.username) == (entry["old"], entry["new"])
    assert WORLD.count(pk, direction, second) - len(new) == WORLD.frozen(pk, direction, second).count - (
        WORLD.frozen(pk, direction, second).listed_count
    )


def test_each_kind_of_change_happens_within_a_month() -> None:
    found = truth.diff(WORLD, PK_OF["aurora.studio"], "followers", day(0), day(30))
    sizes = {kind: len(found[kind]) for kind in ("new", "returned", "unfollowed", "deactivated", "renamed")}
    assert min(sizes.values()) >= 10, sizes
    assert len(found["lost"]) < 500, "less than five per cent"


def test_somebody_who_left_comes_back_as_the_same_person() -> None:
    pk = PK_OF["aurora.studio"]
    lists = [truth.listed_pks(WORLD, pk, "followers", day(7 * week)) for week in range(8)]
    assert {person for person in lists[0] - lists[3] if person in lists[7]}


def test_closed_account_is_gone_from_lists_and_by_name_until_it_reopens() -> None:
    pk = PK_OF["aurora.studio"]
    closed = truth.diff(WORLD, pk, "followers", day(0), day(30))["deactivated"]
    reopened = [person for person in closed if WORLD.account(person, day(75)) is not None]
    assert reopened
    before = WORLD.account(closed[0], day(0))
    assert before is not None
    assert WORLD.by_username(before.username, day(30)) is None


def test_abandoned_username_is_taken_by_a_new_person_in_the_same_list() -> None:
    pk = PK_OF["aurora.studio"]
    frozen = WORLD.frozen(pk, "followers", day(60))
    assert frozen.successors
    slot, founder = next((s, f) for s, f in frozen.successors.items() if frozen.is_listed(f))
    first = WORLD.population.pk_of(frozen.natural.index_at(founder))
    second = frozen.pk_at(slot)
    then, now = WORLD.account(first, day(0)), WORLD.account(second, day(60))
    assert then is not None
    assert now is not None
    assert then.username == now.username
    assert first != second
    assert WORLD.account(second, day(0)) is None
    names = WORLD.by_username(then.username, day(60))
    assert names is not None
    assert names.pk == second


@pytest.mark.parametrize("login", ["demo_creator", "demo_2fa"])
def test_friendship_agrees_with_the_lists_from_both_sides(login: str) -> None:
    moment, me = day(45), PK_OF[login]
    followers = truth.listed_pks(WORLD, me, "followers", moment)
    following = truth.listed_pks(WORLD, me, "following", moment)
    assert followers & following, "there are mutuals"
    for person in list(followers | following)[:150]:
        assert (WORLD.follows(person, me, moment) == "following") == (person in followers)
        assert (WORLD.follows(me, person, moment) == "following") == (person in following)
        theirs = truth.listed_pks(WORLD, person, "following", moment)
        assert (me in theirs) == (person in followers)


def test_accounts_of_a_community_share_followers() -> None:
    lists = {
        name: truth.listed_pks(WORLD, PK_OF[name], "followers", day(0))
        for name in ("aurora.studio", "gap.gallery", "northwind_run", "la.cocina.verde")
    }
    assert len(lists["aurora.studio"] & lists["gap.gallery"]) > 300
    assert len(lists["aurora.studio"] & lists["la.cocina.verde"]) > 2_000
    assert len(lists["aurora.studio"] & lists["northwind_run"]) < 50


def test_fast_rows_of_a_list_are_the_rows_of_its_people() -> None:
    moment = day(200)
    for name in ("aurora.studio", "hostile.names"):
        frozen = WORLD.frozen(PK_OF[name], "followers", moment)
        slots = [slot for _, slot in frozen.walk("default", 0) if slot not in frozen.successors][:400]
        accounts = [WORLD.account(frozen.pk_at(slot), moment) for slot in slots]
        slow = [rows.short_row(account, "stamp") for account in accounts if account is not None]
        assert rows.natural_rows(frozen, slots, "stamp") == slow


def test_the_same_seed_is_the_same_world_and_another_seed_another() -> None:
    pk, moment = PK_OF["tiny.pottery"], day(100)
    again, other = World(7), World(8)
    assert truth.listed_pks(again, pk, "followers", moment) == truth.listed_pks(WORLD, pk, "followers", moment)
    assert truth.listed_pks(other, pk, "followers", moment) != truth.listed_pks(WORLD, pk, "followers", moment)


def test_names_come_in_many_scripts_and_hostile() -> None:
    population = Population(7, dirty=True)
    table = "".join(population.full_names)
    for needle in ("<script>", "=HYPERLINK", "\\u202e", "\\u200b", "\\u0000", "\\ud800 lone", "A" * 150, "\\ud83c"):
        assert needle in table
    hostile = truth.listed_pks(WORLD, PK_OF["hostile.names"], "followers", day(0))
    names = [account.name_json for account in (WORLD.account(pk, day(0)) for pk in hostile) if account is not None]
    assert sum("<" in name or "=" in name or "\\u20" in name for name in names) > 50


@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_counts_and_diffs_stay_exact_under_writes(data: st.DataObject) -> None:
    world = World(9)
    me = PK_OF["demo_creator"]
    members = sorted(truth.listed_pks(world, me, "followers", day(0)))
    others = sorted(truth.listed_pks(world, PK_OF["gap.gallery"], "followers", day(0)) - set(members))
    for _ in range(data.draw(st.integers(1, 25))):
        person = data.draw(st.sampled_from(members[:60] + others[:60]))
        state: EdgeState = data.draw(st.sampled_from(STATES))
        world.overlay.set(person, me, state, data.draw(st.floats(0, 30 * DAY)))
    first, second = day(data.draw(st.integers(0, 20))), day(data.draw(st.integers(20, 60)))
    old, new = (truth.listed_pks(world, me, "followers", moment) for moment in (first, second))
    found = truth.diff(world, me, "followers", first, second, before=[])
    assert (set(found["new"]), set(found["lost"])) == (new - old, old - new)
    assert (world.count(me, "followers", first), world.count(me, "followers", second)) == (len(old), len(new))
    assert all(truth.is_listed(world, me, "followers", person, second) for person in list(new)[:50])
