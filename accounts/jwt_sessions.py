"""Short JWTs for programs that sign in with a password, behind a session that can be revoked.

The access token is an HS256 JWT of ten minutes; it names its session, and each request asks whether that still stands
(not revoked, same password, member still). The refresh token is opaque, serves once, and showing a spent one again ends
the session (RFC 9700, 4.14.2).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import Any, Final

import jwt
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiSession, Membership
from igsite import audit
from igsite.problems import Unauthenticated

ACCESS_LIFE: Final = dt.timedelta(minutes=10)
SESSION_LIFE: Final = dt.timedelta(days=14)
AUDIENCE: Final = "igsite-api"
TYPE: Final = "at+jwt"
_ALGORITHMS: Final = ["HS256"]


class SessionEnded(Unauthenticated):
    """The refresh token is wrong, spent, expired or revoked."""

    code = "session_ended"


@dataclass(frozen=True)
class Pair:
    """What a sign-in or a refresh hands out. ``expires_in`` in seconds, for the access token."""

    access_token: str
    refresh_token: str
    expires_in: int


@transaction.atomic
def begin(*, membership: Membership, now: dt.datetime | None = None) -> Pair:
    """A new session for a member whose password was checked by the caller."""
    now = now or timezone.now()
    refresh = secrets.token_urlsafe(32)
    session = ApiSession.objects.create(
        membership=membership,
        refresh_hash=_hash(refresh),
        password_mark=membership.user.get_session_auth_hash(),
        expires_at=now + SESSION_LIFE,
    )
    audit.record(membership.user, "api_session.began", session, workspace=membership.workspace)
    return _pair(session, refresh, now)


def renew(refresh_token: str, *, now: dt.datetime | None = None) -> Pair:
    """A new pair for an old refresh token, which is spent by it. Raises :class:`SessionEnded`."""
    now = now or timezone.now()
    with transaction.atomic():
        pair = _renewed(_hash(refresh_token), now)
    if pair is None:  # raised outside, so that the revocation of a stolen session is kept
        raise SessionEnded(_("This session has ended. Sign in again."))
    return pair


def _renewed(shown: bytes, now: dt.datetime) -> Pair | None:
    session = (
        ApiSession.objects.select_for_update(of=("self",))
        .filter(Q(refresh_hash=shown) | Q(spent_hash=shown))
        .select_related("membership__user", "membership__workspace")
        .first()
    )
    if session is None or not _stands(session, now):
        return None
    if bytes(session.refresh_hash) != shown:
        _end(session, now, "api_session.reuse_detected")
        return None
    refresh = secrets.token_urlsafe(32)
    session.spent_hash, session.refresh_hash = session.refresh_hash, _hash(refresh)
    session.save(update_fields=["spent_hash", "refresh_hash"])
    return _pair(session, refresh, now)


@transaction.atomic
def end(refresh_token: str, *, now: dt.datetime | None = None) -> None:
    """Revoke the session of a refresh token; an unknown one is no error (RFC 7009, 2.2)."""
    session = ApiSession.objects.filter(refresh_hash=_hash(refresh_token), revoked_at=None).first()
    if session is not None:
        _end(session, now or timezone.now(), "api_session.ended")


def membership_of(access_token: str, *, now: dt.datetime) -> Membership | None:
    """The member behind an access token, when it and its session stand at ``now``; None otherwise."""
    claims = _claims(access_token, now)
    if claims is None:
        return None
    session = (
        ApiSession.objects.filter(pk=claims["sid"], membership__user_id=claims["sub"])
        .select_related("membership__user", "membership__workspace")
        .first()
    )
    return session.membership if session is not None and _stands(session, now) else None


def _claims(access_token: str, now: dt.datetime) -> dict[str, Any] | None:
    try:
        header = jwt.get_unverified_header(access_token)
        if header.get("typ") != TYPE:
            return None
        claims: dict[str, Any] = jwt.decode(
            access_token,
            _key(),
            algorithms=_ALGORITHMS,
            audience=AUDIENCE,
            issuer=AUDIENCE,
            options={"require": ["exp", "iat", "aud", "iss", "sub", "sid"], "verify_exp": False, "verify_iat": False},
        )
        fresh = claims["iat"] - 60 <= now.timestamp() < claims["exp"]
        uuid.UUID(claims["sid"]), uuid.UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
    return claims if fresh else None


def _pair(session: ApiSession, refresh: str, now: dt.datetime) -> Pair:
    claims = {
        "iss": AUDIENCE,
        "aud": AUDIENCE,
        "sub": str(session.membership.user_id),
        "sid": str(session.pk),
        "jti": secrets.token_hex(8),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFE).timestamp()),
    }
    access = jwt.encode(claims, _key(), algorithm=_ALGORITHMS[0], headers={"typ": TYPE})
    return Pair(access, refresh, int(ACCESS_LIFE.total_seconds()))


def _stands(session: ApiSession, now: dt.datetime) -> bool:
    user = session.membership.user
    return (
        session.revoked_at is None
        and session.expires_at > now
        and user.is_active
        and hmac.compare_digest(session.password_mark, user.get_session_auth_hash())
    )


def _end(session: ApiSession, now: dt.datetime, action: str) -> None:
    session.revoked_at = now
    session.save(update_fields=["revoked_at"])
    audit.record(session.membership.user, action, session, workspace=session.membership.workspace)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _key() -> bytes:
    """A key of its own, derived from the site's: a JWT never shares a key with cookies or links."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"igsite.jwt.v1", "sha512")
