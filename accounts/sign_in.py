"""How people sign in: what allauth asks of this site."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import unstash_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import invitations, vault, workspaces
from accounts.models import User
from igsite import languages
from igsite.secrets import Secret

INVITATION_KEY: Final = "invitation"
_PLACE: Final = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Sign-up is open by a switch; an invitation opens it for its own address. Everybody starts with a workspace."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may make an account."""
        return bool(settings.OPEN_SIGN_UP) or invited_address(request) != ""

    def clean_email(self, email: str) -> str:
        """Where only the invited may sign up, they do so with the invited address."""
        email = super().clean_email(email).lower()
        request = context.request
        signing_up = request is not None and not request.user.is_authenticated
        if signing_up and not settings.OPEN_SIGN_UP and email not in {invited_address(request), ""}:
            raise ValidationError(_("Sign up with the address that the invitation was sent to."))
        return email

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save the new person and found their workspace."""
        user.language = translation.get_language() or ""
        saved: User = super().save_user(request, user, form, commit=commit)
        if commit:
            workspaces.own_workspace(saved)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language and on the clock of who receives it, whoever asked for it."""
        receiver = context.get("user") or User.objects.filter(email=email.lower()).first()
        with languages.spoken_to(receiver):
            super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds of authenticator apps and of recovery codes are sealed by the vault, each for its own person."""

    def encrypt(self, text: str) -> str:
        """``text`` sealed for the person who is at the keyboard."""
        sealed = vault.seal(_PLACE, _person_id(), None, Secret(text))
        return base64.b64encode(sealed).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """What :meth:`encrypt` was given. Raises ``VaultError`` when it was damaged or is somebody else's."""
        try:
            sealed = base64.b64decode(encrypted_text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise vault.Unreadable("A stored secret is damaged.") from error
        return vault.open_sealed(_PLACE, _person_id(), None, sealed).reveal()


def invited_address(request: HttpRequest) -> str:
    """The lower-case address of the open invitation whose link this visitor followed; empty without one."""
    token = request.session.get(INVITATION_KEY, "")
    try:
        return invitations.find(token).email.lower() if token else ""
    except invitations.InvitationGone:
        return ""


def _person_id() -> str:
    """Whose second factor is at stake: the signed-in person, or the one who has just given the password."""
    request = context.request
    if request.user.is_authenticated:
        return str(request.user.pk)
    login = unstash_login(request, peek=True)
    if login is None:
        raise vault.Unreadable("A second factor is read only while its person signs in.")
    return str(login.user.pk)
