"""Addresses of the site. Apps are named by strings only: the site imports none of them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from igsite import languages, shell
from igsite.api import urls as api_urls

urlpatterns = [
    path("", include("scans.dashboard")),
    path("patterns/", shell.patterns, name="patterns"),
    path("patterns/product/", shell.patterns_product, name="patterns_product"),
    path("theme/", shell.set_theme, name="theme"),
    path("language/", languages.choose, name="language"),
    path("healthz", shell.health, name="health"),
    path("auth/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", api_urls),
    path("accounts/", include("scans.account_urls")),
    path("accounts/", include("accounts.urls")),
    path("settings/schedule/", include("scans.settings_urls")),
    path("settings/notifications/", include("monitoring.channel_urls")),
    path("settings/", include("accounts.settings_urls")),
    path("scans/", include("scans.urls")),
    path("exports/", include("scans.export_urls")),
    path("people/", include("scans.person_urls")),
    path("network/", include("scans.network_urls")),
    path("image/", include("scans.picture_urls")),
    path("monitoring/", include("monitoring.urls")),
    path("alerts/", include("monitoring.alert_urls")),
    path("actions/", include("automation.urls")),
    path("predictions/", include("automation.predict_urls")),
    path("discovery/", include("automation.discovery_urls")),
    path("search/", include("scans.views_find")),
    path("site.webmanifest", include("igsite.installing")),
    path("tasks/", include("igsite.jobs.urls")),
]
handler400 = "igsite.shell.bad_request"
handler403 = "igsite.shell.forbidden"
handler404 = "igsite.shell.not_found"
handler500 = "igsite.shell.server_error"
