"""A network as the browser draws it: groups, places to start from, and one compact JSON value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from scans.network import Network, Node

#: Groups of their own for that many other accounts; people of further ones share a group.
_SINGLES: Final = 4
_TRACKED, _ALONE, _FIRST_SINGLE = 0, 1, 2
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
#: From the first account to the others, and between two people of a disc, which has a widest; in the drawing's units.
_FAR: Final = 100.0
_STEP: Final = 2.2
_WIDEST: Final = 48.0


@dataclass(frozen=True, slots=True)
class Group:
    """People who are tied to the same tracked accounts; told apart by colour, by this name and in the table."""

    label: str
    size: int


def grouped(network: Network) -> tuple[list[Group], list[int]]:
    """The groups, and the number of each node's group."""
    singles = Counter(_other(node) for node in network.people if len(_others(node)) == 1)
    own = [hub for hub, _size in singles.most_common(_SINGLES)]
    rest, several = _FIRST_SINGLE + len(own), _FIRST_SINGLE + len(own) + 1

    def group_of(node: Node) -> int:
        if node.hub is not None:
            return _TRACKED
        others = _others(node)
        if len(others) > 1:
            return several
        if not others:
            return _ALONE
        return _FIRST_SINGLE + own.index(others[0]) if others[0] in own else rest

    numbers = [group_of(node) for node in network.nodes]
    sizes = Counter(numbers)
    account = network.hubs[0].username if network.hubs else ""
    labels = [
        _("Tracked accounts"),
        _("Known from @%(name)s alone") % {"name": account},
        *(_("Also around @%(name)s") % {"name": network.hubs[hub].username} for hub in own),
        _("Also around another account"),
        _("Around several accounts"),
    ]
    return [Group(label, sizes[number]) for number, label in enumerate(labels)], numbers


def _others(node: Node) -> list[int]:
    return [tie.hub for tie in node.ties if tie.hub != 0]


def _other(node: Node) -> int:
    return _others(node)[0]


def places(nodes: Sequence[Node]) -> list[tuple[float, float]]:
    """Where each node starts: tracked accounts on a circle around the first, people in discs between those they know.

    People who stand to the same accounts share a disc, filled from its middle as a sunflower is, so that nobody
    covers anybody.
    """
    hubs = sum(node.hub is not None for node in nodes)
    centres = [(0.0, 0.0)]
    for number in range(hubs - 1):
        angle = 2 * math.pi * number / (hubs - 1)
        centres.append((_FAR * math.cos(angle), _FAR * math.sin(angle)))
    sizes = Counter(tuple(_others(node)) for node in nodes if node.hub is None)
    ranks: Counter[tuple[int, ...]] = Counter()
    spots = []
    for node in nodes:
        if node.hub is not None:
            spots.append(centres[node.hub])
            continue
        disc = tuple(_others(node))
        ranks[disc] += 1
        spots.append(_in_disc(_middle(disc, centres), ranks[disc], sizes[disc]))
    return spots


def _middle(disc: tuple[int, ...], centres: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Between the first account and those of the disc; beside the first for whoever stands to it alone."""
    known = [centres[hub] for hub in disc]
    x, y = (sum(each) / max(len(known), 1) * 0.62 for each in zip(*known, strict=True)) if known else (0.0, 0.0)
    return x, y


def _in_disc(middle: tuple[float, float], rank: int, size: int) -> tuple[float, float]:
    reach = min(_STEP, _WIDEST / math.sqrt(size)) * math.sqrt(rank + min(size, 12))
    angle = rank * _GOLDEN
    return round(middle[0] + reach * math.cos(angle), 2), round(middle[1] + reach * math.sin(angle), 2)


def drawing(network: Network) -> dict[str, Any]:
    """``nodes``: [name, group, x, y, is tracked]; ``edges``: three numbers each, from node, to node, 2 when mutual."""
    groups, numbers = grouped(network)
    spots = places(network.nodes)
    nodes = [
        [node.username, group, x, y, int(node.hub is not None)]
        for node, group, (x, y) in zip(network.nodes, numbers, spots, strict=True)
    ]
    edges: list[int] = []
    for i, node in enumerate(network.nodes):
        for tie in node.ties:
            edges += (i, tie.hub, 2 if tie.follows and tie.is_followed else 1)
    return {"nodes": nodes, "edges": edges, "groups": [group.label for group in groups]}
