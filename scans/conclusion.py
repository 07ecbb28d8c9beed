"""How the reading of a list ends: judged, merged, its figures kept. And how a whole scan ends.

Everything here runs within the caller's transaction: a scan is merged, numbered and counted, or nothing of it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import number_format

from scans import completeness, follow_dates, losses, merge, source_changes, staging
from scans.completeness import Fall, Reading, Verdict
from scans.models import EdgeList, ListScan, Reason, Scan, ScanMode, ScanState, Source
from scans.models.runs import OPEN_STATES
from scans.paging_rules import Position
from scans.signals import scan_completed
from scans.source_changes import Reach

#: How many scans back the usual gap is learned from.
_MEMORY: Final = 3


def conclude_list(
    list_scan: ListScan, position: Position, *, now: datetime, verdict: Verdict | None = None
) -> merge.Merged | None:
    """Judge what was staged, merge what may be merged, close the list's part of the scan. None: nothing was stored.

    ``verdict`` is given for a source whose completeness is not told by the profile's count. Losses are guarded anyway.
    """
    edges = merge.lock(list_scan.edge_list_id)
    reach = source_changes.reach_of(list_scan, edges)
    reading = reading_of(list_scan, edges, position, reach)
    verdict = _comparable(list_scan, edges, verdict or completeness.judge(reading), reach)
    list_scan.people_seen, list_scan.pages = position.seen, position.pages
    merged = None
    if verdict.state != ScanState.FAILED:
        delta = merge.compare(list_scan)
        verdict = _quarantine(list_scan, edges, delta, verdict, reach) or verdict
        if verdict.state != ScanState.QUARANTINED:
            merged = _store(list_scan, edges, delta, reading, verdict, reach)
    staging.drop(list_scan.pk)
    close_list(list_scan, verdict, now=now)
    return merged


def _comparable(list_scan: ListScan, edges: EdgeList, verdict: Verdict, reach: Reach) -> Verdict:
    """A complete reading by another source than the list's last complete one adds people and closes nobody, unless the
    list is to be read by it from now on."""
    last = source_changes.last_complete(edges)
    if not verdict.is_complete or reach == Reach.SAME or last is None:
        return verdict
    names = (list_scan.scan.get_source_display(), last.scan.get_source_display())
    if reach == Reach.FROM_NOW_ON:
        return Verdict(ScanState.COMPLETE, Reason.NEW_SOURCE, completeness.new_source(*names))
    return Verdict(ScanState.PARTIAL, Reason.OTHER_SOURCE, completeness.other_source(*names))


def close_list(list_scan: ListScan, verdict: Verdict, *, now: datetime) -> None:
    """Write down how one list ended."""
    list_scan.state, list_scan.reason = ScanState(verdict.state), verdict.reason
    list_scan.sentence, list_scan.finished_at = verdict.sentence[:500], now
    list_scan.save()


def reading_of(
    list_scan: ListScan, edges: EdgeList, position: Position, reach: Reach = Reach.SAME
) -> Reading:  # fmt: skip
    """The reading as the rules of completeness want it, beside what is known of the list. Gaps belong to a source."""
    usual_gap = None if reach == Reach.FROM_NOW_ON else edges.usual_gap
    return Reading(
        people_seen=position.seen,
        count_before=list_scan.count_before,
        count_after=list_scan.count_after,
        stop=position.stop,
        stop_sentence=position.stop_sentence,
        is_limited=position.is_limited,
        is_first=usual_gap is None,
        usual_gap=usual_gap,
        previous_gap=_previous_gap(list_scan),
    )


def _previous(list_scan: ListScan) -> ListScan | None:
    ended = ListScan.objects.filter(
        edge_list=list_scan.edge_list_id, scan__source=list_scan.scan.source, scan__mode=ScanMode.FULL,
        finished_at__isnull=False,
    )  # fmt: skip
    return ended.exclude(pk=list_scan.pk).order_by("-pk").first()


def _previous_gap(list_scan: ListScan) -> float | None:
    before = _previous(list_scan)
    if before is None or before.reason != "early_end":
        return None
    return Reading(before.people_seen, before.count_before, before.count_after).gap_share


def _quarantine(
    list_scan: ListScan, edges: EdgeList, delta: merge.Delta, verdict: Verdict, reach: Reach
) -> Verdict | None:  # fmt: skip
    if not verdict.is_complete or not edges.last_seq:
        return None
    list_scan.known_count, list_scan.gone_count = edges.people_count, delta.gone
    before = _previous(list_scan)
    then = source_changes.last_complete(edges) if reach == Reach.SAME else None
    return completeness.break_circuit(
        Fall(
            known=edges.people_count,
            gone=delta.gone,
            seen_now=list_scan.people_seen,
            count_now=list_scan.count_after,
            seen_then=then.people_seen if then else None,
            count_then=then.count_after if then else None,
            quarantined_seen=before.people_seen if before and before.state == ScanState.QUARANTINED else None,
        )
    )


def _store(
    list_scan: ListScan, edges: EdgeList, delta: merge.Delta, reading: Reading, verdict: Verdict, reach: Reach
) -> merge.Merged:
    closes, is_anew = verdict.is_complete, verdict.is_complete and reach == Reach.FROM_NOW_ON
    untold = losses.Untold(is_anew, source_changes.shown_by_others(list_scan, edges)) if closes else losses.NOBODY
    merged = merge.store(list_scan, edges, delta, closes=closes, untold=untold)
    follow_dates.move_settled(edges.pk)
    edges.last_seq += 1
    if is_anew:
        edges.source_seqs = [*edges.source_seqs, edges.last_seq]
    elif closes and list_scan.scan.source != Source.EXPORT:
        before = _confirmable(edges, reading)
        losses.confirm(edges.pk, edges.last_seq, missing_before=before, missing_since=edges.source_since)
    edges.people_count = merged.total
    if closes:
        _note_complete(edges, reading)
    edges.save()
    is_baseline = is_anew or edges.baseline_seq is None or edges.last_seq <= edges.baseline_seq
    list_scan.seq, list_scan.total = edges.last_seq, merged.total
    list_scan.new_count = 0 if is_baseline else merged.new
    list_scan.returned_count = 0 if is_baseline else merged.returned
    list_scan.lost_count, list_scan.renamed_count = merged.lost, merged.renamed
    return merged


def _note_complete(edges: EdgeList, reading: Reading) -> None:
    edges.complete_seq = edges.last_seq
    share = reading.gap_share
    is_anew = edges.source_since == edges.last_seq
    was_short = share is not None and not is_anew and completeness.was_short(edges.usual_gap, share)
    if edges.baseline_seq is None or was_short:
        edges.baseline_seq = edges.last_seq
    if share is None:
        return
    edges.usual_gap = completeness.learn_gap([share, *_earlier_gaps(edges)])


def _confirmable(edges: EdgeList, reading: Reading) -> int:
    """The scan before which people must be missing to be confirmed by this one: itself, so that it is their second
    complete scan; or, when the gap grew, the complete one before it, so that it is their third.
    """
    share = reading.gap_share
    if share is not None and not completeness.gap_grew([share, *_earlier_gaps(edges)], reading.count or 0):
        return edges.last_seq
    earlier = _earlier_complete(edges).values_list("seq", flat=True).first()
    return earlier or 0


def _earlier_complete(edges: EdgeList) -> QuerySet[ListScan]:
    """The complete readings by the list's source before this one, the newest first. An export has no gap."""
    earlier = ListScan.objects.filter(edge_list=edges, state=ScanState.COMPLETE, seq__gte=edges.source_since)
    return earlier.exclude(scan__source=Source.EXPORT).order_by("-seq")


