"""The reads of a source that works in paid runs, as a job sees them: each waits until its run is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from accounts import connect, source_gateway, source_health, source_runs
from accounts.gateway import errors
from accounts.gateway.abilities import SOURCES, Ability
from accounts.gateway.protocol import ListOrder, ReadGateway
from accounts.gateway.results import CommentPage, PeoplePage, PostPage, Profile
from accounts.gateway.runs import RunKind
from accounts.models import SourceAccess, Workspace
from accounts.paced_reads import PacedReads, Result
from accounts.source_pace import AccessLedger

_KINDS: Final = {
    Ability.PROFILE_BY_USERNAME: RunKind.PROFILES,
    Ability.FOLLOWERS: RunKind.FOLLOWERS,
    Ability.FOLLOWING: RunKind.FOLLOWING,
    Ability.POSTS: RunKind.POSTS,
    Ability.COMMENTS: RunKind.COMMENTS,
}


class RunReads(PacedReads):
    """For one task: what is asked of it is about that task's account, whatever number is given."""

    def __init__(
        self, access: SourceAccess, workspace: Workspace, task: source_runs.Task, clock: Callable[[], datetime]
    ) -> None:
        self.access, self.source, self._workspace, self._task, self._clock = (
            access,
            access.source,
            workspace,
            task,
            clock,
        )
        self._ledger = AccessLedger(access, workspace, clock)
        self._way = source_gateway.way_of(access, workspace, clock())
        self._service: Any = source_gateway.open_source(access, self._way, self._ledger)
        self._rows: dict[Ability, ReadGateway] = {}
        self._current: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._way.settle(error, now=self._clock())
        finally:
            self._service.close()

    def profile_by_username(self, username: str) -> Profile:
        """The profile, by a run of its own."""
        return self._read(
            Ability.PROFILE_BY_USERNAME, "runs/profiles", lambda: self._of().profile_by_username(username)
        )

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """Up to a thousand people of the run."""
        return self._read(Ability.FOLLOWERS, "runs/followers", lambda: self._of().followers(pk, cursor, order=order))

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """Up to a thousand people of the run."""
        return self._read(Ability.FOLLOWING, "runs/following", lambda: self._of().following(pk, cursor, order=order))

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:
        """Up to a thousand posts of the run."""
        return self._read(Ability.POSTS, "runs/posts", lambda: self._of().posts(pk, cursor))

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:
        """Up to a thousand comments of the run."""
        return self._read(Ability.COMMENTS, "runs/comments", lambda: self._of().comments(post_pk, cursor))

    def _of(self) -> ReadGateway:
        rows: ReadGateway = self._current
        return rows

    def _read(self, ability: Ability, endpoint: str, call: Callable[[], Result]) -> Result:
        now = self._clock()
        if not SOURCES[self.source].can(ability):
            raise errors.Unsupported
        trouble = source_health.trouble(self.source, ability, now=now)
        if trouble is not None:
            raise connect.SourceBroken(trouble)
        source_gateway.reserve(self._ledger, endpoint, self.source, now)
        try:
            self._current = self._rows_of(ability, now)
            return call()
        except errors.GatewayError as error:
            error.asked = ability
            self._ledger.fail(error.code)
            raise
        finally:
            self._ledger.done()

    def _rows_of(self, ability: Ability, now: datetime) -> ReadGateway:
        """Looked up once a step: the run is over, and stays so."""
        if ability not in self._rows:
            kind = _KINDS[ability]
            self._rows[ability] = source_runs.rows_of(
                self.access, self._workspace, self._service, kind, self._task, now=now
            )
        return self._rows[ability]
