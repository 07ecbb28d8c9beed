"""What becomes of an answer: a row if something changed, facts that changed, the end of a gap, the next due time.

All of it is one transaction that counts only if the monitor still stands as it was taken: active, and due at the time
it was taken for. So a due time is measured at most once, and a pause holds for what is being read as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import identities
from accounts.gateway.results import Post, Profile
from igsite.live import hint
from monitoring import measurement_rows, outages, thinning
from monitoring.measurement_rows import POST_COUNTS, PROFILE_COUNTS, Counts, Row
from monitoring.models import FactChange, Gap, Monitor, MonitorState
from monitoring.signals import measurement_taken, trouble_changed

#: Without a change a row is written this often, so that a history shows that somebody looked.
HEARTBEAT: Final = timedelta(hours=1)
#: Without a change of the number of posts they are read this often: one may have gone when another came.
LOOK_AGAIN: Final = timedelta(hours=6)
#: Lateness up to one interval is lateness; beyond that due times were missed, and that is a gap.
GAP_LEAST: Final = timedelta(minutes=2)
_TEXT: Final = 2_200
FLAGS: Final = ("is_private", "is_verified")


class NoCounts(Exception):
    """The source answered without any count that could be one: not a measurement."""


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


def still_wanted(monitor_id: int, due: datetime) -> Monitor | None:
    """The monitor if it stands as it was taken; looked at right before its request is sent."""
    taken = Monitor.objects.filter(pk=monitor_id, due_at=due, state=MonitorState.ACTIVE)
    return taken.select_related("workspace").first()


def measured(monitor_id: int, due: datetime, seen: Profile | Post, *, source: str, now: datetime) -> Taken | None:
    """Write down what a source answered at ``now`` for the due time ``due``, within the caller's transaction.

    None: it was paused, stopped, changed or measured meanwhile; nothing was written.

    Raises:
        NoCounts: the answer carries no counts; nothing was written.
    """
    answer = answer_of(seen, source)
    with transaction.atomic():
        monitor = _taken(monitor_id, due)
        if monitor is None or not _is_recognised(monitor, seen, answer, now):
            return None
        before: Counts = dict(monitor.latest)
        changes = _facts(monitor, answer, now)
        gap = _gap_ended(monitor, due, now)
        wrote = dict(before) != dict(answer.counts) or heartbeat_is_due(monitor.row_at, now)
        if wrote:
            measurement_rows.add(monitor.pk, [Row(now, answer.counts)])
            monitor.row_at = now
        had_trouble = bool(monitor.trouble_code)
        monitor.latest, monitor.checked_at = dict(answer.counts), now
        monitor.trouble_since, monitor.trouble_code, monitor.trouble = None, "", ""
        monitor.revision += 1
        taken = Taken(now, due, answer.counts, before, changes, gap, wrote)
        monitor.wants_posts = monitor.wants_posts or wants_look(monitor, taken)
        _to_next(monitor, now)
        measurement_taken.send(sender=Monitor, monitor=monitor, taken=taken)
        if had_trouble:
            trouble_changed.send(sender=Monitor, monitor=monitor, code="", now=now)
    return taken


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
        if is_new:
            trouble_changed.send(sender=Monitor, monitor=monitor, code=code, now=now)


def _taken(monitor_id: int, due: datetime) -> Monitor | None:
    mine = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related("workspace")
    return mine.filter(pk=monitor_id, due_at=due, state=MonitorState.ACTIVE).first()


def _to_next(monitor: Monitor, now: datetime) -> None:
    thinning.thin(monitor, now)
    pattern = monitor.pattern
    # A clock that was set back must not make the same due time come twice; one that was far ahead must not hold it up.
    due = pattern.after(max(now, monitor.due_at))
    monitor.due_at = pattern.after(now) if pattern.is_out_of_reach(due, now) else due
    monitor.taken_until = None
    monitor.save(
        update_fields=[
            "due_at", "taken_until", "latest", "facts", "checked_at", "row_at", "revision", "trouble_since",
            "trouble_code", "trouble", "username", "profile", "posted_at", "interval_seconds", "state", "state_at",
            "wants_posts",
        ]
    )  # fmt: skip
    hint(monitor.topic, monitor.workspace_id)


def _is_recognised(monitor: Monitor, seen: Profile | Post, answer: Answer, now: datetime) -> bool:
    """Take over who it is; False when another monitor of the workspace measures the same profile under another name."""
    if isinstance(seen, Post):
        monitor.posted_at = seen.taken_at
        return True
    knows_facts = all(monitor.facts.get(name) == text for name, text in answer.facts.items())
    if monitor.profile_id is not None and knows_facts and dict(monitor.latest) == dict(answer.counts):
        return True
    profile = identities.remember(seen, now=now)
    if monitor.profile_id is None:
        try:
            with transaction.atomic():
                Monitor.objects.filter(pk=monitor.pk).update(profile=profile)
        except IntegrityError:
            monitor.state, monitor.state_at = MonitorState.STOPPED, now
            monitor.trouble_since, monitor.trouble_code = now, "twin"
            monitor.trouble = _("This profile is monitored already under the name @%(name)s.") % {"name": seen.username}
            _to_next(monitor, now)
            return False
    monitor.profile, monitor.username = profile, seen.username
    return True


def _facts(monitor: Monitor, answer: Answer, now: datetime) -> dict[str, tuple[str, str]]:
    """The facts that turned, written down. An empty text of another source than before is no change: it may lack it."""
    known: dict[str, str] = dict(monitor.facts)
    is_same_source = known.pop("source", answer.source) == answer.source
    changes = {
        name: (known[name], text)
        for name, text in answer.facts.items()
        if name in known and known[name] != text and (is_same_source or (text and known[name]))
    }
    FactChange.objects.bulk_create(
        FactChange(monitor=monitor, fact=name, old=old, new=new, seen_at=now) for name, (old, new) in changes.items()
    )
    fresh = {name: text for name, text in answer.facts.items() if is_same_source or text or name not in known}
    monitor.facts = known | fresh | {"source": answer.source}
    return changes


def _gap_ended(monitor: Monitor, due: datetime, now: datetime) -> Gap | None:
    """The time without measurements that ends now, with what kept them away; None when nothing was missed."""
    since = monitor.checked_at
    if since is None or since >= now:
        return None
    if monitor.trouble_since is not None:
        return Gap.objects.create(
            monitor=monitor, since=since, until=now, code=monitor.trouble_code, why=monitor.trouble
        )
    if now - due <= max(monitor.interval, GAP_LEAST):
        return None
    outage = outages.during(monitor.workspace_id, due, now)
    code = outage.code if outage else "not_running"
    why = outage.why if outage else _("The site was not measuring: it was switched off, or had no time for it.")
    return Gap.objects.create(monitor=monitor, since=max(since, due - monitor.interval), until=now, code=code, why=why)
