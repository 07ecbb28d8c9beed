"""Actions over the API: prepared, looked at, confirmed, cancelled, by the same functions as the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from accounts import vault_lock
from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, User
from accounts.vault_errors import VaultLocked
from automation import batches, lookups, naming, post_names, staging
from automation.api_shapes import (
    ActionOut,
    CommentsIn,
    ItemOut,
    Limit,
    LookUpOut,
    OrderIn,
    PeopleIn,
    PostsIn,
    PreparedOut,
    actions,
)
from automation.models import ActionKind, Batch, BatchState, Item, ItemState
from igsite.idempotency import idempotent
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.paging import page_of
from igsite.schemas import ErrorOut, PageOut

router = Router()
_REFUSALS = (403, 404, 409, 422, 423)


def answers(good: Any, status: int = 200, *, or_job: bool = False) -> dict[int, Any]:
    """What an operation answers: ``good`` with ``status``, or an error. ``or_job``: or 202, people are looked up."""
    return {status: good, **({202: LookUpOut} if or_job else {}), **dict.fromkeys(_REFUSALS, ErrorOut)}


def login_of(request: MemberRequest, login_id: UUID) -> InstagramLogin:
    """A login of the workspace, or 404."""
    mine = InstagramLogin.objects.for_workspace(request.workspace)
    return get_object_or_404(mine.select_related("workspace"), pk=login_id)


def looked_up(job: Job, unknown: Sequence[naming.Named], odd: Sequence[str] = ()) -> Status[dict[str, Any]]:
    """202: who is looked up, and by which job."""
    return Status(202, {"job_id": job.uuid, "looked_up": [one.text for one in unknown], "odd": list(odd)})


@router.post("/batch-follow/prepare", response=answers(PreparedOut, 201, or_job=True), url_name="prepare_follow")
@idempotent
def prepare_follow(request: MemberRequest, payload: PeopleIn) -> Any:
    """A batch of follows that waits for its review; whoever is left out is in it with the reason. Sends nothing.

    202 where people are looked up first: the job's result names the `batch`.
    """
    return _people(request, ActionKind.FOLLOW, payload)


@router.post("/batch-unfollow/prepare", response=answers(PreparedOut, 201, or_job=True), url_name="prepare_unfollow")
@idempotent
def prepare_unfollow(request: MemberRequest, payload: PeopleIn) -> Any:
    """The same for people who are no longer to be followed."""
    return _people(request, ActionKind.UNFOLLOW, payload)


@router.post("/batch-remove/prepare", response=answers(PreparedOut, 201, or_job=True), url_name="prepare_remove")
@idempotent
def prepare_remove(request: MemberRequest, payload: PeopleIn) -> Any:
    """The same for followers who are to be removed."""
    return _people(request, ActionKind.REMOVE, payload)


@router.post("/batch-like/prepare", response=answers(PreparedOut, 201), url_name="prepare_like")
@idempotent
def prepare_like(request: MemberRequest, payload: PostsIn) -> Any:
    """A batch of likes that waits for its review."""
    require_role(request, Role.EDITOR)
    return _staged(request, ActionKind.LIKE, payload, [post_names.post_pk(post) for post in payload.posts])


@router.post("/batch-unlike/prepare", response=answers(PreparedOut, 201), url_name="prepare_unlike")
@idempotent
def prepare_unlike(request: MemberRequest, payload: PostsIn) -> Any:
    """A batch that takes likes back."""
    require_role(request, Role.EDITOR)
    return _staged(request, ActionKind.UNLIKE, payload, [post_names.post_pk(post) for post in payload.posts])


@router.post("/batch-comment/prepare", response=answers(PreparedOut, 201), url_name="prepare_comment")
@idempotent
def prepare_comment(request: MemberRequest, payload: CommentsIn) -> Any:
    """A batch of comments that waits for its review; a post that is named twice gets the last text."""
    require_role(request, Role.EDITOR)
    texts = {post_names.post_pk(one.post): one.text for one in payload.comments}
    return _staged(request, ActionKind.COMMENT, payload, list(texts), texts)


@router.get("/actions", response=answers(PageOut[ActionOut]), url_name="actions")
def listing(
    request: MemberRequest, state: BatchState | None = None, kind: ActionKind | None = None, cursor: str = "",
    limit: Limit = 50,
) -> Any:  # fmt: skip
    """Batches, the newest first."""
    mine = Batch.objects.for_workspace(request.workspace)
    mine = mine.filter(state=state) if state else mine
    mine = mine.filter(kind=kind) if kind else mine
    page = page_of(
        mine, name=f"api-actions-{state}-{kind}", order=("-created_at", "-id"), cursor=cursor, limit=limit
    )  # fmt: skip
    return {"items": actions(page.items), "next": page.next}


@router.get("/actions/{batch_id}", response=answers(ActionOut), url_name="action")
def detail(request: MemberRequest, batch_id: UUID) -> Any:
    """One batch."""
    return actions([_find(request, batch_id)])[0]


@router.get("/actions/{batch_id}/items", response=answers(PageOut[ItemOut]), url_name="action_items")
def items(
    request: MemberRequest, batch_id: UUID, state: ItemState | None = None, cursor: str = "", limit: Limit = 100
) -> Any:
    """Its people or posts in their order: what is left out and why, what became of each."""
    batch = _find(request, batch_id)
    mine = Item.objects.for_workspace(request.workspace).filter(batch=batch)
    mine = mine.filter(state=state) if state else mine
    name = f"api-items-{batch.pk}-{state}"
    page = page_of(mine, name=name, order=("position", "id"), cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.post("/actions/{batch_id}/confirm", response=answers(ActionOut, 202), url_name="action_confirm")
@idempotent
def confirm(request: MemberRequest, batch_id: UUID) -> Any:
    """Let it be worked off. 409 unless it waits for its review, 423 while the vault is locked."""
    batch = _find(request, batch_id)
    require_role(request, Role.EDITOR)
    if vault_lock.state(timezone.now()).is_locked:
        raise VaultLocked(_("The vault is locked. Whoever runs this site unlocks it; then this goes on."))
    batches.confirm(batch=batch, by=request.user, now=timezone.now())
    return Status(202, actions([batch])[0])


@router.post("/actions/{batch_id}/cancel", response=answers(ActionOut), url_name="action_cancel")
def cancel(request: MemberRequest, batch_id: UUID) -> Any:
    """Send nothing more, for good. Twice is no harm."""
    return _acted(request, batch_id, batches.cancel)


@router.post("/actions/{batch_id}/pause", response=answers(ActionOut), url_name="action_pause")
def pause(request: MemberRequest, batch_id: UUID) -> Any:
    """Send nothing more until it is resumed."""
    return _acted(request, batch_id, batches.pause)


@router.post("/actions/{batch_id}/resume", response=answers(ActionOut), url_name="action_resume")
def resume(request: MemberRequest, batch_id: UUID) -> Any:
    """Go on with a paused batch."""
    return _acted(request, batch_id, batches.resume)


def _find(request: MemberRequest, batch_id: UUID) -> Batch:
    mine = Batch.objects.for_workspace(request.workspace).select_related("workspace", "login")
    return get_object_or_404(mine, pk=batch_id)


def _acted(request: MemberRequest, batch_id: UUID, act: Callable[..., None]) -> Any:
    batch = _find(request, batch_id)
    require_role(request, Role.EDITOR)
    by: User = request.user
    now: datetime = timezone.now()
    act(batch=batch, by=by, now=now)
    return actions([batch])[0]


def _people(request: MemberRequest, kind: ActionKind, payload: PeopleIn) -> Any:
    require_role(request, Role.EDITOR)
    reading = naming.read_words(payload.people)
    found = naming.resolve(request.workspace, reading.people)
    if found.unknown and payload.unknown == "look":
        job = lookups.order(
            workspace=request.workspace, login=login_of(request, payload.login_id), kind=kind, known=list(found.known),
            unknown=found.unknown, reason=payload.reason, by=request.user, now=timezone.now(),
            starts_at=payload.starts_at,
        )  # fmt: skip
        return looked_up(job, found.unknown, reading.odd)
    unknown = [one.text for one in found.unknown]
    return _staged(request, kind, payload, list(found.known), unknown=unknown, odd=reading.odd)


def _staged(
    request: MemberRequest, kind: ActionKind, order: OrderIn, pks: Sequence[int],
    texts: Mapping[int, str] | None = None, *, unknown: Sequence[str] = (), odd: Sequence[str] = (),
) -> Any:  # fmt: skip
    login = login_of(request, order.login_id)
    batch = staging.stage(
        workspace=request.workspace, login=login, kind=kind, pks=pks, by=request.user, now=timezone.now(),
        reason=order.reason, starts_at=order.starts_at, texts=texts,
    )  # fmt: skip
    return Status(201, PreparedOut(**actions([batch])[0], unknown=list(unknown), odd=list(odd)))
