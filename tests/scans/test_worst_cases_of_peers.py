"""What other tools of the field get wrong, each with its name: here nobody is lost by any of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts.gateway.errors import Throttled
from accounts.gateway.results import PeoplePage
from scans.models import ChangeKind, Reason, ScanState
from tests.scans.world_of_people import World, fail_for_ever, fail_once
from tests.scans.world_reader import Reader

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Reader:
    """Two thousand followers on forty pages, scanned once completely."""
    settings.PACE_SCALE = 0
    reader = Reader(monkeypatch, World(list(range(1_000, 3_000)), page_size=50))
    assert reader.scan().state == ScanState.COMPLETE
    return reader


def test_a_429_after_page_30_of_40_loses_nobody_and_resumes(reader: Reader) -> None:
    reader.world.before_page = fail_once(Throttled(), 30)
    reader.world.reads.clear()
    row = reader.scan()
    assert (row.state, row.lost_count, reader.lost()) == (ScanState.COMPLETE, 0, {})
    assert reader.world.reads.count("followers") == 41  # the refused page once more, no other twice


def test_a_source_that_stops_for_good_after_page_30_of_40_is_partial_and_loses_nobody(reader: Reader) -> None:
    reader.world.on_page = lambda page, number: replace(page, next_cursor=None) if number >= 30 else page
    row = reader.scan()
    assert (row.state, row.reason, row.lost_count) == (ScanState.PARTIAL, Reason.EARLY_END, 0)
    assert reader.edges.people_count == 2_000
    assert reader.lost() == {}


def test_a_dead_endpoint_with_200_a_count_and_no_users_is_broken_and_loses_nobody(reader: Reader) -> None:
    reader.world.on_page = lambda _page, _number: PeoplePage((), None)
    for _scan in range(3):
        reader.world.on_page = lambda _page, _number: PeoplePage((), None)
        row = reader.scan()
        assert (row.state, row.reason, row.seq) == (ScanState.FAILED, Reason.ENDPOINT_BROKEN, None)
        assert "broken" in row.sentence
    assert (reader.edges.people_count, reader.lost()) == (2_000, {})


def test_a_rename_is_a_rename_and_no_loss_with_an_arrival(reader: Reader) -> None:
    reader.world.names[1_500] = "another.name"
    row = reader.scan()
    assert (row.renamed_count, row.lost_count, row.new_count) == (1, 0, 0)
    [change] = reader.changed(ChangeKind.RENAMED)
    assert (change.old_name, change.new_name) == ("person1500", "another.name")


def test_a_list_3_percent_short_of_the_count_is_complete(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.PACE_SCALE = 0
    world = World(list(range(1_000, 2_000)), hidden=set(range(1_100, 1_130)), page_size=50)
    reader = Reader(monkeypatch, world)
    assert [reader.scan().state for _scan in range(3)] == [ScanState.COMPLETE] * 3
    assert reader.lost() == {}


def test_the_same_few_people_dropped_twice_are_not_confirmed_while_the_count_still_holds_them(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PACE_SCALE = 0
    reader = Reader(monkeypatch, World(list(range(1_000, 1_100))))
    reader.scan()
    reader.world.hidden = {1_001, 1_002, 1_003}
    assert [reader.scan().state for _scan in range(2)] == [ScanState.COMPLETE] * 2
    assert not any(loss.is_confirmed for loss in reader.lost().values())
    reader.world.hidden = set()
    reader.scan()
    assert reader.lost() == {}


def test_a_throttle_that_never_ends_keeps_waiting_and_loses_nobody(reader: Reader) -> None:
    refusals = iter(range(6))
    forever = fail_for_ever(Throttled(), 30)

    def six_times(page: int) -> None:
        if page >= 30 and next(refusals, None) is not None:
            forever(page)

    reader.world.before_page = six_times
    row = reader.scan()
    assert (row.state, reader.lost()) == (ScanState.COMPLETE, {})
