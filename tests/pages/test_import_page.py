"""Uploading Instagram's own export: taken, doubted, refused; and what a scan would cost."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from scans.models import Scan, Source
from tests.gateway.export_files import FOLDER, v1, zipped
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]


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


def test_an_export_becomes_a_scan(editor: Client, account: TrackedAccount) -> None:
    answer = upload(editor, account, export("mei", "omar"))
    scan = Scan.objects.get()
    assert answer.headers["Location"] == f"/scans/{scan.pk}/"
    assert (scan.source, scan.state) == (Source.EXPORT, "complete")
    page = editor.get(f"/accounts/{account.pk}/people/").content.decode()
    assert ">mei<" in page
    assert "Export of" in editor.get(f"/scans/{scan.pk}/").content.decode()


def test_all_parts_are_read_together(editor: Client, account: TrackedAccount) -> None:
    upload(editor, account, export("mei"), export("omar", number=2))
    assert Scan.objects.get().lists.get().total == 2


def test_a_doubtful_export_is_asked_about_first(editor: Client, account: TrackedAccount) -> None:
    account.followers_count = 1_000
    account.save()
    answer = upload(editor, account, export("mei", "omar"))
    assert answer.status_code == 422
    assert "1,000 are known" in answer.content.decode()
    assert 'name="extent"' in answer.content.decode()
    assert not Scan.objects.exists()
    upload(editor, account, export("mei", "omar"), extent="part")
    assert Scan.objects.get().state == "partial"


@pytest.mark.parametrize(
    ("stream", "word"),
    [
        (io.BytesIO(b"no zip at all"), "ZIP"),
        (zipped({"media/posts_1.json": []}), "no list of followers"),
        (io.BytesIO(b""), "empty"),
    ],
)
def test_what_is_no_export_is_refused_at_the_field(
    editor: Client, account: TrackedAccount, stream: io.BytesIO, word: str
) -> None:
    answer = upload(editor, account, stream)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not Scan.objects.exists()


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
