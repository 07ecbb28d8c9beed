"""What every service of the simulator shares: clock, world, sessions, faults, log, and the state file."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from simulator.apify.runs import Runs
from simulator.clock import Clock, Moment
from simulator.faults import Faults
from simulator.keys import Keys
from simulator.overlay import Overlay
from simulator.passwords import PasswordKey
from simulator.posts import Posts
from simulator.request_log import RequestLog
from simulator.sessions import Sessions
from simulator.world import World


@dataclass(slots=True)
class Options:
    """How the simulator was started; see `python -m simulator --help`."""

    seed: int = 1
    start: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    rate: float = 1.0
    churn_step: int = 86_400
    is_dirty: bool = False
    web_lists: str = "live"
    page_cap: int = 200
    state: Path | None = None
    log_file: Path | None = None


class Stage:
    """One simulated world and those who look at it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(options.start, rate=options.rate, churn_step=options.churn_step)
        self.world = World(options.seed, dirty=options.is_dirty)
        self.posts = Posts(self.world)
        self.sessions = Sessions(options.seed)
        self.keys = Keys()
        self.runs = Runs(options.seed)
        self.faults = Faults()
        self.log = RequestLog(options.log_file)
        self.password_key = PasswordKey()
        self.web_lists = options.web_lists
        self.is_changed = False
        if options.state is not None and options.state.exists():
            self._load(options.state)

    def now(self) -> Moment:
        return self.clock.moment()

    def reset(self) -> None:
        """As on the first day: clock, writes, sessions, keys, runs, faults and log."""
        self.clock = Clock(self.options.start, rate=self.options.rate, churn_step=self.options.churn_step)
        self.world.reset()
        self.sessions.reset()
        self.keys.reset()
        self.runs.reset()
        self.faults.clear()
        self.log.clear()
        self.web_lists = self.options.web_lists
        self.is_changed = True

    def save(self) -> None:
        """Write the state file, if there is one and something changed: whole or not at all."""
        path = self.options.state
        if path is None or not self.is_changed:
            return
        self.is_changed = False
        data = {
            "seed": self.options.seed,
            "clock": self.clock.dump(),
            "sessions": self.sessions.dump(),
            "overlay": self.world.overlay.dump(),
            "keys": self.keys.dump(),
            "runs": self.runs.dump(),
        }
        draft = path.with_suffix(path.suffix + ".new")
        draft.write_text(json.dumps(data), encoding="utf-8")
        draft.replace(path)

    def _load(self, path: Path) -> None:
        """Another seed is another world: then the file is left unread."""
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["seed"] != self.options.seed:
            return
        self.clock.load(data["clock"])
        self.sessions.load(data["sessions"])
        self.world.overlay = Overlay.load(data["overlay"])
        self.keys.load(data.get("keys", []))
        self.runs.load(data.get("runs", []))
