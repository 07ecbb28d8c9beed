"""Discovery over the API: search, look, by the same functions as the pages."""

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
from automation import discovery, discovery_lists
from automation.choices import logins_of
from automation.discovery import Wishes
from automation.models import DiscoverySearch, Knowledge
from automation.predict_api import answers
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX
from igsite.schemas import Body, PageOut

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Size = Annotated[int, Field(ge=0, le=10**9)]


class SearchIn(Body):
    """Around which tracked accounts, for which login; sizes are counts of followers."""

    accounts: list[UUID] = Field(min_length=1, max_length=discovery.ACCOUNTS)
    login: UUID
    at_least: int = Field(1, ge=1, le=discovery.ACCOUNTS)
    posts: bool = Field(default=False, description="Also who likes and comments: up to seven reads an account.")
    private: bool = False
    smallest: Size | None = None
    largest: Size | None = None


class SearchOut(Schema):
    """A search; `found` null until its job is done, `left_out` counts by reason."""

    id: UUID
    title: str
    login_id: UUID
    job_id: UUID | None = Field(validation_alias="job_uuid")
    found: int | None
    left_out: dict[str, int]
    created_at: datetime


class CandidateOut(Schema):
    """Somebody who was found: on how many of the lists, under how many posts."""

    target_pk: int
    username: str | None
    probability: float | None
    state: Knowledge
    lists: int
    liked: int
    commented: int


@router.post("", response=answers(SearchOut, 202), url_name="discovery_search")
@idempotent
def search(request: MemberRequest, payload: SearchIn) -> Any:
    """Look for people to follow."""
    require_role(request, Role.EDITOR)
    wishes = Wishes(
        tuple(dict.fromkeys(str(one) for one in payload.accounts)), payload.at_least, posts=payload.posts,
        private=payload.private, smallest=payload.smallest, largest=payload.largest,
    )  # fmt: skip
    login = get_object_or_404(logins_of(request.workspace), pk=payload.login)
    made = discovery.search(
        workspace=request.workspace, login=login, wishes=wishes, by=request.user, now=timezone.now()
    )
    return Status(202, SearchOut.from_orm(made))


@router.get("", response=answers(PageOut[SearchOut]), url_name="discovery_searches")
def listing(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The searches, newest first."""
    page = discovery_lists.searches(request.workspace, cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.get("/{search_id}", response=answers(SearchOut), url_name="discovery_one")
def detail(request: MemberRequest, search_id: UUID) -> Any:
    """One search."""
    return _search(request, search_id)


@router.get("/{search_id}/candidates", response=answers(PageOut[CandidateOut]), url_name="discovery_candidates")
def candidates(request: MemberRequest, search_id: UUID, cursor: str = "", limit: Limit = 50) -> Any:
    """Whom it found, the likeliest to follow back first."""
    page = discovery_lists.candidates(_search(request, search_id), cursor=cursor, limit=limit)
    return {"items": [_out(found) for found in page.items], "next": page.next}


def _search(request: MemberRequest, search_id: UUID) -> DiscoverySearch:
    return get_object_or_404(DiscoverySearch.objects.for_workspace(request.workspace), pk=search_id)


def _out(found: discovery_lists.Found) -> dict[str, Any]:
    row = found.row
    return {
        "target_pk": row.target_pk, "username": found.person.username if found.person else None,
        "probability": row.probability if row.probability >= 0 else None, "state": row.knowledge, "lists": row.lists,
        "liked": row.liked, "commented": row.commented,
    }  # fmt: skip
