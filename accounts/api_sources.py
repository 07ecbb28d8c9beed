"""Sources over the API: the same functions as the pages. Keys go in, never out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, SecretStr

from accounts import answers, source_chains, source_health, source_keys, source_overview
from accounts.member_request import MemberRequest
from accounts.models import Part, Purpose, SourceAccess, SourceName, TrackedAccount
from accounts.source_overview import SourceView
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.problems import NotThere
from igsite.schemas import Body
from igsite.secrets import Secret

router = Router()
_LONGEST_NAME = 60


class SourcePartOut(Schema):
    """One thing that can be asked. `state`: closed (it works), suspect, or broken for everybody since `since`."""

    part: str
    is_able: bool
    state: str
    since: datetime | None
    next_try_at: datetime | None
    waiting_jobs: int


class SourceOut(Schema):
    """A source as this workspace has it. `is_well` is null while it is not set up. No key is ever answered."""

    name: str
    label: str
    needs: str
    is_paid: bool
    has_key: bool
    is_well: bool | None
    sentence: str
    parts: list[SourcePartOut]


class KeptOut(Schema):
    """An answer of the read cache. `is_stale`: it is older than an hour. Counts are null where the source gave none."""

    instagram_id: int
    username: str
    full_name: str
    is_private: bool | None
    is_verified: bool | None
    followers_count: int | None
    following_count: int | None
    posts_count: int | None
    source: str
    answered_at: datetime
    age_seconds: int
    is_stale: bool


class ChainOut(Schema):
    """Who is asked, the first one first. `is_own` is false for the order that holds without a choice."""

    purpose: str
    sources: list[str]
    is_own: bool


class ChainIn(Body):
    """The order; of an account an empty one means: as the workspace."""

    sources: list[str] = Field(max_length=10)


class KeyIn(Body):
    """The key of a service. `own_user_id`: Meta only, the number of one's own professional account."""

    key: SecretStr = Field(min_length=1, max_length=source_keys.LONGEST)
    own_user_id: str = Field("", max_length=40)


class TryIn(Body):
    """The part to look at."""

    part: Part


class LoginUseIn(Body):
    """Whether a login may read the account."""

    uses_login: bool


@router.get("", response=list[SourceOut], url_name="sources")
def list_sources(request: MemberRequest) -> Any:
    """Every source: what it can do, whether it is set up, what is broken for everybody."""
    return [_out(view) for view in source_overview.overview(request.workspace, now=timezone.now())]


@router.get("/kept/{username}", response=KeptOut, url_name="source_kept")
def kept_profile(request: MemberRequest, username: str) -> Any:
    """The last answer about a profile within a day, without asking anybody. 404 when there is none."""
    now = timezone.now()
    kept = answers.profile(request.workspace, username[:_LONGEST_NAME], now=now)
    if kept is None:
        raise NotThere("Nothing was answered about this name within the last day.")
    known = kept.profile
    return KeptOut(
        instagram_id=known.pk, username=known.username, full_name=known.full_name, is_private=known.is_private,
        is_verified=known.is_verified, followers_count=known.followers_count, following_count=known.following_count,
        posts_count=known.posts_count, source=kept.source, answered_at=kept.answered_at,
        age_seconds=round(kept.age(now).total_seconds()), is_stale=kept.is_stale(now),
    )  # fmt: skip


@router.get("/chains", response=list[ChainOut], url_name="source_chains")
def list_chains(request: MemberRequest) -> Any:
    """The order of each purpose."""
    return _chains(request, None)


@router.put("/chains/{purpose}", response=list[ChainOut], url_name="source_chain")
def set_chain(request: MemberRequest, purpose: Purpose, payload: ChainIn) -> Any:
    """Set the order of a purpose: profile, people, posts or comments."""
    require_role(request, Role.EDITOR)
    source_chains.choose(
        workspace=request.workspace, purpose=purpose, sources=payload.sources, by=request.user, now=timezone.now()
    )
    return _chains(request, None)


@router.get("/of/{account_id}", response=list[ChainOut], url_name="source_chains_of")
def list_chains_of(request: MemberRequest, account_id: UUID) -> Any:
    """The orders that hold for one tracked account."""
    return _chains(request, _account(request, account_id))


