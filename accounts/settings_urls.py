"""Placeholder: written next."""

app_name = "settings"
urlpatterns: list = []
