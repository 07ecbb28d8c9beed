"""Proxies: all requests of a login and a source go through theirs and never around it; what shows that one is bad."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts import connect, connecting, logins, proxies, proxy_health, proxy_ways, tracking
from accounts.gateway.errors import ProxyBlocked, ProxyUnreachable
from accounts.gateway.providers import open_web_public
from accounts.models import InstagramLogin, LoginStatus, Proxy, TrackedAccount, Workspace
from accounts.models.proxies import ProxyState
from accounts.usage import Ledger
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline, run_step
from igsite.models import AuditEntry
from igsite.secrets import Secret
from tests.accounts.instagram import Instagram
from tests.proxy_servers import PASSWORD, USERNAME, HttpProxy, ProxyServer, SocksProxy, proxy_server

__all__ = ["proxy_server"]
pytestmark = pytest.mark.django_db


def add(instagram: Instagram, server: ProxyServer, **other: object) -> Proxy:
    """The server as a proxy of the workspace, its trial not yet done."""
    typed = server.parts | other
    typed["password"] = Secret(str(typed.get("password", "")))
    address = proxies.address_of(**typed)  # type: ignore[arg-type]
    return proxies.add(workspace=instagram.workspace, address=address, by=instagram.person, now=instagram.clock())


def tried(instagram: Instagram, proxy: Proxy) -> Proxy:
    """Its trial, done."""
    run_inline(Job.objects.open().get(kind=proxies.TRY, params__proxy=str(proxy.pk)), clock=instagram.clock)
    proxy.refresh_from_db()
    return proxy


def looked_up(instagram: Instagram, clock_moves: bool = True) -> tuple[Job, TrackedAccount]:
    """One turn of a look-up."""
    account = tracking.track(workspace=instagram.workspace, account="tiny.pottery", by=None, now=instagram.clock())
    job = Job.objects.get(kind=tracking.RESOLVE)
    if clock_moves:
        instagram.clock.move_to(job.due_at)
    run_step(job.pk, clock=instagram.clock)
    job.refresh_from_db()
    account.refresh_from_db()
    return job, account


def with_proxy(instagram: Instagram, proxy: Proxy) -> InstagramLogin:
    """A login that is signed in and has the proxy from then on."""
    login = instagram.ready()
    proxies.give_to_login(login=login, proxy=proxy, by=instagram.person, now=instagram.clock())
    return login


def test_a_proxy_is_tried_on_save_by_a_real_request(instagram: Instagram, proxy_server: ProxyServer) -> None:
    proxy = tried(instagram, add(instagram, proxy_server))
    assert proxy.state == ProxyState.GOOD
    assert len(proxy_server.served) == 1
    assert len(instagram.log("robots.txt")) == 1


def test_the_stored_row_holds_no_credentials_in_the_clear(instagram: Instagram, proxy_server: ProxyServer) -> None:
    proxy = add(instagram, proxy_server)
    stored = Proxy.objects.filter(pk=proxy.pk).values().get()
    assert USERNAME not in str({**stored, "name": ""})
    assert PASSWORD.encode() not in bytes(stored["credentials_sealed"] or b"")
    assert PASSWORD not in str(list(AuditEntry.objects.values()) + list(Job.objects.values()))
    opened = proxy_ways.opened(proxy)
    assert opened.password is not None
    assert (opened.username, opened.password.reveal()) == (USERNAME, PASSWORD)


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
def test_wrong_credentials_are_told_and_the_proxy_is_bad(instagram: Instagram, kind: type[ProxyServer]) -> None:
    with kind(wants_credentials=True) as server:
        proxy = tried(instagram, add(instagram, server, password="wrong"))
        assert server.turned_away
    assert proxy.state == ProxyState.BAD
    assert "proxy" in proxy.last_error
    assert not instagram.log("robots.txt")


def test_every_request_of_a_login_goes_through_its_proxy(instagram: Instagram, proxy_server: ProxyServer) -> None:
    login = instagram.add("demo_creator")
    direct = len(instagram.log())
    proxy = add(instagram, proxy_server)
    proxies.give_to_login(login=login, proxy=proxy, by=instagram.person, now=instagram.clock())
    logins.sign_in(login=login, password=Secret("demo-pass-1"), by=instagram.person, now=instagram.clock())
    login = instagram.run(login)
    assert login.status == LoginStatus.READY
    job, account = looked_up(instagram)
    assert job.state == JobState.DONE
    assert account.followers_count is not None
    # Keep-alive may carry several requests on one connection, so that there are at most as many as requests.
    through = instagram.log()[direct:]
    assert 0 < len(proxy_server.served) <= len(through)
    assert len([entry for entry in through if "send_login_request" in entry["path"]]) == 1
    proxy_server.close()
    seen = len(instagram.log())
    with connect.gateway_for(login, clock=instagram.clock) as gateway, pytest.raises(ProxyUnreachable):
        gateway.profile_by_username("tiny.pottery")
    assert len(instagram.log()) == seen  # not one request went around it


def test_a_public_source_goes_through_the_proxy_of_its_workspace(instagram: Instagram, settings: Settings) -> None:
    with HttpProxy(wants_credentials=True) as server:
        proxy, now = add(instagram, server), instagram.clock()
        give = {"workspace": instagram.workspace, "source": "web_public", "by": instagram.person, "now": now}
        proxies.give_to_source(proxy=proxy, **give)  # type: ignore[arg-type]
        way = proxy_ways.of_source(instagram.workspace, "web_public", now=now)
        with open_web_public(base_url=settings.INSTAGRAM_BASE_URL, proxy=way.address) as web:
            assert web.profile_by_username("tiny.pottery").pk
        assert server.served
        with pytest.raises(proxies.ProxyConflict, match="Public web"):
            proxies.remove(proxy=proxy, by=None, now=now)
        proxies.give_to_source(proxy=None, **give)  # type: ignore[arg-type]
        assert proxy_ways.of_source(instagram.workspace, "web_public", now=now).address is None
        proxies.remove(proxy=proxy, by=None, now=now)


def test_a_refusing_proxy_is_bad_at_once_and_its_login_waits(instagram: Instagram) -> None:
    server = HttpProxy()
    proxy = tried(instagram, add(instagram, server))
    login = with_proxy(instagram, proxy)
    server.close()
    seen = len(instagram.log())
    job, account = looked_up(instagram)
    proxy.refresh_from_db()
    assert proxy.state == ProxyState.BAD
    assert account.trouble == ""
    assert job.state == JobState.WAITING
    with pytest.raises(connect.MustWait, match="does not work") as wait:
        connect.gateway_for(login, clock=instagram.clock)
    assert wait.value.until == proxy.retry_at
    assert len(instagram.log()) == seen


def test_three_requests_without_an_answer_make_a_proxy_bad(instagram: Instagram) -> None:
    proxy = tried(instagram, add(instagram, server := HttpProxy()))
    login = with_proxy(instagram, proxy)
    way = proxy_ways.of_login(login, now=instagram.clock())
    ledger = Ledger(login_id=login.pk, workspace_id=login.workspace_id, source="test", clock=instagram.clock)
    for times, state in ((1, ProxyState.GOOD), (2, ProxyState.GOOD), (3, ProxyState.BAD)):
        way.watching(ledger).record(kind="login", endpoint="users/*/info", outcome="no_answer")
        way.settle(now=instagram.clock())
        proxy.refresh_from_db()
        assert (proxy.failures, proxy.state) == (times, state)
    server.close()


def test_an_answer_in_between_begins_the_count_anew(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = tried(instagram, add(instagram, server))
        proxy_health.brought_no_answer(proxy.pk, "No answer.", now=instagram.clock(), times=2)
        with_proxy(instagram, proxy)
        assert looked_up(instagram)[0].state == JobState.DONE
        proxy.refresh_from_db()
        assert (proxy.failures, proxy.state) == (0, ProxyState.GOOD)
        assert proxy.last_error == "No answer."  # kept as history


def test_a_blocked_address_marks_the_proxy_and_not_the_target(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = tried(instagram, add(instagram, server))
        login = with_proxy(instagram, proxy)
        instagram.fault(path="usernameinfo", kind="proxy_blocked", count=1)
        job, account = looked_up(instagram)
        proxy.refresh_from_db()
        login.refresh_from_db()
        assert proxy.state == ProxyState.BAD
        assert "blocks" in proxy.last_error
        assert account.trouble == ""
        assert login.status == LoginStatus.READY
        assert (job.state, job.due_at) == (JobState.WAITING, proxy.retry_at)
        # Nothing more is sent until its time; then it goes on by itself, and the first answer clears the proxy.
        seen = len(instagram.log())
        instagram.clock.move(timedelta(minutes=59))
        assert looked_up(instagram, clock_moves=False)[0].state == JobState.WAITING
        assert len(instagram.log()) == seen
        job, account = looked_up(instagram)
        proxy.refresh_from_db()
        assert job.state == JobState.DONE
        assert account.followers_count is not None
        assert proxy.state == ProxyState.GOOD


def test_another_proxy_lets_the_waiting_work_go_on_at_once(instagram: Instagram) -> None:
    with HttpProxy() as first, SocksProxy() as second:
        login = with_proxy(instagram, tried(instagram, add(instagram, first)))
        instagram.fault(path="usernameinfo", kind="proxy_blocked", count=1)
        assert looked_up(instagram)[0].state == JobState.WAITING
        other = tried(instagram, add(instagram, second))
        proxies.give_to_login(login=login, proxy=other, by=instagram.person, now=instagram.clock())
        assert looked_up(instagram)[0].state == JobState.DONE
        assert len(second.served) > 1


def test_each_strike_doubles_the_rest_up_to_a_day(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = add(instagram, server)
        rests = []
        for _ in range(7):
            proxy_health.was_blocked(proxy.pk, "blocked", now=instagram.clock())
            proxy.refresh_from_db()
            assert proxy.retry_at is not None
            rests.append((proxy.retry_at - instagram.clock()) / timedelta(hours=1))
            instagram.clock.move_to(proxy.retry_at)
        assert rests == [1, 2, 4, 8, 16, 24, 24]


def test_signing_in_over_a_bad_proxy_sends_nothing(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = add(instagram, server)
        login = instagram.ready()
        proxies.give_to_login(login=login, proxy=proxy, by=None, now=instagram.clock())
        proxy_health.refused_us(proxy.pk, "Nobody listens.", now=instagram.clock())
        seen = len(instagram.log())
        logins.sign_in(login=login, password=Secret("demo-pass-1"), by=None, now=instagram.clock())
        login = instagram.run(login)
        assert login.status == LoginStatus.NEEDS_LOGIN
        assert "proxy" in login.status_note
        assert len(instagram.log()) == seen
        assert not server.served


def test_a_trial_that_goes_well_lets_everything_go_on(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = tried(instagram, add(instagram, server))
        with_proxy(instagram, proxy)
        proxy_health.refused_us(proxy.pk, "Nobody listens.", now=instagram.clock())
        assert looked_up(instagram)[0].state == JobState.WAITING
        proxies.order_try(proxy=proxy, by=instagram.person, now=instagram.clock())
        assert tried(instagram, proxy).state == ProxyState.GOOD
        assert looked_up(instagram)[0].state == JobState.DONE


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1"])
def test_addresses_within_our_network_are_refused(instagram: Instagram, host: str) -> None:
    with pytest.raises(proxies.ProxyInvalid, match="private") as refused:
        proxies.address_of(scheme="http", host=host, port=8080)
    assert "host" in refused.value.fields


def test_a_real_site_refuses_this_machine_as_well(instagram: Instagram, settings: Settings) -> None:
    with HttpProxy() as server:
        proxy = add(instagram, server, host="localhost")
        settings.PRODUCTION = True
        with pytest.raises(proxies.ProxyInvalid):
            proxies.address_of(scheme="http", host="127.0.0.1", port=server.port)
        # A name is judged where it leads when it is used: the trial finds out, and nothing is sent.
        assert tried(instagram, proxy).state == ProxyState.BAD
        assert "private" in proxy.last_error
        assert not server.served


def test_another_address_does_not_get_the_stored_credentials(instagram: Instagram) -> None:
    with HttpProxy(wants_credentials=True) as server:
        proxy = add(instagram, server)
        elsewhere = proxies.address_of(scheme="http", host="127.0.0.1", port=server.port + 1)
        with pytest.raises(proxies.ProxyInvalid, match="enter the user name"):
            proxies.change(proxy=proxy, address=elsewhere, name="", by=None, now=instagram.clock())
        same = proxies.address_of(scheme="http", host="127.0.0.1", port=server.port)
        proxies.change(proxy=proxy, address=same, name="Mine", by=None, now=instagram.clock())
        proxy.refresh_from_db()
        assert proxy.name == "Mine"
        assert proxy_ways.opened(proxy).username == USERNAME


def test_a_proxy_in_use_is_not_removed(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = add(instagram, server)
        login = with_proxy(instagram, proxy)
        with pytest.raises(proxies.ProxyConflict, match="@demo_creator"):
            proxies.remove(proxy=proxy, by=None, now=instagram.clock())
        logins.remove(login=login, by=None, now=instagram.clock())
        proxies.remove(proxy=proxy, by=None, now=instagram.clock())
        assert not Proxy.objects.exists()


def test_a_proxy_of_another_workspace_is_nobodys_way(instagram: Instagram) -> None:
    with HttpProxy() as server:
        login = instagram.ready()
        elsewhere = Workspace.objects.create(name="Elsewhere")
        address = proxies.address_of(scheme="http", host="127.0.0.1", port=server.port)
        foreign = proxies.add(workspace=elsewhere, address=address, by=None, now=instagram.clock())
        with pytest.raises(proxies.ProxyInvalid):
            proxies.give_to_login(login=login, proxy=foreign, by=None, now=instagram.clock())


def test_the_database_keeps_ports_and_states_in_bounds(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = add(instagram, server)
        for values in ({"port": 0}, {"port": 70_000}, {"state": "fine"}, {"state": "bad", "retry_at": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Proxy.objects.filter(pk=proxy.pk).update(**values)


def test_the_login_phase_notes_a_blocked_address(instagram: Instagram) -> None:
    with HttpProxy() as server:
        proxy = tried(instagram, add(instagram, server))
        login = with_proxy(instagram, proxy)
        instagram.fault(path="send_login_request", kind="proxy_blocked", count=1)
        logins.sign_in(login=login, password=Secret("demo-pass-1"), by=None, now=instagram.clock())
        outcome = connecting.run_phase(login, clock=instagram.clock)
        proxy.refresh_from_db()
        assert getattr(outcome, "code", "") == ProxyBlocked.code
        assert proxy.state == ProxyState.BAD
