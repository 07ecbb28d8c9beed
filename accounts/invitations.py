"""Invitations by e-mail: a link that serves once, for one address, for a week. Only its hash is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
from collections.abc import Callable
from typing import Final

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, Membership, User, Workspace
from igsite import audit, languages
from igsite.ownership import OwnedQuerySet, Role
from igsite.problems import Conflict, NotThere

logger = logging.getLogger(__name__)
LIFE: Final = dt.timedelta(days=7)


class AlreadyMember(Conflict):
    """The address belongs to a member already."""

    code = "already_member"


class WrongAddress(Conflict):
    """The invitation is for somebody else."""

    code = "wrong_address"


class InvitationGone(NotThere):
    """Used, revoked, expired, or never there: which of these is not told."""

    code = "invitation_gone"


@transaction.atomic
def invite(
    *,
    workspace: Workspace,
    email: str,
    role: Role,
    by: User,
    link: Callable[[str], str],
    now: dt.datetime | None = None,
) -> tuple[Invitation, str]:
    """Invite an address and mail the link once the transaction is through; an open invitation to it is replaced.

    ``link`` turns the token into an address. Returns the invitation and the link, which is shown this once.
    Raises :class:`AlreadyMember`.
    """
    now = now or timezone.now()
    email = email.strip().lower()
    if Membership.objects.for_workspace(workspace).filter(user__email__iexact=email).exists():
        raise AlreadyMember(_("%(email)s is a member already.") % {"email": email})
    Workspace.objects.select_for_update().get(pk=workspace.pk)  # parallel invitations of one address take turns
    open_invitations(workspace).filter(email__iexact=email).delete()
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        workspace=workspace, email=email, role=role, token_hash=_hash(token), invited_by=by, expires_at=now + LIFE
    )
    audit.record(by, "member.invited", invitation, workspace=workspace, details={"role": role})
    address = link(token)
    transaction.on_commit(lambda: _mail(invitation, by, address))
    return invitation, address


def open_invitations(workspace: Workspace) -> OwnedQuerySet[Invitation]:
    """Those that were not accepted, expired ones included."""
    return Invitation.objects.for_workspace(workspace).filter(accepted_at=None)


def find(token: str, *, now: dt.datetime | None = None) -> Invitation:
    """The open invitation behind a token. Raises :class:`InvitationGone`."""
    found = Invitation.objects.filter(
        token_hash=_hash(token), accepted_at=None, expires_at__gt=now or timezone.now()
    ).select_related("workspace", "invited_by")
    invitation = found.first()
    if invitation is None:
        raise InvitationGone(_("This invitation was used, taken back or has expired. Ask for a new one."))
    return invitation


@transaction.atomic
def accept(*, token: str, by: User, now: dt.datetime | None = None) -> Membership:
    """Become a member. Raises :class:`InvitationGone` or :class:`WrongAddress`.

    A member of old keeps the role they have: an invitation never takes anything away.
    """
    now = now or timezone.now()
    invitation = find(token, now=now)
    if invitation.email.lower() != by.email.lower():
        raise WrongAddress(
            _("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email}
        )
    used = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=now)
    if not used:
        raise InvitationGone(_("This invitation was used already."))
    membership, is_new = Membership.objects.get_or_create(
        workspace=invitation.workspace, user=by, defaults={"role": invitation.role}
    )
    if is_new:
        audit.record(by, "member.joined", by, workspace=invitation.workspace, details={"role": invitation.role})
    return membership


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> None:
    """Take an open invitation back; its link stops working."""
    audit.record(by, "invitation.revoked", invitation, workspace=invitation.workspace)
    invitation.delete()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _mail(invitation: Invitation, by: User, address: str) -> None:
    """Send the link. A mail server that is away costs the mail, not the invitation: the page shows the link as well."""
    with languages.spoken_to(User.objects.filter(email=invitation.email.lower()).first()):
        subject = _("Invitation to %(workspace)s on igsite") % {"workspace": invitation.workspace.name}
        words = {"invitation": invitation, "by": by, "address": address}
        text = render_to_string("settings/mail/invitation.txt", words)
    try:
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    except OSError as error:
        logger.warning("invitation %s could not be mailed: %s", invitation.pk, error)
