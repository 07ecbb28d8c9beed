"""Addresses under /settings/sources/, in the namespace ``settings``."""

from __future__ import annotations

from django.urls import path

from accounts import views_sources

urlpatterns = [
    path("", views_sources.listing, name="sources"),
    path("order/", views_sources.order, name="source_order"),
    path("runs/<uuid:run_id>/settle/", views_sources.settle_run, name="source_run_settle"),
    path("<str:source>/", views_sources.detail, name="source"),
    path("<str:source>/key/", views_sources.save_key, name="source_key"),
    path("<str:source>/check/", views_sources.check_key, name="source_check"),
    path("<str:source>/remove/", views_sources.remove_key, name="source_remove"),
    path("<str:source>/try/", views_sources.try_again, name="source_try"),
]
