"""What people do with monitors: create, change, pause, resume, stop, archive; one by one or many at once.

Whoever measures writes its row only if the monitor still stands as it was taken: active, with that due time. So each
act here holds at once, also for what is being read at this moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Workspace
from igsite import audit
from igsite.live import hint
from igsite.problems import Conflict, Invalid
from monitoring import due_times, followed_posts, gaps, measuring_orders
from monitoring.models import (
    INTERVAL_LONGEST,
    INTERVAL_SHORTEST,
    OPEN_STATES,
    Gap,
    Monitor,
    MonitorKind,
    MonitorState,
)
from monitoring.models.monitors import JITTER_MOST
from monitoring.targets import Target
from scans.schedule_times import place

#: Those made together are measured for the first time within so long, each at its own place.
FIRST_WITHIN: Final = timedelta(hours=1)
BULK_MOST: Final = 1_000
#: The act of :func:`bulk` that changes when they are measured.
RHYTHM: Final = "rhythm"


class MonitorExists(Conflict):
    """The target is being monitored, or paused, already."""

    code = "monitor_exists"


class MonitorConflict(Conflict):
    """The monitor's state forbids what was asked; the message says why."""

    code = "monitor_conflict"


class BadRhythm(Invalid):
    """An interval, jitter or active hours that cannot be used."""

    code = "bad_rhythm"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to measure. ``opens`` and ``closes`` are times of day on the workspace's clock, both or neither."""

    interval_seconds: int
    jitter_percent: int = 0
    is_spread: bool = True
    opens: time | None = None
    closes: time | None = None

    def check(self) -> None:
        """Raises :class:`BadRhythm`."""
        if not INTERVAL_SHORTEST <= self.interval_seconds <= INTERVAL_LONGEST:
            raise _bad("interval", _("Choose an interval from 30 seconds to 30 days."))
        if not 0 <= self.jitter_percent <= JITTER_MOST:
            raise _bad("jitter_percent", _("Jitter goes from 0 to 50 percent of the interval."))
        if (self.opens is None) != (self.closes is None) or (self.opens is not None and self.opens == self.closes):
            raise _bad("active_from", _("Active hours need a beginning and another end, or neither."))


def _bad(field: str, sentence: str) -> BadRhythm:
    return BadRhythm(sentence, fields={field: [sentence]})


def create(
    *,
    workspace: Workspace,
    target: Target,
    rhythm: Rhythm,
    by: Any,
    now: datetime,
    follows_posts: bool = False,
    is_one_of_many: bool = False,
) -> Monitor:
    """Start measuring ``target``; one that was stopped or archived goes on with its history.

    It is measured at once; one of many within the hour, at its own place, and whoever makes them orders the reading
    when all are there (:func:`monitoring.measuring_orders.ensure`).

    Raises:
        BadRhythm: see :meth:`Rhythm.check`.
        MonitorExists: the target has an open monitor.
    """
    rhythm.check()
    try:
        with transaction.atomic():
            known = _known(workspace, target)
            if known is not None and known.is_open:
                raise MonitorExists(_("%(name)s is being monitored already.") % {"name": known})
            if known is not None:
                _end_rest(known, now)
                followed_posts.go_on(known, now)
            monitor = known or Monitor(
                workspace=workspace, kind=target.kind, created_by=by, created_at=now, anchor_at=now, due_at=now,
                username=target.name if target.kind == MonitorKind.PROFILE else "",
                code=target.name if target.kind == MonitorKind.POST else "",
            )  # fmt: skip
            monitor.follows_posts, monitor.is_thinning = follows_posts and monitor.is_profile, False
            _set_state(monitor, MonitorState.ACTIVE, now)
            _set_rhythm(monitor, rhythm, now)
            monitor.due_at = _first_due(monitor, now, is_one_of_many=is_one_of_many)
            monitor.save()
            audit.record(by, "monitor.created", monitor, workspace=workspace, now=now)
            if not is_one_of_many:
                measuring_orders.ensure(workspace, now=now)
    except IntegrityError as error:
        raise MonitorExists(_("%(name)s is being monitored already.") % {"name": target.name}) from error
    return monitor


def _known(workspace: Workspace, target: Target) -> Monitor | None:
    mine = Monitor.objects.for_workspace(workspace).filter(kind=target.kind).select_for_update(of=("self",))
    if target.kind == MonitorKind.POST:
        return mine.filter(code=target.name).first()
    named = mine.filter(username=target.name)
    return named.filter(state__in=OPEN_STATES).first() or named.order_by("-state_at", "-pk").first()


