"""Addresses under /settings/proxies/, in the namespace ``settings``."""

from __future__ import annotations

from django.urls import path

from accounts import views_proxies

urlpatterns = [
    path("", views_proxies.listing, name="proxies"),
    path("add/", views_proxies.add, name="proxy_add"),
    path("import/", views_proxies.take_in, name="proxy_import"),
    path("export/", views_proxies.export, name="proxy_export"),
    path("sources/", views_proxies.sources, name="proxy_sources"),
    path("<uuid:proxy_id>/", views_proxies.detail, name="proxy"),
    path("<uuid:proxy_id>/status/", views_proxies.status, name="proxy_status"),
    path("<uuid:proxy_id>/try/", views_proxies.try_now, name="proxy_try"),
    path("<uuid:proxy_id>/remove/", views_proxies.remove, name="proxy_remove"),
]
