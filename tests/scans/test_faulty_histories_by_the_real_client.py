"""Ten of the histories once more by the real client against the simulator, whose churn is the truth underneath."""

from __future__ import annotations

import random

import pytest

from scans.models import ScanState
from scans.person_rows import fetch
from tests.scans.scanner import Scanner, edges_of, stored
from tests.scans.test_scan_faults import LASTING, PASSING, the_list

NAME = "northwind_run"
FAULTS = [*PASSING.values(), *(what for what, _reason in LASTING.values())]


def confirmed(scanner_list: int) -> set[int]:
    """Whoever is lost for certain now."""
    sql = "select profile_id from edge_past where list_id = %s and confirmed_seq is not null"
    current = {row[0] for row in fetch("select profile_id from edge_current where list_id = %s", [scanner_list])}
    return {row[0] for row in fetch(sql, [scanner_list])} - current


@pytest.mark.parametrize("seed", range(10))
def test_a_history_confirms_nobody_who_follows_and_misses_nobody_after_three_clean_scans(
    scanner: Scanner, seed: int
) -> None:
    chance = random.Random(seed)
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    seen, always_there = stored(tracked), scanner.truth(NAME)
    for _scan in range(2):
        scanner.advance(days=chance.randrange(1, 6))
        always_there &= scanner.truth(NAME)
        scanner.instagram.fault(
            path=the_list(scanner), **({"after_pages": chance.randrange(4)} | chance.choice(FAULTS))
        )
        scanner.scan(tracked)
        seen |= stored(tracked)
        assert not confirmed(edges_of(tracked).pk) & always_there
        scanner.instagram.simulator.control("faults", method="DELETE")
        scanner.login_again()
    clean = [scanner.scan(tracked).state for _scan in range(3)]
    assert clean[-1] == ScanState.COMPLETE
    truth = scanner.truth(NAME)
    assert stored(tracked) == truth
    assert confirmed(edges_of(tracked).pk) == seen - truth
