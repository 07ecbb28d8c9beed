"""A monitor’s history for pages and programs: points of any range, gaps with their reasons, what happened when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring import gaps, measurement_rows, outages
from monitoring.alert_words import FACTS
from monitoring.measurement_rows import POST_COUNTS, PROFILE_COUNTS, Row
from monitoring.measuring import FLAGS
from monitoring.models import FactChange, Gap, Monitor, MonitorState, Note

#: Points of a chart at most: one a slice, what was known at its beginning, and what is known at its end.
POINTS: Final = 300
MOST_MARKS: Final = 200
#: No history reaches beyond these, whatever is asked for: there is no arithmetic at the ends of the calendar.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
#: The ranges that the page offers; None: everything that is kept.
RANGES: Final[dict[str, timedelta | None]] = {
    "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90),
    "1y": timedelta(days=365), "all": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Missing:
    """A time without measurements and its reason; ``until`` None: it lasts."""

    since: datetime
    until: datetime | None
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """What a chart shows of one monitor between two times."""

    since: datetime
    until: datetime
    points: list[Row]
    gaps: list[Missing]


def counts_of(monitor: Monitor) -> tuple[str, ...]:
    """The names of the counts that a monitor has, the leading one first."""
    return PROFILE_COUNTS if monitor.is_profile else POST_COUNTS


def between(monitor: Monitor, since: datetime, until: datetime, *, now: datetime, points: int = POINTS) -> History:
    """At most ``points`` points of the range, whatever its length: no more rows than that are read."""
    rows = measurement_rows.last_in_slices(monitor.pk, since=since, until=until, slices=max(points - 2, 1))
    at_start = measurement_rows.last_at(monitor.pk, since)
    if at_start is not None and (not rows or rows[0].at > since):
        rows.insert(0, Row(since, at_start.counts))
    # Rows are written at changes: up to the last look the counts are known to have stayed.
    known_until = min(until, monitor.checked_at) if monitor.checked_at else None
    if rows and known_until is not None and rows[-1].at < known_until:
        rows.append(Row(known_until, rows[-1].counts))
    return History(since, until, rows, gaps_between(monitor, since, until, now=now))


def range_of(monitor: Monitor, name: str, now: datetime) -> tuple[datetime, datetime]:
    """From and until of a named range; an unknown name is thirty days."""
    span = RANGES.get(name, RANGES["30d"])
    if span is not None:
        return now - span, now
    first = measurement_rows.first_at(monitor.pk) or monitor.created_at
    return min(first, now - timedelta(hours=1)), now


def gaps_between(monitor: Monitor, since: datetime, until: datetime, *, now: datetime) -> list[Missing]:
    """The gaps that touch the range, oldest first, the one that lasts included."""
    ended = Gap.objects.filter(Q(monitor=monitor), Q(until__gte=since), Q(since__lte=until))
    found = [Missing(gap.since, gap.until, gap.code, gap.why) for gap in ended.order_by("-until", "-pk")[:MOST_MARKS]]
    lasting = gap_now(monitor, now=now)
    if lasting is not None and lasting.since <= until:
        found.insert(0, lasting)
    return found[::-1]


def gap_now(monitor: Monitor, *, now: datetime) -> Missing | None:
    """What keeps the monitor from being measured at this moment; None while it is measured as it should be."""
    since = monitor.checked_at or monitor.created_at
    if monitor.state == MonitorState.PAUSED:
        return Missing(monitor.state_at, None, "paused", _("Paused by a person."))
    if not monitor.is_open:
        return Missing(monitor.state_at, None, "stopped", monitor.trouble or _("Stopped by a person."))
    if monitor.trouble_since is not None:
        return Missing(since, None, monitor.trouble_code, monitor.trouble)
    if not gaps.is_missed(monitor, monitor.due_at, now):
        return None
    outage = outages.now_open(monitor.workspace_id)
    if outage is not None:
        return Missing(since, None, outage.code, outage.why)
    return Missing(
        since, None, "late", _("Its measurement is late: the logins’ budgets do not suffice, or nothing runs.")
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment of the history. ``kind`` is ``post``, ``scan``, ``note`` or ``fact``.

    ``reference`` is the public id of what it names (a post's monitor, a scan, a note), else empty.
    """

    at: datetime
    kind: str
    text: str
    reference: str = ""
    detail: str = ""

    @property
    def words(self) -> str:
        """What a changed fact is called by people, or what it became where that says all."""
        became = _BECAME.get((self.text, self.detail.rpartition(" ")[2]))
        return str(became or FACTS.get(self.text) or self.text)

    @property
    def says_all(self) -> bool:
        """Whether its words need no detail: of a flag, or of a picture's path."""
        return self.text in (*FLAGS, "picture")


