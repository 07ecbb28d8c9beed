"""Instagram's own export becomes a scan: matched by name, asked about when in doubt, never a confirmed loss."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable

import pytest
from django.utils import timezone

from accounts.gateway.export_zip import ExportPart
from accounts.models import Profile, TrackedAccount
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import export_files, export_import, people
from scans.models import (
    ChangeKind,
    Direction,
    ExportUpload,
    Extent,
    ImportedName,
    ListScan,
    Reason,
    Scan,
    ScanState,
    Source,
)
from tests.scans import listed
from tests.scans.own_uploads import uploads
from tests.scans.scanner import changed, changes, edges_of

__all__ = ["uploads"]
pytestmark = pytest.mark.django_db(transaction=True)
FOLDER = "connections/followers_and_following"


def export(
    followers: Iterable[str], following: Iterable[str] | None = None, *, owner: str = "", number: int = 1
) -> list[ExportPart]:
    """A ZIP as Instagram makes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{FOLDER}/followers_{number}.json", json.dumps([entry(name) for name in followers]))
        if following is not None:
            body = {"relationships_following": [entry(name) for name in following]}
            archive.writestr(f"{FOLDER}/following.json", json.dumps(body))
    name = f"instagram-{owner}-2026-11-02-Ab12.zip" if owner else "export.zip"
    return [ExportPart(name, file)]


def entry(name: str) -> dict[str, object]:
    href = f"https://www.instagram.com/{name}"
    return {"title": "", "string_list_data": [{"href": href, "value": name, "timestamp": 1_700_000_000}]}


def uploaded(account: TrackedAccount, parts: list[ExportPart], extent: Extent = Extent.UNSAID) -> ExportUpload:
    return export_import.order(account=account, parts=parts, by=None, now=timezone.now(), extent=extent)


def worked(upload: ExportUpload) -> Job:
    """The import's job, done as far as it goes."""
    job = run_inline(Job.objects.get(uuid=upload.job_uuid))
    upload.refresh_from_db()
    return job


def imported(account: TrackedAccount, parts: list[ExportPart], extent: Extent = Extent.UNSAID) -> Scan:
    upload = uploaded(account, parts, extent)
    job = worked(upload)
    assert (job.state, job.error) == ("done", "")
    assert not export_files.kept_since_before(timezone.now())
    assert not ImportedName.objects.exists()
    assert upload.scan
    assert job.result["scan"] == str(upload.scan.pk)
    return upload.scan


def asked(account: TrackedAccount, parts: list[ExportPart], doubt: str) -> None:
    """The import asks because of this doubt; then it is cancelled."""
    upload = uploaded(account, parts)
    job = worked(upload)
    assert job.state == "blocked"
    assert doubt in " ".join(upload.doubts)
    runner.cancel(job, by=None)


def names(account: TrackedAccount, which: people.PeopleList = people.PeopleList.FOLLOWERS) -> list[str]:
    return [row.username for row in people.people(account, which, limit=200).items]


def crowd(*numbers: int) -> list[str]:
    return [f"person{number}" for number in numbers]


def test_an_export_alone_gives_lists_and_what_follows_from_them() -> None:
    account = listed.account()
    scan = imported(account, export(crowd(1, 2, 3), crowd(2, 3, 4)))
    assert (scan.state, scan.source) == (ScanState.COMPLETE, Source.EXPORT)
    assert names(account) == crowd(1, 2, 3)
    assert names(account, people.PeopleList.MUTUALS) == crowd(2, 3)
    assert names(account, people.PeopleList.DONT_FOLLOW_BACK) == crowd(4)
    assert all(row.pk is None for row in people.people(account, people.PeopleList.FANS).items)


def test_a_second_export_tells_new_and_missing_but_never_confirms_a_loss() -> None:
    account = listed.account()
    for followers in (crowd(*range(1, 50)), crowd(*range(2, 51)), crowd(*range(2, 51))):
        imported(account, export(followers))
    edges = edges_of(account)
    assert [change.person.username for change in changes(edges, ChangeKind.NEW, 1, 3)] == ["person50"]
    (lost,) = changes(edges, ChangeKind.LOST, 1, 3)
    assert (lost.person.username, lost.is_confirmed) == ("person1", False)


def test_people_of_an_export_are_those_that_a_live_scan_knows_by_number() -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 50))
    imported(account, export(crowd(*range(1, 50))))
    edges = edges_of(account)
    assert changed(edges, ChangeKind.NEW, 1, 2) == changed(edges, ChangeKind.LOST, 1, 2) == []
    assert not Profile.objects.filter(id__lt=0, username__in=crowd(*range(1, 50))).exists()


