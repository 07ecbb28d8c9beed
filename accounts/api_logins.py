"""Instagram logins over the API: the same functions as the pages. Secrets go in, never out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, SecretStr

from accounts import logins, proxies
from accounts.login_settings import LONGEST
from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, Proxy
from accounts.models.logins import PAUSE_FLOOR, PAUSE_LONGEST, READS_PER_DAY_CEILING, READS_PER_HOUR_CEILING
from accounts.usage import usage_of
from accounts.usage_history import SPANS, history, next_read, warm_up
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, page_of
from igsite.schemas import Body, PageOut
from igsite.secrets import Secret

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Channel = Literal["totp", "sms", "email", "backup_code"]


class WayOut(Schema):
    """A way to get a code; the contact is masked by Instagram."""

    name: str
    contact: str = ""


class LoginOut(Schema):
    """An Instagram login as it stands. `status` says the next step; no secret is ever answered."""

    id: UUID
    username: str
    status: str
    status_note: str
    status_at: datetime
    code_channel: str
    code_channels: list[WayOut]
    reads_resume_at: datetime | None
    writes_resume_at: datetime | None
    reads_per_hour: int
    reads_per_day: int
    pause_min: int
    pause_max: int
    opens: time | None = Field(description="Its working hours, by the wall clock of `time_zone`; null: always.")
    closes: time | None
    time_zone: str
    proxy_id: UUID | None = Field(description="The proxy it is seen from; null: the site's own address.")
    ready_since: datetime | None
    created_at: datetime


class UsageSeriesOut(Schema):
    """Requests of one kind (`read`, `login`, `write`): one figure a column, oldest first."""

    kind: str
    figures: list[int]
    total: int


class RefusalOut(Schema):
    """One kind of refusal in the span."""

    outcome: str
    words: str
    times: int
    last_at: datetime


class UsageHistoryOut(Schema):
    """The ledger of a login over a span, in columns of equal width; `starts` are their beginnings."""

    starts: list[datetime]
    series: list[UsageSeriesOut]
    refusals: list[RefusalOut]
    warm_up_percent: int
    warm_at: datetime | None
    next_read_at: datetime | None = Field(description="null: a person has the next step.")
    waits_because: str


class LoginUsageOut(Schema):
    """What a login used of its budgets; null: no limit."""

    reads_last_hour: int
    reads_last_day: int
    left_this_hour: int | None
    left_today: int | None
    logins_last_day: int
    refused_last_day: int


class PasswordIn(Body):
    """Signing in with the password. The seed of the authenticator app is optional."""

    password: SecretStr = Field(min_length=1, max_length=500)
    totp_seed: SecretStr | None = Field(None, max_length=500)
    keep_password: bool = Field(default=False, description="Keep it sealed for one new sign-in by the site itself.")


class SessionIn(Body):
    """A session of a browser: the cookie `sessionid`, and that browser's user agent."""

    sessionid: SecretStr = Field(min_length=1, max_length=4_000)
    user_agent: str = Field("", max_length=400)


class SettingsIn(Body):
    """Device and session of another program (instagrapi's settings, as JSON text), or a list of cookies."""

    settings_text: SecretStr = Field(min_length=1, max_length=LONGEST)


class LoginSettingsIn(SettingsIn):
    """A new login by settings."""

    username: str = Field(max_length=2_000)


class LoginPasswordIn(PasswordIn):
    """A new login by password."""

    username: str = Field(max_length=2_000)


class LoginSessionIn(SessionIn):
    """A new login by a session."""

    username: str = Field(max_length=2_000)


class CodeIn(Body):
    """A code that Instagram sent, or that the authenticator app shows."""

    code: SecretStr = Field(min_length=1, max_length=40)


class ChannelIn(Body):
    """How Instagram shall send its code."""

    channel: Channel


class LoginProxyIn(Body):
    """The proxy that the login is seen from; null: the site's own address."""

    proxy: UUID | None


