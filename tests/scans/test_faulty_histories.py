"""Two hundred seeded histories of an account: real churn, renames, closed accounts and returns underneath, and a fault
of Instagram in most of its scans. Nobody is ever confirmed as lost who is not, and three clean scans miss nobody.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts.gateway.errors import ContractDrift, NeedsLogin, Throttled, Transient
from accounts.gateway.results import PeoplePage
from scans.models import ChangeKind, ScanState
from tests.scans.world_of_people import World, fail_for_ever, fail_once
from tests.scans.world_reader import Reader

pytestmark = pytest.mark.django_db(transaction=True)
HISTORIES, GROUPS = 200, 20
FAULTY_SCANS = 4


class History:
    """One account's fate, drawn from a seed."""

    def __init__(self, patch: pytest.MonkeyPatch, seed: int) -> None:
        self.chance = random.Random(seed)
        size = self.chance.choice([12, 45, 90, 140])
        pool = range(1_000, 1_000 + size)
        # Up to 3 % of a list are counted and never shown: more than 5 %, and no reading is ever complete.
        hidden = set(self.chance.sample(pool, self.chance.choice([0, 0, size * 3 // 100])))
        self.world = World(list(pool), hidden=hidden, page_size=self.chance.choice([20, 37, 50]))
        self.reader = Reader(patch, self.world, is_loose=True)
        self.next_pk, self.left = 5_000, list[int]()
        self.ever_gone: set[int] = set()

    def churn(self) -> None:
        """A day: some come, some leave, some return, some take another name, some close or reopen their account."""
        chance, world = self.chance, self.world
        for pk in list(world.followers):
            fate = chance.random()
            if fate < 0.02:
                world.followers.remove(pk)
                self.left.append(pk)
            elif fate < 0.04:
                world.names[pk] = f"name{chance.randrange(10**6)}.{pk}"
            elif fate < 0.05:
                world.closed ^= {pk}
        for pk in list(self.left):
            if chance.random() < 0.2:
                self.left.remove(pk)
                world.followers.insert(0, pk)
        for _new in range(chance.randrange(4)):
            world.followers.insert(0, self.next_pk)
            self.next_pk += 1
        self.ever_gone |= self.gone()

    def gone(self) -> set[int]:
        """Whoever no longer follows, or whose account is closed."""
        return set(self.left) | self.world.closed

    def scan(self, fault: str) -> None:
        """One scan with this fault in it."""
        self.reader.world.before_page = self.reader.world.on_page = None
        FAULTS[fault](self)
        self.reader.scan()

    def confirmed(self) -> set[int]:
        """Whom the site calls lost for certain."""
        return self.reader.confirmed()


def _page(history: History) -> int:
    return history.chance.randrange(1 + len(history.world.followers) // history.world.page_size)


def _truncated(history: History) -> None:
    """The cursor ends early."""
    at = _page(history)
    history.world.on_page = lambda page, number: replace(page, next_cursor=None) if number >= at else page


def _duplicated(history: History) -> None:
    """Some of a page's people are those of the page before."""
    earlier: list[PeoplePage] = []

    def twice(page: PeoplePage, _number: int) -> PeoplePage:
        earlier.append(page)
        half = len(page.people) // 2
        return replace(page, people=earlier[-2].people[:half] + page.people[half:]) if len(earlier) > 1 else page

    history.world.on_page = twice


def _looping(history: History) -> None:
    """The cursor leads back to the beginning."""
    history.world.on_page = lambda page, _number: replace(page, next_cursor="0")


def _empty(history: History) -> None:
    """A count, and nobody; from some page on."""
    at = _page(history)
    nobody = PeoplePage((), None)
    history.world.on_page = lambda page, number: nobody if number >= at else page


def _limited(history: History) -> None:
    """Only so many people for this login."""
    history.world.on_page = lambda page, _number: replace(page, next_cursor=None, is_limited=True)


def _short(history: History) -> None:
    """Pages lack a few people, other ones each time."""
    chance = history.chance
    history.world.on_page = lambda page, _number: replace(
        page, people=tuple(person for person in page.people if chance.random() > 0.05)
    )


def _raising(error: type[Exception], *, is_lasting: bool) -> Callable[[History], None]:
    def fault(history: History) -> None:
        make = fail_for_ever if is_lasting else fail_once
        history.world.before_page = make(error(), _page(history))  # type: ignore[arg-type]

    return fault


FAULTS: dict[str, Callable[[History], None]] = {
    "none": lambda _history: None,
    "truncated": _truncated,
    "duplicated": _duplicated,
    "looping": _looping,
    "empty": _empty,
    "limited": _limited,
    "short": _short,
    "429": _raising(Throttled, is_lasting=False),
    "unreachable": _raising(Transient, is_lasting=False),
    "nonsense": _raising(ContractDrift, is_lasting=True),
    "logged out": _raising(NeedsLogin, is_lasting=True),
}


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_history_confirms_a_false_loss_and_three_clean_scans_miss_none(group: int, settings: Settings) -> None:
    settings.PACE_SCALE = 0
    for seed in range(group, HISTORIES, GROUPS):
        with pytest.MonkeyPatch.context() as patch:
            history = History(patch, seed)
            _live_through(history, seed)
            _go_on_while_accounts_are_suspended(history, seed)


def _live_through(history: History, seed: int) -> None:
    names = list(FAULTS)
    seen: set[int] = set()
    for _scan in range(FAULTY_SCANS):
        history.scan(history.chance.choice(names))
        seen |= history.reader.stored()
        false = history.confirmed() - history.ever_gone
        assert not false, f"seed {seed}: {sorted(false)} never left"
        history.churn()
    for _scan in range(3):
        history.scan("none")
    assert history.reader.stored() == set(history.world.listed()), seed
    assert history.confirmed() == seen & history.gone() - history.world.hidden, seed
    last = history.reader.edges.last_seq
    assert history.reader.changed(ChangeKind.NEW, last - 1) == [], seed
    newest = history.reader.edges.scans.order_by("-pk")[0]
    assert newest.state == ScanState.COMPLETE, newest.sentence


def _go_on_while_accounts_are_suspended(history: History, seed: int) -> None:
    """Clean scans with a day between each two, and each day somebody more who is counted and no longer shown."""
    history.churn()
    gone, known = history.gone(), history.reader.stored()
    for _scan in range(3):
        history.scan("none")
        newest = history.reader.edges.scans.order_by("-pk")[0]
        if newest.state != ScanState.COMPLETE:
            return  # too many at once, or a gap beyond what any reading may have: nothing may be said then
        gone &= history.gone()
        history.churn()
        history.world.hidden.add(history.chance.choice(history.world.listed()))
    assert gone & known <= history.confirmed() | history.world.hidden, seed
    assert not history.confirmed() - history.ever_gone - history.world.hidden, seed
