"""The shapes of the monitoring API: the envelope that its design promises, tasks, histories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import Field

from igsite.schemas import Body, ErrorOut
from monitoring.models import MonitorState

T = TypeVar("T")
#: "30s", "30m", "1h", "1d", "7d", or any other number of seconds, minutes, hours, days or weeks.
IntervalText = Annotated[
    str,
    Field(
        pattern=r"^[1-9][0-9]{0,6}[smhdw]$",
        description="`30s`, `30m`, `1h`, `1d`, `7d`, or any other from 30 seconds to 30 days.",
        examples=["1h"],
    ),
]


#: Whatever an operation may refuse with, each in the API's one shape of errors.
_REFUSALS = (400, 401, 403, 404, 409, 413, 422, 429, 503)


def answers(good: Any, status: int = 200) -> dict[Any, Any]:
    """What an operation answers, for the router: ``good`` with ``status``, or an error."""
    return {status: good, **dict.fromkeys(_REFUSALS, ErrorOut)}


class Envelope(Schema, Generic[T]):
    """What every good answer is wrapped in. `status_code` is that of the answer. Errors have the API's own shape."""

    status_code: int = 200
    success: bool = True
    data: T


class PagedEnvelope(Envelope[T], Generic[T]):
    """The same with the `cursor` of the following page, empty on the last one."""

    next: str = ""


class InfluencerIn(Body):
    """A profile to monitor."""

    username: str = Field(min_length=1, max_length=2_000, description="@name, name, or the profile's address.")
    interval: IntervalText


class PostIn(Body):
    """A post to monitor."""

    post_url: str = Field(min_length=1, max_length=2_000, description="The post's address, or its short code.")
    interval: IntervalText


class StopIn(Body):
    """Tasks to stop."""

    task_ids: list[UUID] = Field(min_length=1, max_length=1_000)


class StoppedOut(Schema):
    """Those that are stopped now. Ids that are not there for you are left out."""

    deleted_task_ids: list[UUID]


class InfluencerTask(Schema):
    """A profile that is monitored. `status` is active, paused or stopped."""

    task_id: UUID
    username: str
    status: MonitorState
    interval_seconds: int


class PostTask(Schema):
    """A post that is monitored."""

    task_id: UUID
    post_code: str
    status: MonitorState
    interval_seconds: int


class InfluencerTaskRow(InfluencerTask):
    """The same in a list."""

    created_at: datetime
    updated_at: datetime


class PostTaskRow(PostTask):
    """The same in a list."""

    created_at: datetime
    updated_at: datetime


class GapOut(Schema):
    """A time without measurements, and why; `until` null: it lasts."""

    since: datetime
    until: datetime | None
    code: str
    why: str


class TaskStatus(Schema):
    """How a task stands: when it is measured next, when it was last, and what keeps it from that, if anything."""

    status: MonitorState
    next_due_at: datetime | None
    last_measured_at: datetime | None
    gap: GapOut | None


class TaskState(Schema):
    """A task after it was paused or resumed."""

    task_id: UUID
    status: MonitorState


class InfluencerRecord(Schema):
    """Counts of a profile at one time; null: the source gave none, never 0 for unknown."""

    follower_count: int | None
    following_count: int | None
    post_count: int | None
    bio: str | None
    recorded_at: datetime


class PostRecord(Schema):
    """Counts of a post at one time."""

    like_count: int | None
    comment_count: int | None
    play_count: int | None
    recorded_at: datetime


class HistoryOut(Schema):
    """A page of a history, newest first: a row a change, and one an hour without any; of old times one an hour or day.

    `cached`: answered from the cache, which holds until the next measurement. `age_seconds`: since a source was last
    asked with success. `is_stale`: longer than two intervals ago; `gap` says why.
    """

    cached: bool
    measured_at: datetime | None
    age_seconds: int | None
    is_stale: bool
    gap: GapOut | None
    next: str


class UserHistory(HistoryOut):
    """The history of a profile."""

    username: str
    history: list[InfluencerRecord]


class VideoHistory(HistoryOut):
    """The history of a post."""

    post_code: str
    history: list[PostRecord]
