"""The Django app accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who: users, workspaces, Instagram identities, logins."""

    name = "accounts"
    label = "accounts"

    def ready(self) -> None:
        """Hear of a restore."""
        from accounts import after_restore  # noqa: F401 - registers itself
