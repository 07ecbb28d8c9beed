"""How the lists of several accounts stand, in one query: what each comparison of accounts has to say about its ages."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Q

from accounts.models import Workspace
from scans.models import Direction, ListScan, ScanState
from scans.people import Reading


def readings_of(workspace: Workspace, account_ids: Collection[UUID]) -> dict[UUID, dict[Direction, Reading]]:
    """For each account its readings by list, an empty reading where a list was never read."""
    newest = Q(seq=F("edge_list__last_seq")) | Q(seq=F("edge_list__complete_seq"))
    rows = ListScan.objects.for_workspace(workspace).filter(newest, edge_list__account__in=account_ids)
    latest: dict[tuple[UUID, str], ListScan] = {}
    complete: dict[tuple[UUID, str], ListScan] = {}
    for row in rows.select_related("edge_list", "scan").order_by("seq", "pk"):
        key = (row.edge_list.account_id, row.direction)
        latest[key] = row
        if row.state == ScanState.COMPLETE:
            complete[key] = row
    return {
        account: {each: Reading(each, latest.get((account, each)), complete.get((account, each))) for each in Direction}
        for account in account_ids
    }
