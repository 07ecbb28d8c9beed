"""Is a source sound? A circuit breaker for each part of each source, the same for everybody.

An answer that nobody understands, met again and again by one job, only raises suspicion: it may be that one target. A
probe asks for a canonical public account; what it meets decides. When it meets the same, the part is broken for
everybody: jobs wait, nothing is derived, and a probe looks again, less and less often, until it is sound. One probe at
a time, whoever asks for it (:mod:`accounts.source_probe`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import pace
from accounts.gateway.abilities import Ability
from accounts.models import (
    Circuit,
    InstagramLogin,
    LoginStatus,
    Part,
    SourceAccess,
    SourceHealth,
    SourceName,
    SourceWait,
    User,
    Workspace,
)
from igsite.audit import record
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from igsite.problems import Conflict

PROBE: Final = "source.probe"
#: How long a job waits for the first probe, and until a broken part is looked at again: 5, 10, 20 … minutes.
FIRST_LOOK: Final = timedelta(minutes=1)
PROBE_FIRST: Final = timedelta(minutes=5)
PROBE_LONGEST: Final = timedelta(hours=6)
#: Jobs that are woken at once when a part is sound again; the others come at their own due times.
_WOKEN: Final = 200
_WITNESSES: Final = 20
_PARTS: Final = {
    Ability.PROFILE_BY_USERNAME: Part.PROFILE,
    Ability.PROFILE: Part.PROFILE,
    Ability.FOLLOWERS: Part.FOLLOWERS,
    Ability.FOLLOWING: Part.FOLLOWING,
    Ability.POSTS: Part.POSTS,
    Ability.POST: Part.POST,
    Ability.COMMENTS: Part.COMMENTS,
}


class NothingToTryWith(Conflict):
    """A source can be tried with a login or a key only."""

    code = "nothing_to_try_with"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that is not to be asked before ``until``, for the reason ``why``, a sentence."""

    health_id: int
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Witness:
    """With what the odd answer was met, for whom, and the probe will be made: a login, or a service's or the web's
    access."""

    workspace: Workspace
    login: InstagramLogin | None = None
    access: SourceAccess | None = None


def part_of(asked: str) -> Part | None:
    """The part to which a method of the protocol belongs; None for those whose health nobody follows."""
    return _PARTS.get(Ability(asked)) if asked in set(Ability) else None


def trouble(source: str, asked: str, *, now: datetime) -> Trouble | None:
    """What keeps this part from being asked now; None: nothing does. One query."""
    part = part_of(asked)
    if part is None:
        return None
    health = SourceHealth.objects.filter(source=source, part=part, state=Circuit.BROKEN).first()
    return None if health is None else _told(health, now)


def report(source: str, asked: str, sentence: str, witness: Witness, *, now: datetime) -> Trouble | None:
    """Somebody met an answer that cannot be understood, and asking again did not help.

    Returns what to wait for: the probe, or the end of the break. None: a probe found the part sound just now, so the
    odd answer is the target's own; or nobody follows the health of this part.
    """
    part = part_of(asked)
    if part is None:
        return None
    with transaction.atomic():
        health = _locked(source, part, now)
        if health.state == Circuit.CLOSED:
            if health.cleared_at is not None and now - health.cleared_at < PROBE_FIRST:
                return None
            _change(health, state=Circuit.SUSPECT, since=now, note=sentence[:300], probes=0, probe_at=now + FIRST_LOOK)
        if health.login_id is None and health.access_id is None:
            _change(health, asked_for=witness.workspace, login=witness.login, access=witness.access)
        if health.state == Circuit.SUSPECT:
            start_probe(health, now=now)
        return _told(health, now)


def broke(health_id: int, sentence: str, *, now: datetime) -> None:
    """A probe met the same: broken for everybody until one does not."""
    with transaction.atomic():
        health = SourceHealth.objects.select_for_update().get(pk=health_id)
        pause = min(PROBE_FIRST * 2 ** min(health.probes, 10), PROBE_LONGEST)
        since = health.since if health.state == Circuit.BROKEN else now
        _change(
            health, state=Circuit.BROKEN, since=since, note=sentence[:300], probes=health.probes + 1,
            probe_at=now + pause,
        )  # fmt: skip


def cleared(health_id: int, *, now: datetime) -> None:
    """A probe had a good answer: everybody may go on, and those who wait do at once."""
    with transaction.atomic():
        health = SourceHealth.objects.select_for_update().get(pk=health_id)
        _change(
            health, state=Circuit.CLOSED, since=now, note="", probes=0, probe_at=None, cleared_at=now, asked_for=None,
            login=None, access=None,
        )  # fmt: skip
        waiting = list(_waiting(health).order_by("due_at", "pk")[:_WOKEN])
        health.waits.all().delete()
    for job in waiting:
        runner.resume(job)


def not_told(health_id: int, *, now: datetime) -> None:
    """The probe could not be made, or told nothing. A mere suspicion ends with that; a break stays."""
    with transaction.atomic():
        health = SourceHealth.objects.select_for_update().get(pk=health_id)
        is_broken = health.state == Circuit.BROKEN
        _change(health, asked_for=None, login=None, access=None)
    if is_broken:
        broke(health_id, health.note, now=now)
    else:
        cleared(health_id, now=now)


def start_probe(health: SourceHealth, *, now: datetime, witness: Witness | None = None) -> Job | None:
    """Order the probe of a locked row, unless one is open. None: there is one, or nobody to make it with."""
    if Job.objects.open().filter(kind=PROBE, params__health=health.pk).exists():
        return None
    witness = witness or _witness(health)
    return None if witness is None else _ordered(health, witness, now, is_second=False)


