"""Addresses under /network/."""

from __future__ import annotations

from django.urls import path

from scans import views_network

app_name = "network"
urlpatterns = [path("", views_network.overlaps_page, name="overlaps")]
