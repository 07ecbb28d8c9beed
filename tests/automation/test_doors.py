"""No door leads past the ceilings, or sends anything: the API, the admin, files, hand-made requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus
from automation.models import Attempt, Batch, Item, SafelistEntry, WritePace, paces
from igsite.jobs.models import Job
from tests.people import Cast, cast

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
TOO_MUCH = {
    "per_hour": 500, "per_day": 5_000, "likes_per_hour": 500, "comments_per_hour": 500, "gap_min": 1, "gap_max": 2,
}  # fmt: skip


@pytest.fixture
def login(cast: Cast) -> InstagramLogin:
    return InstagramLogin.objects.create(workspace=cast.workspace, username="own", status=LoginStatus.READY)


@pytest.fixture
def batch(cast: Cast, login: InstagramLogin) -> Batch:
    """One that waits for its review."""
    now = timezone.now()
    found = Batch.objects.create(workspace=cast.workspace, login=login, kind="follow", created_at=now)
    Item.objects.create(batch=found, position=0, target_pk=7)
    return found


def untouched(batch: Batch) -> bool:
    batch.refresh_from_db()
    is_sent = Attempt.objects.exists() or Job.objects.filter(kind="actions.run").exists()
    return batch.state == "staged" and not is_sent and not WritePace.objects.exists()


@pytest.mark.parametrize("figure", TOO_MUCH)
def test_the_database_keeps_each_ceiling(login: InstagramLogin, figure: str) -> None:
    with pytest.raises(IntegrityError, match="write_pace"), transaction.atomic():
        WritePace.objects.create(login=login, **{figure: TOO_MUCH[figure]})
    WritePace.objects.create(login=login)
    with pytest.raises(IntegrityError, match="write_pace"), transaction.atomic():
        WritePace.objects.update(**{figure: TOO_MUCH[figure]})


def test_the_database_keeps_them_when_a_file_is_imported_row_by_row(login: InstagramLogin) -> None:
    rows = [WritePace(login=login, **TOO_MUCH)]
    with pytest.raises(IntegrityError, match="write_pace"), transaction.atomic():
        WritePace.objects.bulk_create(rows)
    with pytest.raises(IntegrityError, match="write_pace"), transaction.atomic():
        WritePace.objects.bulk_create(rows, ignore_conflicts=True)


def test_the_admin_shows_the_pace_and_what_was_sent_and_writes_neither(
    cast: Cast, batch: Batch, login: InstagramLogin
) -> None:
    client = cast.client(cast.operator)
    pace = WritePace.objects.create(login=login)
    assert client.post(f"/admin/automation/writepace/{pace.pk}/change/", TOO_MUCH).status_code == 403
    pace.refresh_from_db()
    assert (pace.per_hour, pace.gap_min) == (paces.PER_HOUR, paces.GAP_MIN)
    for model in (Batch, Item, Attempt, WritePace):
        table = admin.site._registry[model]
        offered = {str(name) for name in table.actions or ()}
        assert not offered & {"confirm", "resume", "send", "retry"}
    chosen = {"action": "confirm", "_selected_action": [str(batch.pk)]}
    client.post("/admin/automation/batch/", chosen)
    client.post(f"/admin/automation/batch/{batch.pk}/change/", {"state": "running"})
    WritePace.objects.all().delete()
    assert untouched(batch)


def test_the_admin_cancels_by_the_same_function_as_the_page(cast: Cast, batch: Batch) -> None:
    chosen = {"action": "cancel", "_selected_action": [str(batch.pk)]}
    cast.client(cast.operator).post("/admin/automation/batch/", chosen)
    batch.refresh_from_db()
    assert (batch.state, batch.items.get().state) == ("cancelled", "cancelled")


@pytest.mark.parametrize(
    "body",
    [
        {"state": "running"}, {"confirmed_at": "2026-01-01T00:00:00Z"}, {"job_uuid": "x"}, TOO_MUCH,
        {"items": [{"state": "waiting", "target_pk": 9}]},
    ],
)  # fmt: skip
def test_hand_made_requests_change_no_batch_and_no_pace(cast: Cast, batch: Batch, body: dict[str, Any]) -> None:
    owner = cast.signed_in(cast.owner)
    path = f"/api/automation/actions/{batch.pk}"
    for method in ("put", "patch", "post", "delete"):
        answer = getattr(owner, method)(path, json.dumps(body), content_type="application/json")
        assert answer.status_code == 405
    for page in ("", "choose/", "act/"):
        owner.post(f"/actions/{batch.pk}/{page}", {key: str(value) for key, value in body.items()})
    assert untouched(batch)


def test_a_confirmation_by_get_or_without_its_count_confirms_nothing(cast: Cast, batch: Batch) -> None:
    owner = cast.signed_in(cast.owner)
    owner.get(f"/actions/{batch.pk}/confirm/")
    owner.post(f"/actions/{batch.pk}/confirm/", {})
    assert owner.get(f"/api/automation/actions/{batch.pk}/confirm").status_code == 405
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(cast.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert forged.post(f"/actions/{batch.pk}/confirm/", {"count": "1"}).status_code == 403
    assert forged.post(f"/api/automation/actions/{batch.pk}/confirm").status_code == 403
    assert untouched(batch)


def test_a_file_for_a_safelist_writes_safelists_only(cast: Cast, batch: Batch) -> None:
    rows = b"pk,username,note,state,per_hour,workspace\n7,,mine,running,500,other\n"
    upload = SimpleUploadedFile("people.csv", rows, content_type="text/csv")
    owner = cast.signed_in(cast.owner)
    owner.post("/actions/safelists/never_unfollow/import/", {"file": upload})
    assert untouched(batch)
    assert set(SafelistEntry.objects.values_list("workspace_id", flat=True)) <= {cast.workspace.pk}
