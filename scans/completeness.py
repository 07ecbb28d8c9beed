"""Is a list complete, and may its gaps be believed? Pure rules; ``docs/domain.md`` gives the reasons.

Shares are of the profile's count. All limits are defaults of this project: Instagram publishes none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A complete list shows at least 98 % of the profile's count; small accounts may lack three people.
GAP_SHARE: Final = 0.02
GAP_PEOPLE: Final = 3
#: Complete lists are up to 5 % shorter than the count (suspended accounts), and by the same gap each time. A first
#: reading closes nothing, so it may have that gap; later ones are held to what is usual for the account.
GAP_SHARE_LARGEST: Final = 0.05
GAP_DRIFT: Final = 0.01
#: Two readings whose sizes differ by no more than this tell the same story.
AGREEMENT_SHARE: Final = 0.005
#: A second scan confirms losses only while the gap is what it was, up to this much or less than one person.
CONFIRM_DRIFT: Final = 0.002
#: Circuit breaker: more than this lost in one scan is not believed at first.
LOSS_SHARE: Final = 0.05
LOSS_PEOPLE: Final = 20

RESCAN = "Nobody was counted as lost. Scan again: if the next scan shows the same, it is believed."
BY_ITSELF = "People who were seen are kept; nobody was counted as lost. Scan again to read the whole list."


@dataclass(frozen=True, slots=True)
class Reading:
    """How the reading of one list went.

    ``stop`` is the reason code of what ended it before the cursor did, with ``stop_sentence``; empty when the source
    said that the last page was read. ``usual_gap`` is the learned share, None before it is known; ``is_first`` tells
    that no complete reading was measured against a count yet. ``previous_gap`` is the share that the reading just
    before lacked, if that one also came to the cursor's end and was only too short.
    """

    people_seen: int
    count_before: int | None
    count_after: int | None
    stop: str = ""
    stop_sentence: str = ""
    is_limited: bool = False
    is_first: bool = False
    usual_gap: float | None = None
    previous_gap: float | None = None

    @property
    def count(self) -> int | None:
        """What the list is measured against: the larger of both counts, None unless both are known."""
        if self.count_before is None or self.count_after is None:
            return None
        return max(self.count_before, self.count_after)

    @property
    def gap_share(self) -> float | None:
        """The part of the count that was not seen, 0 when all was; None without a count."""
        if self.count is None:
            return None
        return max(0, self.count - self.people_seen) / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` is complete, partial, quarantined or failed; ``reason`` a stable code, empty when complete."""

    state: str
    reason: str = ""
    sentence: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether absence means something."""
        return self.state == "complete"


def judge(reading: Reading) -> Verdict:
    """What a reading is worth, before anybody's absence is looked at."""
    if reading.stop:
        return _stopped(reading)
    if reading.is_limited:
        sentence = f"Instagram shows only part of this list ({reading.people_seen:,} people) to this login. {BY_ITSELF}"
        return Verdict("partial", "limited", sentence)
    if reading.count is None:
        return Verdict("partial", "uncounted", f"The profile's count could not be read before and after. {BY_ITSELF}")
    if reading.count > 0 and reading.people_seen == 0:
        return Verdict("failed", "endpoint_broken", broken(reading.count))
    if reading.count - reading.people_seen <= allowed_gap(reading):
        return Verdict("complete", "", _complete(reading, reading.count))
    sentence = (
        f"The list ended after {reading.people_seen:,} people, but the profile counts {reading.count:,}. {BY_ITSELF}"
    )
    return Verdict("partial", "early_end", sentence)


def broken(count: int) -> str:
    """The sentence for a source that gives a count but nobody."""
    return (
        f"The profile counts {count:,} people, but the source gave none: it is broken at the moment. Nothing was"
        " changed and the last good data stays. Try again later."
    )


def other_source(now: str, before: str) -> str:
    """The sentence for a complete reading whose source is not the one that the list was read by before."""
    return (
        f"The whole list was read by {now}, but before by {before}. Two sources do not show the same people, so who is"
        " absent here may still be there: people were added, nobody was counted as lost."
    )


