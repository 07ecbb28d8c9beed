"""Alerts and their rules over the API: what the pages show and do, by the same functions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX
from igsite.schemas import Body, PageOut
from monitoring import alert_inbox, alert_rules
from monitoring.alert_inbox import Item, Wish
from monitoring.models import Alert, AlertKind, AlertRule, AlertState, RuleScope, RuleSide, Severity

router = Router()
rules_router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]


class AlertOut(Schema):
    """An alert. `text` is its sentence; `evidence` the path of the page that shows it."""

    id: UUID
    kind: AlertKind
    severity: Severity
    state: AlertState
    subject: str
    about: str
    text: str
    value: float | None
    limit: float | None
    at: datetime
    evidence: str
    rule_id: UUID | None
    is_unread: bool


class CountOut(Schema):
    """How many alerts are news to the caller; 100 stands for all that are more."""

    unread: int


class RuleOut(Schema):
    """A rule."""

    id: UUID
    kind: AlertKind
    is_built_in: bool
    scope: RuleScope
    about: str = Field(description="`@name`, a post's code, `#tag`, or empty for everything.")
    metric: str
    side: RuleSide
    limit: float | None
    window_hours: int | None
    facts: list[str]
    person: int | None
    severity: Severity
    is_enabled: bool
    is_muted: bool
    snoozed_until: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_about(rule: AlertRule) -> str:
        """Whom it is about, as it can be sent back."""
        return f"#{rule.tag}" if rule.tag else str(rule.account or rule.monitor or "")


class RuleChange(Body):
    """A rule's values. Those that its kind does not need are left aside."""

    about: str = Field("", max_length=200)
    metric: str = Field("", max_length=12)
    side: RuleSide = RuleSide.EITHER
    limit: float | None = Field(None, ge=0, le=2**53, allow_inf_nan=False)
    window_hours: int | None = Field(None, ge=1, le=alert_rules.WINDOW_LONGEST)
    facts: list[Annotated[str, Field(max_length=20)]] = Field(default=[], max_length=20)
    person: str = Field("", max_length=200)
    severity: Severity = Severity.WARNING


class RuleIn(RuleChange):
    """A rule to make."""

    kind: AlertKind


class RuleAct(Body):
    """What to do with a rule at once; `hours` for a snooze: 1, 24 or 168."""

    act: str = Field(pattern="^(mute|unmute|snooze|on|off)$")
    hours: int = Field(24, ge=1, le=168)


@router.get("", response=PageOut[AlertOut], url_name="alerts")
def list_alerts(
    request: MemberRequest, unread: bool = False, kind: AlertKind | None = None,
    about: Annotated[str, Field(max_length=100)] = "", cursor: str = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """The workspace's alerts, the newest first; `about` is the name of an account."""
    wish, now = Wish(unread, kind or "", about), timezone.now()
    page = alert_inbox.page(request.workspace, request.user, wish, now=now, cursor=cursor, limit=limit)
    return {"items": [_shown(item) for item in page.items], "next": page.next}


@router.get("/unread", response=CountOut, url_name="alerts_unread")
def count_unread(request: MemberRequest) -> Any:
    """How many are news to you."""
    return {"unread": alert_inbox.unread_count(request.workspace, request.user, now=timezone.now())}


@router.post("/read", response={200: CountOut}, url_name="alerts_read_all")
@idempotent
def read_all(request: MemberRequest) -> Any:
    """You have read everything; `unread` says how many were news."""
    count = alert_inbox.mark_all_read(request.workspace, request.user, now=timezone.now())
    return Status(200, CountOut(unread=count))


@router.post("/{alert_id}/read", response={200: AlertOut}, url_name="alert_read")
@idempotent
def read_alert(request: MemberRequest, alert_id: UUID) -> Any:
    """You have read it."""
    alert = get_object_or_404(Alert.objects.for_workspace(request.workspace), pk=alert_id)
    return Status(200, AlertOut(**_shown(alert_inbox.mark_read(alert, request.user, now=timezone.now()))))


def _shown(item: Item) -> dict[str, Any]:
    alert = item.alert
    names = ("kind", "severity", "state", "subject", "about", "value", "limit", "at", "evidence", "rule_id")
    values = {name: getattr(alert, name) for name in names}
    return {"id": alert.pk, "text": item.sentence, "is_unread": item.is_unread, **values}


@rules_router.get("", response=PageOut[RuleOut], url_name="alert_rules")
def list_rules(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's rules, the newest first."""
    page = alert_rules.page(request.workspace, cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@rules_router.post("", response={201: RuleOut}, url_name="alert_rules_make")
@idempotent
def make_rule(request: MemberRequest, payload: RuleIn) -> Any:
    """Make a rule."""
    require_role(request, Role.EDITOR)
    draft = alert_rules.Draft(**payload.dict())
    rule = alert_rules.make(workspace=request.workspace, draft=draft, by=request.user, now=timezone.now())
    return Status(201, RuleOut.from_orm(rule))


@rules_router.get("/{rule_id}", response=RuleOut, url_name="alert_rule")
def rule_detail(request: MemberRequest, rule_id: UUID) -> AlertRule:
    """One rule."""
    return _rule(request, rule_id)


@rules_router.patch("/{rule_id}", response=RuleOut, url_name="alert_rule_change")
def change_rule(request: MemberRequest, rule_id: UUID, payload: RuleChange) -> AlertRule:
    """Other values: all of them are taken from the body. The kind stays."""
    rule = _rule(request, rule_id)
    require_role(request, Role.EDITOR)
    draft = alert_rules.Draft(kind=AlertKind(rule.kind), **payload.dict())
    return alert_rules.change(rule=rule, draft=draft, by=request.user, now=timezone.now())


@rules_router.post("/{rule_id}/act", response={200: RuleOut}, url_name="alert_rule_act")
@idempotent
def act_on_rule(request: MemberRequest, rule_id: UUID, payload: RuleAct) -> Any:
    """Mute, snooze, switch off, and back."""
    rule = _rule(request, rule_id)
    require_role(request, Role.EDITOR)
    alert_rules.act(rule=rule, act=payload.act, hours=payload.hours, by=request.user, now=timezone.now())
    return Status(200, RuleOut.from_orm(rule))


@rules_router.delete("/{rule_id}", response={204: None}, url_name="alert_rule_delete")
def delete_rule(request: MemberRequest, rule_id: UUID) -> Any:
    """Delete a rule; its alerts stay. 409 for one that every workspace has."""
    rule = _rule(request, rule_id)
    require_role(request, Role.EDITOR)
    alert_rules.remove(rule=rule, by=request.user, now=timezone.now())
    return Status(204, None)


def _rule(request: MemberRequest, rule_id: UUID) -> AlertRule:
    mine = AlertRule.objects.for_workspace(request.workspace).select_related("workspace", "monitor", "account")
    return get_object_or_404(mine, pk=rule_id)
