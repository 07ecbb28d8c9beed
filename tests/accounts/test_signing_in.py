"""Signing in to the simulator with the real client, and what the simulator saw of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from accounts import connect, login_pending, login_secrets, logins
from accounts.models import InstagramLogin, LoginStatus, SourceCall
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline
from igsite.secrets import Secret
from tests.accounts.instagram import TOTP_SEED, Instagram

pytestmark = pytest.mark.django_db
SEND_PASSWORD = "send_login_request"


def passwords_sent(instagram: Instagram) -> int:
    return len(instagram.log(SEND_PASSWORD))


def test_password_leads_to_a_session_that_reads(instagram: Instagram) -> None:
    login = instagram.ready()
    assert login.status == LoginStatus.READY
    assert login.profile_id is not None
    with connect.gateway_for(login, clock=instagram.clock) as gateway:
        assert gateway.profile_by_username("tiny.pottery").followers_count is not None


def test_the_password_is_erased_as_soon_as_it_is_used(instagram: Instagram) -> None:
    login = instagram.ready()
    assert login.pending_sealed is None
    assert login.password_sealed is None
    assert "demo-pass-1" not in json.dumps(login_secrets.opened_json(login, "session_sealed"))


def test_no_secret_is_in_any_job(instagram: Instagram) -> None:
    instagram.add("demo_2fa")
    login = InstagramLogin.objects.get()
    instagram.submit(login, "123456")
    told = json.dumps(list(Job.objects.values("params", "cursor", "result", "message", "error", "subject")))
    assert "demo-pass-2" not in told
    assert "123456" not in told


def test_two_factor_code_by_hand(instagram: Instagram) -> None:
    login = instagram.add("demo_2fa")
    assert login.status == LoginStatus.NEEDS_CODE
    if login.code_channel != "sms":
        login = instagram.choose(login, "sms")
    login = instagram.submit(login, "123 456")
    assert login.status == LoginStatus.READY
    assert passwords_sent(instagram) == 1


def test_two_factor_code_from_the_stored_seed(instagram: Instagram) -> None:
    login = instagram.add("demo_2fa", totp_seed=Secret(TOTP_SEED))
    assert login.status == LoginStatus.READY


def test_a_wrong_code_is_asked_again_and_never_sent_twice(instagram: Instagram) -> None:
    login = instagram.add("demo_2fa")
    before = len(instagram.log("verify_code"))
    login = instagram.submit(login, "000000")
    assert login.status == LoginStatus.NEEDS_CODE
    assert "accept" in login.status_note
    assert len(instagram.log("verify_code")) == before + 1
    if login.code_channel != "sms":
        login = instagram.choose(login, "sms")
    assert instagram.submit(login, "123456").status == LoginStatus.READY
    assert passwords_sent(instagram) == 1


def test_a_bad_password_is_never_tried_again(instagram: Instagram) -> None:
    login = instagram.add("demo_creator", password="wrong")
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert "password" in login.status_note
    assert login.pending_sealed is None
    job = Job.objects.get()
    assert job.state == JobState.FAILED
    assert not job.may_retry
    assert passwords_sent(instagram) == 1


def test_a_challenge_takes_its_code(instagram: Instagram) -> None:
    login = instagram.add("demo_challenge")
    assert login.status == LoginStatus.NEEDS_CODE
    assert {way["name"] for way in login.code_channels} >= {"email"}
    if not login.code_channel:
        with pytest.raises(logins.LoginConflict):
            logins.submit_code(login=login, code=Secret("654321"), by=None, now=instagram.clock())
        login = instagram.choose(login, "email")
    assert instagram.submit(login, "111111").status == LoginStatus.NEEDS_CODE
    login = instagram.submit(login, "654321")
    assert login.status == LoginStatus.READY
    assert login.pending_sealed is None


def test_an_approval_in_the_app_lets_resume_finish(instagram: Instagram) -> None:
    login = instagram.add("demo_approve")
    assert login.status == LoginStatus.NEEDS_APPROVAL
    early = instagram.resume(login)
    assert early.status == LoginStatus.NEEDS_APPROVAL
    instagram.simulator.control("approve", {"login": "demo_approve"})
    login = instagram.resume(login)
    assert login.status == LoginStatus.READY
    assert login.pending_sealed is None


def test_a_password_beside_a_challenge_is_forgotten_after_an_hour(instagram: Instagram) -> None:
    login = instagram.add("demo_approve")
    instagram.clock.move(login_pending.PASSWORD_WAITS)
    instagram.simulator.control("approve", {"login": "demo_approve"})
    login = instagram.resume(login)
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert "password" in login.status_note
    logins.sign_in(login=login, password=Secret("demo-pass-4"), by=None, now=instagram.clock())
    assert instagram.run(login).status == LoginStatus.READY


def test_session_of_a_browser_is_taken_over(instagram: Instagram) -> None:
    source = instagram.ready()
    session = login_secrets.opened_json(source, "session_sealed") or {}
    cookie = session["authorization_data"]["sessionid"]
    logins.remove(login=source, by=None, now=instagram.clock())
    login = logins.add_by_sessionid(
        workspace=instagram.workspace, username="@demo_creator", sessionid=Secret(f"sessionid={cookie}"),
        user_agent="Mozilla/5.0 (X11; Linux x86_64)", by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    login = instagram.run(login)
    assert login.status == LoginStatus.READY
    assert passwords_sent(instagram) == 1


def test_what_is_no_session_is_told_without_a_request(instagram: Instagram) -> None:
    login = logins.add_by_sessionid(
        workspace=instagram.workspace, username="demo_creator", sessionid=Secret("nonsense"),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    login = instagram.run(login)
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert "sessionid" in login.status_note
    assert not instagram.log()


@pytest.mark.parametrize(("cookie", "agent"), [("1%3Aabc", "Mozilla \u65e5"), ("1%3Aabc", "a\r\nb"), ("\u65e5", "")])
def test_a_session_that_no_header_can_carry_is_not_taken(instagram: Instagram, cookie: str, agent: str) -> None:
    with pytest.raises(logins.LoginInvalid):
        logins.add_by_sessionid(
            workspace=instagram.workspace, username="demo_creator", sessionid=Secret(cookie), user_agent=agent,
            by=instagram.person, now=instagram.clock(),
        )  # fmt: skip
    assert not InstagramLogin.objects.exists()


def test_another_accounts_session_does_not_replace_this_one(instagram: Instagram) -> None:
    cookie = (login_secrets.opened_json(instagram.ready(), "session_sealed") or {})["authorization_data"]["sessionid"]
    login = logins.add_by_sessionid(
        workspace=instagram.workspace, username="somebody.else", sessionid=Secret(cookie),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    login = instagram.run(login)
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert "demo_creator" in login.status_note


def test_a_worker_that_died_in_the_middle_sends_no_password_twice(instagram: Instagram) -> None:
    login = logins.add_by_password(
        workspace=instagram.workspace, username="demo_creator", password=Secret("demo-pass-1"),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    assert login_pending.take(login, now=instagram.clock()) is not None  # and then the worker is gone
    run_inline(Job.objects.get(), clock=instagram.clock)
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert "interrupted" in login.status_note
    assert passwords_sent(instagram) == 0


def test_a_cancelled_sign_in_leaves_no_password_behind(instagram: Instagram) -> None:
    from igsite.jobs.runner import cancel

    login = logins.add_by_password(
        workspace=instagram.workspace, username="demo_creator", password=Secret("demo-pass-1"),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    cancel(Job.objects.get(), by=instagram.person)
    login.refresh_from_db()
    assert login.pending_sealed is None
    assert login.status == LoginStatus.NEEDS_LOGIN


def test_each_login_keeps_one_device(instagram: Instagram) -> None:
    login = instagram.add("demo_creator", password="wrong")
    logins.sign_in(login=login, password=Secret("demo-pass-1"), by=None, now=instagram.clock())
    login = instagram.run(login)
    with connect.gateway_for(login, clock=instagram.clock) as gateway:
        gateway.probe_session()
    devices = {entry["device"] for entry in instagram.log() if entry["device"]}
    assert len(devices) == 1


def test_every_request_of_a_sign_in_is_in_the_ledger(instagram: Instagram) -> None:
    login = instagram.ready()
    assert SourceCall.objects.filter(login=login, kind="login").count() == len(instagram.log())


def test_removal_erases_every_secret_and_keeps_the_ledger(instagram: Instagram) -> None:
    login = instagram.ready(keep_password=True, totp_seed=None)
    logins.remove(login=login, by=instagram.person, now=instagram.clock())
    login.refresh_from_db()
    assert [getattr(login, column) for column in login_secrets.COLUMNS] == [None] * 4
    assert not InstagramLogin.objects.for_workspace(instagram.workspace).exists()
    used = SourceCall.objects.filter(login=login).count()
    again = instagram.add("demo_creator")
    assert again.pk == login.pk
    assert SourceCall.objects.filter(login=again).count() > used


@pytest.mark.django_db(transaction=True)
def test_session_is_restored_in_another_process(instagram: Instagram) -> None:
    login = instagram.ready()
    program = (
        "import django; django.setup()\n"
        "import sys\n"
        "from django.test.utils import override_settings\n"
        "from accounts import connect\n"
        "from accounts.models import InstagramLogin\n"
        "from django.conf import settings\n"
        "settings.INSTAGRAM_BASE_URL, settings.PACE_SCALE = sys.argv[1], 0\n"
        "settings.DATABASES['default']['NAME'] = sys.argv[2]\n"
        "with connect.gateway_for(InstagramLogin.objects.get()) as gateway:\n"
        "    print(gateway.probe_session().username)\n"
    )
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, instagram.simulator.base_url, str(name)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**__import__("os").environ, "DJANGO_SETTINGS_MODULE": "igsite.settings"},
    )  # fmt: skip
    assert done.stdout.strip() == "demo_creator", done.stderr
    assert len(instagram.log(SEND_PASSWORD)) == 1
    assert SourceCall.objects.filter(login=login, endpoint="accounts/current_user", outcome="200").count() == 1