def order_second(health: SourceHealth, login: InstagramLogin, *, now: datetime) -> Job:
    """The same probe with another workspace's login, in that one's lane: two requests of it are never sent at once."""
    return _ordered(health, Witness(login.workspace, login=login), now, is_second=True)


def _ordered(health: SourceHealth, witness: Witness, now: datetime, *, is_second: bool) -> Job:
    return runner.enqueue(
        PROBE,
        workspace=witness.workspace,
        params={
            "health": health.pk,
            "login": str(witness.login.pk) if witness.login else None,
            "access": str(witness.access.pk) if witness.access else None,
            "is_second": is_second,
        },
        subject=f"{label_of(health.source)}: {health.get_part_display()}",
        lane=pace.lane(witness.login.pk) if witness.login else "",
        dedupe_key=f"source-probe-{health.pk}-second" if is_second else f"source-probe-{health.pk}",
        due_at=now,
    )


def look_at_due(now: datetime) -> None:
    """Probe what is broken and due; whatever has nobody to be probed with is looked at again later. For the sweep."""
    with transaction.atomic():
        due = SourceHealth.objects.select_for_update(skip_locked=True, of=("self",)).exclude(state=Circuit.CLOSED)
        for health in due.filter(probe_at__lte=now).order_by("probe_at", "pk")[:50]:
            if start_probe(health, now=now) is None:
                _change(health, probe_at=now + PROBE_FIRST)


def try_again(source: SourceName, part: Part, *, workspace: Workspace, by: User | None, now: datetime) -> Job | None:
    """A person wants to know now: a probe with what this workspace has. None: one is on its way, or it is not broken.

    Raises:
        NothingToTryWith: the workspace has no login or key for it that works.
    """
    witness = witness_in(workspace, source)
    if witness is None:
        raise NothingToTryWith(_("This workspace has no login or key that could be used to try it."))
    with transaction.atomic():
        health = _locked(source, part, now)
        if health.state != Circuit.BROKEN:
            return None
        job = start_probe(health, now=now, witness=witness)
        if job is not None and by is not None:
            record(by, "sources.tried_again", f"{source} {part}", workspace=workspace, now=now)
        return job


def wait(what: Trouble, job: Job, *, now: datetime) -> None:
    """Count ``job`` among those that wait."""
    if SourceHealth.objects.filter(pk=what.health_id).exists():
        SourceWait.objects.update_or_create(job_uuid=job.uuid, defaults={"health_id": what.health_id, "since": now})


def waiting_count(health: SourceHealth) -> int:
    """How many jobs, of all workspaces, wait for this part."""
    return _waiting(health).count()


def label_of(source: str) -> str:
    """The source as people call it."""
    return str(SourceName(source).label) if source in SourceName.values else source


def _waiting(health: SourceHealth) -> QuerySet[Job]:
    return Job.objects.filter(uuid__in=health.waits.values("job_uuid"), state=JobState.WAITING)


def _locked(source: str, part: Part, now: datetime) -> SourceHealth:
    SourceHealth.objects.get_or_create(source=source, part=part, defaults={"since": now})
    return SourceHealth.objects.select_for_update(of=("self",)).get(source=source, part=part)


def _change(health: SourceHealth, **values: object) -> None:
    for name, value in values.items():
        setattr(health, name, value)
    health.save(update_fields=list(values))


def _witness(health: SourceHealth) -> Witness | None:
    """Those who met it, else anybody of a workspace with jobs that wait for it; the web needs nobody."""
    if health.asked_for is not None and (health.login is not None or health.access is not None):
        return Witness(health.asked_for, health.login, health.access)
    for job in _waiting(health).exclude(workspace=None).select_related("workspace").order_by("pk")[:_WITNESSES]:
        witness = witness_in(job.workspace, health.source) if job.workspace else None
        if witness is not None:
            return witness
    return None


def witness_in(workspace: Workspace, source: str) -> Witness | None:
    """With what this workspace can look at the source; None: with nothing."""
    if source == SourceName.LOGIN:
        login = InstagramLogin.objects.for_workspace(workspace).filter(status=LoginStatus.READY).order_by("pk").first()
        return Witness(workspace, login=login) if login else None
    access = access_of(workspace, source)
    return Witness(workspace, access=access) if access else None


def login_elsewhere(workspace: Workspace | None) -> InstagramLogin | None:
    """A login of another workspace that reads: what only one workspace's login meets accuses that login."""
    others = InstagramLogin.objects.filter(status=LoginStatus.READY).exclude(workspace=workspace)
    return others.order_by("next_read_at", "pk").first()


def access_of(workspace: Workspace, source: str) -> SourceAccess | None:
    """How this workspace reaches a source without a login: by its own key, or as the site. None: it has no key."""
    if source == SourceName.WEB:
        return SourceAccess.objects.get_or_create(workspace=None, source=source)[0]
    return SourceAccess.objects.for_workspace(workspace).filter(source=source).exclude(key_sealed=None).first()


def _told(health: SourceHealth, now: datetime) -> Trouble:
    source, part = label_of(health.source), health.get_part_display()
    if health.state == Circuit.BROKEN:
        why = _("%(source)s (%(part)s) is broken for everybody since %(since)s UTC. It is tried again by itself.") % {
            "source": source, "part": part, "since": date_format(health.since, "Y-m-d H:i"),
        }  # fmt: skip
    else:
        why = _("%(source)s (%(part)s) gave an odd answer. The site looks whether it works at all.") % {
            "source": source, "part": part,
        }  # fmt: skip
    return Trouble(health.pk, max(health.probe_at or now, now + FIRST_LOOK), why)
