"""The Django app accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who: users, workspaces, Instagram identities, logins."""

    name = "accounts"
    label = "accounts"