def _earlier_gaps(edges: EdgeList) -> list[float]:
    shares = [
        Reading(row.people_seen, row.count_before, row.count_after).gap_share
        for row in _earlier_complete(edges)[: _MEMORY - 1]
    ]
    return [known for known in shares if known is not None]


def abandon_list(list_scan: ListScan, reason: str, sentence: str, *, now: datetime) -> None:
    """End a list of which nothing is to be kept."""
    staging.drop(list_scan.pk)
    close_list(list_scan, Verdict(ScanState.FAILED, reason, sentence), now=now)


def finish_scan(scan: Scan, *, now: datetime | None = None) -> None:
    """End the scan once all of its lists have ended: state, sentence, figures of both lists, and the news of it."""
    now = now or timezone.now()
    lists = list(scan.lists.order_by("pk"))
    if any(row.state in OPEN_STATES for row in lists):
        raise ValueError("a list of this scan is still open")
    scan.state, scan.message, scan.finished_at = _state_of(lists), message_of(lists)[:500], now
    scan.save(update_fields=["state", "message", "finished_at"])
    if any(row.seq for row in lists):
        _count_mutuals(scan)
        type(scan.account).objects.filter(pk=scan.account_id).update(last_scanned_at=now)
    scan_completed.send(sender=Scan, scan=scan, now=now)


def _state_of(lists: list[ListScan]) -> ScanState:
    states = {row.state for row in lists}
    if states == {ScanState.COMPLETE}:
        return ScanState.COMPLETE
    if ScanState.QUARANTINED in states:
        return ScanState.QUARANTINED
    return ScanState.FAILED if states == {ScanState.FAILED} else ScanState.PARTIAL


def message_of(lists: list[ListScan]) -> str:
    """What came of the scan, in a sentence or two for each list."""
    return " ".join(f"{row.get_direction_display()}: {_told(row)}" for row in lists)


def _told(row: ListScan) -> str:
    if row.state != ScanState.COMPLETE or row.total is None:
        return row.sentence
    parts = [f"{number_format(row.total, force_grouping=True)} people"]
    figures = {
        "new": row.new_count, "lost": row.lost_count, "returned": row.returned_count, "renamed": row.renamed_count,
    }  # fmt: skip
    parts += [f"{number_format(value, force_grouping=True)} {name}" for name, value in figures.items() if value]
    told = ", ".join(parts) + "."
    return f"{told} {row.sentence}" if row.reason else told


def _count_mutuals(scan: Scan) -> None:
    lists = list(EdgeList.objects.filter(account=scan.account_id, last_seq__gt=0).order_by("pk"))
    if len(lists) == 2:
        mutuals = merge.count_mutuals(lists[0].pk, lists[1].pk)
        EdgeList.objects.filter(pk__in=[edges.pk for edges in lists]).update(mutuals_count=mutuals)
