"""What was written through the API, and the follows among the cast: laid over the natural lists."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

EdgeState = Literal["following", "requested", "none"]


@dataclass(slots=True)
class Edge:
    """One follows another, or asked to, or stopped: the changes in time order, later ones may lie in the future."""

    seq: int
    events: list[tuple[float, EdgeState]] = field(default_factory=list)

    def state(self, now: float) -> EdgeState | None:
        """None before the first change: then the natural list decides."""
        place = bisect_right(self.events, now, key=lambda event: event[0])
        return self.events[place - 1][1] if place else None


class Overlay:
    """The edges that differ from the natural lists, both ways."""

    def __init__(self) -> None:
        self.outgoing: dict[int, dict[int, Edge]] = {}
        self.incoming: dict[int, dict[int, Edge]] = {}
        self.likes: dict[str, dict[int, float]] = {}
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.sequence = 0

    def edge(self, source: int, target: int) -> Edge | None:
        return self.outgoing.get(source, {}).get(target)

    def set(self, source: int, target: int, state: EdgeState, now: float, *later: tuple[float, EdgeState]) -> None:
        """Change an edge now; what was still to come is dropped, `later` is what will come."""
        self.sequence += 1
        edge = self.edge(source, target)
        if edge is None:
            edge = Edge(self.sequence)
            self.outgoing.setdefault(source, {})[target] = edge
            self.incoming.setdefault(target, {})[source] = edge
        edge.seq = self.sequence
        edge.events = [event for event in edge.events if event[0] <= now]
        edge.events.append((now, state))
        for event in later:
            insort(edge.events, event, key=lambda e: e[0])

    def schedule(self, source: int, target: int, state: EdgeState, moment: float) -> None:
        """Let an edge change in the future, leaving the present as it is."""
        self.sequence += 1
        edge = self.edge(source, target)
        if edge is None:
            edge = Edge(self.sequence)
            self.outgoing.setdefault(source, {})[target] = edge
            self.incoming.setdefault(target, {})[source] = edge
        insort(edge.events, (moment, state), key=lambda event: event[0])

    def partners(self, pk: int, direction: str) -> dict[int, Edge]:
        return (self.incoming if direction == "followers" else self.outgoing).get(pk, {})

    def decided(self, pk: int, direction: str, now: float) -> Iterator[tuple[int, int, EdgeState]]:
        """(sequence, partner, state) of every edge that overrules the natural list now."""
        for partner, edge in self.partners(pk, direction).items():
            state = edge.state(now)
            if state is not None:
                yield edge.seq, partner, state

    def dump(self) -> dict[str, Any]:
        """As JSON can hold it."""
        edges = [
            [source, target, edge.seq, edge.events]
            for source, targets in self.outgoing.items()
            for target, edge in targets.items()
        ]
        likes = {media: list(people.items()) for media, people in self.likes.items()}
        return {"sequence": self.sequence, "edges": edges, "likes": likes, "comments": self.comments}

    @classmethod
    def load(cls, data: dict[str, Any]) -> "Overlay":
        overlay = cls()
        overlay.sequence = data["sequence"]
        for source, target, seq, events in data["edges"]:
            edge = Edge(seq, [(moment, state) for moment, state in events])
            overlay.outgoing.setdefault(source, {})[target] = edge
            overlay.incoming.setdefault(target, {})[source] = edge
        overlay.likes = {media: {int(pk): at for pk, at in people} for media, people in data["likes"].items()}
        overlay.comments = data["comments"]
        return overlay