@router.put("/of/{account_id}/{purpose}", response=list[ChainOut], url_name="source_chain_of")
def set_chain_of(request: MemberRequest, account_id: UUID, purpose: Purpose, payload: ChainIn) -> Any:
    """Give one account an order of its own."""
    account = _account(request, account_id)
    require_role(request, Role.EDITOR)
    source_chains.choose(
        workspace=request.workspace, account=account, purpose=purpose, sources=payload.sources, by=request.user,
        now=timezone.now(),
    )  # fmt: skip
    return _chains(request, account)


@router.patch("/of/{account_id}", response={204: None}, url_name="source_login_use")
def set_login_use(request: MemberRequest, account_id: UUID, payload: LoginUseIn) -> Any:
    """Allow or forbid that a login reads this account."""
    account = _account(request, account_id)
    require_role(request, Role.EDITOR)
    source_chains.use_login(account=account, uses_login=payload.uses_login, by=request.user, now=timezone.now())
    return Status(204, None)


@router.put("/{source}/key", response=SourceOut, url_name="source_key")
def save_key(request: MemberRequest, source: SourceName, payload: KeyIn) -> Any:
    """Keep a key after trying it once, at no cost. 422 when the service refuses it."""
    require_role(request, Role.OWNER)
    source_keys.save(
        workspace=request.workspace, source=source, key=Secret(payload.key.get_secret_value()),
        own_user_id=payload.own_user_id, by=request.user, now=timezone.now(),
    )  # fmt: skip
    return _one(request, source)


@router.delete("/{source}/key", response={204: None}, url_name="source_key_remove")
def remove_key(request: MemberRequest, source: SourceName) -> Any:
    """Erase the key."""
    access = _access(request, source)
    require_role(request, Role.OWNER)
    source_keys.remove(access=access, by=request.user, now=timezone.now())
    return Status(204, None)


@router.post("/{source}/check", response=SourceOut, url_name="source_check")
@idempotent
def check_key(request: MemberRequest, source: SourceName) -> Any:
    """Try the stored key again."""
    access = _access(request, source)
    require_role(request, Role.EDITOR)
    source_keys.check(access=access, by=request.user, now=timezone.now())
    return _one(request, source)


@router.post("/{source}/try", response={202: SourceOut}, url_name="source_try")
@idempotent
def try_again(request: MemberRequest, source: SourceName, payload: TryIn) -> Any:
    """Have a broken part looked at now, by a job."""
    require_role(request, Role.EDITOR)
    source_health.try_again(source, payload.part, workspace=request.workspace, by=request.user, now=timezone.now())
    return Status(202, _one(request, source))


def _out(view: SourceView) -> SourceOut:
    parts = [
        SourcePartOut(
            part=part.part, is_able=part.is_able, state=part.state, since=part.since, next_try_at=part.probe_at,
            waiting_jobs=part.waiting,
        )
        for part in view.parts
    ]  # fmt: skip
    return SourceOut(
        name=view.name, label=str(view.name.label), needs=view.source.needs, is_paid=view.source.is_paid,
        has_key=view.access is not None, is_well=view.is_well, sentence=view.sentence, parts=parts,
    )  # fmt: skip


def _one(request: MemberRequest, source: SourceName) -> SourceOut:
    views = source_overview.overview(request.workspace, now=timezone.now())
    return next(_out(view) for view in views if view.name == source)


def _chains(request: MemberRequest, account: TrackedAccount | None) -> list[ChainOut]:
    views = source_overview.overview(request.workspace, now=timezone.now())
    return [
        ChainOut(purpose=chain.purpose, sources=[view.name for view in chain.sources], is_own=chain.is_own)
        for chain in source_overview.chains(request.workspace, views, account=account)
    ]


def _account(request: MemberRequest, account_id: UUID) -> TrackedAccount:
    return get_object_or_404(TrackedAccount.objects.for_workspace(request.workspace), pk=account_id)


def _access(request: MemberRequest, source: SourceName) -> SourceAccess:
    mine = SourceAccess.objects.for_workspace(request.workspace).exclude(key_sealed=None)
    access = mine.filter(source=source).first()
    if access is None:
        raise NotThere("There is no key.")
    return access
