"""Every sign by which Instagram says no to an action: nobody is hit twice, and what must stop sends nothing more."""

from __future__ import annotations

import pytest

from accounts.models import LoginStatus
from automation.models import Attempt, BatchState
from tests.automation.actor import Actor, states


@pytest.mark.parametrize(
    ("kind", "status", "state", "came"),
    [
        ("feedback_required", LoginStatus.FROZEN, BatchState.FROZEN, ["failed", "waiting"]),
        ("sentry_block", LoginStatus.FROZEN, BatchState.FROZEN, ["failed", "waiting"]),
        ("checkpoint", LoginStatus.NEEDS_APPROVAL, BatchState.RUNNING, ["answered", "waiting"]),
        ("login_required", LoginStatus.NEEDS_LOGIN, BatchState.RUNNING, ["answered", "waiting"]),
    ],
)
def test_the_first_sign_that_means_the_login_stops_all_of_its_actions(
    actor: Actor, kind: str, status: str, state: str, came: list[str]
) -> None:
    batch, job = actor.confirm(actor.strangers(2))
    actor.instagram.fault(path="friendships/create", kind=kind)
    actor.work(batch, job)
    actor.login.refresh_from_db()
    assert (actor.login.status, batch.state, states(batch)) == (status, state, came)
    assert len(actor.posts()) == 1


@pytest.mark.parametrize(
    ("kind", "came", "answer"),
    [
        ("rate_limit_error", "failed", "throttled"),
        ("private", "failed", "private"),
        ("not_found", "failed", "gone"),
        ("5xx", "unknown", "transient"),
        ("fail_200", "unknown", "transient"),
    ],
)
def test_a_sign_that_means_this_person_or_this_moment_stops_nobody_else(
    actor: Actor, kind: str, came: str, answer: str
) -> None:
    batch, job = actor.confirm(actor.strangers(2))
    actor.instagram.fault(path="friendships/create", kind=kind)
    actor.work(batch, job)
    assert (batch.state, states(batch)) == (BatchState.DONE, [came, "done"])
    assert max(actor.hits().values()) == 1
    first = Attempt.objects.order_by("pk")[0]
    assert first.answer == answer
    assert first.reading is not None
