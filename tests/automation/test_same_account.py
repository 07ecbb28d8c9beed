"""One Instagram account as a login of two workspaces: Instagram sees one, and so do budgets and locks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from accounts import pace
from accounts.models import InstagramLogin, LoginStatus, Workspace
from automation import attempts, batches, staging, write_budgets
from automation.models import ActionKind, Attempt, AttemptState, Batch, BatchState, Exclusion, Item
from igsite.jobs.runner import ManualClock
from tests.automation.actor import Actor, states
from tests.automation.test_never_twice import in_threads, running


@pytest.fixture
def twin(actor: Actor, clock: ManualClock) -> InstagramLogin:
    """The actor's account once more, in a workspace of somebody else."""
    InstagramLogin.objects.filter(pk=actor.login.pk).update(ready_since=clock() - timedelta(days=400))
    actor.login.refresh_from_db()
    return InstagramLogin.objects.create(
        workspace=Workspace.objects.create(name="Elsewhere"), username=actor.login.username,
        profile=actor.login.profile, status=LoginStatus.READY, ready_since=actor.login.ready_since,
    )  # fmt: skip


def theirs(twin: InstagramLogin, pks: list[int], now: Any, kind: ActionKind = ActionKind.FOLLOW) -> list[Item]:
    """Items of a batch of the other workspace, which runs."""
    batch = staging.stage(workspace=twin.workspace, login=twin, kind=kind, pks=pks, by=None, now=now)
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.RUNNING, confirmed_at=now, job_uuid="00000000-0000-4000-8000-000000000001"
    )  # fmt: skip
    return list(Item.objects.filter(batch=batch).order_by("position"))


def sent(item: Item, now: Any) -> None:
    attempt = attempts.reserve(item.pk, now=now)
    assert isinstance(attempt, Attempt)
    assert attempts.mark_sent(attempt, now=now)
    assert attempts.answered(attempt, AttemptState.DONE, "ok", now=now)


def test_workers_of_both_workspaces_never_write_at_once(actor: Actor, twin: InstagramLogin, clock: ManualClock) -> None:
    mine = running(actor, 2)
    others = theirs(twin, [item.target_pk for item in mine], clock())
    answers = in_threads([partial(attempts.reserve, item.pk, now=clock()) for item in [*mine, *others] * 2])
    assert len([answer for answer in answers if isinstance(answer, Attempt)]) == 1
    assert len(answers) == 8


def test_whom_the_account_followed_in_the_one_is_left_out_in_the_other(
    actor: Actor, twin: InstagramLogin, clock: ManualClock
) -> None:
    mine = running(actor, 1)
    others = theirs(twin, [mine[0].target_pk], clock())  # both were confirmed before anything was sent
    sent(mine[0], clock())
    clock.move(timedelta(seconds=1))
    assert isinstance(attempts.reserve(others[0].pk, now=clock()), attempts.NotWanted)
    others[0].refresh_from_db()
    assert others[0].exclusion == Exclusion.RECENTLY


def test_a_post_is_liked_once_by_the_account(actor: Actor, twin: InstagramLogin) -> None:
    posts = actor.posts_of("tiny.pottery", 1)
    actor.work(*actor.confirm(posts, ActionKind.LIKE))
    now = actor.instagram.clock()
    batch = staging.stage(workspace=twin.workspace, login=twin, kind=ActionKind.LIKE, pks=posts, by=None, now=now)
    assert states(batch) == ["excluded"]


def test_both_share_one_budget_and_one_pause(
    actor: Actor, twin: InstagramLogin, clock: ManualClock, settings: Settings
) -> None:
    settings.PACE_SCALE = 1
    for item in running(actor, write_budgets.pace_of(actor.login).per_hour):
        Attempt.objects.create(
            workspace_id=actor.login.workspace_id, login=actor.login, item=item, kind=ActionKind.FOLLOW,
            reserved_at=clock(), lease_until=clock(), sent_at=clock(), ended_at=clock(), state=AttemptState.DONE,
        )  # fmt: skip
    full = write_budgets.why_not_now(twin, clock())
    assert isinstance(full, pace.NotBefore)
    assert full.at == clock() + pace.HOUR + write_budgets.LATE
    write_budgets.spend(actor.login, clock())
    gap = write_budgets.why_not_now(twin, clock(), ActionKind.LIKE)
    assert isinstance(gap, pace.NotBefore)
    assert gap.at >= clock() + timedelta(seconds=30)


@pytest.mark.parametrize("field", ["writes_resume_at", "reads_resume_at"])
def test_what_instagram_refused_one_of_them_holds_the_other_back(
    actor: Actor, twin: InstagramLogin, clock: ManualClock, field: str
) -> None:
    until = clock() + timedelta(hours=24)
    InstagramLogin.objects.filter(pk=actor.login.pk).update(**{field: until})
    refusal = write_budgets.why_not_now(twin, clock())
    assert isinstance(refusal, pace.NotBefore)
    assert refusal.at == until
    assert write_budgets.why_not_now(twin, until) is None


def test_accounts_that_are_not_known_yet_have_nothing_to_do_with_each_other(actor: Actor, twin: InstagramLogin) -> None:
    InstagramLogin.objects.update(profile=None)
    twin.refresh_from_db()
    assert write_budgets.same_account(twin) == [twin.pk]


@pytest.mark.parametrize("kind", [ActionKind.UNFOLLOW, ActionKind.REMOVE])
def test_a_look_that_another_batch_overtook_is_no_reason_to_send(
    actor: Actor, clock: ManualClock, kind: ActionKind
) -> None:
    """A worker is held up between its look and T1; meanwhile the same is sent by somebody else."""
    pk = actor.strangers(1)[0]
    first, second = _staged_at_once(actor, pk, kind)
    looked_at = clock()
    clock.move(timedelta(seconds=1))
    sent(first, clock())
    clock.move(timedelta(seconds=1))
    assert isinstance(attempts.reserve(second.pk, now=clock(), looked_at=looked_at), attempts.NotWanted)
    assert isinstance(attempts.reserve(second.pk, now=clock(), looked_at=clock()), Attempt)


def _staged_at_once(actor: Actor, pk: int, kind: ActionKind) -> tuple[Item, Item]:
    found = []
    for _batch in "ab":
        batch = actor.stage([pk], kind)
        Item.objects.filter(batch=batch).update(state="waiting", exclusion="")
        batches.confirm(batch=batch, by=None, now=actor.instagram.clock())
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)
        found.append(Item.objects.get(batch=batch))
    return found[0], found[1]
