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
    """Where each node starts: tracked accounts on a circle around the first, people between those they are tied to."""
    hubs = sum(node.hub is not None for node in nodes)
    centres = [(0.0, 0.0)]
    for number in range(hubs - 1):
        angle = 2 * math.pi * number / max(hubs - 1, 1)
        centres.append((100 * math.cos(angle), 100 * math.sin(angle)))
    return [centres[node.hub] if node.hub is not None else _place(node, i, centres) for i, node in enumerate(nodes)]


def _place(node: Node, number: int, centres: Sequence[tuple[float, float]]) -> tuple[float, float]:
    others = _others(node)
    far = 62 if not others else 26
    x = sum(centres[hub][0] for hub in others) / (len(others) or 1) * 0.6
    y = sum(centres[hub][1] for hub in others) / (len(others) or 1) * 0.6
    reach = far * (0.35 + 0.65 * math.sqrt((number * 0.6180339887) % 1))
    angle = number * _GOLDEN
    return round(x + reach * math.cos(angle), 2), round(y + reach * math.sin(angle), 2)


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
