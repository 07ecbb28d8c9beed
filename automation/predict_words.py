"""Predictions in words: each reason with its weight, how sure it is, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from automation.features import FEATURES, NAMES, TYPICAL_FOLLOWERS, TYPICAL_OVERLAP, TYPICAL_POSTS
from automation.models import Prediction
from automation.predict_model import sigmoid
from igsite.figures import number

#: Width of the interval up to which a prediction is sure, and fairly sure.
SURE: Final = 0.2
FAIRLY_SURE: Final = 0.4
_LABELS: Final = {
    "base": lazy_("What is usual, before anything is known"),
    "follows_you": lazy_("Follows you already"),
    "you_follow": lazy_("You follow them already"),
    "private": lazy_("Private account"),
    "verified": lazy_("Verified"),
    "business": lazy_("Business or creator account"),
    "category": lazy_("Names a category"),
    "followers": lazy_("Their followers"),
    "following": lazy_("How many they follow"),
    "overlap": lazy_("Their followers who follow you"),
    "mutuals": lazy_("Their followers whom you follow"),
    "posts": lazy_("Their posts"),
    "alternative": lazy_("Follows you with another account"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``log_odds`` is its part; ``points`` how many percent points it moves the probability, given all the
    others; ``share`` its size next to the largest, in percent."""

    words: str
    log_odds: float
    points: int
    share: int


def label(name: str) -> str:
    """What a feature is called."""
    return str(_LABELS.get(name, name))


def reasons(prediction: Prediction) -> list[Reason]:
    """The reasons, the weightiest first, the usual last; those without weight are left out."""
    parts, values = prediction.parts, prediction.values
    if len(parts) != len(FEATURES) or len(values) != len(FEATURES):
        return []
    total = sum(parts)
    most = max((abs(part) for part in parts[1:]), default=0.0) or 1.0
    found = [
        Reason(_words(name, value), part, _points(total, part), round(100 * abs(part) / most))
        for name, value, part in zip(NAMES[1:], values[1:], parts[1:], strict=True)
        if value is not None and abs(part) >= 0.005
    ]
    found.sort(key=lambda reason: -abs(reason.log_odds))
    base = Reason(label("base"), parts[0], round(100 * sigmoid(parts[0])), 0)
    return [*found, base]


def _points(total: float, part: float) -> int:
    return round(100 * (sigmoid(total) - sigmoid(total - part)))


def _words(name: str, value: float) -> str:
    """A known value in words."""
    told: dict[str, Callable[[float], str]] = {
        "followers": lambda size: _("They have %(count)s followers") % _count(size, TYPICAL_FOLLOWERS),
        "following": lambda size: _("They follow %(count)s people") % _count(size, TYPICAL_FOLLOWERS),
        "posts": lambda size: _("They have %(count)s posts") % _count(size, TYPICAL_POSTS),
        "overlap": lambda share: _("%(share)s %% of a sample of their followers follow you") % _share(share),
        "mutuals": lambda share: _("You follow %(share)s %% of a sample of their followers") % _share(share),
    }
    return told[name](value) if name in told else label(name)


def _count(size: float, typical: float) -> dict[str, Any]:
    return {"count": number(max(0, round(10 ** (size + typical) - 1)))}


def _share(share: float) -> dict[str, Any]:
    return {"share": number(round(100 * (share + TYPICAL_OVERLAP), 1))}


def unknown(values: Sequence[float | None]) -> list[str]:
    """What is not known, by name."""
    if len(values) != len(NAMES):
        return []
    return [label(name) for name, value in zip(NAMES, values, strict=True) if value is None]


def confidence(low: float | None, high: float | None) -> tuple[str, str]:
    """How sure: a stable word, and its words."""
    if low is None or high is None:
        return "none", _("Nothing can be said yet")
    width = high - low
    if width <= SURE:
        return "high", _("High confidence")
    return ("medium", _("Medium confidence")) if width <= FAIRLY_SURE else ("low", _("Low confidence"))
