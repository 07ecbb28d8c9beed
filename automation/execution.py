"""One step of working a batch off: read what was sent, else send one more. The next waits for that reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts import connect
from accounts.gateway.errors import ContractDrift, GatewayError, Gone, Private, ProxyUnreachable, Transient
from accounts.gateway.protocol import WriteGateway
from accounts.gateway.results import WriteAnswer
from accounts.login_states import page_of
from accounts.models import LoginStatus
from accounts.pace import NotBefore, NotReading
from automation import after_restore, attempts, batches, looking, readings, safety, write_budgets
from automation.models import (
    ON_POSTS,
    ActionKind,
    Attempt,
    AttemptState,
    Batch,
    BatchState,
    Exclusion,
    Item,
    ItemState,
)
from igsite.jobs.kinds import Again, Blocked, Done, Outcome
from igsite.jobs.run import Run

_MOMENT: Final = timedelta(seconds=1)
_WORKING: Final = (BatchState.CONFIRMED, BatchState.RUNNING, BatchState.FROZEN)
_OVER: Final = (BatchState.DONE, BatchState.CANCELLED)


def step(run: Run, batch: Batch) -> Outcome:
    """The next piece of ``batch``. Raises what :func:`accounts.connect.gateway_for` and its reads raise."""
    attempts.reap(batch.login_id, now=run.now())
    todo = _next(batch, run.now())
    if isinstance(todo, Attempt):
        return read(run, todo)
    if isinstance(todo, Item):
        return _act(run, batch, todo)
    return todo


def to_read(items: QuerySet[Item]) -> Attempt | None:
    """The oldest attempt that is over and whose friendship has not been read; ``items`` narrows whose."""
    over = Attempt.objects.filter(item__in=items, item__state=ItemState.ANSWERED).exclude(state__in=attempts.OPEN)
    return over.exclude(sent_at=None).select_related("item__batch__login", "workspace").order_by("pk").first()


def _next(batch: Batch, now: datetime) -> Attempt | Item | Outcome:
    items = Item.objects.filter(batch=batch)
    unread = to_read(items)
    if unread is not None:
        return unread
    on_its_way = Attempt.objects.filter(item__batch=batch, state__in=attempts.OPEN).first()
    if on_its_way is not None:
        return _rest(on_its_way.lease_until + _MOMENT, _("Waiting for the answer to an action."), now)
    if batch.state in _OVER:
        return Done(_("The batch is over."))
    if batch.state == BatchState.PAUSED:
        return Blocked(_("Paused. Resume the batch to go on."))
    item = items.filter(state=ItemState.WAITING).order_by("position").first()
    if item is None:
        said = _("All posts were worked off.") if batch.kind in ON_POSTS else _("Everybody was worked off.")
        return Done(said, report(batch))
    if batch.starts_at is not None and batch.starts_at > now:
        return _rest(batch.starts_at, _("It starts at the time that was chosen."), now)
    return _refused(batch, write_budgets.why_not_now(batch.login, now, batch.kind), now) or item


def _refused(batch: Batch, refusal: NotBefore | NotReading | None, now: datetime) -> Outcome | None:
    if isinstance(refusal, NotBefore):
        return _rest(refusal.at, refusal.why, now)
    if isinstance(refusal, NotReading):
        why = _("The login that acts here says: %(status)s.") % {"status": refusal.status.label}
        if refusal.status == LoginStatus.FROZEN:
            batches.move(batch, BatchState.FROZEN, out_of=_WORKING, note=why)
        return Blocked(why, page_of(batch.login_id))
    if not batches.move(batch, BatchState.RUNNING, out_of=_WORKING):
        return Again()  # somebody paused or ended it in this moment
    return None


def _rest(until: datetime, why: str, now: datetime) -> Outcome:
    return connect.MustWait(until, why).outcome(now)


# -- reading what came of it


def read(run: Run, attempt: Attempt) -> Outcome:
    """Read the friendship after an attempt and settle its item by what it shows."""
    login = attempt.item.batch.login
    look = looking.Look.going_on(run.cursor.get("look", {}), f"after-{attempt.pk}", run.now())
    if attempt.kind == ActionKind.COMMENT:
        look = replace(look, has_post=True)  # the comments are asked for, not the post
    seen: readings.Seen | None = None
    try:
        with connect.gateway_for(login, clock=run.now) as gateway:
            look = looking.further(gateway, attempt.kind, attempt.item, login.profile_id, look)
        if look.seen is None:
            return _look_on(run, look)
        seen = look.seen
    except (Gone, Private):
        pass  # cannot be looked at: that is no proof of anything
    state = readings.came_of_it(attempt.kind, attempt.state, seen)
    with _progress(run):
        attempts.settle(attempt, state, readings.as_details(seen), now=run.now())
    return Again()


def _look_on(run: Run, look: looking.Look) -> Outcome:
    """The next request of a look, after the login's pause."""
    with run.save(cursor=run.cursor | {"look": look.as_kept()}):
        pass
    return Again()


# -- acting


def _act(run: Run, batch: Batch, item: Item) -> Outcome:
    """Look, and if it is not so yet: T1, T2, send, T3."""
    look = looking.Look.going_on(run.cursor.get("look", {}), f"before-{item.pk}", run.now())
    with connect.gateway_for(batch.login, clock=run.now) as gateway:
        lost_since = after_restore.unrecorded_since(item, look.taken_at) if look.has_post else None
        try:
            look = looking.further(gateway, batch.kind, item, batch.login.profile_id, look, lost_since)
        except (Gone, Private):
            return _left_out(run, item, Exclusion.NOT_ACCESSIBLE)
        if look.owner_pk is not None and safety.is_safe(batch, look.owner_pk):
            return _left_out(run, item, Exclusion.SAFELIST)
        if look.seen is None:
            return _look_on(run, look)
        return _judged(run, batch, item, look) or _written(run, batch, item, look, gateway.writer())


