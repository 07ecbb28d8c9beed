"""The ground truth: who is in a list at any time, and what happened between two times."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from simulator.churn import CLASSES
from simulator.clock import Moment
from simulator.follows import FrozenList
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


def is_listed(world: World, pk: int, direction: str, person: int, moment: Moment) -> bool:
    """Whether paging through the whole list at that moment gives this person."""
    if person in world.overruled(pk, direction, moment):
        return any(partner == person for _, partner in world.extras(pk, direction, moment))
    return world.frozen(pk, direction, moment).slot_holding(person) is not None


def diff(
    world: World, pk: int, direction: str, earlier: Moment, later: Moment, before: list[Moment] | None = None
) -> dict[str, Any]:
    """What a perfect observer would report between two scans. `before` are the times of still earlier scans: who was in
    one of them and appears again is returned, not new. Without it everybody who was ever in the list is returned."""
    appeared, vanished, stayed = _changes(world, pk, direction, earlier, later)
    if before is None:
        returned = {p for p in appeared if _was_there(world, pk, direction, p, earlier)}
    else:
        returned = {p for p in appeared if any(is_listed(world, pk, direction, p, moment) for moment in before)}
    deactivated = {p for p in vanished if world.account(p, later) is None}
    renamed = []
    for person in sorted(stayed):
        then, now = world.account(person, earlier), world.account(person, later)
        if then is not None and now is not None and then.username != now.username:
            renamed.append({"pk": person, "old": then.username, "new": now.username})
    return {
        "new": sorted(appeared - returned),
        "returned": sorted(returned),
        "lost": sorted(vanished),
        "unfollowed": sorted(vanished - deactivated),
        "deactivated": sorted(deactivated),
        "renamed": renamed,
        "counts": {
            "earlier": world.count(pk, direction, earlier),
            "later": world.count(pk, direction, later),
            "earlier_listed": listed_count(world, pk, direction, earlier),
            "later_listed": listed_count(world, pk, direction, later),
        },
    }


def _changes(
    world: World, pk: int, direction: str, earlier: Moment, later: Moment
) -> tuple[set[int], set[int], set[int]]:
    """(appeared, vanished, those who stayed and may have another name): found per class of slots, so that the cost is
    that of the changes and not of the list."""
    old, new = world.frozen(pk, direction, earlier), world.frozen(pk, direction, later)
    before, after = world.overruled(pk, direction, earlier), world.overruled(pk, direction, later)
    old_extras = {partner for _, partner in world.extras(pk, direction, earlier)}
    new_extras = {partner for _, partner in world.extras(pk, direction, later)}
    special = set(before | after | old_extras | new_extras)
    special |= {frozen.pk_at(slot) for frozen in (old, new) for slot in frozen.successors}
    special |= {old.pk_at(slot) for slot in new.successors if slot < old.slots}
    sets: tuple[set[int], set[int], set[int]] = (set(), set(), set())
    for found, slots in zip(sets, _changed_slots(old, new), strict=True):
        found.update(new.pk_at(slot) if slot < new.slots else old.pk_at(slot) for slot in slots)
        found -= special
    for person in special:
        was = person in old_extras or (person not in before and old.slot_holding(person) is not None)
        comes = person in new_extras or (person not in after and new.slot_holding(person) is not None)
        if was or comes:
            sets[2 if was and comes else 1 if was else 0].add(person)
    return sets


def _changed_slots(old: FrozenList, new: FrozenList) -> tuple[list[int], list[int], list[int]]:
    """Slots that appeared, that vanished, and that stayed in classes whose people renamed themselves."""
    natural = old.natural
    states, later_states = (natural.population.timeline.states(frozen.moment) for frozen in (old, new))
    appeared: list[int] = []
    vanished: list[int] = []
    stayed: list[int] = []
    for class_ in range(max(old.classes, new.classes)):
        a, b = _bounds(old, class_), _bounds(new, class_)
        appeared += _members(class_, b[0], min(b[1], a[0]))
        appeared += _members(class_, max(b[0], a[1]), b[1])
        vanished += _members(class_, a[0], min(a[1], b[0]))
        vanished += _members(class_, max(a[0], b[1]), a[1])
        person_class = natural.index_at(class_) & (CLASSES - 1)
        if states[person_class].style != later_states[person_class].style:
            stayed += _members(class_, max(a[0], b[0]), min(a[1], b[1]))
    return appeared, vanished, stayed


def _bounds(frozen: FrozenList, class_: int) -> tuple[int, int]:
    """From which slot to which the class is listed; an empty range where it is not."""
    if class_ >= frozen.classes or frozen.listing[class_] >= frozen.slots:
        return frozen.slots, frozen.slots
    return frozen.listing[class_], frozen.slots


def _members(class_: int, start: int, stop: int) -> Iterator[int]:
    first = start + (class_ - start) % CLASSES
    return iter(range(first, stop, CLASSES))


def _was_there(world: World, pk: int, direction: str, person: int, earlier: Moment) -> bool:
    """Whether somebody in the list now had followed before `earlier` already (and was away then)."""
    natural = world.natural(pk, direction)
    index = world.population.index_of(person)
    shape = natural.shape
    if index is None or not shape.start <= index < shape.start + shape.window:
        return False
    return natural.slot_of(index) < natural.arrived(earlier.step)
