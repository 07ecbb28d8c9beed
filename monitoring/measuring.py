"""What becomes of an answer: a row if something changed, facts that changed, the end of a gap, the next due time.

All of it is one transaction that counts only if the monitor still stands as it was taken: active, and due at the time
it was taken for. So a due time is measured at most once, and a pause holds for what is being read as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from urllib.parse import urlsplit

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts import identities
from accounts.gateway.results import Post, Profile
from monitoring import gaps, measured_monitors, measurement_rows, thinning
from monitoring.measurement_rows import POST_COUNTS, PROFILE_COUNTS, Counts, Row
from monitoring.models import FactChange, Gap, Monitor, MonitorState
from monitoring.signals import measurement_taken, measurements_taken, trouble_changed

#: Without a change a row is written this often, so that a history shows that somebody looked.
HEARTBEAT: Final = timedelta(hours=1)
#: Without a change of the number of posts they are read this often: one may have gone when another came.
LOOK_AGAIN: Final = timedelta(hours=6)
_TEXT: Final = 2_200
FLAGS: Final = ("is_private", "is_verified")


class NoCounts(Exception):
    """The source answered without any count that could be one: not a measurement."""

    code: ClassVar = "no_counts"

    def __init__(self) -> None:
        super().__init__(_("The source answered without any count. The last good data stays as it was."))


@dataclass(frozen=True, slots=True)
class Taken:
    """One accepted answer at ``at`` for the due time ``due``.

    ``before`` are the counts known until now, empty at the first; ``changes`` the facts that turned, by name with old
    and new text; ``gap`` the time without measurements that this one ended, if any.
    """

    at: datetime
    due: datetime
    counts: Counts
    before: Counts
    changes: dict[str, tuple[str, str]]
    gap: Gap | None = None
    wrote_row: bool = False

    def change(self, name: str) -> int | None:
        """By how much a count moved; None where it was or is not known."""
        old, new = self.before.get(name), self.counts.get(name)
        return None if old is None or new is None else new - old


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said, brought to one shape for profiles and posts."""

    counts: Counts
    facts: dict[str, str]
    source: str


def heartbeat_is_due(row_at: datetime | None, now: datetime) -> bool:
    """Whether a row is written without a change; a last one that lies ahead is that of a clock that was wrong."""
    return row_at is None or not timedelta(0) <= now - row_at < HEARTBEAT


def wants_look(monitor: Monitor, taken: Taken) -> bool:
    """Whether the posts of a followed profile are to be read after this measurement."""
    if not monitor.follows_posts or monitor.profile_id is None or monitor.facts.get("is_private") == "yes":
        return False
    read_at = monitor.posts_read_at
    is_old = read_at is None or not timedelta(0) <= taken.at - read_at < LOOK_AGAIN
    return is_old or bool(taken.change("posts"))


def answer_of(seen: Profile | Post, source: str) -> Answer:
    """The counts and facts of an answer. Raises :class:`NoCounts`."""
    if isinstance(seen, Profile):
        values = (seen.followers_count, seen.following_count, seen.posts_count)
        counts = _checked(PROFILE_COUNTS, values)
        facts = {
            "username": seen.username, "name": seen.full_name, "bio": seen.biography, "link": seen.external_url,
        }  # fmt: skip
        if seen.picture_url:
            # Its path only: hosts and signatures change at every fetch.
            facts["picture"] = urlsplit(seen.picture_url).path
        facts |= {name: "yes" if value else "no" for name in FLAGS if (value := getattr(seen, name)) is not None}
    else:
        counts = _checked(POST_COUNTS, (seen.like_count, seen.comment_count, seen.play_count))
        facts = {"caption": seen.caption}
    return Answer(counts, {name: text[:_TEXT] for name, text in facts.items()}, source)


def _checked(names: tuple[str, ...], values: tuple[int | None, ...]) -> Counts:
    counts = dict(zip(names, values, strict=True))
    if all(value is None for value in values) or not all(measurement_rows.can_be(*one) for one in counts.items()):
        raise NoCounts
    return counts


