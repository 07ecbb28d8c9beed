"""Who follows whom back in worlds of the simulator, as a table: what predictions are measured on.

The table holds what a source shows of people whom ``demo_creator`` might follow (profile, the first page of their
followers unless they are private), and whether they would follow back. It is made once, since asking a world takes a
minute: ``python -m tests.automation.follow_backs`` writes it anew. ``test_predictions_learn.py`` compares rows of it
with the worlds as they are.

Each world has a seed of its own: its people, their lists and what they do are drawn anew. Half of the worlds are
learned in, the others judged in. None of them was looked at when the model was made (``docs/predictions.md``).
"""

from __future__ import annotations

import csv
import random
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from simulator import cast, followback
from simulator.stage import Options, Stage

FILE = Path(__file__).with_name("follow_backs.csv")
LOGIN = "demo_creator"
SEEDS = ("gap.gallery", "northwind_run", "aurora.studio", "la.cocina.verde")
PAGE = 50
LEARNED, HELD_OUT = 300, 2_000
#: Where 300 people are followed, and where 2,000 others are judged: pair by pair.
LESSONS, JUDGED = (501, 502, 503, 504, 505), (601, 602, 603, 604, 605)
#: People of different worlds bear the same numbers; apart by so much they do not.
APART = 10**12


@dataclass(frozen=True)
class Target:
    """Somebody who does not follow the login yet, and whether they do within a week after they were followed."""

    world: int
    pk: int
    is_private: int
    is_verified: int
    is_business: int
    followers: int
    following: int
    posts: int
    sample: int
    sample_follow_you: int
    sample_you_follow: int
    follows_back: int


@cache
def stage(seed: int) -> Stage:
    """A world on its first day."""
    return Stage(Options(seed=seed, start=datetime(2026, 1, 1, tzinfo=UTC), rate=0))


def target(seed: int, pk: int) -> Target | None:
    """The person as the world knows them; None: nobody whom the login could follow in vain."""
    world, moment, me = stage(seed).world, stage(seed).now(), cast.PK_OF[LOGIN]
    account = world.account(pk, moment)
    ties = (world.follows(pk, me, moment), world.follows(me, pk, moment))
    if account is None or account.cast is not None or "following" in ties:
        return None
    posts = stage(seed).posts.count(account, moment)
    chance = followback.chance(world, posts, account, me, moment)
    sample = [] if account.is_private else _page(seed, pk)
    mine = [world.frozen(me, direction, moment) for direction in ("followers", "following")]
    shared = [sum(one.slot_holding(who) is not None for who in sample) for one in mine]
    comes = followback.reply_time(seed, pk, me, chance.probability) is not None
    return Target(
        seed, pk, account.is_private, account.is_verified, account.is_business, world.count(pk, "followers", moment),
        world.count(pk, "following", moment), posts, len(sample), shared[0], shared[1], comes,
    )  # fmt: skip


def _page(seed: int, pk: int) -> list[int]:
    followers = stage(seed).world.frozen(pk, "followers", stage(seed).now())
    return [followers.pk_at(slot) for slot in range(followers.slots) if followers.is_listed(slot)][:PAGE]


@cache
def _rows() -> list[Target]:
    with FILE.open(newline="") as file:
        return [Target(*map(int, row)) for row in list(csv.reader(file))[1:]]


def targets(seed: int) -> list[Target]:
    """Those of one world, in an order drawn by lot; their numbers are those of no other world."""
    return [replace(one, pk=one.pk + seed * APART) for one in _rows() if one.world == seed]


def as_the_world_has_it(one: Target) -> Target | None:
    """A row of :func:`targets`, asked for again."""
    again = target(one.world, one.pk - one.world * APART)
    return again and replace(again, pk=one.pk)


def _drawn(seed: int, count: int) -> list[Target]:
    """Followers of four accounts, mixed."""
    found: dict[int, Target] = {}
    for name in SEEDS:
        followers = stage(seed).world.frozen(cast.PK_OF[name], "followers", stage(seed).now())
        left = count // len(SEEDS) + max(5, count // 100)
        for slot in range(followers.slots):
            pk = followers.pk_at(slot) if followers.is_listed(slot) else 0
            one = target(seed, pk) if pk and pk not in found else None
            if one is not None:
                found[pk], left = one, left - 1
            if not left:
                break
    mixed = sorted(found.values(), key=lambda one: one.pk)
    random.Random(1).shuffle(mixed)
    return mixed[:count]


def write() -> None:
    """All worlds."""
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Target))
        for seeds, count in ((LESSONS, LEARNED), (JUDGED, HELD_OUT)):
            for seed in seeds:
                writer.writerows([int(value) for value in astuple(one)] for one in _drawn(seed, count))


if __name__ == "__main__":
    write()
