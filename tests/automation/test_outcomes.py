"""What came of follows: told by complete scans, and left open where they do not tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Profile, Workspace
from automation.models import FollowOutcome, OutcomeState
from automation.outcomes_rules import PATIENCE, WINDOW, Stay, judge
from igsite.jobs.models import Job
from scans.models import Direction
from tests.automation.follow_world import DAY, HOUR, START, FollowWorld

END = START + WINDOW
BACK, DID_NOT, ALREADY = OutcomeState.FOLLOWED_BACK, OutcomeState.DID_NOT, OutcomeState.ALREADY
OPEN, WAITING, UNKNOWN = OutcomeState.OPEN, OutcomeState.WAITING, OutcomeState.UNKNOWN


@pytest.mark.parametrize(
    ("stays", "absent", "is_ours", "now", "state"),
    [
        ([Stay(START + DAY, START - DAY)], None, True, START + DAY, BACK),
        ([Stay(START + DAY, START + HOUR)], None, False, START + DAY, BACK),
        ([Stay(START + DAY, START - DAY)], None, False, START + DAY, UNKNOWN),
        ([Stay(START + DAY)], None, False, START + DAY, UNKNOWN),
        ([Stay(START + DAY, START + HOUR, START + 2 * DAY)], END + DAY, True, END + DAY, BACK),
        ([Stay(START - DAY)], None, True, START + DAY, ALREADY),
        ([Stay(START - 9 * DAY, None, START - DAY)], None, True, START + DAY, OPEN),
        ([Stay(START - 9 * DAY, None, START - DAY), Stay(END, START)], None, True, END, BACK),
        ([Stay(END + DAY, START + DAY)], None, True, END + DAY, UNKNOWN),
        ([Stay(END + 3 * DAY, END + HOUR)], END + 2 * HOUR, True, END + 3 * DAY, DID_NOT),
        ([], END + DAY, True, END + DAY, DID_NOT),
        ([], None, True, END - HOUR, OPEN),
        ([], None, True, END + HOUR, WAITING),
        ([], None, True, END + PATIENCE, UNKNOWN),
    ],
)
def test_each_case(stays: list[Stay], absent: object, is_ours: bool, now: object, state: OutcomeState) -> None:
    assert judge(START, stays, absent, is_ours=is_ours, now=now).state == state  # type: ignore[arg-type]


@pytest.fixture
def world(db: None) -> FollowWorld:
    world = FollowWorld(Workspace.objects.create(name="Studio"))
    Profile.objects.bulk_create(
        Profile(pk=pk, username=f"person{pk}", followers_count=10 * pk, following_count=300) for pk in range(100, 120)
    )
    world.scan()
    return world


def states() -> dict[int, str]:
    return dict(FollowOutcome.objects.values_list("target_pk", "state"))


def test_follows_made_elsewhere_are_found_and_followed_through(world: FollowWorld) -> None:
    world.following |= {100, 101, 102, 2}  # 2 follows already
    world.now += DAY
    world.scan(Direction.FOLLOWING, Direction.FOLLOWERS)
    world.look()
    assert states() == {100: OPEN, 101: OPEN, 102: OPEN, 2: ALREADY}
    world.followers |= {101}
    world.now += 2 * DAY
    world.scan(Direction.FOLLOWERS)
    world.look()
    assert states()[101] == BACK
    world.now += 6 * DAY
    world.look()  # the week is over, and nobody has looked since
    assert states()[100] == WAITING
    world.followers |= {102}
    world.scan(Direction.FOLLOWERS)
    world.look()
    assert states() == {100: DID_NOT, 101: BACK, 102: UNKNOWN, 2: ALREADY}


def test_the_baseline_is_no_follow(world: FollowWorld) -> None:
    world.look()
    assert not FollowOutcome.objects.exists()


def test_a_follow_is_noted_once_with_what_was_said_before_it(world: FollowWorld) -> None:
    said = world.predict([100]).predictions.get()
    world.following |= {100, 101}
    world.now += DAY
    world.scan(Direction.FOLLOWING)
    world.look()
    world.scan(Direction.FOLLOWING)
    world.look()
    noted = {row.target_pk: row for row in FollowOutcome.objects.all()}
    assert sorted(noted) == [100, 101]
    assert (noted[100].prediction, noted[100].probability) == (said, said.probability)
    assert noted[101].prediction is None
    assert 0 < noted[101].probability < 1


def test_whoever_waits_for_a_scan_too_long_cannot_be_told(world: FollowWorld) -> None:
    world.following |= {100}
    world.now += DAY
    world.scan(Direction.FOLLOWING)
    world.look()
    world.now += WINDOW + PATIENCE
    world.look()
    assert states() == {100: UNKNOWN}


def test_a_scan_of_the_own_account_orders_the_look_and_of_others_none(world: FollowWorld) -> None:
    Job.objects.filter(kind="predictions.reconcile").delete()
    world.scan(Direction.FOLLOWERS)
    assert Job.objects.filter(kind="predictions.reconcile").count() == 1
    Job.objects.filter(kind="predictions.reconcile").delete()
    world.account.profile = Profile.objects.get(pk=100)
    world.account.save()
    world.scan(Direction.FOLLOWERS)
    assert not Job.objects.filter(kind="predictions.reconcile").exists()


def test_a_login_whose_account_is_not_scanned_learns_nothing(world: FollowWorld) -> None:
    world.login.profile = Profile.objects.get(pk=119)
    world.login.save()
    FollowOutcome.objects.create(
        workspace=world.workspace, login=world.login, target_pk=100, followed_at=START, is_ours=True,
        knowledge="partial", values=[], probability=0.5, prior_probability=0.5, created_at=START,
    )  # fmt: skip
    world.now += timedelta(days=8)
    world.look()
    assert states() == {100: WAITING}
