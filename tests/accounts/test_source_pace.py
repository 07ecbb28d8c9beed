"""One request under way for each access without a login, and a pause from its answer on; by the simulator's log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts import source_chains, source_gateway, source_health, source_pace, sources
from accounts.gateway import errors
from accounts.models import Purpose, SourceAccess, SourceCall, SourceName, Workspace
from tests.accounts.instagram import Instagram

pytestmark = pytest.mark.django_db(transaction=True)
NAME, ON_THE_WEB = "tiny.pottery", "web_profile_info"
SLOW = timedelta(seconds=20)


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


@pytest.fixture
def elsewhere(instagram: Instagram, settings: Settings) -> Workspace:
    """Another workspace that reads the web, at a pace as in production."""
    settings.PACE_SCALE = 1
    found = Workspace.objects.create(name="Elsewhere")
    source_chains.choose(
        workspace=found, purpose=Purpose.PROFILE, sources=[SourceName.WEB], by=None, now=instagram.clock()
    )
    return found


@pytest.fixture
def access(instagram: Instagram) -> SourceAccess:
    found = source_health.access_of(instagram.workspace, SourceName.WEB)
    assert found is not None
    return found


def ask(instagram: Instagram, workspace: Workspace) -> sources.Passed | None:
    """Why the web did not answer this workspace; None: it did."""
    try:
        sources.read_profile(workspace, username=NAME, clock=instagram.clock)
    except sources.NoAnswer as none:
        return none.passed[0]
    return None


def read_slowly(instagram: Instagram, access: SourceAccess, meanwhile: Callable[[], Any]) -> None:
    """A read whose answer takes longer than any pause; ``meanwhile`` happens before it is there."""
    with source_gateway.opened(access, instagram.workspace, clock=instagram.clock) as gateway:
        answer = gateway._inner.profile_by_username

        def slow(username: str) -> Any:
            try:
                return answer(username)
            finally:
                instagram.clock.move(SLOW)
                meanwhile()

        gateway._inner.profile_by_username = slow  # type: ignore[method-assign]
        gateway.profile_by_username(NAME)


def test_nobody_asks_while_an_answer_is_on_its_way_and_the_pause_counts_from_it(
    instagram: Instagram, access: SourceAccess, elsewhere: Workspace
) -> None:
    refused: list[sources.Passed | None] = []
    read_slowly(instagram, access, lambda: refused.append(ask(instagram, elsewhere)))
    assert [one is not None and "under way" in one.why for one in refused] == [True]
    answered_at = instagram.clock()
    pause = ask(instagram, elsewhere)
    assert pause is not None
    assert pause.until is not None
    shortest, longest = source_pace.RHYTHMS[SourceName.WEB].pause
    assert shortest <= (pause.until - answered_at).total_seconds() <= longest
    assert len(instagram.log(ON_THE_WEB)) == 1
    instagram.clock.move_to(pause.until)
    assert ask(instagram, elsewhere) is None
    assert len(instagram.log(ON_THE_WEB)) == 2


def test_a_refusal_ends_the_turn_as_an_answer_does(
    instagram: Instagram, access: SourceAccess, elsewhere: Workspace
) -> None:
    instagram.fault(path=ON_THE_WEB, kind="5xx", count=1)
    with pytest.raises(errors.Transient):
        read_slowly(instagram, access, lambda: None)
    assert SourceCall.objects.get().outcome == "transient"
    instagram.clock.move(timedelta(seconds=source_pace.RHYTHMS[SourceName.WEB].pause[1]))
    assert ask(instagram, elsewhere) is None


def test_a_worker_that_died_with_its_request_holds_the_source_up_for_a_while_only(
    instagram: Instagram, access: SourceAccess, elsewhere: Workspace
) -> None:
    ledger = source_pace.AccessLedger(access, instagram.workspace, instagram.clock)
    assert ledger.reserve("users/*/usernameinfo", now=instagram.clock()) is None
    instagram.clock.move(source_pace.LONGEST - timedelta(seconds=1))
    held = ask(instagram, elsewhere)
    assert held is not None
    assert "under way" in held.why
    assert instagram.log(ON_THE_WEB) == []
    instagram.clock.move(timedelta(seconds=1))
    assert ask(instagram, elsewhere) is None


def test_what_was_reserved_and_not_sent_holds_nobody_up(
    instagram: Instagram, access: SourceAccess, elsewhere: Workspace
) -> None:
    ledger = source_pace.AccessLedger(access, instagram.workspace, instagram.clock)
    assert ledger.reserve("runs/followers", now=instagram.clock()) is None
    ledger.done()
    assert SourceCall.objects.get().outcome == source_pace.NOT_SENT
    instagram.clock.move(timedelta(seconds=source_pace.RHYTHMS[SourceName.WEB].pause[1]))
    assert ask(instagram, elsewhere) is None


def test_keys_of_two_workspaces_do_not_wait_for_each_other(instagram: Instagram, elsewhere: Workspace) -> None:
    mine = SourceAccess.objects.create(workspace=instagram.workspace, source=SourceName.TIKHUB)
    theirs = SourceAccess.objects.create(workspace=elsewhere, source=SourceName.TIKHUB)
    ledgers = [source_pace.AccessLedger(one, one.workspace or elsewhere, instagram.clock) for one in (mine, theirs)]
    assert [ledger.reserve("users/*/info", now=instagram.clock()) for ledger in ledgers] == [None, None]
