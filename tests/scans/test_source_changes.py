"""Lists whose source changes, for once or for good: what is told of whom, against brute force and against the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import source_chains
from accounts.models import Purpose, SourceChain, SourceName, TrackedAccount
from monitoring.models.alerts import ToldLoss
from scans import diffing, loss_checks, people, source_changes
from scans.models import ChangeKind, EdgeList, ListScan, Reason, ScanState, Source
from scans.people import PeopleList, Standing
from scans.timeline import EventKind, timeline
from tests.people import Cast, cast
from tests.scans import listed
from tests.scans.scanner import changed, changes, edges_of

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
PEOPLE = range(1, 8)
NAMES = {Source.LOGIN: SourceName.LOGIN, Source.WEB: SourceName.WEB}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def prefer(tracked: TrackedAccount, source: Source) -> None:
    """Whoever orders the chain puts this source first; the others stand in for it."""
    order = [NAMES[source], *(name for name in NAMES.values() if name != NAMES[source])]
    SourceChain.objects.update_or_create(
        workspace=tracked.workspace, account=tracked, purpose=Purpose.PEOPLE,
        defaults={"sources": order, "changed_at": NOW},
    )  # fmt: skip


def scanned(tracked: TrackedAccount, shown: set[int] | frozenset[int], source: Source, *, stop: str = "") -> ListScan:
    return listed.scanned(tracked, [listed.person(pk) for pk in sorted(shown)], source=source, stop=stop)


# -- against brute force


@dataclass(frozen=True)
class Shown:
    """What one scan shows, by which source, whether to its end, and which source the chain names first then."""

    people: frozenset[int]
    source: Source
    is_complete: bool
    first: Source


@dataclass
class Stay:
    began: int
    by: Source
    ended: int = 10**6
    is_untold: bool = False
    #: A complete scan of the list's own source has shown them since.
    is_proven: bool = False


@dataclass
class Model:
    """Everybody's stays, one person and one scan at a time."""

    stays: dict[int, list[Stay]] = field(default_factory=dict)
    seq: int = 0
    source: Source | None = None
    baseline: int | None = None
    anew: set[int] = field(default_factory=set)

    def see(self, shown: Shown) -> None:
        self.seq += 1
        is_own = self.source in (None, shown.source)
        is_anew = shown.is_complete and not is_own and shown.source == shown.first
        closes = shown.is_complete and (is_own or is_anew)
        for pk in PEOPLE:
            last = self.stays.get(pk, [None])[-1]
            is_there = last is not None and last.ended > self.seq
            if pk in shown.people and not is_there:
                self.stays.setdefault(pk, []).append(Stay(self.seq, shown.source))
            if pk not in shown.people and last is not None and is_there and closes:
                last.ended = self.seq
                last.is_untold = is_anew or not (last.is_proven or last.by == shown.source)
            if pk in shown.people and closes:
                self.stays[pk][-1].is_proven = True
        if closes:
            self.source = shown.source
            self.baseline = self.baseline or self.seq
            if is_anew:
                self.anew.add(self.seq)
                for stays in self.stays.values():
                    stays[-1].is_proven = stays[-1].ended > self.seq

    def at(self, pk: int, seq: int) -> Stay | None:
        return next((stay for stay in self.stays.get(pk, []) if stay.began <= seq < stay.ended), None)

    def told(self, kind: ChangeKind, since: int, until: int) -> list[int]:
        return [pk for pk in PEOPLE if getattr(self, f"is_{kind.value}")(pk, since, until)]

    def is_lost(self, pk: int, since: int, until: int) -> bool:
        if self.at(pk, since) is None or self.at(pk, until) is not None:
            return False
        return not [stay for stay in self.stays[pk] if stay.ended <= until][-1].is_untold

    def is_new(self, pk: int, since: int, until: int) -> bool:
        if self.baseline is None or self.at(pk, until) is None:
            return False
        first = self.stays[pk][0].began
        return first > max(since, self.baseline) and first not in self.anew

    def is_returned(self, pk: int, since: int, until: int) -> bool:
        now = self.at(pk, until)
        if self.baseline is None or now is None or now.began in self.anew:
            return False
        floor, before = max(since, self.baseline), [stay for stay in self.stays[pk] if stay.ended <= now.began]
        return bool(before) and before[0].began <= floor < now.began and not before[-1].is_untold


