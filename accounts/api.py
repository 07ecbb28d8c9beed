"""Tracked accounts over the API: the same functions as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import AliasChoices, Field

from accounts import tracking
from accounts.api_logins import router as logins_router
from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX
from igsite.problems import Conflict
from igsite.schemas import Body, PageOut

__all__ = ["logins_router", "router"]

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]


class AccountOut(Schema):
    """A tracked account. Counts are those that Instagram reported last; null when they were never read."""

    id: UUID
    username: str
    instagram_id: int | None = Field(
        validation_alias=AliasChoices("profile_id", "instagram_id"),
        description="Instagram's own number; null until looked up.",
    )
    is_bookmarked: bool
    followers_count: int | None
    following_count: int | None
    posts_count: int | None
    counted_at: datetime | None
    last_scanned_at: datetime | None
    trouble: str = Field(description="What kept the last look-up from its answer; else empty.")
    created_at: datetime


class AccountIn(Body):
    """An account to track."""

    account: str = Field(max_length=2_000, description="@name, or the address of the profile.")


class AccountChange(Body):
    """What can be changed of a tracked account."""

    is_bookmarked: bool


@router.get("", response=PageOut[AccountOut], url_name="accounts")
def list_accounts(
    request: MemberRequest, q: Annotated[str, Field(max_length=100)] = "", bookmarked: bool = False,
    cursor: str = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """The workspace's accounts by name; `q` is a part of the name."""
    page = tracking.page(request.workspace, search=q, only_bookmarked=bookmarked, cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.post("", response={201: AccountOut}, url_name="accounts_add")
@idempotent
def track_account(request: MemberRequest, payload: AccountIn) -> Any:
    """Track an account. One that is tracked already is answered as it stands."""
    require_role(request, Role.EDITOR)
    account = tracking.track(workspace=request.workspace, account=payload.account, by=request.user, now=timezone.now())
    return Status(201, AccountOut.from_orm(account))


@router.get("/{account_id}", response=AccountOut, url_name="account")
def account_detail(request: MemberRequest, account_id: UUID) -> TrackedAccount:
    """One tracked account."""
    return _account(request, account_id)


@router.patch("/{account_id}", response=AccountOut, url_name="account_change")
def change_account(request: MemberRequest, account_id: UUID, payload: AccountChange) -> TrackedAccount:
    """Bookmark it, or not."""
    account = _account(request, account_id)
    require_role(request, Role.EDITOR)
    tracking.set_bookmark(account=account, is_bookmarked=payload.is_bookmarked)
    return _account(request, account_id)


@router.post("/{account_id}/refresh", response={202: AccountOut}, url_name="account_refresh")
@idempotent
def refresh_account(request: MemberRequest, account_id: UUID) -> Any:
    """Look the account up again by a job. 409 while no login is ready."""
    account = _account(request, account_id)
    require_role(request, Role.EDITOR)
    if tracking.refresh(account=account, by=request.user) is None:
        raise Conflict(_("No Instagram login is ready. Add one, or finish signing in."), code="no_login_ready")
    return Status(202, AccountOut.from_orm(account))


@router.delete("/{account_id}", response={204: None}, url_name="account_delete")
def delete_account(request: MemberRequest, account_id: UUID) -> Any:
    """Delete it with everything that is stored about it in this workspace."""
    account = _account(request, account_id)
    require_role(request, Role.EDITOR)
    tracking.untrack(account=account, by=request.user, now=timezone.now())
    return Status(204, None)


def _account(request: MemberRequest, account_id: UUID) -> TrackedAccount:
    return get_object_or_404(TrackedAccount.objects.for_workspace(request.workspace), pk=account_id)
