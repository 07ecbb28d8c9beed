"""Sources that work in paid runs: ordered once, looked after until they are over, then read page by page.

A job keeps these apart so that nothing is paid twice: it writes down that it is about to order, calls ``start_run``
(one POST, never repeated), saves ``Run.id`` before anything else, asks ``look`` whenever it is woken, and reads the
pages of ``reading(run)`` when the run has succeeded. A worker killed between the order and the saving finds the run
again with ``recent_runs`` and ``was_ordered_by``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from accounts.gateway.protocol import ReadGateway

MOST_TARGETS = 1_000


class RunKind(StrEnum):
    """What a run collects."""

    PROFILES = "profiles"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    POSTS = "posts"
    COMMENTS = "comments"


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What a run is to bring.

    Attributes:
        targets: user names; for comments the short code of one post. Only profiles can be ordered for several at once:
            the pages of a list do not say whose list it is.
        most_results: stop after so many rows; None: all there are.
        most_dollars: the most that the run may cost, where the service can promise that.

    Raises:
        ValueError: no target, too many, or a limit below one.
    """

    kind: RunKind
    targets: tuple[str, ...]
    most_results: int | None = None
    most_dollars: Decimal | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.targets) <= (MOST_TARGETS if self.kind == RunKind.PROFILES else 1):
            raise ValueError("a run has one target, a run of profiles up to a thousand")
        if self.most_results is not None and self.most_results < 1:
            raise ValueError("a run brings at least one result")


class RunState(StrEnum):
    """Where a run stands. Only a run that succeeded is read."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"
    TIMED_OUT = "timed_out"

    @property
    def is_over(self) -> bool:
        """Nothing more will come of it."""
        return self not in (RunState.WAITING, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the service showed it.

    Attributes:
        id: what ``look`` wants; save it as soon as it is known.
        results_id: where its rows are (a dataset).
        input_id: where its order is kept.
        most_results: the limit it was ordered with, if any.
        dollars: what it has cost so far, if the service tells.
        message: the service's own words about it, cleaned.
    """

    id: str
    state: RunState
    started_at: datetime
    results_id: str
    input_id: str
    finished_at: datetime | None = None
    most_results: int | None = None
    dollars: Decimal | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose key it is, as the cheapest authenticated call tells; ``dollars_left`` None: the service does not say."""

    name: str
    dollars_left: Decimal | None = None


class KeyedGateway(Protocol):
    """What every source that is opened with a key can do besides reading."""

    def check_key(self) -> KeyOwner:
        """One request that costs nothing. ``NeedsKey`` if the key is refused."""
        ...


class RunGateway(KeyedGateway, Protocol):
    """Each call is one request; errors are ``GatewayError`` subclasses."""

    source: str

    def start_run(self, order: RunOrder) -> Run:
        """Orders and pays. Exactly one POST, whatever happens; after an error it may or may not have been taken."""
        ...

    def look(self, run_id: str) -> Run:
        """How the run is doing now. ``RunFailed`` if the service does not know it."""
        ...

    def abort(self, run_id: str) -> Run:
        """Ends a run that is no longer wanted. What it has brought so far is paid."""
        ...

    def recent_runs(self, kind: RunKind) -> Sequence[Run]:
        """The latest runs of that kind with this key, newest first, whoever ordered them."""
        ...

    def was_ordered_by(self, run: Run, order: RunOrder) -> bool:
        """Whether ``run`` was started with exactly this order."""
        ...

    def reading(self, run: Run) -> ReadGateway:
        """The rows of a run that succeeded, through the calls of its kind. ``RunFailed`` if it did not succeed."""
        ...