def still_wanted(monitor_id: int, due: datetime) -> bool:
    """Whether the monitor stands as it was taken; looked at right before its request is sent, so it costs little."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from monitoring_monitor where id = %s and due_at = %s and state = 'active'", [monitor_id, due]
        )
        return cursor.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Read:
    """What a source answered at ``at`` for the due time ``due`` of a monitor; :func:`read` makes one."""

    monitor_id: int
    due: datetime
    seen: Profile | Post
    answer: Answer
    at: datetime


def read(monitor_id: int, due: datetime, seen: Profile | Post, *, source: str, now: datetime) -> Read:
    """What a source answered at ``now``. Raises :class:`NoCounts`."""
    return Read(monitor_id, due, seen, answer_of(seen, source), now)


def measured(monitor_id: int, due: datetime, seen: Profile | Post, *, source: str, now: datetime) -> Taken | None:
    """Write down what a source answered at ``now`` for the due time ``due``, within the caller's transaction.

    None: it was paused, stopped, changed or measured meanwhile; nothing was written.

    Raises:
        NoCounts: the answer carries no counts; nothing was written.
    """
    found = measured_all([read(monitor_id, due, seen, source=source, now=now)])
    return found[0][1] if found else None


def measured_all(reads: Sequence[Read]) -> list[tuple[Monitor, Taken]]:
    """The same for several monitors of one workspace, at a cost that hardly grows with their number.

    Returns those that still stood as they were taken, each as it stands now.
    """
    with transaction.atomic():
        standing = _standing(reads)
        wanted = [(standing[one.monitor_id], one) for one in reads if one.monitor_id in standing]
        _remember_who(wanted)
        told = [
            (monitor, _take(monitor, one), bool(monitor.trouble_code))
            for monitor, one in wanted
            if _is_recognised(monitor, one)
        ]
        _write([(monitor, taken) for monitor, taken, _had_trouble in told])
        for monitor, taken, had_trouble in told:
            measurement_taken.send(sender=Monitor, monitor=monitor, taken=taken)
            if had_trouble:
                trouble_changed.send(sender=Monitor, monitor=monitor, code="", now=taken.at)
        found = [(monitor, taken) for monitor, taken, _had_trouble in told]
        if found:
            place = found[0][0].workspace_id
            measurements_taken.send(sender=Monitor, workspace_id=place, measurements=found)
    return found


def _take(monitor: Monitor, one: Read) -> Taken:
    """What the answer says beside what was known; the monitor's row takes it over when it is written."""
    before: Counts = dict(monitor.latest)
    counts = one.answer.counts
    wrote = dict(before) != dict(counts) or heartbeat_is_due(monitor.row_at, one.at)
    gap = gaps.ended(monitor, one.due, one.at)
    return Taken(one.at, one.due, counts, before, _facts(monitor, one.answer), gap, wrote)


def _write(found: Sequence[tuple[Monitor, Taken]]) -> None:
    """Rows, changed facts, and the monitors with their next due times."""
    rows = [(monitor.pk, Row(taken.at, taken.counts)) for monitor, taken in found if taken.wrote_row]
    if rows:
        measurement_rows.add_all(rows)
    FactChange.objects.bulk_create(
        FactChange(monitor=monitor, fact=name, old=old, new=new, seen_at=taken.at)
        for monitor, taken in found
        for name, (old, new) in taken.changes.items()
    )
    for monitor, taken in found:
        if taken.wrote_row:
            monitor.row_at = taken.at
        monitor.latest, monitor.checked_at = dict(taken.counts), taken.at
        monitor.trouble_since, monitor.trouble_code, monitor.trouble = None, "", ""
        monitor.revision += 1
        monitor.wants_posts = monitor.wants_posts or wants_look(monitor, taken)
        _to_next(monitor, taken.at)
    measured_monitors.save([monitor for monitor, _taken in found])


