"""Who follows whom back in the simulator's world, as a table: what predictions are measured on.

The table holds what a source shows of people whom ``demo_creator`` might follow (profile, the first page of their
followers unless they are private), and whether they would follow back. It is made once, since asking the world takes a
minute: ``python -m tests.automation.follow_backs`` writes it anew. ``test_predictions_learn.py`` compares rows of it
with the world as it is.
"""

from __future__ import annotations

import csv
import random
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from simulator import cast, followback
from simulator.stage import Options, Stage

FILE = Path(__file__).with_name("follow_backs.csv")
LOGIN = "demo_creator"
SEEDS = ("gap.gallery", "northwind_run", "aurora.studio", "la.cocina.verde")
EACH, PAGE = 620, 50


@dataclass(frozen=True)
class Target:
    """Somebody who does not follow the login yet, and whether they do within a week after they were followed."""

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
def stage() -> Stage:
    """The world of the first day, with the seed of all tests."""
    return Stage(Options(start=datetime(2026, 1, 1, tzinfo=UTC), rate=0))


def target(pk: int) -> Target | None:
    """The person as the world knows them; None: nobody whom the login could follow in vain."""
    world, moment, me = stage().world, stage().now(), cast.PK_OF[LOGIN]
    account = world.account(pk, moment)
    ties = (world.follows(pk, me, moment), world.follows(me, pk, moment))
    if account is None or account.cast is not None or "following" in ties:
        return None
    posts = stage().posts.count(account, moment)
    chance = followback.chance(world, posts, account, me, moment)
    sample = [] if account.is_private else _page(pk)
    mine = [world.frozen(me, direction, moment) for direction in ("followers", "following")]
    shared = [sum(one.slot_holding(who) is not None for who in sample) for one in mine]
    comes = followback.reply_time(stage().options.seed, pk, me, chance.probability) is not None
    return Target(
        pk, account.is_private, account.is_verified, account.is_business, world.count(pk, "followers", moment),
        world.count(pk, "following", moment), posts, len(sample), shared[0], shared[1], comes,
    )  # fmt: skip


def _page(pk: int) -> list[int]:
    followers = stage().world.frozen(pk, "followers", stage().now())
    return [followers.pk_at(slot) for slot in range(followers.slots) if followers.is_listed(slot)][:PAGE]


def targets() -> list[Target]:
    """The table, in an order drawn by lot."""
    with FILE.open(newline="") as file:
        return [Target(*map(int, row)) for row in list(csv.reader(file))[1:]]


def write() -> None:
    """Followers of four accounts, mixed."""
    found: dict[int, Target] = {}
    for seed in SEEDS:
        followers = stage().world.frozen(cast.PK_OF[seed], "followers", stage().now())
        left = EACH
        for slot in range(followers.slots):
            pk = followers.pk_at(slot) if followers.is_listed(slot) else 0
            one = target(pk) if pk and pk not in found else None
            if one is not None:
                found[pk], left = one, left - 1
            if not left:
                break
    mixed = sorted(found.values(), key=lambda one: one.pk)
    random.Random(1).shuffle(mixed)
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Target))
        writer.writerows([int(value) for value in astuple(one)] for one in mixed)


if __name__ == "__main__":
    write()