sources_of_lists = st.sampled_from([Source.LOGIN, Source.WEB])
shows = st.builds(
    Shown, people=st.frozensets(st.sampled_from(PEOPLE), min_size=1), source=sources_of_lists,
    is_complete=st.sampled_from([True, True, False]), first=sources_of_lists,
)  # fmt: skip


@FEW
@given(history=st.lists(shows, min_size=3, max_size=7))
def test_any_two_scans_compare_as_each_persons_stays_do(history: list[Shown]) -> None:
    tracked, model = listed.account(), Model()
    for shown in history:
        prefer(tracked, shown.first)
        row = scanned(tracked, shown.people, shown.source, stop="" if shown.is_complete else "throttled")
        model.see(shown)
        expected = [model.told(kind, row.seq - 1, row.seq) if row.seq else [] for kind in _ADJACENT]
        assert [row.new_count, row.lost_count, row.returned_count] == [len(each) for each in expected]
    edges = edges_of(tracked)
    assert set(edges.source_seqs) == model.anew
    assert edges.people_count == sum(model.at(pk, model.seq) is not None for pk in PEOPLE)
    for since, until in combinations(range(1, model.seq + 1), 2):
        for kind in _ADJACENT:
            assert changed(edges, kind, since, until) == model.told(kind, since, until), (kind, since, until)


_ADJACENT = (ChangeKind.NEW, ChangeKind.LOST, ChangeKind.RETURNED)


# -- against the world


@dataclass(frozen=True)
class Day:
    """Who is there in truth, who reads, and whether that source is to read from now on."""

    there: frozenset[int]
    source: Source
    first: Source


days = st.lists(
    st.builds(Day, there=st.frozensets(st.sampled_from(PEOPLE)), source=sources_of_lists, first=sources_of_lists),
    min_size=4, max_size=9,
)  # fmt: skip
hidden = st.fixed_dictionaries(
    dict.fromkeys((Source.LOGIN, Source.WEB), st.frozensets(st.sampled_from(PEOPLE), max_size=3))
)


@FEW
@given(history=days, hidden=hidden)
def test_whoever_is_there_is_lost_to_no_source_and_whoever_left_the_present_one_is(
    history: list[Day], hidden: dict[Source, frozenset[int]]
) -> None:
    """Each source hides its own people, always the same."""
    tracked = listed.account()
    stored: list[Day] = []
    for day in history:
        prefer(tracked, day.first)
        shown = day.there - hidden[day.source]
        if scanned(tracked, shown, day.source).seq is not None:
            stored.append(day)
    edges = listed.edges(tracked)
    for since, until in combinations(range(1, edges.last_seq + 1), 2):
        for change in changes(edges, ChangeKind.LOST, since, until):
            between = stored[since - 1 : until]
            assert any(change.person.profile_id not in day.there for day in between), "lost, and was always there"
    _assert_that_real_losses_are_told(edges, stored, hidden)


def _assert_that_real_losses_are_told(
    edges: EdgeList, stored: list[Day], hidden: dict[Source, frozenset[int]]
) -> None:  # fmt: skip
    """Whoever the present source showed since it began, and who is gone in its last two readings, is confirmed."""
    if not edges.last_seq:
        return
    source = ListScan.objects.select_related("scan").get(edge_list=edges, seq=edges.complete_seq).scan.source
    own = [seq for seq, day in enumerate(stored, 1) if day.source == source and seq >= edges.source_since]
    if len(own) < 3:
        return
    confirmed = {one.person.profile_id for one in changes(edges, ChangeKind.LOST, own[0], own[-1]) if one.is_confirmed}
    # Whom a stand-in showed, it alone may have shown.
    others = [day for day in stored[own[0] :] if day.source != source]
    for pk in stored[own[0] - 1].there - hidden[Source(source)]:
        if not any(pk in day.there for day in [*stored[own[-2] - 1 :], *others]):
            assert pk in confirmed


