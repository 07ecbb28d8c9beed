"""The usage page of a login: requests by kind over time, what is left, what was refused, when it reads next."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import logins
from accounts.gateway import errors
from accounts.models import InstagramLogin, LoginStatus, SourceCall, Workspace
from accounts.usage_history import SPANS, history, next_read, warm_up, words_of
from tests.people import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def make(workspace: Workspace, **more: Any) -> InstagramLogin:
    values = {"status": LoginStatus.READY, "ready_since": NOW - timedelta(days=30)} | more
    return InstagramLogin.objects.create(workspace=workspace, username="my.login", **values)


def call(login: InstagramLogin, at: datetime, kind: str = "read", outcome: str = "200") -> None:
    SourceCall.objects.create(
        workspace=login.workspace,
        login=login,
        source="test",
        kind=kind,
        endpoint="users/*/info",
        at=at,
        outcome=outcome,
    )


@pytest.mark.parametrize("name", SPANS)
def test_each_request_is_counted_in_its_column(workspace: Workspace, name: str) -> None:
    login, span = make(workspace), SPANS[name]
    for column in range(span.columns):
        for _ in range(column + 1):
            call(login, NOW - span.width * column - span.width / 2)
    call(login, NOW)  # the newest moment belongs to the last column
    call(login, NOW - span.length - timedelta(seconds=1))
    call(login, NOW - timedelta(seconds=5), kind="login")
    found = history(login, span, NOW)
    assert [one.kind for one in found.series] == ["read", "login"]
    expected = [column + 1 for column in range(span.columns - 1, -1, -1)]
    assert list(found.series[0].figures) == [*expected[:-1], expected[-1] + 1]
    assert found.series[1].total == 1
    assert found.starts[0] == NOW - span.length
    assert found.starts[-1] == NOW - span.width


def test_refusals_are_told_in_words_with_their_number_and_time(workspace: Workspace) -> None:
    login = make(workspace)
    for minutes, outcome in ((1, "throttled"), (2, "throttled"), (3, "200"), (4, ""), (5, "429"), (6, "no_answer")):
        call(login, NOW - timedelta(minutes=minutes), outcome=outcome)
    found = history(login, SPANS["day"], NOW).refusals
    assert [(one.outcome, one.times, one.last_at) for one in found] == [
        ("throttled", 2, NOW - timedelta(minutes=1)),
        ("429", 1, NOW - timedelta(minutes=5)),
        ("no_answer", 1, NOW - timedelta(minutes=6)),
    ]
    assert [one.words for one in found] == ["Too fast: Instagram asked to wait", "HTTP 429", "No answer"]


def test_every_error_of_a_login_has_words() -> None:
    about_keys_and_files = {"needs_key", "out_of_credit", "run_failed", "export_unreadable", "error"}
    for error in vars(errors).values():
        if (
            isinstance(error, type)
            and issubclass(error, errors.GatewayError)
            and error.code not in about_keys_and_files
        ):
            assert words_of(error.code) != error.code


def test_the_next_read_says_why_it_waits(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make(workspace, reads_per_hour=1)
    assert next_read(login, NOW).at == NOW
    call(login, NOW - timedelta(minutes=10))
    assert next_read(login, NOW).at == NOW + timedelta(minutes=51)
    assert "hour" in next_read(login, NOW).why
    login.opens, login.closes = time(14), time(15)
    assert next_read(login, NOW).at == NOW + timedelta(hours=2)
    login.status = LoginStatus.NEEDS_CODE
    assert next_read(login, NOW).at is None


def test_the_warm_up_says_when_it_is_over(workspace: Workspace) -> None:
    login = make(workspace, ready_since=NOW - timedelta(days=7))
    assert (warm_up(login, NOW).percent, warm_up(login, NOW).full_at) == (60, NOW + timedelta(days=7))
    login.ready_since = None
    assert (warm_up(login, NOW).percent, warm_up(login, NOW).full_at) == (20, None)


def test_the_page_shows_it_with_as_many_queries_for_much_as_for_little(cast: Cast) -> None:
    login, now = make(cast.workspace), timezone.now()
    client, address = cast.client(cast.viewer), reverse("settings:login_usage", args=[login.pk])
    call(login, now - timedelta(minutes=1), outcome="throttled")
    client.get(address)
    with CaptureQueriesContext(connection) as little:
        assert client.get(address).status_code == 200
    for minutes in range(60):
        call(
            login, now - timedelta(minutes=minutes), kind=("read", "login", "write")[minutes % 3], outcome=str(minutes)
        )
    with CaptureQueriesContext(connection) as much:
        page = client.get(address)
    assert len(much) == len(little)
    assert b"Too fast: Instagram asked to wait" in page.content
    assert b"Reads left in this hour" in page.content
    assert client.get(address, {"span": "nonsense"}).status_code == 200


def test_the_login_page_shows_one_task_at_work_and_the_others_waiting(cast: Cast) -> None:
    login = make(cast.workspace)
    logins.probe(login=login, by=cast.owner, now=timezone.now())
    page = cast.client(cast.viewer).get(reverse("settings:login", args=[login.pk]))
    assert b"One task at a time uses a login" in page.content
    assert b"Check an Instagram login" in page.content


def test_sliders_and_hours_are_saved_from_the_page(cast: Cast) -> None:
    login, client = make(cast.workspace), cast.client(cast.owner)
    page = client.get(reverse("settings:login", args=[login.pk])).content.decode()
    assert page.count('type="range"') == 4
    given = {"reads_per_hour": 30, "reads_per_day": 300, "pause_min": 10, "pause_max": 20}
    assert client.post(reverse("settings:login_pace", args=[login.pk]), given).status_code == 302
    hours = {"opens": "22:00", "closes": "06:30", "zone": "Europe/Berlin"}
    assert client.post(reverse("settings:login_hours", args=[login.pk]), hours).status_code == 302
    login.refresh_from_db()
    assert (login.pause_min, login.pause_max, login.opens, login.closes) == (10, 20, time(22), time(6, 30))
    assert 'value="22:00"' in client.get(reverse("settings:login", args=[login.pk])).content.decode()
    for wrong in ({"pause_max": 5}, {"reads_per_hour": 201}, {"reads_per_day": 0}):
        assert client.post(reverse("settings:login_pace", args=[login.pk]), given | wrong).status_code == 422
    assert client.post(reverse("settings:login_hours", args=[login.pk]), hours | {"closes": ""}).status_code == 422
    login.refresh_from_db()
    assert login.pause_max == 20


def test_the_api_tells_the_same(cast: Cast) -> None:
    login, client = make(cast.workspace), cast.client(cast.owner)
    call(login, timezone.now() - timedelta(minutes=1), outcome="throttled")
    answer = client.get(f"/api/v1/logins/{login.pk}/usage/day").json()
    assert answer["series"][0]["total"] == 1
    assert answer["refusals"][0]["words"] == "Too fast: Instagram asked to wait"
    assert len(answer["starts"]) == len(answer["series"][0]["figures"]) == 12
    body = {"opens": "09:00", "closes": "17:00", "zone": "Europe/Berlin"}
    answer = client.put(f"/api/v1/logins/{login.pk}/hours", body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    assert answer.json()["opens"] == "09:00:00"
    assert client.get(f"/api/v1/logins/{login.pk}/usage/year").status_code == 422
