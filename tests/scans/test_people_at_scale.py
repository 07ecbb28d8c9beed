"""Whatever is chosen, however it is sorted, and by whichever way it is found: pages show what a plain loop would."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.gateway.results import Person
from accounts.models import Profile, TrackedAccount
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import people, people_walks, search_text
from scans.models import Direction, EdgeList, ListSearch
from scans.people import NoLosses, PeopleList, PeopleSort, Standing, Trait
from tests.scans import listed
from tests.scans.scanner import shown

pytestmark = pytest.mark.django_db
WAYS = ("joined", "walked", "filled", "filled and walked")
FULL_NAMES = ("Zoë Clay", "李小龙", "محمد علي", "ＷＩＤＥ Åsa", "𝓐nna Straße", "", "Adam  Kiln")


def human(number: int) -> Person:
    return Person(
        pk=number * 37 % 1009 + 1,
        username=f"{'azk'[number % 3]}.{number:02}",
        full_name=FULL_NAMES[number % 7],
        is_private=None if number % 11 == 0 else number % 3 == 0,
        is_verified=number % 5 == 0,
        picture_url=f"https://a/{number}.jpg" if number % 4 else None,
    )


class World:
    """An account whose lists were read thrice, and what must be true of them."""

    def __init__(self) -> None:
        self.account = listed.account()
        draw = random.Random(7)
        self.people: dict[int, Person] = {n * 37 % 1009 + 1: human(n) for n in range(60)}
        everybody = list(self.people)
        self.since: dict[Direction, dict[int, int]] = {}
        self.lost: dict[Direction, list[int]] = {}
        for direction in Direction:
            now, since = set(everybody[:40]), dict.fromkeys(everybody[:40], 1)
            gone: dict[int, int] = {}
            self._read(direction, now)
            for seq in (2, 3):
                left = set(draw.sample(sorted(now), 2))
                came = set(draw.sample(sorted(set(everybody) - now), 6))
                now = (now - left) | came
                self._read(direction, now)
                since |= dict.fromkeys(came, seq)
                gone |= dict.fromkeys(left, seq)
                gone = {pk: at for pk, at in gone.items() if pk not in now}
            self.since[direction] = {pk: since[pk] for pk in now}
            self.lost[direction] = sorted(gone, key=lambda pk: (gone[pk], pk), reverse=True)
        self.businesses = set(everybody[::6])
        Profile.objects.filter(pk__in=self.businesses).update(is_business=True)

    def _read(self, direction: Direction, pks: set[int]) -> None:
        listed.scanned(self.account, [self.people[pk] for pk in sorted(pks)], direction=direction)

    def members(self, which: PeopleList) -> tuple[dict[int, int], set[int]]:
        """Since when each is on the list, and who is new there."""
        ours, theirs = self.since[Direction.FOLLOWERS], self.since[Direction.FOLLOWING]
        if which == PeopleList.MUTUALS:
            short = ours if len(ours) <= len(theirs) else theirs
            both = {pk: short[pk] for pk in ours.keys() & theirs.keys()}
            return both, {pk for pk in both if 3 in (ours[pk], theirs[pk])}
        walked, other = (
            (theirs, ours) if which in (PeopleList.FOLLOWING, PeopleList.DONT_FOLLOW_BACK) else (ours, theirs)
        )
        compared = which in (PeopleList.FANS, PeopleList.DONT_FOLLOW_BACK)
        found = {pk: seq for pk, seq in walked.items() if not (compared and pk in other)}
        return found, {pk for pk, seq in found.items() if seq == 3}

    def fits(self, pk: int, trait: Trait) -> bool:
        person = self.people[pk]
        return bool(
            {
                Trait.VERIFIED: person.is_verified,
                Trait.PRIVATE: person.is_private,
                Trait.PUBLIC: person.is_private is False,
                Trait.BUSINESS: pk in self.businesses,
                Trait.PICTURE: person.picture_url,
                Trait.NO_PICTURE: not person.picture_url,
            }[trait]
        )

    def expected(self, which: PeopleList, sort: PeopleSort, standing: Standing, traits: frozenset[Trait]) -> list[int]:
        since, new = self.members(which)
        if standing == Standing.LOST:
            direction = Direction.FOLLOWERS if which == PeopleList.FOLLOWERS else Direction.FOLLOWING
            found = self.lost[direction]
        else:
            keys: dict[PeopleSort, Callable[[int], Any]] = {
                PeopleSort.NAME: lambda pk: (self.people[pk].username, pk),
                PeopleSort.NEWEST: lambda pk: (since[pk], pk),
                PeopleSort.OLDEST_ACCOUNT: lambda pk: pk,
            }
            opposite = {
                PeopleSort.NAME_DOWN: PeopleSort.NAME,
                PeopleSort.OLDEST: PeopleSort.NEWEST,
                PeopleSort.YOUNGEST_ACCOUNT: PeopleSort.OLDEST_ACCOUNT,
            }
            key = keys[opposite.get(sort, sort)]
            is_down = (sort == PeopleSort.NEWEST) or (sort in opposite and sort != PeopleSort.OLDEST)
            found = sorted(new if standing == Standing.NEW else since, key=key, reverse=is_down)
        return [pk for pk in found if all(self.fits(pk, trait) for trait in traits)]


def fill(account: TrackedAccount) -> None:
    search_text.after_scan(account.scans.latest("created_at"))
    for job in Job.objects.open().filter(kind=search_text.SEARCH_JOB):
        run_inline(job)


def arrange(way: str, account: TrackedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take one of the ways to a page, with budgets so small that pages end early."""
    if way != "joined":
        monkeypatch.setattr(people, "SHORT", 0)
        monkeypatch.setattr(people, "FIRST_LOOK", 3)
        monkeypatch.setattr(people, "EXAMINED", 7)
        monkeypatch.setattr(people_walks, "COUNTED", 1_000)
    if "filled" in way:
        fill(account)
    if way == "filled and walked":
        monkeypatch.setattr(people, "FEW", 0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("standing", Standing)
def test_every_choice_in_every_order_shows_whom_it_should(
    way: str, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    arrange(way, world.account, monkeypatch)
    for which in PeopleList:
        if standing == Standing.LOST and which not in (PeopleList.FOLLOWERS, PeopleList.FOLLOWING):
            with pytest.raises(NoLosses):
                people.people(world.account, which, standing=standing)
            continue
        for traits in (
            frozenset[Trait](),
            *(frozenset([each]) for each in Trait),
            frozenset([Trait.PUBLIC, Trait.PICTURE]),
        ):
            chosen: dict[str, Any] = {"standing": standing, "traits": traits}
            for sort in PeopleSort:
                expected = world.expected(which, sort, standing, traits)
                assert shown(world.account, which, sort=sort, **chosen) == expected, (which, sort, traits)
            assert people.count(world.account, which, **chosen) == people.Count(len(expected), is_exact=True)


FOUND = {
    "zoe": "Zoë", "ZOË  cl": "Zoë", "小": "李", "李小龙": "李", "علي": "علي", "wide as": "ＷＩＤＥ", "anna": "𝓐",
    "strasse": "ß", "STRAẞE": "ß", "adam kiln": "Adam", "nobody": "nobody",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_search_folds_accents_scripts_and_fancy_letters(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    arrange(way, world.account, monkeypatch)
    for search, part in FOUND.items():
        for which in (PeopleList.FOLLOWERS, PeopleList.FANS):
            wanted = [pk for pk in sorted(world.members(which)[0]) if part in world.people[pk].full_name]
            found = shown(world.account, which, search=search, sort=PeopleSort.OLDEST_ACCOUNT)
            assert found == wanted, search
            assert people.count(world.account, which, search=search) == people.Count(len(wanted), is_exact=True)


def test_a_page_that_found_too_few_in_its_time_goes_on_from_where_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    listed.scanned(account, [*listed.numbers(1, 40), listed.person(40, "needle")])
    monkeypatch.setattr(people, "SHORT", 0)
    monkeypatch.setattr(people, "FIRST_LOOK", 5)
    monkeypatch.setattr(people, "EXAMINED", 10)
    page = people.people(account, PeopleList.FOLLOWERS, search="needle", sort=PeopleSort.OLDEST_ACCOUNT)
    assert (list(page.items), bool(page.next)) == ([], True)
    assert shown(account, PeopleList.FOLLOWERS, search="needle", sort=PeopleSort.OLDEST_ACCOUNT) == [40]


def test_a_count_says_when_it_did_not_look_at_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 40))
    monkeypatch.setattr(people, "COUNT_CAP", 10)
    assert people.count(account, PeopleList.FOLLOWERS) == people.Count(10, is_exact=False)
    monkeypatch.setattr(people, "SHORT", 0)
    assert people.count(account, PeopleList.FOLLOWERS) == people.Count(10, is_exact=False)
    monkeypatch.setattr(people_walks, "COUNTED", 5)
    assert people.count(account, PeopleList.FOLLOWERS) == people.Count(5, is_exact=False)


def test_a_new_name_is_found_once_the_job_has_run(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 10))
    fill(account)
    listed.scanned(account, [*listed.numbers(1, 9), listed.person(9, "renamed.one"), listed.person(77, "arrived")])
    monkeypatch.setattr(people, "SHORT", 0)
    monkeypatch.setattr(people, "FIRST_LOOK", 1)
    fill(account)
    assert shown(account, PeopleList.FOLLOWERS, search="renamed.one") == [9]
    assert shown(account, PeopleList.FOLLOWERS, search="arrived") == [77]
    assert shown(account, PeopleList.FOLLOWERS, search="person9") == []


def test_people_of_a_list_that_is_not_filled_are_found_by_walking(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 10))
    fill(account)
    listed.scanned(account, listed.numbers(1, 12))
    monkeypatch.setattr(people, "SHORT", 0)
    monkeypatch.setattr(people, "FIRST_LOOK", 1)
    assert shown(account, PeopleList.FOLLOWERS, search="person11") == [11]


