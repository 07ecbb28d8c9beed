"""``Idempotency-Key``: a POST that starts something starts it once, however often it is sent.

The key is claimed in the same transaction as the work, by inserting its row: a parallel request with the same key waits
at the unique index, then finds the answer and returns it. When the work fails, the claim is rolled back with it, so
that a repetition tries again. Answers are kept for a day; the same key with another body is refused.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from ninja.responses import Status
from pydantic import BaseModel

from igsite.models import KeptAnswer
from igsite.problems import Conflict, Invalid

KEEP: Final = timedelta(days=1)
KEY_MAX: Final = 200


class KeyReused(Conflict):
    """The key came before, with another request."""

    code = "idempotency_key_reused"


class BadKey(Invalid):
    """The key cannot be stored."""

    code = "idempotency_key_invalid"


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates an API view that returns ``Status(code, body)`` or a body, the body a schema or a dict.

    Put it below the router's decorator. Without the header the view runs as it is.
    """

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            return view(request, *args, **kwargs)
        if len(key) > KEY_MAX or not key.isprintable():
            raise BadKey(_("An Idempotency-Key has at most 200 printable characters."))
        with transaction.atomic():
            kept, is_new = _claim(request, key)
            if is_new:
                kept.status, kept.body = _plain(view(request, *args, **kwargs))
                kept.save(update_fields=["status", "body"])
        return JsonResponse(kept.body, status=kept.status, safe=False)

    # The router reads the parameters' types, which are names of the view's own module.
    once.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return once


def _claim(request: HttpRequest, key: str) -> tuple[KeptAnswer, bool]:
    workspace = getattr(request, "workspace", None)
    who = request.user.pk
    mine = KeptAnswer.objects.for_workspace(workspace).filter(who_id=who)
    mine.filter(key=key, created_at__lt=timezone.now() - KEEP).delete()
    request_hash = _fingerprint(request)
    kept, is_new = mine.get_or_create(workspace=workspace, who_id=who, key=key, defaults={"request_hash": request_hash})
    if kept.request_hash != request_hash:
        raise KeyReused(_("This Idempotency-Key was used for another request. Use a new key."))
    return kept, is_new


def _fingerprint(request: HttpRequest) -> str:
    # Keyed, since a body may hold a password: a plain digest of it could be guessed at from a stolen database.
    asked = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return salted_hmac("igsite.idempotency", asked, algorithm="sha256").hexdigest()


def _plain(result: Any) -> tuple[int, Any]:
    """The result's status and its body as JSON can keep it."""
    status, body = (result.status_code, result.value) if isinstance(result, Status) else (200, result)
    if isinstance(body, BaseModel):
        body = body.model_dump(mode="json")
    return status, json.loads(json.dumps(body, cls=DjangoJSONEncoder))


def forget_old_answers() -> int:
    """Delete answers older than a day; for the nightly housekeeping. Returns how many went."""
    return KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEEP).delete()[0]
