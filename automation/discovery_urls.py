"""Addresses under /discovery/."""

from __future__ import annotations

from django.urls import path

from automation import discovery_views

app_name = "discovery"
urlpatterns = [
    path("", discovery_views.index, name="list"),
    path("<uuid:search_id>/", discovery_views.search_page, name="search"),
    path("<uuid:search_id>/act/", discovery_views.act, name="act"),
]