# -- the rule, step by step


@pytest.fixture
def moved(cast: Cast) -> TrackedAccount:
    """Read twice by a login, then for good by the web, which shows 40 and does not show 1 and 2."""
    tracked = listed.account(cast.workspace)
    scanned(tracked, set(range(1, 31)), Source.LOGIN)
    scanned(tracked, set(range(1, 31)) - {3}, Source.LOGIN)
    prefer(tracked, Source.WEB)
    row = scanned(tracked, {*range(4, 31), 40}, Source.WEB)
    assert (row.state, row.reason) == (ScanState.COMPLETE, Reason.NEW_SOURCE)
    assert (row.new_count, row.lost_count, row.returned_count) == (0, 0, 0)
    return tracked


def test_the_first_reading_of_a_source_for_good_begins_anew_and_the_second_tells_losses(moved: TrackedAccount) -> None:
    edges = edges_of(moved)
    assert edges.people_count == 28
    assert changed(edges, ChangeKind.LOST, 1, 3) == [3]
    assert changed(edges, ChangeKind.NEW, 1, 3) == []
    row = scanned(moved, {*range(5, 31), 40, 41}, Source.WEB)
    assert (row.state, row.reason, row.new_count, row.lost_count) == (ScanState.COMPLETE, "", 1, 1)
    assert changed(edges_of(moved), ChangeKind.LOST, 1, 4) == [3, 4]
    scanned(moved, {*range(5, 31), 40, 41}, Source.WEB)
    confirmed = [one.person.profile_id for one in changes(edges_of(moved), ChangeKind.LOST, 1, 5) if one.is_confirmed]
    assert confirmed == [4], "3 was missed by the login only; the web never showed them"


