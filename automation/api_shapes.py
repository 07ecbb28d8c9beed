"""What the API of actions takes and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Count
from ninja import Schema
from pydantic import AwareDatetime, Field

from automation import staging
from automation.models import ActionKind, Batch, BatchState, Exclusion, Item, ItemState, Safelist
from automation.models.batches import LONGEST_COMMENT
from igsite.paging import API_MAX
from igsite.schemas import Body

Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Words = Annotated[str, Field(min_length=1, max_length=300)]


class OrderIn(Body):
    """Who acts, why, and from when on."""

    login_id: UUID
    reason: str = Field("", max_length=200, description="Shown beside each of them in the review.")
    starts_at: AwareDatetime | None = None


class PeopleIn(OrderIn):
    """People to act on: "@name", the address of a profile, or Instagram's number."""

    people: list[Words] = Field(min_length=1, max_length=staging.MOST_NAMED)
    unknown: Literal["leave", "look"] = Field(
        "leave", description="People whom nobody here knows: `leave` them out, or `look` them up by the login first."
    )


class PostsIn(OrderIn):
    """Posts to like: address, code or number."""

    posts: list[Words] = Field(min_length=1, max_length=staging.CAP)


class CommentIn(Body):
    """A comment for a post."""

    post: Words
    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)


class CommentsIn(OrderIn):
    """Comments, one a post."""

    comments: list[CommentIn] = Field(min_length=1, max_length=staging.CAP)


class ActionOut(Schema):
    """A batch of actions. `counts` are its items by state; `job_id` works it off once it is confirmed."""

    id: UUID
    kind: ActionKind
    login_id: UUID
    state: BatchState
    note: str
    counts: dict[str, int]
    job_id: UUID | None
    starts_at: datetime | None
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


class PreparedOut(ActionOut):
    """A batch that waits for its review. `unknown` are people whom nobody here knows; `odd` is what names nobody."""

    unknown: list[str]
    odd: list[str]


class ItemOut(Schema):
    """One person or post of a batch. `exclusion` says why it is left out."""

    id: int
    target_pk: int
    state: ItemState
    exclusion: Exclusion | str
    reason: str
    risk: str
    text: str
    note: str
    settled_at: datetime | None


class LookUpOut(Schema):
    """People are looked up by `job_id`, one read of the login each; its `result` says what came of it, and who is
    `missing`. `odd` is what names nobody."""

    job_id: UUID
    looked_up: list[str]
    odd: list[str]


class SafeIn(Body):
    """People to be safe from actions: "@name", the address of a profile, or Instagram's number. `login_id` looks up
    whom nobody here knows."""

    login_id: UUID | None = None
    people: list[Words] = Field(min_length=1, max_length=staging.MOST_NAMED)
    note: str = Field("", max_length=200)


class SafeOut(Schema):
    """Somebody on a safelist; `username` is empty for whom no name is known."""

    pk: int
    username: str
    note: str
    added_at: datetime


class AddedOut(Schema):
    """How many were added; `odd` is what names nobody."""

    safelist: Safelist
    added: int
    odd: list[str]


class LinkIn(Body):
    """Accounts of one person, by Instagram's numbers."""

    pks: list[int] = Field(min_length=2, max_length=50)
    note: str = Field("", max_length=200)


class LinkOut(Schema):
    """One account of a person who has several; rows with the same `person` belong together."""

    person: UUID
    pk: int
    note: str
    added_at: datetime


def actions(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    """Batches as the API shows them. One query however many they are."""
    mine = Item.objects.for_workspace(batches[0].workspace_id if batches else None).filter(batch__in=batches)
    states = mine.values_list("batch_id", "state").annotate(Count("pk"))
    counts: dict[UUID, dict[str, int]] = {batch.pk: {} for batch in batches}
    for batch_id, state, count in states.order_by("batch_id", "state"):
        counts[batch_id][state] = count
    return [
        {
            "id": batch.pk, "kind": batch.kind, "login_id": batch.login_id, "state": batch.state, "note": batch.note,
            "counts": counts[batch.pk], "job_id": batch.job_uuid, "starts_at": batch.starts_at,
            "created_at": batch.created_at, "confirmed_at": batch.confirmed_at, "ended_at": batch.ended_at,
        }
        for batch in batches
    ]  # fmt: skip
