"""The admin: behind the site's own sign-in, with a second factor in production, without what must not be touched."""

from __future__ import annotations

from typing import Any, Final

from allauth.mfa.adapter import get_adapter as mfa_adapter
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

# Queue rows are the queue's own; sessions, second factors and tokens are keys. None of them is for looking at.
HIDDEN: Final = frozenset({"django_q", "sessions", "mfa", "usersessions", "account", "authtoken"})


class AdminSite(admin.AdminSite):
    """For operators: staff who signed in as everybody does."""

    site_title = site_header = gettext_lazy("igsite administration")
    index_title = gettext_lazy("Everything that is stored")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models, except those of the apps that stay out of the admin."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in HIDDEN]
        if shown:
            super().register(shown, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Django's own, without the redirect to a row's page: rows have none, and it breaks on ids that are UUIDs."""
        return [route for route in super().get_urls() if getattr(route, "name", "") != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff; in production with a second factor."""
        return super().has_permission(request) and not self._lacks_second_factor(request)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Where Django sends whoever may not enter: to sign in, to set up a second factor, or nowhere."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or request.path)
        if super().has_permission(request) and self._lacks_second_factor(request):
            messages.warning(request, _("The administration needs two-factor sign-in. Set it up here first."))
            return redirect("mfa_index")
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied(_("The administration is for operators of this site."))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ARG002
        """Sign out where everybody does."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ARG002
        """Change the password where everybody does."""
        return redirect("account_change_password")

    def _lacks_second_factor(self, request: HttpRequest) -> bool:
        return bool(settings.PRODUCTION) and not mfa_adapter().is_mfa_enabled(request.user)
