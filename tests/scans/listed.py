"""Lists for tests, written as a scan writes them: staged, judged, merged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from django.db import transaction

from accounts.gateway.results import Person
from accounts.models import TrackedAccount, Workspace
from scans import conclusion, staging
from scans.models import Direction, EdgeList, ListScan, Scan, ScanState, Source
from scans.paging_rules import Position

START = datetime(2026, 11, 1, tzinfo=UTC)
_numbers = count(1)


def account(workspace: Workspace | None = None) -> TrackedAccount:
    """A tracked account of a workspace of its own, unless one is given."""
    number = next(_numbers)
    workspace = workspace or Workspace.objects.create(name=f"Workspace {number}")
    return TrackedAccount.objects.create(workspace=workspace, username=f"tracked{number}")


def edges(tracked: TrackedAccount, direction: Direction = Direction.FOLLOWERS) -> EdgeList:
    """One list of the account, as it stands now."""
    return EdgeList.objects.get_or_create(account=tracked, direction=direction)[0]


def person(pk: int, name: str = "", **more: object) -> Person:
    """Somebody on a list."""
    return Person(pk=pk, username=name or f"person{pk}", full_name=f"Person {pk}", **more)  # type: ignore[arg-type]


def scanned(
    tracked: TrackedAccount,
    people: Iterable[Person],
    *,
    counted: int | None = None,
    stop: str = "",
    direction: Direction = Direction.FOLLOWERS,
    source: Source = Source.LOGIN,
) -> ListScan:
    """One scan of one list that showed ``people``. ``counted`` is the profile's count, by default as many as shown."""
    shown = list(people)
    now = START + timedelta(days=next(_numbers))
    with transaction.atomic():
        scan = Scan.objects.create(
            workspace=tracked.workspace, account=tracked, directions=[direction], created_at=now,
            state=ScanState.RUNNING, source=source,
        )  # fmt: skip
        counted = len({each.pk for each in shown}) if counted is None else counted
        row = ListScan.objects.create(
            scan=scan, edge_list=edges(tracked, direction), direction=direction, count_before=counted,
            count_after=counted, state=ScanState.RUNNING,
        )  # fmt: skip
        staging.create(row.pk)
        position = Position(seen=staging.add(row.pk, shown), pages=1, is_over=True)
        if stop:
            position = position.stopped(stop, "It stopped.")
        conclusion.conclude_list(row, position, now=now)
        conclusion.finish_scan(scan, now=now)
    row.refresh_from_db()
    return row


def numbers(start: int, stop: int) -> list[Person]:
    """People with the numbers from ``start`` to before ``stop``."""
    return [person(number) for number in range(start, stop)]
