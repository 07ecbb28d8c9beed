"""People who are named and not known here, looked up one by one within a login's budget; then the batch is staged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import connect, identities
from accounts.gateway.errors import Gone, Private
from accounts.login_steps import guarded
from accounts.models import InstagramLogin, Workspace
from automation import staging
from automation.models import ActionKind
from automation.naming import Named
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run
from igsite.problems import Invalid, Problem

if TYPE_CHECKING:
    from accounts.models import User

LOOKUP: Final = "actions.lookup"
#: So many are looked up for one batch: each is a read of the login's budget.
MOST: Final = 200


class TooManyUnknown(Invalid):
    """More than may be looked up at once."""

    code = "too_many_unknown"


def order(
    *, workspace: Workspace, login: InstagramLogin, kind: ActionKind, known: Sequence[int], unknown: Sequence[Named],
    reason: str, by: User | None, now: datetime,
) -> Job:  # fmt: skip
    """Look ``unknown`` up, in the lane of the login, then stage them behind ``known``.

    Raises:
        TooManyUnknown: they are more than :data:`MOST`.
    """
    if len(unknown) > MOST:
        raise TooManyUnknown(
            _("%(count)s people are not known here. Look up at most %(most)s at once.")
            % {"count": len(unknown), "most": MOST}
        )
    params = {
        "login": str(login.pk), "kind": str(kind), "known": list(known), "names": [one.text for one in unknown],
        "reason": reason,
    }  # fmt: skip
    with transaction.atomic():
        job = runner.enqueue(
            LOOKUP, workspace=workspace, by=by, params=params, subject=f"@{login.username}",
            lane=connect.lane(login.pk), total=len(unknown), due_at=now,
        )  # fmt: skip
        Job.objects.filter(pk=job.pk).update(subject_url=reverse("automation:lookup", args=[job.uuid]))
        audit.record(by, "people.looked_up", login, workspace=workspace, now=now, details={"count": len(unknown)})
    return job


@register
class LookUpPeople(Kind):
    """One profile a step. Whoever does not exist is named at the end."""

    name = LOOKUP
    label = gettext_lazy("Look up people for actions")

    def step(self, run: Run) -> Outcome:
        """One look, or the staging."""
        names, at = run.params["names"], run.cursor.get("at", 0)
        login = InstagramLogin.objects.filter(pk=run.params["login"]).select_related("workspace").first()
        if "batch" in run.cursor or at >= len(names):
            return guarded(run, login, lambda login: _staged(run, login))
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
        progress.done = at + 1
    return Again()


def _staged(run: Run, login: InstagramLogin) -> Outcome:
    """Stage once; the batch's number is kept with it, so that a step that is done again only says so."""
    missing = run.cursor.get("missing", [])
    if "batch" not in run.cursor:
        pks = [*run.params["known"], *run.cursor.get("found", [])]
        if not pks:
            return Failed(_("None of them exists on Instagram, or none can be looked at."), "nobody_found")
        cursor = dict(run.cursor)
        try:
            with run.save(cursor=cursor):
                cursor["batch"] = str(_batch(run, login, pks))
        except Problem as refused:
            return Failed(str(refused), refused.error_code)
        return Again()
    said = _("The batch is ready for your review.")
    if missing:
        said += " " + ngettext("%(count)d was not found.", "%(count)d were not found.", len(missing)) % {
            "count": len(missing)
        }
    return Done(said, {"batch": run.cursor["batch"], "missing": missing})


def _batch(run: Run, login: InstagramLogin, pks: list[int]) -> UUID:
    batch = staging.stage(
        workspace=login.workspace, login=login, kind=ActionKind(run.params["kind"]), pks=pks, by=run.job.created_by,
        now=run.now(), reason=run.params["reason"],
    )  # fmt: skip
    return batch.pk


def result_of(job: Job) -> dict[str, Any]:
    """What came of it: ``batch`` and ``missing``, once it is over."""
    return dict(job.result or {})
