"""Staging with its exclusions, and what a person does with a batch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import InstagramLogin, Profile, Workspace
from automation import after_restore, batches, staging
from automation.models import ActionKind, Attempt, Batch, BatchState, Exclusion, Item, Safelist, SafelistEntry
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_step
from igsite.models import AuditEntry
from tests.automation.actor import Actor, states
from tests.scans.scanner import Scanner


def why(batch: Batch) -> dict[int, str]:
    return dict(Item.objects.filter(batch=batch, state="excluded").values_list("target_pk", "exclusion"))


def safe(actor: Actor, pk: int, which: Safelist) -> None:
    SafelistEntry.objects.create(
        workspace=actor.instagram.workspace, safelist=which, target_pk=pk, added_at=actor.instagram.clock()
    )


def test_each_is_left_out_with_its_reason(actor: Actor, clock: ManualClock) -> None:
    scanner = Scanner(actor.instagram, actor.login)
    scanner.scan(scanner.track("demo_creator"))
    follower = actor.truth("demo_creator")[0]
    fine, private, listed, elsewhere = actor.strangers(4)
    unknown = 4_000_000_000_000
    Profile.objects.filter(pk=private).update(is_private=True)
    safe(actor, listed, Safelist.DO_NOT_FOLLOW)
    actor.stage([elsewhere])
    me = actor.login.profile_id
    assert me is not None
    batch = actor.stage([fine, private, listed, elsewhere, follower, unknown, me, fine])
    assert why(batch) == {
        private: Exclusion.PRIVATE, listed: Exclusion.SAFELIST, elsewhere: Exclusion.ELSEWHERE,
        follower: Exclusion.FOLLOWS_YOU, unknown: Exclusion.NOT_ACCESSIBLE, me: Exclusion.YOURSELF,
    }  # fmt: skip
    job = batches.confirm(batch=batch, by=actor.instagram.person, now=clock())
    actor.work(batch, job)
    assert actor.hits() == {fine: 1}


def test_caps_leave_out_whoever_is_too_many(actor: Actor) -> None:
    pks = actor.known(list(range(10**9, 10**9 + 600)))
    found = why(actor.stage(pks))
    assert {pk for pk, reason in found.items() if reason == Exclusion.CAP} == set(pks[500:])
    assert {pk for pk, reason in found.items() if reason == Exclusion.OUTSIDE_BUDGET} == set(pks[420:500])


def test_whom_we_followed_is_unfollowed_after_seven_days_only(actor: Actor, clock: ManualClock) -> None:
    pks = actor.strangers(1)
    actor.work(*actor.confirm(pks))
    early = actor.stage(pks, ActionKind.UNFOLLOW)
    assert why(early) == {pks[0]: Exclusion.RECENTLY}
    clock.move(timedelta(days=7, hours=1))
    batch, job = actor.confirm(pks, ActionKind.UNFOLLOW)
    actor.work(batch, job)
    assert states(batch) == ["done"]
    assert [entry["write"]["kind"] for entry in actor.posts()] == ["follow", "unfollow"]
    assert why(actor.stage(pks)) == {pks[0]: Exclusion.RECENTLY}  # not followed again at once


def test_a_follower_is_removed_unless_never_to_be_unfollowed(actor: Actor) -> None:
    gone, kept = actor.known(actor.truth("demo_creator")[:2])
    safe(actor, kept, Safelist.NEVER_UNFOLLOW)
    batch, job = actor.confirm([gone, kept], ActionKind.REMOVE)
    actor.work(batch, job)
    assert states(batch) == ["done", "excluded"]
    assert actor.hits() == {gone: 1}
    assert gone not in actor.truth("demo_creator")


def test_who_becomes_safe_after_the_confirmation_is_left_alone(actor: Actor) -> None:
    pks = actor.strangers(2)
    batch, job = actor.confirm(pks)
    safe(actor, pks[0], Safelist.DO_NOT_FOLLOW)
    actor.work(batch, job)
    assert states(batch) == ["excluded", "done"]
    assert actor.hits() == {pks[1]: 1}


def test_who_turns_out_to_be_private_or_a_follower_is_not_followed(actor: Actor) -> None:
    pks = [*actor.strangers(1, private=True), *actor.known(
        [pk for pk in actor.truth("demo_creator") if pk not in actor.truth("demo_creator", "following")][:1]
    )]  # fmt: skip
    batch, job = actor.confirm(pks)
    actor.work(batch, job)
    assert list(why(batch).values()) == [Exclusion.PRIVATE, Exclusion.FOLLOWS_YOU]
    assert not actor.posts()


def test_pause_resume_and_cancel_hold_before_the_next_item(actor: Actor, clock: ManualClock) -> None:
    person = actor.instagram.person
    batch, job = actor.confirm(actor.strangers(3))
    run_step(job.pk, clock=clock, turn=0.0)
    assert len(actor.posts()) == 1
    batches.pause(batch=batch, by=person, now=clock())
    actor.work(batch, job)
    assert states(batch) == ["done", "waiting", "waiting"]  # what was sent is read, nothing more is sent
    batches.resume(batch=batch, by=person, now=clock())
    while len(actor.posts()) < 2:
        job.refresh_from_db()
        clock.move_to(job.due_at)
        run_step(job.pk, clock=clock, turn=0.0)
    batches.cancel(batch=batch, by=person, now=clock())
    batches.cancel(batch=batch, by=person, now=clock())
    job.refresh_from_db()
    assert (job.state, batch.state) == ("cancelled", BatchState.CANCELLED)
    assert states(batch)[2] == "cancelled"
    assert len(actor.posts()) == 2
    with pytest.raises(batches.BatchConflict):
        batches.resume(batch=batch, by=person, now=clock())
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"batch.staged", "batch.confirmed", "batch.paused", "batch.resumed", "batch.cancelled"} <= done
    assert {"action.sent", "action.read"} <= done


def test_a_batch_is_confirmed_once_and_not_empty(actor: Actor, clock: ManualClock) -> None:
    batch, _job = actor.confirm(actor.strangers(1))
    with pytest.raises(batches.BatchConflict):
        batches.confirm(batch=batch, by=None, now=clock())
    nobody = actor.stage([4_000_000_000_000])
    with pytest.raises(batches.BatchConflict):
        batches.confirm(batch=nobody, by=None, now=clock())
    assert Job.objects.filter(kind=batches.RUN).count() == 1


@pytest.mark.parametrize("pks", [[], [0], [-5], [1 << 63], list(range(1, 10_002))])
def test_what_names_nobody_or_too_many_is_no_batch(actor: Actor, pks: list[int]) -> None:
    with pytest.raises(staging.NotStageable):
        actor.stage(pks)
    assert not Batch.objects.exists()


def test_another_workspaces_login_is_refused(actor: Actor, clock: ManualClock) -> None:
    elsewhere = Workspace.objects.create(name="Elsewhere")
    with pytest.raises(staging.NotStageable):
        staging.stage(workspace=elsewhere, login=actor.login, kind=ActionKind.FOLLOW, pks=[5], by=None, now=clock())


def test_the_database_refuses_what_makes_no_sense(actor: Actor, clock: ManualClock) -> None:
    batch = actor.stage(actor.strangers(1))
    item = Item.objects.get(batch=batch)
    for values, name in (
        ({"state": "excluded"}, "item_excluded_has_a_reason"), ({"exclusion": "cap"}, "item_excluded_has_a_reason"),
        ({"target_pk": -1}, "item_target_is_a_person"), ({"state": "odd"}, "item_state_known"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Item.objects.filter(pk=item.pk).update(**values)
    with pytest.raises(IntegrityError, match="batch_works_once_confirmed"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(state="running")
    with pytest.raises(IntegrityError, match="batch_ended_has_a_time"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(state="cancelled")


def test_after_a_restore_batches_are_paused(actor: Actor, clock: ManualClock) -> None:
    batch, job = actor.confirm(actor.strangers(1))
    after_restore.hold_batches(made_at=clock() - timedelta(hours=1), now=clock())
    actor.work(batch, job)
    assert (batch.state, job.state, actor.posts()) == (BatchState.PAUSED, "blocked", [])


def test_a_workspace_is_erased_with_its_attempts(actor: Actor, login: InstagramLogin) -> None:
    actor.work(*actor.confirm(actor.strangers(1)))
    assert Attempt.objects.filter(login=login).count() == 1
    actor.instagram.workspace.delete()
    assert not Attempt.objects.exists()
