"""When a number is beyond a rule's limit, and when it is well back: pure.

Between the two lies a margin, in which a rule stays as it is: a value that trembles at its limit is told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: The margin below (above) a threshold: one per cent of it, and at least one.
MARGIN_SHARE: Final = 0.01
MARGIN_LEAST: Final = 1.0
#: A change is over when it is back within this part of its limit.
CHANGE_OVER: Final = 0.8


@dataclass(frozen=True, slots=True)
class Level:
    """``is_beyond``: the rule fires, ``side`` (1 or -1) says where. ``is_calm``: well on the quiet side."""

    is_beyond: bool
    is_calm: bool
    side: int = 1


def threshold(value: float, limit: float, side: str) -> Level:
    """Above or below a limit; at the limit itself it does not fire."""
    margin = max(MARGIN_LEAST, abs(limit) * MARGIN_SHARE)
    if side == "below":
        return Level(value < limit, value >= limit + margin, -1)
    return Level(value > limit, value <= limit - margin, 1)


def change(percent: float, limit: float, side: str) -> Level:
    """A change of at least ``limit`` per cent, up, down or either way."""
    looked = {"above": percent, "below": -percent}.get(side, abs(percent))
    return Level(looked >= limit, looked < limit * CHANGE_OVER, 1 if percent >= 0 else -1)
