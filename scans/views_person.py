"""One person's page: every list of the workspace that knows them, and what happened when."""

from __future__ import annotations

import re
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from scans import pictures
from scans.timeline import Timeline, timeline

#: Instagram's number; with a sign for people of whom only the name is known.
_NUMBER: Final = re.compile(r"-?[1-9][0-9]{0,17}")


def timeline_of(request: MemberRequest, person_id: str) -> Timeline:
    """The person's timeline in the request's workspace; 404 when it never saw them."""
    found = timeline(request.workspace, int(person_id)) if _NUMBER.fullmatch(person_id) else None
    if found is None:
        raise Http404
    return found


@require_safe
def person_page(request: MemberRequest, person_id: str) -> HttpResponse:
    """The timeline."""
    found = timeline_of(request, person_id)
    context = {"timeline": found, "person": found.person, "pictures": pictures.ask([found.person.pk])}
    return render(request, "scans/person.html", context)