_BECAME: Final = {
    ("is_private", "yes"): gettext_lazy("Became private"), ("is_private", "no"): gettext_lazy("Became public"),
    ("is_verified", "yes"): gettext_lazy("Became verified"), ("is_verified", "no"): gettext_lazy("Lost verification"),
}  # fmt: skip


def marks_between(monitor: Monitor, since: datetime, until: datetime) -> list[Mark]:
    """Posts, scans, notes and changed facts of the range, newest first."""
    marks = [*_posts(monitor, since, until), *_scans(monitor, since, until), *_notes(monitor, since, until)]
    marks += _facts(monitor, since, until)
    return sorted(marks, key=lambda mark: (mark.at, mark.kind, mark.reference), reverse=True)[:MOST_MARKS]


def _posts(monitor: Monitor, since: datetime, until: datetime) -> list[Mark]:
    posts = Monitor.objects.filter(parent=monitor, posted_at__gte=since, posted_at__lt=until)
    rows = posts.order_by("-posted_at", "-pk").values_list("posted_at", "code", "uuid", "facts")[:MOST_MARKS]
    return [Mark(at, "post", code, str(uuid), facts.get("caption", "")) for at, code, uuid, facts in rows if at]


def _scans(monitor: Monitor, since: datetime, until: datetime) -> list[Mark]:
    from scans.models import Scan

    if not monitor.is_profile or monitor.profile_id is None:
        return []
    scans = Scan.objects.for_workspace(monitor.workspace_id).filter(
        account__profile=monitor.profile_id, finished_at__gte=since, finished_at__lt=until
    )
    found = scans.order_by("-finished_at", "-pk")[:MOST_MARKS]
    return [
        Mark(scan.finished_at, "scan", scan.get_state_display(), str(scan.pk)) for scan in found if scan.finished_at
    ]


def _notes(monitor: Monitor, since: datetime, until: datetime) -> list[Mark]:
    notes = Note.objects.filter(monitor=monitor, at__gte=since, at__lt=until).order_by("-at", "-pk")
    return [Mark(note.at, "note", note.text, str(note.pk)) for note in notes[:MOST_MARKS]]


def _facts(monitor: Monitor, since: datetime, until: datetime) -> list[Mark]:
    changes = FactChange.objects.filter(monitor=monitor, seen_at__gte=since, seen_at__lt=until)
    found = changes.order_by("-seen_at", "-pk")[:MOST_MARKS]
    return [Mark(one.seen_at, "fact", one.fact, "", f"{one.old} → {one.new}") for one in found]


def fact_at(monitor: Monitor, fact: str, times: Sequence[datetime]) -> list[str | None]:
    """The text of a fact at each of some times (newest first), as the changes since then tell."""
    text: str | None = monitor.facts.get(fact)
    changes = FactChange.objects.filter(monitor=monitor, fact=fact).order_by("-seen_at", "-pk")
    later = list(changes.filter(seen_at__gt=times[-1])) if times else []
    told: list[str | None] = []
    for at in times:
        while later and later[0].seen_at > at:
            text = later.pop(0).old
        told.append(text)
    return told
