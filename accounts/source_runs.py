"""Paid runs of a service: ordered once, looked after by due times, read when they are over. Never paid twice.

What the row says is committed before and after each request that matters:

    intent, and the newest run that the service knew    then the order leaves (one POST, never repeated)
    started, with the run's id                          then it is looked after
    over                                                then its rows are read

A worker that dies between the order and its id, or an order whose answer was lost, leaves an intent: the runs that the
service lists as newer are searched for it. Found: it is taken over. Not listed for a while: it was never taken, and may
be ordered. More runs than are listed: nobody can tell, and a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.connect import MustWait, NotReady
from accounts.gateway import errors
from accounts.gateway.protocol import ReadGateway
from accounts.gateway.runs import Run, RunGateway, RunKind, RunOrder
from accounts.gateway.runs import RunState as At
from accounts.models import RunState, SourceAccess, SourceRun, User, Workspace
from accounts.models.source_runs import OPEN_RUNS
from accounts.source_pages import page_of, wake_blocked
from igsite.audit import record
from igsite.jobs import runner
from igsite.problems import Conflict

ABORT: Final = "source.abort"
#: How long a service may take to list a run that it was ordered.
LISTED_AFTER: Final = timedelta(minutes=2)
LOOK_AGAIN: Final = timedelta(seconds=10)
LOOK_LATER: Final = timedelta(minutes=1)
_HURRY: Final = timedelta(minutes=5)
#: Errors after which it is certain that the order was not taken.
_NOT_TAKEN: Final = (errors.NeedsKey, errors.OutOfCredit, errors.Throttled, errors.Unsupported)


class RunConflict(Conflict):
    """The run's state forbids that."""

    code = "run_conflict"


@dataclass(frozen=True, slots=True)
class Task:
    """What paid runs are ordered for: ``order`` names it for good, ``username`` is the account, ``most`` bounds the
    rows and so the price; None: all there are."""

    order: str
    username: str
    most: int | None = None


def rows_of(
    access: SourceAccess, workspace: Workspace, gateway: RunGateway, kind: RunKind, task: Task, *, now: datetime
) -> ReadGateway:
    """The rows of the run of this kind for ``task``, ordered if that was not done yet.

    Raises:
        MustWait: it is not over yet.
        NotReady: nobody can tell whether it was ordered; a person decides on the source's page.
        errors.RunFailed: it ended without rows, and was noted as such; another one may be ordered.
        errors.GatewayError: the service refused.
    """
    wish = RunOrder(kind, (task.username,), most_results=task.most if kind != RunKind.PROFILES else None)
    row = _row(access, workspace, gateway, wish, f"{task.order}-{kind}"[:120], now)
    if row.state == RunState.UNKNOWN:
        why = _("It is not clear whether a paid run was started. Look at %(source)s, then decide on its page here.")
        raise NotReady(why % {"source": access.get_source_display()}, page_of(access.source))
    if row.state == RunState.INTENT:
        row = _found_again(row, gateway, wish, now)
    return _read_when_over(row, gateway, now)


def _row(
    access: SourceAccess, workspace: Workspace, gateway: RunGateway, wish: RunOrder, order: str, now: datetime
) -> SourceRun:
    known = SourceRun.objects.filter(order=order, state__in=(*OPEN_RUNS, RunState.OVER)).first()
    if known is not None:
        return known
    newest = gateway.recent_runs(wish.kind)
    try:
        with transaction.atomic(durable=True):
            row = SourceRun.objects.create(
                workspace=workspace, access=access, order=order, what=wish.kind, target=wish.targets[0],
                most_results=wish.most_results, ordered_at=now, newest_before=newest[0].id if newest else "",
            )  # fmt: skip
    except IntegrityError:  # another worker was first: it is its order
        raise MustWait(now + LOOK_AGAIN, _("The run is being ordered.")) from None
    return _ordered(row, gateway, wish, now)


def _ordered(row: SourceRun, gateway: RunGateway, wish: RunOrder, now: datetime) -> SourceRun:
    try:
        run = gateway.start_run(wish)
    except _NOT_TAKEN as refused:
        _change(row, state=RunState.VOID, note=str(refused)[:300], ended_at=now)
        raise
    except errors.GatewayError as unclear:
        _change(row, note=str(unclear)[:300])
        raise MustWait(now + LOOK_AGAIN, _("The answer to a paid order was lost. It is looked for.")) from unclear
    _change(row, state=RunState.STARTED, run_id=run.id, started_at=now, note="")
    raise MustWait(now + LOOK_AGAIN, _started(row))


