"""Jobs in the admin: readable with their error, not writable, and acted on through the same functions."""

from __future__ import annotations

from django.urls import reverse

from igsite.jobs import runner
from igsite.jobs.kinds import Failed
from igsite.jobs.models import JobState
from igsite.models import AuditEntry
from tests.jobs.practice import Answering
from tests.people import Cast

LIST = "admin:jobs_job_changelist"


def test_the_operator_sees_jobs_with_their_errors_and_cannot_write_them(cast: Cast) -> None:
    Answering.prepare(Failed("This account does not exist."))
    job = runner.run_inline(runner.enqueue("practice.answer", workspace=cast.workspace))
    client = cast.client(cast.operator)
    assert "This account does not exist." in client.get(reverse(LIST)).content.decode()
    address = reverse("admin:jobs_job_change", args=[job.pk])
    assert "This account does not exist." in client.get(address).content.decode()
    assert client.post(address, {"state": "done"}).status_code == 403
    for address in ("/admin/jobs/job/add/", f"/admin/jobs/job/{job.pk}/delete/"):
        assert client.post(address).status_code == 404


def test_cancel_and_retry_go_the_domains_way_and_into_the_audit_log(cast: Cast) -> None:
    job = runner.enqueue("practice.answer", workspace=cast.workspace)
    client = cast.client(cast.operator)
    client.post(reverse(LIST), {"action": "cancel_chosen", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    client.post(reverse(LIST), {"action": "retry_chosen", "_selected_action": [job.pk]})
    answer = client.post(reverse(LIST), {"action": "retry_chosen", "_selected_action": [job.pk]}, follow=True)
    assert "Only a task that failed" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    entries = (
        AuditEntry.objects.filter(who=cast.operator, action__startswith="task.")
        .order_by("at")
        .values_list("action", flat=True)
    )
    assert list(entries) == ["task.cancelled", "task.retried"]


def test_members_who_are_no_operators_stay_outside(cast: Cast) -> None:
    assert cast.client(cast.owner).get(reverse(LIST)).status_code in (302, 403)
