"""Who belongs to a workspace, and as what. A workspace always keeps an owner; a trigger in the database says so too."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User, Workspace
from igsite import audit
from igsite.ownership import Role
from igsite.problems import Conflict


class LastOwner(Conflict):
    """Without this member nobody could manage the workspace."""

    code = "last_owner"


@transaction.atomic
def change_role(*, membership: Membership, role: Role, by: User) -> Membership:
    """Give a member another role. Raises :class:`LastOwner`."""
    if role != Role.OWNER:
        _keep_an_owner(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    audit.record(
        by,
        "member.role_changed",
        membership.user,
        workspace=membership.workspace,
        details={"from": before, "to": role},
    )
    return membership


@transaction.atomic
def remove(*, membership: Membership, by: User) -> None:
    """End a membership, one's own too; its API tokens and sessions go with it. Raises :class:`LastOwner`."""
    _keep_an_owner(membership)
    action = "member.left" if membership.user_id == by.pk else "member.removed"
    audit.record(by, action, membership.user, workspace=membership.workspace, details={"role": membership.role})
    membership.delete()


def _keep_an_owner(membership: Membership) -> None:
    """Refuse when ``membership`` is the only owner left. Holds the workspace's row, so that two cannot go at once."""
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    others = Membership.objects.for_workspace(membership.workspace).filter(role=Role.OWNER).exclude(pk=membership.pk)
    membership.refresh_from_db(fields=["role"])
    if membership.role == Role.OWNER and not others.exists():
        raise LastOwner(_("A workspace needs an owner. Make somebody else an owner first."))
