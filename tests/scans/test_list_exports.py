"""Exports hold what the page showed, in each format, without formulas; written by a job that may die anywhere."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client, TestCase
from django.utils import timezone

from accounts.models import Profile, TrackedAccount
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import diffing, list_export_files, list_export_job, list_exports, people, sheet_writing
from scans.list_exports import ChangesWish, PeopleWish
from scans.models import Direction, ExportFormat, ListExport
from scans.people_choice import PeopleList, PeopleSort, Standing, Trait
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(list_export_files, "_root", lambda: tmp_path / "exports")
    return tmp_path / "exports"


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    """Two scans of followers: 1 and 2 left, 50–59 came, 7 was renamed to something like a formula."""
    tracked = listed.account(cast.workspace)
    evil = listed.person(3, "three")
    listed.scanned(tracked, [listed.person(1), listed.person(2), evil, *listed.numbers(4, 40)])
    later = [listed.person(7, "seven.now") if number == 7 else listed.person(number) for number in range(4, 40)]
    listed.scanned(tracked, [evil, *later, *listed.numbers(50, 60)])
    return tracked


def made(account: TrackedAccount, wish: PeopleWish | ChangesWish, format_: ExportFormat) -> ListExport:
    export = list_exports.order(account=account, wish=wish, format_=format_, by=None, now=timezone.now())
    job = run_inline(Job.objects.get(uuid=export.job_uuid))
    assert (job.state, job.error) == ("done", "")
    export.refresh_from_db()
    assert export.bytes == list_export_files.path_of(export.pk).stat().st_size
    return export


def read(export: ListExport) -> list[dict[str, Any]]:
    """The file's rows by its own heading, as a program of another maker reads it."""
    content = list_export_files.path_of(export.pk).read_bytes()
    if export.format == ExportFormat.JSON:
        found: list[dict[str, Any]] = json.loads(content)
        return found
    if export.format == ExportFormat.CSV:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    heading, *rows = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def content(export: ListExport) -> str:
    """The file, or the sheet of a workbook, whose archive tells the time."""
    path = list_export_files.path_of(export.pk)
    if export.format != ExportFormat.XLSX:
        return path.read_bytes().decode()
    with zipfile.ZipFile(path) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_people_are_exported_as_they_were_narrowed_down(account: TrackedAccount, format_: ExportFormat) -> None:
    everybody = made(account, PeopleWish(), format_)
    rows = read(everybody)
    assert sorted(int(row["pk"]) for row in rows) == [*range(3, 40), *range(50, 60)]
    assert everybody.rows_count == 47
    assert all(datetime.fromisoformat(row["on_list_since"]).tzinfo for row in rows)
    new = read(made(account, PeopleWish(standing=Standing.NEW), format_))
    assert sorted(int(row["pk"]) for row in new) == list(range(50, 60))
    assert read(made(account, PeopleWish(search="seven"), format_))[0]["username"] == "seven.now"
    assert read(made(account, PeopleWish(traits=frozenset([Trait.VERIFIED])), format_)) == []
    assert read(made(account, PeopleWish(which=PeopleList.FOLLOWING), format_)) == []


HOSTILE = (
    "plain", "", "=1+1", "+x", "-", "@you", 'say "hi"', "a,b", "back\\slash", "<b>&amp;</b>", "two\nlines", "cr\rhere",
    "'quoted'", " space ", "inner  space", "semi;", "tab\there", "\ttab", "mark\x1f", "Ñandú 李小龙 محمد", "👩🏽",
    "\u2028", "\ufffe",
)  # fmt: skip


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_lines_told_by_the_database_are_those_that_are_written_row_by_row(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, format_: ExportFormat
) -> None:
    tracked = listed.account(cast.workspace)
    first = 10**15 - 5  # from 16 digits on they are text in a workbook
    everybody = listed.numbers(first, first + len(HOSTILE))
    listed.scanned(tracked, everybody[:-3])
    listed.scanned(tracked, everybody)
    for number, text in enumerate(HOSTILE):
        name = text if number % 2 else f"person{number}"
        flags = {"is_private": (True, False, None)[number % 3], "is_verified": (False, None, True)[number % 3]}
        Profile.objects.filter(pk=first + number).update(full_name=text, username=name, **flags)
    monkeypatch.setattr(list_exports, "PAGE", 2)
    for sort in (PeopleSort.NAME, PeopleSort.NEWEST, PeopleSort.OLDEST, PeopleSort.YOUNGEST_ACCOUNT):
        written = content(made(tracked, PeopleWish(sort=sort), format_))
        with monkeypatch.context() as long:
            long.setattr(people, "SHORT", 0)
            told = content(made(tracked, PeopleWish(sort=sort), format_))
        assert told == written, sort


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_changes_are_exported_kind_after_kind(account: TrackedAccount, format_: ExportFormat) -> None:
    rows = read(made(account, ChangesWish(Direction.FOLLOWERS, 1, 2), format_))
    kinds = [row["change"] for row in rows]
    assert kinds == ["new"] * 10 + ["lost"] * 2 + ["renamed"]
    assert {row["state"] for row in rows[10:12]} == {"missing"}
    assert (rows[-1]["old_name"], rows[-1]["new_name"]) == ("person7", "seven.now")


