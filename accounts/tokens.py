"""Keys for programs: API tokens, and what any bearer token opens."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts import jwt_sessions
from accounts.models import ApiToken, Membership, TokenScope, User, Workspace
from igsite import audit

PREFIX: Final = "igs_"
LONGEST_LIFE: Final = dt.timedelta(days=366)
_NOTED_EVERY: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Opened:
    """What a bearer token opens: one membership, for reading only or for changes too."""

    membership: Membership
    may_write: bool

    @property
    def user(self) -> User:
        """The person."""
        return self.membership.user

    @property
    def workspace(self) -> Workspace:
        """The workspace it is bound to."""
        return self.membership.workspace


@transaction.atomic
def issue(
    *,
    membership: Membership,
    name: str,
    scope: TokenScope,
    life: dt.timedelta,
    by: User,
    now: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token of 256 bits. The text is returned this once; stored is its SHA-256. Lives a year at most."""
    now = now or timezone.now()
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        membership=membership,
        name=name,
        scope=scope,
        token_hash=_hash(text),
        hint=text[:8],
        expires_at=now + min(life, LONGEST_LIFE),
    )
    audit.record(
        by,
        "api_access.granted",
        token,
        workspace=membership.workspace,
        details={"scope": scope, "until": token.expires_at.isoformat()},
    )
    return token, text


@transaction.atomic
def revoke(*, token: ApiToken, by: User) -> None:
    """End a token at once."""
    audit.record(by, "api_access.revoked", token, workspace=token.membership.workspace)
    token.delete()


def bearer(text: str, *, now: dt.datetime | None = None) -> Opened | None:
    """What the bearer token ``text`` opens, an API token or a JWT; None when it opens nothing."""
    now = now or timezone.now()
    if text.startswith(PREFIX):
        return _open_token(text, now)
    membership = jwt_sessions.membership_of(text, now=now)
    return Opened(membership, may_write=True) if membership else None


def _open_token(text: str, now: dt.datetime) -> Opened | None:
    found = ApiToken.objects.filter(token_hash=_hash(text), expires_at__gt=now, membership__user__is_active=True)
    token = found.select_related("membership__user", "membership__workspace").first()
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at > _NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return Opened(token.membership, may_write=token.scope == TokenScope.WRITE)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