def _judged(run: Run, batch: Batch, item: Item, look: looking.Look) -> Outcome | None:
    """What was seen just before sending, where it keeps from sending; None: go on."""
    assert look.seen is not None  # noqa: S101 - for the type checker
    if readings.is_so(batch.kind, look.seen) is not None:
        return _settled(run, item, ItemState.ALREADY)
    why = readings.keeps_out(batch.kind, look.seen)
    if why is not None:
        return _left_out(run, item, why)
    if not readings.proves_absence(batch.kind, look.seen) and after_restore.unrecorded_since(item, look.taken_at):
        return _settled(run, item, ItemState.UNKNOWN, _may_be_lost())
    return None


def _may_be_lost() -> str:
    """After a restore: a row of ours may be lost, and what Instagram shows does not prove that nothing was done."""
    return _(
        "A backup was restored, and what is shown of this post does not tell whether you did this before. Nothing was"
        " sent. Look in the Instagram app; if it is not there, say so here and name the post in a new batch."
    )


def _written(run: Run, batch: Batch, item: Item, look: looking.Look, writer: WriteGateway) -> Outcome:
    """T1, T2, send, T3."""
    run.heartbeat()
    attempt = attempts.reserve(item.pk, now=run.now(), looked_at=look.began_at)
    if isinstance(attempt, attempts.NotWanted):
        if "look" in run.cursor:  # what was seen may be old by now
            with _progress(run):
                pass
        return Again()
    if not isinstance(attempt, Attempt):
        return _refused(batch, attempt, run.now()) or Again()
    if not attempts.mark_sent(attempt, now=run.now()):
        return Again()
    return _sent(run, batch, attempt, writer)


def _sent(run: Run, batch: Batch, attempt: Attempt, writer: WriteGateway) -> Outcome:
    """The one POST and T3."""
    if attempts.is_too_late(attempt, now=run.now()):
        attempts.answered(attempt, AttemptState.FAILED, "not_sent", now=run.now())
        with _progress(run):
            pass
        return Again()
    try:
        answer = send(writer, attempt.item, batch.kind)
    except GatewayError as error:
        attempts.answered(attempt, _meaning(error), error.code, now=run.now())
        return _after(run, batch, error)
    state = AttemptState.DONE if answer.accepted else AttemptState.FAILED
    attempts.answered(attempt, state, "ok" if answer.accepted else "refused", now=run.now())
    with _progress(run):
        pass
    return Again()


def send(writer: WriteGateway, item: Item, kind: str) -> WriteAnswer:
    """Exactly one POST."""
    if kind == ActionKind.COMMENT:
        return writer.comment(item.target_pk, item.text)
    verbs = {
        ActionKind.FOLLOW: writer.follow,
        ActionKind.UNFOLLOW: writer.unfollow,
        ActionKind.REMOVE: writer.remove_follower,
        ActionKind.LIKE: writer.like,
        ActionKind.UNLIKE: writer.unlike,
    }
    return verbs[ActionKind(kind)](item.target_pk)


def _meaning(error: GatewayError) -> AttemptState:
    """An answer that was lost or not understood says nothing; all others are refusals."""
    is_lost = isinstance(error, Transient | ContractDrift) and not isinstance(error, ProxyUnreachable)
    return AttemptState.UNKNOWN if is_lost else AttemptState.FAILED


def _after(run: Run, batch: Batch, error: GatewayError) -> Outcome:
    """What the refusal means for the login. The target's own trouble stops nobody else's turn."""
    verdict = connect.after_error(batch.login, error, now=run.now())
    batch.login.refresh_from_db()
    if batch.login.status == LoginStatus.FROZEN:
        batches.move(batch, BatchState.FROZEN, out_of=_WORKING, note=str(error))
    with _progress(run):
        pass
    return Again() if isinstance(verdict, connect.End) else verdict


def _left_out(run: Run, item: Item, why: Exclusion) -> Outcome:
    with _progress(run):
        attempts.leave_out(item, why, now=run.now())
    return Again()


def _settled(run: Run, item: Item, state: ItemState, note: str = "") -> Outcome:
    """Nothing is sent: it was so already, or only a person can tell."""
    with _progress(run):
        waiting = Item.objects.filter(pk=item.pk, state=ItemState.WAITING)
        waiting.update(state=state, note=note[:300], settled_at=run.now())
    return Again()


@contextmanager
def _progress(run: Run) -> Iterator[None]:
    """The caller's rows, with the job's progress and lease."""
    pieces = run.cursor.get("pieces", 0) + 1
    with run.save(cursor={"pieces": pieces}) as progress:
        yield
        if "batch" in run.params:
            items = Item.objects.filter(batch=run.params["batch"], settled_at__isnull=False)
            progress.done = items.filter(batch__confirmed_at__lte=F("settled_at")).count()


def report(batch: Batch) -> dict[str, int]:
    """How many people are in which state."""
    states = list(Item.objects.filter(batch=batch).values_list("state", flat=True))
    return {str(state): states.count(state) for state in ItemState if state in states}
