"""Safelists and accounts of one person over the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from accounts.member_request import MemberRequest
from automation import alternatives, lookups, naming, safelisting
from automation.api import answers, login_of, looked_up
from automation.api_shapes import AddedOut, Limit, LinkIn, LinkOut, SafeIn, SafeOut
from automation.models import AlternativeAccount, Safelist
from automation.words import words_of_strangers
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import page_of
from igsite.problems import NotThere
from igsite.schemas import PageOut

router = Router()
links_router = Router()


@router.get("/{safelist}", response=answers(PageOut[SafeOut]), url_name="safelist")
def listing(request: MemberRequest, safelist: Safelist, cursor: str = "", limit: Limit = 100) -> Any:
    """Who is on it, the newest first."""
    page = safelisting.page(request.workspace, safelist, cursor=cursor, limit=limit)
    items = [
        {
            "pk": entry.row.target_pk, "username": entry.person.username if entry.person else "",
            "note": entry.row.note, "added_at": entry.row.added_at,
        }
        for entry in page.items
    ]  # fmt: skip
    return {"items": items, "next": page.next}


@router.post("/{safelist}", response=answers(AddedOut, 201, or_job=True), url_name="safelist_add")
@idempotent
def add(request: MemberRequest, safelist: Safelist, payload: SafeIn) -> Any:
    """Put people on it. Who is on it already gets the note if there is one.

    Whom nobody here knows is looked up by `login_id`, and then all are added (202); without a login they are named and
    nobody is added (422).
    """
    require_role(request, Role.EDITOR)
    reading = naming.read_words(payload.people)
    found = naming.resolve(request.workspace, reading.people)
    order: dict[str, Any] = {
        "workspace": request.workspace, "which": safelist, "by": request.user, "now": timezone.now()
    }  # fmt: skip
    people = dict.fromkeys(found.known, payload.note)
    if found.unknown:
        if payload.login_id is None:
            raise naming.UnknownPeople(words_of_strangers(found.unknown), {"people": found.unknown})
        login = login_of(request, payload.login_id)
        job = lookups.order_safe(**order, login=login, known=people, unknown=found.unknown, note=payload.note)
        return looked_up(job, found.unknown, reading.odd)
    added = safelisting.add(**order, people=people)
    return Status(201, {"safelist": safelist, "added": added, "odd": reading.odd})


@router.delete("/{safelist}/{person_id}", response=answers(None, 204), url_name="safelist_remove")
def remove(request: MemberRequest, safelist: Safelist, person_id: int) -> Any:
    """Take somebody off it, by Instagram's number."""
    if not any(which == safelist for which in safelisting.on_lists(request.workspace, person_id)):
        raise NotThere(_("This person is not on the safelist."))
    require_role(request, Role.EDITOR)
    safelisting.remove(
        workspace=request.workspace, which=safelist, pks=[person_id], by=request.user, now=timezone.now()
    )  # fmt: skip
    return Status(204, None)


@links_router.get("", response=answers(PageOut[LinkOut]), url_name="alternatives")
def links(request: MemberRequest, cursor: str = "", limit: Limit = 100) -> Any:
    """Accounts of people who have several, person by person."""
    mine = AlternativeAccount.objects.for_workspace(request.workspace)
    page = page_of(mine, name="api-alternatives", order=("person", "target_pk"), cursor=cursor, limit=limit)
    return {"items": [_link(row) for row in page.items], "next": page.next}


@links_router.post("", response=answers(list[LinkOut], 201), url_name="alternatives_link")
@idempotent
def link(request: MemberRequest, payload: LinkIn) -> Any:
    """Say that these accounts are one person's, with all that were said to be before."""
    require_role(request, Role.EDITOR)
    person = alternatives.link(
        workspace=request.workspace, pks=payload.pks, note=payload.note, by=request.user, now=timezone.now()
    )  # fmt: skip
    mine = AlternativeAccount.objects.for_workspace(request.workspace).filter(person=person).order_by("target_pk")
    return Status(201, [_link(row) for row in mine])


@links_router.delete("/{person_id}", response=answers(None, 204), url_name="alternatives_unlink")
def unlink(request: MemberRequest, person_id: int) -> Any:
    """This account, by Instagram's number, is another person's after all."""
    mine = AlternativeAccount.objects.for_workspace(request.workspace)
    if not mine.filter(target_pk=person_id).exists():
        raise NotThere(_("This account is not linked with another one."))
    require_role(request, Role.EDITOR)
    alternatives.unlink(workspace=request.workspace, pk=person_id, by=request.user, now=timezone.now())
    return Status(204, None)


def _link(row: AlternativeAccount) -> dict[str, Any]:
    return {"person": row.person, "pk": row.target_pk, "note": row.note, "added_at": row.added_at}