def test_a_live_scan_puts_numbers_in_the_place_of_names() -> None:
    account = listed.account()
    imported(account, export([f"only.by.name{number}" for number in range(50)]))
    live = listed.scanned(account, [listed.person(9_000 + n, f"only.by.name{n}") for n in range(49)], counted=49)
    assert (live.state, live.new_count, live.lost_count) == (ScanState.COMPLETE, 0, 1)
    edges = edges_of(account)
    assert changed(edges, ChangeKind.NEW, 1, 2) == []
    (lost,) = changes(edges, ChangeKind.LOST, 1, 2)
    assert lost.person.username == "only.by.name49"
    rows = people.people(account, people.PeopleList.FOLLOWERS, limit=100).items
    assert {row.pk for row in rows} == set(range(9_000, 9_049))
    assert all(row.since_seq == 1 for row in rows)
    listed.scanned(account, [listed.person(9_000 + n, f"only.by.name{n}") for n in range(49)], counted=49)
    (lost,) = changes(edges_of(account), ChangeKind.LOST, 1, 3)
    assert lost.is_confirmed is False  # a rename cannot be told from a loss by the name alone


def test_a_rename_between_a_live_scan_and_an_export_heals_at_the_next_live_scan() -> None:
    account = listed.account()
    everybody = listed.numbers(1, 50)
    listed.scanned(account, everybody)
    imported(account, export([*crowd(*range(2, 50)), "person1.renamed"]))
    listed.scanned(account, [listed.person(1, "person1.renamed"), *everybody[1:]])
    edges = edges_of(account)
    assert changed(edges, ChangeKind.LOST, 1, 3) == changed(edges, ChangeKind.NEW, 1, 3) == []
    assert edges.people_count == 49


def test_a_missing_file_is_asked_about_before_anything_is_derived() -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 60))
    upload = uploaded(account, export(crowd(*range(1, 60)), number=2))
    assert worked(upload).state == "blocked"
    assert "followers_1" in upload.doubts[0]
    assert ListScan.objects.filter(edge_list__account=account).count() == 1


def test_a_missing_part_and_files_of_two_days_are_asked_about() -> None:
    account = listed.account()
    (one,) = export(crowd(*range(1, 30)))
    asked(account, [ExportPart("export-part2.zip", one.file)], "Parts of the export are missing: 1")
    (other,) = export(crowd(*range(30, 60)), number=2)
    days = [f"instagram-{account.username}-2026-{month}-02-Ab12.zip" for month in (10, 11)]
    both = [ExportPart(days[0], one.file), ExportPart(days[1], other.file)]
    asked(account, both, "different days: 2026-10-02 and 2026-11-02")
    assert imported(account, both, Extent.WHOLE).lists.get().people_seen == 59


def test_far_fewer_names_than_known_are_asked_about_and_a_part_closes_nobody() -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 60))
    few = export(crowd(*range(30, 61)))
    upload = uploaded(account, few)
    job = worked(upload)
    assert (job.state, job.next_url) == ("blocked", f"/accounts/{account.pk}/import/{upload.pk}/")
    assert "range of dates" in upload.doubts[0]
    export_import.answer(upload, extent=Extent.PART, by=None)
    assert worked(upload).state == "done"
    assert upload.scan
    row = upload.scan.lists.get()
    assert (row.state, row.reason, row.lost_count, row.new_count) == (
        ScanState.PARTIAL, Reason.EXPORT_PART, 0, 1,
    )  # fmt: skip
    assert edges_of(account).people_count == 60


def test_a_whole_that_loses_too_many_is_quarantined_and_believed_when_repeated() -> None:
    account = listed.account()
    imported(account, export(crowd(*range(1, 101))))
    few = crowd(*range(1, 61))
    assert imported(account, export(few), Extent.WHOLE).state == ScanState.QUARANTINED
    assert len(names(account)) == 100
    assert imported(account, export(few), Extent.WHOLE).state == ScanState.COMPLETE
    assert len(names(account)) == 60


def test_an_export_of_somebody_else_is_refused() -> None:
    account = listed.account()
    job = worked(uploaded(account, export(crowd(1), owner="somebody.else")))
    assert (job.state, job.error_code) == ("failed", "export_of_another_account")
    assert "of @somebody.else" in job.error
    assert not export_files.kept_since_before(timezone.now())


def test_something_that_is_no_export_is_refused_with_a_sentence() -> None:
    account = listed.account()
    with pytest.raises(export_import.UnreadableFile, match="not a ZIP"):
        uploaded(account, [ExportPart("notes.txt", io.BytesIO(b"hello"))])
    assert not Job.objects.exists()
    assert not export_files.kept_since_before(timezone.now())


def test_one_name_is_one_person_on_both_lists_and_in_every_workspace() -> None:
    one, other = listed.account(), listed.account()
    imported(one, export(["shared.name"], ["shared.name"]))
    imported(other, export(["shared.name"]))
    assert Profile.objects.filter(username="shared.name").count() == 1
    assert edges_of(one, Direction.FOLLOWING).mutuals_count == 1
