"""Addresses under /monitoring/."""

from __future__ import annotations

from django.urls import path

from monitoring import views_monitor, views_monitors

app_name = "monitoring"
urlpatterns = [
    path("", views_monitors.listing, name="list"),
    path("new/", views_monitors.new, name="new"),
    path("bulk/", views_monitors.bulk, name="bulk"),
    path("import/", views_monitors.import_page, name="import"),
    path("compare/", views_monitor.compare, name="compare"),
    path("<uuid:monitor_id>/", views_monitor.detail, name="detail"),
    path("<uuid:monitor_id>/row/", views_monitor.row, name="row"),
    path("<uuid:monitor_id>/act/", views_monitor.act, name="act"),
    path("<uuid:monitor_id>/change/", views_monitor.change, name="change"),
    path("<uuid:monitor_id>/notes/", views_monitor.add_note, name="note"),
    path("<uuid:monitor_id>/notes/<uuid:note_id>/remove/", views_monitor.remove_note, name="note-remove"),
]
