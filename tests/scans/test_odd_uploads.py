"""Files that are no export, uploaded by page and by API: refused with a sentence, nothing stored, nothing exhausted."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import TrackedAccount
from igsite import upload_limit
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import export_files
from scans.models import Scan
from tests.gateway.export_files import FOLDER
from tests.people import Cast
from tests.scans.own_uploads import uploads

__all__ = ["uploads"]
pytestmark = pytest.mark.django_db
LIST = f"{FOLDER}followers_1.json"


def archive(content: bytes, name: str = LIST, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as target:
        target.writestr(name, content)
    return packed.getvalue()


FILES: dict[str, bytes] = {
    "empty": b"",
    "html": b"<!doctype html><title>Log in</title>" * 50,
    "picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
    "cut off": archive(b"[]" * 5000)[:-40],
    "bomb": archive(b"[" + b" " * 80_000_000 + b"]"),
    "bomb of another kind": archive(b" " * 30_000_000, method=zipfile.ZIP_LZMA),
    "deep": archive(b"[" * 200_000),
    "html within": archive(b"<html><body>followers</body></html>"),
    "no utf-8 within": archive(b'[{"string_list_data":[{"value":"\xff\xfe"}]}]'),
    "other lists": archive(b"{}", name="../../../etc/passwd"),
    "a number": archive(b"1e9999"),
}


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    return TrackedAccount.objects.create(workspace=cast.workspace, username="tracked")


@pytest.fixture
def client(cast: Cast) -> Client:
    client = cast.client(cast.editor)
    client.raise_request_exception = False
    return client


def upload(client: Client, path: str, content: bytes, name: str = "export.zip") -> Any:
    return client.post(path, {"file": SimpleUploadedFile(name, content), "extent": "whole"})


#: What a look at the file shows already; the others are found out by the job that reads them.
AT_ONCE = {"empty", "html", "picture", "cut off"}


@pytest.mark.parametrize("what", sorted(AT_ONCE))
def test_a_file_that_is_no_zip_is_refused_on_the_page_and_by_the_api(
    account: TrackedAccount, client: Client, what: str
) -> None:
    page = upload(client, reverse("account:import", args=[account.pk]), FILES[what])
    assert page.status_code == 422
    assert b'class="error"' in page.content
    answer = upload(client, f"/api/v1/imports/of/{account.pk}", FILES[what])
    assert answer.status_code == 422, answer.content
    assert len(answer.json()["error"]["message"]) > 20
    assert not Job.objects.exists()


@pytest.mark.parametrize("what", sorted(set(FILES) - AT_ONCE))
def test_a_zip_that_is_no_export_fails_with_a_sentence_and_leaves_nothing(
    account: TrackedAccount, client: Client, what: str
) -> None:
    path = reverse("account:import", args=[account.pk])
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = upload(client, path, FILES[what])
        assert answer.status_code in {302, 422}, answer.status_code
        if answer.status_code == 302:
            job = run_inline(Job.objects.get(kind="scans.import"))
            assert (job.state, job.error_code) == ("failed", "export_unreadable")
            assert len(job.error) > 20
            assert job.error.encode()[:20] in client.get(answer.headers["Location"]).content
    assert not Scan.objects.exists()
    assert not export_files.kept_since_before(timezone.now())


@pytest.mark.parametrize("name", ["a" * 5000, "../../x.zip", "a\x00b.zip", "‮piz.exe"])
def test_the_name_of_a_file_is_never_believed(account: TrackedAccount, client: Client, name: str) -> None:
    for path in (reverse("account:import", args=[account.pk]), f"/api/v1/imports/of/{account.pk}"):
        assert upload(client, path, FILES["html"], name).status_code in {400, 422}


def test_a_form_of_ten_megabytes_is_refused_before_it_is_read(account: TrackedAccount, client: Client) -> None:
    body = f"account=@{'x' * 10_000_000}"
    for path in (reverse("scans:new"), reverse("accounts:list")):
        answer = client.post(path, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in {400, 413}
    for path in ("/api/v1/scans", "/api/v1/accounts"):
        answer = client.post(path, f'{{"account": "{"x" * 10_000_000}"}}', content_type="application/json")
        assert answer.status_code == 413, answer.content[:200]


def test_a_form_of_ten_thousand_fields_or_files_is_refused(account: TrackedAccount, client: Client) -> None:
    path = reverse("account:import", args=[account.pk])
    many = "&".join(f"f{number}=1" for number in range(10_000))
    assert client.post(path, many, content_type="application/x-www-form-urlencoded").status_code == 400
    files = {f"file{number}": SimpleUploadedFile("x.zip", b"x") for number in range(200)}
    assert client.post(path, files).status_code == 400


def test_an_upload_beyond_the_limit_is_refused(account: TrackedAccount, client: Client, settings: Settings) -> None:
    settings.EXPORT_UPLOAD_MAX_BYTES = 1000
    page = upload(client, reverse("account:import", args=[account.pk]), b"PK" + b"x" * 5000)
    assert page.status_code == 422
    answer = upload(client, f"/api/v1/imports/of/{account.pk}", b"PK" + b"x" * 5000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "export_too_large")
    assert "MB" in answer.json()["error"]["message"]


def test_a_large_file_is_taken_by_the_import_only(
    account: TrackedAccount, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limit, "SMALL", 100_000)
    assert upload(client, reverse("account:import", args=[account.pk]), b"x" * 200_000).status_code == 422
    for path in (reverse("scans:new"), "/auth/login/", "/nowhere/import/"):
        assert upload(client, path, b"x" * 200_000).status_code in {400, 404}


def test_a_body_without_end_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limit, "SMALL", 1000)
    taken: list[bytes] = []
    sent: list[Any] = []

    async def site(_scope: Any, receive: Any, _send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            taken.append(message["body"])

    async def endless() -> Any:
        return {"type": "http.request", "body": b"x" * 300, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    def ask(headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "http", "path": "/auth/login/", "headers": headers}
        async_to_sync(upload_limit.LimitedBodies(site))(scope, endless, send)

    ask([])
    assert len(b"".join(taken)) <= 1000
    for announced in (b"1001", b"-1", b"x"):
        ask([(b"content-length", announced)])
    assert [one["status"] for one in sent if "status" in one] == [413] * 3
