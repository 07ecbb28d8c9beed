"""What a scan will cost, told before it starts: requests to Instagram, and time at this login's pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Final

from django.conf import settings

from accounts import pace, source_pace, sources
from accounts.gateway.abilities import SOURCES
from accounts.models import InstagramLogin, SourceName, TrackedAccount
from scans import scan_sources
from scans.models import Direction, EdgeList, ListScan, ScanMode, Source
from scans.newest_first import KNOWN_IN_A_ROW

#: People on a page where nothing better is known: Instagram is asked for 200 and often gives 50.
PAGE_PEOPLE: Final = 50
#: Seconds that an answer takes, beside the pause before the next request.
ANSWER_SECONDS: Final = 0.7
#: The profile is read before and after.
PROFILE_READS: Final = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """What reading the chosen lists takes. Each value is None where the size of a list is not known yet; ``dollars``
    also where the source does not tell its price before (``is_paid``). ``source`` is who would read."""

    people: int | None
    requests: int | None
    duration: timedelta | None
    source: SourceName | None = None
    dollars: Decimal | None = None
    is_paid: bool = False


def estimate(
    account: TrackedAccount, directions: Sequence[Direction], *, reader: sources.Reader | None, now: datetime,
    mode: ScanMode = ScanMode.FULL,
) -> Estimate:  # fmt: skip
    """The cost of scanning these lists of ``account`` by ``reader`` from ``now`` on, as far as it can be known."""
    source = SOURCES[reader.source] if reader else None
    unknown = Estimate(None, None, None, reader.source if reader else None, is_paid=bool(source and source.is_paid))
    size_of = _newest if mode == ScanMode.NEWEST else _size
    sizes = [size_of(account, direction) for direction in directions]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or not known:
        return unknown
    pages = sum(
        ceil(size / _page_people(account, direction, reader)) for size, direction in zip(known, directions, strict=True)
    )
    # The newest are not measured against a closing count.
    requests = pages + (1 if mode == ScanMode.NEWEST else PROFILE_READS + len(known) - 1)
    spans = duration(requests, reader.login, now) if reader and reader.login else _by_access(requests, reader)
    dollars = [
        source.dollars_for(scan_sources.ability_of(direction), size)
        for size, direction in zip(known, directions, strict=True)
    ] if source else []  # fmt: skip
    cost = None if None in dollars or not dollars else sum(filter(None, dollars), Decimal(0))
    return replace(unknown, people=sum(known), requests=requests, duration=spans, dollars=cost)


def _by_access(requests: int, reader: sources.Reader | None) -> timedelta | None:
    """At the rhythm of a source without a login. A paid run takes as long as the service wants."""
    if reader is None or SOURCES[reader.source].works_in_runs:
        return None
    rhythm = source_pace.RHYTHMS[reader.source]
    seconds = requests * (sum(rhythm.pause) / 2 * settings.PACE_SCALE + ANSWER_SECONDS)
    if settings.PACE_SCALE:
        hours = ceil(requests / (rhythm.per_hour / settings.PACE_SCALE)) - 1
        seconds = max(seconds, hours * pace.HOUR.total_seconds())
    return timedelta(seconds=round(seconds))


def duration(requests: int, login: InstagramLogin, now: datetime) -> timedelta:
    """How long so many requests take at the pace, within the budgets and in the working hours of ``login``."""
    pause = (login.pause_min + login.pause_max) / 2 * settings.PACE_SCALE
    budget = pace.budget_of(login, now)
    # The first window's share goes at full pace; each further window has to be waited for.
    work = max(timedelta(seconds=requests * (pause + ANSWER_SECONDS)), _windows(requests, budget.per_hour) * pace.HOUR)
    hours = pace.hours_of(login)
    wall = hours.end_of(work, begun_at=now) - now if hours else work
    spans = max(wall, _windows(requests, budget.per_day) * pace.DAY)
    return timedelta(seconds=round(spans.total_seconds()))


def _windows(requests: int, limit: int | None) -> int:
    """How many further windows have to be waited for."""
    return 0 if limit is None else ceil(requests / limit) - 1


def _size(account: TrackedAccount, direction: Direction) -> int | None:
    return account.followers_count if direction == Direction.FOLLOWERS else account.following_count


def _newest(account: TrackedAccount, direction: Direction) -> int | None:
    """Whom a newest-first reading meets: those who came since the last scan, and the known ones that end it."""
    edges = EdgeList.objects.filter(account=account, direction=direction, complete_seq__isnull=False).first()
    size = _size(account, direction)
    if edges is None:
        return None
    return KNOWN_IN_A_ROW + max(0, (size or 0) - edges.people_count)


def _page_people(account: TrackedAccount, direction: Direction, reader: sources.Reader | None) -> float:
    """People on a page as the last scan of the list by this source met them."""
    source = scan_sources.kind_of(reader) if reader else Source.LOGIN
    last = ListScan.objects.filter(
        edge_list__account=account, direction=direction, scan__source=source, pages__gt=1, people_seen__gt=0
    )
    row = last.order_by("-pk").values_list("people_seen", "pages").first()
    if row:
        return float(row[0] / row[1])
    offer = SOURCES[reader.source].offers.get(scan_sources.ability_of(direction)) if reader else None
    return PAGE_PEOPLE if source == Source.LOGIN or offer is None else offer.page_size
