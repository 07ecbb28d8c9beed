"""What people do with proxies: add, change, try, give to logins and sources, remove. Pages and API call these.

Credentials arrive as :class:`igsite.secrets.Secret`, are sealed at once and never come out again but to the proxy.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import login_states, proxy_health, proxy_ways, vault
from accounts.gateway.abilities import SOURCES, Needs
from accounts.gateway.proxy import NotAProxy, ProxyAddress
from accounts.models import InstagramLogin, LoginStatus, Proxy, User, Workspace
from accounts.models.proxies import ProxyState, SourceProxy
from igsite.audit import record
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.problems import Conflict, Invalid
from igsite.public_address import AddressRefused
from igsite.secrets import Secret
from igsite.text import clean_text

TRY: Final = "proxy.try"
MOST: Final = 1_000
_NAME_LENGTH: Final = 80


class ProxyConflict(Conflict):
    """What stands forbids that; the message says what to do first."""

    code = "proxy_conflict"


class ProxyInvalid(Invalid):
    """What was handed in is no proxy that can be used."""


def sources() -> list[tuple[str, str]]:
    """The sources that can be given a proxy of their own: name and words. A login brings its own way."""
    return [(name, source.label) for name, source in SOURCES.items() if source.door and source.needs != Needs.LOGIN]


def address_of(
    *, scheme: str, host: str, port: int, username: str = "", password: Secret | None = None
) -> ProxyAddress:
    """The parts as one address. Raises :class:`ProxyInvalid`, also for an address that nothing of ours connects to."""
    try:
        address = ProxyAddress(scheme, host.strip().lower().strip("[]"), port, username, password or None)  # type: ignore[arg-type]
    except NotAProxy as error:
        raise ProxyInvalid(str(error), fields={"host": [str(error)]}) from None
    _refuse_inside(address)
    return address


def add(*, workspace: Workspace, address: ProxyAddress, name: str = "", by: User | None, now: datetime) -> Proxy:
    """A new proxy; a job tries it at once.

    Raises:
        ProxyConflict: the name is taken, or the workspace has very many.
        ProxyInvalid: the address leads into a network that nothing of ours connects to.
    """
    _refuse_inside(address)
    mine = Proxy.objects.for_workspace(workspace)
    with transaction.atomic():
        if mine.count() >= MOST:
            raise ProxyConflict(_("A workspace keeps at most %(most)s proxies. Remove some first.") % {"most": MOST})
        proxy = Proxy(workspace=workspace, name=_name(name) or _free_name(workspace, address), created_by=by)
        _fill(proxy, address)
        _saved(proxy)
        record(by, "proxy.added", proxy, workspace=workspace, now=now, details={"address": address.endpoint})
        order_try(proxy=proxy, by=by, now=now)
    return proxy


def change(*, proxy: Proxy, address: ProxyAddress, name: str, by: User | None, now: datetime) -> None:
    """Another name, address or credentials. Without credentials the stored ones stay, if the address stays the same:
    they are never sent to another machine than the one they were given for."""
    _refuse_inside(address)
    with transaction.atomic():
        proxy = Proxy.objects.select_for_update().get(pk=proxy.pk)
        is_elsewhere = (proxy.scheme, proxy.host, proxy.port) != (address.scheme, address.host, address.port)
        if is_elsewhere and proxy.credentials_sealed is not None and not address.username:
            sentence = _("The address is another one: enter the user name and password for it.")
            raise ProxyInvalid(sentence, fields={"username": [sentence]})
        proxy.name = _name(name) or proxy.name
        if is_elsewhere or address.username:
            _fill(proxy, address)
        _saved(proxy)
        record(by, "proxy.changed", proxy, workspace=proxy.workspace, now=now, details={"address": address.endpoint})
        order_try(proxy=proxy, by=by, now=now)


def order_try(*, proxy: Proxy, by: User | None, now: datetime) -> Job:
    """Try it by a job: one request to Instagram through it."""
    return runner.enqueue(
        TRY,
        workspace=proxy.workspace,
        by=by,
        params={"proxy": str(proxy.pk)},
        subject=proxy.name,
        lane=f"proxy-{proxy.pk}",
        dedupe_key=f"try-{proxy.pk}",
        due_at=now,
    )


def remove(*, proxy: Proxy, by: User | None, now: datetime) -> None:
    """Erase it with its credentials. Raises :class:`ProxyConflict` while a login or a source goes through it: they
    would suddenly be seen from another address."""
    with transaction.atomic():
        proxy = Proxy.objects.select_for_update().get(pk=proxy.pk)
        users = [f"@{login.username}" for login in logins_of(proxy)]
        users += [dict(sources()).get(one.source, one.source) for one in proxy.sources.order_by("source")]
        if users:
            raise ProxyConflict(
                _("%(users)s still go through this proxy. Give them another one first.")
                % {"users": ", ".join(users[:10])}
            )
        InstagramLogin.objects.filter(proxy=proxy, status=LoginStatus.REMOVED).update(proxy=None)
        record(by, "proxy.removed", proxy, workspace=proxy.workspace, now=now)
        proxy.delete()


def logins_of(proxy: Proxy) -> QuerySet[InstagramLogin]:
    """The logins that go through it."""
    return InstagramLogin.objects.for_workspace(proxy.workspace_id).filter(proxy=proxy).order_by("username")


def give_to_login(*, login: InstagramLogin, proxy: Proxy | None, by: User | None, now: datetime) -> None:
    """From now on the login is seen from that proxy's address, or from the site's own. Work that waited goes on."""
    if proxy is not None and proxy.workspace_id != login.workspace_id:
        raise ProxyInvalid(_("This proxy belongs to another workspace."))
    with login_states.locked(login) as row:
        if row.login.proxy_id == (proxy.pk if proxy else None):
            return
        row.change(proxy=proxy)
        details = {"proxy": proxy.name if proxy else "-"}
        record(by, "login.proxy", row.login, workspace=row.login.workspace, now=now, details=details)
    login_states.let_go_on(login)


def give_to_source(*, workspace: Workspace, source: str, proxy: Proxy | None, by: User | None, now: datetime) -> None:
    """A source without a login is read through that proxy in this workspace, or straight."""
    if source not in dict(sources()):
        raise ProxyInvalid(_("This source takes no proxy."), fields={"source": [_("This source takes no proxy.")]})
    if proxy is not None and proxy.workspace_id != workspace.pk:
        raise ProxyInvalid(_("This proxy belongs to another workspace."))
    with transaction.atomic():
        if proxy is None:
            SourceProxy.objects.for_workspace(workspace).filter(source=source).delete()
        else:
            SourceProxy.objects.update_or_create(workspace=workspace, source=source, defaults={"proxy": proxy})
        details = {"source": source, "proxy": proxy.name if proxy else "-"}
        record(by, "source.proxy", source, workspace=workspace, now=now, details=details)


def works_again(proxy: Proxy, *, now: datetime) -> None:
    """A trial went well: whoever waited for it goes on."""
    proxy_health.answered(proxy.pk, now=now)
    for login in logins_of(proxy):
        login_states.let_go_on(login)


def _fill(proxy: Proxy, address: ProxyAddress) -> None:
    proxy.scheme, proxy.host, proxy.port = address.scheme, address.host, address.port
    proxy.state, proxy.failures, proxy.strikes, proxy.retry_at = ProxyState.UNTRIED, 0, 0, None
    proxy.credentials_sealed = None
    if address.username:
        secret = {"username": address.username, "password": address.password.reveal() if address.password else ""}
        sealed = vault.seal(proxy_ways.PLACE, proxy.pk, proxy.workspace_id, Secret(json.dumps(secret)))
        proxy.credentials_sealed = sealed


def _saved(proxy: Proxy) -> None:
    try:
        with transaction.atomic():
            proxy.save()
    except IntegrityError:
        sentence = _("There is a proxy of this name already.")
        raise ProxyConflict(sentence, fields={"name": [sentence]}) from None


def _name(text: str) -> str:
    return clean_text(text, limit=_NAME_LENGTH).strip()


def _free_name(workspace: Workspace, address: ProxyAddress) -> str:
    wanted = f"{address.host}:{address.port}"[: _NAME_LENGTH - 6]
    taken = set(Proxy.objects.for_workspace(workspace).filter(name__startswith=wanted).values_list("name", flat=True))
    others: Any = (f"{wanted} ({number})" for number in range(2, MOST + 3))
    return wanted if wanted not in taken else next(name for name in others if name not in taken)


def _refuse_inside(address: ProxyAddress) -> None:
    """What is an address by itself is judged at once; a name, when it is looked up."""
    try:
        proxy_ways.refuse_inside(address)
    except AddressRefused as forbidden:
        raise ProxyInvalid(str(forbidden), fields={"host": [str(forbidden)]}) from None
