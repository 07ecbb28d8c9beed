"""One shape for every error of the API: ``{"error": {"code", "message", "fields"?}}``."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from igsite.problems import Problem

logger = logging.getLogger(__name__)
CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    423: "locked",
    429: "too_many_requests",
    503: "unavailable",
}


def error_response(
    status: int, message: str, *, code: str = "", fields: dict[str, list[str]] | None = None
) -> JsonResponse:
    """The error's answer. Never cached."""
    error: dict[str, Any] = {"code": code or CODES.get(status, "error"), "message": message}
    if fields:
        error["fields"] = fields
    response = JsonResponse({"error": error}, status=status)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def install(api: NinjaAPI) -> None:
    """Register the handlers of all errors that can leave a view."""
    api.add_exception_handler(Problem, _problem)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(DjangoValidationError, _django_invalid)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(SuspiciousOperation, _suspicious)
    api.add_exception_handler(OperationalError, _database_away)
    api.add_exception_handler(Exception, _unexpected)


def _problem(request: HttpRequest, problem: Any) -> HttpResponse:  # noqa: ARG001
    response = error_response(problem.status, str(problem), code=problem.error_code, fields=problem.fields)
    if getattr(problem, "retry_after", None) is not None:
        response["Retry-After"] = str(math.ceil(problem.retry_after))
    return response


def _invalid(request: HttpRequest, invalid: Any) -> HttpResponse:  # noqa: ARG001
    fields: dict[str, list[str]] = {}
    for error in invalid.errors:
        # The location starts with its source (body, query, path) and the parameter's own name.
        name = ".".join(str(part) for part in error["loc"][1:] if part not in {"payload", "body"}) or "body"
        fields.setdefault(name, []).append(str(error["msg"]))
    return error_response(422, _("Some of the input cannot be used."), fields=fields)


def _django_invalid(request: HttpRequest, invalid: Any) -> HttpResponse:  # noqa: ARG001
    fields = invalid.message_dict if hasattr(invalid, "error_dict") else {"body": invalid.messages}
    return error_response(422, _("Some of the input cannot be used."), fields=fields)


def _not_found(request: HttpRequest, missing: Any) -> HttpResponse:  # noqa: ARG001
    return error_response(404, _("There is nothing here."))


def _forbidden(request: HttpRequest, refused: Any) -> HttpResponse:  # noqa: ARG001
    return error_response(403, str(refused) or _("This is not allowed."))


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ARG001
    message = _("Sign in, or send a bearer token.") if error.status_code == HTTPStatus.UNAUTHORIZED else str(error)
    return error_response(error.status_code, message)


def _suspicious(request: HttpRequest, suspicious: Any) -> HttpResponse:  # noqa: ARG001
    status = 413 if isinstance(suspicious, RequestDataTooBig) else 400
    return error_response(status, _("This request cannot be used."))


def _database_away(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("database away at %s: %s", request.path, error)
    response = error_response(503, _("The database is away for the moment. Try again in a few seconds."))
    response["Retry-After"] = "5"
    return response


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    logger.exception("unexpected error at %s %s", request.method, request.path, exc_info=error)
    return error_response(500, _("Something went wrong on our side. Nothing was changed."), code="internal_error")
