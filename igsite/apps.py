"""The Django app igsite."""

from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class IgsiteConfig(AppConfig):
    """The site itself: wiring, the shell of the pages, live updates."""

    name = "igsite"
    label = "igsite"

    def ready(self) -> None:
        """Log-out closes the session's websockets."""
        from django.contrib.auth.signals import user_logged_out

        user_logged_out.connect(_close_sockets, dispatch_uid="igsite.live")


def _close_sockets(request: HttpRequest | None, **_: Any) -> None:
    from igsite.live_socket import close_sockets_of

    if request is not None:
        close_sockets_of(request)
