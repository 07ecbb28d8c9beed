"""Addresses of the tasks."""

from __future__ import annotations

from django.urls import path

from igsite.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.board, name="board"),
    path("again/", views.again, name="again"),
    path("<uuid:uuid>/row/", views.row, name="row"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
    path("<uuid:uuid>/retry/", views.retry, name="retry"),
]
