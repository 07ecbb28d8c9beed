"""Signing in to Instagram, one phase a job. What was handed in is used once (:mod:`accounts.login_pending`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import login_outcomes, login_pending, login_secrets, login_states, proxy_ways, vault
from accounts.gateway import errors
from accounts.gateway.login import ChannelName, LoggedIn, LoginGateway, LoginStep, PasswordWanted
from accounts.gateway.protocol import Pacing
from accounts.gateway.providers import open_login, open_private
from accounts.login_pending import Phase
from accounts.models import InstagramLogin
from accounts.usage import Ledger
from igsite.jobs.kinds import Done, Failed
from igsite.secrets import Secret

SOURCE: Final = "instagrapi_private"


@dataclass(frozen=True, slots=True)
class _Ways:
    """What a phase sends with."""

    gateway: LoginGateway
    ledger: Pacing
    way: proxy_ways.Way
    username: str
    device: dict[str, Any]
    seed: Secret | None


def run_phase(login: InstagramLogin, *, clock: Callable[[], datetime]) -> Done | Failed:
    """Carry out the phase that was ordered, if it still stands, and write down where the login is then.

    Raises:
        accounts.vault.VaultLocked: the vault waits for its passphrase.
        accounts.vault.VaultError: the login's secrets cannot be opened.
    """
    with vault.kept():  # what Instagram answers is kept, though somebody locks the vault meanwhile
        return _phase(login, clock)


def _phase(login: InstagramLogin, clock: Callable[[], datetime]) -> Done | Failed:
    phase = login_pending.take(login, now=clock())
    if phase is None:
        login_pending.interrupted(login, now=clock())
        return Failed(_("The sign-in was interrupted. Start it again."), "interrupted")
    try:
        ways = _ways(login, clock)
    except proxy_ways.ProxyRests as rests:
        return login_outcomes.refused(login, errors.ProxyUnreachable(str(rests)), phase, now=clock())
    try:
        step = _SEND[phase.name](ways, phase)
        if isinstance(step, PasswordWanted) and phase.password and phase.name != "password":
            step = ways.gateway.begin_login(login.username, phase.password, step.settings, ways.seed)
    except errors.GatewayError as error:
        ways.way.settle(error, now=clock())
        return login_outcomes.refused(login, error, phase, now=clock())
    ways.way.settle(now=clock())
    return login_outcomes.arrived(login, step, phase, now=clock())


def _ways(login: InstagramLogin, clock: Callable[[], datetime]) -> _Ways:
    way = proxy_ways.of_login(login, now=clock())
    ledger = way.watching(Ledger(login_id=login.pk, workspace_id=login.workspace_id, source=SOURCE, clock=clock))
    gateway = open_login(base_url=settings.INSTAGRAM_BASE_URL, proxy=way.address, pacing=ledger)
    seed = login_secrets.opened_or_lost(login, "totp_sealed")  # without it Instagram asks for the code
    return _Ways(gateway, ledger, way, login.username, _device(login, gateway), seed)


def _device(login: InstagramLogin, gateway: LoginGateway) -> dict[str, Any]:
    """The login's device; a new one is kept before it is shown to Instagram, so that a failed try costs none."""
    with login_states.locked(login) as row:
        kept = login_secrets.opened_or_lost(row.login, "session_sealed")
        device: dict[str, Any] | None = json.loads(kept.reveal()) if kept else None
        if device is None:
            device = gateway.new_device()
            row.change(session_sealed=login_secrets.sealed_json(row.login, "session_sealed", device))
    return device


def _password(ways: _Ways, phase: Phase) -> LoginStep:
    return ways.gateway.begin_login(ways.username, phase.password or Secret(""), ways.device, ways.seed)


def _sessionid(ways: _Ways, phase: Phase) -> LoginStep:
    agent = phase.input.get("user_agent") or None
    return ways.gateway.login_by_sessionid(Secret(phase.input["sessionid"]), agent, ways.device)


def _settings(ways: _Ways, phase: Phase) -> LoginStep:
    """Device and session of another program; one read proves them. Cookies alone come with the login's own device."""
    given = json.loads(phase.input["settings"])
    device = given if given.get("uuids") else {**ways.device, **given}
    return _probed(replace(ways, device=_as_session(device)))


def _as_session(settings: dict[str, Any]) -> dict[str, Any]:
    """A session that is in one place only, where the client looks for it."""
    cookies, known = settings.get("cookies") or {}, settings.get("authorization_data") or {}
    sessionid = known.get("sessionid") or cookies.get("sessionid", "")
    user_id = known.get("ds_user_id") or cookies.get("ds_user_id") or sessionid.split("%3A")[0].split(":")[0]
    authorization = {"should_use_header_over_cookies": True, **known, "ds_user_id": user_id, "sessionid": sessionid}
    return settings | {
        "authorization_data": authorization,
        "cookies": cookies | {"sessionid": sessionid, "ds_user_id": user_id},
    }


def _channel(ways: _Ways, phase: Phase) -> LoginStep:
    return ways.gateway.choose_channel(phase.state, cast("ChannelName", phase.input["channel"]))


def _code(ways: _Ways, phase: Phase) -> LoginStep:
    return ways.gateway.submit_code(phase.state, phase.input["code"])


def _approved(ways: _Ways, phase: Phase) -> LoginStep:
    """A person says that the app is content: go on from the state, or look whether it is true."""
    if phase.state:
        return ways.gateway.resume_after_approval(phase.state)
    try:
        return _probed(ways)
    except errors.NeedsPerson as error:
        still = error.api_path or phase.api_path
        if not still:
            raise
    return ways.gateway.open_challenge(still, ways.device, ways.username)


def _probed(ways: _Ways) -> LoginStep:
    base_url, proxy = settings.INSTAGRAM_BASE_URL, ways.way.address
    with open_private(ways.device, base_url=base_url, proxy=proxy, pacing=ways.ledger) as session:
        own = session.probe_session()
        return LoggedIn(own.pk, own.username, session.session_settings())


_SEND: Final[dict[str, Callable[[_Ways, Phase], LoginStep]]] = {
    "password": _password,
    "sessionid": _sessionid,
    "settings": _settings,
    "channel": _channel,
    "code": _code,
    "approved": _approved,
}
