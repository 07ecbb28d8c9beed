"""Scans in pages: the list, one scan live, starting, refusing, stopping; the dashboard."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from igsite.jobs.models import Job
from scans.models import Direction, Scan
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]
HTMX = {"HX-Request": "true", "HX-Target": "modal-body"}


@pytest.fixture
def login(cast: Cast) -> InstagramLogin:
    return InstagramLogin.objects.create(
        workspace=cast.workspace, username="reader", status=LoginStatus.READY, ready_since=timezone.now()
    )


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def start(client: Client, account: str = "@aurora.studio", **more: str) -> Any:
    headers = HTMX if more.pop("htmx", "") else None
    return client.post("/scans/new/", {"account": account, "lists": "both", **more}, headers=headers)


@pytest.mark.parametrize(
    "text",
    [
        "@Aurora.Studio",
        "aurora.studio",
        "https://www.instagram.com/aurora.studio/?igsh=x",
        "m.instagram.com/aurora.studio",
    ],
)
def test_a_scan_starts_by_name_or_address(editor: Client, login: InstagramLogin, text: str) -> None:
    answer = start(editor, text)
    scan = Scan.objects.get()
    assert answer.headers["Location"] == f"/scans/{scan.pk}/"
    assert scan.account.username == "aurora.studio"
    assert scan.directions == ["followers", "following"]
    assert Job.objects.get(uuid=str(scan.job_uuid)).subject == "@aurora.studio"


def test_in_the_dialog_the_running_scan_follows_the_form(editor: Client, login: InstagramLogin) -> None:
    answer = start(editor, lists="followers", htmx="yes")
    scan = Scan.objects.get()
    text = answer.content.decode()
    assert "<html" not in text
    assert f'id="scan-{scan.pk}"' in text
    assert f"live:job-{scan.job_uuid} from:body" in text
    assert "toast" in answer.headers["HX-Trigger"]
    assert scan.directions == ["followers"]


@pytest.mark.parametrize(
    ("entry", "word"),
    [("", "Enter an account"), ("https://www.instagram.com/p/Cabc/", "post"), ("not a name!", "user name")],
)
def test_what_names_no_account_is_refused_at_its_field(
    editor: Client, login: InstagramLogin, entry: str, word: str
) -> None:
    for htmx in ("", "yes"):
        answer = start(editor, entry, htmx=htmx)
        assert answer.status_code == 422
        assert word in answer.content.decode()
        assert ("<html" in answer.content.decode()) is not bool(htmx)
    assert not TrackedAccount.objects.exists()


def test_without_a_login_nothing_is_tracked_and_the_way_to_one_is_shown(editor: Client) -> None:
    answer = start(editor)
    assert answer.status_code == 422
    assert "/settings/logins/" in answer.content.decode()
    assert not TrackedAccount.objects.exists()


def test_a_second_scan_of_an_account_shows_the_running_one(editor: Client, login: InstagramLogin) -> None:
    start(editor)
    answer = start(editor)
    assert answer.status_code == 422
    assert f"/scans/{Scan.objects.get().pk}/" in answer.content.decode()


def test_another_workspaces_login_cannot_be_chosen(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    theirs = InstagramLogin.objects.create(workspace=cast.elsewhere, username="theirs", status=LoginStatus.READY)
    assert start(editor, login=str(theirs.pk)).status_code == 422
    assert start(editor, login="nonsense").status_code == 422
    assert not Scan.objects.exists()


def test_viewers_read_but_do_not_start_or_stop(cast: Cast, editor: Client, login: InstagramLogin) -> None:
    start(editor)
    scan = Scan.objects.get()
    viewer = cast.client(cast.viewer)
    assert viewer.get(f"/scans/{scan.pk}/").status_code == 200
    assert start(viewer).status_code == 403
    assert viewer.post(f"/scans/{scan.pk}/cancel/").status_code == 403
    assert b"/cancel/" not in viewer.get(f"/scans/{scan.pk}/").content


def test_strangers_find_no_scan(cast: Cast, editor: Client, login: InstagramLogin) -> None:
    start(editor)
    scan = Scan.objects.get()
    stranger = cast.client(cast.stranger)
    assert stranger.get(f"/scans/{scan.pk}/").status_code == 404
    assert stranger.post(f"/scans/{scan.pk}/cancel/").status_code == 404
    assert str(scan.pk).encode() not in stranger.get("/scans/").content


def test_a_scan_is_stopped_from_its_card(editor: Client, login: InstagramLogin) -> None:
    start(editor)
    scan = Scan.objects.get()
    headers = {"HX-Request": "true", "HX-Target": f"scan-{scan.pk}"}
    answer = editor.post(f"/scans/{scan.pk}/cancel/", headers=headers)
    scan.refresh_from_db()
    assert not scan.is_open
    assert answer.content.strip().startswith(b'<article class="card scan"')
    assert b"hx-get" not in answer.content


def test_without_scripts_stopping_leads_back_to_the_scan(editor: Client, login: InstagramLogin) -> None:
    start(editor)
    scan = Scan.objects.get()
    assert editor.post(f"/scans/{scan.pk}/cancel/").headers["Location"] == f"/scans/{scan.pk}/"
    assert editor.get(f"/scans/{scan.pk}/cancel/").status_code == 405


def test_a_card_reads_itself_again(editor: Client, login: InstagramLogin) -> None:
    start(editor)
    scan = Scan.objects.get()
    headers = {"HX-Request": "true", "HX-Target": f"scan-{scan.pk}"}
    assert b"<html" not in editor.get(f"/scans/{scan.pk}/", headers=headers).content
    assert b"<html" in editor.get(f"/scans/{scan.pk}/").content


def test_progress_is_shown_while_people_are_read(editor: Client, login: InstagramLogin) -> None:
    start(editor, lists="followers")
    scan = Scan.objects.get()
    scan.lists.update(state="running", people_seen=4213, count_before=10_000)
    text = editor.get(f"/scans/{scan.pk}/").content.decode()
    assert 'value="4213" max="10000"' in text
    assert "42 %" in text


def test_the_time_left_is_told_from_the_pace_so_far(editor: Client, login: InstagramLogin) -> None:
    start(editor)
    TrackedAccount.objects.update(following_count=2_000)
    scan = Scan.objects.get()
    Scan.objects.update(state="running", started_at=timezone.now() - timedelta(minutes=10))
    scan.lists.filter(direction="followers").update(state="running", people_seen=4_000, count_before=10_000)
    assert "About 20 minutes left" in editor.get(f"/scans/{scan.pk}/").content.decode()
    TrackedAccount.objects.update(following_count=None)
    assert "left" not in editor.get(f"/scans/{scan.pk}/").content.decode().partition('class="pad stack"')[2][:900]


def test_a_partial_list_says_why(editor: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    row = listed.scanned(tracked, listed.numbers(1, 50), counted=20_000, stop="limited")
    assert "It stopped." in editor.get(f"/scans/{row.scan_id}/").content.decode()


def test_scans_are_listed_newest_first_page_by_page(editor: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    for number in range(30):
        listed.scanned(tracked, listed.numbers(1, 5 + number))
    first = editor.get("/scans/").context["page"]
    second = editor.get("/scans/", {"cursor": first.next}).context["page"]
    times = [progress.scan.created_at for progress in [*first.items, *second.items]]
    assert times == sorted(times, reverse=True)
    assert len(times) == 30
    assert not second.next


@pytest.mark.parametrize("page", ["/", "/scans/"])
def test_pages_ask_the_same_however_many_scans_there_are(
    editor: Client, cast: Cast, django_assert_max_num_queries: Any, page: str
) -> None:
    for wanted in (2, 12):
        for number in range(wanted):
            tracked = listed.account(cast.workspace)
            listed.scanned(tracked, listed.numbers(1, 5))
            listed.scanned(tracked, listed.numbers(1, 6 + number))
        with django_assert_max_num_queries(24):
            assert editor.get(page).status_code == 200


def test_the_dashboard_sums_what_was_seen(editor: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 101))
    listed.scanned(tracked, listed.numbers(11, 121))
    listed.scanned(tracked, listed.numbers(1, 31), direction=Direction.FOLLOWING)
    answer = editor.get("/")
    figures = answer.context["figures"]
    assert (figures.accounts, figures.people) == (1, 140)
    assert tracked.username in answer.content.decode()


def test_the_dashboard_counts_the_last_seven_days_only(editor: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 101))
    row = listed.scanned(tracked, listed.numbers(11, 121))
    for days, expected in ((8, (0, 0)), (6, (20, 10))):
        row.finished_at = timezone.now() - timedelta(days=days)
        row.save(update_fields=["finished_at"])
        figures = editor.get("/").context["figures"]
        assert (figures.new, figures.lost) == expected


def test_the_first_steps_are_shown_and_ticked_until_a_scan_has_ended(editor: Client, cast: Cast) -> None:
    page = editor.get("/").content.decode()
    assert "Three steps" in page
    assert ">Done<" not in page
    tracked = listed.account(cast.workspace)
    page = editor.get("/").content.decode()
    assert "Three steps" in page
    assert ">Done<" in page
    listed.scanned(tracked, listed.numbers(1, 11))
    assert b"Three steps" not in editor.get("/").content


def test_the_next_of_the_first_steps_is_the_one_that_stands_out(editor: Client, cast: Cast) -> None:
    def primary() -> list[str]:
        return re.findall(r'class="btn primary"[^>]*>(?:<svg.*?</svg>)?([^<]+)', editor.get("/").content.decode(), re.S)

    assert primary() == ["Add a login"]
    ready = {"status": LoginStatus.READY, "ready_since": timezone.now()}
    InstagramLogin.objects.create(workspace=cast.workspace, username="reader", **ready)
    assert primary() == ["Add an account"]
    listed.account(cast.workspace)
    assert primary() == ["New scan"]


def test_a_first_reading_leads_to_people_and_a_second_one_to_changes(editor: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    for changes in (0, 1):
        row = listed.scanned(tracked, listed.numbers(1, 11))
        page = editor.get(f"/scans/{row.scan_id}/").content.decode()
        assert page.count(f'class="btn" href="/accounts/{tracked.pk}/changes/"') == changes
        assert page.count(f'href="/accounts/{tracked.pk}/people/"') >= 1


def test_the_dashboard_shows_other_tasks_that_have_an_end(editor: Client, cast: Cast) -> None:
    more = {"workspace": cast.workspace, "due_at": timezone.now() + timedelta(days=1)}
    Job.objects.create(**more, kind="scans.export", subject="@half.way", state="waiting", total_units=9, done_units=3)
    Job.objects.create(**more, kind="login.connect", subject="@needs.you", state="blocked")
    Job.objects.create(**more, kind="login.connect", subject="@for.ever", state="waiting", done_units=7)
    Job.objects.create(
        **more | {"workspace": cast.elsewhere}, kind="login.connect", subject="@foreign", state="blocked"
    )
    page = editor.get("/").content.decode()
    assert [name in page for name in ("@half.way", "@needs.you", "@for.ever", "@foreign")] == [True, True, False, False]
    # Its cards read themselves by their own rules.
    assert 'hx-disinherit="*"' in page.split('id="now"')[1].split(">")[0]


@pytest.mark.parametrize(("part", "words"), [("now", "No scan is running"), ("alerts-panel", "All alerts")])
def test_a_part_of_the_dashboard_comes_alone(editor: Client, part: str, words: str) -> None:
    answer = editor.get("/", headers={"HX-Request": "true", "HX-Target": part}).content.decode()
    assert f'id="{part}"' in answer
    assert words in answer
    assert "Key figures" not in answer


def test_a_login_that_waits_for_a_person_is_told_on_the_dashboard(editor: Client, login: InstagramLogin) -> None:
    InstagramLogin.objects.update(status=LoginStatus.NEEDS_CODE)
    assert b"Needs a code" in editor.get("/").content
