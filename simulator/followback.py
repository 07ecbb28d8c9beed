"""Who follows back, and when: the hidden behaviour that predictions are measured against.

The product never sees these weights; it sees only who did follow back. Outcomes are drawn from the seed, so that the
same follow in the same world ends the same way.
"""

from dataclasses import dataclass
from math import exp, log10

from simulator.clock import Moment
from simulator.mixing import draw, share
from simulator.world import Account, World

DAY = 86_400.0
SHARED_SAMPLE = 60
WEIGHTS = {
    "bias": -0.9,
    "is_private": 0.55,
    "is_verified": -1.6,
    "is_business": -0.45,
    "log_followers": -0.75,
    "log_following": 0.8,
    "overlap": 2.4,
    "posts": 0.15,
}
"""Log-odds per unit. Followers and following as log10 minus 2; overlap is the share of a sample of the person's
followers who follow the login as well; posts as log10(1 + posts) minus 1."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely this person follows this login back, and from what."""

    probability: float
    features: dict[str, float]


def chance(world: World, posts: int, person: Account, login_pk: int, moment: Moment) -> Chance:
    followers = world.count(person.pk, "followers", moment)
    following = world.count(person.pk, "following", moment)
    features = {
        "bias": 1.0,
        "is_private": float(person.is_private),
        "is_verified": float(person.is_verified),
        "is_business": float(person.is_business),
        "log_followers": log10(1 + followers) - 2,
        "log_following": log10(1 + following) - 2,
        "overlap": _overlap(world, person.pk, login_pk, moment),
        "posts": log10(1 + posts) - 1,
    }
    logit = sum(WEIGHTS[name] * value for name, value in features.items())
    return Chance(1 / (1 + exp(-logit)), features)


def _overlap(world: World, pk: int, login_pk: int, moment: Moment) -> float:
    theirs, ours = world.frozen(pk, "followers", moment), world.frozen(login_pk, "followers", moment)
    sample = [slot for slot in range(min(SHARED_SAMPLE, theirs.slots)) if theirs.is_listed(slot)]
    shared = sum(ours.slot_holding(theirs.pk_at(slot)) is not None for slot in sample)
    return shared / len(sample) if sample else 0.0


def reply_time(seed: int, person_pk: int, login_pk: int, probability: float) -> float | None:
    """Seconds from the follow to the follow back (some hours to six days), or None: never."""
    h = draw(seed, person_pk, login_pk, 71)
    if share(h) >= probability:
        return None
    return DAY * (0.1 + 5.9 * share(draw(h, 1)) ** 2)


def acceptance_time(seed: int, person_pk: int, login_pk: int) -> float | None:
    """Seconds until a private person lets a follower in (70 % do, within two days), or None: never."""
    h = draw(seed, person_pk, login_pk, 72)
    return DAY * 2 * share(draw(h, 1)) if share(h) < 0.7 else None
