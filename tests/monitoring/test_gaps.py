"""What was missed stays told, also where somebody pauses or changes a monitor before it is measured again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Workspace
from monitoring import acts, history, outages
from monitoring.models import Gap, Monitor
from tests.monitoring.measured import DAY, HOUR, NOW, measure, monitor, post_of

pytestmark = pytest.mark.django_db
LATER = NOW + 5 * HOUR


@pytest.fixture
def mira(db: None) -> Monitor:
    """Measured at noon, due hourly; then nothing was measured for hours because its login needed somebody."""
    made = monitor(Workspace.objects.create(name="Studio"))
    measure(made, NOW)
    outages.begin(made.workspace_id, None, code="needs_person", why="Approve it in the app.", now=NOW + HOUR)
    return made


def _faster(mira: Monitor) -> None:
    acts.change(monitor=mira, rhythm=acts.Rhythm(600), by=None, now=LATER)


def _paused_and_resumed(mira: Monitor) -> None:
    acts.pause(monitor=mira, by=None, now=LATER)
    acts.resume(monitor=mira, by=None, now=LATER)


@pytest.mark.parametrize("act", [_faster, _paused_and_resumed])
def test_an_overdue_monitor_keeps_its_gap_through_what_people_do(mira: Monitor, act: Callable[[Monitor], None]) -> None:
    act(mira)
    mira.refresh_from_db()
    measure(mira, mira.due_at)
    gap = Gap.objects.filter(monitor=mira).earliest("pk")
    assert (gap.code, gap.until) == ("needs_person", LATER)
    assert NOW <= gap.since <= NOW + HOUR
    told = history.between(mira, NOW, LATER + DAY, now=LATER + DAY)
    assert told.gaps[0].why == "Approve it in the app."


def test_one_that_is_in_time_gets_none(mira: Monitor) -> None:
    acts.change(monitor=mira, rhythm=acts.Rhythm(600), by=None, now=NOW + timedelta(minutes=50))
    assert not Gap.objects.exists()


def test_a_followed_post_keeps_its_gap_when_its_profile_rests(mira: Monitor) -> None:
    post = post_of(mira, NOW - DAY)
    Monitor.objects.filter(pk=post.pk).update(is_thinning=True, checked_at=NOW, due_at=NOW + HOUR)
    acts.pause(monitor=mira, by=None, now=LATER)
    assert Gap.objects.get(monitor=post).code == "needs_person"
