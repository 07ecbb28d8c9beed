"""Which workspace a request works in: the one the session chose, else the first one of the person, else a new one."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, User, Workspace
from igsite import audit
from igsite.ownership import Role
from igsite.problems import NotThere

SESSION_KEY: Final = "workspace_id"


class NotAMember(NotThere):
    """The person has no place in that workspace; for them it does not exist."""


class WorkspaceMiddleware:
    """Sets ``request.workspace`` and ``request.membership`` (None for strangers), and the person's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        membership = None
        if request.user.is_authenticated:
            membership = membership_for(request.user, request.session) or own_workspace(request.user)
        request.membership = membership  # type: ignore[attr-defined]
        request.workspace = membership.workspace if membership else None  # type: ignore[attr-defined]
        with timezone.override(_zone(request.user)):
            return self.get_response(request)


def membership_for(user: Any, session: Any) -> Membership | None:
    """The membership that the session chose, when it still stands; else the person's oldest one; else None."""
    mine = Membership.objects.filter(user=user).select_related("workspace", "user").order_by("created_at", "id")
    chosen = session.get(SESSION_KEY)
    memberships = list(mine)
    return next((one for one in memberships if str(one.workspace_id) == chosen), None) or next(iter(memberships), None)


def live_workspace(user: Any, session: Any) -> UUID | None:
    """The workspace whose hints a websocket of this person may hear now: asked again and again while it is open."""
    if user is None or not user.is_authenticated or not user.is_active:
        return None
    membership = membership_for(user, session)
    return membership.workspace_id if membership else None


@transaction.atomic
def own_workspace(user: User) -> Membership:
    """The person's first membership, in a workspace of their own made on the way when they have none."""
    User.objects.select_for_update().get(pk=user.pk)  # two first requests at once make one workspace
    standing = Membership.objects.filter(user=user).select_related("workspace", "user").order_by("created_at", "id")
    first = standing.first()
    return first if first is not None else create_workspace(name=_own_name(user), by=user)


@transaction.atomic
def create_workspace(*, name: str, by: User) -> Membership:
    """A new workspace owned by ``by``. Returns the owner's membership."""
    workspace = Workspace.objects.create(name=name, time_zone=by.time_zone)
    membership = Membership.objects.create(workspace=workspace, user=by, role=Role.OWNER)
    audit.record(by, "workspace.created", workspace, workspace=workspace)
    return membership


def switch(request: HttpRequest, workspace_id: UUID) -> Membership:
    """Work in another of one's workspaces from now on. Raises :class:`NotAMember`."""
    chosen = Membership.objects.filter(user=request.user.pk, workspace_id=workspace_id).select_related("workspace")
    membership = chosen.first()
    if membership is None:
        raise NotAMember(_("There is no such workspace among yours."))
    request.session[SESSION_KEY] = str(workspace_id)
    return membership


@transaction.atomic
def rename(*, workspace: Workspace, name: str, time_zone: str, by: User) -> None:
    """Change the workspace's name and time zone."""
    workspace.name, workspace.time_zone = name, time_zone
    workspace.save(update_fields=["name", "time_zone"])
    audit.record(by, "workspace.changed", workspace, workspace=workspace, details={"name": name, "zone": time_zone})


def _own_name(user: User) -> str:
    name = user.get_short_name() or user.email.partition("@")[0]
    return _("%(name)s's workspace") % {"name": name[:60]}


def _zone(user: Any) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(getattr(user, "time_zone", "") or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
