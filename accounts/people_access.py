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


@transaction.atomic
def sign_out_everywhere(*, person: User, by: User, now: datetime) -> None:
    """End every session of a person, of browsers and of the API. Their API tokens stay: those are theirs to revoke."""
    for session in UserSession.objects.filter(user=person):
        session.end()
    ApiSession.objects.filter(membership__user=person, revoked_at=None).update(revoked_at=now)
    audit.record(by, "person.signed_out", person, now=now)


@transaction.atomic
def switch(*, person: User, is_active: bool, by: User, now: datetime) -> None:
    """Let somebody in again, or keep them out from this moment on, with their tokens. Raises :class:`OneselfOnly`."""
    if person.pk == by.pk:
        raise OneselfOnly(_("You cannot do this to yourself."))
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    audit.record(by, "person.switched_on" if is_active else "person.switched_off", person, now=now)
    if not is_active:
        sign_out_everywhere(person=person, by=by, now=now)
