"""The ground truth: who is in a list at any time, and what happened between two times."""

from itertools import islice
from typing import Any

from simulator.clock import Moment
from simulator.world import World


def listed_pks(world: World, pk: int, direction: str, moment: Moment) -> set[int]:
    """Everybody whom paging through the whole list at that moment gives."""
    frozen = world.frozen(pk, direction, moment)
    overruled = world.overruled(pk, direction, moment)
    natural = {frozen.pk_at(slot) for _, slot in frozen.walk("date_followed_earliest", 0)}
    return (natural - overruled) | {partner for _, partner in world.extras(pk, direction, moment)}


def page(world: World, pk: int, direction: str, moment: Moment, after: int, limit: int) -> dict[str, Any]:
    """Pks in the order in which they followed (those of the overlay last), from the list's place `after` on; `next` is
    where to go on, or None."""
    frozen = world.frozen(pk, direction, moment)
    overruled = world.overruled(pk, direction, moment)
    taken = list(islice(frozen.walk("date_followed_earliest", after), limit + 1))
    pks = [p for p in (frozen.pk_at(slot) for _, slot in taken[:limit]) if p not in overruled]
    if len(taken) <= limit:
        pks += [partner for _, partner in world.extras(pk, direction, moment)]
    return {
        "count": world.count(pk, direction, moment),
        "listed": listed_count(world, pk, direction, moment),
        "pks": pks,
        "next": taken[limit][0] if len(taken) > limit else None,
    }


def listed_count(world: World, pk: int, direction: str, moment: Moment) -> int:
    """How many people paging through the whole list gives."""
    frozen = world.frozen(pk, direction, moment)
    overruled = sum(frozen.slot_holding(p) is not None for p in world.overruled(pk, direction, moment))
    return frozen.listed_count - overruled + len(world.extras(pk, direction, moment))


def diff(
    world: World, pk: int, direction: str, earlier: Moment, later: Moment, before: list[Moment] | None = None
) -> dict[str, Any]:
    """What a perfect observer would report between two scans. `before` are the times of still earlier scans: who was in
    one of them and appears again is returned, not new. Without it everybody who was ever in the list is returned."""
    old, fresh = listed_pks(world, pk, direction, earlier), listed_pks(world, pk, direction, later)
    appeared, vanished = fresh - old, old - fresh
    if before is None:
        returned = {p for p in appeared if _was_there(world, pk, direction, p, earlier)}
    else:
        seen = set().union(*(listed_pks(world, pk, direction, moment) for moment in before))
        returned = appeared & seen
    deactivated = {p for p in vanished if world.account(p, later) is None}
    renamed = []
    for person in old & fresh:
        then, now = world.account(person, earlier), world.account(person, later)
        if then is not None and now is not None and then.username != now.username:
            renamed.append({"pk": person, "old": then.username, "new": now.username})
    return {
        "new": sorted(appeared - returned),
        "returned": sorted(returned),
        "lost": sorted(vanished),
        "unfollowed": sorted(vanished - deactivated),
        "deactivated": sorted(deactivated),
        "renamed": sorted(renamed, key=lambda entry: entry["pk"]),
        "counts": {
            "earlier": world.count(pk, direction, earlier),
            "later": world.count(pk, direction, later),
            "earlier_listed": len(old),
            "later_listed": len(fresh),
        },
    }


def _was_there(world: World, pk: int, direction: str, person: int, earlier: Moment) -> bool:
    """Whether somebody in the list now had followed before `earlier` already (and was away then)."""
    natural = world.natural(pk, direction)
    index = world.population.index_of(person)
    shape = natural.shape
    if index is None or not shape.start <= index < shape.start + shape.window:
        return False
    return natural.slot_of(index) < natural.arrived(earlier.step)
