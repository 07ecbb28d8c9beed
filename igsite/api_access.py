"""Who calls the API: a bearer token first, else the session of the browser, with its CSRF token.

What a bearer token means is the business of the app that issues it (``settings.API_BEARER`` names its reader). Either
way a view finds ``request.user``, ``request.workspace`` and ``request.membership`` as a page does.
"""

from __future__ import annotations

from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from ninja.utils import check_csrf

from igsite.problems import NotAllowed, Unauthenticated

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Access(Protocol):
    """What a bearer token opens: a person in one workspace, for reading only or for changes too."""

    user: Any
    workspace: Any
    membership: Any
    may_write: bool


class BearerAuth(HttpBearer):
    """``Authorization: Bearer …``: an API token or a JWT. One that does not serve ends in 401, never in the session."""

    openapi_description = "An API token from Settings → API tokens, or an access token from /api/auth/token."

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The token's person; raises ``Unauthenticated`` or ``NotAllowed``."""
        access: Access | None = import_string(settings.API_BEARER)(token)
        if access is None:
            raise Unauthenticated(_("This token is wrong, expired or revoked."))
        if request.method not in SAFE_METHODS and not access.may_write:
            raise NotAllowed(_("This token may only read. Make one with the scope “write” to change things."))
        request.user = access.user
        request.workspace = access.workspace  # type: ignore[attr-defined]
        request.membership = access.membership  # type: ignore[attr-defined]
        return access.user


class SessionAuth(APIKeyCookie):
    """The browser's session. A change needs the CSRF token; without a session the answer is 401, not 403."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The session of the signed-in browser; changes also need the X-CSRFToken header."

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:  # noqa: ARG002
        """The session's person, or None."""
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise NotAllowed(_("The CSRF token is missing or wrong. Reload the page."), code="csrf_failed")
        return request.user
