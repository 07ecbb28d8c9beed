"""The steps of a scan's job, for each list in turn: profile → pages → profile → merge.

Every page is committed with the cursor behind it and the login's usage, so that a killed worker costs one page. Where
the job stands is in its cursor: ``list`` (which of the scan's lists), ``phase`` and ``position``
(:mod:`scans.scan_stand`). What a fault means is said in :mod:`scans.scan_faults`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from accounts import connect, tracking
from accounts.gateway import errors
from accounts.gateway.abilities import SOURCES, Ability
from accounts.gateway.errors import GatewayError
from accounts.gateway.results import PeoplePage, Profile
from accounts.models import TrackedAccount
from accounts.paced_reads import PacedReads
from igsite.jobs.kinds import Again, Done, Failed, Outcome
from igsite.jobs.run import Run
from scans import completeness, conclusion, merge, newest_first, pictures, scan_faults, scan_sources, staging
from scans.models import Direction, ListScan, Scan, ScanMode, ScanState
from scans.paging_rules import Gathered, Position
from scans.scan_stand import Stand, stand_of, stop

#: Seconds that one step goes on asking for pages.
SLICE: Final = 1.5


def step(run: Run) -> Outcome:
    """One step of the job, whatever is next."""
    stand = stand_of(run)
    if stand is None:
        return Failed("The account was removed while it was being scanned.", "scan_gone")
    if stand.list_no >= len(stand.lists):
        return Done(stand.scan.message)
    if run.cancelled:
        return Again()
    if stand.phase == "merge":
        return _merge(run, stand)
    if stand.position.seen and staging.is_empty(stand.current.pk):
        return _start_again(run, stand)
    return _reading(run, stand)


_PHASES: dict[str, Callable[[Run, Stand, PacedReads], Outcome]] = {}


def _reading(run: Run, stand: Stand) -> Outcome:
    """A step that needs the login: waits, refusals and faults are the same for all of them."""
    try:
        reader = scan_sources.reader_of(stand.scan)
    except connect.NotReady as gone:
        return scan_faults.without_reader(run, stand, gone.why)
    try:
        with reader.open(run.now, scan_sources.task_of(stand)) as gateway:
            return _PHASES[stand.phase](run, stand, gateway)
    except connect.SourceBroken as broken:
        return scan_faults.is_broken(run, stand, reader, broken)
    except connect.MustWait as wait:
        return wait.outcome(run.now())
    except connect.NotReady as unready:
        return scan_faults.needs_person(run, stand, reader, unready)
    except GatewayError as error:
        return scan_faults.after(run, stand, reader, error)


def _start_again(run: Run, stand: Stand) -> Outcome:
    """The staged people are not what the cursor says: the database crashed. Nothing may be derived from the rest."""
    stand.phase, stand.position = "pages", Position()
    with run.save(cursor=stand.cursor(), done=_done(stand), message="Reading the list again from its start."):
        staging.create(stand.current.pk)
        ListScan.objects.filter(pk=stand.current.pk).update(people_seen=0, pages=0)
    return Again()


def _before(run: Run, stand: Stand, gateway: PacedReads) -> Outcome:
    """The profile's count, then the first page. Finds out who the account is on its first scan."""
    profile = _ask_profile(gateway, stand.scan.account)
    stand.phase = "pages"
    with run.save(cursor=stand.cursor(), message=_told(stand)) as progress:
        now = run.now()
        Scan.objects.filter(pk=stand.scan.pk, started_at=None).update(started_at=now, state=ScanState.RUNNING)
        tracking.seen(stand.scan.account, profile, now=now)
        pictures.note_profile(profile, now=now)
        for list_scan in stand.lists[stand.list_no :]:
            list_scan.count_before = _count(profile, list_scan)
            list_scan.save(update_fields=["count_before"])
        ListScan.objects.filter(pk=stand.current.pk).update(state=ScanState.RUNNING, started_at=now)
        staging.create(stand.current.pk)
        counts = [list_scan.count_before for list_scan in stand.lists]
        progress.total = sum(counts) if None not in counts else None  # type: ignore[arg-type]
    stand.scan.account.refresh_from_db()
    if stand.scan.account.profile_id is None:
        return stop(run, stand, "gone", stand.scan.account.trouble)
    return Again()


def _pages(run: Run, stand: Stand, gateway: PacedReads) -> Outcome:
    """Pages until the list or the slice ends; what was read is committed with the cursor behind it."""
    pk = stand.scan.account.profile_id
    if pk is None:
        raise ValueError("a list is read only after its profile")
    over = time.monotonic() + SLICE
    ask = gateway.followers if stand.current.direction == Direction.FOLLOWERS else gateway.following
    gathered = Gathered(stand.position.cursor)
    try:
        while True:
            page = ask(pk, gathered.cursor, order=newest_first.order_of(stand.scan))
            _must_show_somebody(stand, gathered, page)
            gathered.add(page)
            if gathered.is_full or stand.scan.mode == ScanMode.NEWEST:
                gathered = _save_pages(run, stand, gathered)
            if stand.position.is_over or run.cancel_seen or time.monotonic() >= over:
                break
    except (GatewayError, connect.MustWait, connect.NotReady):
        _save_pages(run, stand, gathered)
        raise
    _save_pages(run, stand, gathered)
    return Again()


