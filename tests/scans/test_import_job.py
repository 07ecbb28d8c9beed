"""An import is a job: killed anywhere it ends with the same lists; it waits for scans, and keeps no file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import TrackedAccount
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_inline
from scans import export_files, export_import, follow_dates, import_job, people, staging
from scans.models import Direction, ExportUpload, FollowDate, ImportedName, ListScan, Scan, ScanState
from tests.scans import listed
from tests.scans.own_uploads import uploads
from tests.scans.scanner import edges_of
from tests.scans.test_export_import import crowd, export, imported, names, uploaded, worked

__all__ = ["uploads"]
pytestmark = pytest.mark.django_db(transaction=True)
FOLLOWED = datetime.fromtimestamp(1_700_000_000, UTC)


class Killed(SystemExit):
    """What a worker's end looks like to a step."""


def killed(job: Job) -> None:
    with pytest.raises(Killed):
        run_inline(job)
    Job.objects.filter(pk=job.pk).update(lease_token=None, lease_until=None, state="queued")


@pytest.mark.parametrize(
    ("at", "call"),
    [
        *((at, 1) for at in ("read_export", "_copy_names", "_merge", "_finish")),
        ("_look_up", 2),
        ("_tie", 2),
        ("_merge", 2),
    ],
)
def test_killed_anywhere_it_ends_with_the_same_lists(monkeypatch: pytest.MonkeyPatch, at: str, call: int) -> None:
    monkeypatch.setattr(import_job, "BATCH", 10)
    account = listed.account()
    upload = uploaded(account, export(crowd(*range(1, 36)), crowd(*range(30, 60))))
    real, calls = getattr(import_job, at), []

    def dying(*args: Any, **kwargs: Any) -> Any:
        calls.append(at)
        answer = real(*args, **kwargs)
        if len(calls) == call:
            raise Killed
        return answer

    monkeypatch.setattr(import_job, at, dying)
    killed(Job.objects.get(uuid=upload.job_uuid))
    assert worked(upload).state == "done"
    assert sorted(names(account)) == sorted(crowd(*range(1, 36)))
    assert sorted(names(account, people.PeopleList.MUTUALS)) == sorted(crowd(*range(30, 36)))
    assert FollowDate.objects.count() == 65
    assert Scan.objects.count() == 1


def test_a_crash_of_the_database_makes_it_look_the_names_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_job, "BATCH", 10)
    account = listed.account()
    upload = uploaded(account, export(crowd(*range(1, 36))))
    real = import_job._merge

    def dying(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(import_job, "_merge", dying)
    killed(Job.objects.get(uuid=upload.job_uuid))
    staging.create(ListScan.objects.get().pk)  # as the server leaves an unlogged table
    monkeypatch.setattr(import_job, "_merge", real)
    assert worked(upload).state == "done"
    assert len(names(account)) == ListScan.objects.get().people_seen == 35


def test_the_file_is_closed_to_others_and_gone_once_it_was_read(monkeypatch: pytest.MonkeyPatch, uploads: Path) -> None:
    upload = uploaded(listed.account(), export(crowd(1)))
    (folder,) = uploads.iterdir()
    assert (S_IMODE(folder.stat().st_mode), S_IMODE((folder / "0").stat().st_mode)) == (0o700, 0o600)
    monkeypatch.setattr(import_job, "_go_on", lambda *_args: (_ for _ in ()).throw(Killed))
    killed(Job.objects.get(uuid=upload.job_uuid))
    assert not list(uploads.iterdir())


def test_it_waits_while_the_account_is_scanned() -> None:
    account = listed.account()
    running = Scan.objects.create(
        workspace=account.workspace, account=account, directions=["followers"], created_at=timezone.now()
    )
    upload = uploaded(account, export(crowd(1, 2)))
    job = Job.objects.get(uuid=upload.job_uuid)
    with pytest.raises(RuntimeError):
        run_inline(job, max_steps=3, clock=ManualClock(timezone.now()))
    job.refresh_from_db()
    assert (job.state, "is being scanned" in job.message) == ("waiting", True)
    Scan.objects.filter(pk=running.pk).update(state=ScanState.FAILED, finished_at=timezone.now())
    assert worked(upload).state == "done"


def test_an_import_that_breaks_off_ends_its_scan_and_changes_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    imported(account, export(crowd(*range(1, 30))))

    def broken(*_args: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(import_job, "_tie", broken)
    upload = uploaded(account, export(crowd(*range(2, 31))))
    assert worked(upload).state == "failed"
    assert upload.scan
    assert (upload.scan.state, upload.scan.lists.get().reason) == (ScanState.FAILED, "crashed")
    assert "not changed" in upload.scan.message
    assert sorted(names(account)) == sorted(crowd(*range(1, 30)))
    assert staging.count(upload.scan.lists.get().pk) is None
    assert not ImportedName.objects.exists()


def test_nobody_answers_for_a_week_and_the_import_is_cancelled() -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 60))
    upload = uploaded(account, export(crowd(*range(30, 61))))
    assert worked(upload).state == "blocked"
    import_job.forget_lost_uploads(timezone.now() + timedelta(days=6))
    assert export_files.kept_since_before(timezone.now() + timedelta(days=1)) == [upload.pk]
    import_job.forget_lost_uploads(timezone.now() + timedelta(days=8))
    assert Job.objects.get(uuid=upload.job_uuid).state == "cancelled"
    assert not export_files.kept_since_before(timezone.now() + timedelta(days=1))


