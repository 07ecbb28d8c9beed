"""What requests through a proxy tell of it. Evidence only: a proxy is bad when Instagram blocks its address, when it
refuses us, or when three requests in a row brought no answer; it is good again with the first answer.

A bad proxy is left alone for a while, longer each time, and then tried again by whoever needs it. None of this says
anything of the target of a request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import Proxy
from accounts.models.proxies import ProxyState
from igsite.live import hint

SILENT_IN_A_ROW: Final = 3
#: How long a bad proxy is left alone the first time; doubled each time until it works, up to the longest.
REFUSED_FIRST: Final = timedelta(minutes=5)
REFUSED_LONGEST: Final = timedelta(hours=1)
BLOCKED_FIRST: Final = timedelta(hours=1)
BLOCKED_LONGEST: Final = timedelta(hours=24)
_ERROR_LENGTH: Final = 300


def answered(proxy_id: UUID, *, now: datetime) -> None:
    """An answer of Instagram or of a source came through it: it works."""
    with _locked(proxy_id) as proxy:
        if proxy is not None:
            _set(proxy, state=ProxyState.GOOD, failures=0, strikes=0, retry_at=None, checked_at=now)


def brought_no_answer(proxy_id: UUID, why: str, *, now: datetime, times: int = 1) -> None:
    """``times`` more requests in a row without an answer. The third one marks it; one that is marked rests on."""
    with _locked(proxy_id) as proxy:
        if proxy is None:
            return
        _set(proxy, failures=min(proxy.failures + times, 1_000))
        if proxy.failures >= SILENT_IN_A_ROW or proxy.state == ProxyState.BAD:
            _strike(proxy, why, now, REFUSED_FIRST, REFUSED_LONGEST)
        else:
            _set(proxy, last_error=why[:_ERROR_LENGTH], last_error_at=now)


def refused_us(proxy_id: UUID, why: str, *, now: datetime) -> None:
    """The proxy itself said no: wrong credentials, nobody listening, an address that nothing of ours connects to."""
    with _locked(proxy_id) as proxy:
        if proxy is not None:
            _strike(proxy, why, now, REFUSED_FIRST, REFUSED_LONGEST)


def was_blocked(proxy_id: UUID, why: str, *, now: datetime) -> None:
    """Instagram blocks its address."""
    with _locked(proxy_id) as proxy:
        if proxy is not None:
            _strike(proxy, why, now, BLOCKED_FIRST, BLOCKED_LONGEST)


def topic(proxy_id: UUID) -> str:
    """The topic of a proxy's live hints."""
    return f"proxy-{proxy_id}"


def _strike(proxy: Proxy, why: str, now: datetime, first: timedelta, longest: timedelta) -> None:
    rest = min(first * 2 ** min(proxy.strikes, 10), longest)
    _set(
        proxy,
        state=ProxyState.BAD,
        strikes=min(proxy.strikes + 1, 10),
        retry_at=max(now + rest, proxy.retry_at or now),
        last_error=why[:_ERROR_LENGTH],
        last_error_at=now,
        checked_at=now,
    )


@contextmanager
def _locked(proxy_id: UUID) -> Iterator[Proxy | None]:
    """The row, or None when it was removed meanwhile; open pages are told."""
    with transaction.atomic():
        proxy = Proxy.objects.select_for_update().defer("credentials_sealed").filter(pk=proxy_id).first()
        yield proxy
        if proxy is not None:
            hint(topic(proxy.pk), proxy.workspace_id)


def _set(proxy: Proxy, **values: object) -> None:
    for name, value in values.items():
        setattr(proxy, name, value)
    proxy.save(update_fields=list(values))