def test_what_cannot_be_compared_is_refused_before_a_job(account: TrackedAccount) -> None:
    with pytest.raises(diffing.NotComparable):
        made(account, ChangesWish(Direction.FOLLOWERS, 2, 2), ExportFormat.CSV)
    assert not ListExport.objects.exists()


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\tx", "\rx"])
@pytest.mark.parametrize("write", [sheet_writing.write_csv, sheet_writing.write_xlsx])
def test_no_text_becomes_a_formula(text: str, write: Callable[..., None]) -> None:
    file = io.BytesIO()
    write(file, ["name"], [[text], [5]])
    if write is sheet_writing.write_csv:
        _heading, (cell,), _number = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    else:
        sheet = openpyxl.load_workbook(file).worksheets[0]
        assert sheet["A2"].data_type == "s"
        cell, number = sheet["A2"].value, sheet["A3"].value
        assert number == 5
    assert cell.startswith("'")


def test_hostile_text_and_large_numbers_survive_every_format() -> None:
    row = ["a\x00b", "<x>&\"'", "👩🏽‍🚀 مرحبا", 17841400000000001, None, True, "x" * 40_000]
    file = io.BytesIO()
    sheet_writing.write_xlsx(file, list("abcdefg"), [row])
    cells = [cell.value for cell in next(openpyxl.load_workbook(file).worksheets[0].iter_rows(min_row=2))]
    assert cells[:6] == ["a\ufffdb", row[1], row[2], "17841400000000001", None, True]
    assert len(str(cells[6])) == sheet_writing.CELL_MOST
    text = io.BytesIO()
    sheet_writing.write_json(text, list("abcdefg"), [row])
    assert list(json.loads(text.getvalue())[0].values()) == row


