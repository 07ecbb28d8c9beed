"""``manage.py bench people``: pages, searches and changes of long lists, each beside its goal.

One account whose followers are read three times (0.5 % churn and renames), and whose following is half as long and
shares a third. Milliseconds are those of the quickest of several calls of the very functions that pages call; a
search's p95 is over the patterns. ``IGSITE_BENCH_SIZES`` names other sizes, such as ``100000,5000000``; the first is
what the pages of the others are compared with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TextIO

from django.db import connection, transaction

from accounts.models import TrackedAccount
from benchmarks.lists_parts import crowds
from benchmarks.lists_parts.crowds import Case
from benchmarks.lists_parts.timing import kept, machine, quickest, sizes
from igsite.paging import Page, seal_cursor
from scans import diffing, merge, people, search_text
from scans.models import ChangeKind, Direction, EdgeList
from scans.people import PeopleList, PeopleSort, Standing, Trait

PAGE: Final = 60
DEEP_GOAL, LONG_GOAL, SEARCH_GOAL, CHANGES_GOAL = 1.3, 1.5, 60.0, 5.0
RARE: Final = ("anaxberg", "zoekilnski7", "loyogadal", "anaxberg1000", "nobodyatall", "ro_ini77", "李小龙 99")
COMMON: Final = ("ana", "person", "e", "kiln", "小", "no. 12", "محمد")


def main(stdout: TextIO) -> None:
    """Measure and print."""
    stdout.write(machine())
    shortest: dict[PeopleSort, float] = {}
    for size in sizes():
        with crowds.account() as account:
            _Lists(stdout, account, size).measure(shortest)


class _Lists:
    """The lists of one size, and what is measured of them."""

    def __init__(self, stdout: TextIO, account: TrackedAccount, size: int) -> None:
        self.stdout, self.account, self.size = stdout, account, size
        self.last = 0

    def measure(self, shortest: dict[PeopleSort, float]) -> None:
        """Everything. ``shortest`` holds the first page's time of the shortest list."""
        self._read()
        self._pages(shortest)
        self._comparisons()
        self._searches()
        self._filters()
        self._changes()

    def _read(self) -> None:
        half = self.size // 200
        crowds.scan(self.account, Case("", 1, self.size))
        crowds.scan(self.account, Case("", 1 + half, self.size + half, 200))
        crowds.scan(self.account, Case("", 1 + 2 * half, self.size + 2 * half, 150))
        start = self.size - self.size // 6
        crowds.scan(self.account, Case("", start, start + self.size // 2, direction=Direction.FOLLOWING))
        lists = list(EdgeList.objects.filter(account=self.account).order_by("pk"))
        started = time.perf_counter()
        mutuals = merge.count_mutuals(lists[0].pk, lists[1].pk)
        counting = time.perf_counter() - started
        EdgeList.objects.filter(account=self.account).update(mutuals_count=mutuals)
        self._tell(
            f"{self.size:,} followers, {self.size // 2:,} following, {mutuals:,} mutuals counted in {counting:.2f} s"
        )
        started = time.perf_counter()
        fill(self.account)
        seconds = time.perf_counter() - started
        self._tell(f"  search text of {self.size * 4 // 3:,} people filled behind the scans in {seconds:.1f} s")
        crowds.run("vacuum analyze profile_search, edge_current, edge_past, scans_profilechange")

    def _pages(self, shortest: dict[PeopleSort, float]) -> None:
        for sort in PeopleSort:
            first = quickest(partial(self._page, PeopleList.FOLLOWERS, sort=sort))
            cursor = self._deep_cursor(sort)
            deep = quickest(partial(self._page, PeopleList.FOLLOWERS, sort=sort, cursor=cursor))
            ratio, long = deep / first, first / shortest.setdefault(sort, first)
            self._tell(
                f"  {sort.value:<17} first {first:6.1f} ms, deep {deep:6.1f} ms; deep ÷ first {ratio:4.2f}"
                f" ({kept(ratio, DEEP_GOAL)}); ÷ shortest list {long:4.2f} ({kept(long, LONG_GOAL)})"
            )

    def _deep_cursor(self, sort: PeopleSort) -> str:
        """Behind three quarters of the list."""
        key = {
            PeopleSort.NAME: "p.username", PeopleSort.NAME_DOWN: "p.username", PeopleSort.NEWEST: "e.first_seq",
            PeopleSort.OLDEST: "e.first_seq",
        }.get(sort, "0::int")  # fmt: skip
        way = "desc" if sort in (PeopleSort.NAME_DOWN, PeopleSort.NEWEST, PeopleSort.YOUNGEST_ACCOUNT) else "asc"
        edges = EdgeList.objects.get(account=self.account, direction=Direction.FOLLOWERS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {key}, e.profile_id from edge_current e join accounts_profile p on p.id = e.profile_id"  # noqa: S608
                f" where e.list_id = %s order by 1 {way}, 2 {way} offset %s limit 1",
                [edges.pk, self.size * 3 // 4],
            )
            values = cursor.fetchone()
        return seal_cursor(f"people:{self.account.pk}:followers:{sort.value}:::", values or ())

    def _comparisons(self) -> None:
        for which in (PeopleList.MUTUALS, PeopleList.DONT_FOLLOW_BACK, PeopleList.FANS):
            for sort in (PeopleSort.NAME, PeopleSort.NEWEST):
                self._timed(f"{which.value}, {sort.value}", partial(self._page, which, sort=sort))
        self._timed("all counts of the tabs", lambda: people.counts(self.account))

    def _searches(self) -> None:
        for kind, patterns in (("rare", RARE), ("common", COMMON)):
            for sort in (PeopleSort.NAME, PeopleSort.NEWEST):
                self._search(f"search, {kind}, {sort.value}", patterns, sort)
        worst = max(quickest(partial(self._count, search=p), 3) for p in (*RARE, *COMMON))
        self._tell(f"  {'counts of searches':<32} worst {worst:6.1f} ms")

    def _search(self, name: str, patterns: tuple[str, ...], sort: PeopleSort) -> None:
        times = sorted(
            (quickest(partial(self._page, PeopleList.FOLLOWERS, search=pattern, sort=sort)), pattern)
            for pattern in patterns
        )
        p95, worst = times[len(times) * 95 // 100]
        self._tell(f"  {name:<32} p95 {p95:6.1f} ms ({kept(p95, SEARCH_GOAL)}); slowest for {worst!r}")

    def _filters(self) -> None:
        for standing in (Standing.NEW, Standing.LOST):
            self._timed(standing.value, partial(self._page, PeopleList.FOLLOWERS, standing=standing))
        for trait in Trait:
            self._timed(trait.value, partial(self._page, PeopleList.FOLLOWERS, traits=frozenset([trait])))

    def _changes(self) -> None:
        edges = EdgeList.objects.get(account=self.account, direction=Direction.FOLLOWERS)
        for since, until in ((2, 3), (1, 3)):
            for kind in (ChangeKind.NEW, ChangeKind.LOST, ChangeKind.RENAMED):
                page = diffing.changes(edges, kind, since=since, until=until)
                for _time in range(20):
                    deep = page.next or ""
                    page = diffing.changes(edges, kind, since=since, until=until, cursor=deep)
                for name, cursor in (("first", ""), ("deep", deep)):
                    taken = quickest(partial(diffing.changes, edges, kind, since=since, until=until, cursor=cursor))
                    title = f"{kind.value} between scans {since} and {until}, {name}"
                    self._tell(f"  {title:<40} {taken:6.1f} ms ({kept(taken, CHANGES_GOAL)})")

    def _page(self, which: PeopleList, **chosen: Any) -> Page[Any]:
        return people.people(self.account, which, limit=PAGE, **chosen)

    def _count(self, **chosen: Any) -> people.Count:
        return people.count(self.account, PeopleList.FOLLOWERS, **chosen)

    def _timed(self, name: str, call: Callable[[], Any]) -> None:
        self._tell(f"  {name:<32} {quickest(call):6.1f} ms")

    def _tell(self, line: str) -> None:
        self.stdout.write(line)


def fill(account: TrackedAccount) -> None:
    """What the job does, batch by batch."""
    for edges in search_text.behind(EdgeList.objects.filter(account=account)):
        place: search_text.Place | None = search_text.start(edges)
        while place is not None:
            last = place
            with transaction.atomic():
                search_text.lock()
                place = search_text.fill(last)
        search_text.finish(last)
    while search_text.renew():
        pass
    search_text.tidy()
