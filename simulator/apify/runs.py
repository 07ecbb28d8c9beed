"""Runs of actors: each is paid when it is started, and remembered as long as the world is."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from simulator.clock import Moment
from simulator.mixing import draw

Outcome = Literal["SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT"]
OUTCOMES: tuple[Outcome, ...] = ("SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT")
READY_SECONDS = 0.2
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


@dataclass(slots=True)
class Run:
    """One run. Times are in world seconds (`at`) and in Unix seconds of the wall (`wall`); it is over when `seconds`
    have gone by on the clock it was told to keep."""

    id: str
    actor: str
    input: dict[str, Any]
    key: str
    at: float
    wall: float
    seconds: float
    is_simulated_time: bool
    outcome: Outcome
    dollars: float
    most_items: int | None = None
    leaves_out_missing: bool = False
    is_aborted: bool = False
    places: dict[int, str] = field(default_factory=dict)

    def age(self, now: Moment) -> float:
        return now.now - self.at if self.is_simulated_time else time.time() - self.wall

    def status(self, now: Moment) -> str:
        """READY, RUNNING, or how it ended."""
        if self.is_aborted:
            return "ABORTED"
        age = self.age(now)
        if age >= self.seconds:
            return self.outcome
        return "READY" if age < min(READY_SECONDS, self.seconds) else "RUNNING"

    def ended_at(self) -> float:
        """The moment of the world that its rows tell of."""
        return self.at + (self.seconds if self.is_simulated_time else 0.0)


@dataclass(slots=True)
class Habit:
    """How the next runs behave: `seconds` they take on the clock named, how they end, and whether users who are not
    there get a row. `left` runs behave so (-1: all)."""

    seconds: float = 0.0
    clock: Literal["wall", "simulated"] = "wall"
    outcome: Outcome = "SUCCEEDED"
    leaves_out_missing: bool = False
    left: int = -1


class Runs:
    """All runs, in the order of starting."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.runs: dict[str, Run] = {}
        self.habit = Habit()

    def reset(self) -> None:
        self.runs, self.habit = {}, Habit()

    def behave(self, **habit: Any) -> Habit:
        """Say how the next runs behave; what is not named is as at the beginning."""
        wanted = Habit(**habit)
        if wanted.outcome not in OUTCOMES or wanted.clock not in ("wall", "simulated"):
            raise ValueError(f"outcome is one of {', '.join(OUTCOMES)}; clock is wall or simulated")
        self.habit = wanted
        return wanted

    def start(
        self, *, actor: str, order: dict[str, Any], key: str, now: Moment, dollars: float, most: int | None
    ) -> Run:
        """A new run; whether it can be paid was looked at before."""
        habit = self.habit
        if habit.left == 0:
            habit = self.habit = Habit()
        habit.left -= habit.left > 0
        run = Run(
            id=self._new_id(),
            actor=actor,
            input=order,
            key=key,
            at=now.now,
            wall=time.time(),
            seconds=habit.seconds,
            is_simulated_time=habit.clock == "simulated",
            outcome=habit.outcome,
            dollars=dollars,
            most_items=most,
            leaves_out_missing=habit.leaves_out_missing,
        )
        self.runs[run.id] = run
        return run

    def _new_id(self) -> str:
        number = draw(self.seed, 71, len(self.runs))
        return "".join(_LETTERS[(number >> shift) % len(_LETTERS)] for shift in range(0, 51, 3))

    def by_part(self, part_id: str) -> Run | None:
        """The run that a dataset, a key-value store or a queue belongs to: a letter in front of the run's id."""
        return self.runs.get(part_id[1:])

    def dump(self) -> list[dict[str, Any]]:
        """As JSON can hold it."""
        return [json.loads(json.dumps(asdict(run) | {"places": {}})) for run in self.runs.values()]

    def load(self, data: list[dict[str, Any]]) -> None:
        self.runs = {fields["id"]: Run(**fields) for fields in data}
