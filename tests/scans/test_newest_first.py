"""The cheap reading between two full scans: it adds whoever came, closes nobody, and says what it skipped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from accounts.gateway.errors import NeedsLogin
from scans import estimate
from scans.models import ChangeKind, Direction, Reason, ScanMode, ScanState
from scans.newest_first import KNOWN_IN_A_ROW, NeverWhole
from tests.scans.world_of_people import World, fail_for_ever
from tests.scans.world_reader import Reader

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_pauses(settings: Settings) -> None:
    settings.PACE_SCALE = 0


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Two hundred followers on ten pages, scanned once."""
    reader = Reader(monkeypatch, World(list(range(1_000, 1_200))))
    reader.scan()
    reader.world.reads.clear()
    return reader


def test_it_adds_who_came_and_stops_at_known_people(reader: Reader) -> None:
    reader.world.followers = [1, 2, 3, *reader.world.followers[5:]]
    row = reader.scan(ScanMode.NEWEST)
    assert (row.state, row.reason, row.new_count, row.lost_count) == (ScanState.PARTIAL, Reason.NEWEST_ONLY, 3, 0)
    assert reader.world.reads.count("followers") == 2  # twenty a page: 3 new and 37 known
    assert {change.person.profile_id for change in reader.changed(ChangeKind.NEW)} == {1, 2, 3}


def test_it_closes_nobody_and_says_what_it_did_not_look_at(reader: Reader) -> None:
    reader.world.followers = reader.world.followers[50:]
    row = reader.scan(ScanMode.NEWEST)
    assert reader.lost() == {}
    assert reader.edges.people_count == 200
    assert f"until {KNOWN_IN_A_ROW} known people in a row" in row.sentence
    assert "never who left" in row.sentence
    assert "160 stored people were not looked at" in row.sentence


def test_a_full_scan_after_it_finds_the_losses_and_nobody_twice(reader: Reader) -> None:
    reader.world.followers = [1, *reader.world.followers[5:]]
    reader.scan(ScanMode.NEWEST)
    row = reader.scan()
    assert (row.state, row.new_count, row.lost_count) == (ScanState.COMPLETE, 0, 5)


def test_it_reads_to_the_end_where_hardly_anybody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, World(list(range(1_000, 1_020))))
    reader.scan()
    reader.world.followers = [*range(1, 90), *reader.world.followers]
    row = reader.scan(ScanMode.NEWEST)
    assert row.new_count == 89
    assert "to its end" in row.sentence


def test_a_fault_in_it_keeps_its_own_reason(reader: Reader) -> None:
    reader.world.followers = [*range(1, 90), *reader.world.followers]
    reader.world.before_page = fail_for_ever(NeedsLogin(), 2)
    row = reader.scan(ScanMode.NEWEST)
    assert (row.state, row.reason, row.new_count) == (ScanState.PARTIAL, Reason.LOGGED_OUT, 40)


def test_a_dead_endpoint_is_broken_for_it_too(reader: Reader) -> None:
    everybody, reader.world.page_size = reader.world.page_size, 0
    reader.world.on_page = lambda page, _number: type(page)((), None)
    row = reader.scan(ScanMode.NEWEST)
    reader.world.page_size = everybody
    assert (row.state, row.reason, row.seq) == (ScanState.FAILED, Reason.ENDPOINT_BROKEN, None)


def test_a_list_that_was_never_read_whole_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, World(list(range(1_000, 1_060))))
    with pytest.raises(NeverWhole):
        reader.scan(ScanMode.NEWEST)


def test_it_does_not_stand_between_a_quarantine_and_the_scan_that_agrees(reader: Reader) -> None:
    reader.world.followers = reader.world.followers[60:]
    assert reader.scan().state == ScanState.QUARANTINED
    reader.scan(ScanMode.NEWEST)
    row = reader.scan()
    assert (row.state, row.lost_count) == (ScanState.COMPLETE, 60)


def test_its_estimate_is_that_of_the_newest_people(reader: Reader) -> None:
    reader.account.refresh_from_db()
    reader.account.followers_count = 210
    lists, now = [Direction.FOLLOWERS], datetime.now(UTC)
    cheap = estimate.estimate(reader.account, lists, reader=None, now=now, mode=ScanMode.NEWEST)
    full = estimate.estimate(reader.account, lists, reader=None, now=now)
    assert cheap.people == KNOWN_IN_A_ROW + 10
    assert (cheap.requests, full.requests) == (3, 13)
