"""Addresses under /settings/notifications/."""

from __future__ import annotations

from django.urls import path

from monitoring import views_channels

app_name = "notifications"
urlpatterns = [
    path("", views_channels.listing, name="list"),
    path("add/", views_channels.add, name="add"),
    path("<uuid:channel_id>/", views_channels.detail, name="detail"),
    path("<uuid:channel_id>/status/", views_channels.status, name="status"),
    path("<uuid:channel_id>/test/", views_channels.test_now, name="test"),
    path("<uuid:channel_id>/switch/", views_channels.switch, name="switch"),
    path("<uuid:channel_id>/remove/", views_channels.remove, name="remove"),
]