@pytest.mark.parametrize("name", ["two\nlines", "", "=1", "plain", "a & b", "x" * 1_500, "-"])
def test_a_row_is_one_line_of_a_workbook_and_keeps_its_text(name: str) -> None:
    file = io.BytesIO()
    sheet_writing.write_xlsx(file, ["name", "n"], [[name, 1], ["next", 2]])
    found = list(openpyxl.load_workbook(file).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert found == [(sheet_writing.plain(name) or None, 1), ("next", 2)]
    assert len(next(sheet_writing.xlsx_lines(["name"], [[name]])).splitlines()) == 1


def test_more_rows_than_a_sheet_holds_go_onto_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_writing, "SHEET_ROWS", 11)
    for count, sheets in ((0, 1), (10, 1), (11, 2), (25, 3)):
        file = io.BytesIO()
        sheet_writing.write_xlsx(file, ["n"], [[number] for number in range(count)])
        book = openpyxl.load_workbook(file)
        assert len(book.worksheets) == sheets
        found = [row[0] for sheet in book.worksheets for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert found == list(range(count))


@pytest.mark.parametrize("write", [sheet_writing.write_csv, sheet_writing.write_json, sheet_writing.write_xlsx])
def test_a_file_of_many_rows_takes_no_more_memory_than_one_of_few(write: Callable[..., None], tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with (tmp_path / "file").open("w+b") as file:
            tracemalloc.start()
            write(file, ["n", "name"], ([number, f"person{number}"] for number in range(count)))
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    assert peak(60_000) < peak(5_000) + 1_000_000


@pytest.mark.parametrize("at", ["gather", "finish"])
def test_killed_anywhere_the_file_is_the_same(
    account: TrackedAccount, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    monkeypatch.setattr(list_exports, "PAGE", 10)
    monkeypatch.setattr(list_export_job, "BATCH", 10)
    whole = list_export_files.path_of(made(account, PeopleWish(), ExportFormat.CSV).pk).read_bytes()
    export = list_exports.order(
        account=account, wish=PeopleWish(), format_=ExportFormat.CSV, by=None, now=timezone.now()
    )
    real, calls = getattr(list_export_files, at), []

    def dying(*args: Any) -> Any:
        calls.append(real(*args))
        if len(calls) == (2 if at == "gather" else 1):
            raise SystemExit
        return calls[-1]

    monkeypatch.setattr(list_export_files, at, dying)
    job = Job.objects.get(uuid=export.job_uuid)
    with pytest.raises(SystemExit):
        run_inline(job)
    Job.objects.filter(pk=job.pk).update(lease_token=None, lease_until=None, state="queued")
    assert run_inline(Job.objects.get(pk=job.pk)).state == "done"
    assert list_export_files.path_of(export.pk).read_bytes() == whole


def test_rows_that_went_with_the_disk_are_gathered_again(account: TrackedAccount) -> None:
    export = list_exports.order(
        account=account, wish=PeopleWish(), format_=ExportFormat.JSON, by=None, now=timezone.now()
    )
    cursor = {"next": "", "offset": 5_000, "rows": 60, "is_over": True}
    Job.objects.filter(uuid=export.job_uuid).update(cursor=cursor)
    assert run_inline(Job.objects.get(uuid=export.job_uuid)).state == "done"
    assert len(read(export)) == 47


def test_files_go_after_their_week_and_with_their_job(account: TrackedAccount, folder: Path) -> None:
    made(account, PeopleWish(), ExportFormat.CSV)
    list_export_job.forget_expired_exports(timezone.now() + timedelta(days=6))
    assert ListExport.objects.count() == len(list(folder.iterdir())) == 1
    list_export_job.forget_expired_exports(timezone.now() + timedelta(days=8))
    assert ListExport.objects.count() == len(list(folder.iterdir())) == 0


def test_an_export_is_ordered_watched_fetched_and_deleted_on_its_page(
    cast: Cast, account: TrackedAccount, folder: Path
) -> None:
    editor, viewer = cast.client(cast.editor), cast.client(cast.viewer)
    people_page = editor.get(f"/accounts/{account.pk}/people/", {"q": "seven"}).content.decode()
    assert f"/accounts/{account.pk}/export/" in people_page
    assert f"/accounts/{account.pk}/export/" not in viewer.get(f"/accounts/{account.pk}/people/").content.decode()
    wish = {"content": "people", "list": "followers", "q": "seven", "format": "csv"}
    assert viewer.post(f"/accounts/{account.pk}/export/", wish).status_code == 403
    assert cast.client(cast.stranger).post(f"/accounts/{account.pk}/export/", wish).status_code == 404
    assert editor.post(f"/accounts/{account.pk}/export/", wish).headers["Location"] == "/exports/"
    export = ListExport.objects.get()
    file = f"/exports/{export.pk}/file/"
    assert viewer.get(file).headers["Location"] == "/exports/"
    assert "live:job-" in viewer.get("/exports/").content.decode()
    run_inline(Job.objects.get(uuid=export.job_uuid))
    assert file in viewer.get("/exports/").content.decode()
    answer = viewer.get(file)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert b"seven.now" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert cast.client(cast.stranger).get(file).status_code == 404
    assert viewer.post(f"/exports/{export.pk}/delete/").status_code == 403
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert editor.post(f"/exports/{export.pk}/delete/").status_code == 302
    assert not ListExport.objects.exists()
    assert not list(folder.iterdir())


def test_changes_are_exported_from_their_page(cast: Cast, account: TrackedAccount) -> None:
    editor = cast.client(cast.editor)
    page = editor.get(f"/accounts/{account.pk}/changes/", {"state": "missing"}).content.decode()
    assert 'name="content" value="changes"' in page
    wish = {"content": "changes", "list": "followers", "since": "1", "until": "2", "state": "missing", "format": "json"}
    editor.post(f"/accounts/{account.pk}/export/", wish)
    export = ListExport.objects.get()
    assert (export.choice["state"], export.choice["until"], export.format) == ("missing", 2, "json")
    answer = editor.post(f"/accounts/{account.pk}/export/", wish | {"until": "99"}, follow=True)
    assert ListExport.objects.count() == 1
    assert 'class="' in answer.content.decode()


def test_an_export_goes_through_the_api(cast: Cast, account: TrackedAccount) -> None:
    editor: Client = cast.client(cast.editor)
    path, kind = f"/api/v1/exports/of/{account.pk}/people", "application/json"
    answer = editor.post(path, {"format": "json", "only": "new"}, content_type=kind)
    assert answer.status_code == 202, answer.content
    mine = f"/api/v1/exports/{answer.json()['id']}"
    assert editor.get(f"{mine}/file").json()["error"]["code"] == "export_not_ready"
    run_inline(Job.objects.get(uuid=answer.json()["job_id"]))
    assert editor.get(mine).json()["rows"] == 10
    file = editor.get(f"{mine}/file")
    assert len(json.loads(b"".join(file.streaming_content))) == 10  # type: ignore[attr-defined]
    assert len(editor.get("/api/v1/exports").json()["items"]) == 1
    assert cast.client(cast.stranger).get(f"{mine}/file").status_code == 404
    changes = {"since": 1, "until": 2, "state": "missing"}
    assert editor.post(path.replace("people", "changes"), changes, content_type=kind).status_code == 202
    for _more in range(2):
        editor.post(path, {}, content_type=kind)
    refused = editor.post(path, {}, content_type=kind)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_exports")
    assert editor.delete(mine).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_server_streams_the_file_too(cast: Cast, account: TrackedAccount) -> None:
    export, client = made(account, PeopleWish(), ExportFormat.CSV), AsyncClient()
    client.force_login(cast.viewer, backend="django.contrib.auth.backends.ModelBackend")

    async def fetched() -> bytes:
        answer = await client.get(f"/exports/{export.pk}/file/")
        return b"".join([part async for part in answer.streaming_content])  # type: ignore[attr-defined]

    assert async_to_sync(fetched)() == list_export_files.path_of(export.pk).read_bytes()
