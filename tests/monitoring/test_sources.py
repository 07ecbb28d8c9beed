"""Whom a measurement is asked of: the chain of the workspace or of the account; nothing of a cache is ever written."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from accounts import answers, connect, logins, source_chains
from accounts.gateway import errors
from accounts.gateway.results import Profile
from accounts.models import Circuit, Part, Purpose, SourceHealth, SourceName
from accounts.source_health import PROBE
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from monitoring.models import Monitor, Outage
from tests.monitoring.watcher import SMALL, Watcher, rows

WEB, LOGIN = SourceName.WEB, SourceName.LOGIN
BY_LOGIN, ON_THE_WEB = "usernameinfo", "web_profile_info"
HOUR = timedelta(hours=1)


def chain(watcher: Watcher, *names: SourceName, purpose: Purpose = Purpose.PROFILE) -> None:
    source_chains.choose(
        workspace=watcher.instagram.workspace, purpose=purpose, sources=names, by=None, now=watcher.now()
    )


def test_the_chain_of_the_workspace_says_who_measures(watcher: Watcher) -> None:
    chain(watcher, WEB, LOGIN)
    asked = len(watcher.instagram.log(BY_LOGIN))
    monitor = watcher.watch()
    watcher.work()
    monitor.refresh_from_db()
    assert monitor.facts["source"] == WEB
    assert len(rows(monitor)) == 1
    assert len(watcher.instagram.log(BY_LOGIN)) == asked
    watcher.instagram.fault(path=ON_THE_WEB, kind="429", count=-1)
    watcher.pass_time(HOUR)
    watcher.work()
    monitor.refresh_from_db()
    assert (monitor.facts["source"], monitor.revision, monitor.trouble) == (LOGIN, 2, "")


def test_a_login_that_cools_down_is_passed_over_where_somebody_stands_behind_it(watcher: Watcher) -> None:
    chain(watcher, LOGIN, WEB)
    monitor = watcher.watch()
    watcher.instagram.fault(path=BY_LOGIN, kind="429", count=-1)
    watcher.work()
    monitor.refresh_from_db()
    assert (monitor.facts["source"], monitor.revision) == (WEB, 1)
    watcher.login.refresh_from_db()
    assert watcher.login.reads_resume_at is not None
    watcher.pass_time(timedelta(minutes=1))
    asked = len(watcher.instagram.log(BY_LOGIN))
    other = watcher.watch("@la.cocina.verde")
    watcher.minute()
    watcher.work()
    assert Monitor.objects.get(pk=other.pk).facts["source"] == WEB
    assert len(watcher.instagram.log(BY_LOGIN)) == asked


def test_a_workspace_without_a_login_measures_by_the_web_if_it_chose_that(watcher: Watcher) -> None:
    logins.remove(login=watcher.login, by=None, now=watcher.now())
    monitor = watcher.watch()
    watcher.minute()
    watcher.work()
    assert rows(monitor) == []
    assert Outage.objects.get(until=None).code == "no_login"
    chain(watcher, WEB)
    watcher.pass_time(HOUR)
    watcher.minute()
    watcher.work()
    assert len(rows(monitor)) == 1
    assert not Outage.objects.filter(until=None).exists()
    assert watcher.job().params == {"login": None}


def test_with_a_login_the_job_without_one_ends(watcher: Watcher) -> None:
    chain(watcher, WEB, LOGIN)
    watcher.watch()
    Job.objects.all().delete()
    job = runner.enqueue(
        "monitoring.read", workspace=watcher.instagram.workspace, params={"login": None}, due_at=watcher.now()
    )
    runner.run_step(job.pk, clock=watcher.instagram.clock)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_what_no_source_answers_waits_alone(watcher: Watcher) -> None:
    chain(watcher, SourceName.META)  # there is no key for it
    monitor = watcher.watch()
    code = watcher.posts_of()[0]
    post = watcher.watch(f"https://www.instagram.com/p/{code}/")
    watcher.work()
    assert Monitor.objects.get(pk=monitor.pk).trouble_code == "not_ready"
    assert rows(monitor) == []
    assert len(rows(post)) == 1
    assert watcher.job().is_open


def test_nonsense_again_and_again_lets_the_source_be_looked_at_for_everybody(watcher: Watcher) -> None:
    for name in (SMALL, "la.cocina.verde", "northwind_run"):
        watcher.watch(f"@{name}")
    watcher.instagram.fault(path=BY_LOGIN, kind="missing_field", field_name="pk", count=-1)
    watcher.work()
    health = SourceHealth.objects.get(source=LOGIN)
    assert Job.objects.filter(kind=PROBE).exists()
    assert watcher.job().state == JobState.WAITING
    assert health.waits.filter(job_uuid=watcher.job().uuid).exists()
    assert Outage.objects.get(until=None).code == errors.ContractDrift.code
    assert all(rows(monitor) == [] for monitor in Monitor.objects.all())


def test_a_stale_answer_is_shown_as_such_and_never_written(watcher: Watcher, client: Client) -> None:
    watcher.instagram.clock.time -= 3 * HOUR  # pages go by the wall clock
    monitor = watcher.watch()
    watcher.work()
    seen = Profile(pk=monitor.profile_id or 7, username=SMALL, followers_count=987_654)
    watcher.pass_time(2 * HOUR)
    answers.keep(watcher.instagram.workspace, seen, WEB, now=watcher.now() - HOUR)
    connect.after_error(watcher.login, errors.NeedsPerson(), now=watcher.now())
    watcher.minute()
    watcher.work()
    client.force_login(watcher.instagram.person)
    page = client.get(f"/monitoring/{monitor.uuid}/").content.decode()
    assert "987,654" in page
    assert "stale" in page
    assert len(rows(monitor)) == 1
    assert rows(monitor)[0].counts["followers"] != 987_654
    told = client.get(f"/api/v1/instagram/influencer_monitor/user_history/{SMALL}").json()["data"]
    assert all(point["follower_count"] != 987_654 for point in told["history"])


def test_odd_answers_of_targets_while_the_source_was_just_found_sound_stop_nothing(watcher: Watcher) -> None:
    clear = {"state": Circuit.CLOSED, "since": watcher.now(), "cleared_at": watcher.now()}
    SourceHealth.objects.update_or_create(source=LOGIN, part=Part.PROFILE, defaults=clear)
    names = (SMALL, "la.cocina.verde", "northwind_run", "aurora.studio")
    for name in names:
        watcher.watch(f"@{name}")
    watcher.instagram.fault(path=BY_LOGIN, kind="missing_field", field_name="pk", count=-1)
    watcher.work()
    assert (watcher.job().error, watcher.job().cursor["waits_for"]) == ("", "due")
    assert set(Monitor.objects.values_list("trouble_code", flat=True)) == {errors.ContractDrift.code}
