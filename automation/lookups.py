"""People who are named and not known here, looked up one by one within a login's budget; then what they are for.

They are for a batch, for a safelist, for a comparison, or are the accounts of one person: ``then`` of the job's
parameters (``automation/lookup_ends.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import connect, identities
from accounts.gateway.errors import Gone, Private
from accounts.login_steps import guarded
from accounts.models import InstagramLogin, LoginStatus, Workspace
from automation import staging
from automation.lookup_ends import ENDS
from automation.models import ActionKind, Safelist, Side
from automation.naming import Named, Resolved
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run
from igsite.problems import Invalid, Problem

if TYPE_CHECKING:
    from accounts.models import User

LOOKUP: Final = "actions.lookup"
#: So many are looked up at once: each is a read of the login's budget.
MOST: Final = 200


class TooManyUnknown(Invalid):
    """More than may be looked up at once."""

    code = "too_many_unknown"


class NotLookedUp(Invalid):
    """There is no login to look by."""

    code = "not_looked_up"


def order(
    *, workspace: Workspace, login: InstagramLogin, kind: ActionKind, known: Sequence[int], unknown: Sequence[Named],
    reason: str, by: User | None, now: datetime, starts_at: datetime | None = None,
) -> Job:  # fmt: skip
    """Look ``unknown`` up, in the lane of the login, then stage them behind ``known``.

    Raises:
        staging.NotStageable: the start is too far ahead.
        TooManyUnknown: they are more than :data:`MOST`.
        NotLookedUp: the login is not one of the workspace's.
    """
    more: dict[str, Any] = {"kind": str(kind), "known": list(known), "reason": reason}
    staging.check_start(starts_at, now)
    if starts_at is not None:
        more["starts_at"] = starts_at.isoformat()
    return _ordered(workspace, login, unknown, more, by, now)


def order_safe(
    *, workspace: Workspace, login: InstagramLogin, which: Safelist, known: Mapping[int, str],
    unknown: Sequence[Named], note: str, by: User | None, now: datetime,
) -> Job:  # fmt: skip
    """The same for a safelist: whoever is found is put on it, with ``known`` (number → note). Raises as ``order``."""
    notes = {one.text: one.note or note for one in unknown}
    more = {"then": "safelist", "safelist": which.value, "known": sorted(known.items()), "notes": notes}
    return _ordered(workspace, login, unknown, more, by, now)


def order_link(
    *, workspace: Workspace, login: InstagramLogin, known: Sequence[int], unknown: Sequence[Named], note: str,
    by: User | None, now: datetime,
) -> Job:  # fmt: skip
    """The same for the accounts of one person: whoever is found is linked with ``known``. Raises as :func:`order`."""
    more = {"then": "link", "known": list(known), "note": note}
    return _ordered(workspace, login, unknown, more, by, now)


def order_comparison(
    *, workspace: Workspace, login: InstagramLogin, sides: Mapping[Side, Resolved], by: User | None, now: datetime
) -> Job:
    """The same for a comparison, whose lists ``login`` reads as well. Raises as :func:`order`."""
    unknown = list({one.text: one for side in sides.values() for one in side.unknown}.values())
    named = {side.value: [*resolved.known, *(one.text for one in resolved.unknown)] for side, resolved in sides.items()}
    known = [pk for side in sides.values() for pk in side.known]
    return _ordered(workspace, login, unknown, {"then": "compare", "known": known, "sides": named}, by, now)


def _ordered(
    workspace: Workspace, login: InstagramLogin, unknown: Sequence[Named], more: dict[str, Any], by: User | None,
    now: datetime,
) -> Job:  # fmt: skip
    if len(unknown) > MOST:
        raise TooManyUnknown(
            _("%(count)s people are not known here. Look up at most %(most)s at once.")
            % {"count": len(unknown), "most": MOST}
        )
    params = {"names": [one.text for one in unknown], **more}
    with transaction.atomic():
        job = in_lane(LOOKUP, workspace, login, params, by, now, subject=login.username, total=len(unknown))
        audit.record(by, "people.looked_up", login, workspace=workspace, now=now, details={"count": len(unknown)})
    return job


def in_lane(
    name: str, workspace: Workspace, login: InstagramLogin, params: dict[str, Any], by: User | None, now: datetime,
    *, subject: str, total: int,
) -> Job:  # fmt: skip
    """A job of reading in the lane of the login, with its own page. Raises :class:`NotLookedUp`."""
    if login.workspace_id != workspace.pk or login.status == LoginStatus.REMOVED:
        raise NotLookedUp(_("This login is not one of the workspace."))
    job = runner.enqueue(
        name, workspace=workspace, by=by, params={"login": str(login.pk), **params}, subject=f"@{subject}",
        lane=connect.lane(login.pk), total=total, due_at=now,
    )  # fmt: skip
    Job.objects.filter(pk=job.pk).update(subject_url=reverse("automation:lookup", args=[job.uuid]))
    return job


@register
class LookUpPeople(Kind):
    """One profile a step. Whoever does not exist is named at the end."""

    name = LOOKUP
    label = gettext_lazy("Look up people for actions")

    def step(self, run: Run) -> Outcome:
        """One look, or the end."""
        names, at = run.params["names"], run.cursor.get("at", 0)
        login = InstagramLogin.objects.filter(pk=run.params["login"]).select_related("workspace").first()
        if "result" in run.cursor or at >= len(names):
            return guarded(run, login, lambda login: _ended(run, login))
        return guarded(run, login, lambda login: _look(run, login, names[at], at))


def _look(run: Run, login: InstagramLogin, name: str, at: int) -> Outcome:
    cursor = run.cursor | {"at": at + 1, "failures": 0}
    with connect.gateway_for(login, clock=run.now) as gateway:
        try:
            seen = gateway.profile(int(name)) if name.isdecimal() else gateway.profile_by_username(name[1:])
        except (Gone, Private):
            seen = None
    with run.save(cursor=cursor) as progress:
        if seen is None:
            cursor["missing"] = [*run.cursor.get("missing", []), name]
        else:
            identities.remember(seen, now=run.now())
            cursor["found"] = [*run.cursor.get("found", []), seen.pk]
            cursor["named"] = [*run.cursor.get("named", []), name]
        progress.done = at + 1
    return Again()


def _ended(run: Run, login: InstagramLogin) -> Outcome:
    """Do it once; what came of it is kept with it, so that a step that is done again only says so."""
    missing = run.cursor.get("missing", [])
    if "result" not in run.cursor:
        if not run.cursor.get("found") and not run.params["known"]:
            return Failed(_("None of them exists on Instagram, or none can be looked at."), "nobody_found")
        cursor = dict(run.cursor)
        try:
            with run.save(cursor=cursor):
                cursor["result"] = ENDS[run.params.get("then", "stage")](run, login)
        except Problem as refused:
            return Failed(str(refused), refused.error_code)
        return Again()
    said = run.cursor["result"]["said"]
    if missing:
        said += " " + ngettext("%(count)d was not found.", "%(count)d were not found.", len(missing)) % {
            "count": len(missing)
        }
    return Done(said, {**run.cursor["result"], "missing": missing})


def result_of(job: Job) -> dict[str, Any]:
    """What came of it, once it is over: ``batch``, or the ``url`` of the list; and who is ``missing``."""
    return dict(job.result or {})
