"""Addresses under /exports/."""

from __future__ import annotations

from django.urls import path

from scans import views_exports

app_name = "exports"
urlpatterns = [
    path("", views_exports.listing, name="list"),
    path("<uuid:export_id>/file/", views_exports.fetch, name="file"),
    path("<uuid:export_id>/delete/", views_exports.remove, name="delete"),
]
