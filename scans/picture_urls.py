"""Addresses under /image/."""

from __future__ import annotations

from django.urls import path

from scans import views_pictures

app_name = "pictures"
urlpatterns = [path("<int:profile_id>", views_pictures.image, name="image")]
