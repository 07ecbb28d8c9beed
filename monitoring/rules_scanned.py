"""What the rules say to scans that ended, and to losses that are confirmed. Nothing partial or quarantined takes part.

A loss is confirmed by a second complete scan, or by the check of that person; whichever comes first tells it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import connection
from django.urls import reverse

from accounts.models import Profile, TrackedAccount
from monitoring.alerts import Finding, write
from monitoring.models import AlertKind, AlertRule
from monitoring.rules_levels import Level
from monitoring.rules_matching import about_account, account_subject, at_work
from monitoring.rules_standing import guarded, settle
from scans.models import EdgeList, ListScan, Reason, Scan, ScanState

_LOSSES: Final = (AlertKind.LOSSES, AlertKind.PERSON_LOST)
_BAD: Final = {ScanState.QUARANTINED: "scan.quarantined", ScanState.FAILED: "scan.failed"}

_BY_SCAN: Final = """
insert into monitoring_toldloss (edge_list_id, profile_id, ended_seq)
select g.list_id, g.profile_id, g.ended_seq from edge_past g where g.list_id = %(list)s and g.confirmed_seq = %(seq)s
on conflict do nothing returning profile_id, ended_seq
"""
_BY_CHECK: Final = """
insert into monitoring_toldloss (edge_list_id, profile_id, ended_seq)
select g.list_id, g.profile_id, g.ended_seq from scans_lossverdict v
join edge_past g on g.list_id = v.edge_list_id and g.profile_id = v.profile_id and g.ended_seq = v.ended_seq
where v.edge_list_id = %(list)s and v.state = 'confirmed' and v.checked_at >= %(since)s
on conflict do nothing returning profile_id, ended_seq
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """People newly confirmed to be gone from a list, by pk with the scan that showed it; ``key`` names the occasion."""

    edge_list: EdgeList
    people: dict[int, int]
    key: str


def after_scan(sender: type[Scan], *, scan: Scan, now: datetime, **_: Any) -> None:  # noqa: ARG001
    """A scan failed, was quarantined, or is complete again; its complete lists may have confirmed losses."""
    guarded(partial(_ask_about_scan, scan, now), f"scan {scan.pk}")


def after_check(sender: type[Any], *, account_id: str, since: datetime, now: datetime, **_: Any) -> None:  # noqa: ARG001
    """A job has looked why people left; what the friendship itself said is confirmed without a second scan."""
    guarded(partial(_ask_about_check, account_id, since, now), f"the losses of account {account_id}")


def _ask_about_scan(scan: Scan, now: datetime) -> None:
    rules = about_account(at_work(scan.workspace_id, [AlertKind.SCAN, *_LOSSES]), scan.account)
    lists = list(scan.lists.select_related("edge_list").order_by("pk"))
    for rule in rules:
        if rule.kind == AlertKind.SCAN:
            _tell_scan(rule, scan, lists, now)
    for row in lists:
        if row.state == ScanState.COMPLETE and row.seq is not None:
            people = _told_now(_BY_SCAN, {"list": row.edge_list_id, "seq": row.seq})
            _tell_losses(rules, scan.account, Lost(row.edge_list, people, f"scan:{scan.pk}"), now)


def _ask_about_check(account_id: str, since: datetime, now: datetime) -> None:
    account = TrackedAccount.objects.filter(pk=account_id).first()
    if account is None:
        return
    rules = about_account(at_work(account.workspace_id, _LOSSES), account)
    for edge_list in EdgeList.objects.filter(account=account).order_by("pk"):
        people = _told_now(_BY_CHECK, {"list": edge_list.pk, "since": since})
        _tell_losses(rules, account, Lost(edge_list, people, f"check:{since.isoformat()}"), now)


def _told_now(statement: str, values: dict[str, Any]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())


def _tell_losses(rules: Collection[AlertRule], account: TrackedAccount, lost: Lost, now: datetime) -> None:
    if not lost.people:
        return
    direction = lost.edge_list.direction
    page = reverse("account:changes", args=[account.pk])
    between = f"since={min(lost.people.values()) - 1}&until={lost.edge_list.last_seq}"
    subject = account_subject(account, f"{page}?list={direction}&{between}&state=confirmed")
    for rule in rules:
        count = len(lost.people)
        if rule.kind == AlertKind.LOSSES and count > (rule.limit or 0):
            finding = Finding(f"losses.{direction}", f"{direction}:{lost.key}", value=count, limit=rule.limit)
            write(rule, subject, finding, at=now)
        elif rule.kind == AlertKind.PERSON_LOST and rule.person in lost.people:
            key = f"{direction}:{lost.people[rule.person]}"
            words = {"person": _name_of(rule)}
            write(rule, subject, Finding(f"person_lost.{direction}", key, words), at=now)


def _name_of(rule: AlertRule) -> str:
    """The person's name as it is now; the one in the rule where it is not on record."""
    found = Profile.objects.filter(pk=rule.person or 0).values_list("username", flat=True).first()
    return f"@{found or rule.person_name}"


def _tell_scan(rule: AlertRule, scan: Scan, lists: list[ListScan], now: datetime) -> None:
    """Once while it goes on: ten failing scans in a row are one alert. What a person cancelled is no failure."""
    if any(row.reason == Reason.CANCELLED for row in lists):
        return
    message = _BAD.get(ScanState(scan.state))
    level = Level(is_beyond=message is not None, is_calm=scan.state == ScanState.COMPLETE)
    subject = account_subject(scan.account, reverse("scans:detail", args=[scan.pk]))
    fired = Finding(message or "", str(scan.state), {"why": scan.message[:200]})
    settle(rule, subject, level, fired, Finding("scan.ended", ""), at=now, looks=1)
