"""The table "When Instagram says no" (docs/domain.md), row by row, by the real client against the simulator.

For each row: what was sent afterwards, read from the SIMULATOR's log, and what the person sees on the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import logins, proxies, tracking
from accounts.models import Circuit, InstagramLogin, LoginStatus, Proxy, SourceHealth, TrackedAccount
from accounts.models.proxies import ProxyState
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline, run_step
from igsite.secrets import Secret
from tests.accounts.instagram import PASSWORDS, Instagram
from tests.accounts.working_off import work_until_waiting
from tests.people import Cast
from tests.proxy_servers import HttpProxy

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LOOK_UP = "usernameinfo"


@dataclass(frozen=True)
class Row:
    """A row of the table, as a read meets it. ``rest`` is how long nothing is sent; None: until a person acts."""

    says: str
    kind: str
    login: LoginStatus
    job: JobState
    rest: timedelta | None
    on_the_page: str
    more: dict[str, Any] = field(default_factory=dict)


ROWS = [
    *(
        Row("429, please wait", kind, LoginStatus.READY, JobState.WAITING, 15 * MINUTE,
            "Instagram asked this login to slow down")
        for kind in ("429", "please_wait", "rate_limit_error")
    ),
    *(
        Row("feedback_required, sentry_block", kind, LoginStatus.FROZEN, JobState.WAITING, HOUR,
            "Nothing is followed, liked or written with it")
        for kind in ("feedback_required", "sentry_block")
    ),
    Row("challenge", "challenge", LoginStatus.NEEDS_APPROVAL, JobState.BLOCKED, None, "I approved it: resume"),
    Row("challenge for the app only", "challenge", LoginStatus.NEEDS_APPROVAL, JobState.BLOCKED, None,
        "Open the Instagram app", {"field_name": "native"}),
    Row("checkpoint", "checkpoint", LoginStatus.NEEDS_APPROVAL, JobState.BLOCKED, None, "Open the Instagram app"),
    Row("login_required", "login_required", LoginStatus.NEEDS_LOGIN, JobState.FAILED, None,
        "Sign in with the password"),
    Row("proxy blocked, without a proxy", "proxy_blocked", LoginStatus.READY, JobState.WAITING, HOUR,
        "blocks the address"),
    Row("no answer", "reset", LoginStatus.READY, JobState.WAITING, timedelta(seconds=15), "reads for the workspace"),
    Row("5xx", "5xx", LoginStatus.READY, JobState.WAITING, timedelta(seconds=15), "reads for the workspace"),
]  # fmt: skip


@pytest.fixture
def here(cast: Cast, instagram: Instagram) -> Instagram:
    """The simulator, and a person whose pages can be looked at."""
    instagram.workspace, instagram.person = cast.workspace, cast.owner
    return instagram


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.owner)


def look_up(here: Instagram, name: str = "tiny.pottery") -> tuple[TrackedAccount, Job]:
    account = tracking.track(workspace=here.workspace, account=name, by=here.person, now=here.clock())
    return account, Job.objects.open().get(kind=tracking.RESOLVE, params__account=str(account.pk))


def turn(here: Instagram, job: Job) -> Job:
    """Whatever a worker would do with the job now; one that was just ordered is due now."""
    if job.state == JobState.QUEUED:
        here.clock.move_to(job.due_at)
    run_step(job.pk, clock=here.clock)
    job.refresh_from_db()
    return job


def sign_ins(here: Instagram) -> int:
    return len(here.log("send_login_request"))


def page_of(client: Client, login: InstagramLogin) -> str:
    return str(client.get(reverse("settings:login", args=[login.pk])).content.decode())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.says}: {row.kind}")
def test_a_read_that_is_refused(here: Instagram, client: Client, row: Row) -> None:
    login = here.ready()
    account, job = look_up(here)
    here.fault(path=LOOK_UP, kind=row.kind, count=1, **row.more)
    before = len(here.log())
    turn(here, job)
    sent_at, login = here.clock(), InstagramLogin.objects.get()
    # It stops within one request, and nobody signs in anew.
    assert len(here.log()) == before + 1
    assert sign_ins(here) == 1
    assert (login.status, job.state) == (row.login, row.job)
    # The target is as it was, and the pages say what is.
    account.refresh_from_db()
    assert "exist" not in account.trouble
    assert row.on_the_page in page_of(client, login)
    assert str(job.message or job.error) in client.get(reverse("jobs:board")).content.decode().replace("&#x27;", "'")
    if row.rest is None:
        here.clock.move(DAY)
        turn(here, job)
        assert len(here.log()) == before + 1  # nothing until a person acts, however long
        return
    assert job.due_at == sent_at + row.rest
    here.clock.move(row.rest - timedelta(seconds=1))
    turn(here, job)
    assert len(here.log()) == before + 1  # nothing during the rest
    here.clock.move(timedelta(seconds=1))
    assert turn(here, job).state == JobState.DONE  # it goes on by itself
    assert len(here.log()) == before + 2
    assert sign_ins(here) == 1


def test_blocked_actions_are_given_back_by_a_person_and_not_before_a_day(here: Instagram, client: Client) -> None:
    login = here.ready()
    _account, job = look_up(here)
    here.fault(path=LOOK_UP, kind="feedback_required", count=1)
    turn(here, job)
    address = reverse("settings:login_unfreeze", args=[login.pk])
    assert address not in page_of(client, login)
    client.post(address)
    login.refresh_from_db()
    assert login.status == LoginStatus.FROZEN
    InstagramLogin.objects.update(writes_resume_at=here.clock() - MINUTE, reads_resume_at=None)
    assert address in page_of(client, login)
    client.post(address)
    login.refresh_from_db()
    assert login.status == LoginStatus.READY


def test_a_challenge_that_a_code_answers_shows_a_form_and_goes_on(here: Instagram, client: Client) -> None:
    login = here.add("demo_challenge")
    if not login.code_channel:
        assert "How shall Instagram send the code?" in page_of(client, login)
        login = here.choose(login, login.code_channels[0]["name"])
    assert "Enter the code from" in page_of(client, login)
    before = len(here.log("challenge/"))
    login = here.submit(login, "000000")
    assert login.status == LoginStatus.NEEDS_CODE
    assert len(here.log("challenge/")) == before + 1  # one try a code, none by itself
    assert "Instagram did not accept this code" in page_of(client, login)
    assert sign_ins(here) == 1


def test_an_approval_in_the_app_is_looked_at_when_the_person_says_so(here: Instagram, client: Client) -> None:
    login = here.ready()
    _account, job = look_up(here)
    here.fault(path=LOOK_UP, kind="checkpoint", count=1)
    assert turn(here, job).state == JobState.BLOCKED
    client.post(reverse("settings:login_approved", args=[login.pk]))
    assert here.run(login).status == LoginStatus.READY
    job.refresh_from_db()
    assert run_inline(job, clock=here.clock).state == JobState.DONE
    assert sign_ins(here) == 1


def test_a_dead_session_is_signed_in_once_and_never_twice(here: Instagram, client: Client) -> None:
    login = here.ready(keep_password=True)
    devices = {entry["device"] for entry in here.log() if entry["device"]}
    _account, job = look_up(here)
    here.simulator.control("sessions/kill", {"login": "demo_creator"})
    assert turn(here, job).state == JobState.WAITING
    run_inline(Job.objects.open().get(kind="login.connect"), clock=here.clock)
    login.refresh_from_db()
    assert (login.status, sign_ins(here)) == (LoginStatus.READY, 2)
    assert {entry["device"] for entry in here.log() if entry["device"]} == devices
    here.simulator.control("sessions/kill", {"login": "demo_creator"})
    job.refresh_from_db()
    here.clock.move_to(job.due_at)
    assert turn(here, job).state == JobState.FAILED
    assert not Job.objects.open().exists()
    login.refresh_from_db()
    assert (login.status, sign_ins(here)) == (LoginStatus.NEEDS_LOGIN, 2)
    assert "Sign in with the password" in page_of(client, login)


def test_two_factor_codes_are_not_burned_in_a_loop(here: Instagram, client: Client) -> None:
    login = here.add("demo_2fa")
    if not login.code_channel:
        login = here.choose(login, login.code_channels[0]["name"])
    sent = len(here.log())
    here.clock.move(DAY)
    login = here.run(login)
    assert (login.status, len(here.log())) == (LoginStatus.NEEDS_CODE, sent)
    assert 'autocomplete="one-time-code"' in page_of(client, login)
    before = len(here.log("verify_code"))
    login = here.submit(login, "999999")
    assert login.status == LoginStatus.NEEDS_CODE
    assert len(here.log("verify_code")) == before + 1
    assert sign_ins(here) == 1


def test_a_bad_password_is_sent_once_and_both_causes_are_told(here: Instagram, client: Client) -> None:
    login = here.add("demo_creator", "not-the-password", keep_password=True)
    assert (login.status, sign_ins(here)) == (LoginStatus.NEEDS_LOGIN, 1)
    here.clock.move(DAY)
    login = here.run(login)
    assert sign_ins(here) == 1
    assert login.password_sealed is None
    page = page_of(client, login)
    assert "Either it is wrong" in page
    assert "does not trust the address" in page


def test_a_blocked_proxy_is_marked_and_nothing_else(here: Instagram, client: Client) -> None:
    with HttpProxy() as server:
        address = proxies.address_of(scheme="http", host="127.0.0.1", port=server.port)
        proxy = proxies.add(workspace=here.workspace, address=address, by=None, now=here.clock())
        run_inline(Job.objects.get(kind=proxies.TRY), clock=here.clock)
        login = here.ready()
        proxies.give_to_login(login=login, proxy=proxy, by=None, now=here.clock())
        account, job = look_up(here)
        here.fault(path=LOOK_UP, kind="proxy_blocked", count=1)
        before = len(here.log())
        assert turn(here, job).state == JobState.WAITING
        proxy = Proxy.objects.get()
        account.refresh_from_db()
        assert (proxy.state, account.trouble, job.due_at) == (ProxyState.BAD, "", proxy.retry_at)
        assert "Its proxy does not work" in page_of(client, login)
        assert "Does not work" in client.get(reverse("settings:proxies")).content.decode()
        here.clock.move(job.due_at - here.clock() - timedelta(seconds=1))
        turn(here, job)
        assert len(here.log()) == before + 1
        here.clock.move(timedelta(seconds=1))
        assert turn(here, job).state == JobState.DONE


@pytest.mark.parametrize(("name", "kind", "words"), [("tiny.pottery", "private", "private"),
                                                     ("nobody.of.that.name", "", "does not exist")])  # fmt: skip
def test_the_targets_state_is_shown_as_such(here: Instagram, client: Client, name: str, kind: str, words: str) -> None:
    login = here.ready()
    account, job = look_up(here, name)
    if kind:
        here.fault(path=LOOK_UP, kind=kind, count=1)
    assert run_inline(job, clock=here.clock).state == JobState.FAILED
    account.refresh_from_db()
    login.refresh_from_db()
    assert words in account.trouble
    assert login.status == LoginStatus.READY
    assert words in client.get(reverse("accounts:list")).content.decode()
    if not kind:  # believed only after something that surely exists was asked for
        assert here.log()[-1]["path"] != next(entry["path"] for entry in here.log() if name in entry["path"])


@pytest.mark.parametrize("kind", ["html", "cut_json", "missing_field", "needs_upgrade"])
def test_an_answer_that_nobody_understands_stops_the_source_for_everybody(
    here: Instagram, client: Client, kind: str
) -> None:
    login = here.ready()
    account, job = look_up(here)
    assert run_inline(job, clock=here.clock).state == JobState.DONE
    account.refresh_from_db()
    known = account.followers_count
    here.fault(path=r"users/", kind=kind, count=-1, field_name="pk")
    tracking.refresh(account=account, by=here.person)
    job = work_until_waiting(Job.objects.open().get(kind=tracking.RESOLVE), here.clock)
    assert SourceHealth.objects.get().state == Circuit.BROKEN
    assert (job.state, sign_ins(here)) == (JobState.WAITING, 1)
    sent = len(here.log())
    _other, second = look_up(here, "northwind_run")
    assert work_until_waiting(second, here.clock).state == JobState.WAITING
    assert len(here.log()) == sent  # whoever comes now asks nothing
    account.refresh_from_db()
    login.refresh_from_db()
    assert (account.followers_count, login.status) == (known, LoginStatus.READY)
    assert "broken for everybody since" in client.get(reverse("jobs:board")).content.decode()


def test_a_paused_login_sends_nothing_and_goes_on_when_it_is_resumed(here: Instagram, client: Client) -> None:
    login = here.ready()
    _account, job = look_up(here)
    client.post(reverse("settings:login_pause", args=[login.pk]))
    sent = len(here.log())
    assert turn(here, job).state == JobState.BLOCKED
    assert len(here.log()) == sent
    assert "Paused by a member" in page_of(client, login)
    client.post(reverse("settings:login_resume", args=[login.pk]))
    assert run_inline(job, clock=here.clock).state == JobState.DONE


def test_a_removed_login_signs_in_nowhere_again(here: Instagram) -> None:
    login = here.ready(keep_password=True)
    logins.remove(login=login, by=here.person, now=here.clock())
    sent = len(here.log())
    with pytest.raises(logins.LoginConflict):
        secret = Secret(PASSWORDS["demo_creator"])
        logins.sign_in(login=login, password=secret, by=here.person, now=here.clock())
    assert len(here.log()) == sent
