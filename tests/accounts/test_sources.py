"""Chains of sources: who is asked, in which order, who is passed over and why, and whose word ends the walk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import answers, connect, logins, source_chains, sources, tracking
from accounts.gateway import errors
from accounts.gateway.abilities import Ability
from accounts.gateway.results import Profile
from accounts.models import InstagramLogin, Purpose, SourceAccess, SourceAnswer, SourceName, TrackedAccount, Workspace
from igsite.jobs.kinds import Blocked, Wait
from igsite.jobs.models import Job, JobState
from tests.accounts.instagram import Instagram
from tests.accounts.working_off import work_off

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "tiny.pottery"
BY_LOGIN, ON_THE_WEB = "usernameinfo", "web_profile_info"
WEB, LOGIN = SourceName.WEB, SourceName.LOGIN


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


def chain(instagram: Instagram, *names: SourceName, account: TrackedAccount | None = None) -> None:
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PROFILE, sources=names, by=instagram.person,
        now=instagram.clock(), account=account,
    )  # fmt: skip


def look(instagram: Instagram, name: str = NAME, account: TrackedAccount | None = None) -> sources.Answer[Profile]:
    return sources.read_profile(instagram.workspace, username=name, account=account, clock=instagram.clock)


def test_without_a_choice_only_the_workspaces_own_login_is_asked(instagram: Instagram) -> None:
    instagram.ready()
    assert look(instagram).source == LOGIN
    assert instagram.log(ON_THE_WEB) == []


def test_without_any_login_nobody_is_asked_and_the_person_is_told(instagram: Instagram) -> None:
    with pytest.raises(sources.NoAnswer) as none:
        look(instagram)
    outcome = none.value.outcome(instagram.clock())
    assert isinstance(outcome, Blocked)
    assert "/settings/logins/" in outcome.url
    assert instagram.log() == []


def test_the_web_answers_first_where_it_stands_first_and_the_login_is_spared(instagram: Instagram) -> None:
    instagram.ready()
    chain(instagram, WEB, LOGIN)
    before = len(instagram.log(BY_LOGIN))
    answer = look(instagram)
    assert (answer.source, answer.passed) == (WEB, ())
    assert len(instagram.log(BY_LOGIN)) == before


@pytest.mark.parametrize("fault", ["429", "5xx", "reset", "html", "login_required"])
def test_a_source_that_refuses_is_passed_over_and_the_next_one_answers(instagram: Instagram, fault: str) -> None:
    instagram.ready()
    chain(instagram, WEB, LOGIN)
    instagram.fault(path=ON_THE_WEB, kind=fault, count=-1)
    answer = look(instagram)
    assert answer.source == LOGIN
    assert [one.source for one in answer.passed] == [WEB]
    assert answer.passed[0].why


def test_a_throttled_source_rests_and_is_not_asked_again_meanwhile(instagram: Instagram) -> None:
    instagram.ready()
    chain(instagram, WEB, LOGIN)
    instagram.fault(path=ON_THE_WEB, kind="429")
    assert [look(instagram).source for _time in range(3)] == [LOGIN] * 3
    assert len(instagram.log(ON_THE_WEB)) == 1
    instagram.clock.move(timedelta(minutes=16))
    assert look(instagram).source == WEB


def test_not_found_by_a_source_that_can_tell_ends_the_walk(instagram: Instagram) -> None:
    instagram.ready()
    chain(instagram, WEB, LOGIN)
    with pytest.raises(errors.Gone) as gone:
        look(instagram, "nobody.bears.this.name")
    assert gone.value.said_by == WEB
    assert len(instagram.log(ON_THE_WEB)) == 1
    assert [entry for entry in instagram.log(BY_LOGIN) if "nobody" in entry["path"]] == []


def test_when_all_refuse_the_job_waits_for_the_first_that_may_be_asked_again(instagram: Instagram) -> None:
    instagram.ready()
    chain(instagram, WEB, LOGIN)
    instagram.fault(path=ON_THE_WEB, kind="429", count=-1)
    instagram.fault(path=BY_LOGIN, kind="5xx", count=-1)
    with pytest.raises(sources.NoAnswer) as none:
        look(instagram)
    assert {one.source for one in none.value.passed} == {WEB, LOGIN}
    outcome = none.value.outcome(instagram.clock())
    until = outcome.until if isinstance(outcome, Wait) else instagram.clock() + outcome.after  # type: ignore[union-attr]
    assert until - instagram.clock() < timedelta(minutes=5)


def test_an_account_that_no_login_may_read_is_read_by_the_others(instagram: Instagram) -> None:
    instagram.ready()
    account = TrackedAccount.objects.create(workspace=instagram.workspace, username=NAME)
    chain(instagram, LOGIN, WEB)
    source_chains.use_login(account=account, uses_login=False, by=instagram.person, now=instagram.clock())
    before = len(instagram.log(BY_LOGIN))
    assert look(instagram, account=account).source == WEB
    chain(instagram, LOGIN)
    assert look(instagram, account=account).source == WEB
    assert len(instagram.log(BY_LOGIN)) == before


def test_an_accounts_own_chain_goes_before_the_workspaces(instagram: Instagram) -> None:
    instagram.ready()
    account = TrackedAccount.objects.create(workspace=instagram.workspace, username=NAME)
    chain(instagram, LOGIN)
    chain(instagram, WEB, account=account)
    assert look(instagram, account=account).source == WEB
    assert look(instagram).source == LOGIN
    chain(instagram, account=account)
    assert look(instagram, account=account).source == LOGIN


def test_a_chain_of_nobody_of_strangers_or_of_twins_is_refused(instagram: Instagram) -> None:
    for names in ((), ("nobody",), (WEB, WEB)):
        with pytest.raises(source_chains.ChainInvalid):
            chain(instagram, *names)
    with pytest.raises(source_chains.ChainInvalid):
        source_chains.choose(
            workspace=instagram.workspace, purpose=Purpose.COMMENTS, sources=[WEB], by=None, now=instagram.clock()
        )


def test_sources_change_places_and_stay_at_the_ends(instagram: Instagram) -> None:
    chain(instagram, LOGIN, WEB, SourceName.TIKHUB)

    def moved(source: SourceName, *, up: bool) -> tuple[SourceName, ...]:
        source_chains.change(
            workspace=instagram.workspace, purpose=Purpose.PROFILE, source=source, act="up" if up else "down",
            by=instagram.person, now=instagram.clock(),
        )  # fmt: skip
        return source_chains.chain_for(instagram.workspace, Purpose.PROFILE)

    assert moved(WEB, up=True) == (WEB, LOGIN, SourceName.TIKHUB)
    assert moved(WEB, up=True) == (WEB, LOGIN, SourceName.TIKHUB)
    assert moved(WEB, up=False) == (LOGIN, WEB, SourceName.TIKHUB)
    assert moved(SourceName.TIKHUB, up=False) == (LOGIN, WEB, SourceName.TIKHUB)


def test_a_name_that_belongs_to_somebody_else_by_now_is_no_answer_for_a_known_number(instagram: Instagram) -> None:
    chain(instagram, WEB)
    with pytest.raises(sources.NoAnswer, match="another account"):
        sources.read_profile(instagram.workspace, username=NAME, pk=1, clock=instagram.clock)


def test_the_web_is_paced_for_the_whole_site_and_asked_once_at_a_time(instagram: Instagram, settings: object) -> None:
    settings.PACE_SCALE = 1  # type: ignore[attr-defined]
    chain(instagram, WEB)
    look(instagram)
    elsewhere = Workspace.objects.create(name="Elsewhere")
    source_chains.choose(workspace=elsewhere, purpose=Purpose.PROFILE, sources=[WEB], by=None, now=instagram.clock())
    with pytest.raises(sources.NoAnswer) as none:
        sources.read_profile(elsewhere, username=NAME, clock=instagram.clock)
    assert none.value.passed[0].until is not None
    assert len(instagram.log(ON_THE_WEB)) == 1
    assert SourceAccess.objects.get().workspace is None


def test_an_account_is_looked_up_by_its_chain_and_the_answer_is_kept_with_its_age(instagram: Instagram) -> None:
    chain(instagram, WEB)
    account = tracking.track(workspace=instagram.workspace, account=NAME, by=instagram.person, now=instagram.clock())
    job = work_off(Job.objects.get(kind=tracking.RESOLVE), instagram.clock)
    assert (job.state, job.result) == (JobState.DONE, {"source": WEB})
    account.refresh_from_db()
    assert account.profile_id is not None
    kept = answers.profile(instagram.workspace, NAME, now=instagram.clock())
    assert kept is not None
    assert (kept.source, kept.profile.pk, kept.is_stale(instagram.clock())) == (WEB, account.profile_id, False)
    instagram.clock.move(timedelta(hours=2))
    assert kept.is_stale(instagram.clock())
    assert answers.profile(Workspace.objects.create(name="Elsewhere"), NAME, now=instagram.clock()) is None
    instagram.clock.move(timedelta(hours=23))
    assert answers.profile(instagram.workspace, NAME, now=instagram.clock()) is None
    answers.forget_expired_answers(instagram.clock())
    assert not SourceAnswer.objects.exists()


def test_not_found_on_the_web_is_believed_after_the_canonical_account_was_shown(instagram: Instagram) -> None:
    chain(instagram, WEB)
    name = "nobody.bears.this.name"
    account = tracking.track(workspace=instagram.workspace, account=name, by=instagram.person, now=instagram.clock())
    job = work_off(Job.objects.get(kind=tracking.RESOLVE), instagram.clock)
    assert (job.state, job.error_code) == (JobState.FAILED, "gone")
    account.refresh_from_db()
    assert "does not exist" in account.trouble
    assert len(instagram.log(ON_THE_WEB)) == 2


def test_a_login_that_needs_its_person_is_passed_over(instagram: Instagram) -> None:
    login = instagram.ready()
    chain(instagram, LOGIN, WEB)
    logins.pause(login=login, by=instagram.person, now=instagram.clock())
    answer = look(instagram)
    assert answer.source == WEB
    assert answer.passed[0].url


def test_the_reader_of_a_list_is_the_first_that_can_begin_or_the_one_that_can_soonest(instagram: Instagram) -> None:
    login = instagram.ready()
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PEOPLE, sources=[LOGIN, WEB], by=None, now=instagram.clock()
    )

    def chosen() -> SourceName:
        found = sources.reader(instagram.workspace, Ability.FOLLOWERS, now=instagram.clock())
        return found.source

    assert chosen() == LOGIN
    connect.after_error(login, errors.Throttled(), now=instagram.clock())
    assert chosen() == WEB
    SourceAccess.objects.filter(source=WEB).update(resumes_at=instagram.clock() + timedelta(hours=5))
    assert chosen() == LOGIN


def test_a_list_is_not_handed_to_a_stand_in_for_a_pause_between_two_requests(instagram: Instagram) -> None:
    login = instagram.ready()
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PEOPLE, sources=[LOGIN, WEB], by=None, now=instagram.clock()
    )
    for pause, chosen in ((timedelta(seconds=5), LOGIN), (timedelta(minutes=5), WEB)):
        InstagramLogin.objects.filter(pk=login.pk).update(next_read_at=instagram.clock() + pause)
        assert sources.reader(instagram.workspace, Ability.FOLLOWERS, now=instagram.clock()).source == chosen


def test_who_only_looks_is_answered_from_the_cache_then_by_the_chain_then_by_what_is_stale(
    instagram: Instagram,
) -> None:
    chain(instagram, WEB)

    def looked() -> sources.Answer[Profile]:
        return sources.look_at_profile(instagram.workspace, username=NAME, clock=instagram.clock)

    assert looked().kept_at is None
    again = looked()
    assert (again.kept_at, again.is_stale) == (instagram.clock(), False)
    assert len(instagram.log(ON_THE_WEB)) == 1
    instagram.clock.move(timedelta(hours=2))
    assert looked().kept_at is None
    assert len(instagram.log(ON_THE_WEB)) == 2
    instagram.fault(path=ON_THE_WEB, kind="429", count=-1)
    at = instagram.clock()
    instagram.clock.move(timedelta(hours=2))
    stale = looked()
    assert (stale.kept_at, stale.is_stale, stale.passed[0].source) == (at, True, WEB)
    instagram.clock.move(timedelta(hours=23))
    with pytest.raises(sources.NoAnswer):
        looked()


def test_a_login_at_work_is_not_disturbed_by_a_task_of_another_lane(instagram: Instagram) -> None:
    login = instagram.ready()
    chain(instagram, WEB, LOGIN)
    instagram.fault(path=ON_THE_WEB, kind="429", count=-1)
    at_work = Job.objects.create(
        workspace=instagram.workspace, kind="scans.people", lane=connect.lane(login.pk), state=JobState.RUNNING
    )
    before = len(instagram.log(BY_LOGIN))
    with pytest.raises(sources.NoAnswer) as none:
        look(instagram)
    assert none.value.passed[-1].code == "busy"
    assert len(instagram.log(BY_LOGIN)) == before
    at_work.delete()
    assert look(instagram).source == LOGIN
