"""``manage.py bench merge``: what a merge costs beside the floor, one COPY of the same rows into an unlogged table.

Everything in one run on one database: compare the ratios, not the seconds. On a busy machine the ratio of the CPU time
of the database process says more than that of the clock. The bench makes a workspace of its own and
deletes it with all its people afterwards. ``IGSITE_BENCH_SIZES`` names other sizes, such as ``5000000``;
``IGSITE_BENCH_CROWDED`` the longest list that is measured again with twelve times as many people stored.
"""

from __future__ import annotations

import os
from typing import Final, TextIO

from accounts.models import TrackedAccount
from benchmarks.lists_parts import crowds
from benchmarks.lists_parts.crowds import Case
from benchmarks.lists_parts.timing import kept, machine, sizes

#: Merge ÷ floor; at five million the churned one.
GOALS: Final = {"first": 8.0, "no change": 1.2, "0.5 % churn": 1.5, "10 % churn": 3.5}
GOAL_AT_5M: Final = 1.9
CROWDED_GOAL: Final = 1.5
WAL_GOAL: Final = 0.1


def main(stdout: TextIO) -> None:
    """Measure and print."""
    stdout.write(machine())
    for size in sizes():
        with crowds.account() as account:
            _measure(stdout, account, size)


def _measure(stdout: TextIO, account: TrackedAccount, size: int) -> None:
    half, tenth = size // 200, size // 10
    cases = (
        Case("first", 1, size),
        Case("no change", 1, size),
        Case("0.5 % churn", 1 + half, size + half, 200),
        Case("10 % churn", 1 + half + tenth, size + half + tenth, 200),
    )
    floor, floor_cpu = crowds.floor(size)
    stdout.write(f"{size:,} people; floor (COPY into an unlogged table): {floor:.2f} s = 1.0")
    for case in cases:
        measured = crowds.scan(account, case)
        ratio, goal = measured.seconds / floor, _goal(case.name, size)
        busy = f", by CPU {measured.cpu / floor_cpu:5.2f}" if measured.cpu is not None and floor_cpu else ""
        told = f"{measured.seconds:7.2f} s  ÷ floor {ratio:5.2f}{busy}"
        stdout.write(f"  {case.name:<12} {told}  ({kept(ratio, goal)})")
        if case.name == "first":
            behind = measured.behind / floor
            stdout.write(f"  {'':<12} then, behind its commit (names, statistics): ÷ floor {behind:5.2f}")
        if case.name == "no change":
            wal, growth = measured.wal / size, measured.growth / size
            stdout.write(f"  {'':<12} per unchanged edge: {wal:.4f} B of WAL ({kept(wal, WAL_GOAL)})")
            stdout.write(f"  {'':<12} per unchanged edge: {growth:.4f} B of table ({kept(growth, 0)})")
    if size <= int(os.environ.get("IGSITE_BENCH_CROWDED", "100000")):
        _crowded(stdout, account, size, cases[-1])


def _goal(name: str, size: int) -> float:
    return GOAL_AT_5M if name == "0.5 % churn" and size >= 5_000_000 else GOALS[name]


def _crowded(stdout: TextIO, account: TrackedAccount, size: int, last: Case) -> None:
    """The same merge twice: with the list's people stored, and with twelve times as many."""
    step = size // 200
    moved = [Case("", last.start + step * n, last.stop + step * n, 200 + n) for n in (1, 2, 3, 4)]
    few = [crowds.scan(account, case) for case in moved[:2]]
    crowds.store_strangers(size * 11, behind=last.stop + size)
    many = [crowds.scan(account, case) for case in moved[2:]]
    ratio = min(one.seconds for one in many) / min(one.seconds for one in few)
    busy = min(one.cpu or 0.0 for one in many) / (min(one.cpu or 0.0 for one in few) or 1.0)
    told = f"{ratio:5.2f}, by CPU {busy:5.2f}"
    stdout.write(f"  with {size * 12:,} people stored ÷ with {size:,}: {told}  ({kept(ratio, CROWDED_GOAL)})")
