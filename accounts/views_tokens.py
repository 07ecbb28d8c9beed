"""Settings: API tokens."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import tokens
from accounts.forms_people import TokenForm
from accounts.member_request import MemberRequest
from accounts.models import ApiToken, TokenScope
from igsite.ownership import Role, may


@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def listing(request: MemberRequest) -> HttpResponse:
    """One's tokens in this workspace (an owner sees everybody's), and a new one, whose text is shown this once."""
    form = TokenForm(request.POST or None)
    text = ""
    if request.method == "POST" and form.is_valid():
        _token, text = tokens.issue(
            membership=request.membership,
            name=form.cleaned_data["name"],
            scope=TokenScope(form.cleaned_data["scope"]),
            life=form.life,
            by=request.user,
        )
        form = TokenForm()
    shown = {
        "tokens": _visible(request).select_related("membership__user").order_by("-created_at", "id"),
        "form": form,
        "text": text,
        "now": timezone.now(),
    }
    return render(request, "settings/tokens.html", shown, status=422 if form.is_bound else 200)


@require_POST
def revoke(request: MemberRequest, token_id: UUID) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(_visible(request), pk=token_id)
    tokens.revoke(token=token, by=request.user)
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("settings:tokens")


def _visible(request: MemberRequest) -> QuerySet[ApiToken]:
    visible = ApiToken.objects.for_workspace(request.workspace)
    owner = may(request, Role.OWNER)
    return visible if owner else visible.filter(membership=request.membership)
