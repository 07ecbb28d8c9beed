"""Where the job of a scan stands: which of its lists is read, how far, and how its reading ends early."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from igsite.jobs.kinds import Again, Outcome
from igsite.jobs.run import Run
from scans.models import ListScan, Scan
from scans.paging_rules import Position


@dataclass(slots=True)
class Stand:
    """Where the job stands."""

    scan: Scan
    lists: list[ListScan]
    list_no: int = 0
    phase: str = "before"
    position: Position = field(default_factory=Position)

    @property
    def current(self) -> ListScan:
        """The list that is being read."""
        return self.lists[self.list_no]

    def cursor(self) -> dict[str, Any]:
        """For the job's row. ``staging`` names the list whose people are staged, should the scan's rows go."""
        return {
            "list": self.list_no,
            "phase": self.phase,
            "position": self.position.as_json(),
            "staging": self.lists[self.list_no].pk if self.list_no < len(self.lists) else None,
        }


def stand_of(run: Run) -> Stand | None:
    """Reads where the job stands; None when its scan is gone."""
    scan = Scan.objects.select_related("account", "login", "workspace").filter(pk=run.params["scan"]).first()
    if scan is None:
        return None
    lists = list(scan.lists.select_related("edge_list").order_by("pk"))
    cursor = run.cursor
    if not cursor:
        return Stand(scan, lists)
    return Stand(scan, lists, cursor["list"], cursor["phase"], Position.from_json(cursor["position"]))


def save_try(run: Run, stand: Stand) -> None:
    """A page did not come; it will be asked for again."""
    stand.position = stand.position.failed_once()
    with run.save(cursor=stand.cursor()):
        pass


def stop(run: Run, stand: Stand, reason: str, sentence: str) -> Outcome:
    """End the reading of this list early. While only the closing count is lacking, the reading itself was not hurt."""
    position = stand.position
    stand.position = position if position.is_over and not position.stop else position.stopped(reason, sentence)
    stand.phase = "merge"
    with run.save(cursor=stand.cursor()):
        pass
    return Again()
