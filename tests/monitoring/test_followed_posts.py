"""Posts that are followed by themselves rest when their profile rests, and go on with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Workspace
from monitoring import acts
from monitoring.models import Gap, Monitor, MonitorKind, MonitorState
from monitoring.targets import Target
from tests.monitoring.measured import DAY, HOUR, NOW, monitor, post_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(db: None) -> Monitor:
    return monitor(Workspace.objects.create(name="Studio"))


def followed(profile: Monitor, age: timedelta = DAY, **more: object) -> Monitor:
    """A post of that age now, followed by itself and measured once."""
    post = post_of(profile, NOW - age)
    Monitor.objects.filter(pk=post.pk).update(
        **{"is_thinning": True, "checked_at": NOW - HOUR, "due_at": NOW + HOUR, **more}
    )
    return post


def states() -> list[str]:
    return list(Monitor.objects.filter(kind=MonitorKind.POST).order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(("act", "state"), [(acts.pause, "paused"), (acts.stop, "stopped"), (acts.archive, "archived")])
def test_they_rest_with_it_but_for_those_that_somebody_made_their_own(
    profile: Monitor, act: object, state: str
) -> None:
    followed(profile)
    followed(profile, is_thinning=False)
    assert callable(act)
    act(monitor=profile, by=None, now=NOW)
    assert states() == [state, "active"]


def test_resumed_it_takes_along_those_that_went_to_rest_with_it(profile: Monitor) -> None:
    alone, together = followed(profile), followed(profile)
    acts.pause(monitor=alone, by=None, now=NOW - HOUR)
    acts.pause(monitor=profile, by=None, now=NOW)
    acts.resume(monitor=profile, by=None, now=NOW + 2 * HOUR)
    assert states() == ["paused", "active"]
    together.refresh_from_db()
    assert NOW + 2 * HOUR < together.due_at <= NOW + 3 * HOUR
    gap = Gap.objects.get(monitor=together)
    assert (gap.since, gap.until, gap.code) == (NOW, NOW + 2 * HOUR, "paused")


def test_created_again_it_takes_along_the_young_ones_at_the_interval_of_their_age(profile: Monitor) -> None:
    young, old = followed(profile), followed(profile, 80 * DAY)
    acts.stop(monitor=profile, by=None, now=NOW)
    acts.create(
        workspace=profile.workspace, target=Target(MonitorKind.PROFILE, profile.username), rhythm=acts.Rhythm(3_600),
        by=None, now=NOW + 20 * DAY,
    )  # fmt: skip
    assert states() == ["active", "stopped"]
    young.refresh_from_db()
    old.refresh_from_db()
    assert young.interval_seconds == 86_400
    assert old.state == MonitorState.STOPPED


def test_the_same_act_for_a_profile_and_its_post_writes_one_gap(profile: Monitor) -> None:
    post = followed(profile)
    for name, now in (("pause", NOW), ("resume", NOW + HOUR)):
        acts.bulk(monitors=[profile, post], act=name, by=None, now=now)
    assert states() == ["active"]
    assert Gap.objects.filter(monitor=post).count() == 1