def test_filling_stops_at_a_batch_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 30))
    edges = listed.edges(account)
    place = search_text.start(edges)
    steps = 0
    while (following := search_text.fill(place, limit=7)) is not None:
        place, steps = following, steps + 1
    search_text.finish(place)
    assert steps == 5
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from profile_search")
        assert cursor.fetchone() == (29,)
    assert not search_text.behind(EdgeList.objects.all()).exists()
    assert ListSearch.objects.get(pk=edges.pk).seq == 1


def test_a_deleted_profile_leaves_no_search_text() -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 3))
    fill(account)
    Profile.objects.filter(pk=1).delete()
    with connection.cursor() as cursor:
        cursor.execute("select profile_id from profile_search")
        assert cursor.fetchall() == [(2,)]


@pytest.mark.parametrize("which", PeopleList)
def test_a_page_costs_the_same_queries_however_long_the_list(
    which: PeopleList, django_assert_max_num_queries: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = listed.account()
    for direction in Direction:
        listed.scanned(account, listed.numbers(1, 300), direction=direction)
    for limit in (5, 100):
        with django_assert_max_num_queries(2):
            people.people(account, which, limit=limit)
        with django_assert_max_num_queries(3):
            people.people(account, which, limit=limit, search="person1", traits=frozenset([Trait.PRIVATE]))
    monkeypatch.setattr(people, "SHORT", 0)
    monkeypatch.setattr(people, "FIRST_LOOK", 2)
    fill(account)
    for sort in PeopleSort:
        with django_assert_max_num_queries(12):
            people.people(account, which, limit=20, search="person299", sort=sort)
