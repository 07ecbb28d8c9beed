"""Budgets, counted where it matters: in the SIMULATOR's log, in simulated time, against brute force.

Several workers ask at once, crash before and after they send, and their clocks differ and are set back. What no program
can tell from time that passed is a clock that is set forward: that one is believed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pytest_django import Settings

from accounts import connect, logins, pace
from accounts.models import InstagramLogin, SourceCall, Workspace
from accounts.usage import Ledger
from tests.accounts.instagram import Instagram

pytestmark = pytest.mark.django_db(transaction=True)
#: Seconds by which the clocks of two workers may differ; half of the windows' slack, each way.
SKEW = st.integers(-25, 25)


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


class Workers(RuleBasedStateMachine):
    """Workers that read with one login. ``true_time`` is the simulator's; the site's clock may be behind it."""

    instagram: Instagram
    login: InstagramLogin

    @initialize(per_hour=st.integers(1, 5), per_day=st.integers(3, 12))
    def begin(self, per_hour: int, per_day: int) -> None:
        SourceCall.objects.all().delete()
        InstagramLogin.objects.filter(pk=self.login.pk).update(next_read_at=None)
        logins.set_pace(
            login=self.login, reads_per_hour=per_hour, reads_per_day=per_day, pause_min=1, pause_max=1, by=None,
            now=self.instagram.clock(),
        )  # fmt: skip
        self.per_hour, self.per_day, self.behind = per_hour, per_day, timedelta(0)
        self.first_entry = max((entry["id"] for entry in self.instagram.log()), default=0) + 1

    @property
    def true_time(self) -> datetime:
        return datetime.fromisoformat(self.instagram.simulator.control("clock")["now"])

    def clock_of(self, skew: int) -> Callable[[], datetime]:
        """A worker's clock: it stands still while it works."""
        moment = self.true_time - self.behind + timedelta(seconds=skew)
        return lambda: moment

    @rule(seconds=st.one_of(st.integers(0, 90), st.integers(0, 4_000), st.integers(0, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self.instagram.simulator.control("clock", {"advance_seconds": seconds})

    @rule(seconds=st.integers(1, 7_200))
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.behind += timedelta(seconds=seconds)

    @rule(skew=SKEW)
    def somebody_reads(self, skew: int) -> None:
        self.read(skew)

    @rule()
    def somebody_waits_as_told_and_reads(self) -> None:
        try:
            self.ask(0)
        except connect.MustWait as wait:
            missing = wait.until - (self.true_time - self.behind)
            self.time_passes(int(missing.total_seconds()) + 1)
            self.ask(0)  # what was promised holds

    @rule(skews=st.lists(SKEW, min_size=2, max_size=4))
    def several_read_at_once(self, skews: list[int]) -> None:
        barrier = threading.Barrier(len(skews))

        def work(skew: int) -> None:
            barrier.wait()
            try:
                self.read(skew)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(skew,)) for skew in skews]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @rule(skew=SKEW)
    def somebody_dies_before_sending(self, skew: int) -> None:
        clock = self.clock_of(skew)
        ledger = Ledger(login_id=self.login.pk, workspace_id=self.login.workspace_id, source="test", clock=clock)
        ledger.reserve("users/*/info", now=clock())

    @rule(skew=SKEW)
    def somebody_dies_after_sending(self, skew: int) -> None:
        try:
            gateway = connect.gateway_for(self.login, clock=self.clock_of(skew))
        except connect.MustWait:
            return
        try:
            gateway.profile(self.login.profile_id or 0)
        except connect.MustWait:
            pass
        finally:
            gateway._inner.close()  # nothing is written down any more: its answer is lost with it

    def read(self, skew: int) -> None:
        with contextlib.suppress(connect.MustWait):
            self.ask(skew)

    def ask(self, skew: int) -> None:
        login = InstagramLogin.objects.get(pk=self.login.pk)
        with connect.gateway_for(login, clock=self.clock_of(skew)) as gateway:
            gateway.profile(self.login.profile_id or 0)

    @invariant()
    def no_window_is_over_its_limit_in_the_simulators_log(self) -> None:
        if not hasattr(self, "first_entry"):
            return
        sent = sorted(entry["sim_at"] for entry in self.instagram.log("users/") if entry["id"] >= self.first_entry)
        for window, limit in ((pace.HOUR, self.per_hour), (pace.DAY, self.per_day)):
            length = window.total_seconds()
            fullest = max((sum(start <= at < start + length for at in sent) for start in sent), default=0)
            assert fullest <= limit, f"{fullest} in {window}, allowed: {limit}"


def test_no_sliding_window_is_over_its_limit_whoever_asks_crashes_or_sets_clocks(
    instagram: Instagram, settings: Settings
) -> None:
    login = instagram.ready()
    settings.PACE_SCALE = 1

    class Here(Workers):
        pass

    Here.instagram, Here.login = instagram, login
    InstagramLogin.objects.update(ready_since=datetime(2020, 1, 1, tzinfo=UTC))
    bounded = hypothesis_settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),  # threads do not fail twice alike: a smaller example would be none
    )
    run_state_machine_as_test(Here, settings=bounded)