def _first_due(monitor: Monitor, now: datetime, *, is_one_of_many: bool) -> datetime:
    at = now
    if is_one_of_many and monitor.is_spread:
        at += place(str(monitor.uuid), min(monitor.interval, FIRST_WITHIN))
    if monitor.active_from is None:
        return at
    # A slot that lies on this very moment is either open, or moved to the next opening.
    pattern = replace(monitor.pattern, anchor=at, jitter_percent=0)
    return pattern.after(at - timedelta(microseconds=1))


def _set_rhythm(monitor: Monitor, rhythm: Rhythm, now: datetime) -> None:
    monitor.interval_seconds, monitor.jitter_percent = rhythm.interval_seconds, rhythm.jitter_percent
    monitor.is_spread, monitor.active_from, monitor.active_until = rhythm.is_spread, rhythm.opens, rhythm.closes
    monitor.anchor_at = due_times.first_anchor(str(monitor.uuid), monitor.interval, now, is_spread=rhythm.is_spread)
    monitor.updated_at = now


def _set_state(monitor: Monitor, state: MonitorState, now: datetime) -> None:
    monitor.state, monitor.state_at, monitor.updated_at = state, now, now
    monitor.taken_until = None


def rhythm_of(monitor: Monitor) -> Rhythm:
    """As it stands."""
    return Rhythm(
        monitor.interval_seconds, monitor.jitter_percent, monitor.is_spread, monitor.active_from, monitor.active_until
    )  # fmt: skip


def change(*, monitor: Monitor, rhythm: Rhythm, by: Any, now: datetime, follows_posts: bool | None = None) -> Monitor:
    """Another rhythm. The next due time is worked out anew. Raises :class:`BadRhythm`."""
    with transaction.atomic():
        monitor = _change(_locked(monitor), rhythm, follows_posts, by, now)
        measuring_orders.ensure(monitor.workspace, now=now)
    return monitor


def _change(monitor: Monitor, rhythm: Rhythm, follows_posts: bool | None, by: Any, now: datetime) -> Monitor:
    rhythm.check()
    gaps.before_act(monitor, now)
    _set_rhythm(monitor, rhythm, now)
    monitor.is_thinning = False
    if follows_posts is not None:
        monitor.follows_posts = follows_posts and monitor.is_profile
    monitor.due_at = monitor.pattern.after(now)
    monitor.taken_until = None
    monitor.save()
    audit.record(by, "monitor.changed", monitor, workspace=monitor.workspace, now=now)
    hint(monitor.topic, monitor.workspace_id)
    return monitor


