"""What people do with rules: make, change, remove; mute, snooze, switch off and on again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import TrackedAccount, User, Workspace
from igsite import audit
from igsite.paging import Page, page_of
from igsite.problems import Conflict, Invalid
from igsite.text import clean_text, whole_number
from monitoring.alert_words import FACTS, METRICS
from monitoring.measurement_rows import PROFILE_COUNTS
from monitoring.models import AlertKind, AlertRule, Monitor, RuleScope, RuleSide, RuleStand, Severity
from scans.person_rows import fetch

#: Rules of one workspace; each measurement asks those that are about it.
MOST: Final = 200
WINDOW_LONGEST: Final = 24 * 90
#: Hours for which a rule can be snoozed.
SNOOZES: Final = (1, 24, 168)
#: What each kind of rule needs to be told, beside whom it is about.
FIELDS: Final = {
    AlertKind.THRESHOLD: ("metric", "side", "limit"),
    AlertKind.CHANGE: ("metric", "side", "limit", "window_hours"),
    AlertKind.ANOMALY: ("metric", "side"),
    AlertKind.POST_BAND: ("side",),
    AlertKind.NEW_POST: (),
    AlertKind.FACT: ("facts",),
    AlertKind.LOSSES: ("limit",),
    AlertKind.PERSON_LOST: ("person",),
    AlertKind.TARGET: (),
    AlertKind.LOGIN: (),
    AlertKind.SOURCE: (),
    AlertKind.SCAN: (),
}
#: Kinds that are about the whole workspace.
EVERYWHERE: Final = (AlertKind.LOGIN, AlertKind.SOURCE)
_ABOUT_LISTS: Final = (AlertKind.LOSSES, AlertKind.PERSON_LOST, AlertKind.SCAN)


class BadRule(Invalid):
    """A rule that cannot be used; the sentence says what to correct."""

    code = "bad_rule"


class RuleConflict(Conflict):
    """There are too many rules, or the act is not for this one."""

    code = "rule_conflict"


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as somebody wants it. ``about``: empty for all, ``@name`` of an account or monitor, a post's code, or
    ``#tag``. ``person``: ``@name`` or the number of somebody on one of the workspace's lists."""

    kind: AlertKind
    about: str = ""
    metric: str = ""
    side: str = RuleSide.EITHER
    limit: float | None = None
    window_hours: int | None = None
    facts: Sequence[str] = ()
    person: str = ""
    severity: str = Severity.WARNING


def page(workspace: Workspace, *, cursor: str = "", limit: int = 50) -> Page[AlertRule]:
    """One page of the workspace's rules, the newest first."""
    mine = AlertRule.objects.for_workspace(workspace).select_related("monitor", "account")
    return page_of(mine, name="alert-rules", order=("-created_at", "-id"), cursor=cursor, limit=limit)


@transaction.atomic
def make(*, workspace: Workspace, draft: Draft, by: User, now: datetime) -> AlertRule:
    """A new rule. Raises :class:`BadRule`, :class:`RuleConflict`."""
    if AlertRule.objects.for_workspace(workspace).count() >= MOST:
        raise RuleConflict(_("There are %(most)s rules. Delete one first.") % {"most": MOST})
    rule = AlertRule(workspace=workspace, made_by=by, created_at=now, kind=draft.kind)
    _take_over(rule, draft, now)
    audit.record(by, "alert_rule.made", rule, workspace=workspace, now=now, details=_told(rule))
    return rule


@transaction.atomic
def change(*, rule: AlertRule, draft: Draft, by: User, now: datetime) -> AlertRule:
    """Other values; the kind stays. What had fired is looked at anew. Raises :class:`BadRule`."""
    _take_over(rule, draft, now)
    RuleStand.objects.filter(rule=rule).update(is_fired=False, calm=0)
    audit.record(by, "alert_rule.changed", rule, workspace=rule.workspace, now=now, details=_told(rule))
    return rule


@transaction.atomic
def remove(*, rule: AlertRule, by: User, now: datetime) -> None:
    """Delete a rule; its alerts stay. Raises :class:`RuleConflict` for one that every workspace has."""
    if rule.is_built_in:
        raise RuleConflict(_("Every workspace has this rule. It can be muted or switched off."))
    audit.record(by, "alert_rule.removed", rule, workspace=rule.workspace, now=now, details=_told(rule))
    rule.delete()


@transaction.atomic
def set_muted(*, rule: AlertRule, is_muted: bool, by: User, now: datetime) -> None:
    """Muted it writes silently, until somebody takes that back."""
    rule.is_muted = is_muted
    if not is_muted:
        rule.snoozed_until = None
    _save(rule, by, "alert_rule.muted" if is_muted else "alert_rule.unmuted", now)


@transaction.atomic
def snooze(*, rule: AlertRule, hours: int, by: User, now: datetime) -> None:
    """Silent for an hour, a day or a week. Raises :class:`BadRule`."""
    if hours not in SNOOZES:
        raise BadRule(_("A rule is snoozed for 1, 24 or 168 hours."), fields={"hours": [_("Choose one of them.")]})
    rule.snoozed_until = now + timedelta(hours=hours)
    _save(rule, by, "alert_rule.snoozed", now)


@transaction.atomic
def set_enabled(*, rule: AlertRule, is_enabled: bool, by: User, now: datetime) -> None:
    """Switched off it is not looked at. Switched on again it begins anew."""
    begins_anew = is_enabled and not rule.is_enabled
    rule.is_enabled = is_enabled
    if begins_anew:
        RuleStand.objects.filter(rule=rule).update(is_fired=False, calm=0)
    _save(rule, by, "alert_rule.switched_on" if is_enabled else "alert_rule.switched_off", now)


