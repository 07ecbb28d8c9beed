"""At the pace of Instagram itself, seconds between two reads: every job goes on from what it kept, and reads once."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import TrackedAccount
from automation import discovery, predictions
from automation.discovery import Wishes
from automation.models import ActionKind, Knowledge
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor, states


@pytest.fixture
def paced(actor: Actor, settings: Settings) -> Actor:
    """From now on; what a test prepares with it before is read without pauses."""
    settings.PACE_SCALE = 1
    return actor


def test_a_comment_is_looked_for_written_and_read(actor: Actor, settings: Settings) -> None:
    post = actor.discussed("aurora.studio", 50)
    settings.PACE_SCALE = 1
    asked = len(actor.instagram.log("media/"))
    batch, job = actor.confirm([post], ActionKind.COMMENT, texts={post: "Lovely"})
    actor.work(batch, job)
    assert states(batch) == ["done"]
    # The post, three pages of comments, the comment, and one page that shows it.
    assert len(actor.instagram.log("media/")) - asked == 6


def test_a_prediction_reads_profile_friendship_and_followers(
    actor: Actor, settings: Settings, clock: ManualClock
) -> None:
    pk = actor.strangers(1)[0]
    settings.PACE_SCALE = 1
    session = predictions.predict(
        workspace=actor.instagram.workspace, login=actor.login, pks=[pk], by=actor.instagram.person, now=clock()
    )
    work_off(Job.objects.get(kind=predictions.READ), clock)
    assert session.predictions.get().knowledge == Knowledge.READY
    assert [len(actor.instagram.log(path)) for path in (f"friendships/show/{pk}/", f"friendships/{pk}/followers/")] == [
        1, 1,
    ]  # fmt: skip


def test_discovery_goes_from_a_name_to_its_posts(paced: Actor, clock: ManualClock) -> None:
    tracked = TrackedAccount.objects.create(workspace=paced.instagram.workspace, username="tiny.pottery")
    wishes = Wishes((str(tracked.pk),), posts=True, private=True)
    search = discovery.search(
        workspace=paced.instagram.workspace, login=paced.login, wishes=wishes, by=None, now=clock()
    )
    work_off(Job.objects.get(kind=discovery.SEARCH), clock)
    search.refresh_from_db()
    assert search.found
    assert len(paced.instagram.log("usernameinfo")) == 1
