"""Placeholder: written next."""

app_name = "scans"
urlpatterns: list = []
