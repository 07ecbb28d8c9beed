"""From posts to a batch of likes or comments, and the words of one comment."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.gateway.providers.post_codes import code_of_pk
from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from automation import comment_texts, post_lookups, post_names, staging
from automation.forms_posts import PostsForm
from automation.models import ActionKind, BatchState, Item
from igsite.htmx import redirect
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem

_FIELDS: Final = ("kind", "login", "posts", "account", "newest")


@require_safe
def new(request: MemberRequest) -> HttpResponse:
    """The form, empty or with the posts that another page names."""
    require_role(request, Role.EDITOR)
    initial = {name: request.GET.get(name, "")[:10_000] for name in _FIELDS if name in request.GET}
    return _form(request, PostsForm(workspace=request.workspace, initial=initial))


@require_POST
def stage(request: MemberRequest) -> HttpResponse:
    """Stage what the form names; the newest posts of an account are read first."""
    require_role(request, Role.EDITOR)
    form = PostsForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return _form(request, form)
    data = form.cleaned_data
    kind = ActionKind(data["kind"])
    named = post_names.read(data["posts"], with_words=kind == ActionKind.COMMENT)
    if named.odd:
        form.add_error("posts", _("These are no posts: %(words)s.") % {"words": ", ".join(named.odd[:20])})
        return _form(request, form)
    order: dict[str, Any] = {
        "workspace": request.workspace, "login": data["login"], "by": request.user, "now": timezone.now()
    }  # fmt: skip
    shared = data["text"] if kind == ActionKind.COMMENT else ""
    texts = {pk: words or shared for pk, words in named.posts.items()} if kind == ActionKind.COMMENT else {}
    try:
        if data["account"]:
            newest = data["newest"] or 1
            wanted = post_lookups.Wanted(kind, data["account"], newest, shared, list(named.posts), texts)
            return redirect(request, "automation:lookup", post_lookups.order(**order, wanted=wanted).uuid)
        batch = staging.stage(**order, kind=kind, pks=list(named.posts), texts=texts, reason=_("Named by hand"))
    except Problem as refused:
        known = [name for name in refused.fields or {} if name in form.fields]
        form.add_error(known[0] if known else "posts", str(refused))
        return _form(request, form)
    return redirect(request, "automation:detail", batch.pk)


def _form(request: MemberRequest, form: PostsForm) -> HttpResponse:
    context = {
        "form": form,
        "most": staging.CAP,
        "has_login": InstagramLogin.objects.for_workspace(request.workspace).exists(),
        "section": "batches",
    }
    return render(request, "automation/new_posts.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def words(request: MemberRequest, item_id: int) -> HttpResponse:
    """The words of one comment, or of all of its batch, while it waits for its review."""
    mine = Item.objects.for_workspace(request.workspace).select_related("batch__login")
    item = get_object_or_404(mine, pk=item_id)
    is_open = item.batch.kind == ActionKind.COMMENT and item.batch.state == BatchState.STAGED
    text, problem = item.text, ""
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        text = request.POST.get("text", "")
        order: dict[str, Any] = {"text": text, "by": request.user, "now": timezone.now()}
        try:
            if request.POST.get("all"):
                comment_texts.rewrite_all(batch=item.batch, **order)
            else:
                comment_texts.rewrite(item=item, **order)
            messages.success(request, _("The comment was changed."))
            return redirect(request, "automation:detail", item.batch_id)
        except Problem as refused:
            problem = str(refused)
    context = {
        "item": item, "batch": item.batch, "code": code_of_pk(item.target_pk), "is_open": is_open, "text": text,
        "can_edit": may(request, Role.EDITOR),
        "problem": problem, "section": "batches",
    }  # fmt: skip
    return render(request, "automation/words.html", context, status=422 if problem else 200)