def _must_show_somebody(stand: Stand, gathered: Gathered, page: PeoplePage) -> None:
    """A count, and nobody at all: that is how a dead endpoint answers, and never an empty list."""
    is_first = not stand.position.pages and not gathered.pages
    is_nobody = not page.people and page.next_cursor is None and not page.is_limited
    count = stand.current.count_before or 0
    if is_first and is_nobody and count > completeness.GAP_PEOPLE:
        error = errors.ContractDrift(completeness.broken(count))
        error.asked = scan_sources.ability_of(Direction(stand.current.direction))
        raise error


def _save_pages(run: Run, stand: Stand, gathered: Gathered) -> Gathered:
    """One transaction: people, cursor, progress. Returns room for the next pages."""
    if not gathered.pages:
        return gathered
    with run.save() as progress:
        pictures.note(gathered.people, seen_before=stand.position.seen, now=run.now())
        new = staging.add(stand.current.pk, gathered.people)
        stand.position = stand.position.after(
            next_cursor=gathered.cursor, new_people=new, is_limited=gathered.is_limited, pages=gathered.pages,
            is_circle=gathered.is_circle,
        )  # fmt: skip
        if stand.scan.mode == ScanMode.NEWEST:
            stand.position = newest_first.after_pages(stand.position, gathered.people, stand.current.edge_list)
        if stand.position.is_over:
            stand.phase = "merge" if stand.position.stop else "after"
        ListScan.objects.filter(pk=stand.current.pk).update(people_seen=stand.position.seen, pages=stand.position.pages)
        progress.cursor, progress.done, progress.message = stand.cursor(), _done(stand), _told(stand)
    return Gathered(stand.position.cursor)


def _closing_count(run: Run, stand: Stand, gateway: PacedReads) -> Outcome:
    """The profile's count once more: what was read is measured against both. It opens the next list, too."""
    profile = _ask_profile(gateway, stand.scan.account)
    stand.phase = "merge"
    with run.save(cursor=stand.cursor()):
        tracking.seen(stand.scan.account, profile, now=run.now())
        stand.current.count_after = _count(profile, stand.current)
        stand.current.save(update_fields=["count_after"])
        for following in stand.lists[stand.list_no + 1 :]:
            following.count_before = _count(profile, following)
            following.save(update_fields=["count_before"])
    return Again()


_PHASES.update({"before": _before, "pages": _pages, "after": _closing_count})


def _merge(run: Run, stand: Stand) -> Outcome:
    """Judge and merge the list, then open the next one or end the scan: one transaction."""
    current, position = stand.current, stand.position
    if position.seen and staging.count(current.pk) != position.seen:
        return _start_again(run, stand)
    staging.settle(current.pk, position.seen)
    with run.save(message=f"Comparing {position.seen:,} people with the stored list.") as progress:
        merged = conclusion.conclude_list(current, position, now=run.now())
        stand.list_no, stand.position = stand.list_no + 1, Position()
        if stand.list_no < len(stand.lists):
            stand.phase = "pages" if stand.current.count_before is not None else "before"
            _open_next(run, stand, position)
        else:
            conclusion.finish_scan(stand.scan, now=run.now())
        progress.cursor = stand.cursor()
    if merged is not None:
        merge.tidy(merged)
    if stand.list_no < len(stand.lists):
        return Again()
    return Done(stand.scan.message, {"scan": str(stand.scan.pk), "state": stand.scan.state})


def _open_next(run: Run, stand: Stand, ended: Position) -> None:
    if ended.stop in {"logged_out", "private", "gone"}:
        stand.phase, stand.position = "merge", Position().stopped(ended.stop, ended.stop_sentence)
    staging.create(stand.current.pk)
    ListScan.objects.filter(pk=stand.current.pk).update(state=ScanState.RUNNING, started_at=run.now())


def _ask_profile(gateway: PacedReads, account: TrackedAccount) -> Profile:
    if account.profile_id is None:
        return gateway.profile_by_username(account.username)
    if gateway.source not in SOURCES or SOURCES[gateway.source].can(Ability.PROFILE):
        return gateway.profile(account.profile_id)
    profile = gateway.profile_by_username(account.username)
    if profile.pk != account.profile_id:
        raise errors.Gone("The name of this account belongs to another one now. Look it up with a login.")
    return profile


def _count(profile: Profile, list_scan: ListScan) -> int | None:
    return profile.followers_count if list_scan.direction == Direction.FOLLOWERS else profile.following_count


def _done(stand: Stand) -> int:
    return sum(row.people_seen for row in stand.lists[: stand.list_no]) + stand.position.seen


def _told(stand: Stand) -> str:
    of = f" of {stand.current.count_before:,}" if stand.current.count_before else ""
    return f"{stand.current.get_direction_display()}: {stand.position.seen:,}{of}"


def keep(run: Run) -> Outcome:
    """What is left to do for a scan that was cancelled or broke off: merge who was read, as a partial list."""
    scan = Scan.objects.select_related("account", "workspace").filter(pk=run.params["scan"]).first()
    if scan is None:
        staging.drop(run.params["staging"])
        return Failed("The account was removed meanwhile.", "scan_gone")
    if not scan.is_open:
        return Done(scan.message)
    merged = None
    with run.save():
        for list_scan in scan.lists.filter(state=ScanState.RUNNING).select_related("edge_list"):
            staged = staging.count(list_scan.pk)
            position = Position(pages=list_scan.pages, seen=staged or 0, is_over=True)
            position = position.stopped(run.params["reason"], run.params["sentence"])
            merged = conclusion.conclude_list(list_scan, position, now=run.now())
        conclusion.finish_scan(scan, now=run.now())
    if merged is not None:
        merge.tidy(merged)
    return Done(scan.message)
