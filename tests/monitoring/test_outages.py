"""What keeps a login from measuring is told as it is now, and no longer than it is so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import InstagramLogin, LoginStatus, Workspace
from monitoring import history, measuring_orders, outages
from monitoring.models import Monitor, Outage
from tests.monitoring.measured import HOUR, NOW, measure, monitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


@pytest.fixture
def late(workspace: Workspace) -> Monitor:
    """A monitor that should have been measured hours ago."""
    made = monitor(workspace)
    measure(made, NOW - 9 * HOUR)
    return made


def login(workspace: Workspace, name: str, status: LoginStatus = LoginStatus.NEEDS_APPROVAL) -> InstagramLogin:
    return InstagramLogin.objects.create(workspace=workspace, username=name, status=status)


def begin(of: InstagramLogin, code: str, after: timedelta = timedelta(0)) -> None:
    outages.begin(of.workspace_id, of.pk, code=code, why=f"Because of {code}.", now=NOW + after)


def test_another_reason_takes_the_place_of_the_first(workspace: Workspace, late: Monitor) -> None:
    one = login(workspace, "one")
    begin(one, "throttled")
    begin(one, "waits", HOUR)
    assert Outage.objects.get(until=None).code == "throttled"
    begin(one, "needs_person", 2 * HOUR)
    begin(one, "needs_person", 3 * HOUR)
    found = list(Outage.objects.order_by("since").values_list("code", "since", "until"))
    assert found == [("throttled", NOW, NOW + 2 * HOUR), ("needs_person", NOW + 2 * HOUR, None)]
    told = history.gap_now(late, now=NOW + 3 * HOUR)
    assert told is not None
    assert told.code == "needs_person"


def test_a_login_that_was_removed_is_no_reason_any_more(workspace: Workspace, late: Monitor) -> None:
    gone = login(workspace, "gone")
    begin(gone, "needs_login")
    InstagramLogin.objects.filter(pk=gone.pk).update(status=LoginStatus.REMOVED)
    measuring_orders.look_after_all(NOW + HOUR)
    assert Outage.objects.get(login=gone).until == NOW + HOUR


def test_while_another_login_measures_lateness_is_not_the_first_one_s_fault(
    workspace: Workspace, late: Monitor
) -> None:
    begin(login(workspace, "one"), "needs_login")
    login(workspace, "two", LoginStatus.READY)
    told = history.gap_now(late, now=NOW)
    assert told is not None
    assert told.code == "late"
