"""Addresses under /scans/."""

from __future__ import annotations

from django.urls import path

from scans import views_losses, views_scans

app_name = "scans"
urlpatterns = [
    path("", views_scans.listing, name="list"),
    path("new/", views_scans.new, name="new"),
    path("new/estimate/", views_scans.estimate, name="estimate"),
    path("<uuid:scan_id>/", views_scans.detail, name="detail"),
    path("<uuid:scan_id>/rescan/", views_losses.rescan, name="rescan"),
    path("<uuid:scan_id>/stay-with-source/", views_scans.stay_with_source, name="stay-with-source"),
    path("<uuid:scan_id>/cancel/", views_scans.cancel, name="cancel"),
]
