"""The inbox, the bell, the rules: what people see and do, also without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Profile, TrackedAccount
from igsite.models import AuditEntry
from monitoring import alert_inbox, alerts
from monitoring.alerts import Finding, Subject
from monitoring.models import Alert, AlertKind, AlertRule, RuleScope
from tests.monitoring.measured import measure, monitor
from tests.people import Cast
from tests.people import cast as cast
from tests.scans import listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def happened(cast: Cast, count: int = 1, about: str = "@mira", **more: Any) -> list[Alert]:
    """So many alerts of the built-in rule about losses, the newest last."""
    rule = AlertRule.objects.get(workspace=cast.workspace, kind=AlertKind.LOSSES)
    now, subject = timezone.now(), Subject("account:1", about, "/accounts/", **more)
    made = [
        alerts.write(
            rule, subject, Finding("losses.followers", f"{about}{number}", value=number + 1),
            at=now - timedelta(minutes=count - number),
        )
        for number in range(count)
    ]  # fmt: skip
    return [alert for alert in made if alert is not None]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_empty_inbox_says_what_comes_here(editor: Client) -> None:
    answer = editor.get("/alerts/")
    assert "No alerts yet" in text(answer)
    assert "/alerts/rules/" in text(answer)


def test_an_alert_says_what_happened_when_and_where_it_is_seen(cast: Cast, editor: Client) -> None:
    happened(cast, about="@<script>")
    shown = text(editor.get("/alerts/"))
    assert '<a href="/accounts/">@&lt;script&gt; lost followers, confirmed by a second look: 1.</a>' in shown
    assert "<script>" not in shown.split("<main")[1].split("</main")[0]


def test_reading_is_each_person_s_own(cast: Cast, editor: Client) -> None:
    [alert] = happened(cast)
    assert "1 unread alert" in text(editor.get("/alerts/"))
    assert editor.post(f"/alerts/{alert.pk}/read/").status_code == 302
    assert "Alerts, none unread" in text(editor.get("/alerts/"))
    assert "1 unread alert" in text(cast.client(cast.viewer).get("/alerts/"))


def test_a_row_is_marked_in_place_and_the_bell_is_told(cast: Cast, editor: Client) -> None:
    [alert] = happened(cast)
    answer = editor.post(f"/alerts/{alert.pk}/read/", headers={"HX-Request": "true"})
    assert text(answer).startswith(f'<tr id="alert-{alert.pk}"')
    assert "alerts-read" in answer.headers["HX-Trigger"]


def test_everything_is_read_at_once(cast: Cast, editor: Client) -> None:
    happened(cast, 3)
    answer = editor.post("/alerts/read/", follow=True)
    assert "3 alerts were marked as read." in text(answer)
    assert alert_inbox.unread_count(cast.workspace, cast.editor, now=timezone.now()) == 0


def test_old_and_silent_alerts_are_no_news(cast: Cast) -> None:
    [old] = happened(cast)
    Alert.objects.filter(pk=old.pk).update(at=timezone.now() - alert_inbox.NEWS)
    AlertRule.objects.for_workspace(cast.workspace).update(is_muted=True)
    happened(cast, about="@other")
    assert alert_inbox.unread_count(cast.workspace, cast.viewer, now=timezone.now()) == 0


def test_the_inbox_is_narrowed_by_news_kind_and_account(cast: Cast, editor: Client) -> None:
    profile = Profile.objects.create(pk=5, username="noor")
    [read] = happened(cast)
    happened(cast, about="@old.name", profile_pk=profile.pk)
    editor.post(f"/alerts/{read.pk}/read/")
    everything, unread = text(editor.get("/alerts/")), text(editor.get("/alerts/?show=unread"))
    assert "@mira" in everything
    assert "@old.name" in everything
    assert "@mira" not in unread
    assert "@old.name" in text(editor.get("/alerts/?about=@noor"))
    assert "Nothing fits" in text(editor.get("/alerts/?about=nobody"))
    assert "Nothing fits" in text(editor.get("/alerts/?kind=scan"))


def test_the_inbox_is_paged_and_costs_the_same_whatever_its_length(cast: Cast, editor: Client) -> None:
    happened(cast, 3)
    editor.get("/alerts/")
    with CaptureQueriesContext(connection) as few:
        editor.get("/alerts/")
    happened(cast, 60, about="@more")
    with CaptureQueriesContext(connection) as many:
        first = editor.get("/alerts/")
    assert len(many) == len(few)
    assert first.content.count(b'<tr id="alert-') == 50
    following = text(first).split("cursor=")[1].split('"')[0]
    assert editor.get(f"/alerts/?cursor={following}").content.count(b'<tr id="alert-') == 13


def test_the_dashboard_shows_the_newest(cast: Cast, editor: Client) -> None:
    assert "Nothing happened that you should know of." in text(editor.get("/"))
    happened(cast, 6)
    assert editor.get("/").content.count(b"confirmed by a second look") == 5


def test_a_new_workspace_s_rules_are_listed_and_cannot_be_deleted(cast: Cast, editor: Client) -> None:
    shown = text(editor.get("/alerts/rules/"))
    for words in ("A login needs you", "A source is broken", "A scan failed or was quarantined", "Confirmed losses"):
        assert words in shown
    rule = AlertRule.objects.get(workspace=cast.workspace, kind=AlertKind.LOGIN)
    assert editor.post(f"/alerts/rules/{rule.pk}/delete/").status_code == 409
    assert AlertRule.objects.filter(pk=rule.pk).exists()


GOOD: dict[AlertKind, dict[str, Any]] = {
    AlertKind.THRESHOLD: {"metric": "followers", "side": "above", "limit": "1000"},
    AlertKind.CHANGE: {"metric": "likes", "side": "either", "limit": "2.5", "window_hours": "24"},
    AlertKind.ANOMALY: {"metric": "followers", "side": "either"},
    AlertKind.POST_BAND: {"side": "above"},
    AlertKind.NEW_POST: {},
    AlertKind.FACT: {"facts": ["bio", "is_private"]},
    AlertKind.LOSSES: {"limit": "3"},
    AlertKind.PERSON_LOST: {"person": "@person1"},
    AlertKind.TARGET: {},
    AlertKind.LOGIN: {},
    AlertKind.SOURCE: {},
    AlertKind.SCAN: {},
}


@pytest.mark.parametrize("kind", list(AlertKind))
def test_a_rule_of_each_kind_is_made_with_a_plain_form_and_can_be_changed(
    cast: Cast, editor: Client, kind: AlertKind
) -> None:
    account = listed.account(cast.workspace)
    listed.scanned(account, listed.numbers(1, 5))
    address = f"/alerts/rules/new/?kind={kind}"
    assert editor.get(address).status_code == 200
    answer = editor.post(address, {"severity": "info", **GOOD[kind]})
    assert answer.status_code == 302, text(answer)
    rule = AlertRule.objects.get(workspace=cast.workspace, kind=kind, is_built_in=False)
    assert rule.severity == "info"
    page = f"/alerts/rules/{rule.pk}/"
    assert editor.get(page).status_code == 200
    assert editor.post(page, {"severity": "critical", **GOOD[kind]}).status_code == 302
    rule.refresh_from_db()
    assert rule.severity == "critical"
    assert set(AuditEntry.objects.filter(workspace=cast.workspace).values_list("action", flat=True)) >= {
        "alert_rule.made", "alert_rule.changed"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (AlertKind.THRESHOLD, {"metric": "followers", "side": "either", "limit": "5"}),
        (AlertKind.THRESHOLD, {"metric": "followers", "side": "above", "limit": "nan"}),
        (AlertKind.CHANGE, {"metric": "followers", "side": "above", "limit": "0", "window_hours": "24"}),
        (AlertKind.CHANGE, {"metric": "followers", "side": "above", "limit": "5", "window_hours": "0"}),
        (AlertKind.ANOMALY, {"metric": "likes", "side": "above"}),
        (AlertKind.FACT, {"facts": ["shoe_size"]}),
        (AlertKind.PERSON_LOST, {"person": "@nobody"}),
        (AlertKind.NEW_POST, {"about": "@nobody"}),
        (AlertKind.NEW_POST, {"severity": "loud"}),
    ],
)
def test_what_makes_no_rule_is_refused_beside_its_field(
    cast: Cast, editor: Client, kind: AlertKind, wrong: dict[str, Any]
) -> None:
    answer = editor.post(f"/alerts/rules/new/?kind={kind}", {"severity": "info", **wrong})
    assert answer.status_code == 422
    assert not AlertRule.objects.filter(workspace=cast.workspace, is_built_in=False).exists()


def test_a_rule_is_aimed_at_an_account_a_monitor_or_a_tag(cast: Cast, editor: Client) -> None:
    watched = monitor(cast.workspace, "noor")
    measure(watched, timezone.now())
    TrackedAccount.objects.create(workspace=cast.workspace, username="mira")
    TrackedAccount.objects.create(workspace=cast.elsewhere, username="theirs")
    for about in ("@mira", "@Noor", "#family"):
        editor.post("/alerts/rules/new/?kind=new_post", {"severity": "info", "about": about})
    mine = AlertRule.objects.filter(workspace=cast.workspace, kind=AlertKind.NEW_POST).order_by("created_at")
    assert [rule.scope for rule in mine] == [RuleScope.ACCOUNT, RuleScope.MONITOR, RuleScope.TAG]
    answer = editor.post("/alerts/rules/new/?kind=new_post", {"severity": "info", "about": "@theirs"})
    assert answer.status_code == 422


def test_a_rule_is_muted_snoozed_and_switched_off_from_where_one_is(cast: Cast, editor: Client) -> None:
    rule = AlertRule.objects.get(workspace=cast.workspace, kind=AlertKind.LOSSES)
    address = f"/alerts/rules/{rule.pk}/act/"
    assert editor.post(address, {"act": "mute", "back": "inbox"}).headers["Location"] == "/alerts/"
    assert editor.post(address, {"act": "unmute"}).headers["Location"] == "/alerts/rules/"
    editor.post(address, {"act": "snooze", "hours": "24"})
    rule.refresh_from_db()
    assert not rule.is_muted
    assert rule.snoozed_until is not None
    assert timedelta(hours=23) < rule.snoozed_until - timezone.now() <= timedelta(hours=24)
    editor.post(address, {"act": "off"})
    rule.refresh_from_db()
    assert not rule.is_enabled
    assert editor.post(address, {"act": "snooze", "hours": "5"}).status_code == 422
    assert editor.post(address, {"act": "explode"}).status_code == 422


def test_a_viewer_reads_and_changes_no_rule(cast: Cast) -> None:
    viewer = cast.client(cast.viewer)
    rule = AlertRule.objects.get(workspace=cast.workspace, kind=AlertKind.LOSSES)
    assert viewer.get("/alerts/rules/").status_code == 200
    assert viewer.get(f"/alerts/rules/{rule.pk}/").status_code == 200
    for path, data in ((f"{rule.pk}/", {}), (f"{rule.pk}/act/", {"act": "mute"}), (f"{rule.pk}/delete/", {})):
        assert viewer.post(f"/alerts/rules/{path}", data).status_code == 403
    assert viewer.get("/alerts/rules/new/").status_code == 403


def test_the_api_tells_and_does_the_same(cast: Cast, editor: Client) -> None:
    happened(cast, 2)
    assert editor.get("/api/v1/alerts/unread").json() == {"unread": 2}
    page = editor.get("/api/v1/alerts?limit=1").json()
    [alert] = page["items"]
    assert alert["text"] == "@mira lost followers, confirmed by a second look: 2."
    assert editor.get(f"/api/v1/alerts?cursor={page['next']}").json()["next"] == ""
    said = editor.post(f"/api/v1/alerts/{alert['id']}/read").json()
    assert said["is_unread"] is False
    body = {"kind": "threshold", "metric": "followers", "side": "above", "limit": 10}
    made = editor.post("/api/v1/alert-rules", body, content_type="application/json")
    assert made.status_code == 201, made.content
    rule = f"/api/v1/alert-rules/{made.json()['id']}"
    changed = editor.patch(rule, {**body, "limit": 20} | {"kind": None}, content_type="application/json")
    assert changed.status_code == 422
    body.pop("kind")
    changed = editor.patch(rule, {**body, "limit": 20}, content_type="application/json")
    assert changed.json()["limit"] == 20
    assert editor.post(f"{rule}/act", {"act": "mute"}, content_type="application/json").json()["is_muted"]
    assert editor.delete(rule).status_code == 204
    assert len(editor.get("/api/v1/alert-rules").json()["items"]) == 4
    assert editor.post("/api/v1/alerts/read").json() == {"unread": 1}
