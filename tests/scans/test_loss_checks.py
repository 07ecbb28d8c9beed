"""Why people are gone: each reason, what confirms, what takes a loss back, and when nothing is believed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.gateway.errors import ContractDrift, Throttled
from accounts.models import Profile
from igsite.jobs.models import Job, JobState
from scans import loss_checks, loss_job
from scans.diffing import LossFilter
from scans.loss_findings import Finding, judge
from scans.models import ChangeKind, Direction, LossReason, LossState, LossVerdict, ScanPreferences
from tests.scans.world_of_people import World, WorldGateway
from tests.scans.world_reader import Reader

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_pauses(settings: Settings) -> None:
    settings.PACE_SCALE = 0


def world() -> World:
    return World(followers=list(range(100, 160)))


def leave(world: World, *people: int) -> None:
    world.followers = [pk for pk in world.followers if pk not in people]


def test_the_first_complete_scan_says_missing_and_the_second_confirms(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world())
    reader.scan()
    leave(reader.world, 101)
    reader.scan()
    assert [change.is_confirmed for change in reader.lost().values()] == [False]
    reader.scan()
    assert [change.is_confirmed for change in reader.lost().values()] == [True]


def test_the_friendship_confirms_at_once_for_the_login_s_own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 101)
    reader.scan()
    assert reader.check().state == JobState.DONE
    loss = reader.lost()[101]
    assert (loss.is_confirmed, loss.reason) == (True, LossReason.UNFOLLOWED)
    assert reader.verdict(101).checked_by == reader.login


def test_of_another_account_the_reason_is_told_and_the_state_waits_for_the_second_scan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = Reader(monkeypatch, world())
    reader.scan()
    leave(reader.world, 101)
    reader.scan()
    with pytest.raises(loss_checks.NothingToCheck):
        reader.check()
    reader.scan()
    reader.check()
    assert (reader.lost()[101].is_confirmed, reader.lost()[101].reason) == (True, LossReason.UNFOLLOWED)
    assert "friendship" not in reader.world.reads


def test_a_closed_account_is_unavailable_once_the_canonical_account_vouched(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    reader.world.closed = {102, 103}
    reader.scan()
    reader.check()
    assert {pk: loss.reason for pk, loss in reader.lost().items()} == dict.fromkeys((102, 103), LossReason.UNAVAILABLE)
    assert not any(loss.is_confirmed for loss in reader.lost().values())
    assert reader.world.reads.count("profile_by_username") == 1
    reader.scan()
    assert all(loss.is_confirmed for loss in reader.lost().values())


def test_when_the_canonical_account_is_gone_too_nothing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, *range(100, 107))
    reader.scan()
    reader.world.is_dead = True
    job = reader.check()
    assert (job.state, job.error_code) == (JobState.FAILED, "session_doubted")
    reasons = [loss.reason for loss in reader.lost().values()]
    assert reasons.count(LossReason.UNKNOWN) == 5
    assert reasons.count(None) == 2
    assert not any(loss.is_confirmed for loss in reader.lost().values())
    reader.world.is_dead = False
    reader.clock.move(timedelta(hours=1))
    reader.check()
    assert {loss.reason for loss in reader.lost().values()} == {LossReason.UNFOLLOWED}


def test_a_tie_that_stands_takes_the_loss_back(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    reader.world.hidden = {104}
    row = reader.scan()
    assert row.lost_count == 1
    reader.check()
    row.refresh_from_db()
    assert (row.lost_count, row.total, reader.edges.people_count) == (0, 60, 60)
    assert reader.lost() == {}
    assert 104 in reader.stored()
    assert reader.verdict(104).state == LossState.WITHDRAWN
    reader.scan()
    reader.world.hidden = set()
    reader.scan()
    assert reader.changed(ChangeKind.NEW) == []


def test_a_rename_is_a_rename_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    reader.world.names[105] = "new.name"
    row = reader.scan()
    assert (row.renamed_count, row.lost_count) == (1, 0)
    with pytest.raises(loss_checks.NothingToCheck):
        reader.check()


def test_who_left_and_took_another_name_is_shown_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 106)
    reader.world.names[106] = "gone.elsewhere"
    reader.scan()
    reader.check()
    assert reader.verdict(106).seen_name == "gone.elsewhere"


def test_the_newest_losses_come_first_and_no_more_than_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 110)
    reader.scan()
    leave(reader.world, 111, 112)
    reader.scan()
    ScanPreferences.objects.filter(workspace=reader.workspace).update(losses_per_scan=2)
    reader.check()
    checked = {pk for pk, loss in reader.lost().items() if loss.reason}
    assert checked == {111, 112}


def test_a_second_check_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 113)
    reader.scan()
    reader.check()
    before = list(LossVerdict.objects.values())
    with pytest.raises(loss_checks.NothingToCheck):
        reader.check()
    loss = loss_checks.Loss(reader.edges.pk, Direction.FOLLOWERS, 113, 2, "person113")
    loss_checks.write(
        loss, judge(Finding(tie=False, name="person113")), login=reader.login, now=before[0]["checked_at"]
    )
    assert list(LossVerdict.objects.values()) == before


def test_a_check_that_fails_leaves_the_person_unknown_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 114, 115)
    reader.scan()
    honest = WorldGateway.friendship

    def nonsense(gateway: WorldGateway, pk: int) -> object:
        if pk == 115:
            raise ContractDrift
        return honest(gateway, pk)

    monkeypatch.setattr(WorldGateway, "friendship", nonsense)
    assert reader.check().state == JobState.DONE
    assert {pk: loss.reason for pk, loss in reader.lost().items()} == {
        114: LossReason.UNFOLLOWED, 115: LossReason.UNKNOWN,
    }  # fmt: skip


def test_a_throttle_makes_the_check_wait_and_costs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 116)
    reader.scan()
    refusals = [Throttled()]
    honest = WorldGateway.friendship

    def slow(gateway: WorldGateway, pk: int) -> object:
        if refusals:
            raise refusals.pop()
        return honest(gateway, pk)

    monkeypatch.setattr(WorldGateway, "friendship", slow)
    before = reader.clock()
    assert reader.check().state == JobState.DONE
    assert reader.clock() - before >= timedelta(minutes=15)
    assert reader.lost()[116].reason == LossReason.UNFOLLOWED


def test_a_complete_scan_with_losses_orders_its_check_unless_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True, checks=True)
    reader.scan()
    assert not Job.objects.filter(kind=loss_checks.CHECK_JOB).exists()
    leave(reader.world, 117)
    reader.scan()
    job = Job.objects.get(kind=loss_checks.CHECK_JOB)
    assert job.lane == f"login-{reader.login.pk}"
    assert reader.check().pk == job.pk
    ScanPreferences.objects.filter(workspace=reader.workspace).update(checks_losses=False)
    leave(reader.world, 118)
    reader.scan()
    assert Job.objects.filter(kind=loss_checks.CHECK_JOB).count() == 1


def test_the_check_takes_a_share_of_the_day_and_goes_on_tomorrow(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, *range(120, 130))
    reader.scan()
    settings.PACE_SCALE = 1
    reader.login.reads_per_day = 50
    reader.login.save()
    started = reader.clock()
    job = reader.check()
    assert job.state == JobState.DONE
    assert {loss.reason for loss in reader.lost().values()} == {LossReason.UNFOLLOWED}
    # 20 % of 50 reads: ten a day, two a person, three must be left.
    assert timedelta(days=2) <= reader.clock() - started < timedelta(days=3)


def test_what_was_found_is_kept_when_the_worker_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 131, 132, 133)
    reader.scan()
    monkeypatch.setattr(loss_job, "SLICE", 0)
    honest, deaths = WorldGateway.profile, [131]

    def dying(gateway: WorldGateway, pk: int) -> Profile:
        if pk in deaths:
            deaths.remove(pk)
            raise RuntimeError("killed")
        return honest(gateway, pk)  # type: ignore[return-value]

    monkeypatch.setattr(WorldGateway, "profile", dying)
    reader.world.reads.clear()
    assert reader.check().state == JobState.DONE
    assert {loss.reason for loss in reader.lost().values()} == {LossReason.UNFOLLOWED}
    assert reader.world.reads.count("friendship") == 3  # not asked again after the death


def test_losses_are_chosen_by_state_and_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch, world(), is_own=True)
    reader.scan()
    leave(reader.world, 140)
    reader.world.closed = {141}
    reader.scan()
    reader.check()
    leave(reader.world, 142)
    reader.scan()

    def shown(**chosen: object) -> set[int]:
        return set(reader.lost(losses=LossFilter(**chosen)))  # type: ignore[arg-type]

    assert shown(state=LossState.CONFIRMED) == {140, 141}
    assert shown(state=LossState.MISSING) == {142}
    assert shown(reason=LossReason.UNAVAILABLE) == {141}
    assert shown(unchecked=True) == {142}
    assert shown(state=LossState.MISSING, reason=LossReason.UNFOLLOWED) == set()


@pytest.mark.parametrize(
    ("finding", "state", "reason"),
    [
        (Finding(tie=True), LossState.WITHDRAWN, LossReason.STILL_THERE),
        (Finding(tie=False, name="x"), LossState.CONFIRMED, LossReason.UNFOLLOWED),
        (Finding(tie=False, is_gone=True), LossState.CONFIRMED, LossReason.UNAVAILABLE),
        (Finding(name="x"), LossState.MISSING, LossReason.UNFOLLOWED),
        (Finding(is_gone=True), LossState.MISSING, LossReason.UNAVAILABLE),
        (Finding(), LossState.MISSING, LossReason.UNKNOWN),
    ],
)
def test_each_finding_has_its_verdict(finding: Finding, state: LossState, reason: LossReason) -> None:
    assert (judge(finding).state, judge(finding).reason) == (state, reason)
