"""A proxy is one value; every source goes through it or nowhere, and its password is seen by nobody."""

from __future__ import annotations

import traceback
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from accounts.gateway import errors
from accounts.gateway.login import LoggedIn
from accounts.gateway.providers.exchange import Exchange
from accounts.gateway.providers.instagrapi_login import PrivateLogin
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from accounts.gateway.providers.web_public import WebPublic
from accounts.gateway.proxy import NotAProxy, ProxyAddress, ProxyScheme, parse_proxy
from igsite.secrets import Secret
from tests.gateway.opened_sources import DOORS, raw_reader
from tests.gateway.proxies import loopback_proxy
from tests.gateway.raw_server import RawServer, as_json
from tests.gateway.sessions import signed_in
from tests.proxy_servers import PASSWORD
from tests.simulator_process import SimulatorProcess

CANARY = "c4n4ry:/@#pass"
PROFILE = as_json({"data": {"user": {"id": "17", "username": "a"}}, "status": "ok"})
NOWHERE = "http://instagram.invalid"
"""A name that nothing here can look up: whoever reaches it asked the proxy."""


def where(server: RawServer) -> tuple[str, int]:
    parts = urlsplit(server.base_url)
    return str(parts.hostname), int(parts.port or 0)


@pytest.mark.parametrize(
    ("text", "endpoint", "username", "password"),
    [
        ("http://user:pa%40ss@Proxy.Example:8080", "http://proxy.example:8080", "user", "pa@ss"),
        ("socks5://10.1.2.3:1080", "socks5://10.1.2.3:1080", "", ""),
        ("socks5h://u:p@10.1.2.3:1080/", "socks5://10.1.2.3:1080", "u", "p"),
        ("proxy.example:3128", "http://proxy.example:3128", "", ""),
        ("user:pa%3Ass@proxy.example:3128", "http://proxy.example:3128", "user", "pa:ss"),
        ("proxy.example:3128:user:secret", "http://proxy.example:3128", "user", "secret"),
        ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128", "", ""),
    ],
)
def test_what_people_write_is_read(text: str, endpoint: str, username: str, password: str) -> None:
    proxy = parse_proxy(text)
    assert (proxy.endpoint, proxy.username) == (endpoint, username)
    assert (proxy.password.reveal() if proxy.password else "") == password


@pytest.mark.parametrize(
    "text",
    [
        "", "proxy.example", "http://proxy.example", "http://proxy.example:0", "http://proxy.example:99999",
        "https://proxy.example:443", "gopher://c4n4ry@h:1", "http://u:c4n4ry@h:port", "http://h:1/path", "http://h:1?q=1",
        "http://-bad-:1", "http://a b:1", "file:///etc/passwd", "http://:c4n4ry@h:1", "http://[fe80::1%25eth0]:1",
    ],
)  # fmt: skip
def test_what_is_no_proxy_is_refused_in_words_without_secrets(text: str) -> None:
    with pytest.raises(NotAProxy) as told:
        parse_proxy(text)
    assert "c4n4ry" not in str(told.value)
    assert str(told.value).endswith(".")


def test_the_password_is_in_no_representation() -> None:
    proxy = ProxyAddress("socks5", "h", 1, "user", Secret(CANARY))
    assert "c4n4ry" not in f"{proxy!r} {proxy} {proxy.endpoint} {proxy.bare_address()} {proxy.full_address()}"
    assert proxy.full_address().reveal() == "socks5h://user:c4n4ry%3A%2F%40%23pass@h:1"


def test_connections_go_to_the_address_that_was_checked() -> None:
    proxy = ProxyAddress("http", "proxy.example", 8080, resolved="203.0.113.9")
    assert proxy.bare_address() == "http://203.0.113.9:8080"
    assert proxy.endpoint == "http://proxy.example:8080"


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("wants_credentials", [False, True])
def test_the_public_web_is_read_through_the_proxy_which_looks_names_up(
    server: RawServer, scheme: ProxyScheme, wants_credentials: bool
) -> None:
    server.will(PROFILE)
    with loopback_proxy(scheme, leads_to=where(server), wants_credentials=wants_credentials) as proxy:
        with WebPublic(base_url=NOWHERE, proxy=proxy.address) as web:
            assert web.profile_by_username("a").pk == 17
        assert proxy.served == ["instagram.invalid:80"]
    assert "Proxy-Authorization" not in server.seen[0].headers


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("wants_credentials", [False, True])
def test_an_instagram_login_speaks_through_the_proxy_which_looks_names_up(
    server: RawServer, scheme: ProxyScheme, wants_credentials: bool
) -> None:
    server.will(as_json({"users": [], "status": "ok"}), as_json({"status": "ok"}))
    with loopback_proxy(scheme, leads_to=where(server), wants_credentials=wants_credentials) as proxy:
        with InstagrapiPrivate(signed_in(), base_url=NOWHERE, proxy=proxy.address) as gateway:
            gateway.followers(17)
            gateway.follow(17)
        assert set(proxy.served) == {"instagram.invalid:80"}
        assert len(proxy.served) == len(server.seen) == 2


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_whole_login_goes_through_the_proxy(instagram: SimulatorProcess, scheme: ProxyScheme) -> None:
    """By all three sessions of the library: nobody but the proxy knows the name of the server."""
    host, _, port = instagram.base_url.removeprefix("http://").partition(":")
    with loopback_proxy(scheme, leads_to=(host, int(port)), wants_credentials=True) as proxy:
        step = PrivateLogin(base_url=NOWHERE, proxy=proxy.address).begin_login("demo_creator", Secret("demo-pass-1"))
        assert isinstance(step, LoggedIn)
        assert set(proxy.served) == {"instagram.invalid:80"}
        assert PASSWORD not in str(step.settings)
    hosts = {entry["host"] for entry in instagram.control("log")["entries"]}
    assert {"b.i.instagram.com", "i.instagram.com"} <= hosts


