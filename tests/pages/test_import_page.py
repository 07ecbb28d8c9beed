"""Uploading Instagram's own export: taken, doubted, refused; and what a scan would cost."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.utils import timezone
from pytest_django import Settings

from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import export_files
from scans.models import ExportUpload, FollowDate, Scan, Source
from tests.gateway.export_files import FOLDER, v1, zipped
from tests.people import Cast, cast
from tests.scans import listed
from tests.scans.own_uploads import uploads

__all__ = ["cast", "uploads"]


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    return TrackedAccount.objects.create(workspace=cast.workspace, username="aurora.studio")


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def export(*names: str, number: int = 1) -> io.BytesIO:
    return zipped({f"{FOLDER}followers_{number}.json": [v1(name) for name in names]})


def upload(client: Client, account: TrackedAccount, *streams: io.BytesIO, **fields: str) -> Any:
    files = [SimpleUploadedFile(f"part-{n}.zip", stream.getvalue()) for n, stream in enumerate(streams)]
    return client.post(f"/accounts/{account.pk}/import/", {"file": files, **fields})


def worked(answer: Any) -> ExportUpload:
    """The upload that the answer leads to, its job done as far as it goes."""
    found = ExportUpload.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/accounts/{found.account_id}/import/{found.pk}/"
    run_inline(Job.objects.get(uuid=found.job_uuid))
    found.refresh_from_db()
    return found


def test_an_export_becomes_a_scan(editor: Client, account: TrackedAccount) -> None:
    answer = upload(editor, account, export("mei", "omar"))
    waiting = editor.get(answer.headers["Location"]).content.decode()
    job = Job.objects.get(kind="scans.import")
    assert f"live:job-{job.uuid}" in waiting
    assert "part-0.zip" in waiting
    found = worked(answer)
    scan = Scan.objects.get()
    assert (scan.source, scan.state, found.scan) == (Source.EXPORT, "complete", scan)
    page = editor.get(f"/accounts/{account.pk}/people/").content.decode()
    assert ">mei<" in page
    assert "Export of" in editor.get(f"/scans/{scan.pk}/").content.decode()
    done = editor.get(answer.headers["Location"]).content.decode()
    assert f"/scans/{scan.pk}/" in done
    assert "live:" not in done.split('id="import-')[1].split("</section>")[0]
    assert answer.headers["Location"] in editor.get(f"/accounts/{account.pk}/import/").content.decode()


def test_people_and_person_show_since_when_as_the_export_tells(editor: Client, account: TrackedAccount) -> None:
    worked(upload(editor, account, export("mei")))
    for look in ("grid", "table"):
        page = editor.get(f"/accounts/{account.pk}/people/", {"look": look}).content.decode()
        assert "Follows since" in page
        assert "2023" in page
    number = FollowDate.objects.get().profile_id
    listed_ = editor.get(f"/api/v1/scans/of/{account.pk}/people/followers").json()["items"]
    assert listed_[0]["follows_since"].startswith("2023-")
    assert listed_[0]["followed_since"] is None
    person = editor.get(f"/people/{number}/").content.decode()
    assert "Began to follow" in person
    assert "As Instagram’s own export tells it." in person


def test_all_parts_are_read_together(editor: Client, account: TrackedAccount) -> None:
    worked(upload(editor, account, export("mei"), export("omar", number=2)))
    assert Scan.objects.get().lists.get().total == 2


def test_a_doubtful_export_is_asked_about_first(editor: Client, cast: Cast, account: TrackedAccount) -> None:
    account.followers_count = 1_000
    account.save()
    found = worked(upload(editor, account, export("mei", "omar")))
    address = f"/accounts/{account.pk}/import/{found.pk}/"
    page = editor.get(address).content.decode()
    assert "1,000 are known" in page
    assert 'name="extent"' in page
    assert 'name="extent"' not in cast.client(cast.viewer).get(address).content.decode()
    assert not Scan.objects.exists()
    assert editor.post(address, {}).status_code == 422
    assert cast.client(cast.viewer).post(address, {"extent": "part"}).status_code == 403
    worked(editor.post(address, {"extent": "part"}))
    assert Scan.objects.get().state == "partial"
    assert "does not wait" in editor.post(address, {"extent": "whole"}, follow=True).content.decode()


def test_what_is_no_export_fails_in_words_on_its_page(editor: Client, account: TrackedAccount) -> None:
    found = worked(upload(editor, account, zipped({"media/posts_1.json": []})))
    page = editor.get(f"/accounts/{account.pk}/import/{found.pk}/").content.decode()
    assert "no list of followers" in page
    assert not Scan.objects.exists()


@pytest.mark.parametrize(("stream", "word"), [(io.BytesIO(b"no zip at all"), "ZIP"), (io.BytesIO(b""), "empty")])
def test_what_is_no_zip_is_refused_at_the_field(
    editor: Client, account: TrackedAccount, stream: io.BytesIO, word: str
) -> None:
    answer = upload(editor, account, stream)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not Job.objects.exists()


def test_one_export_of_an_account_at_a_time(editor: Client, account: TrackedAccount) -> None:
    upload(editor, account, export("mei"))
    answer = upload(editor, account, export("omar"))
    assert answer.status_code == 422
    assert "is being imported" in answer.content.decode()
    assert len(export_files.kept_since_before(timezone.now())) == ExportUpload.objects.count() == 1


def test_a_cancelled_import_changes_nothing_and_keeps_no_file(editor: Client, account: TrackedAccount) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = upload(editor, account, export("mei"))
        job = Job.objects.get(kind="scans.import")
        assert editor.post(f"/tasks/{job.uuid}/cancel/").status_code in {200, 302}
    assert "cancelled" in editor.get(answer.headers["Location"]).content.decode()
    assert not Scan.objects.exists()
    assert not export_files.kept_since_before(timezone.now())


def test_no_file_is_refused(editor: Client, account: TrackedAccount) -> None:
    answer = editor.post(f"/accounts/{account.pk}/import/", {})
    assert answer.status_code == 422
    assert "Choose the ZIP" in answer.content.decode()


def test_too_much_is_refused(editor: Client, account: TrackedAccount, settings: Settings) -> None:
    settings.EXPORT_UPLOAD_MAX_BYTES = 100
    assert upload(editor, account, export("mei")).status_code == 422
    assert not Scan.objects.exists()


def test_only_editors_of_the_workspace_import(cast: Cast, account: TrackedAccount) -> None:
    address = f"/accounts/{account.pk}/import/"
    assert cast.client(cast.viewer).post(address, {}).status_code == 403
    assert cast.client(cast.stranger).post(address, {}).status_code == 404


def estimate(client: Client, **query: str) -> str:
    answer = client.get("/scans/new/estimate/", {"lists": "both", **query})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_cost_is_told_before_the_start(editor: Client, cast: Cast, account: TrackedAccount) -> None:
    account.followers_count, account.following_count = 10_000, 800
    account.save()
    assert "10,800 people, about 219 requests" in estimate(editor, account="@aurora.studio")
    assert "800 people, about 18 requests" in estimate(editor, account="aurora.studio", lists="following")
    InstagramLogin.objects.create(
        workspace=cast.workspace, username="reader", status=LoginStatus.READY, ready_since=timezone.now()
    )
    told = estimate(editor, account="aurora.studio")
    assert "minute" in told or "second" in told or "hour" in told


def test_an_unknown_size_is_not_guessed(editor: Client, cast: Cast, account: TrackedAccount) -> None:
    assert "not known yet" in estimate(editor, account="aurora.studio")
    assert "that is tracked" in estimate(editor, account="somebody.else")
    assert "that is tracked" in estimate(editor, account="")
    theirs = listed.account(cast.elsewhere)
    theirs.followers_count = 77
    theirs.save()
    assert "77" not in estimate(editor, account=theirs.username)


def test_the_form_shows_the_cost_without_scripts(editor: Client, account: TrackedAccount) -> None:
    account.followers_count, account.following_count = 100, 100
    account.save()
    assert "200 people" in editor.get("/scans/new/?account=aurora.studio").content.decode()
