"""When a source without a login says no: what it means for its access, and what the job does next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.gateway import errors
from accounts.models import KeyStatus, SourceAccess
from accounts.refusals import ADDRESS_BLOCKED, CALM, THROTTLE_FIRST, THROTTLE_LONGEST, End, Verdict
from accounts.refusals import TRANSIENT_FIRST as _FIRST
from accounts.refusals import TRANSIENT_LONGEST as _LONGEST
from accounts.source_pages import page_of
from igsite.jobs.kinds import Blocked, Wait

#: A service without credit is asked again after this, should it have been topped up meanwhile.
CREDIT_LOOKED_AT: Final = timedelta(hours=1)
#: A service that names its pause is believed; anything shorter than this is not worth waking a job for.
SHORTEST: Final = timedelta(seconds=1)


def after_refusal(access: SourceAccess, error: errors.GatewayError, *, now: datetime, attempt: int = 0) -> Verdict:
    """Note on ``access`` what ``error`` means and say what the job does: wait, wait for a person, or end."""
    if access.workspace_id is None and error.by_proxy:
        return _of_one_address(error, now, attempt)
    match error:
        case errors.Throttled():
            return _throttled(access, error, now)
        case errors.NeedsKey() | errors.NeedsLogin():
            _note(access, now, status=KeyStatus.REFUSED, note=str(error)[:300])
            return Blocked(str(error), page_of(access.source))
        case errors.OutOfCredit():
            _note(access, now, status=KeyStatus.EMPTY, note=str(error)[:300], resumes_at=now + CREDIT_LOOKED_AT)
            return Wait(now + CREDIT_LOOKED_AT, str(error))
        case errors.ProxyBlocked():
            _note(access, now, note=str(error)[:300], resumes_at=now + ADDRESS_BLOCKED)
            return Wait(now + ADDRESS_BLOCKED, str(error))
        case errors.Transient():
            return Wait(now + min(_FIRST * 2 ** min(attempt, 10), _LONGEST), str(error))
        case _:  # the target's own state, or an answer nobody understands
            return End(error.code, str(error))


def _of_one_address(error: errors.GatewayError, now: datetime, attempt: int) -> Verdict:
    """The site's own access, refused to one workspace's proxy: it tells nothing of others, so nothing is noted."""
    match error:
        case errors.ProxyBlocked() | errors.NeedsLogin():
            return Wait(now + ADDRESS_BLOCKED, str(error))
        case errors.Throttled():
            rest = error.retry_after or min(THROTTLE_FIRST * 2 ** min(attempt, 10), THROTTLE_LONGEST)
            return Wait(now + max(rest, SHORTEST), str(error))
        case errors.Transient():
            return Wait(now + min(_FIRST * 2 ** min(attempt, 10), _LONGEST), str(error))
        case _:
            return End(error.code, str(error))


def _throttled(access: SourceAccess, error: errors.Throttled, now: datetime) -> Wait:
    with transaction.atomic():
        row = SourceAccess.objects.select_for_update().defer("key_sealed").get(pk=access.pk)
        calm = row.resumes_at is None or now - row.resumes_at > CALM
        level = 0 if calm else row.throttle_level
        rest = max(error.retry_after or min(THROTTLE_FIRST * 2**level, THROTTLE_LONGEST), SHORTEST)
        until = max(row.resumes_at, now + rest) if row.resumes_at else now + rest
        _note(access, now, throttle_level=min(level + 1, 10), resumes_at=until, note=str(error)[:300])
    return Wait(until, str(error))


def _note(access: SourceAccess, now: datetime, **values: object) -> None:
    SourceAccess.objects.filter(pk=access.pk).update(checked_at=now, **values)
    for name, value in values.items():
        setattr(access, name, value)