def _found_again(row: SourceRun, gateway: RunGateway, wish: RunOrder, now: datetime) -> SourceRun:
    """An order whose id is not known: one of the runs that are newer than it, or none of them."""
    listed = gateway.recent_runs(wish.kind)
    newer = _newer(listed, row.newest_before)
    taken = set(SourceRun.objects.filter(run_id__in=[run.id for run in listed]).values_list("run_id", flat=True))
    for run in reversed(newer if newer is not None else listed):
        if run.id not in taken and gateway.was_ordered_by(run, wish):
            _change(row, state=RunState.STARTED, run_id=run.id, started_at=now, note="")
            return row
    if now - row.ordered_at < LISTED_AFTER:
        raise MustWait(now + LOOK_AGAIN, _("The answer to a paid order was lost. It is looked for."))
    if newer is None:
        _change(row, state=RunState.UNKNOWN, note=_("Too many other runs were started since, so it cannot be found."))
    else:
        _change(row, state=RunState.VOID, note=_("The service never took this order."), ended_at=now)
    raise MustWait(now, _("The run is being ordered."))


def _newer(listed: Sequence[Run], newest_before: str) -> Sequence[Run] | None:
    """The listed runs that are newer than that one; None: it is not on the list any more, so some may be missing."""
    ids = [run.id for run in listed]
    if newest_before in ids:
        return listed[: ids.index(newest_before)]
    return listed if not newest_before else None


def _read_when_over(row: SourceRun, gateway: RunGateway, now: datetime) -> ReadGateway:
    try:
        run = gateway.look(row.run_id)
    except errors.RunFailed as forgotten:
        _change(row, state=RunState.FAILED, note=str(forgotten)[:300], ended_at=now)
        raise
    if run.dollars is not None:
        _change(row, cost_dollars=run.dollars)
    if not run.state.is_over:
        since = row.started_at or row.ordered_at
        pause = LOOK_AGAIN if now - since < _HURRY else LOOK_LATER
        raise MustWait(now + pause, _started(row))
    if run.state != At.SUCCEEDED:
        _change(row, state=RunState.FAILED, note=run.message[:300], ended_at=now)
        raise errors.RunFailed(_("The paid run ended without a result: %(why)s") % {"why": run.message or run.state})
    if row.state != RunState.OVER:
        _change(row, state=RunState.OVER, ended_at=now)
    return gateway.reading(run)


def settle(*, run: SourceRun, was_started: bool, by: User | None, now: datetime) -> None:
    """A person looked at the service: an unclear run was started there after all (its rows are given up), or it never
    was. Either way it may be ordered again.

    Raises:
        RunConflict: it is not unclear.
    """
    with transaction.atomic():
        row = SourceRun.objects.select_for_update(of=("self",)).select_related("access", "workspace").get(pk=run.pk)
        if row.state != RunState.UNKNOWN:
            raise RunConflict(_("This run is not unclear any more."))
        _change(row, state=RunState.FAILED if was_started else RunState.VOID, ended_at=now)
        if row.access is not None:
            wake_blocked(row.workspace_id, row.access.source)
        record(by, "source_run.settled", row, workspace=row.workspace, now=now, details={"was_started": was_started})


def give_up(order: str) -> None:
    """Nobody wants what was ordered under this name any more: have its runs ended by a job, before they cost more. Also
    those whose number is not known yet: they are looked for first."""
    may_cost = (RunState.STARTED, RunState.INTENT)
    wanted = SourceRun.objects.filter(order__startswith=f"{order}-", state__in=may_cost).exclude(access=None)
    for row in wanted.select_related("workspace", "access"):
        runner.enqueue(
            ABORT, workspace=row.workspace, params={"run": str(row.pk)}, subject=str(row), dedupe_key=f"abort-{row.pk}"
        )


def abort(row: SourceRun, gateway: RunGateway, *, now: datetime) -> None:
    """End a run at the service. What it has brought so far is paid.

    Raises:
        MustWait: its number is not known yet, or it was never taken and there is nothing to end.
        errors.GatewayError: the service refused.
    """
    if row.state == RunState.INTENT:
        wish = RunOrder(RunKind(row.what), (row.target,), most_results=row.most_results)
        row = _found_again(row, gateway, wish, now)
    run = gateway.abort(row.run_id)
    _change(
        row, state=RunState.FAILED, note=_("It was not wanted any more."), ended_at=now,
        cost_dollars=run.dollars if run.dollars is not None else row.cost_dollars,
    )  # fmt: skip


def is_open(order: str) -> bool:
    """Whether something of this order was ordered, and is neither read nor failed for good."""
    return SourceRun.objects.filter(order__startswith=f"{order}-", state__in=(*OPEN_RUNS, RunState.OVER)).exists()


def _change(row: SourceRun, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _started(row: SourceRun) -> str:
    return _("A paid run at %(source)s is collecting %(what)s of @%(name)s.") % {
        "source": row.access.get_source_display() if row.access else "?",
        "what": row.what,
        "name": row.target,
    }