class PaceIn(Body):
    """Read budgets, within the hard ceilings."""

    reads_per_hour: int = Field(ge=1, le=READS_PER_HOUR_CEILING)
    reads_per_day: int = Field(ge=1, le=READS_PER_DAY_CEILING)
    pause_min: int | None = Field(None, ge=PAUSE_FLOOR, le=PAUSE_LONGEST, description="Seconds; null: as it is.")
    pause_max: int | None = Field(None, ge=PAUSE_FLOOR, le=PAUSE_LONGEST, description="Seconds; null: as it is.")


class HoursIn(Body):
    """Working hours by the wall clock of a time zone; they may reach over midnight."""

    opens: time | None
    closes: time | None
    zone: str = Field("UTC", max_length=64, description="An IANA name, such as Europe/Berlin.")


@router.get("", response=PageOut[LoginOut], url_name="logins")
def list_logins(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's Instagram logins, oldest first."""
    page = page_of(_logins(request), name="logins", order=("created_at", "id"), cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.post("", response={202: LoginOut}, url_name="logins_add")
@idempotent
def add_login(request: MemberRequest, payload: LoginPasswordIn | LoginSessionIn | LoginSettingsIn) -> Any:
    """Add a login by password, by a session of a browser, or by settings. It signs in by a job; poll its `status`."""
    require_role(request, Role.OWNER)
    given = _given(payload)
    login = _ADD[type(payload)](workspace=request.workspace, by=request.user, now=timezone.now(), **given)
    return Status(202, LoginOut.from_orm(_login(request, login.pk)))


_ADD: dict[type[Schema], Callable[..., InstagramLogin]] = {
    LoginPasswordIn: logins.add_by_password,
    LoginSessionIn: logins.add_by_sessionid,
    LoginSettingsIn: logins.add_by_settings,
}


@router.get("/{login_id}", response=LoginOut, url_name="login")
def login_detail(request: MemberRequest, login_id: UUID) -> InstagramLogin:
    """One login as it stands."""
    return _login(request, login_id)


@router.get("/{login_id}/usage", response=LoginUsageOut, url_name="login_usage")
def login_usage(request: MemberRequest, login_id: UUID) -> Any:
    """What it used in the sliding windows."""
    return usage_of(_login(request, login_id), timezone.now())


@router.get("/{login_id}/usage/{span}", response=UsageHistoryOut, url_name="login_usage_history")
def login_usage_history(request: MemberRequest, login_id: UUID, span: Literal["day", "week", "quarter"]) -> Any:
    """Its requests by kind over time, what was refused, its warm-up, and when it reads next."""
    login, now = _login(request, login_id), timezone.now()
    found, warm, due = history(login, SPANS[span], now), warm_up(login, now), next_read(login, now)
    return {
        "starts": found.starts, "series": found.series, "refusals": found.refusals, "warm_up_percent": warm.percent,
        "warm_at": warm.full_at, "next_read_at": due.at, "waits_because": due.why,
    }  # fmt: skip


@router.put("/{login_id}/hours", response={202: LoginOut}, url_name="login_hours")
def set_hours(request: MemberRequest, login_id: UUID, payload: HoursIn) -> Any:
    """Change its working hours; both times null: the whole day."""
    return _step(request, login_id, logins.set_hours, **payload.dict())


@router.post("/{login_id}/sign-in", response={202: LoginOut}, url_name="login_sign_in")
@idempotent
def sign_in(request: MemberRequest, login_id: UUID, payload: PasswordIn) -> Any:
    """Sign in again with the password, on the login's own device."""
    return _step(request, login_id, logins.sign_in, **_given(payload))


@router.post("/{login_id}/session", response={202: LoginOut}, url_name="login_session")
@idempotent
def take_session(request: MemberRequest, login_id: UUID, payload: SessionIn) -> Any:
    """Put another session into the login."""
    return _step(request, login_id, logins.take_session, **_given(payload))


@router.post("/{login_id}/settings", response={202: LoginOut}, url_name="login_settings")
@idempotent
def take_settings(request: MemberRequest, login_id: UUID, payload: SettingsIn) -> Any:
    """Put the device and the session of another program into the login."""
    return _step(request, login_id, logins.take_settings, **_given(payload))


@router.post("/{login_id}/channel", response={202: LoginOut}, url_name="login_channel")
@idempotent
def choose_channel(request: MemberRequest, login_id: UUID, payload: ChannelIn) -> Any:
    """Say how Instagram shall send its code."""
    return _step(request, login_id, logins.choose_channel, channel=payload.channel)


@router.post("/{login_id}/code", response={202: LoginOut}, url_name="login_code")
@idempotent
def submit_code(request: MemberRequest, login_id: UUID, payload: CodeIn) -> Any:
    """Hand in a code: one try."""
    return _step(request, login_id, logins.submit_code, **_given(payload))


@router.post("/{login_id}/approved", response={202: LoginOut}, url_name="login_approved")
@idempotent
def approved(request: MemberRequest, login_id: UUID) -> Any:
    """It was approved in the Instagram app: go on."""
    return _step(request, login_id, logins.resume_after_approval)


@router.post("/{login_id}/pause", response={202: LoginOut}, url_name="login_pause")
@idempotent
def pause(request: MemberRequest, login_id: UUID) -> Any:
    """Send nothing with it until it is resumed."""
    return _step(request, login_id, logins.pause, role=Role.EDITOR)


@router.post("/{login_id}/resume", response={202: LoginOut}, url_name="login_resume")
@idempotent
def resume(request: MemberRequest, login_id: UUID) -> Any:
    """Use a paused login again."""
    return _step(request, login_id, logins.resume, role=Role.EDITOR)


@router.post("/{login_id}/unfreeze", response={202: LoginOut}, url_name="login_unfreeze")
@idempotent
def unfreeze(request: MemberRequest, login_id: UUID) -> Any:
    """Allow actions again; 409 before the date until which Instagram blocked them."""
    return _step(request, login_id, logins.unfreeze)


@router.put("/{login_id}/pace", response={202: LoginOut}, url_name="login_pace")
def set_pace(request: MemberRequest, login_id: UUID, payload: PaceIn) -> Any:
    """Change its read budgets."""
    return _step(request, login_id, logins.set_pace, **payload.dict())


@router.put("/{login_id}/proxy", response={202: LoginOut}, url_name="login_proxy")
def choose_proxy(request: MemberRequest, login_id: UUID, payload: LoginProxyIn) -> Any:
    """Let it be seen from a proxy's address. Keep it once chosen: Instagram distrusts a login that moves."""
    mine = Proxy.objects.for_workspace(request.workspace)
    proxy = get_object_or_404(mine, pk=payload.proxy) if payload.proxy else None
    return _step(request, login_id, proxies.give_to_login, proxy=proxy)


@router.delete("/{login_id}", response={204: None}, url_name="login_remove")
def remove(request: MemberRequest, login_id: UUID) -> Any:
    """Erase its secrets and remove it."""
    login = _login(request, login_id)
    require_role(request, Role.OWNER)
    logins.remove(login=login, by=request.user, now=timezone.now())
    return Status(204, None)


def _logins(request: MemberRequest) -> QuerySet[InstagramLogin]:
    return InstagramLogin.objects.for_workspace(request.workspace)


def _login(request: MemberRequest, login_id: UUID) -> InstagramLogin:
    return get_object_or_404(_logins(request), pk=login_id)


def _step(request: MemberRequest, login_id: UUID, act: Any, *, role: Role = Role.OWNER, **given: Any) -> Any:
    login = _login(request, login_id)
    require_role(request, role)
    act(login=login, by=request.user, now=timezone.now(), **given)
    return Status(202, LoginOut.from_orm(_login(request, login_id)))


def _given(payload: Schema) -> dict[str, Any]:
    """The payload's fields as the use cases want them: secrets in our own type."""
    fields = {name: getattr(payload, name) for name in type(payload).model_fields}
    return {
        name: Secret(value.get_secret_value()) if isinstance(value, SecretStr) else value
        for name, value in fields.items()
    }
