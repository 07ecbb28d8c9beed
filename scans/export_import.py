"""Instagram's own export as a scan without any login.

People in an export have a name and no number, so they are matched by name (:mod:`scans.provisional`). An export never
confirms a loss, since a rename looks like one; and one that may be only part of a list is not taken for the whole
without asking.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from io import SEEK_END
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.gateway.errors import ExportUnreadable
from accounts.gateway.export_zip import Export, ExportPart, read_export
from accounts.gateway.results import Person
from accounts.models import TrackedAccount
from igsite.problems import Conflict, Invalid
from scans import conclusion, follower_scan, merge, provisional, staging
from scans.completeness import BY_ITSELF, GAP_PEOPLE, GAP_SHARE_LARGEST, Verdict
from scans.models import Direction, EdgeList, ListScan, Scan, ScanState, Source
from scans.paging_rules import Position

_BATCH: Final = 5_000


class Extent(StrEnum):
    """What the person says of an export that may be incomplete."""

    WHOLE = "whole"
    PART = "part"


class UnreadableFile(Invalid):
    """The file is no export of Instagram, or a damaged one; the message says what to do."""

    code = "export_unreadable"


class TooLarge(Invalid):
    """The files are larger together than the site takes."""

    code = "export_too_large"


class WrongAccount(Invalid):
    """The export is another account's."""

    code = "export_of_another_account"


class ExtentUnknown(Conflict):
    """The export may hold only part of a list: ask the person whether it is the whole, then import with ``extent``.

    ``doubts`` are sentences that say why.
    """

    code = "export_extent_unknown"

    def __init__(self, doubts: Sequence[str]) -> None:
        super().__init__(" ".join(doubts))
        self.doubts = list(doubts)


def import_export(
    *,
    account: TrackedAccount,
    parts: Sequence[ExportPart],
    by: Any,
    extent: Extent | None = None,
    now: datetime | None = None,
) -> Scan:
    """The lists in the export as a finished scan of ``account``. Nothing is kept of the file itself.

    Raises:
        TooLarge, UnreadableFile, WrongAccount: nothing was imported.
        ExtentUnknown: nothing was imported yet; ask, and call again with ``extent``.
        follower_scan.ScanRunning: the account is being scanned.
    """
    now = now or timezone.now()
    _check_size(parts)
    try:
        export = read_export(parts)
    except ExportUnreadable as error:
        raise UnreadableFile(str(error), fields={"file": [str(error)]}) from error
    _check_owner(account, export)
    doubts = _doubts(account, export)
    if doubts and extent is None:
        raise ExtentUnknown(doubts)
    try:
        with transaction.atomic():
            scan, merged = _store(account, export, extent or Extent.WHOLE, by, now)
    except IntegrityError as error:
        sentence = f"@{account.username} is being scanned. Import the export when that is done."
        raise follower_scan.ScanRunning(sentence, None) from error
    for each in merged:
        merge.tidy(each)
    return scan


def _check_size(parts: Sequence[ExportPart]) -> None:
    if sum(part.file.seek(0, SEEK_END) for part in parts) > settings.EXPORT_UPLOAD_MAX_BYTES:
        most = settings.EXPORT_UPLOAD_MAX_BYTES // 2**20
        sentence = f"This is more than {most} MB. Ask Instagram for “Followers and following” only."
        raise TooLarge(sentence, fields={"file": [sentence]})


def _lists(export: Export) -> dict[Direction, tuple[Person, ...]]:
    found = {Direction.FOLLOWERS: export.followers, Direction.FOLLOWING: export.following}
    return {direction: people for direction, people in found.items() if people is not None}


def _check_owner(account: TrackedAccount, export: Export) -> None:
    names = {account.username}
    if account.profile_id is not None:
        names |= provisional.former_names(account.profile_id)
    if export.owner_username is not None and export.owner_username not in names:
        sentence = f"This export is of @{export.owner_username}, not of @{account.username}. Track that account first."
        raise WrongAccount(sentence, fields={"file": [sentence]})


def _doubts(account: TrackedAccount, export: Export) -> list[str]:
    doubts = []
    if export.gaps:
        missing = ", ".join(f"followers_{number}" for number in export.gaps)
        doubts.append(f"Files are missing between the first and the last one: {missing}.")
    if export.missing_parts:
        missing = ", ".join(str(number) for number in export.missing_parts)
        doubts.append(f"Parts of the export are missing: {missing}. Choose all of its files at once.")
    if len(export.days) > 1:
        told = " and ".join(day.isoformat() for day in export.days)
        doubts.append(f"The files were made on different days: {told}. Together they may be no list of any one day.")
    for direction, people in _lists(export).items():
        known = _known_count(account, direction)
        if known is not None and known - len(people) > max(GAP_PEOPLE, GAP_SHARE_LARGEST * known):
            doubts.append(
                f"{direction.label}: the export names {len(people):,} people, but {known:,} are known. Was it made"
                " for a range of dates?"
            )
    return doubts


def _known_count(account: TrackedAccount, direction: Direction) -> int | None:
    edges = EdgeList.objects.filter(account=account, direction=direction, complete_seq__isnull=False).first()
    claimed = account.followers_count if direction == Direction.FOLLOWERS else account.following_count
    known = [count for count in (claimed, edges.people_count if edges else None) if count is not None]
    return max(known, default=None)


def _store(
    account: TrackedAccount, export: Export, extent: Extent, by: Any, now: datetime
) -> tuple[Scan, list[merge.Merged]]:
    lists = _lists(export)
    scan = Scan.objects.create(
        workspace_id=account.workspace_id, account=account, directions=[str(direction) for direction in lists],
        source=Source.EXPORT, state=ScanState.RUNNING, created_by=by, created_at=now, started_at=now,
    )  # fmt: skip
    merged = [
        _store_list(list_scan, people, extent, now)
        for list_scan, people in zip(follower_scan.open_lists(scan, list(lists)), lists.values(), strict=True)
    ]
    conclusion.finish_scan(scan, now=now)
    return scan, [each for each in merged if each is not None]


def _store_list(list_scan: ListScan, people: Sequence[Person], extent: Extent, now: datetime) -> merge.Merged | None:
    list_scan.started_at = now
    staging.create(list_scan.pk)
    seen = 0
    for names in _batches(person.username for person in people):
        ids = provisional.ids_of(names, account_id=list_scan.scan.account_id)
        seen += staging.add_names(list_scan.pk, [(ids[name], name) for name in names])
    position = Position(pages=1, seen=seen, is_over=True)
    return conclusion.conclude_list(list_scan, position, now=now, verdict=_verdict(seen, extent))


def _verdict(seen: int, extent: Extent) -> Verdict:
    if extent == Extent.PART:
        sentence = f"The export holds {seen:,} people, a part of the list. {BY_ITSELF}"
        return Verdict("partial", "export_part", sentence)
    return Verdict("complete", "", f"All {seen:,} people of the export were read.")


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(names, _BATCH)):
        yield batch
