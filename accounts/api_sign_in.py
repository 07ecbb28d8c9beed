"""API: sign in with a password for JWTs, renew them, end them."""

from __future__ import annotations

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts import jwt_sessions, workspaces
from accounts.models import Membership, User
from igsite.problems import Problem, TooMany, Unauthenticated
from igsite.schemas import Body, ErrorOut

router = Router()


class WrongCredentials(Unauthenticated):
    """Address, password or code are wrong: which of them is not told."""

    code = "wrong_credentials"


class CodeNeeded(Unauthenticated):
    """The password is right; a code of the authenticator app or a recovery code is needed too."""

    code = "code_needed"


class SignIn(Body):
    """Address and password; the code where two-factor sign-in is on; the workspace when there are several."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)
    code: str = Field("", max_length=40)
    workspace: UUID | None = None


class RefreshToken(Body):
    """The refresh token handed out last."""

    refresh_token: str = Field(max_length=200)


class TokensOut(Schema):
    """An access token for ``Authorization: Bearer`` and the refresh token for the next one. Seconds."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int


@router.post("/token", auth=None, response={200: TokensOut, 401: ErrorOut, 429: ErrorOut})
def token(request: HttpRequest, payload: SignIn) -> TokensOut:
    """Sign in. The tokens are bound to one workspace."""
    user = _check_password(request, payload)
    _check_code(request, user, payload.code)
    return _out(jwt_sessions.begin(membership=_membership(user, payload.workspace)))


@router.post("/refresh", auth=None, response={200: TokensOut, 401: ErrorOut})
def refresh(request: HttpRequest, payload: RefreshToken) -> TokensOut:  # noqa: ARG001
    """A new pair for the refresh token, which serves once. A spent one ends the session."""
    return _out(jwt_sessions.renew(payload.refresh_token))


@router.post("/revoke", auth=None, response={204: None})
def revoke(request: HttpRequest, payload: RefreshToken) -> Status[None]:  # noqa: ARG001
    """End the session: its access tokens stop working at once. An unknown token is no error."""
    jwt_sessions.end(payload.refresh_token)
    return Status(204, None)


def _check_password(request: HttpRequest, payload: SignIn) -> User:
    try:
        user = get_adapter(request).authenticate(request, email=payload.email.lower(), password=payload.password)
    except ValidationError as error:  # only the limit on attempts raises
        raise TooMany(" ".join(error.messages), retry_after=60) from error
    if not isinstance(user, User) or not _address_is_verified(user):
        raise WrongCredentials(_("The address, the password or the code is wrong."))
    return user


def _address_is_verified(user: User) -> bool:
    if settings.ACCOUNT_EMAIL_VERIFICATION != EmailVerificationMethod.MANDATORY:
        return True
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def _check_code(request: HttpRequest, user: User, code: str) -> None:
    if not mfa_adapter().is_mfa_enabled(user):
        return
    if not code:
        raise CodeNeeded(_("A code of your authenticator app is needed, or a recovery code."))
    request.user = user  # the vault opens a seed for its own person only
    form = AuthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        messages = " ".join(form.errors.get("code", []))
        raise TooMany(messages, retry_after=60) if form.has_error("code", "too_many_login_attempts") else _wrong()


def _wrong() -> Problem:
    return WrongCredentials(_("The address, the password or the code is wrong."))


def _membership(user: User, workspace_id: UUID | None) -> Membership:
    if workspace_id is None:
        return workspaces.own_workspace(user)
    mine = Membership.objects.filter(user=user, workspace_id=workspace_id).select_related("workspace", "user")
    membership = mine.first()
    if membership is None:
        raise workspaces.NotAMember(_("There is no such workspace among yours."))
    return membership


def _out(pair: jwt_sessions.Pair) -> TokensOut:
    return TokensOut(access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in)
