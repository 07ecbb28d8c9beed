"""Addresses under /settings/schedule/."""

from __future__ import annotations

from django.urls import path

from scans import views_schedule

app_name = "settings-scans"
urlpatterns = [
    path("", views_schedule.schedule_page, name="schedule"),
    path("preferences/", views_schedule.preferences, name="preferences"),
    path("<uuid:schedule_id>/switch/", views_schedule.switch, name="switch"),
    path("<uuid:schedule_id>/remove/", views_schedule.remove, name="remove"),
]
