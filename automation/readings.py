"""What a friendship says about an action: pure computation.

Success is what a later reading shows, not what was answered.
"""

from __future__ import annotations

from accounts.gateway.results import Friendship
from automation.models import ActionKind, AttemptState, Exclusion, ItemState


def is_so(kind: str, seen: Friendship) -> ItemState | None:
    """The state in which an action of ``kind`` leaves a person, if ``seen`` shows it; None: it does not."""
    match kind:
        case ActionKind.FOLLOW if seen.following is True:
            return ItemState.DONE
        case ActionKind.FOLLOW if seen.outgoing_request is True:
            return ItemState.REQUESTED
        case ActionKind.UNFOLLOW if seen.following is False and seen.outgoing_request is not True:
            return ItemState.DONE
        case ActionKind.REMOVE if seen.followed_by is False:
            return ItemState.DONE
    return None


def came_of_it(kind: str, attempt_state: str, seen: Friendship | None) -> ItemState:
    """What became of a person after an attempt; ``seen`` None: they could not be looked at.

    Not there although it was accepted, or may have been: unknown, for a person to look at; never sent again.
    """
    shown = is_so(kind, seen) if seen is not None else None
    if shown is not None:
        return shown
    return ItemState.FAILED if attempt_state == AttemptState.FAILED else ItemState.UNKNOWN


def keeps_out(kind: str, seen: Friendship) -> Exclusion | None:
    """What is seen just before sending and was not known when the batch was staged; None: go on."""
    if kind != ActionKind.FOLLOW:
        return None
    if seen.followed_by is True:
        return Exclusion.FOLLOWS_YOU
    return Exclusion.PRIVATE if seen.is_private is True else None


def as_details(seen: Friendship | None) -> dict[str, object]:
    """For the attempt's row and the audit log."""
    if seen is None:
        return {"seen": False}
    return {
        "seen": True,
        "following": seen.following,
        "followed_by": seen.followed_by,
        "outgoing_request": seen.outgoing_request,
    }
