"""When a secret does not open: which one, what to do, and that nobody else is touched. Against the simulator."""

from __future__ import annotations

import pytest

from accounts import connect, login_secrets, logins
from accounts.master_key import new_key_text
from accounts.models import DataKey, InstagramLogin, LoginStatus, Proxy, Workspace
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from igsite.secrets import Secret
from tests.accounts.instagram import PASSWORDS, Instagram

pytestmark = pytest.mark.django_db


def damage(login: InstagramLogin, column: login_secrets.Column = "session_sealed") -> bytes:
    sealed = bytes(getattr(login, column))
    damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
    InstagramLogin.objects.filter(pk=login.pk).update(**{column: damaged})
    return damaged


def probe(instagram: Instagram, login: InstagramLogin) -> Job:
    login.refresh_from_db()
    return runner.run_inline(logins.probe(login=login, by=None, now=instagram.clock()), clock=instagram.clock)


def test_a_damaged_session_asks_for_a_new_sign_in_and_other_logins_go_on(instagram: Instagram) -> None:
    broken, well = instagram.ready("demo_creator"), instagram.ready("demo_2fa", totp_seed=Secret("JBSWY3DPEHPK3PXP"))
    stored = damage(broken)
    asked = len(instagram.log())
    job = probe(instagram, broken)
    broken.refresh_from_db()
    assert job.state == JobState.BLOCKED
    assert broken.status == LoginStatus.NEEDS_LOGIN
    assert "cannot be opened" in broken.status_note
    assert "Sign in again" in job.message
    assert bytes(broken.session_sealed or b"") == stored  # a backup may bring back its key
    assert len(instagram.log()) == asked  # and Instagram heard nothing of it
    assert probe(instagram, well).state == JobState.DONE


def test_a_new_sign_in_heals_it(instagram: Instagram) -> None:
    login = instagram.ready()
    damage(login)
    job = probe(instagram, login)
    logins.sign_in(login=login, password=Secret(PASSWORDS["demo_creator"]), by=instagram.person, now=instagram.clock())
    connects = Job.objects.open().get(kind="login.connect")
    assert runner.run_inline(connects, clock=instagram.clock).state == JobState.DONE
    login.refresh_from_db()
    assert login.status == LoginStatus.READY
    assert runner.run_inline(job, clock=instagram.clock).state == JobState.DONE  # what was blocked went on


@pytest.mark.parametrize("way", ["row to row", "column to column", "workspace to workspace"])
def test_a_secret_put_into_another_place_is_never_used(instagram: Instagram, way: str) -> None:
    login, other = instagram.ready("demo_creator"), instagram.ready("demo_2fa", totp_seed=Secret("JBSWY3DPEHPK3PXP"))
    taken = other.session_sealed if way == "row to row" else other.totp_sealed
    if way == "workspace to workspace":
        elsewhere = Workspace.objects.create(name="Elsewhere")
        foreign = InstagramLogin.objects.create(workspace=elsewhere, username="demo_creator", pk=None)
        taken = login_secrets.sealed_json(foreign, "session_sealed", {"a": "session"})
    InstagramLogin.objects.filter(pk=login.pk).update(session_sealed=taken)
    asked = len(instagram.log())
    assert probe(instagram, login).state == JobState.BLOCKED
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert len(instagram.log()) == asked


def test_a_lost_data_key_costs_a_sign_in_and_nothing_else(instagram: Instagram) -> None:
    login = instagram.ready()
    DataKey.objects.filter(workspace=instagram.workspace).delete()
    probe(instagram, login)
    login.refresh_from_db()
    assert "is missing" in login.status_note
    logins.sign_in(login=login, password=Secret(PASSWORDS["demo_creator"]), by=instagram.person, now=instagram.clock())
    assert instagram.run(login).status == LoginStatus.READY


def test_another_master_key_lets_everything_wait_until_the_right_one_is_back(
    instagram: Instagram, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = new_key_text()
    monkeypatch.setenv("IGSITE_MASTER_KEY", right)
    login = instagram.ready()
    monkeypatch.setenv("IGSITE_MASTER_KEY", new_key_text())
    job = logins.probe(login=login, by=None, now=instagram.clock())
    runner.run_step(job.pk, clock=instagram.clock)
    job.refresh_from_db()
    login.refresh_from_db()
    assert job.state == JobState.WAITING
    assert "another master key" in job.message
    assert login.status == LoginStatus.READY  # the operator mends it; nobody has to sign in again
    monkeypatch.setenv("IGSITE_MASTER_KEY", right)
    assert runner.run_inline(job, clock=instagram.clock).state == JobState.DONE


def test_a_sign_in_whose_password_was_damaged_on_the_way_is_asked_for_again(instagram: Instagram) -> None:
    login = logins.add_by_password(
        workspace=instagram.workspace, username="demo_creator", password=Secret(PASSWORDS["demo_creator"]),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    damage(login, "pending_sealed")
    login = instagram.run(login)
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert "cannot be opened" in login.status_note
    assert not instagram.log("send_login_request")


def test_a_proxy_whose_credentials_do_not_open_is_bad_and_nothing_goes_around_it(instagram: Instagram) -> None:
    login = instagram.ready()
    proxy = Proxy.objects.create(
        workspace=instagram.workspace,
        name="home",
        scheme="http",
        host="127.0.0.1",
        port=9,
        credentials_sealed=b"x" * 60,
    )
    InstagramLogin.objects.filter(pk=login.pk).update(proxy=proxy)
    asked = len(instagram.log())
    login.refresh_from_db()
    with pytest.raises(connect.MustWait, match="a form that this version does not know"):
        connect.gateway_for(login, clock=instagram.clock)
    assert len(instagram.log()) == asked


@pytest.mark.parametrize("meanwhile", ["sealed by another key", "signed in anew"])
def test_a_changed_session_is_kept_unless_somebody_signed_in_anew(
    instagram: Instagram, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    login = instagram.ready()
    with connect.gateway_for(login, clock=instagram.clock) as gateway:
        stored = login_secrets.opened_json(login, "session_sealed") or {}
        changed = stored | {"mark": "changed by a read"}
        monkeypatch.setattr(gateway._inner, "session_settings", lambda: changed)
        other = stored if meanwhile == "sealed by another key" else stored | {"mark": "of a new sign-in"}
        again = login_secrets.sealed_json(login, "session_sealed", other)
        InstagramLogin.objects.filter(pk=login.pk).update(session_sealed=again)
    login.refresh_from_db()
    kept = login_secrets.opened_json(login, "session_sealed") or {}
    assert kept == (changed if meanwhile == "sealed by another key" else other)
