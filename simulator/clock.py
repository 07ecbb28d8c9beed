"""Simulated time: it starts on a given date, moves with the wall clock, and can be moved by hand."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the world: `now` in seconds since its start, `step` the same rounded down to the last churn step,
    `epoch` in Unix seconds. Lists change at steps only, so that a scan within one step sees one list."""

    now: float
    step: int
    epoch: float


class Clock:
    """`rate` is how many simulated seconds pass in a second (0: none); `churn_step` is in simulated seconds."""

    def __init__(self, start: datetime, *, rate: float = 1.0, churn_step: int = 86_400) -> None:
        self.start_epoch = start.timestamp()
        self.rate = rate
        self.churn_step = churn_step
        self.offset = 0.0
        self.anchor = time.time()

    def elapsed(self) -> float:
        return max(0.0, self.offset + (time.time() - self.anchor) * self.rate)

    def moment(self, elapsed: float | None = None) -> Moment:
        """Now, or the moment so many seconds after the world's start."""
        now = self.elapsed() if elapsed is None else max(0.0, elapsed)
        return Moment(now, int(now) // self.churn_step * self.churn_step, self.start_epoch + now)

    def at(self, text: str) -> Moment:
        """A moment written as an ISO date, as Unix seconds, or as "now"."""
        if not text or text == "now":
            return self.moment()
        if text.replace(".", "", 1).isdigit():
            return self.moment(float(text) - self.start_epoch)
        return self.moment(parse_date(text).timestamp() - self.start_epoch)

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def set(self, when: datetime) -> None:
        self.offset += when.timestamp() - self.start_epoch - self.elapsed()

    def iso(self, moment: Moment) -> str:
        return datetime.fromtimestamp(moment.epoch, UTC).isoformat()

    def dump(self) -> dict[str, float]:
        return {"start_epoch": self.start_epoch, "offset": self.offset, "anchor": self.anchor}

    def load(self, data: dict[str, float]) -> None:
        self.start_epoch, self.offset, self.anchor = data["start_epoch"], data["offset"], data["anchor"]


def parse_date(text: str) -> datetime:
    """An ISO date or date and time; without a zone it is UTC."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
