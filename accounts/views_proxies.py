"""Settings: proxies, and who goes through which."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import proxies, proxy_exchange, proxy_health
from accounts.forms_proxies import LoginProxyForm, ProxyFileForm, ProxyForm, SourceProxiesForm
from accounts.member_request import MemberRequest
from accounts.models import Proxy
from accounts.views_logins import find as find_login
from accounts.views_logins import show as show_login
from igsite.htmx import render_page
from igsite.ownership import Role, may, require_role
from igsite.paging import page_of
from igsite.problems import Problem

PAGE = 50


@require_GET
def listing(request: MemberRequest) -> HttpResponse:
    """Every proxy with its health, and the proxies of the sources."""
    mine = Proxy.objects.for_workspace(request.workspace).defer("credentials_sealed")
    page = page_of(mine, name="proxies", order=("name", "id"), cursor=request.GET.get("cursor", ""), limit=PAGE)
    is_owner = may(request, Role.OWNER)
    sources_form = SourceProxiesForm(request.workspace) if is_owner and page.items else None
    shown = {"page": page, "is_owner": is_owner, "sources_form": sources_form}
    return render_page(request, "proxies/list.html", shown, partials={"more-rows": "proxies/_rows.html"})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new proxy; it is tried at once."""
    require_role(request, Role.OWNER)
    form = ProxyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proxy = proxies.add(
                workspace=request.workspace, address=form.address(), name=form.cleaned_data["name"],
                by=request.user, now=timezone.now(),
            )  # fmt: skip
            return redirect("settings:proxy", proxy.pk)
        except Problem as refused:
            form.refuse(refused)
    return render(request, "proxies/add.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def take_in(request: MemberRequest) -> HttpResponse:
    """Proxies from a file."""
    require_role(request, Role.OWNER)
    form = ProxyFileForm(request.POST or None, request.FILES or None)
    result = None
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["file"].read()
            result = proxy_exchange.take_in(
                workspace=request.workspace, content=content, by=request.user, now=timezone.now()
            )
        except Problem as refused:
            form.refuse(refused)
    shown = {"form": form, "result": result}
    return render(request, "proxies/import.html", shown, status=422 if form.errors else 200)


@require_GET
def export(request: MemberRequest) -> HttpResponse:
    """All of them as CSV, without credentials."""
    require_role(request, Role.OWNER)
    text = proxy_exchange.as_csv(Proxy.objects.for_workspace(request.workspace))
    headers = {"Content-Disposition": 'attachment; filename="proxies.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def detail(request: MemberRequest, proxy_id: UUID) -> HttpResponse:
    """One proxy: how it does, who goes through it, and what can be changed."""
    proxy = _find(request, proxy_id)
    if request.method == "POST":
        require_role(request, Role.OWNER)
    form = ProxyForm.of(proxy, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = {"address": form.address(), "name": form.cleaned_data["name"]}
            proxies.change(proxy=proxy, by=request.user, now=timezone.now(), **given)
            return redirect("settings:proxy", proxy.pk)
        except Problem as refused:
            form.refuse(refused)
    shown = _status_of(request, proxy) | {"form": form, "logins": list(proxies.logins_of(proxy)[:200])}
    return render(request, "proxies/detail.html", shown, status=422 if form.errors else 200)


@never_cache
@require_GET
def status(request: MemberRequest, proxy_id: UUID) -> HttpResponse:
    """The live part of the page."""
    return render(request, "proxies/_status.html", _status_of(request, _find(request, proxy_id)))


@require_POST
def try_now(request: MemberRequest, proxy_id: UUID) -> HttpResponse:
    """Ask Instagram for a page through it."""
    proxy = _find(request, proxy_id)
    require_role(request, Role.EDITOR)
    proxies.order_try(proxy=proxy, by=request.user, now=timezone.now())
    messages.info(request, _("%(name)s is being tried.") % {"name": proxy.name})
    return redirect("settings:proxy", proxy.pk)


@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, proxy_id: UUID) -> HttpResponse:
    """Ask, then erase it."""
    proxy = _find(request, proxy_id)
    require_role(request, Role.OWNER)
    if request.method == "GET":
        return render(request, "proxies/remove.html", {"proxy": proxy})
    try:
        proxies.remove(proxy=proxy, by=request.user, now=timezone.now())
    except Problem as refused:
        messages.error(request, str(refused))
        return redirect("settings:proxy", proxy.pk)
    messages.success(request, _("%(name)s was removed, its credentials are erased.") % {"name": proxy.name})
    return redirect("settings:proxies")


@require_POST
def sources(request: MemberRequest) -> HttpResponse:
    """Choose the proxy of each source."""
    require_role(request, Role.OWNER)
    form = SourceProxiesForm(request.workspace, request.POST)
    if form.is_valid():
        for source, proxy in form.cleaned_data.items():
            proxies.give_to_source(
                workspace=request.workspace, source=source, proxy=proxy, by=request.user, now=timezone.now()
            )
        messages.success(request, _("The sources go the chosen ways from now on."))
    else:
        messages.error(request, _("Choose a proxy of this workspace. Nothing was changed."))
    return redirect("settings:proxies")


@require_POST
def of_login(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Choose the proxy of a login."""
    login = find_login(request, login_id)
    require_role(request, Role.OWNER)
    form = LoginProxyForm(login, request.POST)
    if not form.is_valid():
        return show_login(request, login, proxy_form=form)
    proxies.give_to_login(login=login, proxy=form.cleaned_data["proxy"], by=request.user, now=timezone.now())
    messages.success(request, _("@%(name)s goes the chosen way from now on.") % {"name": login.username})
    return redirect("settings:login", login.pk)


def _find(request: MemberRequest, proxy_id: UUID) -> Proxy:
    return get_object_or_404(Proxy.objects.for_workspace(request.workspace), pk=proxy_id)


def _status_of(request: MemberRequest, proxy: Proxy) -> dict[str, object]:
    return {
        "proxy": proxy,
        "topic": proxy_health.topic(proxy.pk),
        "is_owner": may(request, Role.OWNER),
        "can_edit": may(request, Role.EDITOR),
        "now": timezone.now(),
    }
