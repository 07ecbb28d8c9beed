"""Settings: the vault. Everybody sees whether it is open; the people who run the site lock, unlock and guard it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import vault_lock
from accounts.forms_logins import RefusableForm
from accounts.forms_vault import ChangePassphraseForm, FirstPassphraseForm, RemovePassphraseForm, UnlockForm
from accounts.member_request import MemberRequest
from igsite.htmx import redirect, render_page, way_back
from igsite.problems import NotAllowed, Problem

View = Callable[[MemberRequest], HttpResponse]


def _for_staff(view: View) -> View:
    """Nobody else gets further than the page that says how the vault stands."""

    def guarded(request: MemberRequest) -> HttpResponse:
        if not request.user.is_staff:
            raise NotAllowed(_("Only the people who run this site lock and unlock its vault."))
        return view(request)

    return guarded


@never_cache
@require_GET
def page(request: MemberRequest) -> HttpResponse:
    """How the vault stands, and what can be done."""
    return render_page(request, "settings/vault.html", {"vault": vault_lock.state(timezone.now())})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@_for_staff
def unlock(request: MemberRequest) -> HttpResponse:
    """The passphrase, as a dialog or as a page of its own."""
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = _tried(
            form,
            lambda: vault_lock.unlock(
                passphrase=given["passphrase"],
                lock_after=given["lock_after"],
                by=request.user,
                now=timezone.now(),
            ),
        )
        if done:
            messages.success(request, _("The vault is unlocked. What waited for it goes on."))
            return redirect(request, _way_back(request))
    return _form(request, "settings/unlock_vault.html", form)


@require_POST
@_for_staff
def lock(request: MemberRequest) -> HttpResponse:
    """Lock it now."""
    vault_lock.lock(by=request.user, now=timezone.now())
    messages.success(request, _("The vault is locked."))
    return redirect(request, "settings:vault")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@_for_staff
@reauthentication_required  # type: ignore[untyped-decorator]
def passphrase(request: MemberRequest) -> HttpResponse:
    """The first passphrase, or another one."""
    has_one = vault_lock.state(timezone.now()).has_passphrase
    form: RefusableForm = (ChangePassphraseForm if has_one else FirstPassphraseForm)(request.POST or None)
    if request.method == "POST" and form.is_valid() and _tried(form, lambda: _kept(request, form, has_one=has_one)):
        messages.success(request, _("The passphrase is set. The vault is unlocked now and locks with each restart."))
        return redirect(request, "settings:vault")
    return _form(request, "settings/passphrase.html", form, has_one=has_one)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@_for_staff
@reauthentication_required  # type: ignore[untyped-decorator]
def remove(request: MemberRequest) -> HttpResponse:
    """No passphrase any more."""
    form = RemovePassphraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        old = form.cleaned_data["passphrase"]
        if _tried(form, lambda: vault_lock.remove_passphrase(old=old, by=request.user, now=timezone.now())):
            messages.success(request, _("The passphrase was removed. The vault stays open."))
            return redirect(request, "settings:vault")
    return _form(request, "settings/remove_passphrase.html", form)


def context(request: HttpRequest) -> dict[str, Any]:
    """For all templates: whether the vault is locked, asked only where it is shown."""

    def vault_is_locked() -> bool:
        return request.user.is_authenticated and vault_lock.state(timezone.now()).is_locked

    return {"vault_is_locked": vault_is_locked}


def _kept(request: MemberRequest, form: RefusableForm, *, has_one: bool) -> None:
    given, now = form.cleaned_data, timezone.now()
    if has_one:
        vault_lock.change_passphrase(old=given["passphrase"], new=given["new"], by=request.user, now=now)
    else:
        vault_lock.set_passphrase(new=given["new"], lock_after=given["lock_after"], by=request.user, now=now)


def _tried(form: RefusableForm, act: Callable[[], None]) -> bool:
    try:
        act()
    except Problem as refused:
        form.refuse(refused)
        return False
    return True


def _form(request: MemberRequest, template: str, form: RefusableForm, **extra: Any) -> HttpResponse:
    shown = {"form": form, "next": _way_back(request), "vault": vault_lock.state(timezone.now()), **extra}
    partials = {"modal-body": template.replace("/", "/_", 1)} if template == "settings/unlock_vault.html" else None
    return render_page(request, template, shown, partials=partials, status=422 if form.is_bound else 200)


def _way_back(request: HttpRequest) -> str:
    """Where the person was, when that is on this site."""
    return way_back(request, request.POST.get("next") or request.GET.get("next", ""), reverse("settings:vault"))
