"""Proxies over the API: the same functions as the pages. Credentials go in, never out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, SecretStr

from accounts import proxies
from accounts.gateway.proxy import ProxyAddress
from accounts.member_request import MemberRequest
from accounts.models import Proxy
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, page_of
from igsite.schemas import Body, PageOut
from igsite.secrets import Secret

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]


class ProxyOut(Schema):
    """A proxy and how it does. Its credentials are never answered."""

    id: UUID
    name: str
    scheme: str
    host: str
    port: int
    state: str = Field(description="`untried`, `good` or `bad`. A bad one is left alone until `retry_at`.")
    last_error: str
    last_error_at: datetime | None
    retry_at: datetime | None
    checked_at: datetime | None
    created_at: datetime


class ProxyIn(Body):
    """A proxy. On a change, credentials that are left out stay, unless the address is another one."""

    name: str = Field("", max_length=80)
    scheme: Literal["http", "socks5"] = "http"
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65_535)
    username: str = Field("", max_length=400)
    password: SecretStr = Field(SecretStr(""), max_length=500)


class SourceProxyIn(Body):
    """The proxy of a source; null: none."""

    proxy: UUID | None


@router.get("", response=PageOut[ProxyOut], url_name="proxies")
def list_proxies(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's proxies by name."""
    page = page_of(_mine(request), name="proxies", order=("name", "id"), cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.post("", response={202: ProxyOut}, url_name="proxies_add")
@idempotent
def add_proxy(request: MemberRequest, payload: ProxyIn) -> Any:
    """Add a proxy. A job tries it at once; poll its `state`."""
    require_role(request, Role.OWNER)
    proxy = proxies.add(
        workspace=request.workspace, address=_address(payload), name=payload.name, by=request.user, now=timezone.now()
    )
    return Status(202, ProxyOut.from_orm(proxy))


@router.get("/{proxy_id}", response=ProxyOut, url_name="proxy")
def proxy_detail(request: MemberRequest, proxy_id: UUID) -> Proxy:
    """One proxy."""
    return _proxy(request, proxy_id)


@router.put("/{proxy_id}", response={202: ProxyOut}, url_name="proxy_change")
def change_proxy(request: MemberRequest, proxy_id: UUID, payload: ProxyIn) -> Any:
    """Change it; it is tried again."""
    proxy = _proxy(request, proxy_id)
    require_role(request, Role.OWNER)
    proxies.change(proxy=proxy, address=_address(payload), name=payload.name, by=request.user, now=timezone.now())
    return Status(202, ProxyOut.from_orm(_proxy(request, proxy_id)))


@router.post("/{proxy_id}/try", response={202: ProxyOut}, url_name="proxy_try")
@idempotent
def try_proxy(request: MemberRequest, proxy_id: UUID) -> Any:
    """Try it by one request to Instagram."""
    proxy = _proxy(request, proxy_id)
    require_role(request, Role.EDITOR)
    proxies.order_try(proxy=proxy, by=request.user, now=timezone.now())
    return Status(202, ProxyOut.from_orm(proxy))


@router.delete("/{proxy_id}", response={204: None}, url_name="proxy_remove")
def remove_proxy(request: MemberRequest, proxy_id: UUID) -> Any:
    """Erase it with its credentials; 409 while a login or a source uses it."""
    proxy = _proxy(request, proxy_id)
    require_role(request, Role.OWNER)
    proxies.remove(proxy=proxy, by=request.user, now=timezone.now())
    return Status(204, None)


@router.put("/sources/{source}", response={204: None}, url_name="source_proxy")
def choose_for_source(request: MemberRequest, source: str, payload: SourceProxyIn) -> Any:
    """Read a source that needs no login (`web_public`, `apify` …) through a proxy, or straight."""
    require_role(request, Role.OWNER)
    proxy = _proxy(request, payload.proxy) if payload.proxy else None
    proxies.give_to_source(workspace=request.workspace, source=source, proxy=proxy, by=request.user, now=timezone.now())
    return Status(204, None)


def _mine(request: MemberRequest) -> QuerySet[Proxy]:
    return Proxy.objects.for_workspace(request.workspace).defer("credentials_sealed")


def _proxy(request: MemberRequest, proxy_id: UUID) -> Proxy:
    return get_object_or_404(_mine(request), pk=proxy_id)


def _address(payload: ProxyIn) -> ProxyAddress:
    return proxies.address_of(
        scheme=payload.scheme, host=payload.host, port=payload.port, username=payload.username,
        password=Secret(payload.password.get_secret_value()),
    )  # fmt: skip
