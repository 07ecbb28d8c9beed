"""What a fault means for a scan: ask for the page again, wait, let another source begin, or end the list as it is."""

from __future__ import annotations

from typing import Final

from accounts import connect, source_health, sources
from accounts.gateway import errors
from accounts.models import SourceName
from igsite.jobs.kinds import Again, Blocked, Done, Outcome
from igsite.jobs.run import Run
from scans import follower_scan, scan_sources
from scans.models import Direction, Scan, ScanMode
from scans.paging_rules import Position
from scans.scan_stand import Stand, save_try, stop

#: Failures in a row after which a page is given up: unreachable for about two hours; nonsense three times.
TRANSIENT_TRIES: Final = 12
DRIFT_TRIES: Final = 3
_REASONS: Final = {
    "needs_login": "logged_out",
    "private": "private",
    "gone": "gone",
    "contract_drift": "endpoint_broken",
    "unsupported": "endpoint_broken",
    "transient": "unreachable",
    "run_failed": "unreachable",
}
#: What is said of the target, whoever asks. (Who is private may be open to another source.)
_OF_THE_TARGET: Final = ("gone",)


def after(run: Run, stand: Stand, reader: sources.Reader, error: errors.GatewayError) -> Outcome:
    """A read was refused, or its answer made no sense."""
    if isinstance(error, errors.ContractDrift):
        return _after_nonsense(run, stand, reader, error)
    tries = stand.position.tries
    verdict = reader.after_error(error, now=run.now(), attempt=tries)
    if isinstance(error, errors.Transient):
        if tries + 1 >= TRANSIENT_TRIES:
            return stop(run, stand, _REASONS[error.code], str(error))
        save_try(run, stand)
        return verdict if not isinstance(verdict, connect.End) else Again()
    handed_over = None if error.code in _OF_THE_TARGET else _hand_over(run, stand, reader)
    if handed_over is not None:
        return handed_over
    if isinstance(verdict, connect.End):
        return stop(run, stand, _REASONS.get(verdict.code, "crashed"), verdict.why)
    return verdict


def _after_nonsense(run: Run, stand: Stand, reader: sources.Reader, error: errors.ContractDrift) -> Outcome:
    """An answer cut off or a page of an error server looks like a changed contract: ask again before believing it.
    Then a probe decides whether the source is broken for everybody, or odd about this account only."""
    tries = stand.position.tries
    save_try(run, stand)
    if tries + 1 < DRIFT_TRIES:
        again = reader.after_error(errors.Transient(str(error)), now=run.now(), attempt=tries)
        return again if not isinstance(again, connect.End) else Again()
    if tries + 1 == DRIFT_TRIES:
        trouble = source_health.report(reader.source, error.asked, str(error), reader.witness, now=run.now())
    else:
        trouble = source_health.trouble(reader.source, error.asked, now=run.now())
    if trouble is None:
        return stop(run, stand, _REASONS[error.code], str(error))
    return is_broken(run, stand, reader, connect.SourceBroken(trouble))


def is_broken(run: Run, stand: Stand, reader: sources.Reader, broken: connect.SourceBroken) -> Outcome:
    """The source is broken for everybody, or being looked at: another one begins, or the job waits for it."""
    return _hand_over(run, stand, reader) or broken.outcome(run.now(), run.job)


def needs_person(run: Run, stand: Stand, reader: sources.Reader, unready: connect.NotReady) -> Outcome:
    """A person has to do something about the source first: another one begins, or the job waits for the person."""
    return _hand_over(run, stand, reader) or Blocked(unready.why, unready.url)


def without_reader(run: Run, stand: Stand, why: str) -> Outcome:
    """The login or the key of the scan was removed."""
    return stop(run, stand, "logged_out", why)


def _hand_over(run: Run, stand: Stand, reader: sources.Reader) -> Outcome | None:
    """Let the next source of the chain read the scan, while nothing was read yet: a cursor, and a list, belong to one
    source from the first page to the last. None: a person chose this one, it has begun, or there is no other.

    The scan gets a job of its own for that, since the lane belongs to the login.
    """
    if run.params.get("chosen", True) or stand.list_no or stand.position.pages:
        return None
    tried = [*run.params.get("tried", []), str(reader.source)]
    scan = stand.scan
    directions = [Direction(each) for each in scan.directions]
    without = [SourceName(name) for name in tried]
    try:
        following = scan_sources.choose(
            scan.account, directions, login=None, mode=ScanMode(scan.mode), now=run.now(), without=without
        )
    except scan_sources.NoLogin:
        return None
    stand.position = Position()
    with run.save(cursor=stand.cursor()):
        job = follower_scan.enqueue(scan, following, is_chosen=False, by=scan.created_by, tried=tried)
        source = scan_sources.kind_of(following)
        Scan.objects.filter(pk=scan.pk).update(source=source, login=following.login, job_uuid=job.uuid)
    return Done(f"{reader.source.label} could not begin. {following.source.label} reads instead.")