def new_source(now: str, before: str) -> str:
    """The sentence for the first complete reading of a list by the source that is to read it from now on."""
    return (
        f"From this reading on the list is read by {now}, before it was by {before}. Two sources do not show the same"
        " people, so nobody counts as new or as lost by it. Losses are told again from the next complete reading on."
    )


def allowed_gap(reading: Reading) -> int:
    """How many people a complete list may lack."""
    if reading.is_first:
        share = GAP_SHARE_LARGEST
    else:
        share = max(GAP_SHARE, (reading.usual_gap or 0.0) + GAP_DRIFT)
        if _is_gap_repeated(reading):
            share = GAP_SHARE_LARGEST
    return max(GAP_PEOPLE, int(share * (reading.count or 0)))


def _is_gap_repeated(reading: Reading) -> bool:
    if reading.previous_gap is None or reading.gap_share is None:
        return False
    return abs(reading.previous_gap - reading.gap_share) <= AGREEMENT_SHARE


def _stopped(reading: Reading) -> Verdict:
    state = "partial" if reading.people_seen else "failed"
    tail = BY_ITSELF if reading.people_seen else "Nothing was read, nothing was changed."
    return Verdict(state, reading.stop, f"{reading.stop_sentence} {tail}".strip())


def _complete(reading: Reading, count: int) -> str:
    lacking = count - reading.people_seen
    if lacking <= 0:
        return f"All {reading.people_seen:,} people were read."
    return (
        f"{reading.people_seen:,} people were read, {lacking:,} fewer than the profile counts. Instagram counts"
        " suspended accounts but does not list them."
    )


@dataclass(frozen=True, slots=True)
class Fall:
    """A complete reading beside what was stored: ``gone`` people of ``known`` are absent now.

    ``seen_then`` and ``count_then`` are of the last complete scan, None without one. ``quarantined_seen`` is how many
    people the reading just before showed, if that one was quarantined.
    """

    known: int
    gone: int
    seen_now: int
    count_now: int | None
    seen_then: int | None = None
    count_then: int | None = None
    quarantined_seen: int | None = None


def break_circuit(fall: Fall) -> Verdict | None:
    """The quarantine of a reading whose losses are too many or too odd to believe at once; None when it may pass."""
    if fall.quarantined_seen is not None and _agree(fall.quarantined_seen, fall.seen_now):
        return None
    if fall.gone > max(LOSS_PEOPLE, LOSS_SHARE * fall.known):
        sentence = f"{fall.gone:,} of {fall.known:,} people would be gone at once. {RESCAN}"
        return Verdict("quarantined", "mass_loss", sentence)
    if fall.gone and _fell_alone(fall):
        sentence = f"The list became shorter by {_fallen(fall):,} people while the profile's count did not. {RESCAN}"
        return Verdict("quarantined", "count_steady", sentence)
    return None


def _fallen(fall: Fall) -> int:
    return (fall.seen_then or 0) - fall.seen_now


def _fell_alone(fall: Fall) -> bool:
    if fall.seen_then is None or fall.count_then is None or fall.count_now is None:
        return False
    unexplained = _fallen(fall) - max(0, fall.count_then - fall.count_now)
    return unexplained > max(GAP_PEOPLE, AGREEMENT_SHARE * fall.seen_then)


def _agree(one: int, other: int) -> bool:
    return abs(one - other) <= max(GAP_PEOPLE, AGREEMENT_SHARE * max(one, other))


def gap_grew(shares: list[float], count: int) -> bool:
    """Whether a complete reading lacks more of the count than the two before it, given their gaps, its own first.

    Whoever left is no longer counted. When more people are counted and not shown than before, some of the absent may
    be among them, not shown by mistake: then two complete readings without a person prove nothing yet, but three do.
    """
    excess = shares[0] - min(shares[:3])
    return round(excess * count, 6) >= 1 and excess > CONFIRM_DRIFT


def learn_gap(shares: list[float]) -> float:
    """The usual gap from the newest complete readings' gaps: the smallest of the last three, since a list that was
    once fuller can be that full."""
    return min(shares[:3])


def was_short(usual_gap: float | None, gap_now: float) -> bool:
    """Whether the earlier complete readings lacked people that this one shows: who appears now is then not *new*."""
    return usual_gap is not None and usual_gap > GAP_SHARE and gap_now < usual_gap - GAP_DRIFT
