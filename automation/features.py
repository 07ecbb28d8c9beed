"""What a prediction of a follow back looks at, as numbers: pure computation.

Each feature is zero at what is typical, so that an unknown one counts as typical; how much it might have been adds to
the width of the interval (``docs/predictions.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Final


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person and of how they stand to the login. None: not known.

    Of ``sample`` people from their followers, ``sample_follow_you`` follow the login and ``sample_you_follow`` are
    followed by it.
    """

    is_private: bool | None = None
    is_verified: bool | None = None
    is_business: bool | None = None
    has_category: bool | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    follows_you: bool | None = None
    you_follow: bool | None = None
    alternative_follows_you: bool | None = None
    sample: int | None = None
    sample_follow_you: int | None = None
    sample_you_follow: int | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of the vector. ``weight`` and ``doubt`` are the mean and the standard deviation of the prior on its
    log-odds; ``spread`` is the standard deviation of its values among people, for when it is unknown."""

    name: str
    weight: float
    doubt: float
    spread: float = 0.0


#: The prior is what people who do this by hand expect, in round figures: one in four follows back; people with many
#: followers and verified ones less, people who follow many more, and whoever shares followers with you much more.
#: Nothing is expected of private and business accounts either way. How many follow back differs most between accounts:
#: the base is doubted most. The other doubts were chosen on worlds of the simulator that nothing is judged by
#: (``docs/predictions.md``).
FEATURES: Final = (
    Feature("base", -1.1, 1.0),
    Feature("follows_you", 4.0, 0.5, 0.1),
    Feature("you_follow", -0.5, 0.3, 0.1),
    Feature("private", 0.0, 0.3, 0.45),
    Feature("verified", -1.0, 0.3, 0.1),
    Feature("business", 0.0, 0.3, 0.35),
    Feature("category", 0.0, 0.2, 0.35),
    Feature("followers", -0.5, 0.15, 0.7),
    Feature("following", 0.5, 0.15, 0.5),
    Feature("overlap", 1.5, 0.4, 0.1),
    Feature("mutuals", 0.5, 0.2, 0.05),
    Feature("posts", 0.0, 0.2, 0.7),
    Feature("alternative", 0.5, 0.3, 0.1),
)
NAMES: Final = tuple(feature.name for feature in FEATURES)
TYPICAL_FOLLOWERS: Final = 2.5
"""As log10: some 300."""
TYPICAL_POSTS: Final = 1.5
TYPICAL_OVERLAP: Final = 0.05

Vector = tuple[float | None, ...]


def vector(facts: Facts) -> Vector:
    """One value for each of ``FEATURES``; None where the fact is unknown."""
    return (
        1.0,
        _flag(facts.follows_you),
        _flag(facts.you_follow),
        _flag(facts.is_private),
        _flag(facts.is_verified),
        _flag(facts.is_business),
        _flag(facts.has_category),
        _size(facts.followers, TYPICAL_FOLLOWERS),
        _size(facts.following, TYPICAL_FOLLOWERS),
        _share(facts.sample_follow_you, facts.sample),
        _share(facts.sample_you_follow, facts.sample),
        _size(facts.posts, TYPICAL_POSTS),
        _flag(facts.alternative_follows_you),
    )


def _flag(value: bool | None) -> float | None:
    return None if value is None else float(value)


def _size(count: int | None, typical: float) -> float | None:
    return None if count is None else log10(1 + max(count, 0)) - typical


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole - TYPICAL_OVERLAP
