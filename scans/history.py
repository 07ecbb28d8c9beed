"""How a list went over its scans: what the profile claimed, who was stored, who came and left, what was partial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.models import TrackedAccount
from scans.models import Direction, ListScan, ScanMode

#: Scans on one chart.
MOST: Final = 120


@dataclass(frozen=True, slots=True)
class Moment:
    """One scan: ``claimed`` is the profile's count, ``stored`` the people on the list afterwards (None: nothing was
    stored, the reading failed or was quarantined)."""

    scan: ListScan
    at: datetime
    claimed: int | None
    stored: int | None

    @property
    def is_whole(self) -> bool:
        """Whether the scan was complete."""
        return self.scan.is_complete

    @property
    def is_newest_only(self) -> bool:
        """Whether only the newest people were asked for."""
        return self.scan.scan.mode == ScanMode.NEWEST


def moments(account: TrackedAccount, direction: Direction) -> list[Moment]:
    """The newest scans of the list that ended, oldest first."""
    ended = ListScan.objects.for_workspace(account.workspace_id).filter(
        edge_list__account=account, direction=direction, finished_at__isnull=False
    )
    rows = list(ended.select_related("scan").order_by("-pk")[:MOST])[::-1]
    return [
        Moment(row, row.finished_at, row.count_after if row.count_after is not None else row.count_before, row.total)
        for row in rows
        if row.finished_at is not None
    ]
