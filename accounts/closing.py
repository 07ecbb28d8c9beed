"""Closing a workspace: out of everybody's reach at once, its rows erased by a job behind it."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, Membership, TrackedAccount, User, Workspace
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.problems import Invalid

ERASE: Final = "workspace.erase"


class NotItsName(Invalid):
    """What was typed is not the name of the workspace: it may be the wrong one that is about to go."""

    code = "not_its_name"


@transaction.atomic
def close(*, workspace: Workspace, typed_name: str, by: User) -> None:
    """End every way into ``workspace`` now (members, invitations, tokens, sessions, jobs) and order its erasure.

    Raises:
        NotItsName: ``typed_name`` is not the workspace's name. Nothing was changed.
    """
    if " ".join(typed_name.split()) != " ".join(workspace.name.split()):
        raise NotItsName(_("This is not the name of the workspace. Nothing was deleted."))
    workspace.closed_at = timezone.now()
    workspace.save(update_fields=["closed_at"])
    for job in Job.objects.for_workspace(workspace).open():
        runner.cancel(job, by=by)
    audit.record(by, "workspace.closed", workspace, workspace=workspace, details={"name": workspace.name})
    Invitation.objects.for_workspace(workspace).delete()
    Membership.objects.for_workspace(workspace).delete()
    runner.enqueue(ERASE, workspace=None, by=by, params={"workspace": str(workspace.pk)}, subject=workspace.name)


def erase_some(workspace_id: str) -> bool:
    """Erase one tracked account of a closed workspace with all its lists, or at last the workspace itself.

    Returns whether more is left. Serves closed workspaces only.
    """
    workspace = Workspace.objects.filter(pk=workspace_id).exclude(closed_at=None).first()
    if workspace is None:
        return False
    account = TrackedAccount.objects.for_workspace(workspace).order_by("created_at", "id").first()
    (account or workspace).delete()
    return account is not None
