"""Placeholder: written next."""

app_name = "jobs"
urlpatterns: list = []
