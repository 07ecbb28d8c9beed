"""Placeholder: written next."""

app_name = "accounts"
urlpatterns: list = []