def act(*, rule: AlertRule, act: str, hours: int, by: User, now: datetime) -> None:
    """One of ``mute``, ``unmute``, ``snooze`` (for ``hours``), ``on``, ``off``. Raises :class:`BadRule` for others."""
    match act:
        case "mute" | "unmute":
            set_muted(rule=rule, is_muted=act == "mute", by=by, now=now)
        case "on" | "off":
            set_enabled(rule=rule, is_enabled=act == "on", by=by, now=now)
        case "snooze":
            snooze(rule=rule, hours=hours, by=by, now=now)
        case _:
            raise _bad("act", _("Nobody knows this act."))


def _save(rule: AlertRule, by: User, act: str, now: datetime) -> None:
    rule.updated_at = now
    rule.save(update_fields=["is_muted", "snoozed_until", "is_enabled", "updated_at"])
    audit.record(by, act, rule, workspace=rule.workspace, now=now)


def _told(rule: AlertRule) -> dict[str, Any]:
    return {"kind": rule.kind, "scope": rule.scope, "limit": rule.limit}


def _take_over(rule: AlertRule, draft: Draft, now: datetime) -> None:
    kind = AlertKind(rule.kind)
    wanted = FIELDS[kind]
    _check(kind, draft)
    rule.metric = draft.metric if "metric" in wanted else ""
    rule.side = RuleSide(draft.side) if "side" in wanted else RuleSide.EITHER
    rule.limit = draft.limit if "limit" in wanted else None
    rule.window_hours = draft.window_hours if "window_hours" in wanted else None
    rule.facts = sorted(set(draft.facts)) if "facts" in wanted else []
    if "person" in wanted:
        rule.person, rule.person_name = _person_in(rule.workspace, draft.person)
    rule.severity, rule.updated_at = Severity(draft.severity), now
    if not rule.is_built_in:
        _aim(rule, kind, draft.about)
    rule.save()


def _check(kind: AlertKind, draft: Draft) -> None:
    """Raises :class:`BadRule` for the first value that makes no rule."""
    wanted = FIELDS[kind]
    counts = PROFILE_COUNTS if kind == AlertKind.ANOMALY else tuple(METRICS)
    if "metric" in wanted and draft.metric not in counts:
        raise _bad("metric", _("Choose what is counted."))
    sides = RuleSide.values if kind != AlertKind.THRESHOLD else [RuleSide.ABOVE, RuleSide.BELOW]
    if "side" in wanted and draft.side not in sides:
        raise _bad("side", _("Choose on which side of the limit the rule fires."))
    if "limit" in wanted and (draft.limit is None or not 0 <= draft.limit <= 2**53):
        raise _bad("limit", _("Enter a limit of 0 or more."))
    if kind == AlertKind.CHANGE and not draft.limit:
        raise _bad("limit", _("Enter how many per cent the count must change by."))
    if "window_hours" in wanted and not 1 <= (draft.window_hours or 0) <= WINDOW_LONGEST:
        raise _bad("window_hours", _("Enter the hours over which the change is counted, 1 to 2160."))
    if set(draft.facts) - set(FACTS):
        raise _bad("facts", _("Choose from the facts that are offered."))
    if draft.severity not in Severity.values:
        raise _bad("severity", _("Choose how much it matters."))


def _aim(rule: AlertRule, kind: AlertKind, about: str) -> None:
    """Set whom the rule is about. Raises :class:`BadRule` for a name that the workspace does not have."""
    text = " ".join(clean_text(about, limit=200).split())
    rule.scope, rule.monitor, rule.account, rule.tag = RuleScope.ALL, None, None, ""
    if not text or kind in EVERYWHERE:
        return
    if text.startswith("#"):
        rule.scope, rule.tag = RuleScope.TAG, text.removeprefix("#").strip()[:30]
        if not rule.tag:
            raise _bad("about", _("Write the tag behind the #."))
        return
    name = text.removeprefix("@")
    account = TrackedAccount.objects.for_workspace(rule.workspace).filter(username=name.lower()).first()
    if account is not None:
        rule.scope, rule.account = RuleScope.ACCOUNT, account
        return
    mine = Monitor.objects.for_workspace(rule.workspace)
    monitor = mine.filter(username=name.lower(), code="").first() or mine.filter(code=name).first()
    if monitor is None or kind in _ABOUT_LISTS:
        raise _bad("about", _("Nothing of this name is tracked or monitored here."))
    rule.scope, rule.monitor = RuleScope.MONITOR, monitor


# Only people whom one of the workspace's own lists shows or showed: nobody learns of others' lists.
_PERSON: Final = """
select p.id, p.username from accounts_profile p
where (p.id = %(pk)s or p.username = %(name)s or (p.id < 0 and lower(p.username) = %(name)s)) and exists (
    select 1 from scans_edgelist l join accounts_trackedaccount a on a.id = l.account_id and a.workspace_id = %(place)s
    where exists (select 1 from edge_current e where e.list_id = l.id and e.profile_id = p.id)
       or exists (select 1 from edge_past e where e.list_id = l.id and e.profile_id = p.id)
) order by p.id limit 1
"""


def _person_in(workspace: Workspace, text: str) -> tuple[int, str]:
    name = clean_text(text, limit=200).strip().removeprefix("@").lower()
    number = whole_number(name) or 0
    found = fetch(_PERSON, {"pk": number, "name": name, "place": workspace.pk}) if name else []
    if not found:
        raise _bad("person", _("Nobody of this name is on one of the lists that were scanned here."))
    return int(found[0][0]), str(found[0][1])


def _bad(field: str, sentence: str) -> BadRule:
    return BadRule(sentence, fields={field: [sentence]})
