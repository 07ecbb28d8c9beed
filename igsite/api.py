"""The one API: ``/api/``, with OpenAPI, one way in, one shape of errors. The apps' routers are named, not imported."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from importlib import import_module
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from igsite import api_errors
from igsite.api_access import BearerAuth, SessionAuth

ROUTERS: Final = {
    "/auth": "accounts.api_sign_in.router",
    "/v1/me": "accounts.api_people.router",
    "/v1/accounts": "accounts.api.router",
    "/v1/logins": "accounts.api.logins_router",
    "/v1/proxies": "accounts.api_proxies.router",
    "/v1/sources": "accounts.api_sources.router",
    "/v1/jobs": "igsite.jobs.api.router",
    "/v1/scans": "scans.api.router",
    "/v1/losses": "scans.api_losses.router",
    "/v1/people": "scans.api_person.router",
    "/v1/schedules": "scans.api_schedules.router",
    "/v1/instagram/influencer_monitor": "monitoring.api_influencers.router",
    "/v1/instagram/post_monitor": "monitoring.api_posts.router",
    "/v1/monitors": "monitoring.api.router",
    "/v1/alerts": "monitoring.api_alerts.router",
    "/v1/alert-rules": "monitoring.api_alerts.rules_router",
    "/v1/notification-channels": "monitoring.api_channels.router",
    "/v1/imports": "scans.api_imports.router",
    "/v1/exports": "scans.api_exports.router",
    "/progress": "scans.api_progress.router",
    "/automation": "automation.api.router",
    "/automation/safelists": "automation.api_lists.router",
    "/automation/alternative-account-links": "automation.api_lists.links_router",
    "/automation/left-right-compare": "automation.api_compare.router",
    "/automation/ghosts": "automation.api_compare.ghosts_router",
    "/predictions": "automation.predict_api.router",
    "/prediction-tasks": "automation.predict_api.tasks_router",
    "/targets": "automation.predict_api.targets_router",
    "/discovery": "automation.discovery_api.router",
    "": "scans.api_short.router",
}


class Api(NinjaAPI):
    """Ninja's, whose OpenAPI document is made once: its hundred routes take a second."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The document as seen under ``path_prefix``; the same object each time."""
        return self._document(path_prefix or self.get_root_path(path_params or {}))

    @cache  # noqa: B019 - there is one API, and it lives as long as the process
    def _document(self, path_prefix: str) -> OpenAPISchema:
        return super().get_openapi_schema(path_prefix=path_prefix)


class Documentation(DocsBase):
    """The API's page, rendered on the server from its own OpenAPI document: no script of others."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page with all operations."""
        schema = api.get_openapi_schema(path_params=kwargs)
        operations = [
            {"path": where, "method": method.upper(), **what}
            for where, methods in schema["paths"].items()
            for method, what in methods.items()
        ]
        return render(request, "api/docs.html", {"operations": operations})


def build(routers: dict[str, str]) -> NinjaAPI:
    """The API with every router whose module exists. A module that exists and breaks, breaks the start."""
    built = Api(
        title="igsite",
        version="1",
        description="What the pages show and do, for programs. Every list is paged by `cursor`.",
        urls_namespace="api",
        auth=[BearerAuth(), SessionAuth()],
        docs=Documentation(),
    )
    api_errors.install(built)
    for prefix, dotted in routers.items():
        router = _router(dotted)
        if router is not None:
            built.add_router(prefix, router, tags=[prefix.rsplit("/", 1)[-1] or "short"])
    return built


def _router(dotted: str) -> Router | None:
    module_name, name = dotted.rsplit(".", 1)
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as missing:
        if missing.name and (module_name == missing.name or module_name.startswith(f"{missing.name}.")):
            return None
        raise
    router: Router | None = getattr(module, name, None)
    return router


def _one_shape(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view with 404 and 405 in the API's shape. It asks nobody to sign in by page: the API answers 401 itself."""

    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return unknown(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            refused = api_errors.error_response(405, _("This address does not take %s.") % request.method)
            refused["Allow"] = response.headers.get("Allow", "")
            return refused
        return response

    shaped.csrf_exempt = True  # type: ignore[attr-defined] # SessionAuth checks the token
    return login_not_required(shaped)


@login_not_required
@csrf_exempt
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001
    """Whatever no router knows, in the API's shape."""
    return api_errors.error_response(404, _("There is nothing here."))


def routes(built: NinjaAPI) -> list[Any]:
    """The URL patterns of the API. The page with the documentation keeps asking people to sign in."""
    patterns, _app, _namespace = built.urls
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            continue
        if pattern.name in {"openapi-view", "openapi-json"}:
            pattern.callback = require_safe(pattern.callback)
        if pattern.name != "openapi-view":
            pattern.callback = _one_shape(pattern.callback)
    return [*patterns, path("<path:rest>", unknown, name="unknown")]


api = build(ROUTERS)
urls = (routes(api), "ninja", api.urls_namespace)