def pause(*, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    """Rest from this moment on. Raises :class:`MonitorConflict` for one that has ended."""
    return _do(ACTS["pause"], monitor, by, now)


def resume(*, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    """Go on: measured at once, then at its slots. Raises :class:`MonitorConflict` for one that has ended."""
    return _do(ACTS["resume"], monitor, by, now)


def stop(*, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    """End; the history stays. What has ended already stays as it is."""
    return _do(ACTS["stop"], monitor, by, now)


def archive(*, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    """End and put out of sight; the history stays."""
    return _do(ACTS["archive"], monitor, by, now)


@dataclass(frozen=True, slots=True)
class Act:
    """A change of state, and from which states it is made."""

    state: MonitorState
    name: str
    among: Sequence[MonitorState] = OPEN_STATES
    else_as_it_is: bool = False


ACTS: Final[dict[str, Act]] = {
    "pause": Act(MonitorState.PAUSED, "monitor.paused"),
    "resume": Act(MonitorState.ACTIVE, "monitor.resumed"),
    "stop": Act(MonitorState.STOPPED, "monitor.stopped", else_as_it_is=True),
    "archive": Act(MonitorState.ARCHIVED, "monitor.archived", among=tuple(MonitorState)),
}


def act(name: str, *, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    """One of :data:`ACTS`. Raises :class:`MonitorConflict` where the monitor's state forbids it."""
    return _do(ACTS[name], monitor, by, now)


def _do(act: Act, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    with transaction.atomic():
        monitor = _act(act, _locked(monitor), by, now)
        if act.state == MonitorState.ACTIVE:
            measuring_orders.ensure(monitor.workspace, now=now)
    return monitor


def _act(act: Act, monitor: Monitor, by: Any, now: datetime) -> Monitor:
    """The row is locked. A profile's posts that are followed by themselves go with it."""
    if monitor.state == act.state or (act.else_as_it_is and monitor.state not in act.among):
        return monitor
    if monitor.state not in act.among:
        raise MonitorConflict(_("This monitor was stopped. Create it again to go on with its history."))
    if act.state == MonitorState.ACTIVE:
        _end_rest(monitor, now)
        followed_posts.go_on(monitor, now)
        monitor.due_at = _first_due(monitor, now, is_one_of_many=False)
    else:
        gaps.before_act(monitor, now)
        followed_posts.rest(monitor, act.state, now)
    _set_state(monitor, act.state, now)
    monitor.save()
    audit.record(by, act.name, monitor, workspace=monitor.workspace, now=now)
    hint(monitor.topic, monitor.workspace_id)
    return monitor


def _end_rest(monitor: Monitor, now: datetime) -> None:
    """The time since it was paused or stopped is a gap of its history, with that reason."""
    if monitor.checked_at is None or monitor.state == MonitorState.ACTIVE:
        return
    why = _("Paused by a person.") if monitor.state == MonitorState.PAUSED else _("Stopped by a person.")
    code = "paused" if monitor.state == MonitorState.PAUSED else "stopped"
    Gap.objects.create(monitor=monitor, since=min(monitor.state_at, now), until=now, code=code, why=why)


def _locked(monitor: Monitor) -> Monitor:
    return Monitor.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=monitor.pk)


def bulk(
    *, monitors: Sequence[Monitor], act: str, by: Any, now: datetime, rhythm: Mapping[str, Any] | None = None,
    follows_posts: bool | None = None,
) -> tuple[int, int]:  # fmt: skip
    """The same act for many: one of :data:`ACTS`, or ``rhythm`` with what is to change.

    ``rhythm`` names fields of :class:`Rhythm`, ``follows_posts`` None leaves it; what is not named stays each one's
    own. Returns how many were done and how many refused; one that refuses keeps no other from it.

    Raises:
        BadRhythm: the rhythm cannot be used, or nothing of it is to change.
        Invalid: no such act, or too many at once.
    """
    if len(monitors) > BULK_MOST:
        raise Invalid(_("At most %(most)d monitors at once.") % {"most": BULK_MOST})
    if act == RHYTHM:
        if not rhythm and follows_posts is None:
            raise _bad("interval", _("Say what is to change."))
        replace(Rhythm(INTERVAL_LONGEST), **(rhythm or {})).check()
    elif act not in ACTS:
        raise Invalid(_("Choose what to do."), fields={"act": [_("Choose what to do.")]})
    done = 0
    with transaction.atomic():
        for monitor in _all_locked(monitors):
            if monitor.parent_id is not None:
                monitor.refresh_from_db(fields=["state", "state_at", "due_at"])  # it may have gone with its profile
            try:
                if act == RHYTHM:
                    _change(monitor, replace(rhythm_of(monitor), **(rhythm or {})), follows_posts, by, now)
                else:
                    _act(ACTS[act], monitor, by, now)
                done += 1
            except MonitorConflict:
                pass
        for workspace in {monitor.workspace_id: monitor.workspace for monitor in monitors}.values():
            measuring_orders.ensure(workspace, now=now)
    return done, len(monitors) - done


def _all_locked(monitors: Sequence[Monitor]) -> list[Monitor]:
    """In one order with the posts that go with them, so that two who act on the same never wait for each other."""
    ids = {monitor.pk for monitor in monitors}
    found = Monitor.objects.filter(Q(pk__in=ids) | Q(parent__in=ids, is_thinning=True))
    locked = found.select_for_update(of=("self",)).select_related("workspace").order_by("pk")
    return [monitor for monitor in locked if monitor.pk in ids]


def note(*, monitor: Monitor, at: datetime, text: str, by: Any, now: datetime) -> Any:
    """Remember something about a moment of the history."""
    from monitoring.models import Note

    written = Note.objects.create(monitor=monitor, at=at, text=text, created_by=by, created_at=now)
    audit.record(by, "monitor.noted", monitor, workspace=monitor.workspace, now=now)
    return written


def forget_note(*, note: Any, by: Any, now: datetime) -> None:
    """Take a note away."""
    audit.record(by, "monitor.note_removed", note.monitor, workspace=note.monitor.workspace, now=now)
    note.delete()
