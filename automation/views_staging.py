"""From people to a batch: named, handed over as a file, or taken from a list of the site; looked up where needed."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from automation import lookups, naming, picking, post_lookups, staging
from automation.forms import LOOK_UP, StageForm
from automation.models import ActionKind
from automation.words import words_of_odd, words_of_unknown
from igsite.htmx import redirect, render_page
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from igsite.text import whole_number
from scans.models import ChangeKind, Direction
from scans.people_choice import PeopleList, PeopleSort
from scans.views_account import account_of
from scans.views_people import choice_of

#: What names a list of a page; carried through the form hidden.
_SOURCE: Final = ("account", "list", "q", "only", "trait", "sort", "change", "since", "until")


@require_safe
def new(request: MemberRequest) -> HttpResponse:
    """The form, empty or for the people of a list."""
    require_role(request, Role.EDITOR)
    initial = {name: request.GET.get(name, "")[:1_000] for name in ("names", "kind", "login") if name in request.GET}
    form = StageForm(workspace=request.workspace, initial=initial)
    return _form(request, form, request.GET)


@require_POST
def stage(request: MemberRequest) -> HttpResponse:
    """Stage what the form, or another page, names: ``kind``, ``login``, and ``names``, a file, ``pks`` or a list."""
    require_role(request, Role.EDITOR)
    typed = request.POST.copy()
    people, told = _read(request, typed)
    form = StageForm(typed, request.FILES, workspace=request.workspace)
    if told:
        form.add_error(*told)
    picked, problem = _picked(request, request.POST)
    if problem:
        form.add_error(None, problem)
    if not form.is_valid():
        return _form(request, form, request.POST)
    resolved = naming.resolve(request.workspace, people)
    chosen = form.cleaned_data["unknown"]
    if resolved.unknown and not chosen:
        form.asks_unknown = True
        form.add_error("unknown", words_of_unknown(resolved.unknown))
        return _form(request, form, request.POST)
    pks = [*(picked.pks if picked else ()), *resolved.known]
    reason = picked.words if picked else _("Named by hand")
    order: dict[str, Any] = {
        "workspace": request.workspace, "login": form.cleaned_data["login"], "reason": reason, "by": request.user,
        "kind": ActionKind(form.cleaned_data["kind"]), "now": timezone.now(),
    }  # fmt: skip
    try:
        if resolved.unknown and chosen == LOOK_UP:
            job = lookups.order(**order, known=pks, unknown=resolved.unknown)
            return redirect(request, "automation:lookup", job.uuid)
        batch = staging.stage(**order, pks=pks)
    except Problem as refused:
        form.asks_unknown = bool(resolved.unknown)
        form.refuse(str(refused), refused.fields or {"names": [str(refused)]})
        return _form(request, form, request.POST)
    return redirect(request, "automation:detail", batch.pk)


def _read(request: MemberRequest, typed: QueryDict) -> tuple[list[naming.Named], tuple[str, str] | None]:
    """Everybody named in the fields and the file, which becomes text of the field: a file cannot be kept in a form."""
    numbers = " ".join(typed.getlist("pks")[: staging.MOST_NAMED])
    text = "\n".join(part for part in (typed.get("names", ""), numbers) if part.strip())
    typed["names"] = text
    reading, told = naming.read_text(text), None
    upload = request.FILES.get("file")
    if upload is not None and not isinstance(upload, list):
        try:
            more = naming.read_file(upload)
            reading = naming.Reading([*reading.people, *more.people], [*reading.odd, *more.odd])
            typed["names"] = "\n".join([*(one.text for one in reading.people), *reading.odd])
        except Problem as refused:
            told = ("file", str(refused))
    if reading.odd:
        told = ("names", words_of_odd(reading.odd))
    return reading.people, told


def _picked(request: MemberRequest, query: QueryDict) -> tuple[picking.Picked | None, str]:
    """The people of the list that the query names, or why there are none."""
    if not query.get("account"):
        return None, ""
    try:
        account = account_of(request, UUID(str(query["account"])))
    except ValueError as error:
        raise Http404 from error
    listed, change = query.get("list"), query.get("change")
    try:
        if change in ChangeKind.values:
            since, until = (whole_number(query.get(name, ""), digits=9) or 0 for name in ("since", "until"))
            direction = Direction(listed) if listed in Direction.values else Direction.FOLLOWERS
            return picking.from_changes(account, direction, ChangeKind(change), since, until), ""
        which = PeopleList(listed) if listed in PeopleList.values else PeopleList.FOLLOWERS
        sorted_by = query.get("sort")
        sort = PeopleSort(sorted_by) if sorted_by in PeopleSort.values else PeopleSort.NAME
        picked = picking.from_people(account, which, sort, choice_of(query, which))
    except Problem as refused:
        return None, str(refused)
    return picked, "" if picked.pks else _("Nobody is on this list as it is narrowed down.")


def _form(request: MemberRequest, form: StageForm, query: QueryDict) -> HttpResponse:
    picked, problem = _picked(request, query)
    context = {
        "form": form,
        "picked": picked,
        "problem": problem,
        "source": [(name, query.get(name, "")[:200]) for name in _SOURCE if query.get(name)],
        "most": staging.CAP,
        "has_login": InstagramLogin.objects.for_workspace(request.workspace).exists(),
        "section": "batches",
    }
    return render(request, "automation/new.html", context, status=422 if form.errors else 200)


@require_safe
def lookup(request: MemberRequest, lookup_id: UUID) -> HttpResponse:
    """How far the look-up is; then the way to the batch."""
    mine = Job.objects.for_workspace(request.workspace).filter(kind__in=(lookups.LOOKUP, post_lookups.POSTS))
    job = get_object_or_404(mine, uuid=lookup_id)
    then = "posts" if job.kind == post_lookups.POSTS else job.params.get("then", "stage")
    context = {"job": job, "result": lookups.result_of(job), "then": then, "section": "batches"}
    return render_page(request, "automation/lookup.html", context, partials={"lookup": "automation/_lookup.html"})
