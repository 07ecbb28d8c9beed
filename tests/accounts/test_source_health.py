"""The circuit breaker: one odd answer accuses nobody, a probe decides, everybody waits, and it closes by itself."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from accounts import connect, pace, source_chains, source_health, sources, tracking
from accounts.gateway import errors
from accounts.gateway.abilities import Ability
from accounts.models import (
    Circuit,
    InstagramLogin,
    Part,
    Purpose,
    SourceCall,
    SourceHealth,
    SourceName,
    SourceWait,
    Workspace,
)
from igsite.jobs.kinds import Wait
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline
from tests.accounts.instagram import Instagram
from tests.accounts.working_off import is_probing, probe, work_off, work_until_waiting

pytestmark = pytest.mark.django_db(transaction=True)
EVERYBODY = r"users/[^/]+/usernameinfo"
ONE = r"users/tiny\.pottery/usernameinfo"
LOGIN = SourceName.LOGIN


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


def look_up(instagram: Instagram, name: str = "tiny.pottery") -> Job:
    """A look-up that was ordered."""
    account = tracking.track(workspace=instagram.workspace, account=name, by=None, now=instagram.clock())
    return Job.objects.open().get(kind=tracking.RESOLVE, params__account=str(account.pk))


def the_health() -> SourceHealth:
    return SourceHealth.objects.get()


def break_it(instagram: Instagram) -> Job:
    """Every profile is nonsense; the job that met it first waits."""
    instagram.fault(path=EVERYBODY, kind="html", count=-1)
    job = work_until_waiting(look_up(instagram), instagram.clock)
    assert the_health().state == Circuit.BROKEN
    return job


def mend(instagram: Instagram) -> None:
    instagram.simulator.control("faults", method="DELETE")


def test_nonsense_about_one_account_does_not_accuse_the_source(instagram: Instagram) -> None:
    instagram.ready()
    instagram.fault(path=ONE, kind="html", count=-1)
    job = work_off(look_up(instagram), instagram.clock)
    assert (job.state, job.error_code) == (JobState.FAILED, "contract_drift")
    assert the_health().state == Circuit.CLOSED
    assert the_health().cleared_at is not None


def test_nonsense_about_everybody_breaks_the_source_for_everybody_and_jobs_wait(instagram: Instagram) -> None:
    instagram.ready()
    job = break_it(instagram)
    assert job.state == JobState.WAITING
    assert "broken for everybody since" in job.message
    assert source_health.waiting_count(the_health()) == 1
    sent = len(instagram.log())
    other = work_until_waiting(look_up(instagram, "northwind_run"), instagram.clock)
    assert (other.state, source_health.waiting_count(the_health())) == (JobState.WAITING, 2)
    assert len(instagram.log()) == sent  # whoever comes now asks nothing


def test_it_is_tried_again_by_itself_and_those_who_wait_go_on(instagram: Instagram) -> None:
    instagram.ready()
    job = break_it(instagram)
    other = work_until_waiting(look_up(instagram, "northwind_run"), instagram.clock)
    mend(instagram)
    health = the_health()
    assert health.probe_at is not None
    source_health.look_at_due(health.probe_at - timedelta(seconds=1))
    assert not Job.objects.open().filter(kind=source_health.PROBE).exists()
    instagram.clock.move_to(health.probe_at)
    source_health.look_at_due(instagram.clock())
    assert is_probing()
    work_off(other, instagram.clock)
    assert the_health().state == Circuit.CLOSED
    assert not SourceWait.objects.exists()
    assert [work_off(each, instagram.clock).state for each in (job, other)] == [JobState.DONE, JobState.DONE]


@pytest.mark.parametrize("part", [Part.FOLLOWERS, Part.COMMENTS])
def test_a_probe_of_several_reads_goes_on_after_the_pauses_of_its_login(
    instagram: Instagram, settings: Settings, part: Part
) -> None:
    login, now = instagram.ready(), instagram.clock()
    settings.PACE_SCALE = 1
    broken = SourceHealth.objects.create(
        source=LOGIN, part=part, state=Circuit.BROKEN, since=now, probe_at=now, asked_for=instagram.workspace,
        login=login,
    )  # fmt: skip
    sent = len(instagram.log())
    source_health.look_at_due(now)
    work_off(Job.objects.get(kind=source_health.PROBE), instagram.clock)
    broken.refresh_from_db()
    assert broken.state == Circuit.CLOSED
    assert len(instagram.log()) - sent == (2 if part == Part.FOLLOWERS else 3)


def test_a_source_that_stays_broken_is_tried_less_and_less_often(instagram: Instagram) -> None:
    instagram.ready()
    job = break_it(instagram)
    since, pauses = the_health().since, []
    for _time in range(9):
        health = the_health()
        assert health.probe_at is not None
        instagram.clock.move_to(health.probe_at)
        source_health.look_at_due(instagram.clock())
        probe(job, instagram.clock)
        after = the_health()
        assert after.probe_at is not None
        pauses.append(after.probe_at - instagram.clock())
    assert pauses == sorted(pauses)
    assert pauses[0] <= timedelta(minutes=11)
    assert pauses[-1] == source_health.PROBE_LONGEST
    assert the_health().since == since


def test_twenty_who_ask_at_once_start_one_probe(instagram: Instagram) -> None:
    instagram.ready()
    break_it(instagram)
    health = the_health()
    assert health.probe_at is not None
    moment = health.probe_at + timedelta(seconds=1)

    def ask() -> None:
        try:
            source_health.look_at_due(moment)
            source_health.try_again(LOGIN, Part.PROFILE, workspace=instagram.workspace, by=None, now=moment)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _each in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.open().filter(kind=source_health.PROBE).count() == 1


def test_a_person_has_it_tried_at_once(instagram: Instagram) -> None:
    instagram.ready()
    job = break_it(instagram)
    mend(instagram)
    source_health.try_again(
        LOGIN, Part.PROFILE, workspace=instagram.workspace, by=instagram.person, now=instagram.clock()
    )
    run_inline(Job.objects.open().get(kind=source_health.PROBE), clock=instagram.clock)
    assert the_health().state == Circuit.CLOSED
    assert work_off(job, instagram.clock).state == JobState.DONE


def test_only_the_broken_part_rests(instagram: Instagram) -> None:
    login = instagram.ready()
    break_it(instagram)
    with connect.gateway_for(login, clock=instagram.clock) as gateway:
        assert gateway.probe_session().username == "demo_creator"
        with pytest.raises(connect.SourceBroken) as broken:
            gateway.profile_by_username("northwind_run")
    assert isinstance(broken.value.outcome(instagram.clock()), Wait)
    assert source_health.trouble(LOGIN, Ability.FOLLOWERS, now=instagram.clock()) is None


def test_a_chain_goes_past_what_is_broken(instagram: Instagram) -> None:
    instagram.ready()
    break_it(instagram)
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PROFILE, sources=[LOGIN, SourceName.WEB], by=None,
        now=instagram.clock(),
    )  # fmt: skip
    answer = sources.read_profile(instagram.workspace, username="tiny.pottery", clock=instagram.clock)
    assert answer.source == SourceName.WEB
    assert "broken for everybody" in answer.passed[0].why


def test_a_probe_that_cannot_be_made_accuses_nobody(instagram: Instagram) -> None:
    login = instagram.ready()
    instagram.fault(path=ONE, kind="html", count=-1)
    instagram.fault(path=r"users/megastar\.official/usernameinfo", kind="login_required", count=-1)
    job = work_off(look_up(instagram), instagram.clock)
    assert the_health().state == Circuit.CLOSED
    assert not job.is_open or job.state == JobState.BLOCKED
    login.refresh_from_db()
    assert login.status == "needs_login"


def test_what_is_broken_and_has_nobody_to_be_probed_with_stays_broken_and_is_looked_at_later(
    instagram: Instagram,
) -> None:
    instagram.ready()
    break_it(instagram)
    InstagramLogin.objects.update(status="removed")
    SourceHealth.objects.update(login=None, asked_for=None)
    health = the_health()
    assert health.probe_at is not None
    source_health.look_at_due(health.probe_at)
    assert (the_health().state, Job.objects.open().filter(kind=source_health.PROBE).count()) == (Circuit.BROKEN, 0)
    assert the_health().probe_at > health.probe_at  # type: ignore[operator]


def test_the_dead_lists_of_the_web_are_found_out(instagram: Instagram) -> None:
    instagram.simulator.control("web", {"lists": "dead"})
    reader = sources.reader_of(instagram.workspace, SourceName.WEB)
    with reader.open(instagram.clock) as gateway:
        profile = gateway.profile_by_username("northwind_run")
        with pytest.raises(errors.ContractDrift) as drift:
            gateway.followers(profile.pk)
    trouble = source_health.report(
        SourceName.WEB, drift.value.asked, str(drift.value), reader.witness, now=instagram.clock()
    )
    assert trouble is not None
    run_inline(Job.objects.open().get(kind=source_health.PROBE), clock=instagram.clock)
    assert (the_health().part, the_health().state) == (Part.FOLLOWERS, Circuit.BROKEN)


def ready_elsewhere(instagram: Instagram) -> None:
    """Another workspace has a login of its own."""
    here = instagram.workspace
    instagram.workspace = Workspace.objects.create(name="Elsewhere")
    instagram.ready()
    instagram.workspace = here


def test_what_one_workspaces_login_alone_meets_accuses_no_source(instagram: Instagram) -> None:
    instagram.ready()
    ready_elsewhere(instagram)
    instagram.fault(path=EVERYBODY, kind="html", count=2)  # the job's own read, and its login's probe
    work_off(look_up(instagram), instagram.clock)
    assert (the_health().state, the_health().probes) == (Circuit.CLOSED, 0)


def test_what_the_login_of_another_workspace_meets_too_is_broken_for_everybody(instagram: Instagram) -> None:
    instagram.ready()
    ready_elsewhere(instagram)
    assert break_it(instagram).state == JobState.WAITING
    askers = {call.login_id for call in SourceCall.objects.filter(endpoint="users/*/usernameinfo")}
    assert len(askers) == 2
    lanes = set(Job.objects.filter(kind=source_health.PROBE).values_list("lane", flat=True))
    assert lanes == {pace.lane(login.pk) for login in InstagramLogin.objects.all()}, "each in the lane of its login"
