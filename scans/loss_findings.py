"""What a check found out about one lost person, and what that means: pure rules (``docs/domain.md``)."""

from __future__ import annotations

from dataclasses import dataclass

from scans.models.verdicts import LossReason, LossState


@dataclass(frozen=True, slots=True)
class Finding:
    """``tie`` is what the friendship of one's own account says, None where it cannot be asked or does not tell.

    ``is_gone``: Instagram does not show the profile, and showed a canonical one right after. ``name``: the one that the
    profile bears now, empty when it was not seen.
    """

    tie: bool | None = None
    is_gone: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """State and reason for the verdict's row."""

    state: LossState
    reason: LossReason
    name: str = ""


#: A check that failed tells nothing, neither about the state nor about the reason.
UNKNOWN = Judgement(LossState.MISSING, LossReason.UNKNOWN)


def judge(finding: Finding) -> Judgement:
    """A tie that stands takes the loss back; one that does not confirms it; a profile tells the reason only."""
    if finding.tie:
        return Judgement(LossState.WITHDRAWN, LossReason.STILL_THERE, finding.name)
    state = LossState.CONFIRMED if finding.tie is False else LossState.MISSING
    if finding.is_gone:
        return Judgement(state, LossReason.UNAVAILABLE)
    if finding.name:
        return Judgement(state, LossReason.UNFOLLOWED, finding.name)
    return Judgement(state, LossReason.UNKNOWN)
