"""What scans of a followers list say about one follow: pure computation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from automation.models import OutcomeState

#: They followed back if they came within so long after they were followed.
WINDOW: Final = timedelta(days=7)
#: So long after the window a complete scan is waited for.
PATIENCE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay on the list. It began after ``came_after``, the start of the last complete scan that did not show the
    person (None: there is none), and by ``came_by``; it was over by ``left_by`` (None: it lasts)."""

    came_by: datetime
    came_after: datetime | None = None
    left_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, and when the scan ended that showed it."""

    state: OutcomeState
    seen_at: datetime | None = None


def judge(
    followed_at: datetime, stays: Sequence[Stay], absent_since: datetime | None, *, is_ours: bool, now: datetime
) -> Verdict:
    """What became of a follow.

    ``stays`` in their order. ``absent_since``: the end of the first complete scan begun after the window that did not
    show the person, None without one. ``is_ours``: a reading just before showed that they did not follow yet.
    """
    deadline = followed_at + WINDOW
    for stay in stays:
        if stay.left_by is not None and stay.left_by <= followed_at:
            continue
        if stay.came_by <= followed_at:
            return Verdict(OutcomeState.ALREADY, stay.came_by)
        is_after = is_ours or (stay.came_after is not None and stay.came_after >= followed_at)
        if stay.came_by <= deadline:
            return Verdict(OutcomeState.FOLLOWED_BACK if is_after else OutcomeState.UNKNOWN, stay.came_by)
        if absent_since is None or absent_since > stay.came_by:
            return Verdict(OutcomeState.UNKNOWN, stay.came_by)  # within the week or after it: nobody looked
        break
    if absent_since is not None:
        return Verdict(OutcomeState.DID_NOT, absent_since)
    if now < deadline:
        return Verdict(OutcomeState.OPEN)
    return Verdict(OutcomeState.WAITING if now < deadline + PATIENCE else OutcomeState.UNKNOWN)
