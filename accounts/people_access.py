"""What operators do about somebody's way in: end all their sessions, switch their account off and on."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import ApiSession, User
from igsite import audit
from igsite.problems import Conflict


class OneselfOnly(Conflict):
    """An operator does not lock themselves out."""

    code = "oneself"


class NotAbove(Conflict):
    """Somebody with all rights is not managed by somebody without."""

    code = "not_above"


@transaction.atomic
def sign_out_everywhere(*, person: User, by: User, now: datetime) -> None:
    """End every session of a person, of browsers and of the API. Their API tokens stay: those are theirs to revoke.

    Raises:
        NotAbove: they have all rights, and whoever does it has not.
    """
    _must_not_be_above(person, by)
    for session in UserSession.objects.filter(user=person):
        session.end()
    ApiSession.objects.filter(membership__user=person, revoked_at=None).update(revoked_at=now)
    audit.record(by, "person.signed_out", person, now=now)


def _must_not_be_above(person: User, by: User) -> None:
    if person.is_superuser and not by.is_superuser:
        raise NotAbove(_("Only somebody who has all rights may do this to somebody who has them."))


@transaction.atomic
def switch(*, person: User, is_active: bool, by: User, now: datetime) -> None:
    """Let somebody in again, or keep them out from this moment on, with their tokens.

    Raises:
        OneselfOnly: it is the operator's own account.
        NotAbove: as :func:`sign_out_everywhere`.
    """
    if person.pk == by.pk:
        raise OneselfOnly(_("You cannot do this to yourself."))
    _must_not_be_above(person, by)
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    audit.record(by, "person.switched_on" if is_active else "person.switched_off", person, now=now)
    if not is_active:
        sign_out_everywhere(person=person, by=by, now=now)