def failed(monitor_id: int, due: datetime, *, code: str, why: str, now: datetime) -> None:
    """The target could not be measured for a reason of its own. The last good data stays; its next due time comes."""
    with transaction.atomic():
        monitor = _taken(monitor_id, due)
        if monitor is None:
            return
        is_new = monitor.trouble_code != code
        if monitor.trouble_since is None:
            monitor.trouble_since = now
        monitor.trouble_code, monitor.trouble = code[:30], why[:300]
        _to_next(monitor, now)
        measured_monitors.save([monitor])
        if is_new:
            trouble_changed.send(sender=Monitor, monitor=monitor, code=code, now=now)


def _standing(reads: Sequence[Read]) -> dict[int, Monitor]:
    """Those that stand as they were taken, locked in one order."""
    due = {one.monitor_id: one.due for one in reads}
    mine = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related("workspace")
    found = mine.filter(pk__in=due, state=MonitorState.ACTIVE).order_by("pk")
    return {monitor.pk: monitor for monitor in found if monitor.due_at == due[monitor.pk]}


def _taken(monitor_id: int, due: datetime) -> Monitor | None:
    mine = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related("workspace")
    return mine.filter(pk=monitor_id, due_at=due, state=MonitorState.ACTIVE).first()


def _to_next(monitor: Monitor, now: datetime) -> None:
    """Its next due time; saves nothing."""
    thinning.thin(monitor, now)
    pattern = monitor.pattern
    # A clock that was set back must not make the same due time come twice; one that was far ahead must not hold it up.
    due = pattern.after(max(now, monitor.due_at))
    monitor.due_at = pattern.after(now) if pattern.is_out_of_reach(due, now) else due
    monitor.taken_until = None


def _remember_who(wanted: Sequence[tuple[Monitor, Read]]) -> None:
    """Whom the profiles are, for all workspaces; not where nothing has changed."""
    identities.remember_all(
        (one.seen, one.at)
        for monitor, one in wanted
        if isinstance(one.seen, Profile) and not _is_known(monitor, one.answer)
    )


def _is_known(monitor: Monitor, answer: Answer) -> bool:
    knows_facts = all(monitor.facts.get(name) == text for name, text in answer.facts.items())
    return monitor.profile_id is not None and knows_facts and dict(monitor.latest) == dict(answer.counts)


def _is_recognised(monitor: Monitor, one: Read) -> bool:
    """Take over who it is; False when another monitor of the workspace measures the same profile under another name."""
    seen = one.seen
    if isinstance(seen, Post):
        monitor.posted_at = seen.taken_at or monitor.posted_at  # some sources tell counts only
        return True
    if monitor.profile_id is None:
        try:
            with transaction.atomic():
                Monitor.objects.filter(pk=monitor.pk).update(profile=seen.pk)
        except IntegrityError:
            monitor.state, monitor.state_at = MonitorState.STOPPED, one.at
            monitor.trouble_since, monitor.trouble_code = one.at, "twin"
            monitor.trouble = _("This profile is monitored already under the name @%(name)s.") % {"name": seen.username}
            _to_next(monitor, one.at)
            measured_monitors.save([monitor])
            return False
    monitor.profile_id, monitor.username = seen.pk, seen.username
    return True


def _facts(monitor: Monitor, answer: Answer) -> dict[str, tuple[str, str]]:
    """The facts that turned. An empty text of another source than before is no change: it may lack it."""
    known: dict[str, str] = dict(monitor.facts)
    is_same_source = known.pop("source", answer.source) == answer.source
    changes = {
        name: (known[name], text)
        for name, text in answer.facts.items()
        if name in known and known[name] != text and (is_same_source or (text and known[name]))
    }
    fresh = {name: text for name, text in answer.facts.items() if is_same_source or text or name not in known}
    monitor.facts = known | fresh | {"source": answer.source}
    return changes
