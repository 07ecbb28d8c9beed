"""The table "When Instagram says no": what happens to the login, what the job does, and what is sent afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts import connect, logins, tracking
from accounts.gateway import errors
from accounts.models import InstagramLogin, LoginStatus, SourceCall, TrackedAccount
from accounts.refusals import End, after_error
from igsite.jobs.kinds import Blocked, Wait
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline, run_step
from igsite.problems import Problem
from igsite.secrets import Secret
from tests.accounts.instagram import Instagram
from tests.accounts.working_off import work_off

pytestmark = pytest.mark.django_db
PROFILE = "users/"


@pytest.fixture
def login(instagram: Instagram) -> InstagramLogin:
    return instagram.ready()


@pytest.fixture
def account(instagram: Instagram, login: InstagramLogin) -> TrackedAccount:
    return tracking.track(
        workspace=instagram.workspace, account="tiny.pottery", by=instagram.person, now=instagram.clock()
    )


def one_turn(instagram: Instagram) -> Job:
    job = Job.objects.get(kind=tracking.RESOLVE)
    instagram.clock.move_to(job.due_at)
    run_step(job.pk, clock=instagram.clock)
    job.refresh_from_db()
    return job


def asked(instagram: Instagram) -> int:
    return len(instagram.log("usernameinfo")) + len(instagram.log("current_user"))


@pytest.mark.parametrize("kind", ["please_wait", "429", "rate_limit_error"])
def test_too_fast_waits_longer_each_time_and_goes_on_by_itself(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount, kind: str
) -> None:
    instagram.fault(path=PROFILE, kind=kind, count=3)
    for minutes in (15, 30, 60):
        at = max(instagram.clock(), Job.objects.get(kind=tracking.RESOLVE).due_at)
        job = one_turn(instagram)
        assert job.state == JobState.WAITING
        assert job.due_at - at == timedelta(minutes=minutes)
        seen = asked(instagram)
        with pytest.raises(connect.MustWait):
            connect.gateway_for(login, clock=instagram.clock)
        assert asked(instagram) == seen
    assert one_turn(instagram).state == JobState.DONE
    login.refresh_from_db()
    assert login.status == LoginStatus.READY
    assert len(instagram.log("send_login_request")) == 1


def test_the_ladder_begins_anew_after_an_hour_of_calm(instagram: Instagram, login: InstagramLogin) -> None:
    now = instagram.clock()
    for _ in range(3):
        now = after_error(login, errors.Throttled(), now=now).until  # type: ignore[union-attr]
    later = now + timedelta(minutes=61)
    verdict = after_error(login, errors.Throttled(), now=later)
    assert isinstance(verdict, Wait)
    assert verdict.until == later + timedelta(minutes=15)


def test_what_the_source_asks_for_is_waited_for_if_it_is_longer(instagram: Instagram, login: InstagramLogin) -> None:
    now = instagram.clock()
    verdict = after_error(login, errors.Throttled(retry_after=timedelta(hours=2)), now=now)
    assert isinstance(verdict, Wait)
    assert verdict.until == now + timedelta(hours=2)


@pytest.mark.parametrize("kind", ["feedback_required", "sentry_block"])
def test_blocked_actions_freeze_writing_for_a_day_and_reading_for_an_hour(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount, kind: str
) -> None:
    instagram.fault(path=PROFILE, kind=kind, count=1)
    job = one_turn(instagram)
    start = instagram.clock()
    login.refresh_from_db()
    assert login.status == LoginStatus.FROZEN
    assert login.writes_resume_at is not None
    assert login.writes_resume_at >= start + timedelta(hours=24)
    assert job.state == JobState.WAITING
    assert job.due_at == start + timedelta(hours=1)
    with pytest.raises(logins.LoginConflict, match="until"):
        logins.unfreeze(login=login, by=instagram.person, now=start + timedelta(hours=23))
    assert one_turn(instagram).state == JobState.DONE  # reading goes on while writing stays frozen
    login.refresh_from_db()
    assert login.status == LoginStatus.FROZEN
    logins.unfreeze(login=login, by=instagram.person, now=start + timedelta(hours=24))
    login.refresh_from_db()
    assert login.status == LoginStatus.READY
    assert login.writes_resume_at is None


def test_the_date_that_instagram_names_is_kept(instagram: Instagram, login: InstagramLogin) -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    after_error(login, errors.ActionBlocked(until=date(2026, 5, 9)), now=now)
    assert login.writes_resume_at == datetime(2026, 5, 10, tzinfo=UTC)


def test_a_frozen_login_stays_frozen_after_a_new_sign_in(instagram: Instagram, login: InstagramLogin) -> None:
    after_error(login, errors.ActionBlocked(), now=instagram.clock())
    instagram.clock.move(timedelta(hours=2))
    after_error(login, errors.NeedsLogin(), now=instagram.clock())
    logins.sign_in(login=login, password=Secret("demo-pass-1"), by=None, now=instagram.clock())
    assert instagram.run(login).status == LoginStatus.FROZEN


@pytest.mark.parametrize("kind", ["challenge", "checkpoint"])
def test_a_challenge_stops_the_login_within_one_request(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount, kind: str
) -> None:
    instagram.fault(path=PROFILE, kind=kind, count=1)
    job = one_turn(instagram)
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_APPROVAL
    assert job.state == JobState.BLOCKED
    assert str(login.pk) in job.next_url
    seen = len(instagram.log())
    with pytest.raises(connect.NotReady):
        connect.gateway_for(login, clock=instagram.clock)
    assert len(instagram.log()) == seen
    # The person approved it in the app: Resume looks whether that is true, and the blocked job goes on by itself.
    login = instagram.resume(login)
    assert login.status == LoginStatus.READY
    assert one_turn(instagram).state == JobState.DONE


def test_a_dead_session_asks_for_a_new_sign_in(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount
) -> None:
    instagram.simulator.control("sessions/kill", {"login": "demo_creator"})
    job = one_turn(instagram)
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert job.state == JobState.FAILED
    assert job.error_code == "needs_login"
    assert len(instagram.log("send_login_request")) == 1


def test_one_new_sign_in_on_the_same_device_and_no_second(instagram: Instagram) -> None:
    login = instagram.ready(keep_password=True)
    tracking.track(workspace=instagram.workspace, account="tiny.pottery", by=None, now=instagram.clock())
    instagram.simulator.control("sessions/kill", {"login": "demo_creator"})
    assert one_turn(instagram).state == JobState.WAITING
    run_inline(Job.objects.open().get(kind="login.connect"), clock=instagram.clock)
    login.refresh_from_db()
    assert login.status == LoginStatus.READY
    assert login.password_sealed is None
    assert one_turn(instagram).state == JobState.DONE
    assert len(instagram.log("send_login_request")) == 2
    assert len({entry["device"] for entry in instagram.log() if entry["device"]}) == 1
    instagram.simulator.control("sessions/kill", {"login": "demo_creator"})
    verdict = after_error(login, errors.NeedsLogin(), now=instagram.clock())
    assert isinstance(verdict, End)
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert not Job.objects.open().filter(kind="login.connect").exists()
    assert len(instagram.log("send_login_request")) == 2


def test_a_blocked_address_says_nothing_about_the_target(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount
) -> None:
    instagram.fault(path=PROFILE, kind="proxy_blocked", count=1)
    job = one_turn(instagram)
    account.refresh_from_db()
    assert job.state == JobState.WAITING
    assert account.trouble == ""
    assert one_turn(instagram).state == JobState.DONE


def test_does_not_exist_is_believed_only_when_the_session_answers_for_itself(instagram: Instagram) -> None:
    instagram.ready()
    account = tracking.track(
        workspace=instagram.workspace, account="nobody.of.that.name", by=None, now=instagram.clock()
    )
    job = Job.objects.get(kind=tracking.RESOLVE)
    run_inline(job, clock=instagram.clock)
    account.refresh_from_db()
    assert "does not exist" in account.trouble
    assert len(instagram.log("current_user")) == 1


def test_a_session_that_cannot_answer_is_the_problem_and_not_the_target(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount
) -> None:
    instagram.fault(path="usernameinfo", kind="not_found", count=1)
    instagram.fault(path="current_user", kind="login_required", count=1)
    run_inline(Job.objects.get(kind=tracking.RESOLVE), clock=instagram.clock)
    account.refresh_from_db()
    login.refresh_from_db()
    assert "exist" not in account.trouble
    assert login.status == LoginStatus.NEEDS_LOGIN


@pytest.mark.parametrize("kind", ["reset", "5xx"])
def test_an_answer_that_does_not_come_is_tried_again_by_itself(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount, kind: str
) -> None:
    instagram.fault(path=PROFILE, kind=kind, count=2)
    pauses = []
    for _ in range(2):
        at = max(instagram.clock(), Job.objects.get(kind=tracking.RESOLVE).due_at)
        pauses.append((one_turn(instagram).due_at - at).total_seconds())
    assert pauses == [15, 30]
    assert one_turn(instagram).state == JobState.DONE
    account.refresh_from_db()
    assert account.followers_count is not None


@pytest.mark.parametrize("kind", ["html", "cut_json"])
def test_an_answer_that_nobody_understands_changes_nothing(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount, kind: str
) -> None:
    run_inline(Job.objects.get(kind=tracking.RESOLVE), clock=instagram.clock)
    account.refresh_from_db()
    known = account.followers_count
    tracking.refresh(account=account, by=None)
    instagram.fault(path=rf"{PROFILE}{account.profile_id}/", kind=kind, count=-1)
    job = work_off(Job.objects.open().get(kind=tracking.RESOLVE), instagram.clock)
    account.refresh_from_db()
    login.refresh_from_db()
    assert job.state == JobState.FAILED
    assert account.followers_count == known
    assert account.trouble
    assert login.status == LoginStatus.READY


@pytest.mark.parametrize("error", [errors.Private(), errors.Gone(), errors.ContractDrift(), errors.Unsupported()])
def test_the_targets_state_does_not_touch_the_login(
    instagram: Instagram, login: InstagramLogin, error: errors.GatewayError
) -> None:
    before = InstagramLogin.objects.filter(pk=login.pk).values().get()
    assert after_error(login, error, now=instagram.clock()) == End(error.code, str(error))
    assert InstagramLogin.objects.filter(pk=login.pk).values().get() == before


def test_a_code_wanted_in_the_middle_of_work_blocks_it(instagram: Instagram, login: InstagramLogin) -> None:
    verdict = after_error(login, errors.NeedsCode(), now=instagram.clock())
    assert isinstance(verdict, Blocked)
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_CODE


def test_no_new_sign_in_while_the_login_cools_down(instagram: Instagram, login: InstagramLogin) -> None:
    after_error(login, errors.Throttled(), now=instagram.clock())
    with pytest.raises(Problem, match="slow down"):
        logins.sign_in(login=login, password=Secret("demo-pass-1"), by=None, now=instagram.clock())


def test_pause_stops_the_work_and_resume_lets_it_go_on(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount
) -> None:
    logins.pause(login=login, by=instagram.person, now=instagram.clock())
    seen = len(instagram.log())
    job = one_turn(instagram)
    assert job.state == JobState.BLOCKED
    assert len(instagram.log()) == seen
    logins.resume(login=login, by=instagram.person, now=instagram.clock())
    assert one_turn(instagram).state == JobState.DONE


def test_the_ledger_says_what_the_simulator_says(
    instagram: Instagram, login: InstagramLogin, account: TrackedAccount
) -> None:
    instagram.fault(path=PROFILE, kind="reset", count=1)
    run_inline(Job.objects.get(kind=tracking.RESOLVE), clock=instagram.clock)
    reads = SourceCall.objects.filter(login=login, kind="read")
    assert reads.count() == len(instagram.log("usernameinfo")) == 2
    assert sorted(reads.values_list("outcome", flat=True)) == ["200", "transient"]
