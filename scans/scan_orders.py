"""Order a scan as people do: by a name or an address, whether the account is tracked yet or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import connect, sources, tracking
from accounts.models import InstagramLogin, TrackedAccount, Workspace
from scans import follower_scan, scan_sources
from scans.models import Direction, Scan, ScanMode
from scans.scan_sources import NoLogin


def order(
    *,
    workspace: Workspace,
    account: str,
    directions: Sequence[Direction],
    by: Any,
    now: datetime,
    login_id: UUID | None = None,
    mode: ScanMode = ScanMode.FULL,
) -> Scan:
    """Track the account named in ``account`` unless it is tracked, and start a scan of it. All of it or nothing.

    Raises:
        accounts.tracking.InvalidAccountName: no account is named.
        NoLogin: the chosen login is gone, or no source can read.
        newest_first.NeverWhole: only the newest are wanted of a list that has no complete scan.
        follower_scan.ScanRunning: the account's last scan has not ended.
    """
    login = _chosen(workspace, login_id)
    with transaction.atomic():
        tracked = tracking.track(workspace=workspace, account=account, by=by, now=now, login=login)
        return follower_scan.start(account=tracked, directions=directions, by=by, login=login, now=now, mode=mode)


def _chosen(workspace: Workspace, login_id: UUID | None) -> InstagramLogin | None:
    if login_id is None:
        return None
    try:
        return connect.source_for(workspace, login_id=login_id)
    except connect.NotReady as refusal:
        raise NoLogin(refusal.why, fields={"login": [refusal.why]}) from refusal


def known(workspace: Workspace, account: str) -> TrackedAccount | None:
    """The tracked account that ``account`` names; None when it names none or one that is not tracked."""
    try:
        name = tracking.username_in(account)
    except tracking.InvalidAccountName:
        return None
    return TrackedAccount.objects.for_workspace(workspace).filter(username=name).first()


def reader(
    account: TrackedAccount, directions: Sequence[Direction], *, login_id: UUID | None = None, mode: ScanMode,
    now: datetime,
) -> sources.Reader | None:  # fmt: skip
    """Who would read a scan ordered now; None while nobody can."""
    try:
        login = _chosen(account.workspace, login_id)
        return scan_sources.choose(account, directions, login=login, mode=mode, now=now)
    except NoLogin:
        return None
