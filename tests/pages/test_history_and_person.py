"""The pages behind a change: reasons, quarantine, history, the list as it was, one person, the schedule."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import TrackedAccount
from scans import loss_checks
from scans.models import Direction, LossReason, LossState, LossVerdict, Scan, ScanPreferences, ScanSchedule
from scans.timeline import EventKind, timeline
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    """Person 5 is there from the first reading, leaves, is confirmed, returns under another name and goes private."""
    tracked = listed.account(cast.workspace)
    others = listed.numbers(10, 60)
    for five in ([listed.person(5, is_private=False)], [], [], [listed.person(5, "five.again", is_private=True)]):
        listed.scanned(tracked, [*five, *others])
    return tracked


@pytest.fixture
def viewer(cast: Cast) -> Client:
    return cast.client(cast.viewer)


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def page(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def verdict(account: TrackedAccount, state: LossState, reason: LossReason, pk: int = 5, seq: int = 2) -> LossVerdict:
    return LossVerdict.objects.create(
        edge_list=listed.edges(account), profile_id=pk, ended_seq=seq, state=state, reason=reason,
        checked_at=timezone.now(),
    )  # fmt: skip


def test_a_person_s_timeline_tells_everything_in_order(cast: Cast, account: TrackedAccount) -> None:
    verdict(account, LossState.MISSING, LossReason.UNAVAILABLE)
    found = timeline(cast.workspace, 5)
    assert found is not None
    kinds = [event.kind for event in found.events]
    assert set(kinds[:3]) == {EventKind.RETURNED, EventKind.RENAMED, EventKind.PRIVATE}
    assert kinds[3:] == [EventKind.LEFT, EventKind.THERE]
    left = found.events[3]
    assert (left.state, left.reason) == (LossState.CONFIRMED, LossReason.UNAVAILABLE)
    assert [(one.edges.account, one.is_there) for one in found.standings] == [(account, True)]
    assert all(event.at for event in found.events)


def test_a_timeline_goes_over_all_accounts_of_the_workspace_and_no_others(cast: Cast, account: TrackedAccount) -> None:
    second, foreign = listed.account(cast.workspace), listed.account(cast.elsewhere)
    for tracked in (second, foreign):
        listed.scanned(tracked, listed.numbers(1, 9), direction=Direction.FOLLOWING)
    found = timeline(cast.workspace, 5)
    assert found is not None
    assert {one.edges.account for one in found.standings} == {account, second}
    assert {event.edges.account for event in found.events} == {account, second}
    assert timeline(cast.elsewhere, 50) is None


def test_a_timeline_costs_the_same_for_any_number_of_lists(cast: Cast, account: TrackedAccount) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        timeline(cast.workspace, 5)
    for _more in range(4):
        listed.scanned(listed.account(cast.workspace), listed.numbers(1, 9))
    with CaptureQueriesContext(connection) as many:
        timeline(cast.workspace, 5)
    assert len(many) == len(few)


def test_the_person_page_shows_it_and_hides_who_was_never_seen(
    cast: Cast, viewer: Client, account: TrackedAccount
) -> None:
    shown = page(viewer, "/people/5/")
    for words in ("Returned", "five.again", "Became private", "Left", "Confirmed", f"@{account.username}"):
        assert words in shown
    for nobody in ("999", "0", "x", "5.5", "-7", "1" * 30, str(uuid4())):
        assert viewer.get(f"/people/{nobody}/").status_code == 404
    assert cast.client(cast.stranger).get("/people/5/").status_code == 404


def test_people_and_changes_lead_to_the_person(viewer: Client, account: TrackedAccount) -> None:
    assert "/people/5/" in page(viewer, f"/accounts/{account.pk}/people/")
    assert "/people/5/" in page(viewer, f"/accounts/{account.pk}/people/", look="table")
    assert "/people/5/" in page(viewer, f"/accounts/{account.pk}/changes/", since="1", until="2")


@pytest.mark.parametrize("reason", [LossReason.UNFOLLOWED, LossReason.UNAVAILABLE, LossReason.UNKNOWN])
def test_changes_say_state_and_reason_in_words(viewer: Client, account: TrackedAccount, reason: LossReason) -> None:
    verdict(account, LossState.MISSING, reason)
    shown = page(viewer, f"/accounts/{account.pk}/changes/", since="1", until="2")
    assert str(reason.label) in shown
    if reason == LossReason.UNAVAILABLE:
        assert "Instagram answers the same to all three" in shown


@pytest.mark.parametrize(
    ("state", "tag", "sentence", "basis"),
    [
        (LossState.CONFIRMED, "Unfollowed: checked", "The profile is there, the tie is not", "checked"),
        (LossState.MISSING, "Unfollowed: inferred", "only to the account’s own login", "inferred"),
    ],
)
def test_unfollowed_says_whether_the_tie_was_read_or_inferred(
    viewer: Client, account: TrackedAccount, state: LossState, tag: str, sentence: str, basis: str
) -> None:
    verdict(account, state, LossReason.UNFOLLOWED)
    for shown in (page(viewer, "/people/5/"), page(viewer, f"/accounts/{account.pk}/changes/", since="1", until="2")):
        assert tag in shown
        assert sentence in shown
    lost = viewer.get(f"/api/v1/scans/of/{account.pk}/changes/followers/lost", {"since": 1, "until": 2}).json()["items"]
    left = [event for event in viewer.get("/api/v1/people/5").json()["events"] if event["kind"] == "left"]
    assert [one["basis"] for one in lost + left] == [basis, basis]


def test_changes_show_losses_of_one_state_or_reason(viewer: Client, account: TrackedAccount) -> None:
    verdict(account, LossState.MISSING, LossReason.UNFOLLOWED)
    path, pair = f"/accounts/{account.pk}/changes/", {"since": "1", "until": "3"}
    assert "/people/5/" in page(viewer, path, **pair, state="confirmed", reason="unfollowed")
    assert "/people/5/" not in page(viewer, path, **pair, state="missing")
    assert "/people/5/" not in page(viewer, path, **pair, reason="unchecked")
    assert "No loss of this kind." in page(viewer, path, **pair, reason="unavailable")


def test_changes_show_turned_flags_only_where_there_are_some(viewer: Client, account: TrackedAccount) -> None:
    path = f"/accounts/{account.pk}/changes/"
    assert "Became private" in page(viewer, path, since="1", until="4")
    assert "Became private" not in page(viewer, path, since="1", until="2")


def test_a_quarantined_scan_explains_itself_with_figures_and_offers_the_rescan(
    editor: Client, account: TrackedAccount
) -> None:
    row = listed.scanned(account, listed.numbers(10, 30))
    assert row.state == "quarantined"
    shown = page(editor, f"/scans/{row.scan_id}/")
    for words in ("not believed yet", "31 of 51 people would be gone", "Nothing was closed", "it is believed", "60 %"):
        assert words in shown
    assert f"/scans/{row.scan_id}/rescan/" in shown
    answer = editor.post(f"/scans/{row.scan_id}/rescan/")
    assert answer.status_code == 302
    assert Scan.objects.filter(account=account, state="queued").count() == 0  # no login is ready: said on the page
    assert "No Instagram login is ready" in page(editor, answer["Location"])


def test_history_shows_each_scan_and_marks_partial_ones(viewer: Client, account: TrackedAccount) -> None:
    listed.scanned(account, listed.numbers(10, 20), stop="throttled")
    shown = page(viewer, f"/accounts/{account.pk}/history/")
    assert shown.count('class="dot"') == 4 + 1  # one in the key
    assert shown.count('class="dot open"') == 1 + 1
    told = re.findall(r"aria-label=\"([^\"]*scans, from[^\"]*)\"", shown)  # of the drawing, and of the one to look into
    assert told == ["5 scans, from 51 to 51 people stored; 1 not complete"] * 2
    assert shown.count('<th scope="row">') == 5


def test_history_of_a_list_never_read_says_so(viewer: Client, account: TrackedAccount) -> None:
    assert "never read" in page(viewer, f"/accounts/{account.pk}/history/", list="following")


def test_the_list_is_shown_as_it_was_after_a_scan_and_on_a_date(viewer: Client, account: TrackedAccount) -> None:
    path = f"/accounts/{account.pk}/history/people/"
    assert "/people/5/" in page(viewer, path, at="1")
    assert "/people/5/" not in page(viewer, path, at="2")
    then = listed.edges(account).scans.get(seq=3).finished_at
    assert then is not None
    assert "/people/5/" not in page(viewer, path, at=f"{then:%Y-%m-%d}")
    for odd in ("2001-01-01", "99", "2026-13-45", "x"):
        assert "No scan by then" in page(viewer, path, at=odd)
    answer = viewer.get(f"/accounts/{account.pk}/people/", {"at": "2", "list": "followers"})
    assert answer.status_code == 302
    assert "at=2" in answer["Location"]


def test_an_editor_sets_switches_and_removes_schedules(editor: Client, cast: Cast, account: TrackedAccount) -> None:
    wish = {"account": str(account.pk), "lists": "both", "reading": "mixed", "rhythm": "daily", "at_time": "03:15"}
    assert editor.post("/settings/schedule/", wish).status_code == 302
    schedule = ScanSchedule.objects.get(workspace=cast.workspace)
    assert "Every day at 03:15" in page(editor, "/settings/schedule/")
    editor.post(f"/settings/schedule/{schedule.pk}/switch/")
    schedule.refresh_from_db()
    assert not schedule.is_on
    editor.post(f"/settings/schedule/{schedule.pk}/remove/")
    assert not ScanSchedule.objects.exists()


def test_a_schedule_without_its_time_is_refused_in_words(editor: Client) -> None:
    answer = editor.post("/settings/schedule/", {"lists": "both", "reading": "full", "rhythm": "daily", "at_time": ""})
    assert answer.status_code == 422
    assert "Enter the time of day" in answer.content.decode()


def test_a_viewer_sees_the_schedule_and_changes_nothing(viewer: Client) -> None:
    assert "Set a schedule" not in page(viewer, "/settings/schedule/")
    assert viewer.post("/settings/schedule/", {"lists": "both"}).status_code == 403
    assert viewer.post("/settings/schedule/preferences/", {"losses_per_scan": "5"}).status_code == 403


def test_checks_after_a_scan_are_a_setting_of_the_workspace(editor: Client, cast: Cast) -> None:
    assert editor.post("/settings/schedule/preferences/", {"losses_per_scan": "20"}).status_code == 302
    preferences = ScanPreferences.objects.get(workspace=cast.workspace)
    assert (preferences.checks_losses, preferences.losses_per_scan) == (False, 20)
    assert editor.post("/settings/schedule/preferences/", {"losses_per_scan": "5000"}).status_code == 422
    assert loss_checks.preferences_of(cast.elsewhere).checks_losses


def test_the_api_tells_the_same(editor: Client, cast: Cast, account: TrackedAccount) -> None:
    verdict(account, LossState.MISSING, LossReason.UNAVAILABLE)
    lost = editor.get(f"/api/v1/scans/of/{account.pk}/changes/followers/lost", {"since": 1, "until": 2}).json()["items"]
    assert [(one["pk"], one["is_confirmed"], one["reason"]) for one in lost] == [(5, True, "unavailable")]
    some: dict[str, str | int] = {"since": 1, "until": 2, "reason": "unfollowed"}
    assert editor.get(f"/api/v1/scans/of/{account.pk}/changes/followers/lost", some).json()["items"] == []
    told = editor.get("/api/v1/people/5").json()
    assert {event["kind"] for event in told["events"]} == {"returned", "renamed", "private", "left", "there"}
    assert cast.client(cast.stranger).get("/api/v1/people/5").status_code == 404
    wish = {"account_id": str(account.pk), "lists": ["followers"], "every_minutes": 180, "reading": "newest"}
    made = editor.put("/api/v1/schedules", wish, content_type="application/json").json()
    assert (made["every_minutes"], made["directions"]) == (180, ["followers"])
    assert [one["id"] for one in editor.get("/api/v1/schedules").json()] == [made["id"]]
    assert editor.delete(f"/api/v1/schedules/{made['id']}").status_code == 204
    settings = {"checks_losses": False, "losses_per_scan": 7}
    assert editor.put("/api/v1/losses/preferences", settings, content_type="application/json").json() == settings
    assert editor.post(f"/api/v1/losses/{account.pk}/check").status_code == 409


def test_the_new_scan_dialog_offers_the_newest_people_with_their_estimate(
    editor: Client, account: TrackedAccount
) -> None:
    account.followers_count = 51
    account.save()
    query = {"account": account.username, "lists": "followers"}
    assert "51 people, about 4 requests" in page(editor, "/scans/new/estimate/", **query, mode="full")
    assert "30 people, about 2 requests" in page(editor, "/scans/new/estimate/", **query, mode="newest")
    assert "never who left" in page(editor, "/scans/new/")
