"""A refusal that leaves a page's view becomes a page: its sentence, its status, and a way on."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from igsite import shell
from igsite.problems import Problem


class ProblemPages:
    """The API has handlers of its own; this one is for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a :class:`Problem`; every other exception goes its way."""
        if not isinstance(exception, Problem):
            return None
        if exception.status == HTTPStatus.NOT_FOUND:
            return shell.not_found(request, exception)
        response = render(request, "problem.html", {"problem": exception}, status=exception.status)
        retry_after = getattr(exception, "retry_after", None)
        if retry_after is not None:
            response["Retry-After"] = str(retry_after)
        return response
