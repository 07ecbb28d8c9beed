"""What a friendship, or a post, says about an action: pure computation.

Success is what a later reading shows, not what was answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.gateway.results import Friendship
from automation.models import ActionKind, AttemptState, Exclusion, ItemState


@dataclass(frozen=True, slots=True)
class PostSeen:
    """What a look at a post shows of the login. None: it cannot be told, for Instagram shows a part only."""

    is_liked: bool | None = None
    is_commented: bool | None = None


Seen = Friendship | PostSeen


def is_so(kind: str, seen: Seen) -> ItemState | None:
    """The state in which an action of ``kind`` leaves its target, if ``seen`` shows it; None: it does not."""
    if isinstance(seen, PostSeen):
        return ItemState.DONE if _is_so_at(kind, seen) else None
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


def _is_so_at(kind: str, seen: PostSeen) -> bool:
    if kind == ActionKind.COMMENT:
        return seen.is_commented is True
    return seen.is_liked is (kind == ActionKind.LIKE)


def proves_absence(kind: str, seen: Seen) -> bool:
    """Whether ``seen`` shows that an action of ``kind`` was not carried out. A friendship always tells."""
    if not isinstance(seen, PostSeen):
        return True
    shown = seen.is_commented if kind == ActionKind.COMMENT else seen.is_liked
    return shown is (kind == ActionKind.UNLIKE)


def came_of_it(kind: str, attempt_state: str, seen: Seen | None) -> ItemState:
    """What became of a target after an attempt; ``seen`` None: it could not be looked at.

    Not there although it was accepted, or may have been: unknown, for a person to look at; never sent again.
    """
    shown = is_so(kind, seen) if seen is not None else None
    if shown is not None:
        return shown
    return ItemState.FAILED if attempt_state == AttemptState.FAILED else ItemState.UNKNOWN


def keeps_out(kind: str, seen: Seen) -> Exclusion | None:
    """What is seen just before sending and was not known when the batch was staged; None: go on."""
    if kind != ActionKind.FOLLOW or isinstance(seen, PostSeen):
        return None
    if seen.followed_by is True:
        return Exclusion.FOLLOWS_YOU
    return Exclusion.PRIVATE if seen.is_private is True else None


def as_details(seen: Seen | None) -> dict[str, object]:
    """For the attempt's row and the audit log."""
    if seen is None:
        return {"seen": False}
    if isinstance(seen, PostSeen):
        return {"seen": True, "is_liked": seen.is_liked, "is_commented": seen.is_commented}
    return {
        "seen": True,
        "following": seen.following,
        "followed_by": seen.followed_by,
        "outgoing_request": seen.outgoing_request,
    }