def test_files_that_no_import_will_read_are_forgotten() -> None:
    account = listed.account()
    upload = uploaded(account, export(crowd(1)))
    Job.objects.all().delete()
    ExportUpload.objects.all().delete()
    import_job.forget_lost_uploads(timezone.now())
    assert export_files.kept_since_before(timezone.now() + timedelta(days=2)) == [upload.pk]
    import_job.forget_lost_uploads(timezone.now() + timedelta(days=2))
    assert not export_files.kept_since_before(timezone.now() + timedelta(days=2))


def since(account: TrackedAccount, number: int) -> datetime | None:
    return follow_dates.of(account, [number]).get(number, follow_dates.NEVER_TOLD).follows


def test_a_date_of_an_export_is_the_present_stay_s_and_no_other_s() -> None:
    account = listed.account()
    everybody = listed.numbers(1, 50)
    listed.scanned(account, everybody)
    imported(account, export(crowd(*range(1, 50))))
    assert since(account, 7) == FOLLOWED
    assert FollowDate.objects.count() == 49
    for seven in ([], [], [everybody[6]]):
        listed.scanned(account, [*seven, *everybody[:6], *everybody[7:]])
    assert since(account, 7) is None
    assert since(account, 8) == FOLLOWED
    assert [date.followed_at for date in follow_dates.told([edges_of(account).pk], 7)] == [FOLLOWED]
    imported(account, export(crowd(*range(1, 50))))
    assert since(account, 7) == FOLLOWED, "the export says that they never stopped following"
    assert FollowDate.objects.count() == 49


def test_dates_go_along_when_a_name_becomes_a_numbered_person() -> None:
    account = listed.account()
    imported(account, export([f"only.by.name{number}" for number in range(50)]))
    listed.scanned(account, [listed.person(9_000 + n, f"only.by.name{n}") for n in range(50)])
    assert since(account, 9_003) == FOLLOWED
    assert not FollowDate.objects.filter(profile_id__lt=0).exists()


def test_an_unchanged_export_writes_no_date_again() -> None:
    account = listed.account()
    imported(account, export(crowd(*range(1, 30))))
    upload = uploaded(account, export(crowd(*range(1, 30))))
    with pytest.MonkeyPatch.context() as patch:
        wrote: list[int] = []
        keep = follow_dates.keep
        patch.setattr(follow_dates, "keep", lambda *args: wrote.append(keep(*args)))
        worked(upload)
    assert wrote == [0]
    assert edges_of(account, Direction.FOLLOWERS).last_seq == 2


def test_too_many_files_or_waiting_imports_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    part = export(crowd(1))[0]
    with pytest.raises(export_import.TooLarge):
        uploaded(account, [part] * (export_import.PARTS_MOST + 1))
    monkeypatch.setattr(export_import, "WAITING_MOST", 1)
    uploaded(account, [part])
    with pytest.raises(export_import.TooMany, match="Several exports"):
        uploaded(listed.account(account.workspace), [part])
