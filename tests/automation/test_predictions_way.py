"""By the real client: predict, follow, live through the week, scan, and see what came of it; discovery by posts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import TrackedAccount
from automation import discovery, outcomes, predictions
from automation.discovery import Wishes
from automation.models import FollowOutcome, Knowledge, OutcomeState, Prediction, TargetFacts
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor
from tests.scans.scanner import FOLLOWERS, Scanner

SCANNED_AFTER = (timedelta(days=6, hours=12), timedelta(days=2))


@pytest.fixture
def own(actor: Actor) -> TrackedAccount:
    """The login's own account, its followers scanned."""
    scanner = Scanner(actor.instagram, actor.login)
    tracked = scanner.track("demo_creator")
    scanner.scan(tracked, FOLLOWERS)
    return tracked


def test_from_the_prediction_to_its_outcome(actor: Actor, own: TrackedAccount, clock: ManualClock) -> None:
    chances = {}
    for pk in actor.strangers(5):
        told = actor.instagram.simulator.control(f"truth/chance?login=demo_creator&account={pk}")
        chances[pk] = told["reply_after_seconds"]
    session = predictions.predict(
        workspace=actor.instagram.workspace, login=actor.login, pks=list(chances), names=["nobody.of.this.name"],
        by=actor.instagram.person, now=clock(),
    )  # fmt: skip
    job = Job.objects.named(session.job_uuid)
    assert job is not None
    assert work_off(job, clock).state == "done"
    rows = {row.target_pk: row for row in session.predictions.all()}
    assert rows.pop(None).knowledge == Knowledge.GONE
    assert {row.knowledge for row in rows.values()} == {Knowledge.READY}
    assert not Prediction.objects.filter(is_pending=True).exists()
    kept = TargetFacts.objects.get(target_pk=next(iter(chances)))
    page = actor.instagram.simulator.control(f"truth?account={kept.target_pk}&direction=followers")["pks"]
    assert kept.sample is not None
    assert 0 < kept.sample <= len(page)
    mine = set(actor.truth("demo_creator"))
    if kept.sample == len(page):
        assert kept.sample_follow_you == len(mine & set(page))

    actor.work(*actor.confirm(list(chances)))
    for span in SCANNED_AFTER:
        actor.instagram.simulator.control("clock", {"advance_seconds": span.total_seconds()})
        clock.move(span)
        Scanner(actor.instagram, actor.login).scan(own, FOLLOWERS)
    work_off(outcomes.order(actor.instagram.workspace), clock)
    came = {row.target_pk: row for row in FollowOutcome.objects.select_related("prediction")}
    assert {pk: row.state for pk, row in came.items()} == {
        pk: OutcomeState.DID_NOT if after is None else OutcomeState.FOLLOWED_BACK for pk, after in chances.items()
    }
    assert all(row.prediction == rows[pk] for pk, row in came.items())


def test_who_likes_and_comments_is_found_too(actor: Actor, clock: ManualClock) -> None:
    tracked = Scanner(actor.instagram, actor.login).track("aurora.studio")
    wishes = Wishes((str(tracked.pk),), posts=True, private=True)
    search = discovery.search(
        workspace=actor.instagram.workspace, login=actor.login, wishes=wishes, by=actor.instagram.person, now=clock()
    )
    job = Job.objects.get(kind=discovery.SEARCH)
    assert work_off(job, clock).state == "done"
    search.refresh_from_db()
    found = list(search.candidates.all())
    assert search.found == len(found) > 0
    assert any(row.liked for row in found)
    assert any(row.commented for row in found)
    assert all(0 <= row.probability <= 1 and row.lists == 0 for row in found)
