"""Safelists: the lists, adding, notes, removing, files in and out, and the buttons on a person's page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from automation import lookups, naming, safelisting
from automation.forms import LOOK_UP, SafeFileForm, SafeForm
from automation.models import Safelist
from automation.views_batches import sheet
from automation.words import words_of_odd, words_of_unknown
from igsite import audit
from igsite.htmx import is_fragment, redirect, render_page, toast, way_back
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from igsite.text import clean_text, whole_number
from scans import pictures
from scans.views_person import timeline_of

PAGE: Final = 50
_TICKED_MOST: Final = 1_000
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}")


def which_of(safelist: str) -> Safelist:
    """The list that an address names, or 404."""
    if safelist not in Safelist.values:
        raise Http404
    return Safelist(safelist)


@require_safe
def listing(request: MemberRequest, safelist: str) -> HttpResponse:
    """Who is on the list, the newest first; searched by name or number."""
    return _list(request, which_of(safelist), SafeForm(workspace=request.workspace))


def _list(request: MemberRequest, which: Safelist, form: SafeForm) -> HttpResponse:
    search = request.GET.get("q", "")[:64]
    cursor = request.GET.get("cursor", "")
    page = safelisting.page(request.workspace, which, search=search, cursor=cursor, limit=PAGE)
    pks = naming.on_lists(request.workspace, (entry.row.target_pk for entry in page.items))
    context: dict[str, Any] = {
        "which": which,
        "lists": [(one, safelisting.sizes(request.workspace)[one.value]) for one in Safelist],
        "page": page,
        "q": search,
        "form": form,
        "can_edit": may(request, Role.EDITOR),
        "pictures": pictures.ask(pks),
        "section": "safelists",
    }
    parts = {"safe": "automation/_safe_table.html", "more-rows": "automation/_safe_rows.html"}
    status = 422 if form.errors else 200
    return render_page(request, "automation/safelist.html", context, partials=parts, status=status)


@require_POST
def add(request: MemberRequest, safelist: str) -> HttpResponse:
    """Add people by name, address or number."""
    which = which_of(safelist)
    require_role(request, Role.EDITOR)
    form = SafeForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return _list(request, which, form)
    reading = naming.read_text(form.cleaned_data["names"])
    resolved = naming.resolve(request.workspace, reading.people)
    note, chosen = form.cleaned_data["note"], form.cleaned_data["unknown"]
    people = {pk: one.note or note for pk, one in resolved.known.items()}
    order: dict[str, Any] = {
        "workspace": request.workspace, "which": which, "by": request.user, "now": timezone.now()
    }  # fmt: skip
    if reading.odd:
        form.add_error("names", words_of_odd(reading.odd))
    elif resolved.unknown and not (chosen and form.login):
        form.ask_unknown(words_of_unknown(resolved.unknown))
    if form.errors:
        return _list(request, which, form)
    try:
        if resolved.unknown and chosen == LOOK_UP and form.login:
            job = lookups.order_safe(
                **order, login=form.login, known=people, unknown=resolved.unknown, note=note
            )  # fmt: skip
            return redirect(request, "automation:lookup", job.uuid)
        count = safelisting.add(**order, people=people)
    except Problem as refused:
        form.add_error(None, str(refused))
        return _list(request, which, form)
    _say_added(request, count)
    return redirect(request, "automation:safelist", which.value)


def _say_added(request: MemberRequest, count: int) -> None:
    said = ngettext("%(count)s person was added.", "%(count)s people were added.", count)
    messages.success(request, said % {"count": count})


@require_POST
def change(request: MemberRequest, safelist: str) -> HttpResponse:
    """Another note for those ticked, or take them off the list; one by its own button."""
    which = which_of(safelist)
    require_role(request, Role.EDITOR)
    one = request.POST.get("remove_one", "")
    pks = [int(text) for text in [one] if _NUMBER.fullmatch(text)] or _ticked(request)
    order: dict[str, Any] = {
        "workspace": request.workspace, "which": which, "pks": pks, "by": request.user, "now": timezone.now()
    }  # fmt: skip
    if one or request.POST.get("act") == "remove":
        count = safelisting.remove(**order)
        said = ngettext("%(count)s person was taken off the list.", "%(count)s people were taken off the list.", count)
    else:
        count = safelisting.annotate(**order, note=request.POST.get("note", "")[:1_000]) if pks else 0
        said = ngettext("%(count)s note was changed.", "%(count)s notes were changed.", count)
    messages.success(request, said % {"count": count})
    return redirect(request, "automation:safelist", which.value)


def _ticked(request: MemberRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("ids")[:_TICKED_MOST] if _NUMBER.fullmatch(text)]


@require_http_methods(["GET", "HEAD", "POST"])
def take_file(request: MemberRequest, safelist: str) -> HttpResponse:
    """A file: first what it would change, then, confirmed, the change."""
    which = which_of(safelist)
    require_role(request, Role.EDITOR)
    form = SafeFileForm(request.POST or None, request.FILES or None, workspace=request.workspace)
    context: dict[str, Any] = {"which": which, "form": form, "section": "safelists"}
    if request.method == "POST" and form.is_valid():
        try:
            people, unknown, odd = _of_file(request, form)
            replaces, by = form.cleaned_data["replaces"], form.cleaned_data["by"]
            if "confirm" in request.POST:
                return _taken(request, which, people, unknown, by=by, replaces=replaces)
            plan = safelisting.planned(request.workspace, which, people, replaces=replaces)
            rows = {
                "rows": json.dumps(sorted(people.items())), "replaces": replaces,
                "strange": json.dumps([(one.username, one.note) for one in unknown]) if unknown else "",
            }  # fmt: skip
            words = [*(one.text for one in unknown), *odd]
            context |= {
                "plan": plan, "unknown": words[:50], "unknown_count": len(words), "can_look": bool(unknown),
                "form": SafeFileForm(initial=rows, workspace=request.workspace),
            }  # fmt: skip
        except Problem as refused:
            form.add_error("file", str(refused))
    status = 422 if form.errors else 200
    return render_page(request, "automation/safelist_file.html", context, status=status)


def _of_file(request: MemberRequest, form: SafeFileForm) -> tuple[dict[int, str], list[naming.Named], list[str]]:
    """Number and note of everybody in the file, or in what was read of it before; who is not known here; and what
    names nobody."""
    if form.cleaned_data["rows"]:
        return _carried(form.cleaned_data["rows"]), _strange(form.cleaned_data["strange"]), []
    if not form.cleaned_data["file"]:
        raise naming.UnreadableFile(_("Choose a .csv, .xlsx or .txt file."))
    reading = naming.read_file(form.cleaned_data["file"])
    numbered = {one.pk: one.note for one in reading.people if one.pk is not None}
    resolved = naming.resolve(request.workspace, [one for one in reading.people if one.pk is None])
    named = {pk: one.note for pk, one in resolved.known.items()}
    return named | numbered, resolved.unknown, reading.odd


def _carried(text: str) -> dict[int, str]:
    try:
        rows = json.loads(text)
        people = {int(pk): str(note) for pk, note in rows}
    except (ValueError, TypeError, RecursionError) as error:
        raise naming.UnreadableFile(_("This file cannot be read.")) from error
    if any(not 0 < pk < 1 << 63 for pk in people):
        raise naming.UnreadableFile(_("This file cannot be read."))
    return people


def _strange(text: str) -> list[naming.Named]:
    try:
        rows = [(str(name), str(note)) for name, note in json.loads(text)] if text else []
    except (ValueError, TypeError, RecursionError) as error:
        raise naming.UnreadableFile(_("This file cannot be read.")) from error
    reading = naming.read_words(f"@{name}" for name, _note in rows)
    notes = {name: clean_text(note, limit=200) for name, note in rows}
    return [naming.Named(username=one.username, note=notes.get(one.username, "")) for one in reading.people]


def _taken(
    request: MemberRequest, which: Safelist, people: Mapping[int, str], unknown: list[naming.Named], *,
    by: InstagramLogin | None, replaces: bool,
) -> HttpResponse:  # fmt: skip
    order: dict[str, Any] = {
        "workspace": request.workspace, "which": which, "by": request.user, "now": timezone.now()
    }  # fmt: skip
    plan = safelisting.planned(request.workspace, which, people, replaces=replaces)
    removed = safelisting.remove(**order, pks=plan.removed) if plan.removed else 0
    _say_added(request, safelisting.add(**order, people=people))
    if removed:
        said = ngettext(
            "%(count)s person was taken off the list.", "%(count)s people were taken off the list.", removed
        )  # fmt: skip
        messages.success(request, said % {"count": removed})
    if unknown and by is not None:
        job = lookups.order_safe(**order, login=by, known={}, unknown=unknown, note="")
        return redirect(request, "automation:lookup", job.uuid)
    return redirect(request, "automation:safelist", which.value)


@require_safe
def give_file(request: MemberRequest, safelist: str) -> HttpResponse:
    """The list as CSV, or XLSX if that is asked for."""
    which = which_of(safelist)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    audit.record(request, "safelist.exported", str(which.label), details={"format": kind})
    rows = safelisting.rows(request.workspace, which)
    return sheet(kind, f"{which.value}.{kind}", safelisting.HEADING, rows)


@require_POST
def put(request: MemberRequest) -> HttpResponse:
    """Put somebody on a list, from a row of a list of people: ``put`` is the safelist and the number."""
    require_role(request, Role.EDITOR)
    which, _colon, number = request.POST.get("put", "").partition(":")
    pk = whole_number(number)
    if which not in Safelist.values or not pk or pk not in naming.seen_among(request.workspace, [pk]):
        raise Http404
    people, safelist = {pk: ""}, Safelist(which)
    try:
        count = safelisting.add(
            workspace=request.workspace, which=safelist, people=people, by=request.user, now=timezone.now()
        )
        said = _("Put on the list “%(list)s”.") if count else _("Is on the list “%(list)s” already.")
        said, level = said % {"list": safelist.label}, "good"
    except Problem as refused:
        said, level = str(refused), "bad"
    if is_fragment(request):
        return toast(HttpResponse(status=204), said, level)
    (messages.success if level == "good" else messages.error)(request, said)
    the_list = reverse("automation:safelist", args=[safelist.value])
    return redirect(request, way_back(request, request.POST.get("back", ""), the_list))


@require_POST
def of_person(request: MemberRequest, person_id: str) -> HttpResponse:
    """Put somebody on a list, or take them off, from their own page."""
    person = timeline_of(request, person_id).person
    require_role(request, Role.EDITOR)
    asked = request.POST.get("safelist", "")
    if person.pk > 0 and asked in Safelist.values:
        which = Safelist(asked)
        order: dict[str, Any] = {
            "workspace": request.workspace, "which": which, "by": request.user, "now": timezone.now()
        }  # fmt: skip
        if request.POST.get("act") == "remove":
            safelisting.remove(**order, pks=[person.pk])
            messages.success(request, _("Taken off the list “%(list)s”.") % {"list": which.label})
        else:
            safelisting.add(**order, people={person.pk: ""})
            messages.success(request, _("Put on the list “%(list)s”.") % {"list": which.label})
    return redirect(request, "people:person", person_id)
