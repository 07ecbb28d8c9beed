"""The feeds of alerts: what people have, a new one, and what a feed reader fetches."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.ownership import Role, may
from igsite.problems import Problem
from monitoring import feeds


class FeedForm(forms.Form):
    """Whose alerts."""

    account = forms.CharField(
        label=gettext_lazy("Account"), max_length=200, help_text=gettext_lazy("@name of a tracked account."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: MemberRequest) -> HttpResponse:
    """One's feeds, and a new one, whose address is shown this once."""
    given = request.POST if request.method == "POST" else None
    form, address = FeedForm(given, initial={"account": request.GET.get("account", "")[:200]}), ""
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["account"].strip().removeprefix("@").lower()
        account = TrackedAccount.objects.for_workspace(request.workspace).filter(username=name).first()
        if account is None:
            form.add_error("account", _("This account is not tracked here."))
        else:
            address = _made(request, form, account)
    is_owner = may(request, Role.OWNER)
    context = {
        "feeds": feeds.visible(request.workspace, request.user, is_owner=is_owner), "address": address,
        "form": FeedForm() if address else form,
    }  # fmt: skip
    return render(request, "alerts/feeds.html", context, status=422 if form.errors else 200)


def _made(request: MemberRequest, form: FeedForm, account: TrackedAccount) -> str:
    try:
        language = get_language() or "en"
        _feed, key = feeds.make(account=account, by=request.user, language=language, now=timezone.now())
    except Problem as refused:
        form.add_error(None, str(refused))
        return ""
    return request.build_absolute_uri(reverse("alerts:feed", args=[key]))


@require_POST
def revoke(request: MemberRequest, feed_id: UUID) -> HttpResponse:
    """Its address answers no longer."""
    is_owner = may(request, Role.OWNER)
    feed = get_object_or_404(feeds.visible(request.workspace, request.user, is_owner=is_owner), pk=feed_id)
    feeds.revoke(feed=feed, by=request.user, now=timezone.now())
    messages.success(request, _("The feed no longer works."))
    return redirect("alerts:feeds")


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a feed reader fetches: the address is the key. An unchanged feed answers 304."""
    found = feeds.opened(token, now=timezone.now())
    if found is None:
        raise Http404
    alerts = feeds.alerts_of(found)
    tag = quote_etag(feeds.tag_of(found, alerts))
    answer = get_conditional_response(request, etag=tag)
    if not isinstance(answer, HttpResponseNotModified):
        site = request.build_absolute_uri("/").rstrip("/")
        content = feeds.document(found, alerts, site=site)
        answer = HttpResponse(content, content_type="application/rss+xml; charset=utf-8")
    answer["ETag"], answer["Cache-Control"], answer["X-Robots-Tag"] = tag, "private, no-cache", "noindex"
    return answer
