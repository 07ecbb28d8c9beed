"""API: who I am, where I work."""

from __future__ import annotations

from uuid import UUID

from ninja import Router, Schema

from accounts.member_request import MemberRequest
from accounts.models import Membership

router = Router()


class WorkspaceOut(Schema):
    """A workspace and the role in it."""

    id: UUID
    name: str
    time_zone: str
    role: str


class MeOut(Schema):
    """The person, and the workspace that this request works in."""

    id: UUID
    email: str
    time_zone: str
    workspace: WorkspaceOut


@router.get("", response=MeOut)
def me(request: MemberRequest) -> MeOut:
    """The person and the workspace behind this token or session."""
    return MeOut(
        id=request.user.pk,
        email=request.user.email,
        time_zone=request.user.time_zone,
        workspace=_workspace(request.membership),
    )


@router.get("/workspaces", response=list[WorkspaceOut])
def my_workspaces(request: MemberRequest) -> list[WorkspaceOut]:
    """Every workspace of this person; a token works in its own one only."""
    mine = Membership.objects.filter(user=request.user).select_related("workspace")
    return [_workspace(one) for one in mine.order_by("workspace__name", "id")]


def _workspace(membership: Membership) -> WorkspaceOut:
    place = membership.workspace
    return WorkspaceOut(id=place.pk, name=place.name, time_zone=place.time_zone, role=membership.role)