REAL = {
    "instagrapi_private": "i.instagram.com",
    "web_public": "www.instagram.com",
    "apify": "api.apify.com",
    "tikhub": "api.tikhub.io",
    "meta_graph": "graph.facebook.com",
}


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("name", DOORS)
def test_the_real_addresses_are_reached_through_a_tunnel_only(
    server: RawServer, scheme: ProxyScheme, name: str
) -> None:
    """Without a base address. The proxy leads to a server without TLS, so that nothing leaves this machine."""
    with loopback_proxy(scheme, leads_to=where(server), wants_credentials=True) as proxy:
        session = {"settings": signed_in()} if name == "instagrapi_private" else {}
        with closing(DOORS[name].door(**session, proxy=proxy.address)) as gateway:
            with pytest.raises(errors.Transient) as told:
                raw_reader(gateway).profile_by_username("a")
            assert PASSWORD not in "".join(traceback.format_exception(told.value)) + told.value.detail
        assert set(proxy.served) == {f"{REAL[name]}:443"}
    assert not any("a" in seen.path for seen in server.seen), "nothing but the beginning of TLS arrived"


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_wrong_password_is_the_proxy_s_fault_and_nothing_goes_around_it(
    server: RawServer, scheme: ProxyScheme
) -> None:
    with loopback_proxy(scheme, leads_to=where(server), wants_credentials=True) as proxy:
        address = ProxyAddress(scheme, "127.0.0.1", proxy.address.port, "user", Secret(CANARY))
        sources = (
            WebPublic(base_url=server.base_url, proxy=address),
            InstagrapiPrivate(signed_in(), base_url=server.base_url, proxy=address),
        )
        for source in sources:
            with source, pytest.raises(errors.ProxyUnreachable) as told:
                source.profile_by_username("a")
            assert "c4n4ry" not in "".join(traceback.format_exception(told.value)) + told.value.detail
        assert proxy.turned_away == 2
    assert server.seen == []


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_dead_proxy_is_named_and_nothing_goes_around_it(server: RawServer, scheme: ProxyScheme) -> None:
    dead = ProxyAddress(scheme, "127.0.0.1", 9, "user", Secret(CANARY))
    with WebPublic(base_url=server.base_url, proxy=dead) as web, pytest.raises(errors.ProxyUnreachable):
        web.profile_by_username("a")
    private = InstagrapiPrivate(signed_in(), base_url=server.base_url, proxy=dead)
    with private, pytest.raises(errors.ProxyUnreachable):
        private.profile_by_username("a")
    assert server.seen == []


def test_a_proxy_s_own_name_is_not_looked_up_again(server: RawServer) -> None:
    server.will(PROFILE)
    with loopback_proxy("http", leads_to=where(server)) as proxy:
        pinned = ProxyAddress("http", "moved.invalid", proxy.address.port, resolved="127.0.0.1")
        with WebPublic(base_url=NOWHERE, proxy=pinned) as web:
            assert web.profile_by_username("a").pk == 17


def test_the_environment_names_no_proxy(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    exchange = Exchange()
    assert exchange.send("GET", server.base_url, endpoint="x").is_success
    exchange.close()


def test_the_environment_lets_nothing_pass_by_the_proxy(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "*")
    server.otherwise = PROFILE
    with loopback_proxy("http") as proxy:
        with WebPublic(base_url=server.base_url, proxy=proxy.address) as web:
            web.profile_by_username("a")
        private = InstagrapiPrivate(signed_in(), base_url=server.base_url, proxy=proxy.address)
        with private, pytest.raises(errors.ContractDrift):
            private.profile(17)
        assert len(proxy.served) == 2
