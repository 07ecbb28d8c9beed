"""Addresses under /people/."""

from __future__ import annotations

from django.urls import path

from scans import views_person

app_name = "people"
urlpatterns = [path("<str:person_id>/", views_person.person_page, name="person")]