def test_the_same_reading_as_a_stand_in_adds_only(cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    scanned(tracked, set(range(1, 31)), Source.LOGIN)
    row = scanned(tracked, {*range(3, 31), 40}, Source.WEB)
    assert (row.state, row.reason, row.lost_count, row.new_count) == (ScanState.PARTIAL, Reason.OTHER_SOURCE, 0, 1)
    back = scanned(tracked, set(range(1, 31)), Source.LOGIN)
    assert (back.state, back.lost_count) == (ScanState.COMPLETE, 0), "40 was never shown by the login"
    assert edges_of(tracked).people_count == 30
    again = scanned(tracked, {*range(3, 31), 40}, Source.WEB)
    assert (again.new_count, again.returned_count) == (0, 0), "nobody saw 40 leave, so nobody returns"


def test_a_reading_that_shows_far_fewer_is_not_believed_at_once_of_a_new_source_either(cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    scanned(tracked, set(range(1, 101)), Source.LOGIN)
    prefer(tracked, Source.WEB)
    row = scanned(tracked, set(range(51, 101)), Source.WEB)
    assert (row.state, row.seq) == (ScanState.QUARANTINED, None)
    again = scanned(tracked, set(range(51, 101)), Source.WEB)
    assert (again.state, again.reason, again.lost_count) == (ScanState.COMPLETE, Reason.NEW_SOURCE, 0)


def test_untold_ends_are_no_losses_to_lists_checks_alerts_and_timelines(cast: Cast, moved: TrackedAccount) -> None:
    for _again in range(2):
        scanned(moved, {*range(4, 31), 40}, Source.WEB)
    gone = people.people(moved, PeopleList.FOLLOWERS, standing=Standing.LOST)
    assert [row.profile_id for row in gone.items] == [3]
    unexplained = loss_checks.unexplained(moved, is_own=True, before=NOW, limit=50)
    assert [loss.profile_id for loss in unexplained] == [3]
    assert not ToldLoss.objects.exists()
    found = timeline(cast.workspace, 1)
    assert found is not None
    assert [event.kind for event in found.events] == [EventKind.UNSHOWN, EventKind.THERE]
    assert [(one.is_there, one.is_untold) for one in found.standings] == [(False, True)]
    shown = timeline(cast.workspace, 40)
    assert shown is not None
    assert [event.kind for event in shown.events] == [EventKind.SHOWN]


def test_the_people_page_calls_nobody_new_whom_another_source_brought(moved: TrackedAccount) -> None:
    assert people.people(moved, PeopleList.FOLLOWERS, standing=Standing.NEW).items == []


def test_nobody_is_called_returned_whom_nobody_saw_leave(cast: Cast, moved: TrackedAccount) -> None:
    scanned(moved, {1, *range(5, 31), 40}, Source.WEB)  # the login showed 1, then the web did not; 4 leaves
    page = reverse("account:people", args=[moved.pk])
    assert ">Returned<" not in cast.client(cast.viewer).get(page).content.decode()
    scanned(moved, {1, *range(4, 31), 40}, Source.WEB)
    assert cast.client(cast.viewer).get(page).content.decode().count(">Returned<") == 1


def test_pages_and_api_say_what_happened(cast: Cast, moved: TrackedAccount) -> None:
    client = cast.client(cast.viewer)
    scan = ListScan.objects.get(edge_list__account=moved, seq=3).scan
    shown = client.get(reverse("scans:detail", args=[scan.pk])).content.decode()
    assert "From this reading on the list is read by Public web" in shown
    assert "nobody counts as new or as lost" in shown
    history = client.get(reverse("account:history", args=[moved.pk])).content.decode()
    assert "Read by another source from now on" in history
    person = client.get(reverse("people:person", args=[1])).content.decode()
    assert "Nobody saw them leave: that is no loss" in person
    assert "not shown by the source that reads it now" in person
    told = client.get("/api/v1/people/1").json()
    assert told["lists"][0]["is_untold"] is True
    assert told["events"][0]["kind"] == "unshown"


# -- saying so


@pytest.fixture
def stand_in(cast: Cast) -> ListScan:
    tracked = listed.account(cast.workspace)
    scanned(tracked, set(range(1, 31)), Source.LOGIN)
    return scanned(tracked, set(range(3, 31)), Source.WEB)


def test_a_person_says_that_the_stand_in_reads_from_now_on(cast: Cast, stand_in: ListScan) -> None:
    client, tracked = cast.client(cast.editor), stand_in.scan.account
    address = reverse("scans:stay-with-source", args=[stand_in.scan_id])
    assert address in client.get(reverse("scans:detail", args=[stand_in.scan_id])).content.decode()
    assert client.post(address, follow=True).status_code == 200
    chain = source_chains.chain_for(cast.workspace, Purpose.PEOPLE, account=tracked)
    assert chain == (SourceName.WEB, SourceName.LOGIN)
    assert address not in client.get(reverse("scans:detail", args=[stand_in.scan_id])).content.decode()
    assert scanned(tracked, set(range(3, 31)), Source.WEB).reason == Reason.NEW_SOURCE


def test_a_viewer_reads_why_and_changes_nothing(cast: Cast, stand_in: ListScan) -> None:
    client: Client = cast.client(cast.viewer)
    shown = client.get(reverse("scans:detail", args=[stand_in.scan_id])).content.decode()
    assert "this scan only added people" in shown
    address = reverse("scans:stay-with-source", args=[stand_in.scan_id])
    assert address not in shown
    assert client.post(address).status_code == 403
    assert not SourceChain.objects.exists()


def test_where_no_login_may_read_none_stays(cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    source_chains.use_login(account=tracked, uses_login=False, by=None, now=NOW)
    scanned(tracked, set(range(1, 31)), Source.WEB)
    row = scanned(tracked, set(range(3, 31)), Source.LOGIN)
    assert row.reason == Reason.OTHER_SOURCE
    with pytest.raises(source_changes.NotToBeKept):
        source_changes.stay(row.scan, by=None, now=NOW)
    assert diffing.count_changes(edges_of(tracked), since=1, until=2).lost == 0
