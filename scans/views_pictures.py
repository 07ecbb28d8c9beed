"""A person's picture, for those who may see the person."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from igsite.templatetags.ui import initials
from scans import pictures
from scans.person_rows import name_of
from scans.picture_codec import SMALLER, smaller

_EDGES: Final = {str(edge): edge for edge in SMALLER}
_DAY: Final = 24 * 3600
#: Whatever the bytes were taken for, nothing in them may run or load.
_POLICY: Final = "default-src 'none'; sandbox"


@require_safe
def image(request: MemberRequest, profile_id: int) -> HttpResponse:
    """The kept picture as WebP, with ``?edge=48`` or ``96`` in so many pixels; initials as SVG while there is none.

    404 for people this workspace has not seen.
    """
    if not pictures.may_see(request.workspace, profile_id):
        raise Http404
    data = pictures.kept(profile_id)
    if data is None:
        pictures.ask([profile_id])
        shown = {"initials": initials(name_of(profile_id)), "colour": profile_id % 7}
        response = render(request, "scans/initials.svg", shown, content_type="image/svg+xml")
        response.headers["Cache-Control"] = "private, no-cache"
    else:
        edge = _EDGES.get(request.GET.get("edge", ""))
        response = HttpResponse(smaller(data, edge) if edge else data, content_type="image/webp")
        response.headers["Cache-Control"] = f"private, max-age={_DAY}"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Cookie"])
    return response
